//! The register on both databases: the same function over a [`Database`].

use db::{Database, DbError};
use provider::{Agreement, AgreementStatus, Content, Shelf, Source, Standing, add_agreement, replace};
use terms::{Date, InstitutionId, Period};

fn opening() -> Content {
    let content = Content::read(&[
        Source {
            file: "institutions.csv",
            text: "fixmedins_code,name,hi_setl_lv,fixmedins_type,medins_type,admdvs,opsp_flag,opt_pool_flag,beds,\
                   begndate,enddate\nH1,医院,2,1,A100,999900,1,0,100,2020-01-01,2025-12-31\n\
                   H1,医院,3,1,A100,999900,1,0,200,2026-01-01,\nP1,药店,1,2,,999900,0,1,0,2020-01-01,\n",
        },
        Source {
            file: "departments.csv",
            text: "fixmedins_code,hosp_dept_codg,name,caty,beds,begndate,enddate\nH1,001,内科,A03,200,2020-01-01,\n",
        },
        Source {
            file: "practitioners.csv",
            text: "prac_psn_code,name,fixmedins_code,hosp_dept_codg,medins_psn_type,title,begndate,enddate\n\
                   D1,张三,H1,001,1,主任医师,2020-01-01,\n",
        },
        Source {
            file: "agreements.csv",
            text: "fixmedins_code,agrt_no,status,begndate,enddate\nH1,XY-1,1,2020-01-01,2026-12-31\n",
        },
    ]);
    assert_eq!(content.errors, [], "the test's own rows are good");
    content
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn the_register_keeps_what_it_is_given(database: &Database) {
    database.migrate(provider::MIGRATIONS).expect("migrated");
    for sql in provider::STATEMENTS {
        database.prepare(sql).expect("every statement prepares");
    }
    database.deed(|tx| replace(tx, &opening())).expect("recorded");
    let shelf = Shelf::default();
    let index = shelf.refresh(database).expect("loaded");
    let given = opening();
    assert_eq!(index.institutions().cloned().collect::<Vec<_>>().len(), given.institutions.len());
    assert_eq!(index.institution("P1", day("2026-01-01")), given.institutions.get(2));
    assert_eq!(index.departments("H1"), given.departments);
    assert_eq!(index.practitioner("D1"), given.practitioners.first());
    assert_eq!(index.agreements("H1"), given.agreements);
    assert!(matches!(index.standing("H1", day("2025-12-31")), Standing::Designated(row) if row.level == "2"));
    assert!(matches!(index.standing("H1", day("2026-01-01")), Standing::Designated(row) if row.level == "3"));
    assert_eq!(index.standing("H1", day("2027-01-01")), Standing::NotDesignated, "the agreement has run out");
    assert!(matches!(index.standing("P1", day("2027-01-01")), Standing::Designated(_)), "no agreement rows at all");
}

fn a_suspension_refuses_service_from_its_first_day(database: &Database) {
    database.migrate(provider::MIGRATIONS).expect("migrated");
    database.deed(|tx| replace(tx, &opening())).expect("recorded");
    let shelf = Shelf::default();
    shelf.refresh(database).expect("loaded");
    let suspension = Agreement {
        institution: InstitutionId::from("H1"),
        number: "ZT-1".to_owned(),
        status: AgreementStatus::Suspended,
        clr_way: "40".to_owned(),
        period: Period::since(day("2026-09-01")),
    };
    let suspend = {
        let suspension = suspension.clone();
        move || {
            let suspension = suspension.clone();
            database.deed(move |tx| add_agreement(tx, &suspension))
        }
    };
    suspend().expect("recorded");
    assert!(matches!(suspend(), Err(DbError::Duplicate { .. })), "the same decision twice");
    let index = shelf.refresh(database).expect("loaded");
    assert!(matches!(index.standing("H1", day("2026-08-31")), Standing::Designated(_)));
    assert_eq!(index.standing("H1", day("2026-09-01")), Standing::Suspended(&suspension));
}

const CHECKS: [fn(&Database); 2] =
    [the_register_keeps_what_it_is_given, a_suspension_refuses_service_from_its_first_day];

#[test]
fn the_register_works_on_sqlite() {
    for check in CHECKS {
        check(&db_sqlite::Sqlite::temporary().expect("a database").into_database());
    }
}

#[test]
fn the_register_works_on_postgresql() {
    for check in CHECKS {
        let Some(fresh) = db_postgres::testing::fresh_database() else { return };
        check(&fresh.open());
    }
}
