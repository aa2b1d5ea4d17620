# SPDX-License-Identifier: Apache-2.0
"""A stranger's ledgers through the program, against oracle.py.

Each ledger is made twice: as the rows that it means, for the oracle, and as the file that some other
program would have written, for winnow. Needs pandas and scipy, $WINNOW and $SOURCE. Names of cases
as arguments run those alone."""
import csv
import gzip
import os
import random
import sys
import tempfile
from fractions import Fraction

import pandas

import judge
from judge import complain, run, scored
from oracle import UNIT, Settings, day_of, text_of

DATA = os.environ.get("WINNOW_DATA") or os.path.join(os.environ.get("SOURCE", "."), "../shared/data")
START = day_of("2021-01-04")


def shop(customers=60, days=500, seed=1, refunds=.03, first=START, cents=100):
    """Rows of people who buy at their own pace and leave, as BG/NBD and gamma-gamma have it."""
    chance = random.Random(seed)
    rows = []
    for number in range(customers):
        pace, leaves = chance.gammavariate(.9, 1 / 20) + 1e-4, chance.betavariate(.8, 4)
        usual, day = chance.gammavariate(4, 8), chance.randrange(days // 2)
        while day < days:
            spent = round(chance.gammavariate(6, usual / 6) * cents) * (UNIT // cents)
            rows.append((f"c{number:03d}", first + day, spent, ""))
            if chance.random() < refunds:
                rows.append((f"c{number:03d}", min(first + days, first + day + chance.randrange(20)), -spent // 2 // UNIT * UNIT, ""))
            if chance.random() < leaves:
                break
            day += 1 + int(chance.expovariate(pace))
    chance.shuffle(rows)
    return rows


def plain(amount, places=2):
    return f"{Fraction(amount, UNIT).__float__():.{places}f}"


def grouped(amount, thousands, mark):
    """1,234.56 and its cousins."""
    text = f"{abs(amount) / UNIT:,.2f}".replace(",", "T").replace(".", "M")
    return ("-" if amount < 0 else "") + text.replace("T", thousands).replace("M", mark)


def write(path, lines, encoding="utf-8", end="\n", head=""):
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(head + "".join(line + end for line in lines))
    return path


def rows_csv(path, rows, header="customer_id,date,amount", order=False):
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header.split(",") + (["order_id"] if order else []))
        for who, day, amount, number in rows:
            out.writerow([who, text_of(day), plain(amount)] + ([number] if order else []))
    return path


def case_plain():
    rows = shop(80)
    for model in ("bgnbd", "mbgnbd", "pnbd", "nbd", "mbgcnbd --regularity 2", "bgcnbd --regularity 3", "auto"):
        scored(f"plain_{model}", rows, [rows_csv("plain.csv", rows)], decimals=2, model=model)


def case_german_excel():
    """sep= line, byte order mark, CR LF, semicolons, decimal commas, grouped thousands, a euro sign."""
    rows = [(who, day, amount * 30, "") for who, day, amount, _ in shop(50, seed=2)]
    lines = ["Kundennummer;Belegdatum;Betrag;Bemerkung"]
    for number, (who, day, amount, _) in enumerate(rows):
        y, m, d = text_of(day).split("-")
        note = '"zwei\r\nZeilen; und ""mehr"""' if number % 7 == 0 else "ok"
        lines.append(f"{who};{d}.{m}.{y};{grouped(amount, '.', ',')} €;{note}")
    write("excel.csv", lines, "utf-8-sig", "\r\n", "sep=;\r\n")
    scored("german_excel", rows, ["excel.csv"], decimals=2)


def case_american_excel():
    """m/d/yyyy, dollars in front, brackets for refunds, quoted thousands, times with AM and PM."""
    rows = [(who, day, amount * 50, "") for who, day, amount, _ in shop(50, seed=3)]
    lines = ["Customer,Order Date,Total"]
    for number, (who, day, amount, _) in enumerate(rows):
        y, m, d = map(int, text_of(day).split("-"))
        text = grouped(abs(amount), ",", ".")
        lines.append(f'{who},{m}/{d}/{y} {number % 12 + 1}:05 {"AP"[number % 2]}M,"{f"(${text})" if amount < 0 else f"${text}"}"')
    scored("american_excel", rows, [write("us.csv", lines)], decimals=2)


def case_utf16():
    """Refused with words; what the words say then works."""
    rows = shop(50, seed=4)
    write("utf16.csv", open(rows_csv("before.csv", rows)).read().splitlines(), "utf-16")
    told = run("utf16", ["run", "utf16.csv", "--out", "none"], 65)
    judge.wants("utf16", told, "iconv")
    os.system("iconv -f UTF-16 -t UTF-8 utf16.csv >utf8.csv")
    scored("utf16", rows, ["utf8.csv"], decimals=2)


def case_names():
    """Ids with commas, quotes, line ends, blanks, zeros in front, accents composed and not, 4096 bytes; case counts."""
    names = ["a,b", 'the "x"', "two\nlines", " a", "a", "a ", "A", "007", "7", "07", "é", "e\u0301", "-1", "1e5", "100000",
             "=1+1", "NA", "x" * 4096, "😀", "a;b", "#", "'", "\\N2", "-", "N/A"]
    rows = [(names[i % len(names)], day, amount, "") for i, (_, day, amount, _) in enumerate(shop(60, seed=5))]
    scored("names", rows, [rows_csv("names.csv", rows)], decimals=2)
    rows_csv("long.csv", rows + [("y" * 4097, START, UNIT, "")])
    told = scored("too_long", rows, ["long.csv", "--max-rejects", "1"], decimals=2)
    judge.wants("too_long", open("too_long.out/rejects.csv").read() if told is not None else "", "id_too_long")


def case_refunds():
    """Customers with refunds only, refunds before any purchase, more given back than bought."""
    rows = shop(60, seed=6, refunds=.2)
    rows += [("only1", START + 3, -5 * UNIT, ""), ("only2", START + 400, -7 * UNIT, ""), ("only2", START + 2, -UNIT, ""),
             ("early", START + 1, -UNIT, ""), ("early", START + 30, UNIT, ""), ("early", START + 60, UNIT, ""),
             ("deep", START + 200, 3 * UNIT, ""), ("deep", START + 210, -9 * UNIT, ""), ("deep", START + 230, 2 * UNIT, "")]
    scored("refunds", rows, [rows_csv("refunds.csv", rows)], decimals=2)
    for by in ("revenue", "profit"):
        scored(f"refunds_{by}", rows, ["refunds.csv", "--tier-by", by, "--margin", "0.31", "--serve-cost", "12.5",
                                       "--tiers", "a:12.5,b:0,c:50,d:37.5"],
               Settings(tier_by=by, margin=Fraction(31, 100), serve_cost=125000,
                        tiers=tuple((n, Fraction(s, 1000)) for n, s in (("a", 125), ("b", 0), ("c", 500), ("d", 375)))))


def case_few():
    """One row; one refund; nothing but refunds; one purchase each; everything on one day; free ones."""
    scored("one_row", [("c", START, 100 * UNIT, "")], [write("one.csv", ["id,date,amount", "c,2021-01-04,100"])], decimals=0)
    scored("one_refund", [("c", START, -UNIT, "")], [write("refund.csv", ["id,date,amount", "c,2021-01-04,-1.00"])], decimals=2)
    once = [(f"c{i}", START + i * 3 % 50, (i + 1) * UNIT, "") for i in range(40)]
    scored("once_each", once, [rows_csv("once.csv", once)], decimals=2)
    scored("half_a_rank", once, ["once.csv", "--tiers", "a:1.25,b:98.75"],
           Settings(tiers=(("a", Fraction(125, 10000)), ("b", Fraction(9875, 10000)))), decimals=2)
    today = [(f"c{i % 17}", START, (i + 1) * UNIT, "") for i in range(40)]
    scored("same_day", today, [rows_csv("day.csv", today)], decimals=2)
    free = [(f"c{i % 17}", START + i * 5 % 90, 0, "") for i in range(60)]
    scored("free", free, [rows_csv("free.csv", free)], decimals=2)


def case_zeros():
    """-0, (0.00), -0.00 and +0 are purchases of nothing, as 0 is."""
    rows = shop(50, seed=7)
    spelled = ["-0.00", "0", "-0", "(0.00)", "0.00-", "+0.00"]
    lines = open(rows_csv("zeros.csv", rows)).read().splitlines()
    for number, text in enumerate(spelled):
        who = f"zero{number}"
        rows += [(who, START + 5, 0, ""), (who, START + 50, 0, "")]
        lines += [f"{who},{text_of(START + 5)},{text}", f"{who},{text_of(START + 50)},{text}"]
    scored("zeros", rows, [write("zeros.csv", lines)], decimals=2)


def case_zones():
    """Offsets that differ want a zone; with it the days are pandas' days of that zone."""
    chance, rows, lines = random.Random(8), [], ["client,created_at,total"]
    for who, day, amount, _ in shop(60, seed=8):
        offset = chance.choice(["+00:00", "Z", "+02:00", "-0800", "+05:30"])
        text = f"{text_of(day)}T{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}{offset}"
        local = pandas.Timestamp(text).tz_convert("Europe/Berlin").date().isoformat()
        rows.append((who, day_of(local), amount, ""))
        lines.append(f"{who},{text},{plain(amount)}")
    write("zones.csv", lines)
    judge.wants("zones", run("zones", ["run", "zones.csv", "--out", "none"], 65), "--timezone")
    scored("zones", rows, ["zones.csv", "--timezone", "Europe/Berlin"], decimals=2)


def case_epochs():
    rows = shop(60, seed=9)
    lines = ["user_id\tts\tvalue"] + [f"{who}\t{day * 86400 + 86399 * (i % 2)}\t{plain(amount)}"
                                      for i, (who, day, amount, _) in enumerate(rows)]
    scored("epochs", rows, [write("epochs.tsv", lines)], decimals=2)
    lines = [f"{who}|{text_of(day).replace('-', '')}|{plain(amount)}" for who, day, amount, _ in rows]
    scored("headless", rows, [write("headless.txt", lines)], decimals=2)


def case_nothing():
    """Empty amounts are rejects, empty customers are anonymous, a ledger without amounts is one."""
    rows = shop(60, seed=10)
    lines = open(rows_csv("nothing.csv", rows)).read().splitlines()
    lines += [f"c001,{text_of(START)},", f"c001,{text_of(START)},\\N", "c001,,5.00", f",{text_of(START)},7.00",
              f"  ,{text_of(START)},7.00", "", f"c001,{text_of(START)},n/a"]
    told = scored("nothing", rows, [write("nothing.csv", lines), "--max-rejects", "4"], decimals=2)
    if told is not None:
        judge.wants("nothing", told, "4 of ")
        rejects = open("nothing.out/rejects.csv").read()
        for code, count in (("null_amount", 2), ("null_date", 1), ("bad_amount", 1)):
            if rejects.count(code) != count:
                complain(f"nothing: {rejects.count(code)} {code}, wanted {count}")
    bare = [(who, day, 0, "") for who, day, amount, _ in rows if amount >= 0]
    lines = ["customer,date"] + [f"{who},{text_of(day)}" for who, day, _, _ in bare]
    scored("no_amounts", bare, [write("bare.csv", lines)], Settings(amounts=False))
    few = bare[:6]
    lines = ["customer,date"] + [f"{who},{text_of(day)}" for who, day, _, _ in few]
    scored("few_no_amounts", few, [write("bare.csv", lines)], Settings(amounts=False))


def case_files():
    """Files in another order of columns, packed; the same file twice is refused, the same rows are not."""
    rows = shop(60, seed=11)
    third = len(rows) // 3
    rows_csv("one.csv", rows[:third])
    lines = ["amount;date;customer_id"] + [f"{plain(amount)};{text_of(day)};{who}" for who, day, amount, _ in rows[third:2 * third]]
    write("two.csv", lines)
    with gzip.open("three.csv.gz", "wt") as file:
        file.write(open(rows_csv("three.csv", rows[2 * third:])).read())
    scored("files", rows, ["three.csv.gz", "one.csv", "two.csv"], decimals=2)
    write("four.csv", open("one.csv").read().splitlines() + [""])
    scored("rows_twice", rows[:third] * 2, ["one.csv", "four.csv"], decimals=2)
    judge.wants("twice", run("twice", ["run", "one.csv", "one.csv", "--out", "none"], 65), "one.csv")
    judge.wants("copied", run("copied", ["run", "three.csv.gz", "three.csv.gz", "--out", "none"], 65), "three.csv.gz")
    with open("one.csv") as file:
        scored("stdin", rows[:third], ["-"], decimals=2, stdin=file)


def case_orders():
    """Lines of orders over several days; cancelled, partly returned, without a number, number of another's."""
    rows = []
    for i, (who, day, amount, _) in enumerate(shop(70, seed=12, refunds=0)):
        number = "" if i % 11 == 0 else f"o{i % 150 if i % 13 == 0 else i}"
        rows += [(who, day, amount, number), (who, day + i % 3, amount // 3 // 100 * 100, number)]
        if i % 5 == 0:
            rows.append((who, day + 4, -amount, number))
        if i % 9 == 0:
            rows.append((who, day + 6, -2 * amount, number))
    random.Random(1).shuffle(rows)
    scored("orders", rows, [rows_csv("orders.csv", rows, order=True)], Settings(orders=True), decimals=2)
    scored("orders_f", rows, ["orders.csv", "--rfm-frequency", "orders", "--rfm-window", "200", "--as-of", text_of(START + 420)],
           Settings(orders=True, rfm_frequency="orders", rfm_window=200, as_of=START + 420), decimals=2)
    scored("orders_unmapped", rows, ["orders.csv", "--map", "order_id="], decimals=2)


def case_settings():
    """What a run can be asked for, all at once and otherwise."""
    rows = shop(90, days=1100, seed=13)
    path = rows_csv("settings.csv", rows)
    scored("ntile", rows, [path, "--rfm-ties", "ntile", "--rfm-bins", "4"], Settings(rfm_ties="ntile", rfm_bins=4), decimals=2)
    scored("nine_bins", rows[:30], [rows_csv("thirty.csv", rows[:30]), "--rfm-bins", "9", "--inactive-after", "off"],
           Settings(rfm_bins=9, inactive_after=None), decimals=2)
    scored("asked", rows, [path, "--as-of", text_of(START + 900), "--inactive-after", "100", "--horizon", "200", "--churn-horizon",
                           "31", "--discount-rate", "12%/year", "--margin", "25%", "--churn-threshold", "0.5", "--rfm-window", "90"],
           Settings(as_of=START + 900, inactive_after=100, horizon=200, churn_horizon=31, monthly=1.12 ** (1 / 12) - 1,
                    margin=Fraction(1, 4), churn_threshold=.5, rfm_window=90), decimals=2)
    scored("later", rows, [path, "--as-of", text_of(START + 3000), "--horizon", "1000"],
           Settings(as_of=START + 3000, horizon=1000), decimals=2)
    scored("no_model", rows, [path], decimals=2, model="none")


def case_extremes():
    """The largest amounts, four decimals, a purchase a day for four years."""
    rows = [(who, day, amount * 1000000, "") for who, day, amount, _ in shop(50, seed=14)]
    scored("large", rows, [rows_csv("large.csv", rows)], decimals=2)
    tiny = shop(50, seed=15, cents=UNIT)
    lines = ["id,date,amount"] + [f"{who},{text_of(day)},{plain(amount, 4)}" for who, day, amount, _ in tiny]
    scored("tiny", tiny, [write("tiny.csv", lines)], decimals=4)
    daily = shop(50, days=1500, seed=16) + [("daily", START + day, UNIT * (day % 7 + 1), "") for day in range(1500)]
    scored("daily", daily, [rows_csv("daily.csv", daily)], decimals=2)


def people_of(rows, seed):
    chance, people = random.Random(seed), {}
    for who in sorted({row[0] for row in rows}):
        if chance.random() < .9:
            units = chance.choice([None, 0, 1, 1, 2, 2.5, 3, 7, 40])
            declared = chance.choice([None, None, None, 500, 80.25, 0])
            people[who] = (None if units is None else int(units * UNIT), None if declared is None else int(declared * UNIT),
                           (chance.choice(["DE", "FR"]), chance.choice(["shop", "café", "inn, old"])))
    return people


def case_wallets():
    rows = shop(200, seed=17)
    path, people = rows_csv("wallets.csv", rows), people_of(rows, 17)
    with open("people.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["customer_id", "staff", "says", "land", "kind"])
        for who, (units, says, names) in list(people.items()) + [("stranger", (UNIT, None, ("DE", "shop")))]:
            out.writerow([who, "" if units is None else units / UNIT, "" if says is None else says / UNIT, *names])
    flags = [path, "--customers", "people.csv", "--wallet-units", "staff", "--wallet-peers", "land,kind"]
    mute = {who: (units, None, names) for who, (units, _, names) in people.items()}
    scored("quantile", rows, flags + ["--wallet", "quantile=0.75"], Settings(wallet=Fraction(3, 4), people=mute), decimals=2)
    scored("mean", rows, flags + ["--wallet", "mean"], Settings(wallet="mean", people=mute), decimals=2)
    scored("says", rows, flags + ["--wallet-declared", "says"], Settings(wallet=Fraction(8, 10), people=people), decimals=2)
    scored("declared", rows, flags + ["--wallet-declared", "says", "--wallet", "declared"],
           Settings(wallet="declared", people=people), decimals=2)


def case_refused():
    """What cannot be read one way is refused, with the flag that mends it; mended, it is read."""
    rows = [row for row in shop(60, seed=18) if int(text_of(row[1])[8:]) <= 12]
    lines = ["id,date,amount"] + [f"{who},{text_of(day)[8:]}/{text_of(day)[5:7]}/{text_of(day)[:4]},{plain(amount)}" for who, day, amount, _ in rows]
    judge.wants("open_days", run("open_days", ["run", write("open.csv", lines), "--out", "none"], 65), "%d/%m/%Y")
    scored("open_days", rows, ["open.csv", "--date-format", "%d/%m/%Y"], decimals=2)
    whole = [(who, day, (abs(amount) // UNIT + 1) * 1000 * UNIT, "") for who, day, amount, _ in rows]
    lines = ["id;date;amount"] + [f"{who};{text_of(day)};{amount // UNIT // 1000},000" for who, day, amount, _ in whole]
    judge.wants("open_mark", run("open_mark", ["run", write("mark.csv", lines), "--out", "none"], 65), "--decimal")
    scored("open_mark", whole, ["mark.csv", "--decimal", "point"], decimals=0)
    thousandth = [(who, day, amount // 1000, "") for who, day, amount, _ in whole]
    scored("open_comma", thousandth, ["mark.csv", "--decimal", "comma"], decimals=3)
    lines = ["id,date,amount,currency"] + [f"{who},{text_of(day)},{plain(amount)},{'EUR' if i % 3 else 'USD'}"
                                           for i, (who, day, amount, _) in enumerate(rows)]
    judge.wants("currencies", run("currencies", ["run", write("money.csv", lines), "--out", "none"], 65), "--currency")
    scored("currencies", [row for i, row in enumerate(rows) if i % 3], ["money.csv", "--currency", "EUR"], decimals=2)
    write("mac.csv", ["id,date,amount", "a,2021-01-04,1"], end="\r")
    judge.wants("old_mac", run("old_mac", ["run", "mac.csv", "--out", "none"], 65), "CR")
    for name, text in (("empty", ""), ("header", "id,date,amount\n"), ("blank", "\n\n\n"), ("mark", "\ufeff"), ("words", "hello\n")):
        write("odd.csv", [], head=text)
        run(name, ["run", "odd.csv", "--out", "none"], 65)
        if os.path.exists("none"):
            complain(f"{name}: something is published")


def case_cdnow():
    """A real ledger: free rows, ties, a calibration period."""
    path = os.path.join(DATA, "cdnow_sample.tx.csv.gz")
    if not os.path.exists(path):
        print("skipped: the CDNOW sample is not here")
        return
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    rows = [(who, day_of(day), judge.money(amount), "") for who, day, amount in frame.iloc[:, :3].itertuples(index=False)]
    for model in ("bgnbd", "pnbd"):
        scored(f"cdnow_{model}", rows, [path, "--as-of", "1997-09-30"], Settings(as_of=day_of("1997-09-30")), decimals=2,
               model=model)


def main():
    chosen = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="winnow outside ") as scratch:
        os.chdir(scratch)
        for name, act in list(globals().items()):
            if name.startswith("case_") and (not chosen or name[5:] in chosen):
                act()
        os.chdir("/")
    sys.exit(1 if judge.complaints else 0)


main()
