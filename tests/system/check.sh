# winnow check: what it says of ledgers, that it writes nothing, and that it ends as a run would.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

cat >shop.csv <<'END'
Kunde;Datum;Betrag;Status;Über
Aé;31.12.2020;1.234,50;ok;x
B;01.02.2021;-12,00;ok;x
;01.02.2021;5,00;ok;x
C;30.02.2021;1;ok;x
D;01.03.2021;7;cancelled;x
E;x;7;ok;x
F;02.03.2021;abc;ok
"G ""g""";02.03.2021;"1";ok;
END
answers 0 check shop.csv --exclude Status=cancelled
reads out <<'END'
Inputs
                 size  compression  delimiter  header  rows  accepted  rejects
  shop.csv  215 bytes  plain        semicolon  yes        8         3        3

Columns of shop.csv
     column  field
  1  Kunde   customer_id  guessed from the header
  2  Datum   date         guessed from the header; %d.%m.%Y, settled by shop.csv:2:2 '31.12.2020'
  3  Betrag  amount       guessed from the header; decimal comma, settled by shop.csv:2:3 '1.234,50'
  4  Status  left out     --exclude 'Status=cancelled'
  5  Über    -

Ledger
  first day  2020-12-31
  last day   2021-03-02  62 days
  as of      2021-03-02  rows of its last 7 days: 0 0 0 0 0 0 1
  customers  3
  decimals   2

Rows
  purchases  2  1235.50
  refunds    1   -12.00  0.971% of what was bought
  anonymous  1     5.00
  --exclude  1     7.00
  rejects    3
  all        8

First rows of shop.csv, as read
  line  customer_id  date         amount
     2  Aé           2020-12-31  1234.50  accepted
     3  B            2021-02-01   -12.00  accepted
     4                                    anonymous
     5                                    impossible_date
     6                                    excluded

Rejects by reason
  wrong_field_count  1  not as many fields as the header has
  bad_date           1  not in the format of the other dates; --date-format says which it is
  impossible_date    1  no calendar has this date; --date-format says what day and month are
  customers          2  whose rows they are, where that could be read

First rejects
  shop.csv:5  impossible_date    Datum  30.02.2021  no calendar has this date; --date-format says what day and month are
  shop.csv:7  bad_date           Datum  x           not in the format of the other dates; --date-format says which it is
  shop.csv:8  wrong_field_count                     4 fields where the header has 5
END

# Anything packed, anything named, several inputs, stdin.
gzip -c shop.csv >shop.gz
mkdir before && cp shop.csv shop.gz before
answers 0 check shop.gz
says out 'gzip         semicolon'
answers 0 check - <shop.csv
says out 'Columns of stdin'
sed 's/;/|/g; s/Kunde/Client/' shop.csv >other.csv
answers 0 check shop.csv other.csv --map date=Datum,amount=Betrag
says out 'Columns of shop.csv'
says out 'Columns of other.csv'
says out '  Client  customer_id'
answers 0 check shop.csv --as-of 2021-01-15
says out 'after --as-of'
says out '  customers  1'
answers 0 check shop.csv --redact
grep -q 'Aé' out && complain 'an id is told in spite of --redact'
says out '#'
ls -A >after
printf '%s\n' after before err out shop.csv shop.gz other.csv difference wanted | sort >expected
sort after | diff expected - || complain 'check has written something'

# It ends as a run would, having told what it could.
answers 65 check shop.csv --max-rejects 2
says out 'Rejects by reason'
says err '3 of 8 rows are rejects'
answers 65 check shop.csv shop.csv
says err 'the same content'
answers 66 check nowhere.csv
answers 66 check before
printf 'id,date,amount\n1,01/02/2020,3\n' >open.csv
answers 65 check open.csv
[ ! -s out ] || complain 'something is told of a ledger that cannot be read'
says err '--date-format %d/%m/%Y or --date-format %m/%d/%Y'
printf 'id,date,amount\n' >header.csv
answers 65 check header.csv
printf 'id,date,amount,currency\n1,2020-01-31,3,EUR\n1,2020-01-31,3,USD\n' >two.csv
answers 65 check two.csv
says err 'EUR'
says out 'a run would refuse it'
answers 0 check two.csv --currency EUR
printf 'id,date,amount\n,2020-01-31,3\n' >nobody.csv
answers 65 check nobody.csv
says err 'no row is left to score'
answers 65 check shop.csv --as-of 2019-01-01
answers 2 check
exit $bad
