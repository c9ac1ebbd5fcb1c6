//! Settlement lists, documents and clearing applications over the wire.

use crate::town::*;
use crate::visits::{admission, discharge};
use serde_json::{Value, json};

/// A stay of four lines of 1000 yuan at `HOSPITAL`, settled: its visit and settlement.
pub fn settled_stay(town: &Town, psn_no: &str, label: &str) -> (String, String, Answer) {
    let id = town
        .say(HOSPITAL, "2026-03-02 10:05:00", "2401", &admission(psn_no, label, "21"))
        .accepted()
        .text("result", "mdtrt_id");
    let row = |day: usize| {
        let row = line(&format!("{day}"), "HZS001", "10", "100", "1000");
        with(&row, json!({ "fee_ocur_time": format!("2026-03-{day:02} 11:00:00") }))
    };
    let rows: Vec<Value> = (2..=5).map(row).collect();
    town.say(HOSPITAL, "2026-03-05 20:30:00", "2301", &fees(psn_no, &id, &rows)).accepted();
    town.say(HOSPITAL, "2026-03-06 09:30:00", "2402", &discharge(psn_no, &id, "2026-03-06 09:30:00")).accepted();
    let settled = town.say(HOSPITAL, "2026-03-06 10:00:00", "2304", &bill(psn_no, &id, "4000", json!({}))).accepted();
    (id, settled.text("setlinfo", "setl_id"), settled)
}

/// 4101 with what it must hold.
pub fn list(psn_no: &str, id: &str, setl_id: &str, more: Value) -> Value {
    let info = json!({
        "psn_no": psn_no, "mdtrt_id": id, "setl_id": setl_id, "medcasno": "B0001", "ntly": "CHN", "prfs": "24",
        "adm_way": "2", "trt_type": "10", "adm_time": "2026-03-02 10:00:00", "dscg_time": "2026-03-06 09:30:00",
        "adm_caty": "A03", "dscg_caty": "A03", "dscg_way": "1", "bill_code": "0601", "bill_no": "12345678", "biz_sn": "B1",
        "setl_begn_date": "2026-03-02", "setl_end_date": "2026-03-06", "medins_fill_dept": "医保办",
        "medins_fill_psn": "李四", "hi_paymtd": "4", "vent_used_dura": "1/13/24", "nwb_bir_wt": "",
    });
    json!({
        "setlinfo": with(&info, more),
        "diseinfo": [
            { "diag_type": "1", "diag_code": "I10.x00", "diag_name": "原发性高血压", "adm_cond_type": "1", "maindiag_flag": "1" },
            { "diag_type": "1", "diag_code": "E11.900", "diag_name": "2型糖尿病", "adm_cond_type": "1", "maindiag_flag": "0" },
        ],
        "oprninfo": [{
            "oprn_oprt_type": "1", "oprn_oprt_name": "冠状动脉造影", "oprn_oprt_code": "88.5500", "oper_dr_code": "D999900000001",
            "oprn_oprt_begntime": "2026-03-03 09:00:00",
        }],
        "icuinfo": [], "payinfo": [], "opspdiseinfo": [], "bldinfo": [],
    })
}

const AT: &str = "2026-03-08 09:00:00";

#[test]
fn a_list_is_uploaded_corrected_submitted_and_read_back() {
    on_each_database(|town| {
        town.employee("4001", 0);
        let (id, setl_id, settled) = settled_stay(town, "4001", "Z1");
        let say = |infno: &str, input: &Value| town.say(HOSPITAL, AT, infno, input);
        let first = say("4101", &list("4001", &id, &setl_id, json!({}))).accepted().text("data", "setl_list_id");
        let again = say("4101A", &list("4001", &id, &setl_id, json!({}))).accepted().text("data", "setl_list_id");
        assert_eq!(again, first, "the same list again");
        let other = say("4101", &list("4001", &id, &setl_id, json!({ "medcasno": "B0002" }))).accepted();
        assert_eq!(other.text("data", "setl_list_id"), first, "another version of it");
        let submit = json!({ "data": { "stastinfo": [{ "psn_no": "4001", "setl_id": setl_id, "stas_type": "1" }] } });
        say("4102", &submit).accepted();
        assert_eq!(say("4102", &submit).refused(), "HC506", "1 does not go to 1");
        let back = json!({ "stastinfo": [{ "psn_no": "4001", "setl_id": setl_id, "stas_type": "0" }] });
        assert_eq!(say("4102", &back).refused(), "HC506");
        let odd = json!({ "data": { "psn_no": "4001", "setl_id": setl_id, "stas_type": "2" } });
        assert_eq!(say("4102", &odd).refused(), "F409 data[1].stas_type 审核状态", "approval is the bureau's");
        assert_eq!(say("4102", &json!({ "data": {} })).refused(), "F403 data");
        let changed = list("4001", &id, &setl_id, json!({ "medcasno": "B0003" }));
        assert_eq!(say("4101", &changed).refused(), "HC504");
        let asked = json!({ "data": { "psn_no": "4001", "setl_id": setl_id } });
        let read = say("4103", &asked).accepted();
        let info = &read.rows("setlinfo")[0];
        assert_eq!((info.text("medcasno"), info.text("stas_type")), ("B0002".into(), "1".into()));
        assert_eq!((info.text("psn_name"), info.text("brdy")), ("张三".into(), "1980-05-06".into()));
        assert_eq!((info.text("adm_time"), info.text("adm_way_code")), ("2026-03-02 10:00:00".into(), "2".into()));
        let vent = ["vent_used_days", "vent_used_h_cnt", "vent_used_m_cnt"].map(|name| info.text(name));
        assert_eq!(vent, ["1", "13", "24"]);
        assert_eq!(info.fen("psn_cashpay"), settled.fen("psn_cash_pay"));
        let codes: Vec<String> = read.rows("diseinfo").iter().map(|row| row.text("diag_code")).collect();
        assert_eq!(codes, ["I10.x00", "E11.900"]);
        assert_eq!(read.text("oprninfo", "oprn_oprt_begntime"), "2026-03-03 09:00:00");
        let paid: terms::Fen = read.rows("payinfo").iter().map(|row| row.fen("fund_payamt")).sum();
        assert_eq!(paid, settled.fen("fund_pay_sumamt") + settled.fen("acct_pay"));
        assert_eq!(town.say(SECONDARY, AT, "4103", &asked).refused(), "HC501", "another institution's");
    });
}

#[test]
fn a_list_that_contradicts_its_settlement_is_refused_with_field_and_values() {
    on_each_database(|town| {
        town.employee("4002", 0);
        let (id, setl_id, settled) = settled_stay(town, "4002", "Z1");
        let (other, ..) = settled_stay_of(town, "4003");
        let refused = |more: Value, words: &str| {
            let answer = town.say(HOSPITAL, AT, "4101", &list("4002", &id, &setl_id, more));
            assert!(answer.code.starts_with("HC503") && answer.raw.contains(words), "{words}: {}", answer.raw);
        };
        refused(json!({ "mdtrt_id": other }), "mdtrt_id 就诊ID");
        refused(json!({ "psn_name": "李四" }), "psn_name 人员姓名 为 李四，结算为 张三");
        refused(json!({ "adm_time": "2026-03-01 10:00:00" }), "adm_time 入院时间 为 2026-03-01，结算为 2026-03-02");
        refused(json!({ "dscg_time": "2026-03-07 10:00:00" }), "dscg_time 出院时间");
        refused(json!({ "psn_cashpay": "0.01" }), "psn_cashpay 个人现金支付 为 0.01");
        let mut items = list("4002", &id, &setl_id, json!({}));
        items["iteminfo"] = json!([{ "med_chrgitm": "01", "amt": "3999.99" }]);
        let answer = town.say(HOSPITAL, AT, "4101", &items);
        assert!(answer.raw.contains("iteminfo.amt 金额合计 为 3999.99，结算为 4000.00"), "{}", answer.raw);
        let mut funds = list("4002", &id, &setl_id, json!({}));
        funds["payinfo"] = json!([{ "fund_pay_type": "330100", "fund_payamt": "1.00" }]);
        let answer = town.say(HOSPITAL, AT, "4101", &funds);
        assert!(answer.raw.contains("payinfo.fund_payamt 基金 310100 支付金额 为 0.00"), "{}", answer.raw);
        let paid: Vec<Value> = settled
            .rows("setldetail")
            .iter()
            .map(|row| json!({ "fund_pay_type": row.text("fund_pay_type"), "fund_payamt": row.text("fund_payamt") }))
            .collect();
        funds["payinfo"] = json!(paid);
        funds["iteminfo"] = json!([{ "med_chrgitm": "01", "amt": "1000" }, { "med_chrgitm": "14", "amt": "3000.00" }]);
        town.say(HOSPITAL, AT, "4101", &funds).accepted();
        let unknown = town.say(HOSPITAL, AT, "4101", &list("4002", &id, "S404", json!({}))).refused();
        assert_eq!(unknown, "HC501");
        town.say(HOSPITAL, AT, "2305", &of("4002", &id, &setl_id)).accepted();
        assert_eq!(town.say(HOSPITAL, AT, "4101", &funds).refused(), "HC502", "the settlement is reversed");
    });
}

fn settled_stay_of(town: &Town, psn_no: &str) -> (String, String, Answer) {
    town.employee(psn_no, 0);
    settled_stay(town, psn_no, "Z1")
}

#[test]
fn a_month_is_declared_with_the_figures_that_reconciliation_tells() {
    on_each_database(|town| {
        let (.., first) = settled_stay_of(town, "4004");
        let (id, setl_id, _) = settled_stay_of(town, "4005");
        town.say(HOSPITAL, "2026-03-07 09:00:00", "2305", &of("4005", &id, &setl_id)).accepted();
        let sums = json!({ "data": {
            "insutype": "310", "clr_type": "21", "setl_optins": "999900", "stmt_begndate": "2026-03-01",
            "stmt_enddate": "2026-03-31", "medfee_sumamt": "4000.00", "fund_pay_sumamt": first.text("setlinfo", "fund_pay_sumamt"),
            "acct_pay": first.text("setlinfo", "acct_pay"), "fixmedins_setl_cnt": 3 } });
        let stated = town.say(HOSPITAL, AT, "3201", &sums).accepted();
        assert_eq!(stated.text("stmtinfo", "stmt_rslt"), "0", "{}", stated.raw);
        let apply = |total: &str, end: &str| {
            let data = json!({ "data": {
                "clr_type": "21", "clr_way": "40", "setlym": "202603", "psntime": 1, "medfee_sumamt": total,
                "med_sumfee": total, "fund_appy_sum": first.text("setlinfo", "fund_pay_sumamt"),
                "cash_payamt": first.text("setlinfo", "psn_cash_pay"), "acct_pay": first.text("setlinfo", "acct_pay"),
                "begndate": "2026-03-01", "enddate": end } });
            town.say(HOSPITAL, "2026-04-01 09:00:00", "3203", &data)
        };
        let differs = apply("4000.01", "2026-03-31");
        assert_eq!(differs.code, "HC511");
        assert!(differs.raw.contains("medfee_sumamt 医疗费总额：中心 4000.00，机构 4000.01"), "{}", differs.raw);
        assert_eq!(apply("4000", "2026-03-30").refused(), "HC512");
        let number = apply("4000", "2026-03-31").accepted().text("result", "clr_appy_evt_id");
        assert_eq!(apply("4000", "2026-03-31").refused(), "HC513");
        let withdraw = json!({ "data": { "clr_appy_evt_id": number } });
        assert_eq!(town.say(SECONDARY, AT, "3204", &withdraw).refused(), "HC514");
        town.say(HOSPITAL, AT, "3204", &withdraw).accepted();
        assert_eq!(town.say(HOSPITAL, AT, "3204", &withdraw).refused(), "HC514");
        apply("4000", "2026-03-31").accepted();
    });
}

#[test]
fn home_pages_and_orders_are_kept_and_replaced() {
    on_each_database(|town| {
        let (id, ..) = settled_stay_of(town, "4006");
        let page = |visit: &str, name: &str| {
            json!({ "baseinfo": { "mdtrt_sn": "SN1", "mdtrt_id": visit, "psn_no": "4006", "medcasno": "B1", "psn_name": name,
                "medfee_sumamt": "4000", "vali_flag": "1", "fixmedins_code": HOSPITAL },
                "diseinfo": [], "oprninfo": [], "icuinfo": [] })
        };
        let say = |infno: &str, input: &Value| town.say(HOSPITAL, AT, infno, input);
        say("4401", &page(&id, "张三")).accepted();
        say("4401", &page(&id, "张三三")).accepted();
        assert_eq!(say("4401", &page("M404", "张三")).refused(), "HC201");
        let read = town.desk.database().read(|tx| claim::document(tx, &HOSPITAL.into(), "4401", "SN1"));
        let document = read.expect("read").expect("kept");
        assert_eq!((document.mdtrt_id.as_str(), document.psn_no.as_str()), (id.as_str(), "4006"));
    });
}
