//! A small town by hand: persons, visits and lines, told in one line each.
#![allow(dead_code, clippy::unwrap_used)]

use detection::{Book, Settings, Suspicion, detect};
use encounter::{Diagnosis, Encounter, History, Institution, Line, Person, Stock, Surroundings};
use std::path::Path;
use terms::{Exact, Fen, parse_date, parse_time};

pub fn settings() -> Settings {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/detection");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        texts.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()));
    }
    Settings::read(&texts).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

#[derive(Default, Clone)]
pub struct Town {
    pub histories: Vec<History>,
    pub surroundings: Surroundings,
    pub stock: Vec<Stock>,
}

pub fn line(code: &str, kind: &str, count: i64, fen: i64) -> Line {
    Line {
        med_list_codg: Some(code.to_owned()),
        med_list_name: Some(format!("品{code}")),
        med_chrgitm_type: Some(kind.to_owned()),
        cnt: Some(Exact::whole(count)),
        pric: Some(Exact::from_scaled(fen / count.max(1), 2)),
        det_item_fee_sumamt: Some(Fen(fen)),
        ..Line::default()
    }
}

impl Town {
    /// A person who lives alone unless another has the same household.
    pub fn person(&mut self, number: &str, household: &str) -> &mut Person {
        self.histories.push(History {
            person: Person {
                psn_no: Some(number.to_owned()),
                household: Some(household.to_owned()),
                gend: Some("1".to_owned()),
                brdy: parse_date("1970-01-01"),
                ..Person::default()
            },
            encounters: Vec::new(),
        });
        &mut self.histories.last_mut().unwrap().person
    }

    pub fn place(&mut self, code: &str, level: &str, kind: &str) {
        self.surroundings.institutions.push(Institution {
            fixmedins_code: Some(code.to_owned()),
            medins_lv: Some(level.to_owned()),
            medins_type: Some(kind.to_owned()),
            ..Institution::default()
        });
    }

    /// A visit; times without seconds. Lines get their numbers and the visit's time.
    pub fn visit(
        &mut self,
        person: &str,
        place: &str,
        kind: &str,
        (begin, end): (&str, &str),
        diagnosis: &str,
        lines: Vec<Line>,
    ) -> &mut Encounter {
        let history = self.histories.iter_mut().find(|h| h.person.psn_no.as_deref() == Some(person)).unwrap();
        let id = format!("{person}-{}", history.encounters.len());
        let time = |text: &str| parse_time(&format!("{text}:00"));
        let lines: Vec<Line> = (1..)
            .zip(lines)
            .map(|(number, line)| Line {
                feedetl_sn: Some(format!("{id}-{number:03}")),
                mdtrt_id: Some(id.clone()),
                fee_ocur_time: line.fee_ocur_time.or(time(begin)),
                ..line
            })
            .collect();
        history.encounters.push(Encounter {
            mdtrt_id: Some(id.clone()),
            psn_no: Some(person.to_owned()),
            fixmedins_code: Some(place.to_owned()),
            med_type: Some(kind.to_owned()),
            begntime: time(begin),
            endtime: time(end),
            medfee_sumamt: lines.iter().map(|line| line.det_item_fee_sumamt).sum(),
            diagnoses: vec![Diagnosis {
                mdtrt_id: Some(id),
                diag_code: Some(diagnosis.to_owned()),
                maindiag_flag: Some(true),
                ..Diagnosis::default()
            }],
            lines,
            ..Encounter::default()
        });
        history.encounters.last_mut().unwrap()
    }

    pub fn moved(&mut self, place: &str, article: &str, kind: &str, time: &str, count: i64, visit: Option<&str>) {
        self.stock.push(Stock {
            fixmedins_code: Some(place.to_owned()),
            fixmedins_bchno: Some(format!("{place}{article}{kind}{time}{}", visit.unwrap_or_default())),
            med_list_codg: Some(article.to_owned()),
            med_list_name: Some(format!("品{article}")),
            move_kind: Some(kind.to_owned()),
            moved_at: parse_time(&format!("{time}:00")),
            cnt: Some(Exact::whole(count)),
            mdtrt_id: visit.map(str::to_owned),
            ..Stock::default()
        });
    }

    /// What one model says.
    pub fn told(&self, model: &str) -> Vec<Suspicion> {
        let settings = settings();
        let book = Book::new(&self.histories, &self.surroundings, &self.stock, &settings);
        detect(&book, &settings, &[model.to_owned()])
    }
}
