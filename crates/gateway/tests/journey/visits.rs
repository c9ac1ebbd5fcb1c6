//! Whole visits of each kind, from the first message to the reversal.

use crate::town::*;
use serde_json::json;
use terms::Fen;

#[test]
fn an_outpatient_visit_is_settled_reversed_and_settled_again() {
    on_each_database(|town| {
        town.employee("1001", 10_000);
        let lines = [line("1", "HZD001", "2.0", "12.500", "25.00"), line("2", "HZS001", "6", "100", "600")];
        let id = town.shell(HOSPITAL, "1001", "V1", "2026-03-09 08:30:00");
        let begin = visit("1001", &id, "11", "2026-03-09 09:00:00");
        town.say(HOSPITAL, "2026-03-09 09:00:00", "2203", &begin).accepted();
        let splits = town.say(HOSPITAL, "2026-03-09 09:40:00", "2204", &fees("1001", &id, &lines)).accepted();
        let first = &splits.rows("result")[0];
        assert_eq!((first.text("cnt"), first.text("pric")), ("2.0".into(), "12.500".into()), "echoed as submitted");
        assert_eq!((first.fen("inscp_scp_amt"), first.text("pric_uplmt_amt")), (Fen(2_500), "12.50".into()));
        assert_eq!((first.text("med_chrgitm_type"), first.text("lmt_used_flag")), ("09".into(), "0".into()));

        let trial = town.say(HOSPITAL, "2026-03-09 10:00:00", "2206", &bill("1001", &id, "625", json!({}))).accepted();
        assert_eq!(town.records("1001"), (0, 0), "a trial records nothing");
        let settled = town.settle("1001", &id, "625").accepted();
        adds_up(&settled);
        for head in HEADS {
            assert_eq!(settled.fen(head), trial.fen(head), "{head}");
        }
        // In scope 625.00, deductible 200.00, half of the rest; the account gives its 100.00.
        assert_eq!((settled.fen("hifp_pay"), settled.fen("acct_pay")), (Fen(21_250), Fen(10_000)));
        assert_eq!((settled.fen("psn_cash_pay"), settled.fen("balc")), (Fen(31_250), Fen::ZERO));
        let info = &settled.rows("setlinfo")[0];
        assert_eq!(
            (info.text("psn_name"), info.text("age"), info.text("psn_type")),
            ("张三".into(), "45".into(), "11".into())
        );
        assert_eq!((info.text("setl_time"), info.text("clr_type")), ("2026-03-09 10:00:00".into(), "11".into()));
        assert_eq!(settled.rows("setldetail")[0].text("fund_pay_type_name"), "职工门诊统筹基金");

        let setl_id = settled.text("setlinfo", "setl_id");
        let back = town.say(HOSPITAL, "2026-03-10 09:00:00", "2208", &of("1001", &id, &setl_id)).accepted();
        negates(&settled, &back);
        assert_eq!((back.fen("balc"), back.fen("pdn_cash_pay")), (Fen(10_000), Fen(-31_250)));
        assert_ne!(back.text("setlinfo", "setl_id"), setl_id);
        let again = town.settle("1001", &id, "625").accepted();
        assert_eq!(again.fen("hifp_pay"), Fen(21_250));
        assert_eq!(town.records("1001"), (2, 1));
    });
}

#[test]
fn lines_are_refunded_and_cancelled_by_line_and_by_batch() {
    on_each_database(|town| {
        town.employee("1002", 0);
        let id =
            town.begun("1002", "V1", &[line("1", "HZD001", "4", "12.5", "50"), line("2", "HZS001", "1", "100", "100")]);
        let refund =
            with(&line("3", "HZD001", "-1", "12.5", "-12.5"), json!({ "exp_content": { "INIT_FEEDETL_SN": "1" } }));
        let answer = town.say(HOSPITAL, "2026-03-09 09:50:00", "2204", &fees("1002", &id, &[refund])).accepted();
        assert_eq!(answer.rows("result").len(), 1, "only the lines of this message");
        assert_eq!(answer.rows("result")[0].fen("inscp_scp_amt"), Fen(-1_250));
        let cancel = |numbers: &[&str], batch: &str| json!({ "data": { "mdtrt_id": id, "chrg_bchno": batch, "psn_no": "1002", "exp_content": { "FEEDETL_SN": numbers } } });
        let refused = town.say(HOSPITAL, "2026-03-09 09:55:00", "2205", &cancel(&["1"], "B1")).refused();
        assert_eq!(refused, "HZ209 feedetl_sn=1", "a refund still points to it");
        let left = town.say(HOSPITAL, "2026-03-09 09:55:00", "2205", &cancel(&["2"], "B1")).accepted();
        let numbers: Vec<String> = left.rows("result").iter().map(|row| row.text("feedetl_sn")).collect();
        assert_eq!(numbers, ["1", "3"]);
        let settled = town.settle("1002", &id, "37.50").accepted();
        assert_eq!(settled.fen("inscp_scp_amt"), Fen(3_750));
        assert_eq!(town.say(HOSPITAL, "2026-03-09 11:00:00", "2205", &cancel(&[], "B1")).refused(), "HZ202");
        let other = town.begun("1002", "V2", &[line("1", "HZD001", "4", "12.5", "50")]);
        let by_batch = json!({ "data": { "mdtrt_id": other, "chrg_bchno": "B1", "psn_no": "1002" } });
        let left = town.say(HOSPITAL, "2026-03-09 11:00:00", "2205", &by_batch).accepted();
        assert!(left.rows("result").is_empty());
        let withdraw = json!({ "data": { "mdtrt_id": other, "psn_no": "1002", "ipt_otp_no": "V2" } });
        town.say(HOSPITAL, "2026-03-09 11:00:00", "2202", &withdraw).accepted();
        assert_eq!(town.settle("1002", &other, "50").refused(), "HZ401");
    });
}

fn purchase(psn_no: &str, lines: &[serde_json::Value], total: &str) -> serde_json::Value {
    json!({
        "druginfo": {
            "psn_no": psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": format!("C{psn_no}"), "psn_cert_type": "01",
            "certno": format!("C{psn_no}"), "psn_type": "11", "psn_name": "张三", "begntime": "2026-03-09 09:00:00",
            "medfee_sumamt": total, "insutype": "310", "acct_used_flag": "1", "med_type": "41",
        },
        "drugdetail": lines,
    })
}

#[test]
fn a_pharmacy_sells_in_one_message_or_in_steps_with_the_same_money() {
    on_each_database(|town| {
        for psn_no in ["1003", "1004"] {
            town.employee(psn_no, 5_000);
        }
        let lines = [line("1", "HZD001", "3", "11.50", "34.50")];
        let trial = town.say(PHARMACY, "2026-03-09 09:05:00", "2101", &purchase("1003", &lines, "34.50")).accepted();
        assert_eq!(town.records("1003"), (0, 0));
        let sold = town.say(PHARMACY, "2026-03-09 09:05:00", "2102", &purchase("1003", &lines, "34.50")).accepted();
        adds_up(&sold);
        assert_eq!(sold.rows("detlcutinfo")[0].fen("inscp_scp_amt"), Fen(3_450));

        let id = town.shell(PHARMACY, "1004", "V1", "2026-03-09 09:00:00");
        town.say(PHARMACY, "2026-03-09 09:00:00", "2203A", &visit("1004", &id, "41", "2026-03-09 09:00:00")).accepted();
        let row = with(&lines[0], json!({ "fee_ocur_time": "2026-03-09 09:00:00" }));
        town.say(PHARMACY, "2026-03-09 09:01:00", "2204", &fees("1004", &id, &[row])).accepted();
        let stepwise =
            town.say(PHARMACY, "2026-03-09 09:05:00", "2207A", &bill("1004", &id, "34.50", json!({}))).accepted();
        for head in HEADS {
            assert_eq!(sold.fen(head), trial.fen(head), "{head}");
            assert_eq!(sold.fen(head), stepwise.fen(head), "{head}");
        }
        let (id, setl_id) = (sold.text("setlinfo", "mdtrt_id"), sold.text("setlinfo", "setl_id"));
        let back = town.say(PHARMACY, "2026-03-10 09:00:00", "2103", &of("1003", &id, &setl_id)).accepted();
        negates(&sold, &back);
        let broken = [line("1", "HZD001", "3", "11.50", "34.50"), line("2", "NONE", "1", "1", "1")];
        let refused = town.say(PHARMACY, "2026-03-09 09:05:00", "2102", &purchase("1004", &broken, "35.50")).refused();
        assert_eq!(refused, "HZ204 feedetl_sn=2");
        assert_eq!(town.records("1004"), (1, 0), "a refused purchase leaves nothing");
    });
}

#[test]
fn a_chronic_disease_is_filed_treated_and_its_filing_cancelled() {
    on_each_database(|town| {
        town.employee("1005", 0);
        let filing = json!({ "data": {
            "psn_no": "1005", "insutype": "310", "opsp_dise_code": "HZM01", "opsp_dise_name": "高血压", "insu_optins": "999900",
            "ide_fixmedins_no": HOSPITAL, "ide_fixmedins_name": "衡州市第一人民医院", "hosp_ide_date": "2026-01-05",
            "diag_dr_codg": "D999900000001", "diag_dr_name": "杜思芳", "begndate": "2026-01-05", "enddate": "2026-12-31",
        }});
        let start = |id: &str| {
            visit_with("1005", id, "14", "2026-03-09 09:00:00", json!({ "dise_codg": "HZM01", "dise_name": "高血压" }))
        };
        let id = town.shell(HOSPITAL, "1005", "V1", "2026-03-09 08:30:00");
        assert_eq!(town.say(HOSPITAL, "2026-03-09 09:00:00", "2203", &start(&id)).refused(), "HZ114");
        let number =
            town.say(HOSPITAL, "2026-01-06 09:00:00", "2503", &filing).accepted().text("result", "trt_dcla_detl_sn");
        let known =
            town.say(HOSPITAL, "2026-01-06 09:00:00", "5301", &json!({ "data": { "psn_no": "1005" } })).accepted();
        assert_eq!(
            (known.text("feedetail", "opsp_dise_code"), known.text("feedetail", "opsp_dise_name")),
            ("HZM01".into(), "高血压".into())
        );
        town.say(HOSPITAL, "2026-03-09 09:00:00", "2203", &start(&id)).accepted();
        town.say(
            HOSPITAL,
            "2026-03-09 09:40:00",
            "2204",
            &fees("1005", &id, &[line("1", "HZS001", "5", "100", "500")]),
        )
        .accepted();
        let settled = town.settle("1005", &id, "500").accepted();
        // Class I: deductible 300.00, then 75%.
        assert_eq!((settled.fen("hifp_pay"), settled.text("setlinfo", "clr_type")), (Fen(15_000), "14".into()));
        let span = json!({ "data": { "psn_no": "1005", "begntime": "2026-03-01 00:00:00" } });
        let taken = town.say(SECONDARY, "2026-03-12 09:00:00", "5205", &span).accepted();
        assert_eq!(
            (taken.text("feedetail", "med_list_codg"), taken.text("feedetail", "fixmedins_code")),
            ("HZS001".into(), HOSPITAL.into())
        );
        let totals =
            town.say(HOSPITAL, "2026-03-12 09:00:00", "5206", &json!({ "data": { "psn_no": "1005" } })).accepted();
        let paid = totals.rows("cuminfo").into_iter().find(|row| row.text("cum_type_code") == "opsp_pay").unwrap();
        assert_eq!(
            (paid.fen("cum"), paid.text("year"), paid.text("insutype")),
            (Fen(15_000), "2026".into(), "310".into())
        );
        let cancel = json!({ "data": { "trt_dcla_detl_sn": number, "psn_no": "1005", "memo": "痊愈" } });
        town.say(HOSPITAL, "2026-04-01 09:00:00", "2504", &cancel).accepted();
        assert_eq!(town.say(HOSPITAL, "2026-04-01 09:00:00", "2504", &cancel).refused(), "HZ603");
    });
}

pub fn admission(psn_no: &str, label: &str, med_type: &str) -> serde_json::Value {
    let at = "2026-03-02 10:00:00";
    json!({
        "mdtrtinfo": {
            "psn_no": psn_no, "insutype": "310", "begntime": at, "mdtrt_cert_type": "02", "mdtrt_cert_no": format!("C{psn_no}"),
            "med_type": med_type, "ipt_no": label, "atddr_no": "D999900000001", "chfpdr_name": "杜思芳", "adm_diag_dscr": "肺炎",
            "adm_dept_codg": "001", "adm_dept_name": "呼吸内科", "adm_bed": "12", "dscg_maindiag_code": "J18.900",
            "dscg_maindiag_name": "肺炎",
        },
        "diseinfo": [diagnosis(at, json!({ "psn_no": psn_no, "maindiag_flag": "1" }))],
    })
}

pub fn discharge(psn_no: &str, id: &str, at: &str) -> serde_json::Value {
    json!({
        "dscginfo": {
            "mdtrt_id": id, "psn_no": psn_no, "insutype": "310", "endtime": at, "dscg_dept_codg": "001",
            "dscg_dept_name": "呼吸内科", "dscg_way": "1",
        },
        "diseinfo": [diagnosis(at, json!({ "mdtrt_id": id, "psn_no": psn_no, "maindiag_flag": "1" }))],
    })
}

#[test]
fn a_stay_with_daily_lines_is_discharged_settled_and_reversed() {
    on_each_database(|town| {
        town.employee("1006", 0);
        let id = town
            .say(HOSPITAL, "2026-03-02 10:05:00", "2401", &admission("1006", "Z1", "21"))
            .accepted()
            .text("result", "mdtrt_id");
        assert_eq!(
            town.say(HOSPITAL, "2026-03-02 10:06:00", "2401", &admission("1006", "Z1", "21")).refused(),
            "HZ101"
        );
        for day in 2..=5 {
            let row = line(&format!("{day}"), "HZS001", "10", "100", "1000");
            let row = with(&row, json!({ "fee_ocur_time": format!("2026-03-{day:02} 11:00:00") }));
            let at = format!("2026-03-{day:02} 20:30:00");
            town.say(HOSPITAL, &at, "2301", &fees("1006", &id, &[row])).accepted();
        }
        let refund = with(
            &line("9", "HZS001", "-1", "100", "-100"),
            json!({ "init_feedetl_sn": "5", "fee_ocur_time": "2026-03-05 12:00:00" }),
        );
        town.say(HOSPITAL, "2026-03-05 21:00:00", "2301", &fees("1006", &id, &[refund])).accepted();
        let cancelled = json!({ "data": [{ "feedetl_sn": "4", "mdtrt_id": id, "psn_no": "1006" }] });
        let left = town.say(HOSPITAL, "2026-03-05 21:00:00", "2302", &cancelled).accepted();
        assert_eq!(left.rows("result").len(), 4);
        let here = town.say(HOSPITAL, "2026-03-05 21:00:00", "5303", &json!({ "data": {} })).accepted();
        assert_eq!((here.text("data", "mdtrt_id"), here.text("data", "psn_name")), (id.clone(), "张三".into()));
        let refused =
            town.say(HOSPITAL, "2026-03-06 09:00:00", "2304", &bill("1006", &id, "2900", json!({}))).refused();
        assert_eq!(refused, "HZ404", "not discharged");
        let early =
            town.say(HOSPITAL, "2026-03-06 09:00:00", "2402", &discharge("1006", &id, "2026-03-04 09:00:00")).refused();
        assert_eq!(early, "HZ303");
        town.say(HOSPITAL, "2026-03-06 09:00:00", "2402", &discharge("1006", &id, "2026-03-06 09:00:00")).accepted();
        let undo = json!({ "data": { "mdtrt_id": id, "psn_no": "1006" } });
        town.say(HOSPITAL, "2026-03-06 09:01:00", "2405", &undo).accepted();
        town.say(HOSPITAL, "2026-03-06 09:30:00", "2402", &discharge("1006", &id, "2026-03-06 09:30:00")).accepted();
        assert_eq!(town.say(HOSPITAL, "2026-03-06 09:31:00", "2404", &undo).refused(), "HC205");
        let trial = town.say(HOSPITAL, "2026-03-06 10:00:00", "2303", &bill("1006", &id, "2900", json!({}))).accepted();
        let settled =
            town.say(HOSPITAL, "2026-03-06 10:00:00", "2304", &bill("1006", &id, "2900", json!({}))).accepted();
        adds_up(&settled);
        for head in HEADS {
            assert_eq!(settled.fen(head), trial.fen(head), "{head}");
        }
        let setl_id = settled.text("setlinfo", "setl_id");
        let back = town.say(HOSPITAL, "2026-03-07 09:00:00", "2305", &of("1006", &id, &setl_id)).accepted();
        negates(&settled, &back);
        assert_eq!(
            (back.text("setlinfo", "invono"), back.text("setlinfo", "enddate")),
            ("INV1".into(), "2026-03-06".into())
        );
        let again = town.say(HOSPITAL, "2026-03-07 10:00:00", "2304", &bill("1006", &id, "2900", json!({}))).accepted();
        assert_eq!(again.fen("hifp_pay"), settled.fen("hifp_pay"));
    });
}

#[test]
fn an_admission_is_changed_and_withdrawn() {
    on_each_database(|town| {
        town.employee("1007", 0);
        let id = town
            .say(HOSPITAL, "2026-03-02 10:05:00", "2401", &admission("1007", "Z1", "21"))
            .accepted()
            .text("result", "mdtrt_id");
        let mut change = admission("1007", "Z1", "21");
        let mut info = change["mdtrtinfo"].take();
        info["mdtrt_id"] = json!(id);
        info["ipt_otp_no"] = json!("Z1");
        info["adm_bed"] = json!("30");
        town.say(HOSPITAL, "2026-03-02 11:00:00", "2403", &json!({ "adminfo": info })).accepted();
        let query = json!({ "data": {
            "psn_no": "1007", "begntime": "2026-03-01 00:00:00", "endtime": "2026-03-31 00:00:00", "med_type": "21" } });
        let seen = town.say(HOSPITAL, "2026-03-02 11:00:00", "5201", &query).accepted();
        let row = &seen.rows("mdtrtinfo")[0];
        assert_eq!(
            (row.text("adm_bed"), row.text("inhosp_stas"), row.text("ipt_otp_no")),
            ("30".into(), "1".into(), "Z1".into())
        );
        let seen = town.say(SECONDARY, "2026-03-02 11:00:00", "5201", &query).accepted();
        assert!(seen.rows("mdtrtinfo").is_empty(), "another institution's visit is not shown");
        let undo = json!({ "data": { "mdtrt_id": id, "psn_no": "1007" } });
        town.say(HOSPITAL, "2026-03-02 12:00:00", "2404", &undo).accepted();
        town.say(HOSPITAL, "2026-03-02 12:30:00", "2401", &admission("1007", "Z1", "21")).accepted();
    });
}

#[test]
fn a_referral_opens_a_stay_elsewhere_and_a_residence_filing_outpatient_care() {
    on_each_database(|town| {
        town.employee("1008", 0);
        assert_eq!(
            town.say(ELSEWHERE, "2026-03-02 10:05:00", "2401", &admission("1008", "Z1", "23")).refused(),
            "HZ120"
        );
        let referral = json!({ "refmedin": {
            "psn_no": "1008", "insutype": "310", "diag_code": "J18.900", "diag_name": "肺炎", "reflin_medins_no": ELSEWHERE,
            "reflin_medins_name": "省立医院", "mdtrtarea_admdvs": "988800", "refl_type": "2", "refl_date": "2026-03-01",
            "refl_rea": "病情需要", "refl_opnn": "同意", "begndate": "2026-03-01", "enddate": "2026-08-31" } });
        let number =
            town.say(HOSPITAL, "2026-03-01 09:00:00", "2501", &referral).accepted().text("result", "trt_dcla_detl_sn");
        town.say(ELSEWHERE, "2026-03-02 10:05:00", "2401", &admission("1008", "Z1", "23")).accepted();
        let cancel = |number: &str| json!({ "data": { "trt_dcla_detl_sn": number, "psn_no": "1008", "memo": "取消" } });
        town.say(HOSPITAL, "2026-03-02 09:00:00", "2502", &cancel(&number)).accepted();

        town.employee("1009", 0);
        let id = town.shell(ELSEWHERE, "1009", "V1", "2026-03-09 08:30:00");
        let start = visit("1009", &id, "11", "2026-03-09 09:00:00");
        assert_eq!(town.say(ELSEWHERE, "2026-03-09 09:00:00", "2203", &start).refused(), "HZ121");
        let residence = json!({ "data": {
            "psn_no": "1009", "biz_appy_type": "08", "begndate": "2026-01-01", "fix_srt_no": "1", "fixmedins_code": ELSEWHERE,
            "fixmedins_name": "省立医院", "exp_content": { "FILING_ID": "CZ-1" } } });
        let number =
            town.say(HOSPITAL, "2026-03-01 09:00:00", "2505", &residence).accepted().text("result", "trt_dcla_detl_sn");
        assert_eq!(number, "CZ-1");
        town.say(ELSEWHERE, "2026-03-09 09:00:00", "2203", &start).accepted();
        let cancel = json!({ "data": { "trt_dcla_detl_sn": number, "psn_no": "1009", "memo": "取消" } });
        town.say(HOSPITAL, "2026-03-10 09:00:00", "2506", &cancel).accepted();
    });
}

#[test]
fn five_thousand_lines_come_in_batches_and_settle() {
    let town = Town::open(embedded(), suite());
    town.employee("1010", 0);
    let id = town.shell(HOSPITAL, "1010", "V1", "2026-03-09 08:30:00");
    town.say(HOSPITAL, "2026-03-09 09:00:00", "2203", &visit("1010", &id, "11", "2026-03-09 09:00:00")).accepted();
    for batch in 0..50 {
        let row = |n: u32| line(&format!("{}", batch * 100 + n), "HZS001", "1", "0.01", "0.01");
        let lines: Vec<_> = (1..=100).map(row).collect();
        // A hundred full lines are more than 40,000 bytes: half of them a message.
        for part in lines.chunks(50) {
            town.say(HOSPITAL, "2026-03-09 09:40:00", "2204", &fees("1010", &id, part)).accepted();
        }
    }
    let settled = town.settle("1010", &id, "50.00").accepted();
    assert_eq!(settled.fen("medfee_sumamt"), Fen(5_000));
    let setl_id = settled.text("setlinfo", "setl_id");
    let lines = town.say(HOSPITAL, "2026-03-10 09:40:00", "5204", &of("1010", &id, &setl_id));
    assert_eq!(lines.raw.matches("\"feedetl_sn\"").count(), 5_000);
}
