//! Columns made ready for one run: texts as numbers, fields found by place.

use crate::codes::{NONE, Names, Sym, Touch};
use crate::columns::{Bits, Columns, ColumnsError, Data, Sheet};
use crate::expr::{LARGEST, ONE, Of, V};
use crate::library::{Inner, Screener};
use encounter::{Kind, Table};
use std::collections::HashMap;
use std::sync::LazyLock;

/// No time.
pub(crate) const NEVER: i64 = i64::MIN;
/// No number.
pub(crate) const NAN: i128 = i128::MIN;

/// Places of fields the engine itself asks.
pub(crate) struct Places {
    pub gend: u8,
    pub brdy: u8,
    pub person_insutype: u8,
    pub psn_no: u8,
    pub mdtrt_id: u8,
    pub begntime: u8,
    pub endtime: u8,
    pub med_type: u8,
    pub med_mdtrt_type: u8,
    pub medins_lv: u8,
    pub medins_type: u8,
    pub insutype: u8,
    pub fixmedins_code: u8,
    pub dise_codg: u8,
    pub internet_flag: u8,
    pub out_setl_flag: u8,
    pub matn_stas: u8,
    pub dr_codg: u8,
    pub visit_scope: u8,
    pub diag_code: u8,
    pub maindiag_flag: u8,
    pub diag_srt_no: u8,
    pub oprn_code: u8,
    pub oprn_begin: u8,
    pub oprn_end: u8,
    pub incision_no: u8,
    pub oper_dr_code: u8,
    pub feedetl_sn: u8,
    pub code: u8,
    pub time: u8,
    pub cnt: u8,
    pub pric: u8,
    pub fee: u8,
    pub scope: u8,
    pub selfpay: u8,
    pub rxno: u8,
    pub bilg_dr_codg: u8,
    pub init_sn: u8,
    pub current: u8,
    pub order_begin: u8,
    pub order_stop: u8,
    pub prd_days: u8,
}

fn place(table: Table, name: &str) -> u8 {
    let place = table.fields().iter().position(|field| field.name == name);
    let place = place.unwrap_or_else(|| unreachable!("{table:?} has {name}: the engine was written against it"));
    u8::try_from(place).unwrap_or(u8::MAX)
}

/// The places, found once.
pub(crate) static AT: LazyLock<Places> = LazyLock::new(|| {
    let visit = |name| place(Table::Encounter, name);
    let line = |name| place(Table::Line, name);
    Places {
        gend: place(Table::Person, "gend"),
        brdy: place(Table::Person, "brdy"),
        person_insutype: place(Table::Person, "insutype"),
        psn_no: place(Table::Person, "psn_no"),
        mdtrt_id: visit("mdtrt_id"),
        begntime: visit("begntime"),
        endtime: visit("endtime"),
        med_type: visit("med_type"),
        med_mdtrt_type: visit("med_mdtrt_type"),
        medins_lv: visit("medins_lv"),
        medins_type: visit("medins_type"),
        insutype: visit("insutype"),
        fixmedins_code: visit("fixmedins_code"),
        dise_codg: visit("dise_codg"),
        internet_flag: visit("internet_flag"),
        out_setl_flag: visit("out_setl_flag"),
        matn_stas: visit("matn_stas"),
        dr_codg: visit("dr_codg"),
        visit_scope: visit("inscp_scp_amt"),
        diag_code: place(Table::Diagnosis, "diag_code"),
        maindiag_flag: place(Table::Diagnosis, "maindiag_flag"),
        diag_srt_no: place(Table::Diagnosis, "diag_srt_no"),
        oprn_code: place(Table::Procedure, "oprn_oprt_code"),
        oprn_begin: place(Table::Procedure, "oprn_oprt_begntime"),
        oprn_end: place(Table::Procedure, "oprn_oprt_endtime"),
        incision_no: place(Table::Procedure, "incision_no"),
        oper_dr_code: place(Table::Procedure, "oper_dr_code"),
        feedetl_sn: line("feedetl_sn"),
        code: line("med_list_codg"),
        time: line("fee_ocur_time"),
        cnt: line("cnt"),
        pric: line("pric"),
        fee: line("det_item_fee_sumamt"),
        scope: line("inscp_scp_amt"),
        selfpay: line("fulamt_ownpay_amt"),
        rxno: line("rxno"),
        bilg_dr_codg: line("bilg_dr_codg"),
        init_sn: line("init_feedetl_sn"),
        current: line("curr_drord_flag"),
        order_begin: line("drord_begn_date"),
        order_stop: line("drord_stop_date"),
        prd_days: line("prd_days"),
    }
});

/// Texts of a column as numbers.
enum Syms {
    None,
    /// By the dictionary's number.
    Map(Vec<Sym>),
    /// By row.
    Rows(Vec<Sym>),
}

struct Col<'a> {
    data: Data<'a>,
    valid: Option<Bits<'a>>,
    syms: Syms,
}

/// Everything a run looks at.
pub(crate) struct World<'a> {
    pub screener: &'a Screener,
    pub names: Names<'a>,
    sheets: [Vec<Option<Col<'a>>>; 5],
    /// What families say of codes the library does not name.
    families: HashMap<Sym, Vec<Touch>, foldhash::fast::RandomState>,
}

const SHEETS: [Of; 5] = [Of::Line, Of::Diagnosis, Of::Procedure, Of::Visit, Of::Person];

impl<'a> World<'a> {
    pub fn new(screener: &'a Screener, columns: &Columns<'a>) -> Result<World<'a>, ColumnsError> {
        let mut names = Names::new(&screener.symbols);
        let mut sheets: [Vec<Option<Col>>; 5] = std::array::from_fn(|_| Vec::new());
        for of in SHEETS {
            let table = of.table();
            let Some(sheet) = columns.sheet(table) else { continue };
            check(table, sheet)?;
            let cols = &mut sheets[of.place()];
            cols.resize_with(table.fields().len(), || None);
            for column in &sheet.columns {
                let Some(place) = table.fields().iter().position(|field| field.name == column.field) else {
                    return Err(ColumnsError::Field { table, field: column.field });
                };
                let needed = screener.library.inner().facts.is_used(of, place) || built_in(of, place);
                let syms =
                    if needed { symbols(&column.data, column.valid, sheet.rows, &mut names) } else { Syms::None };
                cols[place] = Some(Col { data: column.data, valid: column.valid, syms });
            }
        }
        let mut world = World { screener, names, sheets, families: HashMap::default() };
        world.unknowns();
        world.find_families();
        Ok(world)
    }

    pub fn library(&self) -> &'a Inner {
        self.screener.library.inner()
    }

    /// 0 and 9 are no sex, 0 is no state of maternity: unknown to every rule.
    fn unknowns(&mut self) {
        let blank = |col: &mut Option<Col>, known: &dyn Fn(&str) -> bool, names: &Names| {
            if let Some(Col { syms: Syms::Map(map) | Syms::Rows(map), .. }) = col {
                for sym in map {
                    if *sym != NONE && !known(names.text(*sym)) {
                        *sym = NONE;
                    }
                }
            }
        };
        blank(
            &mut self.sheets[Of::Person.place()][usize::from(AT.gend)],
            &|text| matches!(text, "1" | "2"),
            &self.names,
        );
        blank(&mut self.sheets[Of::Visit.place()][usize::from(AT.matn_stas)], &|text| text != "0", &self.names);
    }

    fn find_families(&mut self) {
        let known = self.library().symbols_len;
        for (of, field) in [
            (Of::Line, AT.code),
            (Of::Diagnosis, AT.diag_code),
            (Of::Procedure, AT.oprn_code),
            (Of::Visit, AT.dise_codg),
        ] {
            let dispatch = &self.screener.library.inner().dispatch[of.place()];
            if !dispatch.has_families() {
                continue;
            }
            let Some(Some(Col { syms: Syms::Map(map) | Syms::Rows(map), .. })) =
                self.sheets[of.place()].get(usize::from(field))
            else {
                continue;
            };
            let mut seen: Vec<Sym> = map.iter().copied().filter(|sym| *sym != NONE && *sym >= known).collect();
            seen.sort_unstable();
            seen.dedup();
            for sym in seen {
                let mut found = Vec::new();
                dispatch.families(self.names.text(sym), &mut found);
                if !found.is_empty() {
                    // One code may be an item and, elsewhere, a diagnosis: the kind is kept apart.
                    found.sort_unstable();
                    found.dedup();
                    self.families.entry(sym ^ mark(of)).or_insert(found);
                }
            }
        }
    }

    /// What a code touches.
    #[inline]
    pub fn touches(&self, of: Of, sym: Sym) -> &[Touch] {
        if sym == NONE {
            return &[];
        }
        if sym < self.library().symbols_len {
            return self.library().dispatch[of.place()].of(sym);
        }
        self.families.get(&(sym ^ mark(of))).map_or(&[], Vec::as_slice)
    }

    #[inline]
    fn col(&self, of: Of, field: u8, row: u32) -> Option<&Col<'a>> {
        let col = self.sheets[of.place()].get(usize::from(field))?.as_ref()?;
        col.valid.is_none_or(|bits| bits.get(row as usize)).then_some(col)
    }

    /// A fact as a value; `None`: unknown.
    pub fn cell(&self, of: Of, field: u8, row: u32) -> Option<V> {
        let col = self.col(of, field, row)?;
        let at = row as usize;
        match col.data {
            Data::Codes { .. } | Data::Texts { .. } => match self.sym_of(col, at) {
                NONE => None,
                sym => Some(V::Sym(sym)),
            },
            Data::Lists { .. } => None,
            Data::Days(values) => Some(V::Day(values[at])),
            Data::Seconds(values) => Some(V::Time(values[at])),
            Data::Fen(_) | Data::Numbers { .. } | Data::Decimals { .. } => number(&col.data, at).map(V::Num),
            Data::Flags(values) => match values[at] {
                0 => Some(V::Flag(false)),
                1 => Some(V::Flag(true)),
                _ => None,
            },
            Data::FlagBits(bits) => Some(V::Flag(bits.get(at))),
        }
    }

    #[inline]
    fn sym_of(&self, col: &Col, at: usize) -> Sym {
        match (&col.syms, col.data) {
            (Syms::Map(map), Data::Codes { ids, .. }) => map.get(ids[at] as usize).copied().unwrap_or(NONE),
            (Syms::Rows(rows), _) => rows[at],
            _ => NONE,
        }
    }

    /// A text's number; [`NONE`]: unknown.
    #[inline]
    pub fn sym(&self, of: Of, field: u8, row: u32) -> Sym {
        self.col(of, field, row).map_or(NONE, |col| self.sym_of(col, row as usize))
    }

    /// A text as it stands; blank: unknown.
    pub fn text(&self, of: Of, field: u8, row: u32) -> &'a str {
        let Some(col) = self.col(of, field, row) else { return "" };
        raw(&col.data, row as usize)
    }

    #[inline]
    pub fn time(&self, of: Of, field: u8, row: u32) -> i64 {
        match self.col(of, field, row) {
            Some(Col { data: Data::Seconds(values), .. }) => values[row as usize],
            _ => NEVER,
        }
    }

    #[inline]
    pub fn fen(&self, of: Of, field: u8, row: u32) -> Option<i64> {
        match self.col(of, field, row) {
            Some(Col { data: Data::Fen(values), .. }) => {
                Some(values[row as usize]).filter(|fen| i128::from(*fen).abs() <= LARGEST / ONE * 100)
            }
            _ => None,
        }
    }

    #[inline]
    pub fn number(&self, of: Of, field: u8, row: u32) -> i128 {
        self.col(of, field, row).and_then(|col| number(&col.data, row as usize)).unwrap_or(NAN)
    }

    pub fn flag(&self, of: Of, field: u8, row: u32) -> Option<bool> {
        match self.cell(of, field, row) {
            Some(V::Flag(yes)) => Some(yes),
            _ => None,
        }
    }

    /// A list's texts; `None`: unknown.
    pub fn list(&self, of: Of, field: u8, row: u32) -> Option<Vec<&'a str>> {
        let col = self.col(of, field, row)?;
        let Data::Lists { offsets, ids, texts } = col.data else { return None };
        let at = row as usize;
        let (from, to) = (usize::try_from(offsets[at]).ok()?, usize::try_from(offsets[at + 1]).ok()?);
        Some(ids.get(from..to)?.iter().filter_map(|id| texts.get(*id as usize).copied()).collect())
    }
}

fn mark(of: Of) -> u32 {
    u32::try_from(of.place()).unwrap_or(0) << 28
}

fn raw<'a>(data: &Data<'a>, at: usize) -> &'a str {
    match *data {
        Data::Codes { ids, texts } => texts.get(ids[at] as usize).copied().unwrap_or(""),
        Data::Texts { offsets, bytes } => {
            let bounds = usize::try_from(offsets[at]).ok().zip(usize::try_from(offsets[at + 1]).ok());
            let part = bounds.and_then(|(from, to)| bytes.get(from..to)).unwrap_or(&[]);
            std::str::from_utf8(part).unwrap_or("")
        }
        _ => "",
    }
}

/// A number times 10^10, money in yuan.
fn number(data: &Data, at: usize) -> Option<i128> {
    let scaled = match *data {
        Data::Fen(values) => i128::from(values[at]) * (ONE / 100),
        Data::Numbers { values, places } => i128::from(values[at]) * 10_i128.pow(10 - places.min(10)),
        Data::Decimals { values, places } => values[at].checked_mul(10_i128.pow(10 - places.min(10)))?,
        _ => return None,
    };
    (scaled.abs() <= LARGEST).then_some(scaled)
}

/// Fields the engine asks as numbers of texts, whatever the formulas read.
fn built_in(of: Of, place: usize) -> bool {
    let at = &*AT;
    let list: &[u8] = match of {
        Of::Line => &[at.code, at.rxno, at.bilg_dr_codg],
        Of::Diagnosis => &[at.diag_code],
        Of::Procedure => &[at.oprn_code, at.incision_no, at.oper_dr_code],
        Of::Visit => &[
            at.med_type,
            at.med_mdtrt_type,
            at.medins_lv,
            at.medins_type,
            at.insutype,
            at.fixmedins_code,
            at.dise_codg,
            at.dr_codg,
        ],
        Of::Person => &[at.person_insutype],
    };
    list.iter().any(|known| usize::from(*known) == place)
}

fn symbols<'a>(data: &Data<'a>, valid: Option<Bits>, rows: usize, names: &mut Names<'a>) -> Syms {
    match data {
        Data::Codes { texts, .. } => Syms::Map(texts.iter().map(|text| names.intern(text.trim())).collect()),
        Data::Texts { .. } => {
            let sym = |at: usize, names: &mut Names<'a>| {
                if valid.is_none_or(|bits| bits.get(at)) { names.intern(raw(data, at).trim()) } else { NONE }
            };
            Syms::Rows((0..rows).map(|at| sym(at, names)).collect())
        }
        _ => Syms::None,
    }
}

/// Whether a sheet's columns are as long as it says and of their fields' kinds.
fn check(table: Table, sheet: &Sheet) -> Result<(), ColumnsError> {
    if table != Table::Person && sheet.parents.len() != sheet.rows {
        return Err(ColumnsError::Parents { table, rows: sheet.rows, parents: sheet.parents.len() });
    }
    for column in &sheet.columns {
        let (values, holds, fits): (usize, _, fn(Kind) -> bool) = match column.data {
            Data::Codes { ids, .. } => (ids.len(), "codes", |kind| kind == Kind::Text),
            Data::Texts { offsets, .. } => (offsets.len().saturating_sub(1), "texts", |kind| kind == Kind::Text),
            Data::Lists { offsets, .. } => (offsets.len().saturating_sub(1), "lists", |kind| kind == Kind::Texts),
            Data::Days(values) => (values.len(), "days", |kind| kind == Kind::Date),
            Data::Seconds(values) => (values.len(), "times", |kind| kind == Kind::Time),
            Data::Fen(values) => (values.len(), "money", |kind| kind == Kind::Money),
            Data::Numbers { values, .. } => (values.len(), "numbers", |kind| kind == Kind::Number),
            Data::Decimals { values, .. } => (values.len(), "numbers", |kind| kind == Kind::Number),
            Data::Flags(values) => (values.len(), "flags", |kind| kind == Kind::Flag),
            Data::FlagBits(bits) => {
                ((bits.bytes.len() * 8).saturating_sub(bits.offset), "flags", |kind| kind == Kind::Flag)
            }
        };
        if values < sheet.rows {
            return Err(ColumnsError::Short { table, field: column.field, values, rows: sheet.rows });
        }
        let Some(field) = table.field(column.field) else {
            return Err(ColumnsError::Field { table, field: column.field });
        };
        if !fits(field.kind) {
            return Err(ColumnsError::Kind { table, field: column.field, holds, wanted: field.kind });
        }
    }
    Ok(())
}
