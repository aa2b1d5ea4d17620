# The Wallet Allocation Rule from --customers to scores.csv and tiers.csv, figures worked by hand in
# docs/VALUE.md's way; what cannot be is a reject; frozen and explained like the rest. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

# S is net spend in the 365 days to 2024-12-31: ann 300, bob 90 - 15, cat 40, dan 0 (long ago), eve 80, fay 10, gus 5.
cat >shop.csv <<'END'
customer_id,date,amount
ann,2023-01-10,500.00
ann,2024-02-14,300.00
bob,2024-03-01,90.00
bob,2024-03-05,-15.00
cat,2024-12-31,40.00
dan,2023-05-05,70.00
eve,2024-07-07,80.00
fay,2024-07-08,10.00
gus,2024-07-09,5.00
END
cat >people.csv <<'END'
customer_id,rank,brands,budget
ann,2,5,
bob,1.5,3,
cat,1,1,
dan,1,2,
eve,3,3,1000
fay,4,3,
gus,,2,
END
wallet='--customers people.csv --wallet war --wallet-rank rank --wallet-brands brands --wallet-declared budget'
columns='customer_id,wallet_size,wallet_share,wallet_headroom,wallet_capped,wallet_basis'
# shellcheck disable=SC2086 # words
answers 0 run shop.csv --out one --workers 1 $wallet --columns $columns --max-rejects 5
# shellcheck disable=SC2086
answers 0 run shop.csv --out three --workers 3 --shards 8 $wallet --columns $columns --max-rejects 5
same one/scores.csv three/scores.csv "wallets by rank"
# 2 of 5: (1 - 2/6) 2/5 = 4/15, 300 * 15/4 = 1125. 1.5 of 3: (1 - 1.5/4) 2/3 = 5/12, 75 * 12/5 = 180.
# 1 of 1: 1. Dan spends nothing; Eve says what she spends; Fay cannot be the 4th of 3; Gus has no rank.
sort one/scores.csv >got
reads got <<'END'
ann,1125.0000,0.266667,825.0000,0,war 2 of 5
bob,180.0000,0.416667,105.0000,0,war 1.5 of 3
cat,40.0000,1,0.0000,1,war 1 of 1
customer_id,wallet_size,wallet_share,wallet_headroom,wallet_capped,wallet_basis
dan,,,,,no_spend
eve,1000.0000,0.08,920.0000,0,declared
fay,,,,,no_attributes
gus,,,,,no_attributes
END
says one/rejects.csv '"people.csv",7,82,"rank",bad_rank,"4","brands is a whole number from 1 to 400'
says one/model.json '"method": "war"'

# shellcheck disable=SC2086
answers 0 run shop.csv --out again --model one/model.json --customers people.csv --wallet-rank rank \
    --wallet-brands brands --wallet-declared budget --columns $columns --max-rejects 5
same one/scores.csv again/scores.csv "frozen wallets by rank"

# shellcheck disable=SC2086
answers 0 run shop.csv --out whole $wallet --max-rejects 5
for customer in ann bob cat dan eve fay gus; do
    answers 0 explain "$customer" --run whole
done
answers 0 explain ann --run whole
says out 'the Wallet Allocation Rule'
sed '/^ann,/s/,1125.0000,/,1126.0000,/' whole/scores.csv >scores.csv && cp scores.csv whole/scores.csv
answers 65 explain ann --run whole
says out 'wallet_size'

exit $bad
