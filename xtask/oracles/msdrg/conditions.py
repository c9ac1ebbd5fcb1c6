"""Conditions of the MS-DRG definitions, rewritten in the rule language of `crates/grouping`.

A formula of the definitions is a text over attribute names with `&`, `|`, `~` and brackets:
`MCC & PDX:dxc0505`, `ANY:ami & ALIVE`, `(othtrach | NORtemptrach) & ~PDX:mouthlip`.
An attribute belongs to diagnoses or to procedures, never to both, so each becomes a code set.
"""

import re

PROCEDURES = "{ZYSS, QTSS}"
WHERE = {"": "{ZYZD, QTZD}", "ANY": "{ZYZD, QTZD}", "PDX": "{ZYZD}", "SDX": "{QTZD}"}
DIED, AGAINST_ADVICE = "20", "7"
TRANSFERRED = ("2", "5", "66", "82", "85", "94")

# Attributes that the grouper derives by counting: measure, set, lists, least number.
# The sets are filled by `derived_sets`.
COUNTED = {
    "MULTST": ("tags", "TRAUMA_SITE", "{ZYZD, QTZD}", 2),
    "BILATERAL": ("tags", "JOINT_SIDE", PROCEDURES, 2),
    "FOUR_VESSELS": ("sum", "VESSELS", PROCEDURES, 4),
    "FOUR_STENTS": ("sum", "STENTS", PROCEDURES, 4),
    "FOUR_DRUG_ELUTING_STENTS": ("sum", "ELUTING_STENTS", PROCEDURES, 4),
    "FOUR_NON_DRUG_ELUTING_STENTS": ("sum", "NON_ELUTING_STENTS", PROCEDURES, 4),
    "MULTFUSE": ("sum", "MULTIPLE_FUSION", PROCEDURES, 2),
    "SINGLEFUSIONCTR": ("sum", "SINGLE_FUSION", PROCEDURES, 3),
    "SGLANTCTR": ("sum", "SINGLE_ANTERIOR_FUSION", PROCEDURES, 2),
    "SGLPOST1CTR": ("sum", "SINGLE_POSTERIOR_COLUMN_FUSION", PROCEDURES, 2),
    "SGLANTSECTXCTR": ("sum", "SINGLE_ANTERIOR_SECTION_FUSION", PROCEDURES, 2),
    "SGLPOSTFUSECTR": ("sum", "SINGLE_POSTERIOR_FUSION", PROCEDURES, 2),
}
# Sets in which a procedure weighs as many as it has of these attributes.
WEIGHED = {
    "MULTIPLE_FUSION": ("sglantfuse", "sglpostfuse1"),
    "SINGLE_FUSION": ("sglantfuse", "sglpostfuse"),
    "SINGLE_ANTERIOR_FUSION": ("sglantfuse",),
    "SINGLE_POSTERIOR_COLUMN_FUSION": ("sglpostfuse1",),
    "SINGLE_ANTERIOR_SECTION_FUSION": ("sglantsectXfuse",),
    "SINGLE_POSTERIOR_FUSION": ("sglpostfuse",),
}
TRAUMA = ("sthead", "stchest", "stabdom", "stkidney", "sturin", "stpel", "stuplimb", "stlolimb")
JOINTS = ("righthip", "lefthip", "leftknee", "rightknee", "leftankle", "rightankle")


def parse(text):
    """A formula as nested tuples: ("and", …), ("or", …), ("not", x), ("is", prefix, name)."""
    tokens = re.findall(r"[()&|~]|[^\s()&|~]+", text)
    at = 0

    def several(mark, name, part):
        nonlocal at
        parts = [part()]
        while at < len(tokens) and tokens[at] == mark:
            at += 1
            parts.append(part())
        flat = [q for p in parts for q in (p[1:] if p[0] == name else (p,))]
        return flat[0] if len(flat) == 1 else (name, *flat)

    def either():
        return several("|", "or", both)

    def both():
        return several("&", "and", one)

    def one():
        nonlocal at
        token, at = tokens[at], at + 1
        if token == "~":
            return ("not", one())
        if token == "(":
            inner = either()
            if tokens[at] != ")":
                raise ValueError(f"bracket not closed in {text!r}")
            at += 1
            return inner
        prefix, _, name = token.rpartition(":")
        return ("is", prefix, name)

    whole = either()
    if at != len(tokens):
        raise ValueError(f"cannot read {text!r} from token {at}")
    return whole


def conjuncts(tree):
    return list(tree[1:]) if tree[0] == "and" else [tree]


def conjunction(parts):
    return parts[0] if len(parts) == 1 else ("and", *parts)


class Writer:
    """Writes trees of one version; remembers which sets they name."""

    def __init__(self, tables):
        self.diagnosis_attributes = {
            a for _, _, *lists in tables.diagnoses.values() for one in lists for a in one
        }
        self.procedure_attributes = {a for p in tables.procedures.values() for a in p}
        self.categories = sorted({f"MDC{d[0]:02}" for d in tables.diagnoses.values()})
        self.used = set()

    def write(self, tree, suppress=(), no_mcc=False):
        """The text; `suppress` are attributes whose diagnoses do not count as complications
        here; `no_mcc` says that cases with an MCC were taken by an earlier sibling."""
        return self._write(tree, suppress, no_mcc, 0)

    def _write(self, tree, suppress, no_mcc, tight):
        kind = tree[0]
        if kind == "is":
            return self._atom(tree[1], tree[2], suppress, no_mcc, tight)
        if kind == "not":
            return "not " + self._write(tree[1], suppress, no_mcc, 3)
        if kind == "and":
            text = " and ".join(self._write(t, suppress, no_mcc, 2) for t in tree[1:])
            return f"({text})" if tight > 2 else text
        parts = self._joined(tree[1:], suppress, no_mcc)
        text = " or ".join(parts)
        return f"({text})" if tight > 1 and len(parts) > 1 else text

    def _joined(self, trees, suppress, no_mcc):
        """Alternatives; those that look into the same lists become one `in`."""
        both = {("is", "", "MCC"), ("is", "", "CC")}
        parts, groups = [], {}
        if both <= set(trees):
            trees = [t for t in trees if t not in both]
            parts.append(f"{{QTZD}} in {{MCC, CC}}{self._except(suppress)}")
        for tree in trees:
            where = self._where(tree)
            if where is None:
                parts.append(self._write(tree, suppress, no_mcc, 2))
            elif where in groups:
                groups[where].append(tree[2])
            else:
                groups[where] = [tree[2]]
                parts.append(where)
        for where, names in groups.items():
            self.used.update(names)
            parts[parts.index(where)] = f"{where} in {{{', '.join(names)}}}"
        return parts

    def _where(self, tree):
        if tree[0] != "is" or tree[1] == "ONLY":
            return None
        if tree[2] in self.procedure_attributes:
            return PROCEDURES
        return WHERE[tree[1]] if tree[2] in self.diagnosis_attributes else None

    def _except(self, names):
        self.used.update(names)
        return f" except {{{', '.join(names)}}}" if names else ""

    def _atom(self, prefix, name, suppress, no_mcc, tight):
        where = self._where(("is", prefix, name))
        if where:
            self.used.add(name)
            return f"{where} in {{{name}}}"
        if prefix == "ONLY":
            # Every known other diagnosis has the attribute too.
            self.used.update([name, *self.categories])
            every = ", ".join(self.categories)
            text = f"{{ZYZD}} in {{{name}}} and not {{QTZD}} in {{{every}}} except {{{name}}}"
            return f"({text})" if tight > 2 else text
        if prefix not in ("", "ANY"):
            raise ValueError(f"nothing known of {prefix}:{name}")
        if name == "MCC":
            return f"{{QTZD}} in {{MCC}}{self._except(suppress)}"
        if name == "CC":
            but = self._except(suppress)
            if no_mcc:
                return f"{{QTZD}} in {{CC}}{but}"
            text = f"{{QTZD}} in {{CC}}{but} and not {{QTZD}} in {{MCC}}{but}"
            return f"({text})" if tight > 2 else text
        if name in COUNTED:
            measure, counted, lists, least = COUNTED[name]
            self.used.add(counted)
            return f"{measure}({counted} ∩ {lists}) >= {least}"
        if name == "ANYDX":
            return "1"
        if name == "ORPROC":
            return self._write(("or", ("is", "", "d468"), ("is", "", "d477")), suppress, no_mcc, tight)
        if name == "MDC_20_FALL_THRU":
            self.used.add("MDC20")
            return "{ZYZD} in {MDC20}"
        if name == "ALIVE":
            return f'not LYFS in {{"{DIED}"}}'
        if name == "DIED":
            return f'LYFS in {{"{DIED}"}}'
        if name == "AMA":
            return f'LYFS in {{"{AGAINST_ADVICE}"}}'
        if name == "XFRNBA":
            return "LYFS in {" + ", ".join(f'"{t}"' for t in TRANSFERRED) + "}"
        raise ValueError(f"nothing known of the attribute {prefix}:{name}")


def derived_sets(tables):
    """The counted sets: name -> (kind, [(code, tag)])."""
    sites = [(c, site) for c, d in tables.diagnoses.items() for site in TRAUMA if site in d[2]]
    sides = [(c, joint) for c, p in tables.procedures.items() for joint in JOINTS if joint in p]
    sets = {"TRAUMA_SITE": ("diagnosis", sites), "JOINT_SIDE": ("procedure", sides)}
    weighed = {name: {} for name in ("VESSELS", "STENTS", "ELUTING_STENTS", "NON_ELUTING_STENTS", *WEIGHED)}
    for code, names in tables.procedures.items():
        vessels, stents = _number(names, r"vessel([1-9])"), _number(names, r"stent([1-4])")
        eluting, other = "NORdrugstent" in names, "NORstent" in names
        weighed["VESSELS"][code] = vessels
        weighed["STENTS"][code] = stents * (eluting + other)
        weighed["ELUTING_STENTS"][code] = stents * eluting
        weighed["NON_ELUTING_STENTS"][code] = stents * other
        for name, attributes in WEIGHED.items():
            weighed[name][code] = sum(a in names for a in attributes)
    for name, weights in weighed.items():
        sets[name] = ("procedure", [(code, str(weight)) for code, weight in weights.items() if weight])
    return sets


def _number(names, pattern):
    """The number at the end of the attribute of this form, 0 without one."""
    found = [int(m.group(1)) for name in names if (m := re.fullmatch(pattern, name))]
    return max(found, default=0)
