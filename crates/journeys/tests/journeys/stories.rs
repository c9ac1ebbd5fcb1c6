//! 案件故事: each file of `tests/stories` is a case from beginning to end, told step by step with
//! what must stand after each. Adding a file adds a test. The procedures, working days, people and
//! score-card are those of the city; its README says how a story is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::world::*;
use casework::{Actor, Calendar, Document, Procedure, Procedures, Staff};
use clearing::{Month, StatementState};
use inquiry::rules::opinion::{Say, Says};
use inquiry::{Amount, ClueLine, Law};
use journeys::{
    CaseFile, Casebook, FineAsked, FrameAsked, GroupPayment, JourneyError, Move, NewCase, Objection, Responsible,
};
use ledger::Account;
use operation::Operation;
use serde::Deserialize;
use terms::{Fen, PersonId, VisitId};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    name: String,
    #[serde(default = "audit")]
    procedure: String,
    visit: Vec<VisitText>,
    step: Vec<StepText>,
}

fn audit() -> String {
    "audit".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitText {
    id: String,
    person: String,
    #[serde(default)]
    balance: String,
    #[serde(default = "no_account")]
    account: String,
    lines: Vec<LineText>,
}

fn no_account() -> String {
    "0".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineText {
    no: String,
    item: String,
    yuan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    on: String,
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    by: String,
    #[serde(default = "reason")]
    why: String,
    #[serde(default)]
    targets: Vec<TargetText>,
    sample: Option<SampleText>,
    to: Option<String>,
    #[serde(default)]
    documents: Vec<String>,
    #[serde(default)]
    say: Vec<SayText>,
    #[serde(default)]
    object: Vec<ObjectText>,
    #[serde(default)]
    lines: Vec<i64>,
    fine: Option<FineText>,
    #[serde(default)]
    responsible: Vec<(String, String)>,
    #[serde(default)]
    extrapolate: bool,
    refused: Option<String>,
    #[serde(default)]
    expect: ExpectText,
}

fn reason() -> String {
    "依程序办理".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetText {
    visit: String,
    line: Option<String>,
    yuan: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleText {
    seed: String,
    size: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SayText {
    line: Option<i64>,
    yuan: Option<String>,
    #[serde(default)]
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectText {
    line: Option<i64>,
    grounds: String,
    #[serde(default)]
    evidence: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FineText {
    article: String,
    times: Option<String>,
    yuan: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ExpectText {
    state: Option<String>,
    assignee: Option<String>,
    #[serde(default)]
    due: BTreeMap<String, String>,
    #[serde(default)]
    lines: BTreeMap<String, String>,
    recovered: Option<String>,
    fine: Option<String>,
    #[serde(default)]
    pool: BTreeMap<String, String>,
    suspense: Option<String>,
    payable: Option<String>,
    paid: Option<String>,
    statement: Option<String>,
    deducted: Option<String>,
    carried: Option<String>,
    credit: Option<i64>,
    grade: Option<String>,
    #[serde(default)]
    points: BTreeMap<String, i64>,
    estimate: Option<String>,
}

fn city(file: &str) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900").join(file);
    (file.to_owned(), std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The city's own procedures, days, people and score-card.
pub fn casebook() -> Casebook {
    let procedure = |name: &str| {
        let (file, text) = city(&format!("casework/{name}.toml"));
        Procedure::parse(&file, &text).unwrap_or_else(|problems| panic!("{problems:?}"))
    };
    let (calendar, staff) = (city("casework/calendar.toml"), city("casework/staff.toml"));
    let mut law = Law::default();
    let (file, text) = city("inquiry/penalties.toml");
    law.read_penalties(&file, &text).expect("penalties");
    let (file, text) = city("inquiry/credit.toml");
    law.read_credit(&file, &text).expect("a score-card");
    let (file, text) = city("inquiry/sampling.toml");
    law.read_sampling(&file, &text).expect("a rule for samples");
    Casebook {
        procedures: Procedures::new(vec![procedure("audit"), procedure("administrative")]),
        calendar: Calendar::parse(&calendar.0, &calendar.1).expect("a calendar"),
        staff: Staff::parse(&staff.0, &staff.1).expect("people"),
        law,
    }
}

fn yuan(text: &str) -> Fen {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Somebody of the staff, the hospital's own (`H1/…`), or time.
pub fn actor(book: &Casebook, id: &str) -> Actor {
    match id.split_once('/') {
        Some((party, _)) => Actor::of_party(id, party),
        None => book.staff.find(id).unwrap_or_else(|| panic!("nobody is {id}")).clone(),
    }
}

struct Told<'w> {
    world: &'w World,
    book: Casebook,
    procedure: String,
    visits: BTreeMap<String, (PersonId, VisitId)>,
    case_id: Option<String>,
}

impl Told<'_> {
    fn settle(&mut self, visit: &VisitText) {
        let world = self.world;
        let balance = if visit.balance.is_empty() { Fen::ZERO } else { yuan(&visit.balance) };
        let known = self.visits.values().any(|(psn_no, _)| psn_no.as_str() == visit.person);
        let psn: PersonId =
            if known { visit.person.as_str().into() } else { world.person(&visit.person, balance.0, &[]) };
        let number = world.visit(&psn, HOSPITAL, &visit.id).expect("begun");
        let lines = visit.lines.iter().map(|row| line(&row.no, &row.item, yuan(&row.yuan).0)).collect();
        world.upload(&psn, HOSPITAL, &number, lines).expect("taken");
        let total: Fen = visit.lines.iter().map(|row| yuan(&row.yuan)).sum();
        world.settle(&psn, HOSPITAL, &number, total.0, &visit.account).expect("settled");
        self.visits.insert(visit.id.clone(), (psn, number));
    }

    fn operation(&self, step: &StepText) -> Operation {
        Operation { received_at: at(&step.on), ..self.world.operation("BUREAU", "case") }
    }

    fn take(&mut self, step: &StepText) -> Result<(), JourneyError> {
        let words: Vec<&str> = step.what.split_whitespace().collect();
        match words.as_slice() {
            ["open"] => {
                let file = self.open(step)?;
                self.case_id = Some(file.case.case_id);
                Ok(())
            }
            ["expire"] => self.expire(step),
            ["clear", month] => self.clear(step, month),
            ["approve", month] => self.advance(step, month, StatementState::Approved),
            ["post", month] => self.advance(step, month, StatementState::Posted),
            ["pay", month] => self.advance(step, month, StatementState::Paid),
            ["reverse", visit] => self.reverse(visit),
            [name] => self.step(step, name),
            other => panic!("nobody can do {other:?}"),
        }
    }

    fn open(&self, step: &StepText) -> Result<CaseFile, JourneyError> {
        let target = |row: &TargetText| {
            let (psn_no, mdtrt_id) = self.visits[&row.visit].clone();
            let feedetl_sn = row.line.as_deref().map(Into::into);
            ClueLine { psn_no, mdtrt_id, feedetl_sn, amount: row.yuan.as_deref().map(yuan) }
        };
        let new = NewCase {
            procedure: self.procedure.clone(),
            clues: Vec::new(),
            targets: step.targets.iter().map(target).collect(),
            frame: step.sample.as_ref().map(|sample| FrameAsked {
                fixmedins_code: HOSPITAL.into(),
                insutype: "310".into(),
                clr_type: "11".into(),
                from: day("2026-03-01"),
                to: day("2026-03-31"),
                seed: sample.seed.clone(),
                size: sample.size,
            }),
            subject: "故事".into(),
            by: actor(&self.book, &step.by),
            why: step.why.clone(),
            exhibits: Vec::new(),
        };
        let (operation, book) = (self.operation(step), self.book.clone());
        self.world.deed(move |centre, tx| centre.open_inquiry(tx, &operation, &book, &new))
    }

    fn case_id(&self) -> String {
        self.case_id.clone().expect("a case was opened")
    }

    fn step(&self, step: &StepText, name: &str) -> Result<(), JourneyError> {
        let say = |row: &SayText| Say {
            amount: row.yuan.as_deref().map(yuan),
            article: row.article.clone(),
            reason: "见记录".into(),
        };
        let says = Says {
            all: step.say.iter().find(|row| row.line.is_none()).map(say),
            lines: step.say.iter().filter_map(|row| Some((row.line?, say(row)))).collect(),
        };
        let document = |name: &String| {
            let kind = name.split('.').next().unwrap_or(name);
            Document::of(kind, name, "application/pdf", format!("{name}的内容").into_bytes())
        };
        let asked = Move {
            assign_to: step.to.as_deref().map(|id| actor(&self.book, id)),
            documents: step.documents.iter().map(document).collect(),
            says,
            objections: step
                .object
                .iter()
                .map(|row| Objection { no: row.line, grounds: row.grounds.clone(), evidence: row.evidence.clone() })
                .collect(),
            lines: step.lines.clone(),
            fine: step.fine.as_ref().map(|fine| FineAsked {
                article: fine.article.clone(),
                amount: match (&fine.times, &fine.yuan) {
                    (Some(times), _) => Amount::Times(times.parse().expect("a number")),
                    (None, sum) => Amount::Sum(yuan(sum.as_deref().expect("times or yuan"))),
                },
            }),
            responsible: step
                .responsible
                .iter()
                .map(|(practitioner, event)| Responsible { practitioner: practitioner.clone(), event: event.clone() })
                .collect(),
            extrapolate: step.extrapolate,
            ..Move::new(&self.case_id(), name, actor(&self.book, &step.by), &step.why)
        };
        let (operation, book) = (self.operation(step), self.book.clone());
        self.world.deed(move |centre, tx| {
            let file = centre.move_case(tx, &operation, &book, &asked)?;
            // The same message again, in the same deed: nothing changes.
            let again = centre.move_case(tx, &operation, &book, &asked)?;
            assert_eq!((&file.case, &file.lines, &file.recoveries), (&again.case, &again.lines, &again.recoveries));
            Ok(())
        })
    }

    fn expire(&self, step: &StepText) -> Result<(), JourneyError> {
        let (operation, book, case_id) = (self.operation(step), self.book.clone(), self.case_id());
        self.world.deed(move |centre, tx| {
            let overdue = journeys::overdue_cases(tx, operation.received_at)?;
            let moved = centre.expire_case(tx, &operation, &book, &case_id)?;
            assert!(moved.is_none() || overdue.contains(&case_id), "what expires is told to be overdue");
            assert!(centre.expire_case(tx, &operation, &book, &case_id)?.is_none(), "once");
            Ok(())
        })
    }

    fn clear(&self, step: &StepText, month: &str) -> Result<(), JourneyError> {
        let month: Month = month.parse().expect("a month");
        let pay = GroupPayment::new(Vec::new()).expect("no plans");
        let (operation, database) = (self.operation(step), &self.world.database);
        for _ in 0..2 {
            // Worked out twice: a deduction is taken up once.
            self.world.centre.clear_month(database, &pay, &operation, month, &[HOSPITAL.into()], &mut |_| {})?;
        }
        Ok(())
    }

    fn advance(&self, step: &StepText, month: &str, to: StatementState) -> Result<(), JourneyError> {
        let (operation, month): (_, Month) = (self.operation(step), month.parse().expect("a month"));
        self.world.deed(move |centre, tx| centre.advance_month(tx, &operation, &HOSPITAL.into(), month, to).map(drop))
    }

    fn reverse(&self, visit: &str) -> Result<(), JourneyError> {
        let (psn_no, mdtrt_id) = &self.visits[visit];
        let setl_id = self.world.history(psn_no).settled(mdtrt_id).expect("settled").setl_id.clone();
        self.world.reverse(psn_no, HOSPITAL, &setl_id).map(drop)
    }

    /// Compares what stands with what the story says.
    fn check(&self, place: &str, on: &str, expect: &ExpectText) {
        self.world.check_books();
        let same = |what: &str, has: String, wants: &Option<String>| {
            if let Some(wants) = wants {
                assert_eq!(&has, wants, "{place}: {what}");
            }
        };
        let balance = |account: Account| self.world.balance(account).to_string();
        for (fund, wants) in &expect.pool {
            assert_eq!(&balance(Account::Pool(fund.clone())), wants, "{place}: pool {fund}");
        }
        same("suspense", balance(Account::Suspense("recovered/310200".into())), &expect.suspense);
        same("payable", balance(Account::Payable(HOSPITAL.into())), &expect.payable);
        same("paid", balance(Account::Paid(HOSPITAL.into())), &expect.paid);
        self.check_statement(place, on, expect);
        self.check_credit(place, on, expect);
        let Some(case_id) = self.case_id.clone() else { return };
        let book = self.book.clone();
        let file = self.world.ask(move |_, tx| journeys::case_file(tx, &book, &case_id));
        same("state", file.case.state.clone(), &expect.state);
        same("assignee", file.case.assignee.clone().unwrap_or_default(), &expect.assignee);
        same("recovered", file.recovered().to_string(), &expect.recovered);
        let fines = file.fines.iter().filter(|fine| !fine.revoked).map(|fine| fine.amount).sum::<Fen>();
        same("fine", fines.to_string(), &expect.fine);
        let estimate = file.sample.as_ref().and_then(|sample| sample.estimate.clone());
        let lower = estimate.map(|text| {
            serde_json::from_str::<inquiry::rules::sample::Estimate>(&text).expect("an estimate").lower.to_string()
        });
        same("estimate", lower.unwrap_or_default(), &expect.estimate);
        for (clock, wants) in &expect.due {
            let due = file.case.running().find(|one| one.id == *clock).map(|one| one.due.to_string());
            assert_eq!(due.unwrap_or_default(), *wants, "{place}: clock {clock}");
        }
        for (no, wants) in &expect.lines {
            let line = file.lines.iter().find(|line| line.no.to_string() == *no);
            let line = line.unwrap_or_else(|| panic!("{place}: no line {no}"));
            assert_eq!(&format!("{} {}", line.state.word(), line.decided), wants, "{place}: line {no}");
        }
    }

    fn check_statement(&self, place: &str, on: &str, expect: &ExpectText) {
        if expect.statement.is_none() && expect.deducted.is_none() && expect.carried.is_none() {
            return;
        }
        let month = Month::of(at(on).date()).before();
        let view = self.world.ask(move |_, tx| journeys::month_view(tx, &HOSPITAL.into(), month));
        let (statement, figures) = view.statements.first().unwrap_or_else(|| panic!("{place}: no statement"));
        for (what, has, wants) in [
            ("statement", statement.payable, &expect.statement),
            ("deducted", figures.item.deducted, &expect.deducted),
            ("carried", statement.carried, &expect.carried),
        ] {
            if let Some(wants) = wants {
                assert_eq!(&has.to_string(), wants, "{place}: {what} of {month}");
            }
        }
        let by_case: Fen = figures.deductions.iter().map(|row| row.amount).sum();
        assert_eq!(by_case, figures.item.deducted, "{place}: each deduction names its case");
    }

    fn check_credit(&self, place: &str, on: &str, expect: &ExpectText) {
        let (book, day) = (self.book.clone(), at(on).date());
        let codes: Vec<String> = expect.points.keys().cloned().collect();
        let (standing, points) = self.world.ask(move |_, tx| {
            let standing = journeys::credit_of_institution(tx, &book, &HOSPITAL.into(), day)?;
            let mut points = BTreeMap::new();
            for code in &codes {
                points.insert(code.clone(), journeys::credit_of_practitioner(tx, &book, code, day)?.points);
            }
            Ok((standing, points))
        });
        assert_eq!(points, expect.points, "{place}: points");
        if let Some(wants) = expect.credit {
            assert_eq!(standing.score, wants, "{place}: credit");
        }
        if let Some(wants) = &expect.grade {
            assert_eq!(&standing.grade, wants, "{place}: grade");
        }
    }
}

fn tell(world: &World, path: &Path) {
    let text = std::fs::read_to_string(path).expect("a story");
    let story: Story = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut told = Told { world, book: casebook(), procedure: story.procedure, visits: BTreeMap::new(), case_id: None };
    for visit in &story.visit {
        told.settle(visit);
    }
    for step in &story.step {
        let place = format!("{} · {} · {}", story.name, step.on, step.what);
        match (told.take(step), &step.refused) {
            (Ok(()), None) => {}
            (Err(JourneyError::Own(own)), Some(code)) => assert_eq!(own.code(), code, "{place}: {own}"),
            (Err(JourneyError::Refused(refusal)), Some(code)) => assert_eq!(&refusal.code, code, "{place}"),
            (Err(error), _) => panic!("{place}: {error}"),
            (Ok(()), Some(code)) => panic!("{place}: was not refused with {code}"),
        }
        told.check(&place, &step.on, &step.expect);
    }
}

#[test]
fn every_story_goes_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let entries = std::fs::read_dir(folder).expect("the stories").map(|entry| entry.expect("a file").path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    paths.sort();
    assert!(paths.len() >= 5, "the stories are there");
    for path in &paths {
        tell(&World::new(db_sqlite::Sqlite::temporary().expect("a temporary database").into_database()), path);
        if let Some(fresh) = db_postgres::testing::fresh_database() {
            tell(&World::new(fresh.open()), path);
        }
    }
}
