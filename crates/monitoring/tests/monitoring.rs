//! The register of supervision on both databases.

use db::{Database, DbError};
use monitoring::*;
use screening::{Force, Outcomes, Suppression};
use terms::{DateTime, Fen, Ratio, parse_date, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(monitoring::MIGRATIONS).expect("the tables are made");
        for statement in monitoring::STATEMENTS {
            database.prepare(statement).expect("every statement is understood");
        }
        scenario(&database);
    };
    run(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        run(fresh.open());
    }
}

fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

const NOON: &str = "2026-03-09 12:00:00";

fn library(version: &str) -> Library {
    Library {
        version: version.to_owned(),
        rules: 96,
        brought_at: at(NOON),
        brought_by: "李".to_owned(),
        sources: vec![1, 2, 3],
    }
}

fn placing(seq: i64, version: &str, deed: Deed) -> Placing {
    Placing {
        set: Set::Active,
        seq,
        version: version.to_owned(),
        deed,
        at: at(NOON),
        by: "李".to_owned(),
        why: "试行".to_owned(),
        run_id: String::new(),
    }
}

fn finding(key: &str, run: &str, counted: i64) -> Finding {
    Finding {
        set: Set::Active,
        key: key.to_owned(),
        rule_id: "a".to_owned(),
        rule_version: "1".to_owned(),
        library: "L1".to_owned(),
        severity: 1,
        psn_no: "P".into(),
        fixmedins_code: "H".into(),
        mdtrt_id: "V".into(),
        visit_day: parse_date("2026-03-01"),
        place: Place::Principal,
        under: String::new(),
        amount: Fen(100),
        counted: Fen(counted),
        first_run: run.to_owned(),
        last_run: run.to_owned(),
        found_at: at(NOON),
        body: vec![7],
    }
}

fn check(task: &str) -> Check {
    Check {
        task_id: task.to_owned(),
        stage: Stage::During,
        fixmedins_code: "H".into(),
        psn_no: "P".into(),
        mdtrt_id: "V".into(),
        trig_scen: "4".to_owned(),
        library: "L1".to_owned(),
        asked_at: at(NOON),
        micros: 1_234,
        rules_run: 90,
        rules_not_checked: 1,
        reminders: 1,
        blocking: 1,
        not_checked: "{}".to_owned(),
    }
}

fn reminder(task: &str) -> Reminder {
    Reminder {
        jr_id: "J1".to_owned(),
        task_id: task.to_owned(),
        stage: Stage::During,
        rule_id: "a".to_owned(),
        rule_version: "1".to_owned(),
        library: "L1".to_owned(),
        severity: 1,
        level: 1,
        fixmedins_code: "H".into(),
        psn_no: "P".into(),
        mdtrt_id: "V".into(),
        dept: "001".to_owned(),
        doctor: "D1".to_owned(),
        amount: Fen(800),
        first_at: at(NOON),
        last_at: at(NOON),
        times: 1,
        body: vec![9],
        handling: None,
        reason: String::new(),
        answered_at: None,
    }
}

#[test]
fn a_library_is_brought_in_once_and_every_placing_is_kept() {
    on_each_database(|database| {
        let bring = |version: &'static str| database.deed(move |tx| bring_in(tx, &library(version))).expect("runs");
        assert!(bring("L1") && bring("L2"));
        assert!(!bring("L1"), "known already");
        let revision = || database.read(|tx| monitoring::revision(tx)).expect("read");
        let before = revision();
        database.deed(|tx| place(tx, &placing(1, "L1", Deed::First))).expect("placed");
        database.deed(|tx| place(tx, &placing(2, "L2", Deed::Activate))).expect("placed");
        let twice: Result<(), DbError> = database.deed(|tx| place(tx, &placing(2, "L1", Deed::RollBack)));
        assert!(matches!(twice, Err(DbError::Duplicate { .. })), "two cannot take one step");
        assert_eq!(revision(), before + 2);
        let placings = database.read(|tx| monitoring::placings(tx, Set::Active)).expect("read");
        assert_eq!(placings, [placing(2, "L2", Deed::Activate), placing(1, "L1", Deed::First)]);
        let known = database.read(|tx| monitoring::library(tx, "L2")).expect("read");
        assert_eq!(known, Some(library("L2")));
        assert_eq!(database.read(|tx| libraries(tx)).expect("read").len(), 2);
    });
}

#[test]
fn a_finding_found_again_is_the_same_finding() {
    on_each_database(|database| {
        let run = Run {
            run_id: "R1".to_owned(),
            set: Set::Active,
            version: "L1".to_owned(),
            as_of: at(NOON),
            scope: "2026-03".to_owned(),
            began_at: at(NOON),
            ended_at: None,
            persons: 0,
            findings: 0,
            amount: Fen::ZERO,
            coverage: "[]".to_owned(),
        };
        let done =
            Run { ended_at: Some(at("2026-03-09 12:05:00")), persons: 3, findings: 1, amount: Fen(60), ..run.clone() };
        let (first, last) = (run.clone(), done.clone());
        database.deed(move |tx| put_run(tx, &first)).expect("recorded");
        database.deed(|tx| put_findings(tx, &[finding("K", "R1", 100)])).expect("recorded");
        database.deed(|tx| put_findings(tx, &[finding("K", "R2", 60)])).expect("recorded");
        database.deed(move |tx| put_run(tx, &last)).expect("recorded");
        let again = Finding { last_run: "R2".to_owned(), ..finding("K", "R1", 60) };
        let known = database.read(|tx| monitoring::finding(tx, Set::Active, "K")).expect("read");
        assert_eq!(known.as_ref(), Some(&again));
        assert_eq!(database.read(|tx| monitoring::finding(tx, Set::Shadow, "K")).expect("read"), None);
        let of_run = |run: &'static str| database.read(move |tx| findings_of_run(tx, run)).expect("read").len();
        assert_eq!((of_run("R1"), of_run("R2")), (0, 1));
        let here = database.read(|tx| findings_of_institution(tx, &"H".into(), "a")).expect("read");
        let of_person = database.read(|tx| findings_of_person(tx, &"P".into())).expect("read");
        assert_eq!(
            (here.as_slice(), of_person.as_slice()),
            (std::slice::from_ref(&again), std::slice::from_ref(&again))
        );
        assert_eq!(database.read(|tx| monitoring::run(tx, "R1")).expect("read"), Some(done));
        assert_eq!(database.read(|tx| runs(tx)).expect("read").len(), 1);
    });
}

#[test]
fn a_reminder_told_twice_is_one_reminder_and_keeps_its_last_answer() {
    on_each_database(|database| {
        let tell = |task: &'static str| {
            database.deed(move |tx| record_reminders(tx, &[check(task)], &[reminder(task)])).expect("recorded");
        };
        tell("T1");
        tell("T2");
        let known = || database.read(|tx| monitoring::reminder(tx, "J1")).expect("read").expect("known");
        assert_eq!(known(), Reminder { times: 2, ..reminder("T1") });
        assert_eq!(database.read(|tx| monitoring::check(tx, "T2")).expect("read"), Some(check("T2")));
        let day = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
        let sums = database.read(move |tx| check_sums(tx, None, day)).expect("read");
        let expected = CheckSums { checks: 2, micros: 2_468, slowest: 1_234, incomplete: 2, reminders: 2, blocking: 2 };
        assert_eq!(sums, expected);
        let say = |msgid: &'static str, handling: Handling, reason: &'static str| {
            let feedback = Feedback {
                jr_id: "J1".to_owned(),
                msgid: msgid.into(),
                warn_type: "2".to_owned(),
                handling,
                reason: reason.to_owned(),
                at: at("2026-03-09 12:01:00"),
                by: "D1".to_owned(),
            };
            database.deed(move |tx| answer(tx, &feedback)).expect("recorded");
        };
        say("M1", Handling::GoOn, "病情需要");
        say("M2", Handling::Change, "");
        say("M1", Handling::GoOn, "病情需要");
        let answered = known();
        assert_eq!(
            (answered.handling, answered.reason.as_str()),
            (Some(Handling::Change), ""),
            "M1 came again, M2 was later"
        );
        assert_eq!(database.read(|tx| feedback_of(tx, "J1")).expect("read").len(), 2);
        let of = |visit: Option<terms::VisitId>| {
            database.read(move |tx| reminders_of(tx, &"P".into(), visit.as_ref())).expect("read").len()
        };
        assert_eq!((of(None), of(Some("V".into())), of(Some("W".into()))), (1, 1, 0));
        tell("T3");
        assert_eq!(known().handling, Some(Handling::Change), "told again, the answer stays");
    });
}

fn outcome(subject: &str, source: Source, confirmed: bool, institution: &str) -> Outcome {
    Outcome {
        subject: subject.to_owned(),
        source,
        rule_id: "a".to_owned(),
        rule_version: "1".to_owned(),
        fixmedins_code: institution.into(),
        confirmed,
        at: at(NOON),
        by: "D1".to_owned(),
        why: String::new(),
    }
}

#[test]
fn a_case_stands_over_the_doctor_and_a_new_standing_counts_anew() {
    on_each_database(|database| {
        let tell = |row: Outcome| database.deed(move |tx| tell_outcome(tx, &row)).expect("recorded");
        let counted = |generation: i64| database.read(move |tx| outcomes(tx, "a", "1", generation)).expect("read");
        tell(outcome("J1", Source::Doctor, false, "H1"));
        tell(outcome("J2", Source::Doctor, false, "H2"));
        tell(outcome("J3", Source::Doctor, true, "H2"));
        assert_eq!(counted(0), Outcomes { confirmed: 1, refuted: 2, institutions: 2 });
        tell(outcome("J1", Source::Case, true, "H1"));
        assert_eq!(counted(0), Outcomes { confirmed: 2, refuted: 1, institutions: 1 }, "the case decides J1");
        tell(outcome("J1", Source::Case, false, "H1"));
        assert_eq!(counted(0), Outcomes { confirmed: 1, refuted: 2, institutions: 2 }, "overturned");
        let change = ForceChange {
            rule_id: "a".to_owned(),
            rule_version: "1".to_owned(),
            generation: 1,
            from: Force::Violation,
            to: Force::Suspected,
            at: at(NOON),
            by: "中心".to_owned(),
            why: "低于底线".to_owned(),
            outcomes: counted(0),
            lower: Ratio(615),
            floor: Ratio(8_000),
        };
        let made = change.clone();
        database.deed(move |tx| change_force(tx, &made)).expect("recorded");
        assert_eq!(counted(1), Outcomes::default(), "the new standing has no outcomes yet");
        tell(outcome("J4", Source::Doctor, true, "H1"));
        assert_eq!(counted(1), Outcomes { confirmed: 1, refuted: 0, institutions: 0 });
        let standing = database.read(|tx| standings(tx)).expect("read");
        assert_eq!((standing.len(), standing[0].force, standing[0].generation), (1, Force::Suspected, 1));
        assert_eq!(database.read(|tx| force_changes(tx)).expect("read"), [change]);
        let records = database.read(|tx| records(tx)).expect("read");
        assert_eq!(records[0].outcomes, Outcomes { confirmed: 2, refuted: 2, institutions: 2 });
    });
}

#[test]
fn a_suppression_is_ended_once_and_never_lost() {
    on_each_database(|database| {
        let row = Suppressing {
            suppression: Suppression {
                id: "S1".to_owned(),
                rule: Some("a".to_owned()),
                psn_no: None,
                fixmedins_code: Some("H".to_owned()),
                med_list_codg: None,
                diag_code: None,
                from: parse_date("2026-01-01").expect("a date"),
                until: parse_date("2026-12-31"),
                by: "王".to_owned(),
                why: "放化疗".to_owned(),
            },
            made_at: at(NOON),
            ended: None,
        };
        let made = row.clone();
        database.deed(move |tx| suppress(tx, &made)).expect("recorded");
        assert_eq!(database.read(|tx| suppressions(tx)).expect("read"), std::slice::from_ref(&row));
        let end = || database.deed(|tx| end_suppression(tx, "S1", at(NOON), "王", "完成")).expect("runs");
        assert!(end());
        assert!(!end(), "ended already");
        let ended = database.read(|tx| suppressions(tx)).expect("read");
        assert_eq!(ended[0].ended, Some(Ended { at: at(NOON), by: "王".to_owned(), why: "完成".to_owned() }));
    });
}

#[test]
fn findings_are_listed_by_money_and_summed_by_rule() {
    on_each_database(|database| {
        let rows = [finding("K1", "R1", 100), finding("K2", "R1", 300), finding("K3", "R1", 100)];
        let aside = Finding { place: monitoring::Place::Supporting, under: "K2".to_owned(), ..finding("K4", "R1", 0) };
        database.deed(move |tx| put_findings(tx, &rows)).expect("recorded");
        database.deed(move |tx| put_findings(tx, std::slice::from_ref(&aside))).expect("recorded");
        let keys = |asked: FindingsAsked, at_most| {
            let rows = database.read(move |tx| monitoring::findings(tx, &asked, at_most)).expect("read");
            rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
        };
        let principal = FindingsAsked { place: Some(monitoring::Place::Principal), ..FindingsAsked::default() };
        assert_eq!(keys(principal.clone(), 2), ["K2", "K1"]);
        let after = Some((Fen(100), "K1".to_owned()));
        assert_eq!(keys(FindingsAsked { after, ..principal.clone() }, 2), ["K3"]);
        assert_eq!(keys(FindingsAsked { search: "K3".to_owned(), ..FindingsAsked::default() }, 9), ["K3"]);
        assert!(keys(FindingsAsked { institution: "H9".to_owned(), ..FindingsAsked::default() }, 9).is_empty());
        assert_eq!(database.read(move |tx| count_findings(tx, &principal)).expect("read"), 3);
        let sums = database.read(|tx| findings_by_rule(tx)).expect("read");
        let sums: Vec<_> = sums.iter().map(|row| (row.rule_id.as_str(), row.findings, row.counted)).collect();
        assert_eq!(sums, [("a", 3, Fen(500))]);
        let under = database.read(|tx| findings_under(tx, "K2")).expect("read");
        assert_eq!(under.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["K4"]);
    });
}
