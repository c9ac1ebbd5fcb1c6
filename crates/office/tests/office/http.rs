//! The interface, asked as a program would.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use office::http::{Access, Limits, Service, openapi, router};
use office::load;
use office::shelf::Shelf;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::small;

const NEAR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);

fn service(access: Access, limits: Limits) -> Arc<Service> {
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let quality = Some(load::quality(&region).expect("rules"));
    Arc::new(Service::new(Shelf { schemes: vec![small()], quality, screening: Some(screener()) }, access, limits))
}

/// One audit rule: at most two of X1 a day.
fn screener() -> screening::Screener {
    let text = r#"
id = "two-a-day"
name = "每日两次"
version = "1"
basis = ["test"]
class = "政策类"
family = "test"
result = "明确违规"
behaviour = "项目类"
stages = ["事中"]
begndate = 2020-01-01
[shape]
type = "qty_per_window"
codes = ["X1"]
window = "day"
max = 2
[messages]
doctor = "{quantity} > {limit}"
auditor = "{quantity} > {limit}"
[[case]]
name = "three"
lines = [{ med_list_codg = "X1", cnt = 3 }]
flags = ["1"]
[[case]]
name = "four"
lines = [{ med_list_codg = "X1", cnt = 4 }]
flags = ["1"]
[[case]]
name = "two"
lines = [{ med_list_codg = "X1", cnt = 2 }]
passes = true
[[case]]
name = "another"
lines = [{ med_list_codg = "X2", cnt = 9 }]
passes = true
[[case]]
name = "how many is unknown"
lines = [{ med_list_codg = "X1", cnt = "" }]
not_checked = "cnt"
"#;
    let (library, problems) = screening::Library::load(&[("two-a-day.toml".to_owned(), text.to_owned())], &[], None);
    assert!(problems.is_empty(), "{problems:?}");
    library.around(&encounter::Surroundings::default())
}

fn visit(line: Value) -> Value {
    json!({"encounters": [{"mdtrt_id": "V1", "psn_no": "P1", "med_type": "21", "begntime": "2026-03-01 08:00:00",
        "lines": [line]}], "stage": "事中", "focus": "V1"})
}

#[test]
fn a_visit_is_held_against_the_audit_rules_before_it_is_submitted() {
    let line = json!({"feedetl_sn": "1", "med_list_codg": "X1", "cnt": 5, "pric": "10",
        "det_item_fee_sumamt": "50.00", "inscp_scp_amt": 50, "fee_ocur_time": "2026-03-01 09:00:00"});
    let answer = ok("screen", &visit(line));
    let finding = &answer["findings"][0];
    assert_eq!((&finding["rule"], &finding["amount"]), (&json!("two-a-day"), &json!("30.00")));
    assert_eq!(finding["lines"][0]["feedetl_sn"], json!("1"));
    assert_eq!((&answer["rules_run"], &answer["not_checked"]), (&json!(1), &json!([])));
    let unknown = json!({"feedetl_sn": "1", "med_list_codg": "X1", "fee_ocur_time": "2026-03-01 09:00:00"});
    let answer = ok("screen", &visit(unknown));
    assert_eq!((&answer["findings"], &answer["not_checked"][0]["fact"]), (&json!([]), &json!("cnt")));
}

#[test]
fn a_visit_that_cannot_be_read_is_refused_by_path() {
    let (status, _, trouble) = post("screen", &visit(json!({"cnt": "five", "quantity": 5})));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let told: Vec<_> =
        trouble["errors"].as_array().expect("faults").iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!(told, [json!("encounters[0].lines[0].cnt"), json!("encounters[0].lines[0].quantity")]);
    let (status, _, trouble) = post("screen", &json!({"encounters": [{}], "stage": "以后"}));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{trouble}");
}

fn ask(service: &Arc<Service>, peer: SocketAddr, request: Request<Body>) -> (StatusCode, String, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let app = router(Arc::clone(service)).layer(Extension(ConnectInfo(peer)));
        let (parts, body) = app.oneshot(request).await.expect("an answer").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let kind = parts.headers.get("content-type").map_or("", |kind| kind.to_str().expect("text")).to_owned();
        (parts.status, kind, serde_json::from_slice(&body).unwrap_or(Value::Null))
    })
}

fn post(path: &str, body: &Value) -> (StatusCode, String, Value) {
    let request = Request::post(format!("/api/v1/{path}")).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    ask(&service(Access::Loopback, Limits::default()), NEAR, request)
}

fn ok(path: &str, body: &Value) -> Value {
    let (status, _, answer) = post(path, body);
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

fn case() -> Value {
    json!({"id": "c1", "diagnoses": ["I63.900", "J96.000"], "sex": 2, "age": 66, "days": 12, "fee": "16000.00"})
}

#[test]
fn a_batch_is_grouped_in_order_with_reasons_and_what_if_when_asked() {
    let other = json!({"diagnoses": ["I10.x00"], "sex": "1"});
    let answer = ok("group", &json!({"cases": [case(), other], "explain": true, "what_if": true}));
    assert_eq!(answer["scheme"], json!({"id": "small", "version": "1"}));
    let [first, second] = answer["answers"].as_array().expect("answers").as_slice() else { panic!("two answers") };
    assert_eq!((&first["id"], &first["row"], &first["group"]), (&json!("c1"), &json!(1), &json!("BR21")));
    assert_eq!(first["severity"], json!(["MCC"]));
    assert!(
        first["why"].as_array().expect("lines").iter().any(|line| line.as_str().is_some_and(|l| l.contains("BR21")))
    );
    let shown: Vec<_> = first["what_if"].as_array().expect("rows").iter().map(|row| row["diagnosis"].clone()).collect();
    assert_eq!(shown, [json!("I63.900"), json!("J96.000")]);
    assert_eq!((&second["status"], &second["fields"]), (&json!("needs_data"), &json!(["NL"])));
    let plain = ok("group", &json!({"cases": [case()]}));
    assert!(plain["answers"][0].get("why").is_none());
}

#[test]
fn a_settlement_list_is_taken_in_our_words_and_in_those_of_4101() {
    let own = json!({"basic": {"sex": "2", "age": 66}, "diagnoses": [{"code": "I63.900"}, {"code": "J96.000"}]});
    let national = json!({"setlinfo": {"gend": "2", "age": 66},
        "diseinfo": [{"diag_type": "1", "diag_code": "I63.900", "maindiag_flag": "1"}, {"diag_type": "1", "diag_code": "J96.000"}]});
    let answer = ok("group", &json!({"lists": [own, national]}));
    assert_eq!((&answer["answers"][0]["group"], &answer["answers"][1]["group"]), (&json!("BR21"), &json!("BR21")));
    let (status, _, trouble) =
        post("group", &json!({"lists": [{"basic": {"sexx": "2"}}, {"charges": {"total": "12,5"}}]}));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> =
        trouble["errors"].as_array().expect("faults").iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!(fields, [json!("lists[0].basic[0].sexx"), json!("lists[1].charges[0].total")]);
}

#[test]
fn every_fault_is_named_by_row_and_field_and_nothing_is_worked_out() {
    let wrong = json!({"diagnoses": ["I10.x00"], "age": "sixty"});
    let also = json!({"diagnoses": ["I10.x00"], "fee": "1.234"});
    let more = json!({"diagnosis": ["I10.x00"]});
    let (status, kind, trouble) = post("group", &json!({"cases": [case(), wrong, also, more]}));
    assert_eq!((status, kind.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "application/problem+json; charset=utf-8"));
    let faults = trouble["errors"].as_array().expect("faults");
    let told: Vec<_> = faults.iter().map(|fault| (fault["row"].as_u64(), fault["field"].as_str())).collect();
    assert_eq!(told[0], (Some(2), Some("cases[1].age")));
    assert_eq!(told[1], (Some(3), Some("cases[2].fee")));
    assert_eq!(told[2].0, Some(4));
    assert!(faults[1]["message"].as_str().is_some_and(|words| words.contains("1.234")), "{trouble}");
    let (status, _, trouble) = post("group", &json!({"scheme": "other", "cases": [case()]}));
    assert_eq!((status, &trouble["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("scheme")));
    assert!(trouble["detail"].as_str().is_some_and(|words| words.contains("small@1")));
    assert_eq!(post("group", &json!({"cases": []})).0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn a_price_comes_with_its_steps_or_says_why_there_is_none() {
    let settlement = json!({"institution": "H1", "level": "3", "insurance": "310", "discharged": "2026-03-09",
        "patient": 3000, "item_fund": "12500.50"});
    let mut whole = case();
    whole["settlement"] = settlement;
    let answer = ok("price", &json!({"cases": [whole, case()], "explain": true}));
    assert_eq!(answer["plan"], "small-rate");
    let [priced, bare] = answer["answers"].as_array().expect("answers").as_slice() else { panic!("two answers") };
    let price = &priced["price"];
    assert_eq!((&price["payment"], &price["fund"]), (&json!("15000.00"), &json!("12000.00")));
    assert_eq!((&price["difference"], &price["balance"]), (&json!("-500.50"), &json!("-1000.00")));
    assert!(price["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
    assert_eq!(bare["refusal"]["code"], "missing_fact");
    assert!(bare["price"].is_null());
    let (status, _, trouble) = post("price", &json!({"payment": "other", "cases": [case()]}));
    assert_eq!((status, &trouble["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("payment")));
}

#[test]
fn quality_control_answers_by_rule_and_field() {
    let list = json!({"basic": {"sex": "1", "age": 30}, "diagnoses": [{"code": "O80.000"}]});
    let answer = ok("qc", &json!({"lists": [list]}));
    let report = &answer["reports"][0];
    let rules: Vec<_> =
        report["findings"].as_array().expect("findings").iter().map(|one| one["rule"].clone()).collect();
    assert!(rules.contains(&json!("obstetric-only-female")), "{report}");
    assert_eq!(report["acceptable"], false);
}

#[test]
fn what_is_at_hand_is_told() {
    let request = Request::get("/api/v1/schemes").body(Body::empty()).expect("a request");
    let (status, _, answer) = ask(&service(Access::Loopback, Limits::default()), NEAR, request);
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&answer["schemes"][0]["id"], &answer["schemes"][0]["plans"][0]["id"]),
        (&json!("small"), &json!("small-rate"))
    );
    assert_eq!(answer["quality"], true);
}

#[test]
fn too_much_the_wrong_type_and_foreign_machines_are_turned_away() {
    let limits = Limits { batch: 2, body: 2_000, ..Limits::default() };
    let service_here = service(Access::Loopback, limits);
    let send = |peer: SocketAddr, kind: &str, body: String| {
        let request = Request::post("/api/v1/group").header("content-type", kind).body(Body::from(body));
        ask(&service_here, peer, request.expect("a request")).0
    };
    let three = json!({"cases": [case(), case(), case()]}).to_string();
    let one = json!({"cases": [case()]}).to_string();
    assert_eq!(send(NEAR, "application/json", three), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(NEAR, "application/json", " ".repeat(3_000)), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(NEAR, "text/plain", one.clone()), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send(NEAR, "application/json", "{".to_owned()), StatusCode::UNPROCESSABLE_ENTITY);
    let far: SocketAddr = "192.0.2.7:40000".parse().expect("an address");
    assert_eq!(send(far, "application/json", one.clone()), StatusCode::FORBIDDEN);
    assert_eq!(send(NEAR, "application/json", one.clone()), StatusCode::OK);
    let request = Request::post("/api/v1/group").header("content-type", "application/json").body(Body::from(one));
    let open = service(Access::Network, Limits::default());
    assert_eq!(ask(&open, far, request.expect("a request")).0, StatusCode::OK);
    for (method, path, expected) in
        [("GET", "/api/v1/group", StatusCode::METHOD_NOT_ALLOWED), ("GET", "/api/v1/nothing", StatusCode::NOT_FOUND)]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let (status, kind, _) = ask(&open, NEAR, request);
        assert_eq!((status, kind.starts_with("application/problem+json")), (expected, true), "{path}");
    }
}

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let served = serde_json::to_string_pretty(&openapi()).expect("JSON") + "\n";
    if std::env::var_os("HENG_RECORD").is_some() {
        std::fs::write(&path, &served).expect("recorded");
    }
    let committed = std::fs::read_to_string(&path).expect("docs/openapi.json is there");
    assert!(committed == served, "docs/openapi.json is not current: run this test with HENG_RECORD=1 and commit it");
    let described: Value = serde_json::from_str(&served).expect("JSON");
    for path in ["group", "qc", "price"] {
        let operation = &described["paths"][format!("/api/v1/{path}")]["post"];
        assert!(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].is_string(), "{path}");
    }
    let list = &described["components"]["schemas"]["SettlementList"]["properties"];
    assert!(list["diagnoses"]["items"]["properties"]["code"].is_object(), "the list's fields are described");
    // Every reference leads somewhere.
    for reference in served.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(described["components"]["schemas"][name].is_object(), "{name} is referred to and not described");
    }
}
