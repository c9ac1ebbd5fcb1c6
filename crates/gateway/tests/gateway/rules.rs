//! Rules that need a clock, a memory, or a body that no case file can hold; and that no body
//! whatever makes the reader panic.

use crate::common::{gateway, post};
use gateway::{Config, SignInRule, SignIns};
use proptest::prelude::*;
use std::time::Duration;
use terms::InstitutionId;

const PATH: &str = "/fsi/api/rsfComIfsService/callService";

fn body(infno: &str, input: &str) -> String {
    format!(
        r#"{{"infno":"{infno}","msgid":"M1","mdtrtarea_admvs":"999900","insuplc_admdvs":"999900","recer_sys_code":"99",
        "infver":"1.0","opter_type":"1","opter":"1","opter_name":"甲","inf_time":"2026-03-09 16:00:00",
        "fixmedins_code":"H99990000001","fixmedins_name":"衡州市第一人民医院","sign_no":"S1","input":{input}}}"#
    )
}

fn lines(count: usize) -> String {
    let line = r#"{"feedetl_sn":"1","mdtrt_id":"M","psn_no":"P","chrg_bchno":"B","rx_circ_flag":"0","fee_ocur_time":"2026-03-09",
        "med_list_codg":"X","medins_list_codg":"X","det_item_fee_sumamt":1,"cnt":1,"pric":1,"bilg_dept_codg":"K",
        "bilg_dept_name":"K","bilg_dr_codg":"D","bilg_dr_name":"D","hosp_appr_flag":"0"}"#;
    format!(r#"{{"feedetail":[{}]}}"#, vec![line.replace(char::is_whitespace, ""); count].join(","))
}

fn code(config: Config, body: &[u8]) -> String {
    post(&gateway(config), PATH, &[], body, "127.0.0.1").0
}

fn config() -> Config {
    Config::for_region("999900")
}

#[test]
fn a_hundred_lines_pass_and_one_more_does_not() {
    assert_eq!(code(config(), body("2204", &lines(100)).as_bytes()), "ok");
    let (code, text) = post(&gateway(config()), PATH, &[], body("2204", &lines(101)).as_bytes(), "127.0.0.1");
    assert_eq!(code, "F405");
    assert!(text.contains("[F405 feedetail] 101 行超过每次 100 行的上限，请分批发送"), "{text}");
}

#[test]
fn input_over_forty_thousand_bytes_is_refused_and_a_file_is_not() {
    let long = format!(r#"{{"data":{{"memo":"{}"}}}}"#, "x".repeat(40_000));
    assert_eq!(code(config(), body("2504", &long).as_bytes()), "F401");
    let file =
        format!(r#"{{"fsUploadIn":{{"in":"{}","filename":"f.zip","fixmedins_code":"H"}}}}"#, "UEsD".repeat(20_000));
    assert_eq!(code(config(), body("9101", &file).as_bytes()), "ok");
    assert_eq!(code(config(), &vec![b' '; 9_000_000]), "F001");
}

#[test]
fn a_body_that_is_not_utf8_is_told_so_and_a_byte_order_mark_is_not_minded() {
    assert_eq!(code(config(), b"{\"infno\":\"\xC4\xE3\"}"), "F002");
    let with_mark =
        [b"\xEF\xBB\xBF", body("2504", r#"{"data":{"trt_dcla_detl_sn":"1","psn_no":"P","memo":"x"}}"#).as_bytes()]
            .concat();
    assert_eq!(code(config(), &with_mark), "ok");
}

#[test]
fn a_message_of_another_day_is_refused_where_the_clock_is_bounded() {
    let message = body("2504", r#"{"data":{"trt_dcla_detl_sn":"1","psn_no":"P","memo":"x"}}"#);
    let bounded = |seconds| Config { clock_window: Some(Duration::from_secs(seconds)), ..config() };
    assert_eq!(code(bounded(60), message.as_bytes()), "ok");
    assert_eq!(code(bounded(4), message.as_bytes()), "F209");
}

fn tif(nonce: &str, time: i64, secret: &str) -> Vec<(String, String)> {
    use sha2::Digest as _;
    let signature: String =
        sha2::Sha256::digest(format!("{time}{secret}{nonce}{time}")).iter().map(|byte| format!("{byte:02x}")).collect();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let time = time.to_string();
    vec![
        header("x-tif-paasid", "h1"),
        header("x-tif-timestamp", &time),
        header("x-tif-nonce", nonce),
        header("x-tif-signature", &signature),
    ]
}

#[test]
fn a_signature_is_fresh_right_and_used_once() {
    let gateway = gateway(config());
    let message = body("2504", r#"{"data":{"trt_dcla_detl_sn":"1","psn_no":"P","memo":"x"}}"#);
    let send = |headers: Vec<(String, String)>| post(&gateway, PATH, &headers, message.as_bytes(), "203.0.113.7").0;
    let now = 1_773_043_205;
    assert_eq!(send(tif("a", now, "test-secret")), "ok");
    assert_eq!(send(tif("a", now, "test-secret")), "F106");
    assert_eq!(send(tif("b", now - 301, "test-secret")), "F104");
    assert_eq!(send(tif("b", now, "other-secret")), "F105");
    assert_eq!(send(tif("b", now - 300, "test-secret")), "ok");
}

struct OneSignIn;

impl SignIns for OneSignIn {
    fn institution_of(&self, sign_no: &str, _now: terms::DateTime) -> Result<Option<InstitutionId>, String> {
        Ok((sign_no == "S1").then(|| InstitutionId::from("H99990000001")))
    }
}

#[test]
fn sign_no_must_be_of_the_institution_that_speaks() {
    let gateway = |rule| gateway(Config { sign_in: rule, ..config() }).with_sign_ins(Box::new(OneSignIn));
    let message = body("2504", r#"{"data":{"trt_dcla_detl_sn":"1","psn_no":"P","memo":"x"}}"#);
    let other = message.replace("H99990000001", "H99990000002");
    let none = message.replace("S1", "");
    for (rule, message, expected) in [
        (SignInRule::Required, &message, "ok"),
        (SignInRule::Required, &other, "F303"),
        (SignInRule::Required, &none, "F302"),
        (SignInRule::WhenGiven, &none, "ok"),
        (SignInRule::WhenGiven, &other, "F303"),
        (SignInRule::Ignored, &other, "ok"),
    ] {
        assert_eq!(post(&gateway(rule), PATH, &[], message.as_bytes(), "::1").0, expected, "{rule:?}");
    }
}

fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?[0-9]{1,25}(\\.[0-9]{1,9})?",
        "[ -~]{0,12}".prop_map(|text| format!("{text:?}")),
        Just("\"{\\\"a\\\":[\"".to_owned()),
        Just("\"2026-03-09 10:00:00\"".to_owned()),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            Just("data".to_owned()),
            Just("feedetail".to_owned()),
            Just("psn_no".to_owned()),
            Just("cnt".to_owned()),
            Just("in".to_owned()),
            Just("exp_content".to_owned()),
            Just("durg_trac_info".to_owned()),
            "[a-z_]{1,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(name, inner, 0..6).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_whatever_makes_the_reader_panic(
        input in json(),
        infno in prop::sample::select(vec!["2204", "2207", "2102", "2301", "2401", "9101", "2203", "2302"]),
    ) {
        thread_local!(static GATEWAY: gateway::Gateway = gateway(config()));
        GATEWAY.with(|gateway| {
            let (_, text) = post(gateway, PATH, &[], body(infno, &input).as_bytes(), "127.0.0.1");
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            Ok(())
        })?;
    }

    #[test]
    fn no_bytes_whatever_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        thread_local!(static GATEWAY: gateway::Gateway = gateway(config()));
        GATEWAY.with(|gateway| {
            let (code, _) = post(gateway, PATH, &[], &bytes, "127.0.0.1");
            prop_assert!(code.starts_with('F'));
            Ok(())
        })?;
    }
}
