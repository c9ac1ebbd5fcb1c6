//! The register of persons on both databases.

use db::{Database, DbError};
use enrolment::*;
use terms::{Date, Fen, Period, PersonId, parse_date, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(enrolment::MIGRATIONS).expect("the tables are made");
        scenario(&database);
    };
    run(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        run(fresh.open());
    }
}

fn day(text: &str) -> Date {
    parse_date(text).expect("a date")
}

fn coverage(insutype: &str, begin: &str, end: Option<&str>) -> Coverage {
    Coverage {
        insutype: insutype.to_owned(),
        psn_type: "11".to_owned(),
        cvlserv_flag: "0".to_owned(),
        psn_insu_stas: "1".to_owned(),
        period: Period { begin: day(begin), end: end.map(day) },
        insuplc_admdvs: "999900".into(),
        emp_no: Some("E1".into()),
        emp_name: None,
        fields: Fields::new(),
    }
}

fn registration(psn_no: &str) -> Registration {
    Registration {
        person: Person {
            psn_no: psn_no.into(),
            psn_name: "张三".to_owned(),
            psn_cert_type: "01".to_owned(),
            certno: format!("C{psn_no}"),
            gend: "2".to_owned(),
            naty: "01".to_owned(),
            brdy: day("1970-02-28"),
            tel: "123".to_owned(),
            fields: Fields::from([("hukou".to_owned(), "1".to_owned())]),
        },
        coverage: vec![coverage("310", "2020-01-01", Some("2025-12-31")), coverage("390", "2026-01-01", None)],
        identities: vec![Identity {
            psn_idet_type: "2303".to_owned(),
            psn_type_lv: String::new(),
            memo: String::new(),
            period: Period::since(day("2026-01-01")),
        }],
        filings: vec![filing("F1")],
        givers: vec![],
        balance: Fen(500),
        at: parse_time("2026-01-01 08:00:00").expect("a time"),
    }
}

fn filing(number: &str) -> Filing {
    Filing {
        filing_id: number.into(),
        kind: "refl".to_owned(),
        period: Period { begin: day("2026-03-01"), end: Some(day("2026-12-31")) },
        dise_codg: None,
        admdvs: Some("988800".into()),
        cancelled: false,
        fields: Fields::new(),
    }
}

fn register_one(database: &Database) -> PersonId {
    let employer =
        Employer {
            emp_no: "E1".into(), emp_name: "衡州纺织厂".to_owned(), period: Period::since(day("2000-01-01"))
        };
    database
        .deed(move |tx| {
            register_employers(tx, std::slice::from_ref(&employer))?;
            register(tx, &[registration("1"), registration("2")])
        })
        .expect("registered");
    "1".into()
}

fn standing_of(database: &Database, psn_no: &PersonId) -> Standing {
    let psn_no = psn_no.clone();
    database.read(move |tx| standing(tx, &psn_no)).expect("read").expect("registered")
}

#[test]
fn a_person_reads_back_as_registered_in_one_statement() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        let written = registration("1");
        let read = standing_of(database, &psn_no);
        assert_eq!(read.person, written.person);
        assert_eq!(read.coverage.len(), 2);
        assert_eq!(
            read.coverage[0],
            Coverage { emp_name: Some("衡州纺织厂".to_owned()), ..written.coverage[0].clone() }
        );
        assert_eq!((read.identities, read.filings), (written.identities, written.filings));
        assert_eq!((read.balance, read.givers), (Fen(500), vec![]));
        assert!(database.read(|tx| standing(tx, &"nobody".into())).expect("read").is_none());
        assert_eq!(database.read(count_persons).expect("counted"), 2);
    });
}

#[test]
fn a_certificate_finds_its_person_and_cannot_be_registered_twice() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        assert_eq!(database.read(|tx| by_certificate(tx, "01", "C1")).expect("read"), Some(psn_no.clone()));
        assert_eq!(database.read(|tx| by_certificate(tx, "02", "C1")).expect("read"), None);
        assert_eq!(database.read(|tx| by_certificate_number(tx, "C1")).expect("read"), [psn_no]);
        let mut twice = registration("3");
        twice.person.certno = "C1".to_owned();
        let outcome = database.deed(move |tx| register(tx, std::slice::from_ref(&twice)));
        assert!(matches!(outcome, Err(DbError::Duplicate { .. })), "{outcome:?}");
    });
}

#[test]
fn what_is_added_later_comes_last() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        let person = psn_no.clone();
        database
            .deed(move |tx| {
                assert!(end_coverage(tx, &person, "390", day("2026-01-01"), day("2026-06-30"))?);
                assert!(!end_coverage(tx, &person, "390", day("2026-01-02"), day("2026-06-30"))?);
                add_coverage(tx, &person, &coverage("310", "2026-07-01", None))?;
                add_identity(tx, &person, &registration("1").identities[0])?;
                file(tx, &person, 2, &filing("F2"), registration("1").at)?;
                assert!(cancel_filing(tx, &person, &"F1".into(), registration("1").at)?);
                cancel_filing(tx, &person, &"F1".into(), registration("1").at)
            })
            .map(|again| assert!(!again, "a filing is cancelled once"))
            .expect("added");
        let read = standing_of(database, &psn_no);
        assert_eq!(read.coverage[1].period.end, Some(day("2026-06-30")));
        assert_eq!(read.coverage[2].period, Period::since(day("2026-07-01")));
        assert_eq!(read.identities.len(), 2);
        assert_eq!(read.filings.iter().map(|row| row.cancelled).collect::<Vec<_>>(), [true, false]);
    });
}

#[test]
fn an_account_never_gives_more_than_it_holds() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        let debit = |amount: i64| {
            let psn_no = psn_no.clone();
            database.deed(move |tx| debit_account(tx, &psn_no, Fen(amount))).expect("asked")
        };
        assert!(!debit(501));
        assert!(debit(500) && !debit(1));
        let person = psn_no.clone();
        database.deed(move |tx| credit_account(tx, &person, Fen(30))).expect("credited");
        let person = psn_no.clone();
        assert_eq!(database.read(move |tx| balance_of(tx, &person)).expect("read"), Fen(30));
        assert_eq!(database.read(balances_total).expect("read"), (Fen(530), 2));
    });
}

#[test]
fn givers_are_shown_with_their_balances_in_order_of_use() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        let giver = |giver: &str, year_lmt: Option<i64>| Giver {
            giver: giver.into(),
            period: Period::since(day("2026-01-01")),
            year_lmt: year_lmt.map(Fen),
            balc: Fen::ZERO,
        };
        let person = psn_no.clone();
        database
            .deed(move |tx| {
                authorise(tx, &person, &giver("9", Some(100)))?;
                authorise(tx, &person, &giver("2", None))
            })
            .expect("authorised");
        let read = standing_of(database, &psn_no).givers;
        let shown: Vec<_> = read.iter().map(|row| (row.giver.as_str(), row.balc, row.year_lmt)).collect();
        assert_eq!(shown, [("9", Fen::ZERO, Some(Fen(100))), ("2", Fen(500), None)]);
        assert_eq!(database.read(move |tx| givers_of(tx, &psn_no)).expect("read"), ["9".into(), "2".into()]);
    });
}

#[test]
fn families_and_contributions_are_kept_and_corrected() {
    on_each_database(|database| {
        let psn_no = register_one(database);
        let member = |psn_no: &str, relation: &str| FamilyMember {
            family_no: "H1".to_owned(),
            psn_no: psn_no.into(),
            relation: relation.to_owned(),
        };
        let paid = |paid: i64| Contribution {
            psn_no: "1".into(),
            insutype: "310".to_owned(),
            month: "202603".to_owned(),
            base: Fen(600_000),
            paid: Fen(paid),
            status: "1".to_owned(),
        };
        database
            .deed(move |tx| {
                join_families(tx, &[member("1", "户主"), member("2", "配偶")])?;
                record_contributions(tx, &[paid(48_000)])?;
                record_contributions(tx, &[paid(50_000)])
            })
            .expect("kept");
        let person = psn_no.clone();
        assert_eq!(database.read(move |tx| family_of(tx, &person)).expect("read").len(), 2);
        let months = database.read(move |tx| contributions_of(tx, &psn_no)).expect("read");
        assert_eq!(months.iter().map(|row| row.paid).collect::<Vec<_>>(), [Fen(50_000)]);
    });
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in enrolment::STATEMENTS {
            database.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}
