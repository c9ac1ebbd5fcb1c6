//! Procedures, steps and clocks, and the register of cases on both databases.

use casework::{
    Actor, Asked, Calendar, Case, Document, Opening, Procedure, Staff, Unit, expired, next, open, operations,
};
use db::{Database, DbError};
use proptest::prelude::*;
use terms::{Date, DateTime, parse_date, parse_time};

const PROCEDURE: &str = r#"
id = "paper"
version = "1"
name = "试验程序"
from = 2026-01-01
article = "试验办法"
start = "open"
opens = ["clerk"]

[[state]]
id = "open"
name = "待办"

[[state]]
id = "asked"
name = "待答复"

[[state]]
id = "weighing"
name = "合议中"

[[state]]
id = "done"
name = "已办"
closed = true

[[step]]
id = "give"
name = "分派"
from = ["open"]
roles = ["head"]
assigns = "clerk"

[[step]]
id = "ask"
name = "询问"
from = ["open"]
to = "asked"
roles = ["clerk"]
assigned = true
documents = ["询问函"]

[[step]]
id = "answer"
name = "答复"
from = ["asked"]
to = "weighing"
roles = ["party"]

[[step]]
id = "silent"
name = "视为认可"
from = ["asked"]
to = "done"
roles = ["clock"]

[[step]]
id = "more"
name = "延期"
from = ["asked"]
roles = ["head"]
at_most = 1
extends = { clock = "answer", days = 3 }

[[step]]
id = "late"
name = "逾期受理"
from = ["asked"]
to = "weighing"
roles = ["head"]
late = true

[[step]]
id = "vote"
name = "表决"
from = ["weighing"]
roles = ["clerk", "head"]
once_each = true
apart_from = ["ask"]

[[step]]
id = "end"
name = "办结"
from = ["weighing"]
to = "done"
roles = ["head"]
needs = { vote = 2 }
effect = "finish"

[[clock]]
id = "answer"
name = "答复期限"
days = 10
unit = "working"
starts = ["asked"]
silence = "silent"
article = "试验办法第三条"

[[clock]]
id = "whole"
name = "办案期限"
days = 60
unit = "calendar"
starts = ["open"]
stops = ["done"]
article = "试验办法第四条"
"#;

const STAFF: &str = r#"
[[person]]
id = "A"
name = "甲"
roles = ["clerk"]

[[person]]
id = "B"
name = "乙"
roles = ["clerk"]

[[person]]
id = "C"
name = "丙"
roles = ["clerk"]
interests = ["P1"]

[[person]]
id = "H"
name = "丁"
roles = ["head"]
"#;

fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

fn day(text: &str) -> Date {
    parse_date(text).expect("a date")
}

fn procedure() -> Procedure {
    Procedure::parse("paper.toml", PROCEDURE).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn calendar() -> Calendar {
    Calendar::new(&[2026], &[day("2026-10-01"), day("2026-10-02")], &[day("2026-10-10")])
}

fn staff(id: &str) -> Actor {
    Staff::parse("staff.toml", STAFF).expect("reads").find(id).expect("known").clone()
}

fn opening() -> Opening {
    Opening {
        case_id: "C1".into(),
        key: "K0".into(),
        subject: "试验".into(),
        party: "P1".into(),
        at: at("2026-09-21 09:00:00"),
        by: staff("A"),
        why: "抽查".into(),
    }
}

fn asked(step: &str, by: Actor, when: &str) -> Asked {
    Asked {
        key: format!("{step}/{}/{when}", by.id),
        step: step.to_owned(),
        at: at(when),
        by,
        why: "理由".into(),
        assign_to: None,
        documents: Vec::new(),
    }
}

/// Takes a step in memory.
fn take(case: &mut Case, asked: &Asked) -> Result<Option<String>, &'static str> {
    let decision = next(&procedure(), &calendar(), case, asked).map_err(|refusal| refusal.code())?;
    let effect = decision.effect.clone();
    operations::apply(case, &decision, operations::taken(asked, &decision, String::new()));
    Ok(effect)
}

/// A case that waits for the party's answer since 21 September.
fn waiting() -> Case {
    let mut case = open(&procedure(), &calendar(), &opening()).expect("opened");
    let give = Asked { assign_to: Some(staff("A")), ..asked("give", staff("H"), "2026-09-21 10:00:00") };
    take(&mut case, &give).expect("given");
    let letter = vec![Document::of("询问函", "函.pdf", "application/pdf", b"letter".to_vec())];
    let ask = Asked { documents: letter, ..asked("ask", staff("A"), "2026-09-21 11:00:00") };
    take(&mut case, &ask).expect("asked");
    case
}

#[test]
fn ten_working_days_pass_over_weekends_and_holidays_and_count_days_worked_in_exchange() {
    let calendar = calendar();
    // 21 September 2026 is a Monday; 1 and 2 October are holidays, Saturday the 10th is worked.
    assert_eq!(calendar.due(day("2026-09-21"), 10, Unit::Working), day("2026-10-07"));
    assert_eq!(calendar.due(day("2026-09-28"), 8, Unit::Working), day("2026-10-10"));
    assert_eq!(calendar.due(day("2026-09-21"), 10, Unit::Calendar), day("2026-10-05"), "from a holiday on");
    assert!(calendar.knows(2026) && !calendar.knows(2027));
}

#[test]
fn a_case_goes_its_way_and_the_last_step_says_what_it_does_besides() {
    let mut case = waiting();
    assert_eq!(case.running().find(|clock| clock.id == "answer").expect("runs").due, day("2026-10-07"));
    take(&mut case, &asked("answer", Actor::of_party("P1/张", "P1"), "2026-10-07 23:59:59")).expect("in time");
    assert!(case.running().all(|clock| clock.id == "whole"), "the answer stopped its clock");
    assert_eq!(take(&mut case, &asked("end", staff("H"), "2026-10-08 09:00:00")), Err("CW113"));
    take(&mut case, &asked("vote", staff("B"), "2026-10-08 09:00:00")).expect("voted");
    assert_eq!(take(&mut case, &asked("vote", staff("B"), "2026-10-08 10:00:00")), Err("CW109"));
    take(&mut case, &asked("vote", staff("H"), "2026-10-08 11:00:00")).expect("voted");
    assert_eq!(take(&mut case, &asked("end", staff("H"), "2026-10-08 12:00:00")), Ok(Some("finish".into())));
    assert!(case.closed && case.running().next().is_none());
    let seqs: Vec<i64> = case.steps.iter().map(|taken| taken.seq).collect();
    assert_eq!(seqs, (1..=7).collect::<Vec<_>>());
}

#[test]
fn silence_has_its_meaning_whether_or_not_anybody_has_noticed() {
    let mut case = waiting();
    let party = || Actor::of_party("P1/张", "P1");
    assert!(expired(&procedure(), &case, at("2026-10-07 23:59:59")).is_none(), "the last day is in time");
    assert_eq!(take(&mut case, &asked("silent", Actor::clock(), "2026-10-07 12:00:00")), Err("CW112"));
    let (rule, clock) = expired(&procedure(), &case, at("2026-10-08 00:00:00"))
        .map(|(rule, clock)| (rule.id.clone(), clock))
        .expect("over");
    assert_eq!((rule.as_str(), clock.due), ("answer", day("2026-10-07")));
    assert_eq!(take(&mut case, &asked("answer", party(), "2026-10-08 00:00:00")), Err("CW111"));
    let mut pardoned = case.clone();
    take(&mut pardoned, &asked("late", staff("H"), "2026-10-08 09:00:00")).expect("a step may be allowed to be late");
    take(&mut case, &asked("silent", Actor::clock(), "2026-10-08 09:00:00")).expect("time takes its step");
    assert_eq!((case.state.as_str(), case.closed), ("done", true));
}

#[test]
fn a_clock_is_extended_once_and_from_its_own_end() {
    let mut case = waiting();
    take(&mut case, &asked("more", staff("H"), "2026-09-22 09:00:00")).expect("extended");
    assert_eq!(case.running().find(|clock| clock.id == "answer").expect("runs").due, day("2026-10-10"));
    assert_eq!(take(&mut case, &asked("more", staff("H"), "2026-09-23 09:00:00")), Err("CW110"));
}

#[test]
fn refusals_come_in_their_order_and_nothing_is_taken() {
    let case = waiting();
    let when = "2026-09-22 09:00:00";
    let nobody = Actor { party: Some("P2".into()), ..Actor::of_party("P2/李", "P2") };
    let wordless = Asked { why: " ".into(), ..asked("answer", Actor::of_party("P1/张", "P1"), when) };
    let weighing = {
        let mut case = case.clone();
        take(&mut case, &asked("answer", Actor::of_party("P1/张", "P1"), when)).expect("answered");
        case
    };
    let fresh = open(&procedure(), &calendar(), &opening()).expect("opened");
    let give = |to: Option<Actor>| Asked { assign_to: to, ..asked("give", staff("H"), when) };
    let given = {
        let mut case = fresh.clone();
        take(&mut case, &give(Some(staff("A")))).expect("given");
        case
    };
    for (code, case, asked) in [
        ("CW101", &case, asked("fly", staff("H"), when)),
        ("CW102", &case, asked("end", staff("H"), when)),
        ("CW103", &case, asked("answer", Actor::of_party("P1/张", "P1"), "2026-09-21 10:59:59")),
        ("CW104", &case, asked("answer", nobody, when)),
        ("CW105", &case, asked("answer", staff("H"), when)),
        ("CW105", &case, asked("more", Actor::of_party("P1/张", "P1"), when)),
        ("CW105", &fresh, give(Some(staff("H")))),
        ("CW106", &fresh, give(Some(staff("C")))),
        ("CW106", &weighing, asked("vote", staff("C"), when)),
        ("CW107", &given, asked("ask", staff("B"), when)),
        ("CW108", &weighing, asked("vote", staff("A"), when)),
        ("CW114", &case, wordless),
        ("CW115", &given, asked("ask", staff("A"), when)),
        ("CW116", &fresh, give(None)),
    ] {
        let mut case = case.clone();
        let before = case.clone();
        assert_eq!(take(&mut case, &asked), Err(code), "{}", asked.step);
        assert_eq!(case, before);
    }
    let stranger = Opening { by: staff("H"), ..opening() };
    assert_eq!(open(&procedure(), &calendar(), &stranger).expect_err("not theirs").code(), "CW105");
    let interested = Opening { by: staff("C"), ..opening() };
    assert_eq!(open(&procedure(), &calendar(), &interested).expect_err("interested").code(), "CW106");
}

#[test]
fn a_file_with_slips_names_each_with_its_line() {
    let slips = [
        ("start = \"open\"", "start = \"opened\"", "which is no state here"),
        ("to = \"asked\"", "to = \"nowhere\"", "no state of this procedure"),
        ("silence = \"silent\"", "silence = \"answer\"", "add “clock” to its roles"),
        ("needs = { vote = 2 }", "needs = { note = 2 }", "no step of this procedure"),
        ("id = \"late\"", "id = \"more\"", "is there twice"),
        ("closed = true", "closed = false", "nothing leads out of"),
        ("days = 10", "days = 0", "has no days"),
        ("once_each = true", "once_eaten = true", "unknown field"),
    ];
    for (right, wrong, words) in slips {
        let text = PROCEDURE.replacen(right, wrong, 1);
        let problems = Procedure::parse("paper.toml", &text).expect_err(wrong);
        let found = problems.iter().find(|problem| problem.message.contains(words));
        assert!(found.is_some_and(|problem| problem.line > 1), "{wrong}: {problems:?}");
    }
}

#[test]
fn comments_and_blanks_do_not_make_another_version() {
    let spaced = format!("# 说明\n{}", PROCEDURE.replace("days = 10", "days   =   10   # 十日"));
    assert_eq!(Procedure::parse("paper.toml", &spaced).expect("reads").hash, procedure().hash);
    let changed = PROCEDURE.replace("days = 10", "days = 11");
    assert_ne!(Procedure::parse("paper.toml", &changed).expect("reads").hash, procedure().hash);
}

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(casework::MIGRATIONS).expect("the tables are made");
        scenario(&database);
    };
    run(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        run(fresh.open());
    }
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in casework::STATEMENTS {
            database.prepare(sql).expect(sql.name);
        }
    });
}

#[test]
fn a_case_is_read_back_as_it_went() {
    on_each_database(|database| {
        let case = database
            .deed(|tx| -> Result<Case, DbError> {
                let mut case = open(&procedure(), &calendar(), &opening()).expect("opened");
                operations::create(tx, &case, &[])?;
                let give = Asked { assign_to: Some(staff("A")), ..asked("give", staff("H"), "2026-09-21 10:00:00") };
                let letter = vec![
                    Document::of("询问函", "函.pdf", "application/pdf", b"letter".to_vec()),
                    Document::elsewhere("附件", "影像.dcm", "application/dicom", "ab12", "pacs://1"),
                ];
                let ask = Asked { documents: letter, ..asked("ask", staff("A"), "2026-09-21 11:00:00") };
                let more = asked("more", staff("H"), "2026-09-22 09:00:00");
                for asked in [give, ask, more] {
                    assert!(operations::hold(tx, &case.case_id)?);
                    let decision = next(&procedure(), &calendar(), &case, &asked).expect("allowed");
                    let taken = operations::taken(&asked, &decision, "{}".into());
                    case = operations::record(tx, &case, &decision, taken, &asked.documents)?;
                }
                Ok(case)
            })
            .expect("recorded");
        let (read, documents, overdue, opened) = database
            .read(|tx| -> Result<_, DbError> {
                assert!(casework::case(tx, "C2")?.is_none());
                Ok((
                    casework::case(tx, "C1")?.expect("there"),
                    casework::documents(tx, "C1")?,
                    (casework::overdue(tx, day("2026-10-10"))?, casework::overdue(tx, day("2026-10-11"))?),
                    casework::open_cases(tx)?,
                ))
            })
            .expect("read");
        assert_eq!(read, case);
        assert_eq!(
            documents.iter().map(|(seq, document)| (*seq, document.name.as_str())).collect::<Vec<_>>(),
            [(3, "函.pdf"), (3, "影像.dcm")]
        );
        assert_eq!(documents[0].1.content.as_deref(), Some(b"letter".as_slice()));
        assert_eq!(overdue, (Vec::new(), vec!["C1".to_owned()]));
        assert_eq!(opened.len(), 1);
    });
}

proptest! {
    #[test]
    fn a_due_day_is_worked_and_exactly_so_many_worked_days_lie_before_it(
        start in 0..2000_u64,
        days in 1..60_u32,
        holidays in prop::collection::btree_set(0..2200_u64, 0..80),
        worked in prop::collection::btree_set(0..2200_u64, 0..20),
    ) {
        let nth = |n: u64| day("2024-01-01") + std::time::Duration::from_secs(86_400 * n);
        let list = |set: &std::collections::BTreeSet<u64>| set.iter().map(|n| nth(*n)).collect::<Vec<_>>();
        let calendar = Calendar::new(&[], &list(&holidays), &list(&worked));
        let due = calendar.due(nth(start), days, Unit::Working);
        prop_assert!(calendar.is_worked(due));
        prop_assert_eq!(calendar.working_days(nth(start), due), days);
        prop_assert!(calendar.due(nth(start), days + 1, Unit::Working) > due, "a longer time ends later");
        prop_assert!(calendar.due(nth(start + 1), days, Unit::Working) >= due, "a later start never ends earlier");
        let plain = calendar.due(nth(start), days, Unit::Calendar);
        prop_assert!(calendar.is_worked(plain) && plain >= nth(start + u64::from(days)));
    }

    #[test]
    fn whatever_is_asked_the_record_stays_whole(
        steps in prop::collection::vec((0..8_usize, 0..5_usize, 0..40_u64), 1..40),
    ) {
        let procedure = procedure();
        let names = ["give", "ask", "answer", "silent", "more", "late", "vote", "end"];
        let mut case = open(&procedure, &calendar(), &opening()).expect("opened");
        for (n, (step, by, later)) in steps.iter().enumerate() {
            let by = match by {
                0 => Actor::clock(),
                1 => Actor::of_party("P1/张", "P1"),
                2 => staff("A"),
                3 => staff("B"),
                _ => staff("H"),
            };
            let when = at("2026-09-21 12:00:00") + std::time::Duration::from_secs(86_400 * later);
            let asked = Asked {
                key: n.to_string(),
                step: names[*step].into(),
                at: when,
                why: "理由".into(),
                assign_to: Some(staff("A")),
                documents: vec![Document::of("询问函", "函", "text/plain", Vec::new())],
                by,
            };
            let before = case.clone();
            match take(&mut case, &asked) {
                Err(_) => prop_assert_eq!(&case, &before),
                Ok(_) => {
                    prop_assert_eq!(case.steps.len(), before.steps.len() + 1);
                    prop_assert_eq!(&case.steps[case.steps.len() - 1].from, &before.state);
                }
            }
            let state = procedure.state(&case.state).expect("a state of the procedure");
            prop_assert_eq!(case.closed, state.closed);
            let mut running: Vec<&str> = case.running().map(|clock| clock.id.as_str()).collect();
            let count = running.len();
            running.dedup();
            prop_assert_eq!(running.len(), count, "no clock runs twice");
            prop_assert!(!case.closed || count == 0, "a closed case waits for nothing");
        }
    }
}
