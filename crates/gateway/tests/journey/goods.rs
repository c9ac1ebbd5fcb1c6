//! 3501 to 3507 over the wire: goods counted, bought, sold, brought back, taken back.

use crate::town::*;
use encounter::Stock;
use serde_json::{Value, json};
use terms::{Quantity, parse_date, parse_time};

const AT: &str = "2026-03-20 18:00:00";
const DRUG: &str = "HZD001";

fn article(batch: &str, more: Value) -> Value {
    let row = json!({
        "med_list_codg": DRUG, "fixmedins_hilist_id": "D001", "fixmedins_hilist_name": "阿莫西林胶囊",
        "fixmedins_bchno": batch, "rx_flag": "1", "manu_lotnum": "L1", "manu_date": "2026-01-01", "expy_end": "2028-01-01",
    });
    with(&row, more)
}

fn counted(batch: &str, day: &str, count: &str) -> Value {
    json!({ "invinfo": [article(batch, json!({ "invdate": day, "inv_cnt": count }))] })
}

fn bought(batch: &str, at: &str, count: &str) -> Value {
    json!({ "purcinfo": article(batch, json!({
        "spler_name": "衡州医药", "prodentp_name": "衡州制药", "aprvno": "H1", "purc_retn_cnt": count,
        "purc_retn_stoin_time": at, "purc_retn_opter_name": "库管", "purc_invo_no": "F1", "finl_trns_pric": "9.876543",
    })) })
}

fn sold(rows: &[(&str, &str, &str, &[&str])]) -> Value {
    let row = |(batch, at, count, codes): &(&str, &str, &str, &[&str])| {
        let codes: Vec<Value> = codes.iter().map(|code| json!({ "drug_trac_codg": code })).collect();
        article(
            batch,
            json!({
                "prsc_dr_name": "杜医师", "phar_name": "药师", "phar_prac_cert_no": "Y1", "mdtrt_sn": "M1", "trdn_flag": "0",
                "rtal_docno": "R1", "sel_retn_cnt": count, "sel_retn_time": at, "sel_retn_opter_name": "收银",
                "psn_no": "4001", "psn_name": "张三", "certno": "999900198005060011", "drugtracinfo": codes,
            }),
        )
    };
    json!({ "selinfo": rows.iter().map(row).collect::<Vec<_>>() })
}

fn warning(answer: &Answer) -> String {
    let envelope: Value = serde_json::from_str(&answer.raw).expect("JSON");
    envelope["warn_msg"].as_str().unwrap_or_default().to_owned()
}

fn rows(town: &Town) -> Vec<Stock> {
    let centre = town.desk.centre();
    let (from, to) = (parse_time("2026-03-01 00:00:00").unwrap(), parse_time("2026-04-01 00:00:00").unwrap());
    let read: Result<_, journeys::JourneyError> =
        town.desk.database().read(move |tx| centre.stock_rows(tx, Some(&HOSPITAL.into()), from, to));
    read.expect("the rows are read")
}

#[test]
fn goods_are_counted_bought_sold_and_brought_back() {
    on_each_database(|town| {
        let say = |infno: &str, input: &Value| town.say(HOSPITAL, AT, infno, input);
        say("3501", &counted("C1", "2026-03-01", "10")).accepted();
        say("3503", &bought("B1", "2026-03-02 10:00:00", "100")).accepted();
        say("3504", &bought("B2", "2026-03-03 10:00:00", "20")).accepted();
        let change = article(
            "G1",
            json!({
                "inv_chg_type": "105", "pric": "10", "cnt": "2.5", "inv_chg_time": "2026-03-04 10:00:00",
            }),
        );
        say("3502", &json!({ "invinfo": change })).accepted();
        let sale =
            sold(&[("S1", "2026-03-05 10:00:00", "2", &["T1", "T2"]), ("S2", "2026-03-06 10:00:00", "1", &["T3"])]);
        let first = say("3505", &sale).accepted();
        assert_eq!(warning(&first), "");
        say("3505", &sale).accepted();
        say("3506", &sold(&[("S2", "2026-03-07 10:00:00", "1", &["T3"])])).accepted();

        let kinds: Vec<(String, String)> =
            rows(town).iter().map(|row| (row.move_kind.clone().unwrap(), row.cnt.unwrap().to_string())).collect();
        let wanted = [
            ("counted", "10"),
            ("bought", "100"),
            ("bought_back", "20"),
            ("changed", "-2.5"),
            ("sold", "2"),
            ("sold", "1"),
            ("sold_back", "1"),
        ];
        assert_eq!(kinds, wanted.map(|(kind, cnt)| (kind.to_owned(), cnt.to_owned())));
        let sale = &rows(town)[4];
        assert_eq!((sale.list_type.as_deref(), sale.psn_no.as_deref()), (Some("101"), Some("4001")));
        assert_eq!(sale.drug_trac_codg, Some(vec!["T1".to_owned(), "T2".to_owned()]));

        let march = (parse_date("2026-03-01").unwrap(), parse_date("2026-03-31").unwrap());
        let read: Result<_, db::DbError> =
            town.desk.database().read(move |tx| stock::balance(tx, &HOSPITAL.into(), DRUG, march));
        let balance = read.expect("the balance is read");
        assert_eq!(balance.closing.cnt, Quantity(855_000), "10 + 100 − 20 − 2.5 − 3 + 1");
        // Names and certificates of persons are not kept.
        let read: Result<_, db::DbError> =
            town.desk.database().read(|tx| stock::find(tx, &HOSPITAL.into(), "S1", stock::MoveKind::Sold));
        let kept = read.expect("it is read").expect("it is there");
        assert!(!format!("{kept:?}").contains("张三") && !format!("{kept:?}").contains("999900198005060011"));
        assert_eq!(kept.particulars["phar_prac_cert_no"], "Y1");
    });
}

#[test]
fn what_looks_wrong_is_recorded_and_told_in_the_warning() {
    on_each_database(|town| {
        let say = |institution: &str, input: &Value| town.say(institution, AT, "3505", input).accepted();
        let told = warning(&say(HOSPITAL, &sold(&[("S1", "2026-03-05 10:00:00", "2", &["T1"])])));
        assert!(told.contains("第 1 行 HZD001 销售 2，超过账面库存 0（未上传过盘存）"), "{told}");
        let told = warning(&say(HOSPITAL, &sold(&[("S2", "2026-03-06 10:00:00", "1", &["T1"])])));
        assert!(told.contains("追溯码 T1 此前已由本机构售出") && told.contains("；"), "{told}");
        let told = warning(&say(PHARMACY, &sold(&[("S2", "2026-03-07 10:00:00", "1", &["T1"])])));
        assert!(told.contains("其他机构") && !told.contains(HOSPITAL), "{told}");
    });
}

#[test]
fn a_wrong_row_is_refused_with_its_field_and_nothing_of_the_message_is_in() {
    on_each_database(|town| {
        let say = |infno: &str, input: &Value| town.say(HOSPITAL, AT, infno, input);
        let good = ("S1", "2026-03-05 10:00:00", "2", &["T1"] as &[&str]);
        let with_second = |field: &str, value: &str| {
            let mut message = sold(&[good, ("S2", "2026-03-05 11:00:00", "1", &[])]);
            message["selinfo"][1][field] = json!(value);
            message
        };
        for (field, value, code) in [
            ("med_list_codg", "NOTHING", "HC801"),
            ("sel_retn_cnt", "-1", "HC802"),
            ("sel_retn_time", "2099-01-01 00:00:00", "HC803"),
            ("expy_end", "2025-01-01", "HC804"),
            ("fixmedins_bchno", "S1", "HC807"),
            ("sel_retn_cnt", "many", "F407 selinfo[2].sel_retn_cnt 销售/退货数量"),
            ("trdn_flag", "7", "F409 selinfo[2].trdn_flag 拆零标志"),
        ] {
            let answer = say("3505", &with_second(field, value));
            assert!(answer.raw.contains("第 2 行") || answer.raw.contains("selinfo[2]"), "{}", answer.raw);
            assert_eq!(answer.refused(), code, "{field}");
        }
        let change =
            article("G1", json!({ "inv_chg_type": "999", "pric": "1", "cnt": "1", "inv_chg_time": "2026-03-04" }));
        assert_eq!(say("3502", &json!({ "invinfo": change })).refused(), "F409 invinfo[1].inv_chg_type 库存变更类型");
        assert_eq!(rows(town), []);
    });
}

#[test]
fn a_record_is_taken_back_and_sent_again() {
    on_each_database(|town| {
        let say = |infno: &str, input: &Value| town.say(HOSPITAL, AT, infno, input);
        say("3503", &bought("B1", "2026-03-02 10:00:00", "100")).accepted();
        let corrected = bought("B1", "2026-03-02 10:00:00", "90");
        assert_eq!(say("3503", &corrected).refused(), "HC807");
        let take =
            |data_type: &str| say("3507", &json!({ "data": { "fixmedins_bchno": "B1", "inv_data_type": data_type } }));
        assert_eq!(take("4").refused(), "HC808");
        assert_eq!(take("7").refused(), "HC809");
        take("3").accepted();
        assert_eq!(take("3").refused(), "HC808");
        say("3503", &corrected).accepted();
        assert_eq!(rows(town).len(), 1);
        let twice = json!({ "data": [
            { "fixmedins_bchno": "B1", "inv_data_type": "3" }, { "fixmedins_bchno": "B1", "inv_data_type": "3" },
        ] });
        assert_eq!(say("3507", &twice).refused(), "HC808", "a record is taken back once");
        assert_eq!(rows(town).len(), 1, "and the first row of that message is not done either");
        // Another institution's records are nobody else's to take back.
        let other =
            town.say(PHARMACY, AT, "3507", &json!({ "data": { "fixmedins_bchno": "B1", "inv_data_type": "3" } }));
        assert_eq!(other.refused(), "HC808");
    });
}
