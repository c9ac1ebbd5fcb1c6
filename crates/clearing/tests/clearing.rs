//! The register of clearing on both databases.

use clearing::*;
use db::{Database, DbError};
use terms::{DateTime, Exact, Fen, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(clearing::MIGRATIONS).expect("the tables are made");
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

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

fn list(version: i64, state: ListState) -> List {
    List {
        psn_no: "P".into(),
        setl_id: "S1".into(),
        version,
        setl_list_id: "L1".to_owned(),
        mdtrt_id: "V1".into(),
        fixmedins_code: "H1".into(),
        state,
        reason: String::new(),
        digest: format!("d{version}"),
        sent_at: at("2026-03-12 09:00:00"),
        msgid: "M1".into(),
        content: vec![1, 2, 3],
    }
}

fn cleared(setl_id: &str) -> Cleared {
    Cleared {
        psn_no: "P".into(),
        setl_id: setl_id.into(),
        cause: Cause::Settlement,
        reverses: None,
        mdtrt_id: "V1".into(),
        month: month("2026-03"),
        fixmedins_code: "H1".into(),
        insutype: "310".to_owned(),
        clr_type: "21".to_owned(),
        clr_way: "40".to_owned(),
        pool: "employees".to_owned(),
        list_version: 2,
        scheme: "town-drg".to_owned(),
        scheme_version: "2026".to_owned(),
        plan: "town".to_owned(),
        status: "grouped".to_owned(),
        group_code: "AA11".to_owned(),
        group_name: "组".to_owned(),
        weight: Some("1.25".parse().expect("exact")),
        points: "122.5000000001".parse().expect("exact"),
        outside: false,
        fee: Fen(1_000_000),
        excluded: Fen(1_000),
        payment: Fen(1_225_000),
        patient: Fen(300_000),
        other_funds: Fen(50_000),
        fund: Fen(876_000),
        item_fund: Fen(651_000),
        cleared_at: at("2026-04-02 02:00:00"),
        explanation: vec![9],
    }
}

fn keep(database: &Database, cases: Vec<Cleared>) -> Result<(), DbError> {
    database.deed(move |tx| add_cases(tx, &cases))
}

#[test]
fn a_list_keeps_its_versions_and_the_last_one_counts() {
    on_each_database(|database| {
        let add = |row: List| database.deed(move |tx| add_list(tx, &row));
        add(list(1, ListState::Rejected)).expect("recorded");
        add(list(2, ListState::Uploaded)).expect("recorded");
        assert!(matches!(add(list(2, ListState::Uploaded)), Err(DbError::Duplicate { .. })));
        database.deed(|tx| move_list(tx, &list(2, ListState::Uploaded), ListState::Submitted, "")).expect("moved");
        let latest = database.read(|tx| clearing::list(tx, &"P".into(), &"S1".into())).expect("read");
        assert_eq!(latest, Some(list(2, ListState::Submitted)));
        let all = database.read(|tx| list_versions(tx, &"P".into(), &"S1".into())).expect("read");
        assert_eq!(all, [list(1, ListState::Rejected), list(2, ListState::Submitted)]);
        assert_eq!(database.read(|tx| clearing::list(tx, &"P".into(), &"S9".into())).expect("read"), None);
    });
}

#[test]
fn one_application_stands_for_a_month_until_it_is_withdrawn() {
    on_each_database(|database| {
        let application = |id: &str| Application {
            clr_appy_evt_id: id.to_owned(),
            fixmedins_code: "H1".into(),
            clr_type: "21".to_owned(),
            clr_way: "40".to_owned(),
            month: month("2026-03"),
            begndate: month("2026-03").first(),
            enddate: month("2026-03").last(),
            psntime: 3,
            medfee_sumamt: Fen(10),
            med_sumfee: Fen(9),
            fund_appy_sum: Fen(5),
            cash_payamt: Fen(3),
            acct_pay: Fen(2),
            withdrawn: false,
            made_at: at("2026-04-01 10:00:00"),
            msgid: "M9".into(),
        };
        let apply = |id: &'static str| database.deed(move |tx| clearing::apply(tx, &application(id))).expect("runs");
        let standing =
            || database.read(|tx| standing_application(tx, &"H1".into(), "21", month("2026-03"))).expect("read");
        assert!(apply("A1"));
        assert!(!apply("A2"), "one stands");
        assert_eq!(standing(), Some(application("A1")));
        assert!(database.deed(|tx| withdraw(tx, "A1")).expect("runs"));
        assert!(!database.deed(|tx| withdraw(tx, "A1")).expect("runs"), "it is withdrawn already");
        assert_eq!(standing(), None);
        assert!(apply("A3"));
        let first = database.read(|tx| clearing::application(tx, "A1")).expect("read");
        assert_eq!(first, Some(Application { withdrawn: true, ..application("A1") }));
    });
}

#[test]
fn a_case_is_cleared_once_and_its_reversal_takes_all_of_it_back() {
    on_each_database(|database| {
        let case = cleared("S1");
        let back = case.taken_back("R1".into(), month("2026-04"), at("2026-05-02 02:00:00"));
        keep(database, vec![case.clone(), cleared("S2")]).expect("recorded");
        assert!(matches!(keep(database, vec![cleared("S1")]), Err(DbError::Duplicate { .. })));
        keep(database, vec![back.clone()]).expect("recorded");
        let months = |from: &'static str, to: &'static str| {
            database.read(move |tx| cases_between(tx, &"H1".into(), month(from), month(to))).expect("read")
        };
        assert_eq!(months("2026-03", "2026-03"), [case.clone(), cleared("S2")]);
        assert_eq!(months("2026-04", "2026-04"), std::slice::from_ref(&back));
        let lighter = database.read(|tx| figures_between(tx, &"H1".into(), month("2026-04"), month("2026-04")));
        assert_eq!(lighter.expect("read"), [Cleared { explanation: Vec::new(), ..back.clone() }]);
        let whole: Fen = [&case, &back].iter().map(|row| row.fund).sum();
        assert_eq!((whole, case.points + back.points), (Fen::ZERO, Exact::ZERO));
        assert_eq!(case.difference(), -back.difference());
        let ids = database.read(|tx| cleared_ids(tx, &"H1".into())).expect("read");
        let ids: Vec<String> =
            ids.into_iter().map(|((id, cause), item)| format!("{id} {} {item}", cause.code())).collect();
        assert_eq!(ids, ["R1 reversal -6510.00", "S1 settlement 6510.00", "S2 settlement 6510.00"]);
    });
}

#[test]
fn a_decision_on_a_special_case_is_made_once() {
    on_each_database(|database| {
        let ask = || {
            let asked = |tx: &mut dyn db::Tx| {
                ask_special(tx, &"P".into(), &"S1".into(), &"H1".into(), "多学科", at("2026-04-01 10:00:00"))
            };
            database.deed(asked).expect("runs")
        };
        let decide = || {
            let decided =
                Decided { decision: "{\"amount\":1}".into(), at: at("2026-04-09 10:00:00"), by: "医保局".into() };
            database.deed(move |tx| decide_special(tx, &"P".into(), &"S1".into(), &decided)).expect("runs")
        };
        assert!(!decide(), "nobody asked");
        assert!(ask());
        assert!(!ask());
        assert!(decide());
        assert!(!decide());
        let special = database.read(|tx| special(tx, &"P".into(), &"S1".into())).expect("read").expect("one");
        assert_eq!(special.decision.as_ref().map(|decided| decided.by.as_str()), Some("医保局"));
        assert_eq!(database.read(|tx| decided_specials(tx, &"H1".into())).expect("read"), [special]);
    });
}

#[test]
fn a_statement_is_written_anew_and_a_year_is_closed_once() {
    on_each_database(|database| {
        let statement = |state| Statement {
            month: month("2026-03"),
            fixmedins_code: "H1".into(),
            insutype: "310".to_owned(),
            clr_type: "21".to_owned(),
            clr_way: "40".to_owned(),
            pool: "employees".to_owned(),
            state,
            payable: Fen(100),
            carried: Fen(-1),
            figures: "{}".to_owned(),
            changed_at: at("2026-04-02 02:00:00"),
        };
        for state in [StatementState::Estimated, StatementState::Posted] {
            database.deed(move |tx| put_statement(tx, &statement(state))).expect("written");
        }
        let year = (month("2026-01"), month("2026-12"));
        let there = database.read(move |tx| institutions(tx, year.0, year.1)).expect("read");
        assert_eq!(there, ["H1".into()]);
        let found = database.read(move |tx| statements(tx, &"H1".into(), year.0, year.1)).expect("read");
        assert_eq!(found, [statement(StatementState::Posted)]);
        let row = |institution: Option<&str>| YearRow {
            year: 2026,
            plan: "town".to_owned(),
            pool: "employees".to_owned(),
            fixmedins_code: institution.map(Into::into),
            balance_due: Fen(-7),
            figures: "{}".to_owned(),
            closed_at: at("2027-02-01 00:00:00"),
        };
        let close = || database.deed(move |tx| add_year(tx, &[row(None), row(Some("H1"))]));
        close().expect("closed");
        assert!(matches!(close(), Err(DbError::Duplicate { .. })));
        let rows = database.read(|tx| clearing::year(tx, 2026, "town")).expect("read");
        assert_eq!(rows, [row(None), row(Some("H1"))]);
    });
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in clearing::STATEMENTS {
            database.prepare(sql).unwrap_or_else(|error| panic!("{}: {error}", sql.name));
        }
    });
}

#[test]
fn lists_of_an_institution_come_latest_first_each_in_its_last_version() {
    on_each_database(|database| {
        let add = |row: List| database.deed(move |tx| add_list(tx, &row)).expect("recorded");
        add(list(1, ListState::Rejected));
        add(list(2, ListState::Submitted));
        let later = at("2026-03-31 10:00:00");
        add(List { setl_id: "S2".into(), sent_at: later, ..list(1, ListState::Rejected) });
        add(List { setl_id: "S3".into(), sent_at: later, fixmedins_code: "H9".into(), ..list(1, ListState::Rejected) });
        let own = list(1, ListState::Rejected).fixmedins_code.0;
        let read = |state: Option<ListState>, after: Option<(&'static str, &'static str)>| {
            let own = own.clone();
            let rows = database.read(move |tx| lists_of_institution(tx, &own, state, after, 10)).expect("read");
            rows.into_iter().map(|row| (row.setl_id.0, row.version)).collect::<Vec<_>>()
        };
        let (first, second) = (("S2".to_owned(), 1), ("S1".to_owned(), 2));
        assert_eq!(read(None, None), [first.clone(), second.clone()]);
        assert_eq!(read(Some(ListState::Rejected), None), [first]);
        assert_eq!(read(None, Some(("2026-03-31 10:00:00", "S2"))), [second]);
        let own = own.clone();
        let counted = database.read(move |tx| count_lists(tx, &own)).expect("read");
        assert_eq!(counted, [("1".to_owned(), 1), ("3".to_owned(), 1)].into());
    });
}
