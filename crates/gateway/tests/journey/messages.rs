//! Repeats, 2601, sign-in, queries and reconciliation.

use crate::town::*;
use base64::Engine as _;
use gateway::{Config, SignInRule};
use serde_json::json;
use std::io::{Cursor, Read as _, Write as _};
use terms::Fen;

#[test]
fn a_repeat_gets_the_same_bytes_and_another_body_is_refused() {
    on_each_database(|town| {
        town.employee("2001", 0);
        let id = town.begun("2001", "V1", &[line("1", "HZS001", "5", "100", "500")]);
        let first =
            town.say_as("M1", HOSPITAL, "2026-03-09 10:00:00", "2207", &bill("2001", &id, "500", json!({}))).accepted();
        let again = town.say_as("M1", HOSPITAL, "2026-03-09 10:05:00", "2207", &bill("2001", &id, "500", json!({})));
        assert_eq!(again.raw, first.raw);
        let other =
            town.say_as("M1", HOSPITAL, "2026-03-09 10:05:00", "2207", &bill("2001", &id, "501", json!({}))).refused();
        assert_eq!(other, "F501 msgid 发送方报文ID");
        assert_eq!(town.records("2001"), (1, 0));
        let refused = town.say_as("M2", HOSPITAL, "2026-03-09 10:06:00", "2207", &bill("2001", &id, "500", json!({})));
        assert_eq!(refused.code, "HZ402");
        let again = town.say_as("M2", HOSPITAL, "2026-03-09 10:07:00", "2207", &bill("2001", &id, "500", json!({})));
        assert_eq!(again.raw, refused.raw, "a refusal of the law is kept too");
    });
}

fn undo(psn_no: &str, msgid: &str, infno: &str) -> serde_json::Value {
    json!({ "data": { "psn_no": psn_no, "omsgid": msgid, "oinfno": infno } })
}

#[test]
fn a_settlement_is_undone_by_message_and_an_unknown_message_is_forbidden_beforehand() {
    on_each_database(|town| {
        town.employee("2002", 0);
        let id = town.begun("2002", "V1", &[line("1", "HZS001", "5", "100", "500")]);
        let bill = bill("2002", &id, "500", json!({}));
        town.say_as("M1", HOSPITAL, "2026-03-09 10:00:00", "2207", &bill).accepted();
        let undone = town.say(HOSPITAL, "2026-03-09 10:05:00", "2601", &undo("2002", "M1", "2207")).accepted();
        assert!(undone.raw.contains("\"warn_msg\":\"结算"), "{}", undone.raw);
        assert_eq!(town.records("2002"), (1, 1));
        let twice = town.say(HOSPITAL, "2026-03-09 10:06:00", "2601", &undo("2002", "M1", "2207")).refused();
        assert_eq!(twice, "HZ502");
        let unseen = town.say(HOSPITAL, "2026-03-09 10:07:00", "2601", &undo("2002", "M9", "2207")).accepted();
        assert!(unseen.raw.contains("未收到报文 M9"), "{}", unseen.raw);
        let late = town.say_as("M9", HOSPITAL, "2026-03-09 10:08:00", "2207", &bill).refused();
        assert_eq!(late, "F503 msgid 发送方报文ID");
        assert_eq!(town.records("2002"), (1, 1));
        town.say(HOSPITAL, "2026-03-09 10:09:00", "2207", &bill).accepted();
        assert_eq!(town.say(HOSPITAL, "2026-03-09 10:05:00", "2601", &undo("2002", "M1", "2204")).refused(), "HC301");
    });
}

#[test]
fn an_operator_signs_in_works_and_signs_out() {
    let required = Config { sign_in: SignInRule::Required, ..suite() };
    let town = Town::open(embedded(), required);
    town.employee("2003", 1_234);
    let person = json!({ "data": {
        "mdtrt_cert_type": "02", "mdtrt_cert_no": "C2003", "psn_cert_type": "01", "certno": "C2003", "psn_name": "张三" } });
    let ask = |sign_no: &str| {
        town.say_signed(&town.msgid(HOSPITAL), HOSPITAL, "2026-03-09 08:00:00", "1101", sign_no, &person)
    };
    assert_eq!(ask("").refused(), "F302 sign_no 交易签到流水号");
    assert_eq!(ask("S1").refused(), "F303 sign_no 交易签到流水号");
    let sign = json!({ "signIn": { "opter_no": "001", "mac": "02-00-00-00-00-01", "ip": "127.0.0.1" } });
    let sign_no = town.say(HOSPITAL, "2026-03-09 08:00:00", "9001", &sign).accepted().text("signinoutb", "sign_no");
    let known = ask(&sign_no).accepted();
    assert_eq!((known.text("baseinfo", "psn_no"), known.text("baseinfo", "age")), ("2003".into(), "45".into()));
    assert_eq!((known.rows("insuinfo")[0].fen("balc"), known.text("insuinfo", "insutype")), (Fen(1_234), "310".into()));
    let other = town.say_signed(&town.msgid(SECONDARY), SECONDARY, "2026-03-09 08:00:00", "1101", &sign_no, &person);
    assert_eq!(other.refused(), "F303 sign_no 交易签到流水号");
    let out = json!({ "signOut": { "sign_no": sign_no, "opter_no": "001" } });
    town.say_signed(&town.msgid(HOSPITAL), HOSPITAL, "2026-03-09 18:00:00", "9002", &sign_no, &out).accepted();
    assert_eq!(ask(&sign_no).refused(), "F303 sign_no 交易签到流水号");
}

#[test]
fn what_was_settled_can_be_looked_up_by_its_institution_only() {
    on_each_database(|town| {
        town.employee("2004", 0);
        let id = town.begun(
            "2004",
            "V1",
            &[line("1", "HZD002", "2", "45.80", "91.60"), line("2", "HZS001", "5", "100", "500")],
        );
        let settled = town.settle("2004", &id, "591.60").accepted();
        let setl_id = settled.text("setlinfo", "setl_id");
        let looked = town.say(HOSPITAL, "2026-03-10 09:00:00", "5203", &of("2004", &id, &setl_id)).accepted();
        adds_up(&looked);
        assert_eq!(
            (looked.text("setlinfo", "fixmedins_name"), looked.text("setlinfo", "invono")),
            ("衡州市第一人民医院".into(), "INV1".into())
        );
        assert_eq!(looked.fen("cash_payamt"), settled.fen("psn_cash_pay"));
        assert_eq!(
            town.say(SECONDARY, "2026-03-10 09:00:00", "5203", &of("2004", &id, &setl_id)).refused(),
            "F411 data.setl_id 结算ID"
        );
        let lines = town.say(HOSPITAL, "2026-03-10 09:00:00", "5204", &of("2004", &id, &setl_id)).accepted();
        assert!(
            lines.raw.contains(r#""cnt":2,"pric":45.80,"#) && lines.raw.contains(r#""preselfpay_amt":9.16"#),
            "{}",
            lines.raw
        );
        assert!(
            lines.raw.contains(r#""hilist_name":"阿托伐他汀片""#)
                && lines.raw.contains(r#""medins_list_codg":"NHZD002""#)
        );
        let asked = json!({ "data": { "psn_no": "2004", "mdtrt_id": id } });
        let seen = town.say(HOSPITAL, "2026-03-10 09:00:00", "5202", &asked).accepted();
        assert_eq!(
            (seen.text("diseinfo", "diag_code"), seen.text("diseinfo", "maindiag_flag")),
            ("I10.x00".into(), "1".into())
        );
        let question = json!({ "data": {
            "psn_no": "2004", "insutype": "310", "fixmedins_code": HOSPITAL, "med_type": "11", "begntime": "2026-03-10 09:00:00" } });
        let funds = town.say(HOSPITAL, "2026-03-10 09:00:00", "2001", &question).accepted();
        let entitled: Vec<(String, String)> =
            funds.rows("trtinfo").iter().map(|row| (row.text("fund_pay_type"), row.text("trt_enjymnt_flag"))).collect();
        assert!(
            entitled.contains(&("310102".into(), "1".into())) && entitled.contains(&("310100".into(), "0".into())),
            "{entitled:?}"
        );
        let place = json!({ "medinsinfo": { "fixmedins_type": "1", "fixmedins_name": "衡州市中医院" } });
        assert_eq!(
            town.say(HOSPITAL, "2026-03-10 09:00:00", "1201", &place).accepted().text("medinsinfo", "fixmedins_code"),
            SECONDARY
        );
        let place = json!({ "medinsinfo": { "fixmedins_type": "1", "fixmedins_code": "H1" } });
        assert_eq!(
            town.say(HOSPITAL, "2026-03-10 09:00:00", "1201", &place).refused(),
            "F411 medinsinfo.fixmedins_code 定点医药机构编号"
        );
    });
}

fn zipped(text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("stmt.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn both_sides_agree_on_a_day_in_total_and_row_by_row() {
    on_each_database(|town| {
        for psn_no in ["2005", "2006"] {
            town.employee(psn_no, 0);
        }
        let mut rows = Vec::new();
        for psn_no in ["2005", "2006"] {
            let id = town.begun(psn_no, "V1", &[line("1", "HZS001", "5", "100", "500")]);
            let settled = town.settle(psn_no, &id, "500").accepted();
            rows.push((settled.text("setlinfo", "setl_id"), id, psn_no, settled.fen("fund_pay_sumamt"), 1));
        }
        let (setl_id, id, psn_no, fund, _) = rows[1].clone();
        let back = town.say(HOSPITAL, "2026-03-09 15:00:00", "2208", &of(psn_no, &id, &setl_id)).accepted();
        rows.push((back.text("setlinfo", "setl_id"), id, psn_no, -fund, -1));
        let statement = |total: &str, count: u32| {
            json!({ "data": {
                "insutype": "310", "clr_type": "11", "setl_optins": "999900", "stmt_begndate": "2026-03-09",
                "stmt_enddate": "2026-03-09", "medfee_sumamt": total, "fund_pay_sumamt": fund.to_string(), "acct_pay": "0",
                "fixmedins_setl_cnt": count } })
        };
        let equal = town.say(HOSPITAL, "2026-03-09 23:00:00", "3201", &statement("500.00", 3)).accepted();
        assert_eq!(equal.text("stmtinfo", "stmt_rslt"), "0", "{}", equal.raw);
        let unequal = town.say(HOSPITAL, "2026-03-09 23:00:00", "3201", &statement("1000.00", 2)).accepted();
        assert_eq!(unequal.text("stmtinfo", "stmt_rslt"), "1");
        assert!(
            unequal.text("stmtinfo", "stmt_rslt_dscr").contains("医疗费总额：中心 500.00，机构 1000.00"),
            "{}",
            unequal.raw
        );

        let text: String = rows
            .iter()
            .map(|(setl_id, id, psn_no, fund, sign)| {
                let flag = if *sign < 0 { "1" } else { "0" };
                format!("{setl_id}\t{id}\t{psn_no}\t{}\t{fund}\t0\t{flag}\r\n", Fen(50_000 * sign))
            })
            .collect();
        let compared = compare(town, &text);
        assert_eq!(compared.lines().count(), 3);
        assert!(compared.lines().all(|row| row.split('\t').nth(4) == Some("0")), "{compared}");
        let short = text.lines().take(1).collect::<String>().replace("500.00", "500.01");
        let compared = compare(town, &short);
        let results: Vec<&str> = compared.lines().map(|row| row.split('\t').nth(4).unwrap()).collect();
        assert_eq!(results, ["1", "1", "1"], "one differs, two are missing: {compared}");
    });
}

#[test]
fn a_file_that_is_unknown_or_cannot_be_read_is_refused() {
    let town = Town::open(embedded(), suite());
    let at = "2026-03-09 23:30:00";
    let compare = |number: &str| {
        let asked = json!({ "data": {
            "setl_optins": "999900", "file_qury_no": number, "stmt_begndate": "2026-03-09", "stmt_enddate": "2026-03-09",
            "medfee_sumamt": "500", "fund_pay_sumamt": "0", "cash_payamt": "0", "fixmedins_setl_cnt": 3, "clr_type": "11" } });
        town.say(HOSPITAL, at, "3202", &asked)
    };
    assert_eq!(compare("1").refused(), "F411 data.file_qury_no 文件查询号");
    let send = |from: &str, bytes: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let up = json!({ "fsUploadIn": { "in": data, "filename": "stmt.txt", "fixmedins_code": HOSPITAL } });
        town.say(from, at, "9101", &up)
    };
    let number = send(HOSPITAL, b"S1\tonly two").accepted().field("file_qury_no");
    let refused = compare(&number);
    assert_eq!(refused.code, "F412 data.file_qury_no 文件查询号");
    assert!(refused.raw.contains("文件第 1 行有 2 列，应有 7 列"), "{}", refused.raw);
    assert_eq!(send(SECONDARY, b"x").refused(), "F301 fsUploadIn.fixmedins_code 医药机构编号");
    let down = json!({ "fsDownloadIn": { "file_qury_no": number, "filename": "other", "fixmedins_code": HOSPITAL } });
    assert_eq!(town.say(HOSPITAL, at, "9102", &down).refused(), "F411 fsDownloadIn.file_qury_no 文件查询号");
}

/// 9101, 3202, 9102.
fn compare(town: &Town, text: &str) -> String {
    let at = "2026-03-09 23:30:00";
    let data = base64::engine::general_purpose::STANDARD.encode(zipped(text));
    let up = json!({ "fsUploadIn": { "in": data, "filename": "stmt.txt.zip", "fixmedins_code": HOSPITAL } });
    let number = town.say(HOSPITAL, at, "9101", &up).accepted().field("file_qury_no");
    let asked = json!({ "data": {
        "setl_optins": "999900", "file_qury_no": number, "stmt_begndate": "2026-03-09", "stmt_enddate": "2026-03-09",
        "medfee_sumamt": "500", "fund_pay_sumamt": "0", "cash_payamt": "0", "fixmedins_setl_cnt": 3, "clr_type": "11" } });
    let result = town.say(HOSPITAL, at, "3202", &asked).accepted();
    let (number, name) = (result.text("fileinfo", "file_qury_no"), result.text("fileinfo", "filename"));
    let message = json!({
        "infno": "9102", "msgid": town.msgid(HOSPITAL), "mdtrtarea_admvs": "999900", "recer_sys_code": "99", "infver": "V1.0",
        "opter_type": "1", "opter": "001", "opter_name": "经办", "inf_time": at, "fixmedins_code": HOSPITAL,
        "fixmedins_name": "机构",
        "input": { "fsDownloadIn": { "file_qury_no": number, "filename": name, "fixmedins_code": HOSPITAL } },
    });
    let bytes = town.post(message.to_string().as_bytes());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut text = String::new();
    archive.by_index(0).unwrap().read_to_string(&mut text).unwrap();
    text
}
