//! Histories at random and histories as columns, the second on a way of its own: dictionaries a
//! column, bitmaps that begin inside a byte, scaled numbers.
#![allow(dead_code, reason = "each test binary uses its part")]

use encounter::{Diagnosis, Encounter, History, Kind, Line, Person, Procedure, Record, Table, ValueRef};
use screening::{Bits, Column, Columns, Data, Sheet};
use std::collections::HashMap;
use terms::{DateTime, Exact, Fen};

/// A small generator: the same seed, the same history.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len() as u64) as usize]
    }

    /// Known nine times in ten.
    pub fn known<T>(&mut self, value: T) -> Option<T> {
        (self.below(10) > 0).then_some(value)
    }
}

pub fn moment(day: u64, hour: u64) -> DateTime {
    let start = terms::parse_time("2026-03-01 00:00:00").expect("a time");
    start.checked_add(jiff::Span::new().hours((day * 24 + hour) as i64)).expect("a time")
}

const ITEMS: &[&str] = &["A1", "A2", "B1", "B2", "C1", "C2", "D1", "X9"];

pub fn line(dice: &mut Dice, number: u64, days: u64, refunds: bool) -> Line {
    let cnt = dice.below(4) + 1;
    let negative = refunds && dice.below(12) == 0;
    let cnt = if negative { -(cnt as i64) } else { cnt as i64 };
    let price = (dice.below(40) + 1) as i64 * 50;
    let fee = Fen(price * cnt);
    let (day, hour) = (dice.below(days), dice.below(24));
    Line {
        feedetl_sn: Some(number.to_string()),
        med_list_codg: {
            let code = dice.one(ITEMS).to_owned();
            dice.known(code)
        },
        list_type: {
            let kind = dice.one(&["101", "201", "301"]).to_owned();
            dice.known(kind)
        },
        fee_ocur_time: dice.known(moment(day, hour)),
        cnt: dice.known(Exact::whole(cnt)),
        pric: dice.known(Exact::from_scaled(price, 2)),
        det_item_fee_sumamt: dice.known(fee),
        inscp_scp_amt: {
            let part = [fee, Fen(fee.0 / 2), Fen(0)][dice.below(3) as usize];
            dice.known(part)
        },
        rxno: {
            let rx = format!("R{}", dice.below(3));
            dice.known(rx)
        },
        hosp_appr_flag: {
            let yes = dice.below(2) == 0;
            dice.known(yes)
        },
        prd_days: {
            let days = Exact::whole(dice.below(5) as i64);
            dice.known(days)
        },
        drug_trac_codg: {
            let codes = vec![format!("T{}", dice.below(5)), format!("T{}", dice.below(9))];
            dice.known(codes)
        },
        ..Line::default()
    }
}

pub fn history(dice: &mut Dice, person: u64, refunds: bool) -> History {
    let days = dice.below(40) + 2;
    let born = terms::parse_date(dice.one(&["1950-05-01", "1990-02-28", "2013-03-01", "2026-02-20"])).expect("a date");
    let sex = dice.one(&["1", "2", "9"]).to_owned();
    let mut history = History {
        person: Person {
            psn_no: Some(format!("P{person}")),
            gend: dice.known(sex),
            brdy: dice.known(born),
            ..Person::default()
        },
        encounters: Vec::new(),
    };
    for visit in 0..dice.below(5) {
        let begin = dice.below(days);
        let end = begin + dice.below(9);
        let mut encounter = Encounter {
            mdtrt_id: Some(format!("P{person}V{visit}")),
            psn_no: Some(format!("P{person}")),
            fixmedins_code: {
                let code = dice.one(&["H1", "H2"]).to_owned();
                dice.known(code)
            },
            med_type: {
                let kind = dice.one(&["21", "21", "11", "41"]).to_owned();
                dice.known(kind)
            },
            medins_lv: {
                let level = dice.one(&["1", "2", "3"]).to_owned();
                dice.known(level)
            },
            begntime: dice.known(moment(begin, 8)),
            endtime: dice.known(moment(end, 18)),
            vitals_days: dice.known(Exact::whole(2)),
            bedno: {
                let bed = dice.one(&["B1", "B2"]).to_owned();
                dice.known(bed)
            },
            ..Encounter::default()
        };
        for number in 0..dice.below(4) {
            let code = dice.one(&["M80.000", "N80.100", "I21.900", "J18.900"]).to_owned();
            encounter.diagnoses.push(Diagnosis {
                diag_code: dice.known(code),
                diag_srt_no: Some(Exact::whole(number as i64 + 1)),
                ..Diagnosis::default()
            });
        }
        for _ in 0..dice.below(3) {
            let code = dice.one(&["36.0600", "81.5400"]).to_owned();
            let (day, hour) = (dice.below(days), dice.below(20));
            encounter.procedures.push(Procedure {
                oprn_oprt_code: dice.known(code),
                oprn_oprt_begntime: dice.known(moment(day, hour)),
                oprn_oprt_endtime: dice.known(moment(day, hour + 2)),
                oper_dr_code: Some("D1".to_owned()),
                ..Procedure::default()
            });
        }
        for number in 0..dice.below(14) {
            let line = line(dice, number, days, refunds);
            encounter.lines.push(line);
        }
        // Some lines are delivered twice.
        if dice.below(3) == 0
            && let Some(line) = encounter.lines.first().cloned()
        {
            encounter.lines.push(line);
        }
        history.encounters.push(encounter);
    }
    history
}

/// Another order of the same.
pub fn shuffled(history: &History, dice: &mut Dice) -> History {
    fn mix<T>(list: &mut [T], dice: &mut Dice) {
        for place in (1..list.len()).rev() {
            list.swap(place, dice.below(place as u64 + 1) as usize);
        }
    }
    let mut other = history.clone();
    mix(&mut other.encounters, dice);
    for encounter in &mut other.encounters {
        mix(&mut encounter.lines, dice);
        mix(&mut encounter.procedures, dice);
        mix(&mut encounter.diagnoses, dice);
    }
    other
}

/// One field of all records, owned.
enum Owned {
    Codes(Vec<u32>, Vec<String>),
    Texts(Vec<i32>, Vec<u8>),
    Lists(Vec<i32>, Vec<u32>, Vec<String>),
    Days(Vec<i32>),
    Seconds(Vec<i64>),
    Fen(Vec<i64>),
    Numbers(Vec<i64>),
    Flags(Vec<u8>),
}

pub struct OwnedSheet {
    rows: usize,
    parents: Vec<u32>,
    columns: Vec<(&'static str, Owned, Vec<u8>)>,
}

/// Bits begin here, as a slice of a longer column's would.
const OFFSET: usize = 3;

fn owned<R: Record>(records: &[&R], parents: Vec<u32>) -> OwnedSheet {
    let fields = R::TABLE.fields();
    let mut cells: Vec<Vec<Option<ValueRef>>> = vec![Vec::new(); fields.len()];
    for record in records {
        record.each(&mut |at, value| cells[at].push(value));
    }
    let mut columns = Vec::new();
    for (field, values) in fields.iter().zip(&cells) {
        // A column that nobody filled is left out: absent is unknown throughout.
        if values.iter().all(Option::is_none) {
            continue;
        }
        let mut known = vec![0_u8; (values.len() + OFFSET).div_ceil(8)];
        for (row, value) in values.iter().enumerate() {
            let at = row + OFFSET;
            known[at / 8] |= u8::from(value.is_some()) << (at % 8);
        }
        columns.push((field.name, column(field.name, field.kind, values), known));
    }
    OwnedSheet { rows: records.len(), parents, columns }
}

fn column(name: &str, kind: Kind, values: &[Option<ValueRef>]) -> Owned {
    let mut dictionary: HashMap<String, u32> = HashMap::new();
    let mut texts: Vec<String> = Vec::new();
    let mut number = |text: &str| {
        *dictionary.entry(text.to_owned()).or_insert_with(|| {
            texts.push(text.to_owned());
            texts.len() as u32 - 1
        })
    };
    match kind {
        Kind::Text if name.ends_with("_sn") || name.ends_with("_id") => {
            let (mut offsets, mut bytes) = (vec![0], Vec::new());
            for value in values {
                if let Some(ValueRef::Text(text)) = value {
                    bytes.extend_from_slice(text.as_bytes());
                }
                offsets.push(bytes.len() as i32);
            }
            Owned::Texts(offsets, bytes)
        }
        Kind::Text => {
            let ids = values
                .iter()
                .map(|value| if let Some(ValueRef::Text(text)) = value { number(text) } else { 0 })
                .collect();
            Owned::Codes(ids, texts)
        }
        Kind::Texts => {
            let (mut offsets, mut ids) = (vec![0], Vec::new());
            for value in values {
                if let Some(ValueRef::Texts(list)) = value {
                    ids.extend(list.iter().map(|text| number(text)));
                }
                offsets.push(ids.len() as i32);
            }
            Owned::Lists(offsets, ids, texts)
        }
        Kind::Date => Owned::Days(
            values.iter().map(|value| if let Some(ValueRef::Date(date)) = value { days(*date) } else { 7 }).collect(),
        ),
        Kind::Time => Owned::Seconds(
            values
                .iter()
                .map(|value| if let Some(ValueRef::Time(time)) = value { seconds(*time) } else { 7 })
                .collect(),
        ),
        Kind::Money => Owned::Fen(
            values.iter().map(|value| if let Some(ValueRef::Money(fen)) = value { fen.0 } else { 7 }).collect(),
        ),
        Kind::Number => Owned::Numbers(
            values
                .iter()
                .map(|value| if let Some(ValueRef::Number(number)) = value { number.to_scaled(4) } else { 7 })
                .collect(),
        ),
        Kind::Flag => Owned::Flags(
            values.iter().map(|value| if let Some(ValueRef::Flag(yes)) = value { u8::from(*yes) } else { 1 }).collect(),
        ),
    }
}

fn days(date: terms::Date) -> i32 {
    let epoch = terms::parse_date("1970-01-01").expect("a date");
    epoch.until((jiff::Unit::Day, date)).expect("days").get_days()
}

fn seconds(time: DateTime) -> i64 {
    i64::from(days(time.date())) * 86_400
        + i64::from(time.hour()) * 3600
        + i64::from(time.minute()) * 60
        + i64::from(time.second())
}

pub struct OwnedColumns(Vec<OwnedSheet>);

impl OwnedColumns {
    pub fn new(histories: &[History]) -> OwnedColumns {
        let persons: Vec<&Person> = histories.iter().map(|history| &history.person).collect();
        let (mut visits, mut of_person) = (Vec::new(), Vec::new());
        let (mut diagnoses, mut of_diagnosis) = (Vec::new(), Vec::new());
        let (mut procedures, mut of_procedure) = (Vec::new(), Vec::new());
        let (mut lines, mut of_line) = (Vec::new(), Vec::new());
        for (person, history) in histories.iter().enumerate() {
            for encounter in &history.encounters {
                let visit = visits.len() as u32;
                visits.push(encounter);
                of_person.push(person as u32);
                encounter.diagnoses.iter().for_each(|one| {
                    diagnoses.push(one);
                    of_diagnosis.push(visit);
                });
                encounter.procedures.iter().for_each(|one| {
                    procedures.push(one);
                    of_procedure.push(visit);
                });
                encounter.lines.iter().for_each(|one| {
                    lines.push(one);
                    of_line.push(visit);
                });
            }
        }
        OwnedColumns(vec![
            owned(&persons, Vec::new()),
            owned(&visits, of_person),
            owned(&diagnoses, of_diagnosis),
            owned(&procedures, of_procedure),
            owned(&lines, of_line),
        ])
    }

    /// Borrows everything and asks.
    pub fn with<T>(&self, ask: impl FnOnce(&Columns) -> T) -> T {
        let dictionaries: Vec<Vec<Vec<&str>>> = self
            .0
            .iter()
            .map(|sheet| {
                sheet
                    .columns
                    .iter()
                    .map(|(_, column, _)| match column {
                        Owned::Codes(_, texts) | Owned::Lists(_, _, texts) => {
                            texts.iter().map(String::as_str).collect()
                        }
                        _ => Vec::new(),
                    })
                    .collect()
            })
            .collect();
        let sheets: Vec<Sheet> = self
            .0
            .iter()
            .zip(&dictionaries)
            .map(|(sheet, dictionaries)| {
                let columns = sheet.columns.iter().zip(dictionaries).map(|((field, column, known), texts)| {
                    let data = match column {
                        Owned::Codes(ids, _) => Data::Codes { ids, texts },
                        Owned::Texts(offsets, bytes) => Data::Texts { offsets, bytes },
                        Owned::Lists(offsets, ids, _) => Data::Lists { offsets, ids, texts },
                        Owned::Days(values) => Data::Days(values),
                        Owned::Seconds(values) => Data::Seconds(values),
                        Owned::Fen(values) => Data::Fen(values),
                        Owned::Numbers(values) => Data::Numbers { values, places: 4 },
                        Owned::Flags(values) => Data::Flags(values),
                    };
                    Column { field, data, valid: Some(Bits { bytes: known, offset: OFFSET }) }
                });
                Sheet { rows: sheet.rows, parents: &sheet.parents, columns: columns.collect() }
            })
            .collect();
        let mut sheets = sheets.into_iter();
        let mut next = || sheets.next().unwrap_or_default();
        let columns = Columns { persons: next(), visits: next(), diagnoses: next(), procedures: next(), lines: next() };
        ask(&columns)
    }
}

/// All tables there are, so that a new one is thought of here.
pub fn tables() -> usize {
    Table::ALL.len()
}
