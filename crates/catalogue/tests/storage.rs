//! The register on both databases: the same function over a [`Database`].

use catalogue::{Content, Lookup, Shelf, Source, TermKind, import, items_page, replace, terms_page, version};
use db::{Database, DbError};
use terms::Date;

const HEADER: &str = "med_list_codg,name,list_type,med_chrgitm_type,chrgitm_lv,selfpay_prop_310,selfpay_prop_390,\
                      pric_uplmt_3,pric_uplmt_1,lmt_used_flag,qty_lmt_per,qty_lmt_cnt,acct_pay_flag,begndate,enddate";

fn drugs(rows: &[&str]) -> Content {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let content = Content::read(&[Source { file: "drugs.csv", text: &text }]);
    assert_eq!(content.errors, [], "the test's own rows are good");
    content
}

fn opening() -> Content {
    let diagnoses = "code,name,chapter,begndate,enddate\nI10.x00,高血压,循环系统疾病,2020-01-01,\n";
    let terms = Content::read(&[Source { file: "diagnoses.csv", text: diagnoses }]).terms;
    let items = drugs(&[
        "D1,旧药,101,09,02,1000,1500,388.333333,370.000000,1,,,1,2020-01-01,2026-06-30",
        "D1,新药,101,09,01,0,0,,,0,,,1,2026-07-01,",
        "S1,护理,201,07,01,0,0,32.00,24.00,0,day,1.5,1,2020-01-01,",
        "D2,停用药,101,09,03,10000,10000,,,0,,,0,2020-01-01,2026-03-31",
    ]);
    Content { terms, ..items }
}

fn the_register_keeps_what_it_is_given(database: &Database) {
    database.migrate(catalogue::MIGRATIONS).expect("migrated");
    for sql in catalogue::STATEMENTS {
        database.prepare(sql).expect("every statement prepares");
    }
    let shelf = Shelf::default();
    let given = opening();
    database
        .deed({
            let given = given.clone();
            move |tx| replace(tx, &given)
        })
        .expect("recorded");

    let index = shelf.refresh(database).expect("loaded");
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let mut kept: Vec<_> = index.items().cloned().collect();
    let mut items = given.items.clone();
    kept.sort_by_key(|row| (row.code.clone(), row.period.begin));
    items.sort_by_key(|row| (row.code.clone(), row.period.begin));
    assert_eq!(kept, items);
    assert_eq!(index.terms(TermKind::Diagnosis).cloned().collect::<Vec<_>>(), given.terms);
    assert!(matches!(index.at("D1", day("2026-06-30")), Lookup::InForce(row) if row.name == "旧药"));
    assert!(matches!(index.at("D1", day("2026-07-01")), Lookup::InForce(row) if row.name == "新药"));
    assert_eq!(index.at("D2", day("2026-04-01")), Lookup::NotInForce);
    assert_eq!(index.at("D9", day("2026-04-01")), Lookup::Unknown);
    assert_eq!(index.rows("D1")[0].ceilings["1"], "370.000000");
    assert_eq!(
        index.term(TermKind::Diagnosis, "I10.x00", day("2026-01-01")).map(|row| row.name.as_str()),
        Some("高血压")
    );

    let (page, total) = database.read(|tx| items_page(tx, "101", 1, 2)).expect("a page");
    assert_eq!((page.len(), total), (1, 3));
    assert_eq!(page[0].code.as_str(), "D2");
    let (page, total) = database.read(|tx| terms_page(tx, TermKind::Diagnosis, 0, 10)).expect("a page");
    assert_eq!((page.len(), total), (1, 1));
}

fn an_import_adds_replaces_and_refuses(database: &Database) {
    database.migrate(catalogue::MIGRATIONS).expect("migrated");
    database.deed(|tx| replace(tx, &opening())).expect("recorded");
    let shelf = Shelf::default();
    let before = shelf.refresh(database).expect("loaded").version();
    let refused = database
        .deed::<_, DbError>(|tx| {
            let rows = [
                "S1,护理,201,07,01,0,0,36.00,24.00,0,,,1,2020-01-01,2026-06-30",
                "S1,新护理,201,07,01,0,0,40.00,24.00,0,,,1,2026-07-01,",
                "D2,重叠药,101,09,03,10000,10000,,,0,,,0,2026-03-31,",
                "D3,药,101,09,01,0,0,,,0,,,1,2026-01-01,",
            ];
            import(tx, &drugs(&rows))
        })
        .expect("imported");
    let messages: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        ["register:0 begndate “2026-03-31”: the period of D2 shares days with the stored row from 2020-01-01 to \
         2026-03-31; import that row again with an end date before this one begins"]
    );
    let index = shelf.refresh(database).expect("loaded");
    assert!(index.version() > before);
    assert_eq!(index.rows("S1").iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["护理", "新护理"]);
    assert_eq!(index.rows("S1")[0].quota, None);
    assert_eq!(index.rows("D2").len(), 1);
    assert!(index.known("D3"));
    assert_eq!(database.read::<_, DbError>(version).expect("a version"), index.version());
}

fn an_unmoved_register_is_not_loaded_again(database: &Database) {
    database.migrate(catalogue::MIGRATIONS).expect("migrated");
    database.deed(|tx| replace(tx, &opening())).expect("recorded");
    let shelf = Shelf::default();
    let first = shelf.refresh(database).expect("loaded");
    let second = shelf.refresh(database).expect("compared");
    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

const CHECKS: [fn(&Database); 3] =
    [the_register_keeps_what_it_is_given, an_import_adds_replaces_and_refuses, an_unmoved_register_is_not_loaded_again];

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
