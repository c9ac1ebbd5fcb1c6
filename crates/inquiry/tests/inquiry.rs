//! The register of inquiries on both databases.

use db::{Database, DbError};
use inquiry::rules::sample::Estimate;
use inquiry::*;
use terms::{DateTime, Fen, parse_date, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(inquiry::MIGRATIONS).expect("the tables are made");
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

fn line(case_id: &str, no: i64, feedetl_sn: &str) -> DisputedLine {
    DisputedLine {
        case_id: case_id.into(),
        no,
        psn_no: "P1".into(),
        mdtrt_id: "V1".into(),
        setl_id: "S1".into(),
        insutype: "310".into(),
        clr_type: "21".into(),
        feedetl_sn: feedetl_sn.into(),
        med_list_codg: "A".into(),
        practitioner: "D1".into(),
        rule: "R1".into(),
        rule_version: "2".into(),
        place: Place { before: Fen(0), own: Fen(100), total: Fen(200), funds: vec![("310100".into(), Fen(140))] },
        disputed: Fen(80),
        state: LineState::Open,
        decided: Fen::ZERO,
        by_fund: Vec::new(),
        article: String::new(),
        reason: String::new(),
    }
}

fn facts(case_id: &str) -> CaseFacts {
    CaseFacts {
        case_id: case_id.into(),
        fixmedins_code: "H1".into(),
        rule: "R1".into(),
        rule_version: "2".into(),
        disputed: Fen(80),
        recoverable: Fen(56),
        confidence: None,
        opened_at: at("2026-03-09 09:00:00"),
    }
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in inquiry::STATEMENTS {
            database.prepare(sql).expect(sql.name);
        }
    });
}

#[test]
fn what_is_recorded_is_read_back_as_it_was() {
    on_each_database(|database| {
        let clue = Clue {
            clue_id: "K1".into(),
            source: Source::Finding,
            reference: "F1".into(),
            rule: "R1".into(),
            version: "2".into(),
            fixmedins_code: "H1".into(),
            amount: Fen(80),
            confidence: Some(9_100),
            summary: "重复".into(),
            found_at: at("2026-03-09 08:00:00"),
            case_id: None,
            lines: vec![ClueLine {
                psn_no: "P1".into(),
                mdtrt_id: "V1".into(),
                feedetl_sn: Some("1".into()),
                amount: None,
            }],
        };
        let given = Given {
            seq: 2,
            stage: "first_review".into(),
            by: "S001".into(),
            opinion: Opinion { no: 1, amount: Fen(70), article: "第三十八条".into(), reason: "见记录".into() },
        };
        let appeal =
            Appeal { seq: 3, no: 1, grounds: "不同部位".into(), evidence: vec![("医嘱".into(), "ab12".into())] };
        let recovery = Recovery {
            case_id: "C1".into(),
            seq: 4,
            way: Way::Deduction,
            amount: Fen(49),
            by_fund: vec![("310100".into(), Fen(49))],
            lines: vec![1],
            transfer_id: "case/C1/4".into(),
            at: at("2026-03-10 09:00:00"),
        };
        let fine = Fine {
            case_id: "C1".into(),
            seq: 4,
            article: "38".into(),
            loss: Fen(49),
            times: "1.5".into(),
            amount: Fen(74),
            at: at("2026-03-10 09:00:00"),
            revoked: false,
        };
        let event = CreditEvent {
            event_id: "C1/4/1".into(),
            holder: Holder::Practitioner,
            code: "D1".into(),
            event: "minor".into(),
            points: 2,
            on: parse_date("2026-03-10").expect("a date"),
            case_id: "C1".into(),
            article: "一般责任".into(),
            revoked: String::new(),
        };
        let decided = DisputedLine {
            state: LineState::Upheld,
            decided: Fen(70),
            by_fund: vec![("310100".into(), Fen(49))],
            article: "第三十八条".into(),
            reason: "见记录".into(),
            ..line("C1", 1, "1")
        };
        let told = (clue.clone(), given.clone(), appeal.clone(), recovery.clone(), fine.clone(), event.clone());
        let put = decided.clone();
        database
            .deed(move |tx| -> Result<(), DbError> {
                let (clue, given, appeal, recovery, fine, event) = &told;
                assert!(add_clue(tx, clue)?);
                assert!(!add_clue(tx, &Clue { clue_id: "K2".into(), ..clue.clone() })?, "one a source and number");
                add_case(tx, &facts("C1"), &[line("C1", 1, "1"), line("C1", 2, "2")])?;
                assert!(take_clue(tx, "K1", "C1")? && !take_clue(tx, "K1", "C2")?);
                add_opinions(tx, "C1", std::slice::from_ref(given))?;
                add_appeals(tx, "C1", std::slice::from_ref(appeal))?;
                put_line(tx, &put)?;
                add_recovery(tx, recovery)?;
                add_fine(tx, fine)?;
                add_credit(tx, std::slice::from_ref(event))
            })
            .expect("recorded");
        database
            .read(move |tx| -> Result<(), DbError> {
                let taken = Clue { case_id: Some("C1".into()), ..clue.clone() };
                assert_eq!(inquiry::clues(tx, "C1")?, vec![taken.clone()]);
                assert_eq!(clue_of(tx, Source::Finding, "F1")?, Some(taken));
                assert_eq!(inquiry::case(tx, "C1")?, Some(facts("C1")));
                assert_eq!(lines(tx, "C1")?, [decided.clone(), line("C1", 2, "2")]);
                assert_eq!(opinions(tx, "C1")?, vec![given.clone()]);
                assert_eq!(appeals(tx, "C1")?, vec![appeal.clone()]);
                assert_eq!(recoveries(tx, "C1")?, vec![recovery.clone()]);
                assert_eq!(fines(tx, "C1")?, vec![fine.clone()]);
                assert_eq!(credit(tx, Holder::Practitioner, "D1")?, vec![event.clone()]);
                assert_eq!(credit_holders(tx, Holder::Institution)?, Vec::<String>::new());
                assert_eq!(held(tx, &"P1".into())?.len(), 2);
                Ok(())
            })
            .expect("read");
    });
}

#[test]
fn a_line_is_in_one_case_until_it_is_let_go() {
    on_each_database(|database| {
        let open = |case: &'static str| {
            database.deed(move |tx| -> Result<(), DbError> { add_case(tx, &facts(case), &[line(case, 1, "1")]) })
        };
        let put = |state| {
            database
                .deed(move |tx| -> Result<(), DbError> { put_line(tx, &DisputedLine { state, ..line("C1", 1, "1") }) })
                .expect("put");
        };
        open("C1").expect("opened");
        assert!(matches!(open("C2"), Err(DbError::Duplicate { .. })));
        put(LineState::Upheld);
        assert!(matches!(open("C2"), Err(DbError::Duplicate { .. })), "its money came back once");
        put(LineState::Overturned);
        open("C2").expect("free again");
    });
}

#[test]
fn a_frame_is_held_until_it_is_released_and_its_estimate_is_kept() {
    on_each_database(|database| {
        let unit = |visit: &str, drawn| SampleUnit {
            psn_no: "P1".into(),
            mdtrt_id: visit.into(),
            stratum: "1 低".into(),
            paid: Fen(100),
            drawn,
        };
        let sample = Sample {
            case_id: "C1".into(),
            seed: "种子".into(),
            at: at("2026-03-09 09:00:00"),
            funds: vec![("310100".into(), Fen(200))],
            insutype: "310".into(),
            clr_type: "21".into(),
            units: vec![unit("V1", true), unit("V2", false)],
            estimate: None,
        };
        let estimate = Estimate {
            units: 2,
            drawn: 1,
            paid: Fen(200),
            found: Fen(10),
            point: Fen(20),
            lower: Fen(10),
            confidence: "90%".into(),
            strata: Vec::new(),
        };
        let drawn = sample.clone();
        let told = estimate.clone();
        database
            .deed(move |tx| -> Result<(), DbError> {
                assert!(add_sample(tx, &drawn)?);
                assert!(!add_sample(tx, &drawn)?, "one a case");
                assert_eq!(framed(tx, &"P1".into())?.len(), 2);
                evaluate_sample(tx, "C1", &told)
            })
            .expect("recorded");
        let released = database
            .deed(move |tx| -> Result<_, DbError> {
                let read = inquiry::sample(tx, "C1")?.expect("a sample");
                release_frame(tx, "C1")?;
                Ok((read, framed(tx, &"P1".into())?.len()))
            })
            .expect("released");
        let text = serde_json::to_string(&estimate).expect("JSON");
        assert_eq!(released, (Sample { estimate: Some(text), ..sample }, 0));
    });
}

#[test]
fn suspicions_are_kept_whole_and_listed_by_what_they_are_worth() {
    on_each_database(|database| {
        let suspicion = |group: &str, weighted: i64| Suspicion {
            suspicion_id: format!("id of {group}"),
            model: "card-pooling".to_owned(),
            name: "聚集刷卡".to_owned(),
            version: "1".to_owned(),
            group: group.to_owned(),
            score: 900,
            recoverable: Fen(weighted * 2),
            weighted: Fen(weighted),
            institutions: vec!["H1".to_owned()],
            persons: 3,
            visits: 9,
            why: "一起刷卡".to_owned(),
            found_at: at("2026-03-09 12:00:00"),
            body: vec![1, 2, 3],
        };
        let put = |row: Suspicion| database.deed(move |tx| put_suspicion(tx, &row)).expect("recorded");
        put(suspicion("a", 10));
        put(suspicion("b", 30));
        put(Suspicion { suspicion_id: "another number".to_owned(), ..suspicion("a", 20) });
        let read = |after: Option<(Fen, &'static str)>| {
            let rows = database.read(move |tx| suspicions(tx, "card-pooling", after, 9)).expect("read");
            rows.into_iter().map(|row| (row.suspicion_id, row.weighted)).collect::<Vec<_>>()
        };
        let (first, second) = (("id of b".to_owned(), Fen(30)), ("id of a".to_owned(), Fen(20)));
        assert_eq!(read(None), [first, second.clone()], "told again, it keeps its number");
        assert_eq!(read(Some((Fen(30), "id of b"))), [second]);
        let whole = database.read(|tx| inquiry::suspicion(tx, "id of b")).expect("read");
        assert_eq!(whole, Some(suspicion("b", 30)));
        database.deed(|tx| add_case(tx, &facts("C1"), &[])).expect("recorded");
        assert_eq!(database.read(|tx| cases(tx, "", 9)).expect("read"), [facts("C1")]);
        assert!(database.read(|tx| cases(tx, "H9", 9)).expect("read").is_empty());
    });
}
