"""MS-DRG as a tree for `crates/grouping`: category, base group, group.

The order of the definitions' own ranks is kept. Where the definitions send a case on to
another list (significant trauma, HIV, kidney transplant, operations unrelated to the principal
diagnosis), that list stands in the tree at the place from which it is reached.
"""

from dataclasses import dataclass, field
from itertools import groupby

import conditions
from conditions import Writer, conjunction, conjuncts, parse

UNRELATED = 29  # the list of operations unrelated to the principal diagnosis
PRE = "PRE"
# Patient discharge status codes of the claim form that the grouper knows.
DISCHARGES = [1, 2, 3, 4, 5, 6, 7, 20, 21, 30, 43, 50, 51, *range(61, 67), 69, 70, *range(81, 96)]


@dataclass
class Node:
    """A row of the tree; `rank` orders it among its siblings."""

    code: str
    name: str
    rank: int
    condition: str
    children: list = field(default_factory=list)


class Scheme:
    """The tree and the sets of one version."""

    def __init__(self, tables):
        self.tables = tables
        self.writer = Writer(tables)
        self.nodes = self._categories()
        self.sets = self._sets()

    def _categories(self):
        """Pre-MDC, the three lists that are reached before the categories, then each category."""
        t = self.tables
        pre = [f for f in t.formulas[0] if f.drg]
        sent = {f.reroute: f for f in t.formulas[0] if f.reroute}
        if max(f.rank for f in pre) > min(f.rank for f in sent.values()):
            raise ValueError("a pre-MDC group stands after a redirection; the tree would be wrong")
        known = f"{{ZYZD}} in {{{', '.join(self.writer.categories)}}}"
        self.writer.used.update(self.writer.categories)
        nodes = [Node(PRE, "Pre-MDC", 1, known, self._bases(pre))]
        for mdc in [*sent, *sorted(m for m in t.formulas if 0 < m < 26 and m not in sent)]:
            entries = self._entries(mdc)
            if mdc in sent:
                entries.insert(0, self.writer.write(parse(sent[mdc].text), sent[mdc].suppress))
            if not entries:
                raise ValueError(f"nothing leads to category {mdc}")
            name = t.mdc_names.get(mdc, f"MDC {mdc:02}")
            nodes.append(Node(f"{mdc:02}", name, len(nodes) + 1, " or ".join(entries), self._list(mdc)))
        return nodes

    def _entries(self, mdc):
        """Principal diagnoses of the category; a few depend on the patient's sex."""
        entries = []
        if f"MDC{mdc:02}" in self.writer.categories:
            entries.append(f"{{ZYZD}} in {{MDC{mdc:02}}} and not {{ZYZD}} in {{BY_SEX}}")
            if not any(self.tables.diagnoses[c][0] == mdc for c in self.tables.sex_mdc):
                entries = [f"{{ZYZD}} in {{MDC{mdc:02}}}"]
            self.writer.used.add("BY_SEX")
        for sex in (1, 2):
            name = f"MDC{mdc:02}_SEX{sex}"
            if any(pair[sex - 1] == mdc for pair in self.tables.sex_mdc.values()):
                self.writer.used.add(name)
                entries.append(f"XB = {sex} and {{ZYZD}} in {{{name}}}")
        return entries

    def _list(self, mdc):
        """The base groups of a category. Lines without a group (markers) lead nowhere."""
        bases = []
        lines = [f for f in self.tables.formulas[mdc] if f.drg or f.reroute]
        for reroute, run in groupby(lines, key=lambda f: f.reroute):
            if not reroute:
                bases += self._bases(list(run))
                continue
            if reroute != UNRELATED:
                raise ValueError(f"list {mdc} leads to {reroute}; only {UNRELATED} is expected here")
            (line,) = run
            bases += self._unrelated(line)
        return bases

    def _unrelated(self, line):
        """Both base groups of the list behind a line such as `(d468 | d477)`. What holds is
        asked twice: by the line in its own category, by the list in the list's own terms."""
        text = self.writer.write(parse(line.text), line.suppress)
        nodes = self._bases(self.tables.formulas[line.reroute], factor=False)
        for node in nodes:
            node.rank, node.condition = line.rank, text
        return nodes

    def _bases(self, lines, factor=True):
        nodes, seen = [], set()
        for base, run in groupby(lines, key=lambda f: f.base):
            if base in seen:
                raise ValueError(f"base group {base} does not stand together")
            seen.add(base)
            run = list(run)
            trees = [conjuncts(parse(f.text)) for f in run]
            common = [c for c in trees[0] if factor and all(c in t for t in trees)]
            common = [c for c in common if c not in (("is", "", "MCC"), ("is", "", "CC"))]
            shared = len({f.suppress for f in run}) == 1
            condition = self.writer.write(conjunction(common), run[0].suppress) if common and shared else "1"
            if condition == "1":
                common = []
            children, earlier = [], []
            for f, tree in zip(run, trees):
                rest = [c for c in tree if c not in common]
                plain = [c for c in rest if c != ("is", "", "CC")]
                no_mcc = ([("is", "", "MCC")] + plain, f.suppress) in earlier
                text = self.writer.write(conjunction(rest), f.suppress, no_mcc) if rest else "1"
                earlier.append((sorted(rest, key=lambda c: c != ("is", "", "MCC")), f.suppress))
                children.append(Node(f"{f.drg:03}", self.tables.drg_names.get(f.drg, ""), f.rank, text))
            name = self._base_name([c.name for c in children])
            nodes.append(Node(f"{base:03}", name, run[0].rank, condition, children))
        return nodes

    @staticmethod
    def _base_name(names):
        """What the names of the groups begin with, without the severity."""
        words = [n.split(" ") for n in names]
        same = []
        for column in zip(*words):
            if len(set(column)) > 1:
                break
            same.append(column[0])
        while same and same[-1].lower() in ("with", "without", "and", "or"):
            same.pop()
        return " ".join(same) or names[0]

    def _sets(self):
        """name -> (kind, [(code, tag)]), only those that some condition names."""
        t, sets = self.tables, {}
        put = lambda name, kind, code: sets.setdefault(name, (kind, []))[1].append((code, ""))  # noqa: E731
        for code, (mdc, _, *lists) in t.diagnoses.items():
            by_sex = t.sex_mdc.get(code)
            if by_sex:
                for sex, other in enumerate(by_sex, 1):
                    put(f"MDC{other:02}_SEX{sex}", "diagnosis", code)
                put("BY_SEX", "diagnosis", code)
            put(f"MDC{mdc:02}", "diagnosis", code)
            for name in {a for one in lists for a in one}:
                put(name, "diagnosis", code)
        for code, names in t.procedures.items():
            for name in set(names):
                put(name, "procedure", code)
        for name, (kind, rows) in conditions.derived_sets(t).items():
            sets[name] = (kind, rows)
        missing = self.writer.used - set(sets)
        if missing:
            raise ValueError(f"conditions name sets that do not exist: {sorted(missing)}")
        keep = self.writer.used | {"ecode", "mccalive"}
        return {name: sets[name] for name in sorted(keep)}

    def severities(self):
        """(code, class, exclusion table, only if) of each complication, and the tables as
        (table, principal diagnosis). Complications with the same principals share a table."""
        t = self.tables
        principals = {}
        for principal, group in t.exclusion_of.items():
            for code in t.exclusions.get(group, ()):
                principals.setdefault(code, []).append(principal)
        numbers, rows = {}, []
        for code, (_, severity, own, *_) in sorted(t.diagnoses.items()):
            if severity == "NCC":
                continue
            who = tuple(sorted(principals.get(code, ())))
            table = str(numbers.setdefault(who, len(numbers) + 1)) if who else ""
            alive = f'not LYFS in {{"{conditions.DIED}"}}' if "mccalive" in own else ""
            rows.append((code, severity, table, alive))
        tables = [(str(n), p) for who, n in numbers.items() for p in who]
        return rows, tables

    def combinations(self):
        """(code, part, member, hidden below) of each cluster. List 29 is base groups 981 and 987."""
        hidden = lambda m: ["981", "987"] if m == UNRELATED else [f"{m:02}"]  # noqa: E731
        rows = []
        for cluster in self.tables.clusters:
            below = " ".join(h for m in cluster.suppressed_mdcs if m in self.tables.formulas and m != 99
                             for h in hidden(m))
            for part, choice in enumerate(cluster.choices, 1):
                rows += [(cluster.name, str(part), code, below) for code in sorted(choice)]
        return rows
