"""A second reader of neutral DRG tables, for comparison with ours.

Written from the description of the tables alone, as plainly as possible: sets, a recursive
condition, three nested loops. Given a folder of tables with `cases.csv.gz`, it first answers
those cases, whose answers come from elsewhere, and stops if it errs; then it bends them at
random and writes the bent cases with its own answers, for `heng conform grouping`.

    tables.py FOLDER OUT.csv.gz [--cases N] [--seed S]
"""

import argparse
import collections
import csv
import gzip
import json
import operator
import random
import sys
from pathlib import Path

csv.field_size_limit(10**9)
COLUMNS = "id kind sex age age_days weight dept los leaving_type icu_hours dx proc status mdc adrg drg".split()
NUMBERS = ("age", "age_days", "weight", "los", "icu_hours")
COMPARE = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq}
NOTHING = ("ungroupable", "0000", "00", "0000")
REFUSED = ("check_failed", "0000", "00", "0000")


def rows(path):
    opened = gzip.open(path, "rt", encoding="utf8") if path.suffix == ".gz" else open(path, encoding="utf8")
    with opened as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


class Tables:
    def __init__(self, folder):
        self.members = collections.defaultdict(list)
        for row in rows(folder / "lists.tsv.gz"):
            self.members[row["list_id"]].append((row["code"], row["tag"]))
        self.members["SS_VALID"] = [(row["code"], "") for row in rows(folder / "or_procedures.tsv.gz")]
        self.sets = collections.defaultdict(set)
        self.first_tag, self.last_tag = collections.defaultdict(dict), collections.defaultdict(dict)
        for name, members in self.members.items():
            for code, tag in members:
                self.sets[name].add(code)
                self.first_tag[name].setdefault(code, tag)
                self.last_tag[name][code] = tag
        self.severity = {
            name: {row["code"]: row["exclusion_table"] for row in rows(folder / f"{name}.tsv.gz")}
            for name in ("mcc", "cc")
        }
        self.excluded = {row["code"]: row["exclusion_table"] for row in rows(folder / "pdx_exclusion.tsv.gz")}
        self.mdcs = sorted(rows(folder / "mdc.tsv"), key=lambda row: int(row["order"]))
        self.adrgs, self.drgs = collections.defaultdict(list), collections.defaultdict(list)
        for name, above, into in (("adrg", "mdc", self.adrgs), ("drg", "adrg", self.drgs)):
            for row in sorted(rows(folder / f"{name}.tsv"), key=lambda row: int(row["seq"])):
                row["condition"] = json.loads(row["condition"])
                into[row[above]].append(row)
        for row in self.mdcs:
            row["condition"] = json.loads(row["condition"])
            row["qy"] = json.loads(row["qy_condition"]) if row["qy_condition"] else None
        # Zhejiang alone tries a case without a group again; the tables do not say so.
        self.retries = folder.name.startswith("zhejiang")

    def holds(self, condition, case):
        if isinstance(condition, bool):
            return condition
        ((what, value),) = condition.items()
        dx, proc, sets = case["dx"], case["proc"], self.sets
        match what:
            case "all":
                return all(self.holds(part, case) for part in value)
            case "any":
                return any(self.holds(part, case) for part in value)
            case "not":
                return not self.holds(value, case)
            case "pdx_in":
                return dx[0] in sets[value]
            case "any_dx_in":
                return any(code in sets[value] for code in dx)
            case "sdx_in":
                return any(code in sets[value] for code in dx[1:])
            case "main_proc_in":
                return any(code in sets[value] for code in proc[:1])
            case "any_proc_in":
                return any(code in sets[value] for code in proc)
            case "other_proc_in":
                return any(code in sets[value] for code in proc[1:])
            case "has_proc":
                return bool(proc) == value
            case "has_sdx":
                return (len(dx) > 1) == value
            case "n_proc":
                return COMPARE[value[0]](len(proc), value[1])
            case "proc_tag":
                return any(self.first_tag[value[0]].get(code) == value[1] for code in proc)
            case "distinct_tags_ge":
                tags = self.last_tag[value[0]]
                return len({tags[code] for code in dx if code in tags}) >= value[1]
            case "mcc" | "cc":
                table, own = self.severity[what], self.excluded.get(dx[0])
                return any(code in table and (own is None or table[code] != own) for code in dx[1:])
            case "sex" | "dept":
                return case[what] == value
            case "leaving_type_in":
                return case["leaving_type"] in value
        number = case[what]
        if value[0] == "known":
            return number is not None
        return number is not None and COMPARE[value[0]](number, value[1])

    def once(self, case):
        for mdc in self.mdcs:
            if not self.holds(mdc["condition"], case):
                continue
            for adrg in [{"seq": "0", "condition": False}, *self.adrgs[mdc["mdc"]]]:
                if self.holds(adrg["condition"], case):
                    name = adrg["adrg"].split("_")[0]
                    for drg in self.drgs[adrg["adrg"]]:
                        if self.holds(drg["condition"], case):
                            return ("ok", mdc["mdc"], name, drg["drg"])
                    if adrg["when_no_split_matches"].startswith("return"):
                        return ("ok", mdc["mdc"], name, adrg["when_no_split_matches"].split()[1])
                if mdc["qy"] is not None and adrg["seq"] == mdc["qy_after_adrg_seq"] and self.holds(mdc["qy"], case):
                    return ("ambiguous", mdc["mdc"], "QY", mdc["qy_code"])
        return NOTHING

    def group(self, case):
        newborn = case["age"] == 0 and case["age_days"] is not None and case["age_days"] <= 28
        if case["sex"] not in ("1", "2") or case["age"] is None or not case["dx"]:
            return REFUSED
        if case["age"] == 0 and case["age_days"] is None or newborn and not case["weight"]:
            return REFUSED
        answer = self.once(case)
        if answer == NOTHING and self.retries:
            for procedure in case["proc"][1:]:
                answer = self.once({**case, "proc": [procedure]})
                if answer != NOTHING:
                    break
        return answer


def read_case(row):
    case = {name: int(row[name]) if row[name] else None for name in NUMBERS}
    case.update({name: row[name] for name in ("sex", "dept", "leaving_type")})
    case.update({name: row[name].split("|") if row[name] else [] for name in ("dx", "proc")})
    return case


def bend(case, pool, tables, draw):
    """One random change, of the kinds that scheme rules look at."""
    other = draw.choice(pool)
    complications = list(tables.severity["mcc"]) + list(tables.severity["cc"])
    name = draw.choice([name for name, members in tables.members.items() if members])
    codes = [draw.choice(tables.members[name])[0] for _ in range(draw.randint(1, 3))]
    kind = draw.randint(0, 8)
    if kind == 0:
        case["dx"] = case["dx"][:1] + other["dx"]
    elif kind == 1:
        case["proc"] = other["proc"] + case["proc"][:2]
    elif kind == 2:
        case["dx"] = case["dx"][:1] + [draw.choice(complications) for _ in range(draw.randint(0, 3))]
    elif kind == 3:
        case["dx"] = other["dx"][:1] + case["dx"][1:]
    elif kind == 4:
        draw.shuffle(case["dx"])
        draw.shuffle(case["proc"])
    elif kind == 5:
        case["age"] = draw.choice([0, 1, 6, 7, 14, 15, 16, 17, 18, 40, 70, 80])
        case["age_days"] = draw.choice([0, 27, 28, 29, 300, None]) if case["age"] == 0 else case["age"] * 365
        case["weight"] = draw.choice([None, 0, 800, 999, 1000, 1499, 1500, 1999, 2000, 2499, 2500, 3400])
    elif kind == 6:
        case["los"] = draw.choice([None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 30, 31, 60, 61])
        case["leaving_type"] = draw.choice(["1", "2", "3", "4", "5", "9", ""])
        case["icu_hours"] = draw.choice([None, 0, 1, 119, 120, 121])
        case["dept"] = draw.choice(["ICU", "icu", "0101", ""])
    elif kind == 7:
        case["sex"] = draw.choice(["1", "2", "1", "2", "", "9"])
    elif codes[0][0].isdigit():
        case["proc"] = codes + case["proc"][:2]
    else:
        case["dx"] = codes + case["dx"][1:]


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--cases", type=int, default=50_000)
    asked.add_argument("--seed", type=int, default=1)
    asked = asked.parse_args()
    tables = Tables(asked.folder)
    with gzip.open(asked.folder / "cases.csv.gz", "rt", encoding="utf8") as file:
        given = list(csv.DictReader(file))
    wrong = [row["id"] for row in given if tables.group(read_case(row)) != tuple(row[name] for name in COLUMNS[-4:])]
    if wrong:
        sys.exit(f"{asked.folder}: this reader itself errs in {len(wrong)} given cases, first {wrong[0]}")
    print(f"{asked.folder.name}: {len(given)} given cases answered alike; {asked.cases} more drawn, seed {asked.seed}")
    draw, pool = random.Random(asked.seed), [read_case(row) for row in given]
    with gzip.open(asked.out, "wt", encoding="utf8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for number in range(asked.cases):
            case = {name: list(value) if isinstance(value, list) else value for name, value in draw.choice(pool).items()}
            for _ in range(draw.randint(1, 4)):
                bend(case, pool, tables, draw)
            text = {name: "" if value is None else value for name, value in case.items()}
            text.update(id=f"{number}", kind="bent", dx="|".join(case["dx"]), proc="|".join(case["proc"]))
            text.update(zip(COLUMNS[-4:], tables.group(case)))
            out.writerow(text[name] for name in COLUMNS)


main()
