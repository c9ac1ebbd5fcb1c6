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

#[test]
fn persons_are_found_by_the_beginning_of_a_name_and_by_employer() {
    on_each_database(|database| {
        let employers = [("E1", "衡州纺织厂"), ("E2", "衡州机械厂"), ("E3", "江南书店")];
        let employers = employers.map(|(emp_no, emp_name)| Employer {
            emp_no: emp_no.into(),
            emp_name: emp_name.to_owned(),
            period: Period::since(day("2000-01-01")),
        });
        let people = [("1", "张三", "E1"), ("2", "张三丰", "E2"), ("3", "李四", "E3"), ("4", "张", "E3")];
        let people = people.map(|(number, name, emp_no)| {
            let mut row = registration(number);
            row.person.psn_name = name.to_owned();
            row.coverage.iter_mut().for_each(|coverage| coverage.emp_no = Some(emp_no.into()));
            row
        });
        database
            .deed(move |tx| {
                register_employers(tx, &employers)?;
                register(tx, &people)
            })
            .expect("registered");
        let ask = |name: &str,
                   employer: &str,
                   descending: bool,
                   after: Option<(&'static str, &'static str)>,
                   at_most: i64| {
            let asked = PersonsAsked { name: name.to_owned(), employer: employer.to_owned(), descending };
            let counted = asked.clone();
            let rows = database.read(move |tx| persons(tx, &asked, after, at_most)).expect("read");
            let numbers: Vec<String> = rows.into_iter().map(|row| row.psn_no.0).collect();
            (numbers.join(" "), database.read(move |tx| persons_count(tx, &counted)).expect("counted"))
        };
        assert_eq!(ask("张三", "", false, None, 9), ("1 2".to_owned(), 2));
        assert_eq!(ask("", "", false, None, 9), ("4 1 2 3".to_owned(), 4));
        assert_eq!(ask("", "", true, None, 9), ("3 2 1 4".to_owned(), 4));
        assert_eq!(ask("", "", false, Some(("张三", "1")), 1), ("2".to_owned(), 4));
        assert_eq!(ask("", "", true, Some(("张三", "1")), 9), ("4".to_owned(), 4));
        assert_eq!(ask("", "衡州", false, None, 9), ("1 2".to_owned(), 2));
        assert_eq!(ask("张", "E3", true, None, 9), ("4".to_owned(), 1));
        assert_eq!(ask("王", "", false, None, 9), (String::new(), 0));
        let (one, other, nobody) = (PersonId::from("1"), PersonId::from("3"), PersonId::from("9"));
        let (known, covered) = database
            .read(move |tx| {
                let asked = [&one, &other, &nobody];
                Ok::<_, DbError>((found(tx, &asked)?, coverage_of_many(tx, &asked)?))
            })
            .expect("read");
        assert_eq!(known.values().map(|row| row.psn_name.as_str()).collect::<Vec<_>>(), ["张三", "李四"]);
        let first = &covered[&PersonId::from("1")];
        assert_eq!((first.len(), first[0].emp_name.as_deref()), (2, Some("衡州纺织厂")));
    });
}
