//! The books on both databases.

use db::Database;
use ledger::{Account, LedgerError, State, Transfer};
use terms::{DateTime, Fen, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(ledger::MIGRATIONS).expect("the tables are made");
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

fn transfer(id: &str, amount: i64) -> Transfer {
    Transfer {
        id: id.to_owned(),
        psn_no: "1".into(),
        at: at("2026-03-09 10:00:00"),
        about: "settlement".to_owned(),
        entries: vec![
            (Account::Pool("310100".into()), Fen(-amount)),
            (Account::Cash("1".into()), Fen::ZERO),
            (Account::Payable("H1".into()), Fen(amount)),
        ],
    }
}

fn payable(database: &Database) -> Fen {
    database.read(|tx| ledger::balance(tx, &Account::Payable("H1".into()))).expect("folded")
}

#[test]
fn a_pending_transfer_counts_only_when_it_is_posted() {
    on_each_database(|database| {
        database.deed(|tx| ledger::pend(tx, &transfer("T1", 100)).map_err(db_error)).expect("pending");
        assert_eq!(payable(database), Fen::ZERO);
        let complete = || database.deed(|tx| ledger::complete(tx, &"1".into(), "T1")).expect("asked");
        assert!(complete());
        assert_eq!(payable(database), Fen(100));
        assert!(!complete(), "only a pending transfer can be posted");
        assert!(!database.deed(|tx| ledger::void(tx, &"1".into(), "T1")).expect("asked"), "a posted one is not voided");
    });
}

#[test]
fn a_void_transfer_never_counts() {
    on_each_database(|database| {
        database.deed(|tx| ledger::pend(tx, &transfer("T1", 100)).map_err(db_error)).expect("pending");
        assert!(database.deed(|tx| ledger::void(tx, &"1".into(), "T1")).expect("asked"));
        assert!(!database.deed(|tx| ledger::complete(tx, &"1".into(), "T1")).expect("asked"));
        assert_eq!(payable(database), Fen::ZERO);
        let (read, state) = database.read(|tx| ledger::read(tx, &"1".into(), "T1")).expect("read").expect("there");
        assert_eq!((state, read.entries.len()), (State::Void, 2), "entries of nothing are not written");
    });
}

#[test]
fn an_unbalanced_transfer_is_not_written() {
    on_each_database(|database| {
        let outcome = database.deed(|tx| {
            let mut wrong = transfer("T1", 100);
            wrong.entries[0].1 = Fen(-99);
            Ok::<_, db::DbError>(matches!(
                ledger::post(tx, &wrong),
                Err(LedgerError::Unbalanced { imbalance: Fen(1), .. })
            ))
        });
        assert!(outcome.expect("a deed"));
        assert!(database.read(|tx| ledger::read(tx, &"1".into(), "T1")).expect("read").is_none());
    });
}

#[test]
fn balances_flows_and_the_sum_of_all_agree() {
    on_each_database(|database| {
        let forward = transfer("T1", 100);
        let back = forward.opposite("T2", at("2026-03-10 10:00:00"), "reversal");
        let third = transfer("T3", 40);
        database
            .deed(move |tx| ledger::post_many(tx, &[forward.clone(), back.clone(), third.clone()]).map_err(db_error))
            .expect("posted");
        assert_eq!(payable(database), Fen(40));
        let pools = database.read(|tx| ledger::balances(tx, &Account::Pool(String::new()))).expect("folded");
        assert_eq!(pools, [("310100".to_owned(), Fen(-40))]);
        let day = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
        let flow =
            database.read(move |tx| ledger::flow(tx, &Account::Payable("".into()), day.0, day.1)).expect("folded");
        assert_eq!(flow, [("H1".to_owned(), Fen(140))]);
        assert_eq!(database.read(ledger::sum_of_all).expect("summed"), Fen::ZERO);
    });
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in ledger::STATEMENTS {
            database.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

fn db_error(error: LedgerError) -> db::DbError {
    match error {
        LedgerError::Db(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn an_account_is_stated_from_the_latest_entry_back_page_by_page() {
    on_each_database(|database| {
        let own = || Account::Personal("1".into());
        let moved = move |id: &str, psn_no: &str, time: &str, amount: i64| Transfer {
            psn_no: psn_no.into(),
            at: at(time),
            entries: vec![(Account::Suspense("x".into()), Fen(-amount)), (own(), Fen(amount))],
            ..transfer(id, amount)
        };
        let all = [
            moved("T1", "1", "2026-03-09 10:00:00", 500),
            moved("T2", "2", "2026-03-09 10:00:00", -100),
            moved("T3", "1", "2026-03-10 10:00:00", -50),
        ];
        database.deed(move |tx| ledger::post_many(tx, &all).map_err(db_error)).expect("posted");
        database
            .deed(move |tx| ledger::pend(tx, &moved("T4", "1", "2026-03-11 10:00:00", -1)).map_err(db_error))
            .expect("pending");
        let page = database.read(move |tx| ledger::movements(tx, &own(), None, 2)).expect("read");
        let told = |rows: &[ledger::Movement]| -> Vec<(String, String, i64)> {
            rows.iter().map(|row| (row.transfer_id.clone(), row.psn_no.0.clone(), row.amount.0)).collect()
        };
        assert_eq!(told(&page), [("T3".into(), "1".into(), -50), ("T2".into(), "2".into(), -100)]);
        let last = page[1].clone();
        let rest = database
            .read(move |tx| ledger::movements(tx, &own(), Some((last.at, &last.transfer_id, last.line)), 2))
            .expect("read");
        assert_eq!(told(&rest), [("T1".into(), "1".into(), 500)]);
    });
}
