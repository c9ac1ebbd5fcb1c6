//! Accounts, sessions and reads on both databases.

use access::operations::*;
use access::*;
use db::{Database, DbError, Tx};
use terms::{DateTime, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(access::MIGRATIONS).expect("the tables are made");
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

fn deed<T: Send + 'static>(
    database: &Database,
    deed: impl Fn(&mut dyn Tx) -> Result<T, DbError> + Send + Sync + 'static,
) -> T {
    database.deed(deed).unwrap_or_else(|error: DbError| panic!("{error}"))
}

fn office() -> Account {
    let scope = Scope::Department { institution: "H1".to_owned(), department: "D2".to_owned() };
    let roles = vec!["department".to_owned(), "hospital".to_owned()];
    Account {
        staff: Some("S001".to_owned()),
        oidc: "issuer|7".to_owned(),
        ..Account::new("ward", "内科", roles, scope)
    }
}

#[test]
fn an_account_is_kept_as_it_was_given() {
    on_each_database(|database| {
        let kept = office();
        let put = kept.clone();
        deed(database, move |tx| put_account(tx, &put));
        assert_eq!(deed(database, |tx| account(tx, "ward")), Some(kept.clone()));
        assert_eq!(deed(database, |tx| account_of_oidc(tx, "issuer|7")), Some(kept));
        assert_eq!(deed(database, |tx| account_of_oidc(tx, "")), None);
    });
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in STATEMENTS {
            database.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

#[test]
fn a_change_of_an_account_leaves_its_second_factor_and_its_lock() {
    on_each_database(|database| {
        let until = at("2026-03-01 10:00:00");
        deed(database, move |tx| {
            put_account(tx, &office())?;
            set_totp(tx, "ward", "sealed", 7)?;
            count_failure(tx, "ward", 2, until)?;
            count_failure(tx, "ward", 2, until)
        });
        let locked = deed(database, |tx| account(tx, "ward")).expect("it is there");
        assert_eq!((locked.failed, locked.locked_until), (2, Some(until)));
        deed(database, |tx| put_account(tx, &Account { disabled: true, ..office() }));
        let changed = deed(database, |tx| account(tx, "ward")).expect("it is there");
        assert_eq!(changed, Account { disabled: true, ..locked });
        assert_eq!((changed.totp.as_str(), changed.totp_step), ("sealed", 7));
        deed(database, |tx| forgive(tx, "ward"));
        assert_eq!(deed(database, |tx| account(tx, "ward")).expect("it is there").locked_until, None);
    });
}

#[test]
fn a_code_counts_once_and_an_older_one_not_at_all() {
    on_each_database(|database| {
        deed(database, |tx| put_account(tx, &office()));
        assert_eq!(
            [5, 5, 4, 6].map(|step| deed(database, move |tx| use_totp_step(tx, "ward", step))),
            [true, false, false, true]
        );
    });
}

#[test]
fn accounts_are_found_by_a_part_of_their_name_and_by_state() {
    on_each_database(|database| {
        deed(database, |tx| {
            put_account(tx, &office())?;
            put_account(tx, &Account { disabled: true, ..Account::new("admin", "管理员", vec![], Scope::Region) })
        });
        let found = |asked: AccountsAsked| {
            deed(database, move |tx| accounts(tx, &asked, 9))
                .into_iter()
                .map(|account| account.account)
                .collect::<Vec<_>>()
        };
        assert_eq!(found(AccountsAsked::default()), ["admin", "ward"]);
        assert_eq!(found(AccountsAsked { after: "admin".to_owned(), ..AccountsAsked::default() }), ["ward"]);
        assert_eq!(found(AccountsAsked { part: "内".to_owned(), ..AccountsAsked::default() }), ["ward"]);
        assert_eq!(found(AccountsAsked { disabled: Some(true), ..AccountsAsked::default() }), ["admin"]);
        assert_eq!(found(AccountsAsked { disabled: Some(false), ..AccountsAsked::default() }), ["ward"]);
    });
}

fn session(token: &str, account: &str, begun: &str) -> Session {
    Session {
        token_hash: token_hash(token),
        account: account.to_owned(),
        persons: vec![],
        csrf: "word".to_owned(),
        begun_at: at(begun),
        seen_at: at(begun),
        ends_at: at("2026-03-02 20:00:00"),
    }
}

#[test]
fn open_sessions_are_listed_newest_first_and_end_together() {
    on_each_database(|database| {
        deed(database, |tx| {
            begin_session(tx, &session("a", "ward", "2026-03-02 08:00:00"))?;
            begin_session(tx, &session("b", "ward", "2026-03-02 09:00:00"))?;
            begin_session(tx, &session("c", "admin", "2026-03-02 09:00:00"))
        });
        let all = SessionsAsked {
            account: String::new(),
            now: at("2026-03-02 10:00:00"),
            used_since: at("2026-03-02 00:00:00"),
            before: None,
        };
        let found = |asked: SessionsAsked| deed(database, move |tx| sessions(tx, &asked, 9));
        let three = found(all.clone());
        assert_eq!((three.len(), &three[2].token_hash), (3, &token_hash("a")));
        let before = Some((three[0].begun_at, three[0].token_hash.clone()));
        assert_eq!(found(SessionsAsked { before, ..all.clone() }), three[1..]);
        assert_eq!(found(SessionsAsked { account: "ward".to_owned(), ..all.clone() }).len(), 2);
        assert_eq!(found(SessionsAsked { used_since: at("2026-03-02 08:30:00"), ..all.clone() }).len(), 2);
        assert_eq!(found(SessionsAsked { now: at("2026-03-02 20:00:01"), ..all.clone() }), []);
        deed(database, |tx| end_sessions_of(tx, "ward"));
        assert_eq!(found(all).len(), 1);
    });
}
