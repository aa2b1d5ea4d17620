# What is wrong, where, the value and what mends it: each error of a run, its exit code and its words; and
# that it leaves nothing half-written and no process. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

# refuses CODE WORDS ARGUMENT...: a run that fails so, without a result.
refuses() {
    code=$1
    words=$2
    shift 2
    answers "$code" run "$@" --out gone
    says err "$words"
    [ ! -e gone ] || complain "winnow run $*: a result all the same"
    for left in gone.state-* gone.new* gone.tmp*; do
        [ ! -e "$left" ] || complain "winnow run $*: left $left"
    done
}

# rejects CODE_WORD WHERE: of the one row that the last run refused.
rejects() {
    grep -qF -- "$1" gone.rejects/rejects.csv || complain "no $1: $(cat gone.rejects/rejects.csv)"
    grep -qF -- "$2" gone.rejects/rejects.csv || complain "not $2: $(cat gone.rejects/rejects.csv)"
    rm -rf gone.rejects gone.rejects.prev
}

# Inputs that are none.
refuses 66 'cannot open nowhere.csv' nowhere.csv
mkdir folder
refuses 66 'folder is a directory' folder
: >empty.csv
refuses 65 'empty.csv is empty' empty.csv
echo 'id,date,amount' >header.csv
refuses 65 'header.csv has a header but no rows' header.csv
printf 'id,date,amount\n1\0a,2021-02-20,9\n' >nul.csv
refuses 65 'nul.csv has NUL bytes' nul.csv

# Columns.
printf 'id,amount\n1,3\n' >dateless.csv
refuses 65 'which column is date? say --map date=COLUMN; the header has: id, amount' dateless.csv
printf 'who,when\nx,y\n' >strange.csv
refuses 65 'which column is customer_id?' strange.csv
printf 'id,date,amount,amount\n1,2020-01-13,2,3\n' >doubled.csv
refuses 65 "both column 3 ('amount') and column 4 ('amount') could be amount" doubled.csv
printf 'id,date,amount\n1,2020-01-13,2\n' >good.csv
refuses 65 "no column 'nothing' (--map); the header has: id, date, amount" good.csv --map date=nothing

# What the data leave open.
printf 'id,date,amount\n1,01/02/2020,3\n2,03/04/2020,4\n' >order.csv
refuses 65 "order.csv:2:2: '01/02/2020' can be read in two ways" order.csv
says err '--date-format %d/%m/%Y or --date-format %m/%d/%Y'
answers 0 run order.csv --date-format %d/%m/%Y --out day
says day/scores.csv '2020-02-01'
printf 'id,date,amount\n1,2020-02-13,"1,234"\n2,2020-02-14,"2,345"\n' >mark.csv
refuses 65 "mark.csv:2:3: '1,234' has thousands or decimals" mark.csv
answers 0 run mark.csv --decimal point --out point
says point/scores.csv ',1234,'
refuses 65 'have the same content' good.csv good.csv

# Rows that are none, each by its name, column, line and value.
printf 'id,date,amount\n1,2021-02-30,1\n2,2021-02-14,2\n' >impossible.csv
refuses 65 "impossible.csv:2: impossible_date, column date '2021-02-30'" impossible.csv --max-rejects 0
rejects impossible_date ',2,15,'
printf 'id,date,amount\n1,13/02/2020,3\n2,2020-02-14,4\n3,2020-02-15,5\n' >mixed.csv
refuses 65 "mixed.csv:2: bad_date, column date '13/02/2020'" mixed.csv --max-rejects 0
rejects bad_date 13/02/2020
printf 'id,date,amount\n1,2021-02-20,99999999999999999999\n2,2021-02-14,2\n' >large.csv
refuses 65 'amount_too_large' large.csv --max-rejects 0
rejects amount_too_large ',2,15,'
printf 'id,date,amount\n2,2021-02-14,2\n1\377a,2021-02-20,9\n' >latin.csv
refuses 65 'not UTF-8' latin.csv --max-rejects 0
rejects invalid_utf8 ',3,30,'
printf 'id,date,amount\n1,2021-02-20,9\n2,2021-01-01\n3,2021-01-01,4,5\n' >ragged.csv
refuses 65 'ragged.csv:3: wrong_field_count: 2 fields where the header has 3' ragged.csv --max-rejects 0
says err '2 of 3 rows are rejects, more than --max-rejects allows'
rejects wrong_field_count ',4,43,'
printf 'id,date,amount\n1,2021-02-20,9\n3,"2021-01-01,3\n4,2021-01-01,4\n' >open.csv
refuses 65 'open.csv:3: unclosed_quote' open.csv --max-rejects 0
rejects unclosed_quote ',3,30,'
(
    printf 'id,date,amount\n1,2021-02-20,9\n'
    head -c 10485760 /dev/zero | tr '\0' a
    printf ',2021-02-14,2\n3,2021-02-12,3\n'
) >field.csv
refuses 65 'field.csv:3: too_long' field.csv --max-rejects 0
rejects too_long ',3,30,'
printf 'id,date,amount\n1,2099-02-20,9\n2,2021-01-01,3\n' >future.csv
refuses 65 'future_date' future.csv --max-rejects 0
rejects future_date 2099-02-20
printf 'id,date,amount\n1,2021-02-20,x\n' >all.csv
refuses 65 'no row is left to score' all.csv
rejects bad_amount ',2,15,'

# A few rejects are let go, kept, and counted.
answers 0 run mixed.csv --out few
says few/rejects.csv 13/02/2020
[ "$(cat few/rejects.raw)" = '1,13/02/2020,3' ] || complain 'rejects.raw is not the row verbatim'
tr -d ' \n' <few/manifest.json | grep -qF '"rejects":1' || complain 'the manifest does not count the reject'

# The sum of one customer may overflow though no row does.
awk 'BEGIN { print "id,date,amount"; for (i = 0; i < 20000; i++) print "a,2021-01-01,99999999999.9999" }' >sum.csv
refuses 65 "add up to more than" sum.csv

# Where results cannot go.
mkdir mine && echo x >mine/note
answers 73 run good.csv --out mine
says err 'winnow did not make it'
[ "$(ls mine)" = note ] || complain 'somebody else'\''s directory was touched'
answers 73 run good.csv --out good.csv
says err 'not a directory'
answers 73 run good.csv --out nowhere/out
if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=1m tmpfs full 2>/dev/null; then
    "$WINNOW" generate --customers 20000 --seed 1 >many.csv
    answers 74 run many.csv --out full/out
    says err 'free'
    [ ! -e full/out ] || complain 'a result on a full disk'
    umount full
fi

# Flags.
answers 2 run good.csv --bogus
says err 'no flag --bogus'
answers 2 run good.csv --workers 0
says err 'a whole number from 1 to 1024'
answers 2 run

# An endpoint that is taken.
endpoint="ipc://$scratch/taken"
"$WINNOW" sink --bind "$endpoint" --out first --state s1 2>first.err &
first=$!
i=0
while [ ! -S taken ] && [ $i -lt 100 ]; do
    i=$((i + 1))
    "$WINNOW" version >/dev/null
done
answers 78 sink --bind "$endpoint" --out second --state s2
says err 'taken'
kill $first
wait $first

for process in /proc/[0-9]*; do
    [ "$(readlink "$process/cwd" 2>/dev/null)" = "$scratch" ] || continue
    case $(cat "$process/comm" 2>/dev/null) in winnow*) complain "left behind: $process" ;; esac
done
exit $bad
