"""Random claims that touch every audit rule of a region, for two readers to agree on.

    python3 claims.py REGION FOLDER [--persons 2000] [--seed 1] [--missing 0.03] [--refunds 0.02]

Codes come from the region's knowledge tables and from the rules' own lists, so that rules meet
their subjects often; ages, days, quantities and gaps are drawn around the limits that rules
speak of; any fact may be missing. The same seed gives the same folder.
"""

import argparse
import csv
import datetime
import glob
import os
import random
import re
import tomllib

MED_TYPES = ["11", "11", "11", "13", "14", "21", "21", "21", "41", "41", "52", "51", "12"]
SEXES = ["1", "2", "1", "2", "0", "9"]


def members(pattern, rng):
    """Codes that a family holds, and one beside it."""
    if pattern.endswith("*"):
        return [pattern[:-1] + ".0"[: rng.randint(0, 2)] if len(pattern) <= 4 else pattern[:-1] + str(rng.randint(0, 9))]
    if match := re.fullmatch(r"([A-Z])(\d\d)-([A-Z])(\d\d)", pattern):
        low, high = int(match[2]), int(match[4])
        return [f"{match[1]}{rng.randint(low, max(low, high)):02}.{rng.randint(0, 9)}00" if match[1] == match[3] else f"{match[1]}{low:02}.900"]
    if re.fullmatch(r"[A-Z]\d\d", pattern):
        return [pattern + f".{rng.randint(0, 9)}00"]
    return [pattern]


def universe(region, rng):
    codes = {"items": set(), "diagnoses": set(), "procedures": set()}
    rows = []
    for path in sorted(glob.glob(os.path.join(region, "screening/rules/*.toml"))):
        with open(path, "rb") as text:
            rule = tomllib.load(text)
        table = rule.get("knowledge", {})
        columns = table.get("columns", {})
        file = os.path.join(region, "screening/knowledge", f"{table.get('table')}.csv")
        if os.path.exists(file):
            with open(file, encoding="utf-8-sig", newline="") as text:
                for row in csv.DictReader(text):
                    held = {kind: set() for kind in codes}
                    for column, kind in columns.items():
                        if kind in codes:
                            for part in (row.get(column) or "").split("|"):
                                if part.strip():
                                    held[kind].update(members(part.strip(), rng))
                    rows.append({kind: sorted(some) for kind, some in held.items()})
                    for kind, some in held.items():
                        codes[kind] |= some
        for function, kind in (("any_diag|main_diag", "diagnoses"), ("any_item", "items"), ("any_proc", "procedures")):
            for found in re.findall(rf"(?:{function})\(([^)]*)\)", str(rule.get("when", "")) + str(rule.get("unless", "")) + str(rule["shape"])):
                for pattern in re.findall(r"'([^']+)'", found):
                    codes[kind].update(members(pattern, rng))
    codes["items"] |= {f"N{n:03}" for n in range(20)}
    codes["diagnoses"] |= {"J18.900", "I10.x00", "E11.900", "K80.200", "S72.000", "O80.000", "Z51.100", "P22.000", "C16.000"}
    codes["procedures"] |= {"47.0100", "36.0700", "81.5400"}
    return {kind: sorted(held) for kind, held in codes.items()}, [row for row in rows if any(row.values())]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("region")
    parser.add_argument("folder")
    parser.add_argument("--persons", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missing", type=float, default=0.03)
    parser.add_argument("--refunds", type=float, default=0.02)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    codes, rows = universe(asked.region, rng)
    os.makedirs(asked.folder, exist_ok=True)

    def table(name, heads):
        writer = csv.writer(open(os.path.join(asked.folder, f"{name}.csv"), "w", encoding="utf-8", newline=""))
        writer.writerow(heads)
        return lambda *cells: writer.writerow([cell if not callable(cell) else "" for cell in cells])

    def maybe(value):
        return "" if rng.random() < asked.missing else value

    persons = table("persons", ["psn_no", "gend", "brdy", "psn_type", "insutype", "death_date"])
    visits = table("encounters", ["mdtrt_id", "psn_no", "setl_id", "fixmedins_code", "medins_lv", "medins_type", "med_type", "insutype", "begntime",
                                  "endtime", "setl_time", "adm_dept_codg", "dscg_dept_codg", "dr_codg", "dise_codg", "matn_stas", "matn_fee_flag",
                                  "dscg_way", "adm_way", "internet_flag", "medfee_sumamt", "fund_pay_sumamt", "vitals_days", "vitals_abnormal", "leave_days",
                                  "group_weight", "supported_weight", "planned_readmission", "test_results"])
    diagnoses = table("diagnoses", ["mdtrt_id", "diag_srt_no", "diag_code", "maindiag_flag"])
    procedures = table("procedures", ["mdtrt_id", "oprn_oprt_code", "main_oprn_flag", "oprn_oprt_begntime", "oprn_oprt_endtime", "oper_dr_code",
                                      "incision_class", "incision_no"])
    lines = table("lines", ["feedetl_sn", "mdtrt_id", "med_list_codg", "list_type", "med_chrgitm_type", "chrgitm_lv", "fee_ocur_time", "cnt", "pric",
                            "det_item_fee_sumamt", "inscp_scp_amt", "fulamt_ownpay_amt", "pric_uplmt_amt", "fund_pay_type", "rxno", "bilg_dept_codg",
                            "acord_dept_codg", "bilg_dr_codg", "drord_dr_profttl", "drord_begn_date", "drord_stop_date", "prd_days", "sin_dos",
                            "used_frqu", "spec_dose", "tcmherb_doses", "hosp_appr_flag", "first_line_flag", "updt_time", "init_feedetl_sn"])
    table("institutions", ["fixmedins_code", "medins_lv", "medins_type"])("H1", "3", "A1")
    table("funds", ["mdtrt_id", "fund_pay_type", "fund_payamt"])
    table("stock", ["fixmedins_code", "med_list_codg", "move_kind", "moved_at", "cnt"])
    table("practitioners", ["prac_psn_code", "title", "begndate", "enddate", "antibiotic_level"])("D1", "主任医师", "2020-01-01", "", "3")
    serial = 0
    day = datetime.timedelta(days=1)
    for number in range(asked.persons):
        person = f"P{number:06}"
        age_days = rng.choice([rng.randint(0, 60), rng.randint(300, 7000), rng.randint(7000, 33000)])
        birth = datetime.date(2026, 3, 1) - age_days * day
        if rng.random() < 0.3:
            birth = datetime.date(2026 - rng.randint(1, 80), 3, 1) + rng.choice([-1, 0, 1]) * day
        died = datetime.date(2026, 5, 1) if rng.random() < 0.02 else ""
        persons(person, maybe(rng.choice(SEXES)), maybe(birth), "11", rng.choice(["310", "390"]), died)
        # What stands in one row of knowledge comes together: a pair, a drug and its diagnoses.
        meant = rng.sample(rows, 2) if rows else []
        focus = rng.sample(codes["items"], min(3, len(codes["items"]))) + [code for row in meant for code in row["items"][:6]]
        sick = rng.sample(codes["diagnoses"], min(3, len(codes["diagnoses"]))) + [code for row in meant for code in row["diagnoses"][:2]]
        at = datetime.datetime(2026, 3, 1, 8) + rng.randint(0, 40) * day
        often = rng.random() < 0.05
        for _ in range(rng.randint(20, 40) if often else rng.randint(1, 6)):
            serial += 1
            visit, kind = f"V{serial:07}", rng.choice(["11", "41"] if often and rng.random() < 0.9 else MED_TYPES)
            stay = kind in ("21", "52")
            nights = rng.choice([1, 2, 3, 5, 10, 16, 31]) if stay else 0
            end = at + nights * day + datetime.timedelta(hours=rng.randint(1, 6))
            weight = rng.choice([1, 1, 1.5, 2])
            visits(visit, person, "S" + visit, rng.choice(["H1", "H1", "H2", "H3"]), maybe(rng.choice(["1", "2", "3"])), rng.choice(["A1", "A2", "B1"]),
                   kind, maybe(rng.choice(["310", "390", "510", "410"])), at, maybe(end), end, "01", maybe("02"), "D1", "HZM01" if kind == "14" else "",
                   maybe(rng.choice(["0", "1", "3", "4"])), maybe(rng.choice("01")), rng.choice("1245"), rng.choice("1239"), maybe(rng.choice("0001")), "", "",
                   maybe(rng.randint(0, nights + 1)), maybe(rng.choice("01")), rng.randint(0, 1), weight, maybe(rng.choice([weight, 1])), maybe(rng.choice("0001")), "")
            told = [] if rng.random() < asked.missing else rng.sample(sick, rng.randint(1, len(sick)))
            for order, code in enumerate(told):
                diagnoses(visit, order + 1, code, "1" if order == 0 else "0")
            for order in range(rng.choice([0, 0, 1, 2]) if stay else 0):
                begin = at + datetime.timedelta(hours=rng.randint(1, 24))
                procedures(visit, rng.choice(codes["procedures"]), "1" if order == 0 else "0", maybe(begin), maybe(begin + datetime.timedelta(hours=2)),
                           "D1", maybe(rng.choice("123")), maybe(rng.choice("12")))
            sent = []
            for order in range(rng.randint(1, 14)):
                line = f"{order + 1}"
                code = rng.choice(focus) if rng.random() < 0.8 else rng.choice(codes["items"])
                when = at + rng.randint(0, max(nights, 0) + (1 if rng.random() < 0.05 else 0)) * day + datetime.timedelta(minutes=rng.randint(0, 600))
                count = rng.choice([1, 1, 1, 2, 3, 5, 14, 24, 25, 26, 0.5])
                price = rng.choice([0.5, 3, 10, 12.5, 13, 49.99, 100, 800])
                fee = round(count * price + 1e-9, 2)
                own = rng.choice([0, 0, 0, 0, fee])
                scope = round(fee - own, 2)
                drug = rng.random() < 0.5
                start = when - rng.randint(0, 1) * day
                lines(line, visit, code, maybe("101" if drug else "201"), maybe("09" if drug else "05"), rng.choice(["01", "02"]), maybe(when), maybe(count), price,
                      fee, maybe(scope), own, maybe(rng.choice(["", price, price - 0.5 if price > 1 else price])), rng.choice(["", "", "310100", "410100"]),
                      maybe(f"R{rng.randint(1, 2)}"), "01", maybe("02"), "D1", "1", maybe(rng.choice(["", start.date()])), rng.choice(["", (start + rng.randint(0, 9) * day).date()]),
                      rng.choice(["", 3, 7, 8, 30, 84, 85]), rng.choice(["", 1, 10]), rng.choice(["", 1, 3]), rng.choice(["", 24, 100]),
                      rng.choice(["", 7, 14]), maybe(rng.choice("0001")), rng.choice(["", "0", "1"]), maybe(when + datetime.timedelta(hours=rng.choice([1, 1, 30, 200]))), "")
                sent.append((line, code, when, count, price, fee, scope, own))
            if stay and nights >= 10 and rng.random() < 0.7:
                # A course: one item day after day, sometimes twice a day.
                code = rng.choice(focus)
                for order in range(nights):
                    when = at + order * day + datetime.timedelta(hours=1)
                    for _ in range(rng.choice([1, 1, 2])):
                        number = f"{len(sent) + 1}"
                        lines(number, visit, code, "101", "09", "01", when, 1, 10, 10, 10, 0, "", "", "R1", "01", "02", "D1", "1", "", "", "", "", "", "", "", "", "", when, "")
                        sent.append((number, code, when, 1, 10, 10.0, 10.0, 0))
            if sent and rng.random() < asked.refunds * 10:
                line, code, when, count, price, fee, scope, own = rng.choice(sent)
                back = rng.choice([1, 1, 0.5])
                lines(f"{len(sent) + 1}", visit, code, "", "", "01", when + datetime.timedelta(minutes=5), -count * back, price, -round(fee * back, 2), -round(scope * back, 2),
                      -round(own * back, 2), "", "", "", "01", "02", "D1", "1", "", "", "", "", "", "", "", "", "", "", line)
            if stay and rng.random() < 0.1:
                # The next visit begins before this one ends.
                end = at + max(nights // 2, 1) * day
            at = end + (rng.choice([0, 0, 1]) if often else 0) * day + rng.choice([0] if often else [0, 1, 2, 6, 7, 8, 13, 14, 15, 16, 29, 30, 31, 90]) * day + datetime.timedelta(minutes=rng.choice([3, 9, 11, 60]))


if __name__ == "__main__":
    main()
