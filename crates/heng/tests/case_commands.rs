//! 办案: a small city lives for some days, then its bureau handles a case from the command line.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn heng(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.env_remove("HENG_DATABASE").output().expect("heng runs")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Person, visit and institution of a settlement for which a fund paid the most.
fn settled(data: &str) -> (String, String, String) {
    let path = Path::new(data).join("heng.db");
    let database = db_sqlite::Sqlite::open(&db_sqlite::SqliteOptions::new(&path)).expect("opens").into_database();
    let changes = database.read(|tx| operation::feed::read_after(tx, 0, 100_000)).expect("the feed");
    let paid = |body: &Value| body["heads"]["fund_pay_sumamt"].as_i64().unwrap_or_default();
    let bodies = changes.iter().filter(|row| row.change.kind == "settlement");
    let bodies = bodies.map(|row| serde_json::from_str::<Value>(&row.change.body).expect("JSON"));
    let best = bodies.max_by_key(paid).expect("somebody was settled");
    assert!(paid(&best) > 0, "a fund paid something");
    let text = |name: &str| best[name].as_str().expect("text").to_owned();
    (text("psn_no"), text("mdtrt_id"), text("fixmedins_code"))
}

#[test]
fn a_case_is_handled_from_the_queue_to_the_bundle_and_overturned() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let data = path("data");
    let demo =
        ["demo", "--people", "300", "--days", "20", "--clients", "2", "--exit", "--empty-desks", "--data", &data];
    let lived = heng(&[&demo[..], &["--listen", "127.0.0.1:0"]].concat());
    assert!(lived.status.success(), "{}", words(&lived));
    let (person, visit, institution) = settled(&data);
    let decision = path("decision.txt");
    std::fs::write(&decision, "决定书").expect("written");
    let case = |on: &str, more: &[&str]| heng(&[&["case", "--data", &data, "--on", on], more].concat());
    let done = |on: &str, more: &[&str]| {
        let output = case(on, more);
        assert!(output.status.success(), "{more:?}: {}", words(&output));
        words(&output)
    };

    let target = format!("{person}/{visit}");
    let opened = done(
        "2026-08-10 09:00:00",
        &["open", "--visit", &target, "--by", "S001", "--why", "抽查", "--subject", "重复收费"],
    );
    let id = opened.lines().next().expect("the case's number").to_owned();
    assert_eq!(id.len(), 30, "{opened}");
    let twice =
        case("2026-08-10 09:00:00", &["open", "--visit", &format!("{target}/1"), "--by", "S001", "--why", "抽查"]);
    assert!(!twice.status.success() && words(&twice).contains("IQ10"), "{}", words(&twice));
    let queue = done("2026-08-10 10:00:00", &["list"]);
    assert!(queue.contains(&id) && queue.contains("待分派"), "{queue}");

    let step = |on: &str, name: &str, by: &str, more: &[&str]| {
        case(on, &[&["step", &id, name, "--by", by, "--why", "依程序"], more].concat())
    };
    let taken = |on: &str, name: &str, by: &str, more: &[&str]| {
        let output = step(on, name, by, more);
        assert!(output.status.success(), "{name}: {}", words(&output));
        words(&output)
    };
    taken("2026-08-10 11:00:00", "assign", "S006", &["--assign", "S001"]);
    let stranger = step("2026-08-10 12:00:00", "first_review", "S002", &["--uphold", "条例第三十八条"]);
    assert!(words(&stranger).contains("CW107"), "{}", words(&stranger));
    let reviewed = taken("2026-08-10 12:00:00", "first_review", "S001", &["--uphold", "条例第三十八条"]);
    assert!(reviewed.contains("申诉期限至 2026-08-24，逾期按“机构认可”处理"), "{reviewed}");
    let expired = done("2026-08-25 08:00:00", &["expire"]);
    assert!(expired.contains("1 步"), "{expired}");
    let decided = taken(
        "2026-08-25 09:00:00",
        "decide",
        "S006",
        &["--document", &format!("决定书={decision}"), "--responsible", "D0001=important"],
    );
    assert!(decided.contains("已决定"), "{decided}");
    let deducted = taken("2026-08-25 10:00:00", "deduct", "S006", &[]);
    assert!(!deducted.contains("已追回 0.00"), "{deducted}");

    let shown = done("2026-08-26", &["show", &id]);
    for expected in ["重复收费", "扣减拨付", "下一期", "决定书", "初审认定", "（逾期）"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let credit = done("2026-08-26", &["credit", "--institution", &institution]);
    assert!(!credit.contains("信用分 100") && credit.contains(&id), "{credit}");
    let points = done("2026-08-26", &["credit", "--practitioner", "D0001"]);
    assert!(points.contains("记 5 分"), "{points}");

    let bundle = path("case.json");
    let written = done("2026-08-26", &["bundle", &id, &bundle]);
    assert!(written.contains("步"), "{written}");
    let key = path("data/evidence.pub");
    let verified = heng(&["verify", &bundle, "--key", &key]);
    assert!(verified.status.success(), "{}", words(&verified));
    let text = std::fs::read_to_string(&bundle).expect("a bundle");
    let forged = path("forged.json");
    std::fs::write(&forged, text.replacen("依程序", "依口头", 1)).expect("written");
    assert!(!heng(&["verify", &forged, "--key", &key]).status.success(), "a changed reason is found");

    let overturn = taken("2026-08-27 09:00:00", "overturn", "S007", &["--document", &format!("撤销决定书={decision}")]);
    assert!(overturn.contains("已追回 0.00"), "{overturn}");
    let restored = done("2026-08-28", &["credit", "--institution", &institution]);
    assert!(restored.contains("信用分 100"), "{restored}");
    let points = done("2026-08-28", &["credit", "--practitioner", "D0001"]);
    assert!(points.contains("记 0 分"), "{points}");
}
