//! Claims by chance, the same for the same seed: any field may be unknown.

use encounter::{Diagnosis, Encounter, History, Kind, Line, Person, Procedure, Record, Value};
use terms::{Date, DateTime, Exact, Fen};

/// A small generator of numbers.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (mixed ^ (mixed >> 29)) % sides.max(1)
    }

    fn number(&mut self, sides: u64) -> i64 {
        i64::try_from(self.below(sides)).expect("small")
    }

    fn time(&mut self) -> DateTime {
        let day = Date::constant(2026, 1, 1).checked_add(jiff::Span::new().days(self.number(120))).expect("a day");
        day.at(i8::try_from(self.below(24)).expect("small"), i8::try_from(self.below(60)).expect("small"), 0, 0)
    }

    fn value(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Text => {
                Value::Text(["1", "21", "001", "A01.1", "甲", "a,b", "say \"x\""][self.below(7) as usize].to_owned())
            }
            Kind::Texts => Value::Texts((0..=self.below(3)).map(|n| format!("T{n}")).collect()),
            Kind::Date => Value::Date(self.time().date()),
            Kind::Time => Value::Time(self.time()),
            Kind::Money => Value::Money(Fen(self.number(1_000_000) - 500_000)),
            Kind::Number => Value::Number(Exact::from_scaled(self.number(1_000_000_000) - 500_000_000, 6)),
            Kind::Flag => Value::Flag(self.below(2) == 0),
        }
    }

    fn record<R: Record>(&mut self) -> R {
        let mut record = R::default();
        let fields = R::TABLE.fields();
        record.fill(&mut |at| (self.below(3) > 0).then(|| self.value(fields[at].kind)));
        record
    }

    fn visit(&mut self, psn_no: &str, number: u64) -> Encounter {
        let id = format!("{psn_no}-V{number:02}");
        let (psn_no, mdtrt_id) = (Some(psn_no.to_owned()), Some(id.clone()));
        Encounter {
            psn_no,
            diagnoses: (0..self.below(3))
                .map(|n| Diagnosis {
                    mdtrt_id: mdtrt_id.clone(),
                    diag_code: Some(format!("D{n}")),
                    diag_srt_no: Some(Exact::whole(i64::try_from(n).expect("small"))),
                    ..self.record()
                })
                .collect(),
            procedures: (0..self.below(2))
                .map(|n| Procedure {
                    mdtrt_id: mdtrt_id.clone(),
                    oprn_oprt_code: Some(format!("P{n}")),
                    ..self.record()
                })
                .collect(),
            lines: (0..self.below(6))
                .map(|n| Line { mdtrt_id: mdtrt_id.clone(), feedetl_sn: Some(format!("{id}-{n:02}")), ..self.record() })
                .collect(),
            funds: (0..self.below(3)).map(|n| (format!("3{n}0100"), Fen(self.number(100_000)))).collect(),
            mdtrt_id,
            ..self.record()
        }
    }

    /// Histories in order of person, the visits of each in order of beginning.
    pub fn histories(&mut self, persons: u64) -> Vec<History> {
        let mut histories = Vec::new();
        for person in 0..persons {
            let psn_no = format!("P{person:04}");
            let mut visits: Vec<Encounter> = (0..1 + self.below(4)).map(|number| self.visit(&psn_no, number)).collect();
            visits.sort_by(|one, other| (one.begntime, &one.mdtrt_id).cmp(&(other.begntime, &other.mdtrt_id)));
            histories.push(History { person: Person { psn_no: Some(psn_no), ..self.record() }, encounters: visits });
        }
        histories
    }
}
