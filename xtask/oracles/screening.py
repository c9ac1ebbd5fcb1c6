"""A second reader of audit rules: each rule of a region becomes SQL for DuckDB.

    python3 screening.py REGION CLAIMS [--out FLAGGED.csv] [--threads 2]

Reads the rule files and knowledge tables of REGION/screening as docs/design/screening.md lays
them down, translates every rule it can into one statement, runs it over the claim folder CLAIMS
and writes what is flagged (rule, visit, line, fen). It shares no code with the engine: SQL's own
three values stand for the unknown. A rule it cannot translate is named, never guessed.
Only what a single history decides is covered; shapes over the whole population are named too.
"""

import argparse
import csv
import glob
import os
import re
import sys
import time
import tomllib

import duckdb

LINE_OUT = "rule, mdtrt_id, feedetl_sn, fen"


class Untranslatable(Exception):
    pass


# --- the formula language ------------------------------------------------------------------

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?%?)|'([^']*)'|([A-Za-z_][\w.]*)|(==|!=|<=|>=|[-+*/<>()\[\],]))")
WORDS = {"and", "or", "not", "in", "if", "then", "else", "true", "false"}


class Parser:
    """Text to a tree of tuples; the same precedence as the policy language."""

    def __init__(self, text):
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if not match:
                raise Untranslatable(f"cannot read {text[at:]!r}")
            number, quoted, name, sign = match.groups()
            if number is not None:
                self.tokens.append(("number", number))
            elif quoted is not None:
                self.tokens.append(("text", quoted))
            elif name is not None:
                self.tokens.append(("word" if name in WORDS else "name", name))
            else:
                self.tokens.append(("sign", sign))
            at = match.end()
        self.at = 0

    def peek(self, *values):
        return self.at < len(self.tokens) and self.tokens[self.at][0] in ("sign", "word") and self.tokens[self.at][1] in values

    def take(self, *values):
        if self.peek(*values):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, value):
        if not self.take(value):
            raise Untranslatable(f"expected {value!r} at {self.tokens[self.at:][:3]}")

    def whole(self):
        tree = self.expression()
        if self.at != len(self.tokens):
            raise Untranslatable(f"left over: {self.tokens[self.at:]}")
        return tree

    def expression(self):
        if self.take("if"):
            condition = self.expression()
            self.need("then")
            yes = self.expression()
            self.need("else")
            return ("if", condition, yes, self.expression())
        left = self.conjunction()
        while self.take("or"):
            left = ("or", left, self.conjunction())
        return left

    def conjunction(self):
        left = self.negation()
        while self.take("and"):
            left = ("and", left, self.negation())
        return left

    def negation(self):
        if self.take("not"):
            return ("not", self.negation())
        return self.comparison()

    def comparison(self):
        left = self.sum()
        if self.peek("==", "!=", "<", "<=", ">", ">="):
            sign = self.take("==", "!=", "<", "<=", ">", ">=")
            return ("compare", sign, left, self.sum())
        negative = False
        if self.peek("not") and self.tokens[self.at + 1][1] == "in":
            self.at += 1
            negative = True
        if self.take("in"):
            tree = ("in", left, self.primary())
            return ("not", tree) if negative else tree
        return left

    def sum(self):
        left = self.product()
        while self.peek("+", "-"):
            left = ("arith", self.take("+", "-"), left, self.product())
        return left

    def product(self):
        left = self.unary()
        while self.peek("*", "/"):
            left = ("arith", self.take("*", "/"), left, self.unary())
        return left

    def unary(self):
        return ("minus", self.unary()) if self.take("-") else self.primary()

    def primary(self):
        if self.take("("):
            inner = self.expression()
            self.need(")")
            return inner
        if self.take("["):
            items = []
            while not self.take("]"):
                items.append(self.expression())
                self.take(",")
            return ("list", items)
        if word := self.take("true", "false"):
            return ("flag", word)
        if self.at >= len(self.tokens):
            raise Untranslatable("the formula ends early")
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("number", value)
        if kind == "text":
            return ("text", value)
        if kind == "name":
            if self.take("("):
                arguments = []
                while not self.take(")"):
                    arguments.append(self.expression())
                    self.take(",")
                return ("call", value, arguments)
            return ("name", value)
        raise Untranslatable(f"unexpected {value!r}")


def literal(text):
    return "'" + str(text).replace("'", "''") + "'"


def span_of(text):
    """'28d' → (28, 'day')."""
    match = re.fullmatch(r"(\d+)\s*(d|m|y|h|w)?", str(text).strip())
    if not match:
        raise Untranslatable(f"not a span: {text!r}")
    return int(match[1]), {"d": "day", "m": "month", "y": "year", "h": "hour", "w": "week", None: "year"}[match[2]]


def family(code, member):
    """Whether a code of the data belongs to a family of the rule."""
    if code.endswith("*"):
        return member.startswith(code[:-1])
    if re.fullmatch(r"[A-Z]\d\d-[A-Z]\d\d", code):
        low, high = code.split("-")
        return low <= member[:3] <= high
    if re.fullmatch(r"[A-Z]\d\d", code):
        return member.startswith(code)
    return member == code


# --- names and formulas as SQL ---------------------------------------------------------------

FALLS_BACK = {"VARCHAR", "BOOLEAN", "DATE"}
TYPES = {"String": "VARCHAR", "bool": "BOOLEAN", "Date": "DATE", "DateTime": "TIMESTAMP", "Fen": "DOUBLE",
         "Exact": "DOUBLE", "Vec<String>": "VARCHAR"}


class Scope:
    """Where bare names are looked up: a record, what is around it, a row, the parameters."""

    def __init__(self, reader, rule, of, alias="r", other=None):
        self.reader, self.rule, self.of, self.alias, self.other = reader, rule, of, alias, other

    def at(self, alias):
        return Scope(self.reader, self.rule, self.of, alias, self.other)

    def field(self, name):
        tables, a = self.reader.tables, self.alias
        chain = []
        if self.of in ("line", "diagnosis", "procedure"):
            own = {"line": "Line", "diagnosis": "Diagnosis", "procedure": "Procedure"}[self.of]
            chain.append((tables[own], f"{a}.{name}"))
        chain += [(tables["Encounter"], f"{a}.v__{name}"), (tables["Person"], f"{a}.p__{name}")]
        found = [(fields[name], sql) for fields, sql in chain if name in fields]
        if not found:
            raise Untranslatable(f"no field {name}")
        kind = found[0][0]
        if kind not in FALLS_BACK:
            return found[0][1]
        names = [sql for _, sql in found]
        if name == "medins_lv":
            names.append(f"{a}.i__medins_lv")
        return names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"

    def name(self, name):
        a = self.alias
        head, _, rest = name.partition(".")
        if rest:
            if head == "line":
                return f"{a}.{rest}"
            if head in ("visit", "person", "institution"):
                return f"{a}.{head[0]}__{rest}"
            if head in ("diag", "proc"):
                return f"{a}.{rest}"
            if head == "row":
                return f"k.\"{rest}\""
            if head == "doctor":
                who = f"{a}.oper_dr_code" if self.of == "procedure" else f"coalesce({a}.bilg_dr_codg, {a}.v__dr_codg)" if self.of == "line" else f"{a}.v__dr_codg"
                return (f"(SELECT any_value(x.{rest}) FROM practitioners x WHERE x.prac_psn_code = {who} AND "
                        f"{a}.r_day BETWEEN coalesce(x.begndate, DATE '0001-01-01') AND coalesce(x.enddate, DATE '9999-12-31'))")
            if head == "other" and self.other:
                return Scope(self.reader, self.rule, self.of, self.other).name(rest)
            if head == "param":
                return self.parameter(rest)
            raise Untranslatable(f"no place {name}")
        known = {"kind": f"{a}.kind", "level": f"{a}.level", "stay_days": f"{a}.stay_days", "in_scope": f"{a}.in_scope",
                 "day": f"{a}.r_day", "doctor_listed": f"EXISTS (SELECT 1 FROM practitioners x WHERE x.prac_psn_code = {a}.bilg_dr_codg)", "age": f"age_years({a}.p__brdy, {a}.r_day)",
                 "age_days": f"date_diff('day', {a}.p__brdy, {a}.r_day)"}
        return known.get(name) or self.field(name)

    def parameter(self, name):
        value = self.rule.get("parameters", {})[name]
        if isinstance(value, list):
            return "[" + ", ".join(literal(item) for item in value) + "]"
        if isinstance(value, bool):
            return str(value).upper()
        return str(value) if isinstance(value, (int, float)) else literal(value)

    def sql(self, tree):
        kind = tree[0]
        if kind == "number":
            text = tree[1]
            return f"({text[:-1]} / 100.0)" if text.endswith("%") else text
        if kind == "text":
            return literal(tree[1])
        if kind == "flag":
            return tree[1].upper()
        if kind == "name":
            return self.name(tree[1])
        if kind == "list":
            return "[" + ", ".join(self.sql(item) for item in tree[1]) + "]"
        if kind in ("and", "or"):
            return f"({self.sql(tree[1])} {kind.upper()} {self.sql(tree[2])})"
        if kind == "not":
            return f"(NOT {self.sql(tree[1])})"
        if kind == "minus":
            return f"(-{self.sql(tree[1])})"
        if kind == "compare":
            sign = {"==": "=", "!=": "<>"}.get(tree[1], tree[1])
            return f"({self.sql(tree[2])} {sign} {self.sql(tree[3])})"
        if kind == "arith":
            return f"({self.sql(tree[2])} {tree[1]} {self.sql(tree[3])})"
        if kind == "in":
            return f"listed({self.sql(tree[1])}, {self.sql(tree[2])})"
        if kind == "if":
            return f"(CASE WHEN {self.sql(tree[1])} THEN {self.sql(tree[2])} WHEN NOT {self.sql(tree[1])} THEN {self.sql(tree[3])} END)"
        return self.call(tree[1], tree[2])

    def call(self, name, arguments):
        sql = lambda n: self.sql(arguments[n])
        plain = {"min": "least", "max": "greatest", "round": "round", "floor": "floor", "abs": "abs", "coalesce": "coalesce",
                 "month": "month", "year": "year"}
        if name in plain:
            return f"{plain[name]}({', '.join(self.sql(one) for one in arguments)})"
        if name == "missing":
            return f"({sql(0)} IS NULL)"
        if name == "known":
            return f"({sql(0)} IS NOT NULL)"
        if name == "starts_with":
            return f"starts_with({sql(0)}, {sql(1)})"
        if name == "date":
            return f"DATE {sql(0)}"
        if name == "days_between":
            return f"date_diff('day', CAST({sql(0)} AS DATE), CAST({sql(1)} AS DATE))"
        if name == "hours_between":
            return f"(date_diff('second', CAST({sql(0)} AS TIMESTAMP), CAST({sql(1)} AS TIMESTAMP)) / 3600.0)"
        if name == "listed":
            lists = [self.sql(one) if one[0] in ("name", "list") else f"[{self.sql(one)}]" for one in arguments[1:]]
            lists = [one if self.is_list(tree) else f"[{one}]" for one, tree in zip(lists, arguments[1:])]
            return f"listed({sql(0)}, {' || '.join(lists)})"
        if name in ("any_diag", "main_diag", "any_item", "any_proc"):
            codes = self.codes(arguments, {"any_item": "item", "any_proc": "proc"}.get(name, "diag"))
            held = {"any_diag": "diags", "any_item": "items", "any_proc": "procs", "main_diag": "main_diag"}[name]
            there = f"list_has_any({self.alias}.{held}, {codes})"
            unknown = name in ("any_diag", "main_diag")
            return f"(CASE WHEN len({self.alias}.diags) = 0 THEN NULL ELSE {there} END)" if unknown else there
        if name in ("count_lines", "any_line", "sum_lines", "count_procs"):
            inner = Scope(self.reader, self.rule, "procedure" if name == "count_procs" else "line", "n")
            table = "procedures_" if name == "count_procs" else "lines_"
            what = "coalesce(sum(%s), 0)" % inner.sql(arguments[0]) if name == "sum_lines" else "count(*)"
            condition = inner.sql(arguments[-1]) if arguments else "TRUE"
            found = f"(SELECT {what} FROM {table} n WHERE n.mdtrt_id = {self.alias}.mdtrt_id AND {condition})"
            return f"({found} > 0)" if name == "any_line" else found
        if name in ("visits", "visits_before"):
            inner = Scope(self.reader, self.rule, "visit", "w")
            inner.outer = self
            if name == "visits":
                when = f"w.r_day > {self.alias}.v_first AND w.r_day < {self.alias}.v_last"
            else:
                many, unit = span_of(self.span_text(arguments[0]))
                when = (f"w.v__begntime < {self.alias}.v__begntime AND "
                        f"w.r_day >= {self.alias}.v_first - INTERVAL {many} {unit}")
            condition = inner.sql(arguments[-1])
            return (f"(SELECT count(*) FROM visits_ w WHERE w.psn = {self.alias}.psn AND "
                    f"w.mdtrt_id <> {self.alias}.mdtrt_id AND {when} AND {condition})")
        if name == "has":
            held = f"[{sql(1)}]" if not self.is_list(arguments[1]) else self.codes([arguments[1]], "item")
            return f"list_has_any(string_split({sql(0)}, '|'), {held})"
        if name == "lookup":
            table = self.reader.knowledge(arguments[1][1], {"code": "items", arguments[2][1]: "number" if arguments[2][1] in ("level", "grade") else "text"})
            return (f"(SELECT any_value(t.{arguments[2][1]}) FROM {table} t WHERE list_contains(t.code__item || t.code__raw, {sql(0)}) "
                    f"AND {self.alias}.r_day BETWEEN t.begndate AND t.enddate)")
        if name == "in_table":
            table = self.reader.knowledge(arguments[1][1])
            return (f"EXISTS (SELECT 1 FROM {table} t WHERE list_contains(t.code__item || t.code__raw, {sql(0)}) "
                    f"AND {self.alias}.r_day BETWEEN t.begndate AND t.enddate)")
        raise Untranslatable(f"no function {name}")

    def span_text(self, tree):
        if tree[0] == "text":
            return tree[1]
        if tree[0] == "name" and tree[1].startswith("param."):
            return self.rule["parameters"][tree[1][6:]]
        raise Untranslatable("a span that is not constant")

    def is_list(self, tree):
        if tree[0] == "list":
            return True
        if tree[0] == "name" and tree[1].startswith("param."):
            return isinstance(self.rule["parameters"][tree[1][6:]], list)
        if tree[0] == "name" and tree[1].startswith("row."):
            return self.rule["knowledge"]["columns"].get(tree[1][4:]) in ("items", "diagnoses", "procedures", "texts")
        return False

    def codes(self, arguments, what):
        """A list of the data's own codes that the families in the arguments hold."""
        parts = []
        for tree in arguments:
            if tree[0] == "text":
                parts.append(self.reader.expand([tree[1]], what))
            elif tree[0] == "name" and tree[1].startswith("param."):
                value = self.rule["parameters"][tree[1][6:]]
                parts.append(self.reader.expand(value if isinstance(value, list) else [value], what))
            elif tree[0] == "name" and tree[1].startswith("row."):
                parts.append(f"k.{tree[1][4:]}__{what}")
            elif tree[0] == "call" and tree[1] == "table":
                parts.append(self.reader.expand(self.reader.codes_of_table(tree[2][0][1]), what))
            else:
                raise Untranslatable("codes that are worked out")
        return "(" + " || ".join(parts) + ")"


# --- the claims and the knowledge as tables -----------------------------------------------------

SETUP = """
CREATE MACRO span_add(day, t, more) AS CAST(CASE
  WHEN t LIKE '%d' THEN day + to_days(CAST(replace(t, 'd', '') AS INTEGER) + more)
  WHEN t LIKE '%m' THEN day + to_months(CAST(replace(t, 'm', '') AS INTEGER) + more)
  ELSE day + to_years(CAST(replace(t, 'y', '') AS INTEGER) + more) END AS DATE);
CREATE MACRO span_back(day, t) AS CAST(CASE
  WHEN t LIKE '%d' THEN day - to_days(CAST(replace(t, 'd', '') AS INTEGER))
  WHEN t LIKE '%m' THEN day - to_months(CAST(replace(t, 'm', '') AS INTEGER))
  ELSE day - to_years(CAST(replace(t, 'y', '') AS INTEGER)) END AS DATE);
CREATE MACRO span_days(t) AS CASE
  WHEN t LIKE '%d' THEN CAST(replace(t, 'd', '') AS INTEGER)
  WHEN t LIKE '%w' THEN 7 * CAST(replace(t, 'w', '') AS INTEGER)
  WHEN t LIKE '%m' THEN 30 * CAST(replace(t, 'm', '') AS INTEGER)
  ELSE CAST(t AS INTEGER) END;
CREATE MACRO age_years(birth, day) AS date_diff('year', birth, day) -
  CASE WHEN (month(day), day(day)) < (month(birth), day(birth)) THEN 1 ELSE 0 END;
CREATE MACRO in_family(code, f) AS CASE
  WHEN f LIKE '%*' THEN starts_with(code, f[:-2])
  WHEN regexp_full_match(f, '[A-Z][0-9]{2}-[A-Z][0-9]{2}') THEN code[1:3] BETWEEN f[1:3] AND f[5:7]
  WHEN regexp_full_match(f, '[A-Z][0-9]{2}') THEN starts_with(code, f)
  ELSE code = f END;
CREATE MACRO listed(code, families) AS CASE WHEN code IS NULL THEN NULL
  ELSE len(list_filter(families, lambda f: in_family(code, f))) > 0 END;
"""

# 医疗类别 → kind of visit, tried from the top.
KINDS = [("住院", "v.med_type SIMILAR TO '(2|52).*'"), ("急诊", "v.med_type LIKE '13%'"), ("购药", "v.med_type LIKE '41%'"),
         ("门诊", "v.med_type SIMILAR TO '(1|51|53|99).*'")]


class Reader:
    def __init__(self, region, claims, threads):
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "../../crates/encounter/src/facts.rs"), encoding="utf-8") as facts:
            text = facts.read()
        self.tables = {}
        for body in re.split(r"^record! \{", text, flags=re.M)[1:]:
            name = re.search(r"^    (\w+) \{$", body, re.M)[1]
            self.tables[name] = {f: TYPES[t] for f, t in re.findall(r"^        (\w+): ([\w<>]+), \"", body, re.M)}
        self.region, self.claims = region, claims
        self.db = duckdb.connect(config={"threads": threads})
        self.db.execute(SETUP)
        self.known_tables, self.dictionaries = {}, {}

    def source(self, name, record):
        path = next((p for e in ("parquet", "csv") for p in glob.glob(os.path.join(self.claims, f"{name}*.{e}")) +
                     glob.glob(os.path.join(self.claims, name, f"**/*.{e}"), recursive=True)), None)
        columns = self.tables[record]
        if path is None:
            return "SELECT " + ", ".join(f"CAST(NULL AS {t}) AS {f}" for f, t in columns.items()) + " WHERE FALSE"
        many = os.path.join(self.claims, name, "**/*.parquet") if os.sep + name + os.sep in path else path
        read = f"read_parquet({literal(many)})" if path.endswith("parquet") else f"read_csv({literal(path)}, all_varchar = true, header = true)"
        there = {row[0]: row[1] for row in self.db.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()}
        def cast(field, kind):
            if field not in there:
                return f"CAST(NULL AS {kind}) AS {field}"
            if kind == "BOOLEAN" and there[field] == "VARCHAR":
                return f"({field} = '1') AS {field}"
            if there[field] == "BIGINT" and record == "Line" and field.endswith(("amt",)) and self.fen:
                return f"{field} / 100.0 AS {field}"
            return f"CAST({field} AS {kind}) AS {field}"
        return "SELECT " + ", ".join(cast(f, t) for f, t in columns.items()) + f" FROM {read}"

    fen = False

    def load(self, kinds):
        run = self.db.execute
        for name, record in (("persons", "Person"), ("encounters", "Encounter"), ("diagnoses", "Diagnosis"),
                             ("procedures", "Procedure"), ("lines", "Line"), ("institutions", "Institution"), ("practitioners", "Practitioner")):
            run(f"CREATE TABLE {name} AS {self.source(name, record)}")
        run("UPDATE persons SET gend = NULL WHERE gend NOT IN ('1', '2')")
        run("UPDATE encounters SET matn_stas = NULL WHERE matn_stas = '0'")
        kind = " ".join(f"WHEN {test} THEN {literal(word)}" for word, test in kinds)
        run(f"""CREATE TABLE codes AS SELECT v.mdtrt_id AS of_visit,
              (SELECT coalesce(list(d.diag_code ORDER BY d.diag_srt_no), []) FROM diagnoses d WHERE d.mdtrt_id = v.mdtrt_id) AS diags,
              (SELECT coalesce(list(d.diag_code), []) FROM diagnoses d WHERE d.mdtrt_id = v.mdtrt_id AND d.maindiag_flag) AS main_diag,
              (SELECT coalesce(list(o.oprn_oprt_code), []) FROM procedures o WHERE o.mdtrt_id = v.mdtrt_id) AS procs,
              (SELECT coalesce(list(DISTINCT l.med_list_codg), []) FROM lines l WHERE l.mdtrt_id = v.mdtrt_id) AS items
              FROM (SELECT DISTINCT mdtrt_id FROM encounters) v""")
        visit = ", ".join(f"v.{f} AS v__{f}" for f in self.tables["Encounter"])
        person = ", ".join(f"p.{f} AS p__{f}" for f in self.tables["Person"])
        place = ", ".join(f"i.{f} AS i__{f}" for f in self.tables["Institution"])
        level = "coalesce(v.medins_lv, i.medins_lv)"
        run(f"""CREATE TABLE visits_ AS SELECT v.mdtrt_id, v.psn_no AS psn, {visit}, {person}, {place},
              CASE {kind} END AS kind,
              CASE WHEN {level} LIKE '3%' THEN 3 WHEN {level} LIKE '2%' THEN 2 WHEN {level} LIKE '1%' THEN 1 END AS level,
              date_diff('day', CAST(v.begntime AS DATE), CAST(v.endtime AS DATE)) AS stay_days,
              CAST(v.begntime AS DATE) AS r_day, v.begntime AS r_time,
              CAST(v.begntime AS DATE) AS v_first, CAST(v.endtime AS DATE) AS v_last,
              0.0 AS in_scope, '' AS feedetl_sn, c.diags, c.main_diag, c.procs, c.items
              FROM (SELECT DISTINCT ON (mdtrt_id) * FROM encounters) v
              LEFT JOIN persons p USING (psn_no) LEFT JOIN institutions i USING (fixmedins_code)
              LEFT JOIN codes c ON c.of_visit = v.mdtrt_id""")
        around = "v.* EXCLUDE (mdtrt_id, r_day, r_time, in_scope, feedetl_sn)"
        own = ", ".join(f"l.{f}" for f in self.tables["Line"] if f not in ("cnt", "det_item_fee_sumamt", "inscp_scp_amt", "fulamt_ownpay_amt"))
        run(f"""CREATE TABLE lines_ AS
              WITH once AS (SELECT DISTINCT ON (mdtrt_id, feedetl_sn) * FROM lines),
              back AS (SELECT mdtrt_id, init_feedetl_sn AS sn, sum(cnt) AS cnt, sum(det_item_fee_sumamt) AS fee,
                       sum(inscp_scp_amt) AS scope, sum(fulamt_ownpay_amt) AS own FROM once WHERE cnt < 0 GROUP BY ALL),
              net AS (SELECT o.* REPLACE (o.cnt + coalesce(b.cnt, 0) AS cnt, o.det_item_fee_sumamt + coalesce(b.fee, 0) AS det_item_fee_sumamt,
                       o.inscp_scp_amt + coalesce(b.scope, 0) AS inscp_scp_amt, o.fulamt_ownpay_amt + coalesce(b.own, 0) AS fulamt_ownpay_amt)
                       FROM once o LEFT JOIN back b ON b.mdtrt_id = o.mdtrt_id AND b.sn = o.feedetl_sn
                       WHERE (o.cnt IS NULL OR o.cnt > 0) AND (b.cnt IS NULL OR o.cnt + b.cnt > 0))
              SELECT {own}, l.cnt, l.det_item_fee_sumamt, l.inscp_scp_amt, l.fulamt_ownpay_amt, {around},
              CAST(l.fee_ocur_time AS DATE) AS r_day, l.fee_ocur_time AS r_time,
              coalesce(l.inscp_scp_amt, l.det_item_fee_sumamt - l.fulamt_ownpay_amt, l.det_item_fee_sumamt) AS in_scope
              FROM net l JOIN visits_ v USING (mdtrt_id)""")
        own = ", ".join(f"d.{f}" for f in self.tables["Diagnosis"])
        run(f"""CREATE TABLE diagnoses_ AS SELECT {own}, {around}, v.r_day, v.r_time, 0.0 AS in_scope, '' AS feedetl_sn,
              d.diag_srt_no AS rank FROM diagnoses d JOIN visits_ v USING (mdtrt_id)""")
        own = ", ".join(f"o.{f}" for f in self.tables["Procedure"])
        run(f"""CREATE TABLE procedures_ AS SELECT {own}, {around}, coalesce(CAST(o.oprn_oprt_begntime AS DATE), v.r_day) AS r_day,
              coalesce(o.oprn_oprt_begntime, v.r_time) AS r_time, 0.0 AS in_scope, '' AS feedetl_sn
              FROM procedures o JOIN visits_ v USING (mdtrt_id)""")
        for what, table, column in (("item", "lines", "med_list_codg"), ("diag", "diagnoses", "diag_code"), ("proc", "procedures", "oprn_oprt_code")):
            rows = run(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            self.dictionaries[what] = [row[0] for row in rows]

    def expand(self, families, what):
        held = [code for code in self.dictionaries[what] if any(family(f, code) for f in families)]
        return "CAST([" + ", ".join(literal(code) for code in held) + "] AS VARCHAR[])"

    def rows_of_table(self, name):
        path = os.path.join(self.region, "screening/knowledge", f"{name}.csv")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8-sig", newline="") as text:
            return list(csv.DictReader(text))

    def codes_of_table(self, name):
        return [code for row in self.rows_of_table(name) for code in row["code"].split("|") if code]

    def knowledge(self, name, columns=None):
        """A knowledge table, its families spelled out as codes of the data."""
        columns = dict(columns or {"code": "items"})
        key = f"k_{re.sub(r'[^a-z0-9]', '_', name)}_" + "_".join(sorted(columns))
        if key in self.known_tables:
            return key
        rows = self.rows_of_table(name)
        lists = {"items": "item", "diagnoses": "diag", "procedures": "proc"}
        texts = []
        for number, row in enumerate(rows):
            cells = [str(number), f"DATE {literal(row.get('begndate') or '0001-01-01')}", f"DATE {literal(row.get('enddate') or '9999-12-31')}"]
            for column, kind in columns.items():
                cell = (row.get(column) or "").strip()
                if kind in lists or kind == "texts":
                    parts = [part.strip() for part in cell.split("|") if part.strip()]
                    raw = "CAST([" + ", ".join(literal(part) for part in parts) + "] AS VARCHAR[])" if parts else "CAST(NULL AS VARCHAR[])"
                    cells.append(raw)
                    if kind in lists:
                        for what in ("item", "diag", "proc"):
                            cells.append(self.expand(parts, what) if parts else "CAST([] AS VARCHAR[])")
                        cells.append(raw if parts else "CAST([] AS VARCHAR[])")
                elif not cell:
                    cells.append("NULL")
                elif kind in ("number", "yuan"):
                    cells.append(str(float(cell)))
                elif kind == "flag":
                    cells.append("TRUE" if cell == "1" else "FALSE")
                elif kind == "date":
                    cells.append(f"DATE {literal(cell)}")
                else:
                    cells.append(literal(cell))
            texts.append("(" + ", ".join(cells) + ")")
        heads = ["k_row BIGINT", "begndate DATE", "enddate DATE"]
        for column, kind in columns.items():
            if kind in lists:
                heads += [f"\"{column}\" VARCHAR[]"] + [f"{column}__{what} VARCHAR[]" for what in ("item", "diag", "proc", "raw")]
            elif kind == "texts":
                heads.append(f"\"{column}\" VARCHAR[]")
            else:
                heads.append(f"\"{column}\" " + {"number": "DOUBLE", "yuan": "DOUBLE", "flag": "BOOLEAN", "date": "DATE"}.get(kind, "VARCHAR"))
        self.db.execute(f"CREATE TABLE {key} ({', '.join(heads)})")
        if texts:
            self.db.execute(f"INSERT INTO {key} VALUES {', '.join(texts)}")
        self.known_tables[key] = True
        return key


# --- shapes as statements --------------------------------------------------------------------

TABLE_OF = {"line": "lines_", "visit": "visits_", "diagnosis": "diagnoses_", "procedure": "procedures_"}
CODE_OF = {"line": "med_list_codg", "visit": "v__dise_codg", "diagnosis": "diag_code", "procedure": "oprn_oprt_code"}
WHAT_OF = {"line": "item", "visit": "diag", "diagnosis": "diag", "procedure": "proc"}
WINDOWS = {"行": "line", "处方": "prescription", "当次就诊": "visit", "住院": "stay", "自然日": "day", "周": "week",
           "自然月": "month", "季度": "quarter", "自然年": "year", "医保年度": "policy_year"}
SCENARIO = {"住院": "r.kind = '住院'", "门急诊": "r.kind IN ('门诊', '急诊')", "购药": "r.kind = '购药'",
            "互联网诊疗": "r.v__internet_flag", "异地就医": "r.v__out_setl_flag"}


class Rule:
    """One rule file and its statement: what is flagged, one row a record."""

    def __init__(self, reader, text):
        self.reader, self.rule, self.shape = reader, text, text["shape"]
        self.columns = text.get("knowledge", {}).get("columns", {})

    def formula(self, text, scope):
        return scope.sql(Parser(text).whole())

    def value(self, given, scope):
        if isinstance(given, bool):
            return str(given).upper()
        if isinstance(given, (int, float)):
            return str(given)
        if re.fullmatch(r"\d+[dmyhw]", given):
            return literal(given)
        return self.formula(given, scope)

    def header(self, of, alias="r", judged=True):
        """What a record must be for the rule to look at it."""
        rule, scope = self.rule, Scope(self.reader, self.rule, of, alias)
        tests = [f"{alias}.r_day >= DATE '{rule['begndate']}'"]
        if "enddate" in rule:
            tests.append(f"{alias}.r_day <= DATE '{rule['enddate']}'")
        if scenarios := rule.get("scenarios"):
            tests.append("(" + " OR ".join(f"({SCENARIO[s]})" for s in scenarios).replace("r.", f"{alias}.") + ")")
        if levels := rule.get("levels"):
            tests.append(f"{alias}.level IN ({', '.join(str({'三级': 3, '二级': 2, '一级': 1}[one]) for one in levels)})")
        if insurance := rule.get("insurance"):
            tests.append(f"coalesce({alias}.v__insutype, {alias}.p__insutype) IN ({', '.join(map(literal, insurance))})")
        if types := rule.get("institution_types"):
            tests.append(f"listed(coalesce({alias}.v__medins_type, {alias}.i__medins_type), [{', '.join(map(literal, types))}])")
        if of == "line" and rule.get("self_paid", "skip") == "skip":
            tests.append(f"{alias}.in_scope <> 0")
        if judged and "when" in rule:
            tests.append(self.formula(rule["when"], scope))
        return " AND ".join(tests)

    def rows(self):
        if "knowledge" not in self.rule:
            raise Untranslatable("needs a table")
        return self.reader.knowledge(self.rule["knowledge"]["table"], self.columns)

    def side(self, alias, of, codes, when=None, header=True):
        """FROM and WHERE of records whose code is among `codes`; joined to rows k if they name one."""
        tests = [self.header(of, alias)] if header else ["TRUE"]
        if when:
            tests.append(self.formula(when, Scope(self.reader, self.rule, of, alias)))
        code = f"{alias}.{CODE_OF[of]}"
        if isinstance(codes, str) and codes.startswith("row."):
            tests.append(f"list_contains(k.{codes[4:]}__{WHAT_OF[of]}, {code})")
            tests.append(f"{alias}.r_day BETWEEN k.begndate AND k.enddate")
        elif codes != "all":
            if isinstance(codes, str) and codes.startswith("param."):
                codes = self.rule["parameters"][codes[6:]]
            families = codes if isinstance(codes, list) else [codes]
            tests.append(f"list_contains({self.reader.expand(families, WHAT_OF[of])}, {code})")
        return TABLE_OF[of], " AND ".join(tests)

    def selected(self, more="", of=None):
        """The shape's own records, with their row if there is one: a subquery of r.* and k.*."""
        of = of or self.shape.get("of", "line")
        codes = self.shape.get("codes", "row.code" if self.columns else "all")
        table, tests = self.side("r", of, codes)
        for column, expression in (self.shape.get("match") or {}).items():
            tests += f" AND (k.{column} IS NULL OR k.{column} = {self.formula(expression, Scope(self.reader, self.rule, of))})"
        if not self.columns:
            return f"{table} r", tests
        # Codes are spelled out, so that the join is one of equals.
        if isinstance(codes, str) and codes.startswith("row."):
            column = f"{codes[4:]}__{WHAT_OF[of]}"
            return (f"{table} r JOIN (SELECT *, unnest({column}) AS k_code FROM {self.rows()}) k ON k.k_code = r.{CODE_OF[of]}", tests)
        return f"{table} r CROSS JOIN {self.rows()} k", tests

    def excused(self, of="line", alias="r", other=None):
        if "unless" not in self.rule:
            return "TRUE"
        return f"(NOT {self.formula(self.rule['unless'], Scope(self.reader, self.rule, of, alias, other))})"

    def amount(self, own, of="line", alias="r"):
        if "amount" in self.rule:
            own = self.formula(self.rule["amount"], Scope(self.reader, self.rule, of, alias))
        return f"round(100 * ({own}))"

    def out(self, source, tests, own="r.in_scope", of="line"):
        return (f"SELECT DISTINCT r.mdtrt_id, r.feedetl_sn, max(CAST({self.amount(own, of)} AS BIGINT)) AS fen "
                f"FROM {source} WHERE {tests} GROUP BY ALL")

    def statement(self):
        method = getattr(self, self.shape["type"], None)
        if method is None:
            raise Untranslatable(f"shape {self.shape['type']} looks at the whole population")
        return method()

    def in_set(self):
        of = self.shape.get("of", "line")
        if self.shape.get("outside"):
            scope = Scope(self.reader, self.rule, of)
            match = " AND ".join(f"k.{c} = {self.formula(e, scope)}" for c, e in self.shape["match"].items())
            return self.out(f"lines_ r", f"{self.header(of)} AND {self.excused(of)} AND "
                            f"EXISTS (SELECT 1 FROM {self.rows()} k WHERE {match} AND r.r_day BETWEEN k.begndate AND k.enddate) AND "
                            f"NOT EXISTS (SELECT 1 FROM {self.rows()} k WHERE {match} AND r.r_day BETWEEN k.begndate AND k.enddate "
                            f"AND list_contains(k.code__item, r.med_list_codg))", of=of)
        source, tests = self.selected()
        return self.out(source, f"{tests} AND {self.excused(of)}", of=of)

    def every_row(self, misfit, of, value=None):
        """Flagged when no row fits: all of them misfit, for certain. `value` is known to `misfit` as z.value."""
        source, tests = self.selected()
        if value:
            source += f", LATERAL (SELECT {value} AS value) z"
        if not self.columns:
            return self.out(source, f"{tests} AND ({misfit}) AND {self.excused(of)}", of=of)
        key = "r.mdtrt_id, r.feedetl_sn" + ("" if of == "line" else f", r.{CODE_OF[of]}")
        return (f"SELECT mdtrt_id, feedetl_sn, max(fen) AS fen FROM (SELECT {key}, "
                f"max(CAST({self.amount('r.in_scope', of)} AS BIGINT)) AS fen, bool_and(coalesce({misfit}, FALSE)) AS wrong, "
                f"bool_and(coalesce({self.excused(of)}, FALSE)) AS meant FROM {source} WHERE {tests} GROUP BY {key}) "
                f"WHERE wrong AND meant GROUP BY mdtrt_id, feedetl_sn")

    def attr_mismatch(self):
        of, shape = self.shape.get("of", "line"), self.shape
        scope = Scope(self.reader, self.rule, of)
        parts, value = [], None
        if shape["attribute"] == "age":
            if "min" in shape:
                parts.append(f"r.r_day < span_add(r.p__brdy, {self.value(shape['min'], scope)}, 0)")
            if "max" in shape:
                parts.append(f"r.r_day >= span_add(r.p__brdy, {self.value(shape['max'], scope)}, 1)")
        else:
            value = self.formula(shape["attribute"], scope)
            if "min" in shape:
                parts.append(f"z.value < {self.value(shape['min'], scope)}")
            if "max" in shape:
                parts.append(f"z.value > {self.value(shape['max'], scope)}")
        for key in ("allowed", "forbidden"):
            if key in shape:
                given = shape[key]
                if isinstance(given, list):
                    families = "[" + ", ".join(map(literal, given)) + "]"
                else:
                    column = given.partition(".")[2]
                    families = self.formula(given, scope)
                    if given.startswith("row.") and self.columns[column] not in ("texts", "items", "diagnoses", "procedures"):
                        families = f"[{families}]"
                test = f"listed(z.value, {families})"
                parts.append(f"(NOT {test})" if key == "allowed" else test)
        return self.every_row(" OR ".join(parts), of, value)

    def diag_gate(self):
        of, shape = self.shape.get("of", "line"), self.shape
        if "lookback" in shape:
            raise Untranslatable("a look back for diagnoses")
        held = "main_diag" if shape.get("main") else "diags"
        given = shape.get("needs", shape.get("forbids"))
        codes = Scope(self.reader, self.rule, of).codes(
            [("name", given)] if isinstance(given, str) else [("text", one) for one in given], "diag")
        there = f"list_has_any(r.{held}, {codes})"
        missing = f"(CASE WHEN len(r.diags) = 0 THEN NULL ELSE {there} END)"
        if "needs" in shape:
            blank = f"k.{given[4:]} IS NOT NULL AND " if isinstance(given, str) and given.startswith("row.") else ""
            return self.every_row(f"{blank}(NOT {missing})", of)
        source, tests = self.selected()
        return self.out(source, f"{tests} AND {missing} AND {self.excused(of)}", of=of)

    def window_key(self, window, alias="r"):
        window = WINDOWS.get(window, window)
        same = [f"{alias}.{name if name == 'mdtrt_id' else 'v__' + name}" for name in self.shape.get("same", [])]
        keys = {"line": [f"{alias}.mdtrt_id", f"{alias}.feedetl_sn"], "prescription": [f"{alias}.mdtrt_id", f"{alias}.rxno"],
                "visit": [f"{alias}.mdtrt_id"], "stay": [f"{alias}.mdtrt_id"], "day": [f"{alias}.psn", f"{alias}.r_day"],
                "session": [f"{alias}.mdtrt_id", f"{alias}.r_day"],
                "week": [f"{alias}.psn", f"date_trunc('week', {alias}.r_day)"], "month": [f"{alias}.psn", f"date_trunc('month', {alias}.r_day)"],
                "quarter": [f"{alias}.psn", f"date_trunc('quarter', {alias}.r_day)"], "year": [f"{alias}.psn", f"year({alias}.r_day)"],
                "ever": [f"{alias}.psn"]}
        if window == "policy_year":
            start = self.rule.get("parameters", {}).get("policy_year_start", "01-01")
            if start != "01-01":
                raise Untranslatable("a policy year that begins later")
            window = "year"
        if window not in keys:
            raise Untranslatable(f"window {window}")
        return keys[window] + same, (f"{alias}.kind = '住院'" if window == "stay" else
                                     f"{alias}.rxno IS NOT NULL" if window == "prescription" else "TRUE")

    def windows(self):
        """The windows that the rule's rows name, each with the test that picks its rows."""
        window = self.shape["window"]
        if window.startswith("param."):
            window = self.rule["parameters"][window[6:]]
        if not window.startswith("row."):
            return [(window, "TRUE")]
        column = window[4:]
        names = {row[column] for row in self.reader.rows_of_table(self.rule["knowledge"]["table"]) if row.get(column)}
        return [(name, f"k.{column} = {literal(name)}") for name in sorted(names)]

    def by_window(self, one):
        parts = [one(window, pick) for window, pick in self.windows()]
        if not parts:
            return "SELECT '' AS mdtrt_id, '' AS feedetl_sn, 0 AS fen WHERE FALSE"
        return "SELECT mdtrt_id, feedetl_sn, max(fen) AS fen FROM (" + " UNION ALL ".join(parts) + ") GROUP BY ALL"

    def grouped(self, default="row"):
        if "group" in self.shape:
            return [f"coalesce(k.\"{self.shape['group']}\", CAST(k.k_row AS VARCHAR))"]
        per = self.shape.get("per", default)
        if per == "all" or not self.columns and per == "row":
            return []
        return ["k.k_row"] if per == "row" else ["r.med_list_codg"]

    def qty_per_window(self):
        return self.by_window(self.quantity)

    def quantity(self, window, pick):
        of, shape = self.shape.get("of", "line"), self.shape
        if of != "line" or "merge_minutes" in shape or shape.get("measure") in ("count", "distinct"):
            return self.occasions(window, pick)
        scope = Scope(self.reader, self.rule, of)
        source, tests = self.selected()
        measure = shape.get("measure", "cnt")
        q = "r.in_scope" if measure == "money" else self.formula(measure, scope)
        limit = self.value(shape["max"], scope)
        if "bound" in shape:
            here = ("ceil((epoch(least(r.r_day + INTERVAL 1 day, coalesce(r.v__endtime, r.r_day + INTERVAL 1 day))) - "
                    "epoch(greatest(CAST(r.r_day AS TIMESTAMP), coalesce(r.v__begntime, CAST(r.r_day AS TIMESTAMP))))) / 3600.0)")
            bound = "TRUE" if shape["bound"] == "hours_present" else self.formula(shape["bound"], scope)
            limit = f"(CASE WHEN {bound} AND r.kind = '住院' THEN least({limit}, {here}) ELSE {limit} END)"
        order = "r_time, mdtrt_id, feedetl_sn"
        inner = f"SELECT r.mdtrt_id, r.feedetl_sn, r.r_time, r.in_scope, r.psn, r.r_day, {q} AS q, {limit} AS cap, {{keys}} FROM {source} WHERE {tests} AND {pick} AND {self.excused()}"
        rolling = re.fullmatch(r"rolling (\d+)d", window)
        if rolling:
            keys = ["r.psn"] + self.grouped()
            frame = f"RANGE BETWEEN INTERVAL {int(rolling[1]) - 1} DAY PRECEDING AND CURRENT ROW"
            names = ", ".join(f"{key} AS w{n}" for n, key in enumerate(keys))
            part = ", ".join(f"w{n}" for n in range(len(keys)))
            run = f"sum(q) OVER (PARTITION BY {part} ORDER BY CAST(r_day AS TIMESTAMP) {frame})"
        else:
            keys, also = self.window_key(window)
            keys = keys + self.grouped()
            inner += f" AND {also}"
            names = ", ".join(f"{key} AS w{n}" for n, key in enumerate(keys))
            part = ", ".join(f"w{n}" for n in range(len(keys)))
            run = f"sum(q) OVER (PARTITION BY {part} ORDER BY {order} ROWS UNBOUNDED PRECEDING)"
        over = "least(q, upto - cap)"
        own = "excess" if measure == "money" else "in_scope * excess / q"
        return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * {own}) AS BIGINT)) AS fen FROM (SELECT *, {over} AS excess FROM "
                f"(SELECT *, {run} AS upto FROM ({inner.format(keys=names)}))) WHERE upto > cap AND q > 0 GROUP BY ALL")

    def occasions(self, window, pick):
        """Counts: records, or codes; what comes after the limit is flagged."""
        of, shape = self.shape.get("of", "line"), self.shape
        scope = Scope(self.reader, self.rule, of)
        source, tests = self.selected(of=of)
        keys, also = self.window_key(window)
        part = ", ".join(keys + self.grouped("row" if self.columns else "all")) or "1"
        what = {"count": "1", "distinct": f"r.{CODE_OF[of]}"}[shape["measure"]]
        limit = self.value(shape["max"], scope)
        chosen = f"{tests} AND {pick} AND {also} AND {self.excused(of)}"
        if "merge_minutes" in shape:
            minutes = self.value(shape["merge_minutes"], scope)
            base = (f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, r.r_time, ({part}) AS w, {limit} AS cap, "
                    f"CASE WHEN r.r_time - lag(r.r_time) OVER (PARTITION BY r.psn, r.v__fixmedins_code ORDER BY r.r_time) "
                    f"<= to_minutes(CAST({minutes} AS INTEGER)) THEN 0 ELSE 1 END AS fresh FROM {source} WHERE {chosen}")
            return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope) AS BIGINT)) AS fen FROM (SELECT *, sum(fresh) OVER (PARTITION BY w "
                    f"ORDER BY r_time, mdtrt_id ROWS UNBOUNDED PRECEDING) AS nth FROM ({base})) WHERE nth > cap GROUP BY ALL")
        if shape["measure"] == "distinct":
            base = (f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, ({part}) AS w, {limit} AS cap, "
                    f"min((r.r_time, r.mdtrt_id, r.feedetl_sn)) OVER (PARTITION BY {part}, {what}) AS first_of FROM {source} WHERE {chosen}")
            return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope) AS BIGINT)) AS fen FROM (SELECT *, dense_rank() OVER (PARTITION BY w "
                    f"ORDER BY first_of) AS nth FROM ({base})) WHERE nth > cap GROUP BY ALL")
        base = (f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, {limit} AS cap, row_number() OVER (PARTITION BY {part} "
                f"ORDER BY r.r_time, r.mdtrt_id, r.feedetl_sn) AS nth FROM {source} WHERE {chosen}")
        return f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope) AS BIGINT)) AS fen FROM ({base}) WHERE nth > cap GROUP BY ALL"

    def days_per_window(self):
        return self.by_window(self.days)

    def days(self, window, pick):
        source, tests = self.selected()
        limit = self.value(self.shape["max"], Scope(self.reader, self.rule, "line"))
        chosen = f"{tests} AND {pick} AND {self.excused()}"
        episode = re.fullmatch(r"episode (\d+)d", window)
        if episode:
            group = ", ".join(["r.psn"] + self.grouped())
            base = (f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, r.r_day, ({group}) AS g, {limit} AS cap, "
                    f"CASE WHEN r.r_day - max(r.r_day) OVER (PARTITION BY {group} ORDER BY r.r_day RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING) "
                    f"<= {episode[1]} THEN 0 ELSE 1 END AS fresh, row_number() OVER (PARTITION BY {group}, r.r_day ORDER BY r.mdtrt_id, r.feedetl_sn) AS one "
                    f"FROM {source} WHERE {chosen}")
            base = f"SELECT *, (g, sum(CASE WHEN one = 1 THEN fresh ELSE 0 END) OVER (PARTITION BY g ORDER BY r_day RANGE UNBOUNDED PRECEDING)) AS w FROM ({base})"
        else:
            keys, also = self.window_key(window)
            part = ", ".join(keys + self.grouped())
            base = f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, r.r_day, ({part}) AS w, {limit} AS cap FROM {source} WHERE {chosen} AND {also}"
        return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope) AS BIGINT)) AS fen FROM "
                f"(SELECT *, dense_rank() OVER (PARTITION BY w ORDER BY r_day) AS nth FROM ({base})) WHERE nth > cap GROUP BY ALL")

    def min_interval(self):
        source, tests = self.selected()
        group = ", ".join(["r.psn"] + self.grouped())
        least = self.value(self.shape["min"], Scope(self.reader, self.rule, "line"))
        base = (f"SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, r.r_day, {least} AS least, max(r.r_day) OVER (PARTITION BY {group} ORDER BY r.r_day "
                f"RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING) AS before FROM {source} WHERE {tests} AND {self.excused()}")
        soon = ("CASE WHEN CAST(least AS VARCHAR) LIKE '%m' OR CAST(least AS VARCHAR) LIKE '%y' THEN r_day < span_add(before, CAST(least AS VARCHAR), 0) "
                "ELSE r_day - before < span_days(CAST(least AS VARCHAR)) END")
        return f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope) AS BIGINT)) AS fen FROM ({base}) WHERE before IS NOT NULL AND {soon} GROUP BY ALL"

    def companion(self):
        of, shape = self.shape.get("of", "line"), self.shape
        needs = shape["needs"]
        of_needs = needs.get("of", "line")
        source, tests = self.selected()
        table, there = self.side("c", of_needs, needs.get("codes", "all"), header=False)
        there = there.replace("c.r_day BETWEEN k.begndate AND k.enddate", "TRUE")
        if "when" in needs:
            there += f" AND coalesce({self.formula(needs['when'], Scope(self.reader, self.rule, of_needs, 'c', 'r'))}, TRUE)"
        window = WINDOWS.get(shape.get("window", "visit"), shape.get("window", "visit"))
        near = {"visit": "c.mdtrt_id = r.mdtrt_id", "stay": "c.mdtrt_id = r.mdtrt_id",
                "prescription": "c.mdtrt_id = r.mdtrt_id AND c.rxno = r.rxno", "day": "c.psn = r.psn AND c.r_day = r.r_day",
                "session": "c.mdtrt_id = r.mdtrt_id AND c.r_day = r.r_day"}[window]
        if "lookback" in shape:
            back = shape["lookback"]
            if back.startswith("param."):
                back = literal(self.rule["parameters"][back[6:]])
            elif back.startswith("row."):
                back = f"k.{back[4:]}"
            else:
                back = literal(back)
            near = f"({near} OR c.psn = r.psn AND c.r_time < r.r_time AND c.r_day >= span_back(r.r_day, {back}))"
        tests += f" AND {self.excused(of)}"
        if window == "prescription":
            tests += " AND r.rxno IS NOT NULL"
        if window == "stay":
            tests += " AND r.kind = '住院'"
        absent = f"NOT EXISTS (SELECT 1 FROM {table} c WHERE {near} AND {there})"
        if shape.get("absent"):
            absent = absent[4:]
        if "instead" in shape:
            instead = self.formula(shape["instead"], Scope(self.reader, self.rule, of))
            absent = f"(CASE WHEN {instead} THEN FALSE WHEN NOT {instead} THEN TRUE ELSE {absent} END)"
        return self.out(source, f"{tests} AND {absent}", of=of)

    def pair_same_window(self):
        shape = self.shape
        if "group" in shape:
            return self.pair_of_group()
        first, second = shape["first"], shape["second"]
        one, two = first.get("of", "line"), second.get("of", "line")
        flag = shape.get("flag", "second")
        f_table, f_tests = self.side("o", one, first.get("codes", "row.code"), first.get("when"))
        s_table, s_tests = self.side("r", two, second.get("codes", "row.code"), second.get("when"))
        window = WINDOWS.get(shape["window"], shape["window"])
        if window == "offset":
            scope = Scope(self.reader, self.rule, two)
            bounds = [self.value(shape[key], scope) for key in ("from", "to")]
            near = (f"o.psn = r.psn AND CASE WHEN {bounds[0]} LIKE '%h' THEN r.r_time >= o.r_time + to_hours(CAST(replace({bounds[0]}, 'h', '') AS INTEGER)) "
                    f"ELSE r.r_day >= span_add(o.r_day, {bounds[0]}, 0) END AND CASE WHEN {bounds[1]} LIKE '%h' THEN "
                    f"r.r_time <= o.r_time + to_hours(CAST(replace({bounds[1]}, 'h', '') AS INTEGER)) ELSE r.r_day <= span_add(o.r_day, {bounds[1]}, 0) END")
        elif window == "during":
            near = "o.psn = r.psn AND o.mdtrt_id <> r.mdtrt_id AND r.r_day > o.v_first AND r.r_day < o.v_last"
        elif window == "overlap":
            near = self.overlap()
        else:
            keys, also = self.window_key(window)
            near = " AND ".join(f"{key} = {key.replace('r.', 'o.')}" for key in keys) + f" AND {also}"
        unlike = " AND (o.mdtrt_id, o.feedetl_sn) <> (r.mdtrt_id, r.feedetl_sn)" if one == two == "line" else ""
        rows = f", {self.rows()} k" if self.columns else ""
        scope = Scope(self.reader, self.rule, two, "r", "o")
        excused = "TRUE" if "unless" not in self.rule else f"(NOT {self.formula(self.rule['unless'], scope)})"
        chosen = f"{near}{unlike} AND {f_tests} AND {s_tests} AND {excused}"
        pick = {"second": "r", "first": "o"}.get(flag)
        if flag == "both":
            pairs = " UNION ALL ".join(
                f"SELECT {p}.mdtrt_id, {p}.feedetl_sn, CAST(round(100 * {p}.in_scope) AS BIGINT) AS fen FROM {f_table} o, {s_table} r{rows} WHERE {chosen}"
                for p in "or")
            return f"SELECT mdtrt_id, feedetl_sn, max(fen) AS fen FROM ({pairs}) GROUP BY ALL"
        if flag == "cheaper":
            return (f"SELECT mdtrt_id, feedetl_sn, max(fen) AS fen FROM (SELECT CASE WHEN o.in_scope < r.in_scope THEN o.mdtrt_id ELSE r.mdtrt_id END AS mdtrt_id, "
                    f"CASE WHEN o.in_scope < r.in_scope THEN o.feedetl_sn ELSE r.feedetl_sn END AS feedetl_sn, "
                    f"CAST(round(100 * least(o.in_scope, r.in_scope)) AS BIGINT) AS fen FROM {f_table} o, {s_table} r{rows} WHERE {chosen}) GROUP BY ALL")
        return (f"SELECT {pick}.mdtrt_id, {pick}.feedetl_sn, max(CAST(round(100 * {pick}.in_scope) AS BIGINT)) AS fen "
                f"FROM {f_table} o, {s_table} r{rows} WHERE {chosen} GROUP BY ALL")

    def overlap(self):
        """The days that two lines cover: the order's, else the supply's, else the day."""
        tolerance = self.shape.get("tolerance_days", 0)
        if isinstance(tolerance, str):
            tolerance = self.rule["parameters"][tolerance[6:]]
        def days(a):
            first = f"coalesce(CAST({a}.drord_begn_date AS DATE), {a}.r_day)"
            last = (f"coalesce(CAST({a}.drord_stop_date AS DATE), {first} + CAST(greatest({a}.prd_days - 1, 0) AS INTEGER), "
                    f"CASE WHEN {a}.drord_begn_date IS NULL THEN {a}.r_day ELSE {first} END)")
            return first, last
        (a, b), (c, d) = days("o"), days("r")
        return f"o.psn = r.psn AND date_diff('day', greatest({a}, {c}), least({b}, {d})) + 1 > {tolerance}"

    def pair_of_group(self):
        shape = self.shape
        column = shape["group"]
        window = WINDOWS.get(shape["window"], shape["window"])
        if window == "overlap":
            near = self.overlap()
        else:
            keys, also = self.window_key(window)
            near = " AND ".join(f"{key} = {key.replace('r.', 'o.')}" for key in keys) + f" AND {also}"
        rows = f"(SELECT *, unnest(code__item) AS k_code FROM {self.rows()})"
        later = "(o.r_time, o.mdtrt_id, o.feedetl_sn) < (r.r_time, r.mdtrt_id, r.feedetl_sn)"
        pick = {"second": "r", "first": "o"}.get(shape.get("flag", "second"))
        if pick is None:
            raise Untranslatable("flag of a pair of one group")
        return (f"SELECT {pick}.mdtrt_id, {pick}.feedetl_sn, max(CAST(round(100 * {pick}.in_scope) AS BIGINT)) AS fen "
                f"FROM lines_ r JOIN {rows} k ON k.k_code = r.med_list_codg JOIN lines_ o ON o.psn = r.psn JOIN {rows} j ON j.k_code = o.med_list_codg "
                f"AND j.\"{column}\" = k.\"{column}\" WHERE o.med_list_codg <> r.med_list_codg AND {later} AND {near} AND {self.header('line')} "
                f"AND {self.header('line', 'o')} AND r.r_day BETWEEN k.begndate AND k.enddate AND o.r_day BETWEEN j.begndate AND j.enddate "
                f"AND {self.excused()} GROUP BY ALL")

    def set_complete(self):
        keys, also = self.window_key(self.shape["window"])
        part = ", ".join(keys)
        member = self.shape["members"][4:]
        price = self.value(self.shape["price"], Scope(self.reader, self.rule, "line")) if "price" in self.shape else "0"
        return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope * (total - price) / total) AS BIGINT)) AS fen FROM "
                f"(SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, {price} AS price, sum(r.in_scope) OVER (PARTITION BY {part}, k.k_row) AS total, "
                f"count(DISTINCT r.med_list_codg) OVER (PARTITION BY {part}, k.k_row) AS there, len(k.{member}) AS needed "
                f"FROM lines_ r JOIN (SELECT *, unnest({member}__item) AS k_code FROM {self.rows()}) k ON k.k_code = r.med_list_codg "
                f"WHERE {self.header('line')} AND {also} AND r.r_day BETWEEN k.begndate AND k.enddate AND {self.excused()}) "
                f"WHERE there >= needed AND total > price GROUP BY ALL")

    def price_cap(self):
        scope = Scope(self.reader, self.rule, "line")
        source, tests = self.selected()
        cap = self.value(self.shape["max"], scope)
        share = "CASE WHEN r.det_item_fee_sumamt > 0 THEN r.in_scope / r.det_item_fee_sumamt ELSE 1 END"
        return self.out(source, f"{tests} AND r.pric > {cap} AND {self.excused()}", f"least(r.in_scope, (r.pric - {cap}) * r.cnt * {share})")

    def discount(self):
        scope = Scope(self.reader, self.rule, "line")
        source, tests = self.selected()
        keys, also = self.window_key(self.shape["window"])
        part = ", ".join(keys + [f"k.\"{self.shape['group']}\""])
        full, rate = self.value(self.shape.get("full", "pric"), scope), self.value(self.shape["rate"], scope)
        return (f"SELECT mdtrt_id, feedetl_sn, max(CAST(round(100 * in_scope * (pric - paid) / pric) AS BIGINT)) AS fen FROM "
                f"(SELECT r.mdtrt_id, r.feedetl_sn, r.in_scope, r.pric, {full} * {rate} AS paid, "
                f"row_number() OVER (PARTITION BY {part} ORDER BY {full} DESC, r.r_time, r.mdtrt_id, r.feedetl_sn) AS nth "
                f"FROM {source} WHERE {tests} AND {also} AND {self.excused()}) WHERE nth > 1 AND pric > paid GROUP BY ALL")

    def stay_gap(self):
        shape = self.shape
        scope = Scope(self.reader, self.rule, "visit")
        limit = self.value(shape["max_days"], scope)
        same = shape.get("same", ["fixmedins_code"])
        part = ", ".join(["r.psn"] + [f"r.v__{name}" for name in same])
        how = shape.get("same_diagnosis", "category")
        alike = {"none": "TRUE", "category": "o.main_diag[1][1:3] = r.main_diag[1][1:3]", "code": "o.main_diag[1] = r.main_diag[1]"}[how]
        base = (f"SELECT r.*, lag(r.mdtrt_id) OVER (PARTITION BY {part} ORDER BY r.r_time, r.mdtrt_id) AS earlier FROM visits_ r "
                f"WHERE r.kind = '住院' AND {self.header('visit')}")
        unless = "TRUE" if "unless" not in self.rule else f"(NOT {self.formula(self.rule['unless'], Scope(self.reader, self.rule, 'visit', 'r', 'o'))})"
        return (f"SELECT r.mdtrt_id, '' AS feedetl_sn, 0 AS fen FROM ({base}) r JOIN visits_ o ON o.mdtrt_id = r.earlier "
                f"WHERE date_diff('day', o.v_last, r.v_first) BETWEEN 0 AND {limit} AND {alike} AND {unless}")

    def check(self):
        of, shape = self.shape.get("of", "line"), self.shape
        if of == "person":
            raise Untranslatable("a check of persons")
        scope = Scope(self.reader, self.rule, of)
        tests = [shape["violates"]] if "violates" in shape else [one["violates"] for one in shape["checks"]]
        violated = " OR ".join(f"coalesce({self.formula(test, scope)}, FALSE)" for test in tests)
        source, chosen = self.selected(of=of)
        share = self.value(shape["excess"], scope) if "excess" in shape else "1"
        return self.out(source, f"{chosen} AND ({violated}) AND {self.excused(of)}", f"r.in_scope * {share}", of=of)


def compare(report, flagged, rules, shown):
    """Holds a report of `heng screen` against what SQL flagged; only the rules that SQL has."""
    ours = {}
    with open(report, encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            if row["规则"] in rules and row["违规或涉及"] != "涉及项":
                key = (row["规则"], row["就诊ID"], row["费用明细流水号"])
                fen = int(round(float(row["疑点金额"] or 0) * 100))
                ours[key] = max(ours.get(key, 0), fen)
    theirs = {}
    for rule, visit, line, fen in flagged:
        key = (rule, visit, line or "")
        theirs[key] = max(theirs.get(key, 0), fen or 0)
    differ = {}
    for key in ours.keys() | theirs.keys():
        one, other = ours.get(key), theirs.get(key)
        # A finding without lines has no money of a line to compare; a fen may be rounded apart.
        if one is None or other is None or (key[2] and abs(one - other) > 1):
            differ.setdefault(key[0], []).append((key[1:], one, other))
    for rule, some in sorted(differ.items()):
        print(f"{rule}: {len(some)} differ, such as")
        for key, one, other in sorted(some)[:shown]:
            told = lambda fen: "not flagged" if fen is None else f"{fen / 100:.2f}"
            print(f"    visit {key[0]} line {key[1] or '-'}: heng {told(one)}, SQL {told(other)}")
    same = len({rule for rule in rules if rule not in differ})
    print(f"{len(theirs)} flagged by SQL, {len(ours)} by heng, {same} of {len(rules)} rules agree")
    return not differ


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("region")
    parser.add_argument("claims")
    parser.add_argument("--out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fen", action="store_true", help="money columns of Parquet files are 分")
    parser.add_argument("--against", help="a report of heng screen (CSV) to compare with")
    parser.add_argument("--shown", type=int, default=3, help="differences shown a rule")
    asked = parser.parse_args()
    reader = Reader(asked.region, asked.claims, asked.threads)
    reader.fen = asked.fen
    began = time.perf_counter()
    reader.load(KINDS)
    loaded = time.perf_counter()
    print(f"loaded in {loaded - began:.2f} s: {reader.db.execute('SELECT count(*) FROM lines_').fetchone()[0]} lines", file=sys.stderr)
    out = csv.writer(open(asked.out, "w", encoding="utf-8", newline="")) if asked.out else None
    if out:
        out.writerow(["rule", "mdtrt_id", "feedetl_sn", "fen"])
    done, left, spent, everything, rules = 0, [], 0.0, [], set()
    for path in sorted(glob.glob(os.path.join(asked.region, "screening/rules/*.toml"))):
        with open(path, "rb") as text:
            rule = tomllib.load(text)
        try:
            statement = Rule(reader, rule).statement()
        except (Untranslatable, KeyError) as problem:
            left.append((rule.get("id", path), str(problem)))
            continue
        start = time.perf_counter()
        try:
            flagged = reader.db.execute(statement).fetchall()
        except duckdb.Error as problem:
            left.append((rule["id"], f"DuckDB: {str(problem).splitlines()[0]}"))
            continue
        spent += time.perf_counter() - start
        done += 1
        print(f"{rule['id']:40} {len(flagged):8} flagged {time.perf_counter() - start:7.2f} s", file=sys.stderr)
        rules.add(rule["id"])
        everything += [(rule["id"], *row) for row in flagged]
    print(f"{done} rules in {spent:.2f} s, with loading {time.perf_counter() - began:.2f} s; {len(left)} not translated", file=sys.stderr)
    for name, why in left:
        print(f"  not translated: {name}: {why}", file=sys.stderr)
    if out:
        out.writerows(everything)
    if asked.against and not compare(asked.against, everything, rules, asked.shown):
        sys.exit(1)


if __name__ == "__main__":
    main()
