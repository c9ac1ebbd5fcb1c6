//! 坏输入: each bad message gets a refusal that names the thing, and nothing is half-recorded.

use crate::town::*;
use serde_json::{Value, json};

const AT: &str = "2026-03-09 09:00:00";

#[test]
fn the_law_refuses_what_is_not_covered() {
    on_each_database(|town| {
        town.employee("3001", 0);
        town.person("3002", &[], 0);
        town.person("3003", &[("390", "15", "2026-02-01")], 0);
        let begin = |institution: &str, psn_no: &str, label: &str, med_type: &str| {
            let mut asked = registered(psn_no, label, AT);
            if psn_no == "3003" {
                asked["data"]["insutype"] = json!("390");
            }
            let shell = town.say(institution, AT, "2201", &asked);
            if shell.code != "ok" {
                return shell.code;
            }
            let id = shell.text("data", "mdtrt_id");
            town.say(institution, AT, "2203", &visit(psn_no, &id, med_type, AT)).code
        };
        assert_eq!(begin(HOSPITAL, "3001", "V1", "11"), "ok");
        assert_eq!(begin(HOSPITAL, "3001", "V1", "11"), "HZ101", "the label is taken");
        assert_eq!(begin("H00000000000", "3001", "V2", "11"), "HZ102", "unknown institution");
        assert_eq!(begin("H99990000006", "3001", "V2", "11"), "HZ104", "no longer designated");
        assert_eq!(begin(HOSPITAL, "3001", "V2", "99"), "HZ105", "unknown kind of visit");
        assert_eq!(begin(HOSPITAL, "3001", "V2", "41"), "HZ107", "only for pharmacies");
        assert_eq!(begin(HOSPITAL, "3002", "V2", "11"), "HZ108", "not covered");
        assert_eq!(begin(HOSPITAL, "3003", "V2", "11"), "HZ110", "waiting period");
        assert_eq!(begin(HOSPITAL, "3001", "V2", "14"), "HZ113", "no disease named");
        assert_eq!(begin(SUSPENDED, "3001", "V3", "11"), "HC102", "suspended");
        assert_eq!(begin(HOSPITAL, "9999", "V3", "11"), "HC104", "unknown person");
        assert_eq!(begin(HOSPITAL, "3001", "V2", "11"), "ok", "what was refused took nothing");
    });
}

#[test]
fn a_visit_of_another_institution_does_not_exist() {
    on_each_database(|town| {
        town.employee("3004", 0);
        let id = town.begun("3004", "V1", &[line("1", "HZS001", "5", "100", "500")]);
        let lines = fees("3004", &id, &[line("2", "HZS001", "5", "100", "500")]);
        assert_eq!(town.say(SECONDARY, AT, "2204", &lines).refused(), "HZ201");
        let bill = bill("3004", &id, "500", json!({}));
        assert_eq!(town.say(SECONDARY, "2026-03-09 10:00:00", "2207", &bill).refused(), "HZ401");
        let settled = town.settle("3004", &id, "500").accepted();
        let of = of("3004", &id, &settled.text("setlinfo", "setl_id"));
        assert_eq!(town.say(SECONDARY, "2026-03-10 10:00:00", "2208", &of).refused(), "HZ501");
        assert_eq!(town.records("3004"), (1, 0));
    });
}

#[test]
fn ids_that_were_never_issued_are_refused_by_the_law() {
    let town = Town::open(embedded(), suite());
    town.employee("3005", 0);
    let lines = fees("3005", "NONE", &[line("2", "HZS001", "5", "100", "500")]);
    assert_eq!(town.say(HOSPITAL, AT, "2204", &lines).refused(), "HZ201");
    assert_eq!(town.say(HOSPITAL, AT, "2301", &lines).refused(), "HZ201");
    assert_eq!(town.settle("3005", "NONE", "500").refused(), "HZ401");
    assert_eq!(town.say(HOSPITAL, AT, "2208", &of("3005", "NONE", "NONE")).refused(), "HZ501");
    assert_eq!(town.say(HOSPITAL, AT, "2203", &visit("3005", "NONE", "11", AT)).refused(), "HC201");
}

#[test]
fn wrong_lines_are_named_and_their_batch_leaves_nothing() {
    on_each_database(|town| {
        town.employee("3006", 0);
        let good = line("1", "HZS001", "5", "100", "500");
        let id = town.begun("3006", "V1", std::slice::from_ref(&good));
        let send = |rows: &[Value]| town.say(HOSPITAL, AT, "2204", &fees("3006", &id, rows)).code;
        let two = line("2", "HZS001", "1", "100", "100");
        assert_eq!(send(&[two.clone(), good.clone()]), "HZ203 feedetl_sn=1", "a number twice");
        assert_eq!(send(&[two.clone(), line("3", "NONE", "1", "1", "1")]), "HZ204 feedetl_sn=3");
        let late = with(&two, json!({ "fee_ocur_time": "2026-03-10 09:00:00" }));
        assert_eq!(send(&[late]), "HZ205 feedetl_sn=2", "outside the visit");
        assert_eq!(send(&[line("2", "HZS001", "0", "100", "0")]), "HZ206 feedetl_sn=2");
        assert_eq!(send(&[line("2", "HZS001", "1", "100", "101")]), "HZ208 feedetl_sn=2", "does not add up");
        assert_eq!(town.settle("3006", &id, "600").refused(), "HZ406", "the sum is another");
        let settled = town.settle("3006", &id, "500").accepted();
        assert_eq!(send(&[two]), "HZ202", "after the settlement");
        assert_eq!(town.settle("3006", &id, "500").refused(), "HZ402");
        let of = of("3006", &id, &settled.text("setlinfo", "setl_id"));
        town.say(HOSPITAL, "2026-03-10 09:00:00", "2208", &of).accepted();
        assert_eq!(town.say(HOSPITAL, "2026-03-10 09:00:00", "2208", &of).refused(), "HZ502");
        assert_eq!(town.records("3006"), (1, 1));
    });
}

#[test]
fn form_is_refused_with_the_field_the_row_and_the_limit() {
    let town = Town::open(embedded(), suite());
    town.employee("3007", 0);
    let id = town.begun("3007", "V1", &[line("1", "HZS001", "5", "100", "500")]);
    let lines = |rows: Vec<Value>| town.say(HOSPITAL, AT, "2204", &fees("3007", &id, &rows)).code;
    let good = line("2", "HZS001", "1", "100", "100");
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("cnt");
    assert_eq!(lines(vec![good.clone(), without]), "F406 feedetail[2].cnt 数量");
    let null = with(&good, json!({ "med_list_codg": "NULL" }));
    assert_eq!(lines(vec![null]), "F406 feedetail[1].med_list_codg 医疗目录编码", "the word NULL is nothing");
    assert_eq!(lines(vec![with(&good, json!({ "cnt": "one" }))]), "F407 feedetail[1].cnt 数量");
    let long = with(&good, json!({ "feedetl_sn": "9".repeat(31) }));
    assert_eq!(lines(vec![long]), "F408 feedetail[1].feedetl_sn 费用明细流水号");
    let mut mixed =
        fees("3007", &id, &[line("3", "HZS001", "1", "100", "100"), line("4", "HZS001", "1", "100", "100")]);
    mixed["feedetail"][1]["mdtrt_id"] = json!("X");
    assert_eq!(town.say(HOSPITAL, AT, "2204", &mixed).refused(), "F409 feedetail[2].mdtrt_id 就诊ID");
    let many: Vec<Value> = (0..101).map(|n| json!({ "feedetl_sn": n })).collect();
    assert_eq!(town.say(HOSPITAL, AT, "2204", &json!({ "feedetail": many })).refused(), "F405 feedetail");
    let long = json!({ "data": { "psn_no": "3007", "memo": "x".repeat(40_000) } });
    assert_eq!(town.say(HOSPITAL, AT, "2504", &long).refused(), "F401 input 交易输入");
    assert_eq!(town.say(HOSPITAL, AT, "1234", &json!({})).refused(), "F205 infno 交易编号");
    assert_eq!(town.say(HOSPITAL, AT, "4104", &json!({})).refused(), "F206 infno 交易编号");
    assert!(String::from_utf8(town.post(b"{\"infno\":")).unwrap().contains("[F003]"));
    assert_eq!(town.records("3007"), (0, 0));
}

#[test]
fn every_transaction_of_the_catalogue_is_served() {
    let town = Town::open(embedded(), suite());
    for interface in gateway::Catalogue::national().interfaces() {
        let answer = town.say(HOSPITAL, AT, &interface.infno, &json!({}));
        assert!(!answer.code.starts_with("F206"), "{} {}", interface.infno, interface.title);
    }
}
