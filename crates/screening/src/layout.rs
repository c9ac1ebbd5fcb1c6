//! A history laid out as columns of one person (or of a few): the way in for single questions.

use crate::columns::{Column, Columns, Data, Sheet};
use crate::day;
use crate::expr::Of;
use crate::facts::Facts;
use encounter::{Encounter, History, Kind, Record, Table, ValueRef};

/// Not known, in columns of texts.
const NO_TEXT: u32 = u32::MAX;

/// One field's values, owned.
enum Values<'h> {
    Texts(Vec<u32>, Vec<&'h str>),
    Lists(Vec<i32>, Vec<u32>, Vec<&'h str>),
    Days(Vec<i32>),
    Times(Vec<i64>),
    Fen(Vec<i64>),
    Numbers(Vec<i128>),
    Flags(Vec<u8>),
}

/// One table's records.
struct Table1<'h> {
    table: Table,
    rows: usize,
    parents: Vec<u32>,
    /// Of the fields that are needed: place and values; whether known, a bit a row.
    columns: Vec<(usize, Values<'h>, Vec<u8>)>,
    /// Place of a field in `columns`.
    place: Vec<Option<usize>>,
}

impl<'h> Table1<'h> {
    fn new(of: Of, facts: &Facts) -> Table1<'h> {
        let table = of.table();
        let mut columns = Vec::new();
        let mut place = Vec::new();
        for (at, field) in table.fields().iter().enumerate() {
            if !(facts.is_used(of, at) || asked(of, field.name)) {
                place.push(None);
                continue;
            }
            place.push(Some(columns.len()));
            let values = match field.kind {
                Kind::Text => Values::Texts(Vec::new(), Vec::new()),
                Kind::Texts => Values::Lists(vec![0], Vec::new(), Vec::new()),
                Kind::Date => Values::Days(Vec::new()),
                Kind::Time => Values::Times(Vec::new()),
                Kind::Money => Values::Fen(Vec::new()),
                Kind::Number => Values::Numbers(Vec::new()),
                Kind::Flag => Values::Flags(Vec::new()),
            };
            columns.push((at, values, Vec::new()));
        }
        Table1 { table, rows: 0, parents: Vec::new(), columns, place }
    }

    fn add<R: Record>(&mut self, record: &'h R, parent: u32) {
        let row = self.rows;
        let (columns, place) = (&mut self.columns, &self.place);
        record.each(&mut |at, value| {
            let Some(place) = place[at] else { return };
            let (_, values, known) = &mut columns[place];
            if row.is_multiple_of(8) {
                known.push(0);
            }
            let is_known = values.push(value);
            known[row / 8] |= u8::from(is_known) << (row % 8);
        });
        self.rows += 1;
        self.parents.push(parent);
    }

    fn sheet(&self) -> Sheet<'_> {
        let columns = self.columns.iter().map(|(at, values, known)| {
            let data = match values {
                Values::Texts(ids, texts) => Data::Codes { ids, texts },
                Values::Lists(offsets, ids, texts) => Data::Lists { offsets, ids, texts },
                Values::Days(days) => Data::Days(days),
                Values::Times(times) => Data::Seconds(times),
                Values::Fen(fen) => Data::Fen(fen),
                Values::Numbers(values) => Data::Decimals { values, places: 10 },
                Values::Flags(flags) => Data::Flags(flags),
            };
            Column {
                field: self.table.fields()[*at].name,
                data,
                valid: Some(crate::columns::Bits { bytes: known, offset: 0 }),
            }
        });
        Sheet { rows: self.rows, parents: &self.parents, columns: columns.collect() }
    }
}

impl<'h> Values<'h> {
    /// Adds a value; whether it is known.
    fn push(&mut self, value: Option<ValueRef<'h>>) -> bool {
        match (self, value) {
            (Values::Texts(ids, texts), Some(ValueRef::Text(text))) => {
                // Neighbours often say the same.
                let id = match texts.last() {
                    Some(last) if *last == text => texts.len() - 1,
                    _ => {
                        texts.push(text);
                        texts.len() - 1
                    }
                };
                ids.push(u32::try_from(id).unwrap_or(NO_TEXT));
                return !text.trim().is_empty();
            }
            (Values::Texts(ids, _), _) => ids.push(NO_TEXT),
            (Values::Lists(offsets, ids, texts), Some(ValueRef::Texts(list))) => {
                for text in list {
                    ids.push(u32::try_from(texts.len()).unwrap_or(NO_TEXT));
                    texts.push(text);
                }
                offsets.push(i32::try_from(ids.len()).unwrap_or(i32::MAX));
                return true;
            }
            (Values::Lists(offsets, ids, _), _) => offsets.push(i32::try_from(ids.len()).unwrap_or(i32::MAX)),
            (Values::Days(days), Some(ValueRef::Date(date))) => {
                days.push(day::of_date(date));
                return true;
            }
            (Values::Days(days), _) => days.push(0),
            (Values::Times(times), Some(ValueRef::Time(time))) => {
                times.push(day::of_time(time));
                return true;
            }
            (Values::Times(times), _) => times.push(0),
            (Values::Fen(fen), Some(ValueRef::Money(money))) => {
                fen.push(money.0);
                return true;
            }
            (Values::Fen(fen), _) => fen.push(0),
            (Values::Numbers(numbers), Some(ValueRef::Number(number))) => {
                numbers.push(number.ten_decimals());
                return true;
            }
            (Values::Numbers(numbers), _) => numbers.push(0),
            (Values::Flags(flags), Some(ValueRef::Flag(yes))) => {
                flags.push(u8::from(yes));
                return true;
            }
            (Values::Flags(flags), _) => flags.push(2),
        }
        false
    }
}

/// Fields the engine asks by itself, whatever the rules say.
pub(crate) fn asked(of: Of, name: &str) -> bool {
    let list: &[&str] = match of {
        Of::Person => &["psn_no", "gend", "brdy", "insutype"],
        Of::Visit => &[
            "mdtrt_id",
            "begntime",
            "endtime",
            "med_type",
            "med_mdtrt_type",
            "medins_lv",
            "medins_type",
            "insutype",
            "fixmedins_code",
            "dise_codg",
            "internet_flag",
            "out_setl_flag",
            "dr_codg",
            "inscp_scp_amt",
            "wardarea_codg",
            "bedno",
        ],
        Of::Diagnosis => &["diag_code", "maindiag_flag", "diag_srt_no"],
        Of::Procedure => &["oprn_oprt_code", "oprn_oprt_begntime", "oprn_oprt_endtime", "incision_no", "oper_dr_code"],
        Of::Line => &[
            "feedetl_sn",
            "med_list_codg",
            "fee_ocur_time",
            "cnt",
            "pric",
            "det_item_fee_sumamt",
            "inscp_scp_amt",
            "fulamt_ownpay_amt",
            "rxno",
            "bilg_dr_codg",
            "init_feedetl_sn",
            "curr_drord_flag",
            "drord_begn_date",
            "drord_stop_date",
            "prd_days",
            "drug_trac_codg",
        ],
    };
    list.contains(&name)
}

/// The histories as columns, owned.
pub(crate) struct Layout<'h> {
    persons: Table1<'h>,
    visits: Table1<'h>,
    diagnoses: Table1<'h>,
    procedures: Table1<'h>,
    lines: Table1<'h>,
}

impl<'h> Layout<'h> {
    pub fn new(histories: &'h [&'h History], facts: &Facts) -> Layout<'h> {
        let table = |of| Table1::new(of, facts);
        let mut layout = Layout {
            persons: table(Of::Person),
            visits: table(Of::Visit),
            diagnoses: table(Of::Diagnosis),
            procedures: table(Of::Procedure),
            lines: table(Of::Line),
        };
        for (person, history) in (0_u32..).zip(histories) {
            layout.persons.add(&history.person, 0);
            for encounter in &history.encounters {
                layout.encounter(encounter, person);
            }
        }
        layout
    }

    fn encounter(&mut self, encounter: &'h Encounter, person: u32) {
        let visit = u32::try_from(self.visits.rows).unwrap_or(NO_TEXT);
        self.visits.add(encounter, person);
        encounter.diagnoses.iter().for_each(|diagnosis| self.diagnoses.add(diagnosis, visit));
        encounter.procedures.iter().for_each(|procedure| self.procedures.add(procedure, visit));
        encounter.lines.iter().for_each(|line| self.lines.add(line, visit));
    }

    pub fn columns(&self) -> Columns<'_> {
        Columns {
            persons: self.persons.sheet(),
            visits: self.visits.sheet(),
            diagnoses: self.diagnoses.sheet(),
            procedures: self.procedures.sheet(),
            lines: self.lines.sheet(),
        }
    }
}
