# The files of a run: names and order of columns, the form of what is in them, JSON with the keys that are
# promised, sums and digests that are right. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 3000 --seed 21 --days 900 --refund-share 2% --order-ids >ledger.csv || exit 1
echo 'late,2031-01-01,1.00,x' >>ledger.csv
awk -F , 'NR > 1 && !seen[$1]++ { n++; print $1 "," 1 + n % 40 "," substr("abc", 1 + n % 3, 1) }' ledger.csv >rows
(echo 'customer_id,staff,trade' && cat rows) >people.csv
answers 0 run ledger.csv --customers people.csv --wallet-units staff --wallet-peers trade --out scored

head -n 1 scored/scores.csv >top
reads top <<'END'
customer_id,first_purchase_date,last_purchase_date,recency_days,purchase_days,order_count,monetary_total,spend_365d,r_score,f_score,m_score,rfm_score,rfm_segment,repeat_purchases,active_span_weeks,tenure_weeks,mean_repeat_spend,p_alive,churn_prob,expected_purchases,expected_spend,clv,clv_if_alive,wallet_size,wallet_share,wallet_headroom,wallet_capped,wallet_basis,value,tier,action,clv_low,clv_high,tier_hold_prob,retention_gain,retention_worth,break_even_save_rate
END
head -n 1 scored/tiers.csv >top
reads top <<'END'
tier,customers,target_share,customer_share,revenue,revenue_share,clv,clv_share,mean_churn_prob,revenue_at_risk,wallet_customers,wallet_share,wallet_headroom,cutoff,retention_customers,retention_gain,unprofitable_customers,unprofitable_loss,wallet_zero,wallet_shared,wallet_exclusive
END
head -n 1 scored/rejects.csv >top
reads top <<'END'
file,line,byte_offset,column,code,value,message
END
says scored/rejects.csv 'future_date'
says scored/schema.sql 'CREATE TABLE'
ls scored | sort >files
for file in _SUCCESS manifest.json model.json rejects.csv rejects.raw schema.sql scores.csv tiers.csv; do
    grep -qx "$file" files || complain "no $file"
done

# Each value has its column's form.
awk -F , '
    function form(i, pattern) { if ($i !~ pattern) { print FILENAME ": " head[i] " of " $1 " is " $i; bad = 1; exit 1 } }
    NR == 1 { for (i = 1; i <= NF; i++) head[i] = $i; next }
    {
        day = "^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$"; money = "^-?[0-9]+[.][0-9][0-9]$"
        real = "^-?[0-9]+([.][0-9]+)?(e-?[0-9]+)?$"; count = "^[0-9]+$"; share = "^(0|1|0[.][0-9]+|[0-9.]+e-[0-9]+)$"
        n++
        if ($5 == 0) { form(13, "^$"); form(22, "^$"); form(30, "^bottom$"); next } # gave everything back
        form(2, day); form(3, day); form(4, count); form(5, count); form(6, count); form(7, money); form(8, money)
        form(9, "^[1-5]$"); form(10, "^[1-5]$"); form(11, "^[1-5]$")
        if ($12 != $9 $10 $11) { print "rfm_score " $12; exit 1 }
        form(13, "^[a-z_]+$"); form(14, count); form(15, real); form(16, real); form(17, real)
        form(18, share); form(19, share); form(20, real); form(21, real); form(22, real); form(23, real)
        if ($24 == "") {
            form(25, "^$"); form(26, "^$"); form(27, "^$"); form(28, "^(no_spend|too_new)$")
        } else {
            form(24, real); form(25, share); form(26, real); form(27, "^[01]$")
            form(28, "^quantile=0.8 of [0-9]+ in [abc]$")
        }
        form(29, real); form(30, "^(top|middle|bottom|inactive)$"); form(31, "^(none|welcome|win_back|keep|low_cost|grow)$")
        if ($14 != $5 - 1) { print "repeat_purchases " $14 " of " $5 " days"; exit 1 }
    }
    END { if (n != 3000) { print n " customers"; exit 1 } }' scored/scores.csv || bad=1

# --columns: presets, and names in the order of the whole.
answers 0 run ledger.csv --out some --columns tier,customer_id
head -n 1 some/scores.csv >top
reads top <<'END'
customer_id,tier
END
answers 0 run ledger.csv --out life --columns lifetimes
head -n 1 life/scores.csv | grep -q '^customer_id,frequency,recency,T,monetary_value,' || complain "lifetimes: $(head -n 1 life/scores.csv)"
answers 0 run ledger.csv --out house --columns warehouse
head -n 1 house/scores.csv | grep -q '^run_id,as_of,customer_id,' || complain "warehouse: $(head -n 1 house/scores.csv)"
answers 2 run ledger.csv --out none --columns nonsense

# An earlier result of ours is kept beside; the directory is its owner's alone.
answers 0 run ledger.csv --out some --columns customer_id
[ -f some.prev/_SUCCESS ] || complain 'the earlier result is not in some.prev'
[ "$(stat -c %a scored scored/scores.csv | tr '\n' ' ')" = '700 600 ' ] || complain "modes: $(stat -c %a scored scored/scores.csv)"
ls -d ./*.state-* 2>/dev/null && complain 'a state directory is left'

command -v python3 >/dev/null || exit $bad # the rest looks into the JSON
cat >look.py <<'END'
import csv, hashlib, json
from decimal import Decimal as D
model = json.load(open("scored/model.json"), parse_float=D)
for key in ("schema_version as_of customers rfm churn spend wallet tiers horizon_days churn_horizon_days "
            "discount_rate time_unit definitions digest").split():
    assert key in model, key
for key in "bins ties recency_cuts frequency_cuts monetary_cuts".split():
    assert key in model["rfm"], key
assert len(model["rfm"]["recency_cuts"]) == 4
assert model["churn"]["reason"] and model["churn"]["chosen"] in [m["name"] for m in model["churn"]["models"]]
for one in model["churn"]["models"]:
    assert one["stopped"] in ("converged", "boundary", "too_few", "flat", "skipped"), one
    if one["stopped"] == "converged":
        for key in "parameters log_likelihood bic gradient_norm standard_errors".split():
            assert key in one, (one["name"], key)
for key in "name parameters log_likelihood customers correlation".split():
    assert key in model["spend"], key
assert model["wallet"]["method"] == "quantile" and len(model["wallet"]["groups"]) >= 3
assert [t["name"] for t in model["tiers"]] == ["top", "middle", "bottom"]
assert len(open("scored/model.json").read()) < 16384
manifest = json.load(open("scored/manifest.json"), parse_float=D)
rows = manifest["rows"]
assert rows["rows_in"] == sum(rows[k] for k in
    "purchases refunds cancelled anonymous excluded after_as_of rejects".split()), rows
ledger = list(csv.reader(open("ledger.csv")))[1:]
assert rows["rows_in"] == len(ledger) and rows["rejects"] == 1
amounts = manifest["amounts"]
kept = sum(D(row[2]) for row in ledger if row[0] != "late")
assert kept == sum(D(amounts[k]) for k in "purchases refunds cancelled anonymous excluded after_as_of".split()), amounts
assert manifest["inputs"][0]["bytes"] == len(open("ledger.csv", "rb").read())
for name, output in ((o["name"], o) for o in manifest["outputs"]):
    data = open("scored/" + name, "rb").read()
    assert hashlib.sha256(data).hexdigest() == output["sha256"], name
scores = list(csv.DictReader(open("scored/scores.csv")))
assert sum(D(s["monetary_total"]) for s in scores) == kept
tiers = list(csv.DictReader(open("scored/tiers.csv")))
for tier in tiers:
    of = [s for s in scores if s["tier"] == tier["tier"]]
    assert len(of) == int(tier["customers"]), tier
    assert sum(D(s["spend_365d"]) for s in of) == D(tier["revenue"]), tier
    assert abs(sum(D(s["clv"] or 0) for s in of) - D(tier["clv"])) <= D("0.0001") * len(of), tier
    mean = sum(D(s["churn_prob"]) for s in of if s["churn_prob"]) / sum(s["churn_prob"] != "" for s in of)
    assert abs(mean - D(tier["mean_churn_prob"])) < D("1e-5"), tier
assert abs(sum(D(t["customer_share"]) for t in tiers) - 1) < D("1e-5")
END
python3 look.py || complain 'the JSON or the sums are wrong'
exit $bad
