//! 3101, 3102, 3103 over real HTTP with every rule of 衡州's folder.

use crate::town::{HOSPITAL, SECONDARY, Town, centre, embedded, region, suite};
use journeys::{Centre, Compiled, Sources, Supervision, SupervisionSettings};
use screening::{Floors, Header, Library};
use serde_json::{Value, json};
use std::sync::Arc;
use terms::Ratio;

/// Once a day at most, by 衡州's own knowledge.
const BED: &str = "009904010010000";

fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = region().join(folder);
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    names.retain(|path| path.extension().is_some_and(|known| known == ending));
    names.sort();
    let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("a text");
    names.iter().map(|path| (path.display().to_string(), text(path))).collect()
}

fn compiled(sources: &Sources) -> Compiled {
    let (library, _) = Library::load(&sources.rules, &sources.tables, None);
    let screener = library.around(&encounter::Surroundings::default());
    Compiled {
        version: library.version().to_owned(),
        headers: library.headers().iter().map(|header| Header::clone(header)).collect(),
        screen: Box::new(move |history, options, go_on| screener.screen_within(history, options, go_on)),
    }
}

fn watched(budget_micros: u64) -> Centre {
    let floors = Floors {
        least_outcomes: 30,
        least_institutions: 2,
        violation: Ratio(8_000),
        suspected: Ratio(5_000),
        hint: Ratio(2_000),
    };
    let sources = Sources { rules: texts("screening/rules", "toml"), tables: texts("screening/knowledge", "csv") };
    let settings = SupervisionSettings { budget_micros, look_back_days: 400, floors };
    Centre { supervision: Some(Arc::new(Supervision::new(settings, sources, compiled))), ..centre() }
}

/// The debug build of a busy machine gets all the time it needs.
const AMPLE: u64 = 60_000_000;

fn on_each_database(scenario: fn(&Town)) {
    scenario(&Town::open_with(watched(AMPLE), embedded(), suite()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&Town::open_with(watched(AMPLE), fresh.open(), suite()));
    }
}

fn order(number: usize, code: &str, cnt: &str) -> Value {
    let cost: i64 = cnt.parse().expect("a whole number");
    json!({
        "rx_id": format!("R{number}"), "rxno": "RX1", "long_drord_flag": "0", "hilist_type": "201", "chrg_type": "01",
        "drord_bhvr": "1", "hilist_code": code, "hilist_name": "项目", "hilist_lv": "01", "hilist_pric": "10",
        "hosplist_code": "N1", "hosplist_name": "项目", "cnt": cnt, "pric": 10, "sumamt": format!("{}.00", cost * 10),
        "ownpay_amt": "0", "selfpay_amt": 0, "spec": "1次", "spec_unt": "次", "drord_begn_date": "2026-03-07 10:00:00",
        "drord_stop_date": "", "drord_dept_codg": "001", "drord_dept_name": "呼吸内科", "drord_dr_codg": "D999900000001",
        "drord_dr_name": "杜思芳", "drord_dr_profttl": "231", "curr_drord_flag": "1",
    })
}

fn stay(psn_no: &str, orders: &[Value]) -> Value {
    let diagnosis = json!({
        "dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": 1, "dise_codg": "J18.900",
        "dise_name": "肺炎", "dise_date": "2026-03-06",
    });
    let mut visit = json!({
        "mdtrt_id": "S1", "medins_id": HOSPITAL, "medins_name": "衡州市第一人民医院", "medins_admdvs": "999900",
        "medins_type": "A100", "medins_lv": "3", "adm_date": "2026-03-06", "dscg_date": "2026-03-09",
        "dr_codg": "D999900000001", "adm_dept_codg": "001", "adm_dept_name": "呼吸内科", "med_mdtrt_type": "2",
        "med_type": "21", "matn_stas": "1", "medfee_sumamt": "30.00", "ownpay_amt": 0, "selfpay_amt": 0,
        "setl_totlnum": "1", "insutype": "310", "reim_flag": "2", "out_setl_flag": "0",
    });
    visit["fsi_diagnose_dtos"] = json!([diagnosis]);
    visit["fsi_order_dtos"] = json!(orders);
    let patient = json!({
        "patn_id": psn_no, "patn_name": "张三", "gend": "1", "brdy": "1980-05-06", "poolarea": "999900",
        "curr_mdtrt_id": "S1", "fsi_encounter_dtos": [visit],
    });
    json!({ "data": { "trig_scen": "4", "patient_dtos": [patient] } })
}

fn output(raw: &str) -> Value {
    serde_json::from_str::<Value>(raw).expect("an answer is JSON")["output"].clone()
}

const AT: &str = "2026-03-09 15:00:00";

#[test]
fn a_bed_billed_twice_a_day_is_told_with_its_excess_and_the_doctor_s_answer_is_kept() {
    on_each_database(|town| {
        town.employee("9001", 0);
        let asked = stay("9001", &[order(1, BED, "2"), order(2, "HZS001", "1")]);
        let answer = town.say(HOSPITAL, AT, "3102", &asked).accepted();
        let result = output(&answer.raw)["result"].clone();
        let told: Vec<&Value> =
            result.as_array().expect("a list").iter().filter(|row| row["rule_id"] == "service-daily-limit").collect();
        assert_eq!(told.len(), 1, "{}", answer.raw);
        let told = told[0];
        assert_eq!(
            (&told["sev_deg"], &told["vola_amt_stas"], &told["vola_bhvr_type"]),
            (&json!("1"), &json!("1"), &json!("2"))
        );
        assert!(answer.raw.contains("\"vola_amt\":10.00"), "{}", answer.raw);
        let details = told["judge_result_detail_dtos"].as_array().expect("rows inside the row");
        assert!(details.iter().any(|row| row["rx_id"] == "R1" && row["vola_item_type"] == "1"), "{told}");
        let jr_id = told["jr_id"].as_str().expect("a number").to_owned();
        assert!(!told["vola_evid"].as_str().unwrap_or_default().is_empty());

        // The same again has the same number.
        let again = town.say(HOSPITAL, AT, "3102", &asked).accepted();
        assert!(again.raw.contains(&jr_id));

        let feedback = json!({ "data": { "warn_type": "2", "warns": [{ "warn_rslt_id": jr_id, "dspo_way": 1, "dspo_way_rea": "病情需要" }] } });
        let msgid = town.msgid(HOSPITAL);
        let first = town.say_as(&msgid, HOSPITAL, AT, "3103", &feedback).accepted();
        let repeated = town.say_as(&msgid, HOSPITAL, AT, "3103", &feedback).accepted();
        assert_eq!(first.raw, repeated.raw, "a repeated message gets the same bytes");
        let number = jr_id.clone();
        let known: Result<_, db::DbError> = town.desk.database().read(move |tx| monitoring::reminder(tx, &number));
        let known = known.expect("read").expect("written down before the answer was looked at");
        assert_eq!((known.times, known.reason.as_str(), known.dept.as_str()), (2, "病情需要", "001"));

        let refused = |institution: &str, warns: Value| {
            town.say(institution, AT, "3103", &json!({ "data": { "warn_type": "2", "warns": warns } })).refused()
        };
        assert_eq!(refused(SECONDARY, json!([{ "warn_rslt_id": jr_id, "dspo_way": "2" }])), "HC702");
        assert_eq!(refused(HOSPITAL, json!([{ "warn_rslt_id": "nobody told this", "dspo_way": "2" }])), "HC702");
        let without = json!([{ "warn_rslt_id": jr_id, "dspo_way": "2" }, { "warn_rslt_id": jr_id, "dspo_way": "1" }]);
        assert_eq!(refused(HOSPITAL, without), "F406 warns[2].dspo_way_rea 处理原因");
        assert_eq!(
            refused(HOSPITAL, json!([{ "warn_rslt_id": jr_id, "dspo_way": "3" }])),
            "F409 warns[1].dspo_way 处理方式"
        );
    });
}

#[test]
fn what_was_not_checked_is_told_in_its_own_node_and_as_a_warning() {
    on_each_database(|town| {
        // Nobody has this number: the past is unknown, and rules that look back say so.
        let answer = town.say(HOSPITAL, AT, "3101", &stay("no one", &[order(1, "HZS001", "1")])).accepted();
        let output = output(&answer.raw);
        let missed = output["not_checked"].as_array().expect("a node of the region");
        assert!(missed.iter().all(|row| row["patn_id"] == "no one" && row["reason"] != ""), "{}", answer.raw);
        assert!(!missed.is_empty(), "{}", answer.raw);
        let warning = serde_json::from_str::<Value>(&answer.raw).expect("JSON")["warn_msg"].clone();
        assert!(warning.as_str().is_some_and(|words| words.contains("不等于没有问题")), "{warning}");
    });
}

#[test]
fn a_visit_that_is_not_among_those_sent_is_refused_by_its_field() {
    let town = Town::open_with(watched(AMPLE), embedded(), suite());
    let mut asked = stay("9002", &[order(1, BED, "1")]);
    asked["data"]["patient_dtos"][0]["curr_mdtrt_id"] = json!("S2");
    assert_eq!(town.say(HOSPITAL, AT, "3102", &asked).refused(), "F409 patient_dtos[1].curr_mdtrt_id 当前就诊标识");
}

#[test]
fn without_time_every_rule_that_has_something_to_look_at_is_told_as_not_checked() {
    let town = Town::open_with(watched(0), embedded(), suite());
    town.employee("9003", 0);
    let answer = town.say(HOSPITAL, AT, "3102", &stay("9003", &[order(1, BED, "2")])).accepted();
    let output = output(&answer.raw);
    assert_eq!(output["result"], json!([]));
    let missed = output["not_checked"].as_array().expect("a node of the region");
    let late = |row: &&Value| row["reason"] == "超过时限";
    assert!(missed.iter().any(|row| row["rule_id"] == "service-daily-limit" && late(&row)), "{}", answer.raw);
}

#[test]
fn a_centre_without_rules_refuses_rather_than_calls_an_order_clean() {
    let town = Town::open(embedded(), suite());
    assert_eq!(town.say(HOSPITAL, AT, "3101", &stay("9004", &[order(1, BED, "2")])).refused(), "HC701");
}
