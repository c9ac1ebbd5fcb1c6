//! The register of goods on both databases.

use db::{Database, DbError};
use proptest::prelude::*;
use std::collections::BTreeMap;
use stock::{
    Balance, CountDifference, Deletion, Known, MoveKind, Movement, Refusal, Told, TraceSeen, Verdict, balance, check,
    delete, deleted, find, known_stock, movements, record, reused,
};
use terms::{Date, DateTime, InstitutionId, Quantity, parse_date, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(stock::MIGRATIONS).expect("the tables are made");
        for statement in stock::STATEMENTS {
            database.prepare(statement).expect("every statement is understood");
        }
        scenario(&database);
    };
    run(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        run(fresh.open());
    }
}

const PHARMACY: &str = "P99990000001";
const DRUG: &str = "XA02BCA001";

fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

fn day(text: &str) -> Date {
    parse_date(text).expect("a day")
}

fn packs(count: i64) -> Quantity {
    Quantity(count * 10_000)
}

fn moved(kind: MoveKind, batch: &str, time: &str, count: i64) -> Movement {
    Movement {
        institution: PHARMACY.into(),
        batch: batch.into(),
        kind,
        med_list_codg: DRUG.into(),
        hilist_id: "Y001".into(),
        hilist_name: "奥美拉唑肠溶胶囊".into(),
        at: at(time),
        cnt: packs(count),
        change_type: String::new(),
        price: None,
        psn_no: String::new(),
        setl_id: String::new(),
        mdtrt_sn: String::new(),
        split: false,
        traces: Vec::new(),
        particulars: BTreeMap::new(),
    }
}

fn changed(batch: &str, time: &str, count: i64, change_type: &str) -> Movement {
    Movement { change_type: change_type.into(), ..moved(MoveKind::Changed, batch, time, count) }
}

fn traced(movement: Movement, codes: &[&str]) -> Movement {
    Movement { traces: codes.iter().map(|code| (*code).to_owned()).collect(), ..movement }
}

fn add(database: &Database, rows: &[Movement]) -> Verdict {
    let rows = rows.to_vec();
    let now = at("2026-04-01 00:00:00");
    database.deed(move |tx| -> Result<_, DbError> { record(tx, &rows, "M1", now) }).expect("storage works")
}

fn told(verdict: Verdict) -> Vec<Told> {
    match verdict {
        Verdict::Recorded { told, .. } => told,
        Verdict::Refused(refusal) => panic!("recorded was expected, not {refusal}"),
    }
}

fn balance_of(database: &Database, from: &str, to: &str) -> Balance {
    let days = (day(from), day(to));
    database.read(move |tx| balance(tx, &PHARMACY.into(), DRUG, days)).expect("storage works")
}

fn stock_at(database: &Database, time: &str) -> Known {
    let time = at(time);
    database.read(move |tx| known_stock(tx, &PHARMACY.into(), DRUG, time)).expect("storage works")
}

fn opening() -> Vec<Movement> {
    vec![
        moved(MoveKind::Counted, "C1", "2026-02-28 23:59:59", 100),
        moved(MoveKind::Bought, "B1", "2026-03-02 10:00:00", 300),
        moved(MoveKind::BoughtBack, "B2", "2026-03-03 10:00:00", 20),
        moved(MoveKind::Sold, "S1", "2026-03-05 10:00:00", 250),
        moved(MoveKind::SoldBack, "S1", "2026-03-06 10:00:00", 10),
        changed("G1", "2026-03-07 10:00:00", 5, "101"),
        changed("G2", "2026-03-08 10:00:00", 3, "105"),
    ]
}

#[test]
fn a_balance_adds_up_from_the_last_count() {
    on_each_database(|database| {
        assert_eq!(told(add(database, &opening())), []);
        let march = balance_of(database, "2026-03-01", "2026-03-31");
        let counted_on = Some(day("2026-02-28"));
        assert_eq!(march.opening, Known { cnt: packs(100), counted_on });
        assert_eq!((march.bought, march.bought_back), (packs(300), packs(20)));
        assert_eq!((march.sold, march.sold_back, march.sold_split), (packs(250), packs(10), packs(0)));
        assert_eq!((march.changed_in, march.changed_out), (packs(5), packs(3)));
        assert_eq!(march.closing, Known { cnt: packs(142), counted_on });
        assert_eq!(march.counts, []);
        let first_days = balance_of(database, "2026-03-01", "2026-03-04");
        assert_eq!((first_days.sold, first_days.closing.cnt), (packs(0), packs(380)));

        // A count says what there is, and by how much that differs.
        add(database, &[moved(MoveKind::Counted, "C2", "2026-03-31 23:59:59", 140)]);
        let march = balance_of(database, "2026-03-01", "2026-03-31");
        let difference = CountDifference { day: day("2026-03-31"), counted: packs(140), expected: Some(packs(142)) };
        assert_eq!(march.counts, [difference]);
        assert_eq!(march.closing, Known { cnt: packs(140), counted_on: Some(day("2026-03-31")) });
    });
}

#[test]
fn a_change_that_a_purchase_of_the_same_number_says_already_is_not_counted_twice() {
    on_each_database(|database| {
        add(
            database,
            &[changed("B9", "2026-03-02 10:00:00", 300, "108"), changed("B8", "2026-03-02 11:00:00", 7, "108")],
        );
        assert_eq!(stock_at(database, "2026-03-03 00:00:00").cnt, packs(307), "nobody else says so yet");
        add(database, &[moved(MoveKind::Bought, "B9", "2026-03-02 10:05:00", 300)]);
        assert_eq!(stock_at(database, "2026-03-03 00:00:00").cnt, packs(307), "said twice, counted once");
        let rows = database
            .read(|tx| movements(tx, None, at("2026-03-01 00:00:00"), at("2026-04-01 00:00:00")))
            .expect("storage works");
        let batches: Vec<&str> = rows.iter().map(|row| row.batch.as_str()).collect();
        assert_eq!(batches, ["B9", "B8"]);
    });
}

#[test]
fn the_same_record_again_changes_nothing_and_another_under_its_number_is_refused() {
    on_each_database(|database| {
        let sale = traced(moved(MoveKind::Sold, "S1", "2026-03-05 10:00:00", 2), &["T2", "T1"]);
        add(database, &[moved(MoveKind::Bought, "B1", "2026-03-01 10:00:00", 10), sale.clone()]);
        let before = balance_of(database, "2026-03-01", "2026-03-31");
        let reordered = traced(sale.clone(), &["T1", "T2"]);
        assert_eq!(add(database, &[reordered.clone(), reordered]), Verdict::Recorded { new: vec![], told: vec![] });
        assert_eq!(balance_of(database, "2026-03-01", "2026-03-31"), before);

        let other = Movement { cnt: packs(3), ..sale.clone() };
        let different = Refusal::Different { row: 2, batch: "S1".into(), kind: "销售" };
        let good = moved(MoveKind::Bought, "B2", "2026-03-02 10:00:00", 5);
        assert_eq!(add(database, &[good.clone(), other.clone()]), Verdict::Refused(different.clone()));
        assert_eq!(balance_of(database, "2026-03-01", "2026-03-31"), before, "the good row of that message is not in");
        let twice = [Movement { batch: "S7".into(), ..sale.clone() }, Movement { batch: "S7".into(), ..other }];
        assert_eq!(add(database, &twice), Verdict::Refused(different_row(2)));
        // A count is of a day, whenever it is reported again.
        add(database, &[moved(MoveKind::Counted, "C1", "2026-03-20 05:00:00", 9)]);
        let later = moved(MoveKind::Counted, "C1", "2026-03-20 23:59:59", 9);
        assert_eq!(add(database, std::slice::from_ref(&later)), Verdict::Recorded { new: vec![], told: vec![] });
        let other_day = Movement { at: at("2026-03-21 05:00:00"), ..later };
        assert!(matches!(add(database, &[other_day]), Verdict::Refused(Refusal::Different { .. })));
        // Another kind, or another institution, may use the number.
        let elsewhere = Movement { institution: "P99990000002".into(), cnt: packs(4), traces: vec![], ..sale };
        assert!(matches!(
            add(database, &[moved(MoveKind::SoldBack, "S1", "2026-03-06 10:00:00", 1), elsewhere]),
            Verdict::Recorded { new, .. } if new.len() == 2
        ));
    });
}

fn different_row(row: usize) -> Refusal {
    Refusal::Different { row, batch: "S7".into(), kind: "销售" }
}

#[test]
fn a_sale_of_more_than_is_known_is_recorded_and_told() {
    on_each_database(|database| {
        add(database, &opening());
        let rows = [
            moved(MoveKind::Sold, "S5", "2026-03-20 10:00:00", 100),
            moved(MoveKind::Sold, "S6", "2026-03-21 10:00:00", 43),
        ];
        let counted_on = Some(day("2026-02-28"));
        let known = Known { cnt: packs(142), counted_on };
        let more = Told::MoreThanKnown { row: 1, med_list_codg: DRUG.into(), sold: packs(143), known };
        assert!(more.to_string().contains("据 2026-02-28 盘存推算"), "{more}");
        assert_eq!(told(add(database, &rows)), [more]);
        assert_eq!(stock_at(database, "2026-04-01 00:00:00").cnt, packs(-1));
        let fresh = Movement { med_list_codg: "XB01".into(), ..moved(MoveKind::Sold, "S8", "2026-03-22 10:00:00", 1) };
        let words = told(add(database, &[fresh]))[0].to_string();
        assert!(words.contains("未上传过盘存"), "{words}");
    });
}

#[test]
fn a_trace_code_sold_twice_is_told_and_found_but_not_after_a_return_nor_by_part_of_a_pack() {
    on_each_database(|database| {
        let sold = |batch: &str, time: &str, codes: &[&str]| traced(moved(MoveKind::Sold, batch, time, 1), codes);
        add(database, &[moved(MoveKind::Bought, "B1", "2026-03-01 08:00:00", 100)]);
        let first = [
            sold("S1", "2026-03-02 10:00:00", &["T1"]),
            sold("S2", "2026-03-02 10:00:00", &["T2"]),
            traced(moved(MoveKind::SoldBack, "S2", "2026-03-03 10:00:00", 1), &["T2"]),
            Movement { split: true, ..sold("S3", "2026-03-02 11:00:00", &["T3"]) },
        ];
        assert_eq!(told(add(database, &first)), []);
        let again = [
            sold("S11", "2026-03-09 10:00:00", &["T1"]),
            sold("S12", "2026-03-09 10:00:00", &["T2"]),
            Movement { split: true, ..sold("S13", "2026-03-09 11:00:00", &["T3"]) },
        ];
        let here = Told::TraceSold { row: 1, code: "T1".into(), seen: TraceSeen::Here };
        assert_eq!(told(add(database, &again)), std::slice::from_ref(&here));
        assert!(here.to_string().contains("本机构"), "{here}");
        let elsewhere = Movement { institution: "P99990000002".into(), ..sold("S1", "2026-03-10 10:00:00", &["T2"]) };
        let words: Vec<String> = told(add(database, &[elsewhere])).iter().map(ToString::to_string).collect();
        assert!(words.iter().any(|told| told.contains("其他机构")), "{words:?}");

        let of = |from: &str, to: &str| {
            let (from, to) = (at(from), at(to));
            let found = database.read(move |tx| reused(tx, from, to)).expect("storage works");
            found.into_iter().map(|reuse| (reuse.code, reuse.moves.len())).collect::<Vec<_>>()
        };
        assert_eq!(of("2026-03-01 00:00:00", "2026-03-09 00:00:00"), []);
        assert_eq!(of("2026-03-09 00:00:00", "2026-03-10 00:00:00"), [("T1".to_owned(), 2)]);
        assert_eq!(of("2026-03-10 00:00:00", "2026-04-01 00:00:00"), [("T2".to_owned(), 4)]);
    });
}

#[test]
fn what_is_taken_back_is_gone_from_the_stock_and_kept_apart() {
    on_each_database(|database| {
        let institution = InstitutionId::from(PHARMACY);
        let sale = traced(moved(MoveKind::Sold, "S1", "2026-03-05 10:00:00", 2), &["T1", "T2"]);
        let back = moved(MoveKind::SoldBack, "S1", "2026-03-06 10:00:00", 1);
        add(database, &[moved(MoveKind::Bought, "S1", "2026-03-01 10:00:00", 10), sale.clone(), back.clone()]);
        let take = |data_type: &'static str, msgid: &'static str| {
            let institution = institution.clone();
            database
                .deed(move |tx| -> Result<_, DbError> {
                    let now = at("2026-03-10 12:00:00");
                    let asked = Deletion {
                        row: 1,
                        institution: &institution,
                        batch: "S1",
                        inv_data_type: data_type,
                        msgid,
                        by: "王",
                        at: now,
                    };
                    delete(tx, &asked)
                })
                .expect("storage works")
        };
        assert_eq!(take("4", "D1"), Ok(vec![sale.clone(), back]), "4 is sales and their returns");
        assert_eq!(stock_at(database, "2026-04-01 00:00:00").cnt, packs(10), "the purchase of that number stays");
        let unknown = take("4", "D2").unwrap_err();
        assert!(unknown.to_string().contains("销售、销售退货"), "{unknown}");
        assert_eq!(take("9", "D3").unwrap_err().code(), "HC809");
        // Corrected and sent again; its trace codes are free.
        let corrected = Movement { cnt: packs(1), traces: vec!["T1".into()], ..sale.clone() };
        assert_eq!(told(add(database, std::slice::from_ref(&corrected))), []);
        let seek = institution.clone();
        let found = database.read(move |tx| find(tx, &seek, "S1", MoveKind::Sold)).expect("storage works");
        assert_eq!(found, Some(corrected));
        assert!(take("4", "D4").is_ok());
        let kept = database.read(move |tx| deleted(tx, &institution, "S1")).expect("storage works");
        assert_eq!((kept.len(), &kept[0]), (3, &sale));
    });
}

#[test]
fn a_row_that_cannot_be_is_refused_by_field_and_row() {
    let now = at("2026-03-10 12:00:00");
    let knows = |code: &str| code == DRUG;
    let good = moved(MoveKind::Sold, "S1", "2026-03-10 11:00:00", 1);
    assert_eq!(check(1, &good, now, knows), Ok(()));
    let with = |field: &str, text: &str| BTreeMap::from([(field.to_owned(), text.to_owned())]);
    let dates = [with("manu_date", "2026-01-02"), with("expy_end", "2026-01-01")].into_iter().flatten().collect();
    let wrong = [
        (Movement { med_list_codg: "X9".into(), cnt: packs(-1), ..good.clone() }, "HC801", "med_list_codg"),
        (Movement { cnt: packs(-1), ..good.clone() }, "HC802", "sel_retn_cnt"),
        (Movement { cnt: packs(0), ..good.clone() }, "HC802", "正数"),
        (moved(MoveKind::Bought, "B", "2026-03-10 13:00:00", 1), "HC803", "purc_retn_stoin_time"),
        (moved(MoveKind::Counted, "C", "2026-03-11 23:59:59", 1), "HC803", "invdate"),
        (Movement { particulars: dates, ..good.clone() }, "HC804", "expy_end"),
        (changed("G", "2026-03-10 11:00:00", 1, "199"), "HC805", "inv_chg_type"),
        (traced(good.clone(), &["T1", "T1"]), "HC806", "T1"),
    ];
    for (movement, code, word) in wrong {
        let refusal = check(7, &movement, now, knows).expect_err(code);
        assert_eq!(refusal.code(), code);
        assert!(refusal.to_string().contains(word) && refusal.to_string().contains("第 7 行"), "{refusal}");
    }
    let fine = [
        moved(MoveKind::Counted, "C", "2026-03-10 23:59:59", 0),
        moved(MoveKind::Sold, "S", "2026-03-10 12:14:00", 1),
        changed("G", "2026-03-10 11:00:00", 1, "111"),
    ];
    for movement in fine {
        assert_eq!(check(1, &movement, now, knows), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is reported in whatever order, the stock at any time is the last count and what
    /// moved after it, and a period's balance leads from its opening to its closing.
    #[test]
    fn the_stock_is_the_last_count_and_what_moved_after_it(
        rows in prop::collection::vec((0_usize..6, 1_i8..29, 0_i64..50, 0_usize..6), 1..40), from in 1_i8..20, days in 0_i8..9,
    ) {
        let types = ["101", "102", "103", "104", "108", "109"];
        let database = db_sqlite::Sqlite::temporary().expect("it opens").into_database();
        database.migrate(stock::MIGRATIONS).expect("the tables are made");
        let rows: Vec<Movement> = rows.into_iter().enumerate().map(|(n, (kind, day, count, change))| {
            let kind = MoveKind::ALL[kind];
            // One count an article a day.
            let (batch, time) = if kind == MoveKind::Counted {
                (format!("C{day}"), format!("2026-03-{day:02} 23:59:59"))
            } else {
                (format!("B{n}"), format!("2026-03-{day:02} 10:00:{n:02}"))
            };
            let change_type = if kind == MoveKind::Changed { types[change] } else { "" };
            Movement { change_type: change_type.into(), ..moved(kind, &batch, &time, if kind == MoveKind::Counted { i64::from(day) } else { count }) }
        }).collect();
        for part in rows.chunks(7) {
            let recorded = matches!(add(&database, part), Verdict::Recorded { .. });
            prop_assert!(recorded);
        }
        let model = |time: DateTime| -> i64 {
            let count = rows.iter().filter(|row| row.kind == MoveKind::Counted && row.at < time).max_by_key(|row| row.at);
            let moved: i64 = rows.iter()
                .filter(|row| row.at < time && count.is_none_or(|count| row.at > count.at))
                .filter_map(Movement::effect).sum();
            count.map_or(0, |count| count.cnt.0) + moved
        };
        let last = (from + days).min(28);
        let (first, last) = (Date::constant(2026, 3, from), Date::constant(2026, 3, last));
        let balance = database.read(move |tx| balance(tx, &PHARMACY.into(), DRUG, (first, last))).expect("storage works");
        prop_assert_eq!(balance.opening.cnt.0, model(first.at(0, 0, 0, 0)));
        prop_assert_eq!(balance.closing.cnt.0, model(last.tomorrow().unwrap().at(0, 0, 0, 0)));
        if balance.counts.is_empty() {
            let came = balance.bought.0 + balance.sold_back.0 + balance.changed_in.0;
            let went = balance.bought_back.0 + balance.sold.0 + balance.changed_out.0;
            prop_assert_eq!(balance.opening.cnt.0 + came - went, balance.closing.cnt.0);
        }
    }
}
