//! Files in, files out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grouping::Status;
use intake::{Cell, Column, ColumnKind, ColumnMap, Row, Source, SourceOptions, TableWriter};
use journeys::StayDefaults;
use office::codes::Codes;
use office::group::{Grouped, Shown, group};
use office::price::{Pricing, price};
use office::source::Inputs;
use office::{Files, load, weigh};
use terms::Fen;

use crate::{here, small};

pub fn inputs(files: &[PathBuf]) -> Inputs {
    Inputs {
        files: files.to_vec(),
        options: SourceOptions::default(),
        map: ColumnMap::builtin().expect("the built-in map"),
        own_map: false,
        clean_codes: false,
        tell: |_| (),
    }
}

pub fn files(out: &Path) -> Files<'_> {
    Files { out: Some(out), identity: "a".to_owned(), ..Files::default() }
}

fn grouped(inputs: &Inputs, shown: Shown, out: &Path) -> Grouped {
    group(inputs, &small(), &mut None, shown, &files(out), Box::new(|_| ())).expect("grouped")
}

/// Every row of a table, whatever its form, as texts by heading.
pub fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut source =
        Source::open(path, SourceOptions { sheet: sheet_of(path), ..SourceOptions::default() }).expect("opens");
    let mut table = source.table().expect("a table");
    let names = table.headings().names.clone();
    let (mut row, mut rows) = (Row::new(), Vec::new());
    while table.next(&mut row).expect("reads") {
        rows.push(names.iter().enumerate().map(|(at, name)| (name.clone(), row.cell(at).to_owned())).collect());
    }
    rows
}

fn sheet_of(path: &Path) -> Option<String> {
    let book = path.extension().is_some_and(|ending| ending == "xlsx");
    let named = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.split_once('@'));
    book.then(|| named.map_or("分组", |(sheet, _)| sheet).to_owned())
}

pub fn column<'a>(rows: &'a [BTreeMap<String, String>], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

/// The same stays in another form of file.
fn copied(from: &Path, to: &Path) {
    let mut reader = csv::Reader::from_path(from).expect("opens");
    let headings = reader.headers().expect("headings").clone();
    let columns = headings.iter().map(|name| Column::new(name, ColumnKind::Text)).collect();
    let mut table = TableWriter::create(to, "首页", columns).expect("begins");
    for record in reader.records() {
        let record = record.expect("a row");
        let cells: Vec<Cell<'_>> =
            record.iter().map(|text| if text.is_empty() { Cell::Empty } else { Cell::Text(text) }).collect();
        table.write(&cells).expect("written");
    }
    table.finish().expect("finished");
}

#[test]
fn a_hospitals_export_is_grouped_and_what_cannot_be_read_is_told_by_row_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("result.csv");
    let done = grouped(&inputs(&[here("stays.csv")]), Shown::Answer, &out);
    let found = rows(&out);
    assert_eq!(column(&found, "id"), ["M1", "M2", "M3", "M4", "M5", "M6", "M7"]);
    assert_eq!(column(&found, "group"), ["BR21", "BR25", "BB15", "FR15", "BQY", "0000", "0000"]);
    let statuses = ["grouped", "grouped", "grouped", "grouped", "ambiguous", "ungroupable", "needs_data"];
    assert_eq!(column(&found, "status"), statuses);
    assert_eq!((found[0]["severity"].as_str(), found[6]["fields"].as_str()), ("MCC", "NL"));
    assert_eq!((done.tally.of(Status::Grouped), done.tally.cases(), done.errors), (4, 7, 2));
    assert!(done.tally.to_string().contains("NL 1"), "{}", done.tally);

    let errors = rows(&done.errors_in.expect("a file of errors"));
    assert_eq!(column(&errors, "row"), ["9", "10"]);
    assert_eq!(column(&errors, "heading"), ["年龄", "出院主要诊断编码"]);
    assert_eq!(column(&errors, "value"), ["五十", "Ｉ10.x00"]);
}

#[test]
fn every_form_of_file_gives_the_same_groups_and_every_form_of_result_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut answers = Vec::new();
    // A spreadsheet's first stay stands in row 2, below the headings; Parquet has no such row.
    for (form, row) in [("xlsx", 2), ("parquet", 1)] {
        let input = folder.path().join(format!("stays.{form}"));
        copied(&here("stays.csv"), &input);
        for result in ["csv", "xlsx", "parquet"] {
            let out = folder.path().join(format!("{form}.{result}"));
            assert_eq!(grouped(&inputs(std::slice::from_ref(&input)), Shown::Answer, &out).errors, 2);
            let found = rows(&out);
            answers.push(column(&found, "group").join(" "));
        }
        let out = folder.path().join(format!("{form}.jsonl"));
        grouped(&inputs(&[input]), Shown::Answer, &out);
        let text = std::fs::read_to_string(out).expect("read");
        let first: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
        assert_eq!((first["id"].as_str(), first["row"].as_i64()), (Some("M1"), Some(row)));
    }
    assert_eq!(answers, ["BR21 BR25 BB15 FR15 BQY 0000 0000"; 6]);
    let left = std::fs::read_dir(folder.path())
        .expect("read")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains("unfinished")));
    assert_eq!(left.count(), 0, "nothing unfinished is left behind");
}

#[test]
fn neutral_columns_take_the_short_cut_and_agree_with_the_long_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cases.csv");
    let text = "id,kind,sex,age,age_days,weight,dept,los,leaving_type,icu_hours,dx,proc\n\
                a,x,2,66,,,,12,1,,I63.900|J96.000,\n\
                b,x,1,45,,,,20,1,,G40.900,01.2400|88.0000\n\
                c,x,,45,,,,20,1,,G40.900,\n\
                d,x,1,many,,,,20,1,,G40.900,\n\
                e,x,1,45,,,,20,1,,G40.900 |I10.x00,\n";
    std::fs::write(&path, text).expect("written");
    let short = folder.path().join("short.csv");
    let done = grouped(&inputs(std::slice::from_ref(&path)), Shown::Answer, &short);
    assert_eq!(done.errors, 2);
    let long = folder.path().join("long.csv");
    let mut whole = inputs(&[path]);
    whole.own_map = true;
    assert_eq!(grouped(&whole, Shown::Answer, &long).errors, 2);
    let read = |path: &Path| std::fs::read_to_string(path).expect("read");
    assert_eq!(read(&short), read(&long));
    assert_eq!(column(&rows(&short), "group"), ["BR21", "BB15", "0000"]);
    let told = |name: &str| column(&rows(&folder.path().join(name)), "row").join(" ");
    assert_eq!((told("short.errors.csv"), told("long.errors.csv")), ("5 6".to_owned(), "5 6".to_owned()));
    whole.clean_codes = true;
    assert_eq!(grouped(&whole, Shown::Answer, &long).errors, 1, "a space is cleaned where that is asked");
}

#[test]
fn an_answer_says_why_and_what_if_is_shown_in_the_given_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("why.csv");
    grouped(&inputs(&[here("stays.csv")]), Shown::Why, &out);
    let found = rows(&out);
    assert!(found[0]["why"].contains("BR21") && found[0]["why"].contains("J96.000"), "{}", found[0]["why"]);
    let out = folder.path().join("if.csv");
    grouped(&inputs(&[here("stays.csv")]), Shown::WhatIf, &out);
    let found = rows(&out);
    assert_eq!(column(&found[..3], "as_principal"), ["I63.900", "J96.000", "I63.900"]);
    assert_eq!(column(&found[..3], "group"), ["BR21", "0000", "BR25"]);
    assert_eq!(column(&found[..3], "diagnosis_no"), ["1", "2", "1"]);
}

#[test]
fn a_file_without_the_columns_is_refused_with_what_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("odd.csv");
    std::fs::write(&path, "性别,某列\n1,2\n").expect("written");
    let out = folder.path().join("out.csv");
    let refused = group(&inputs(&[path]), &small(), &mut None, Shown::Answer, &files(&out), Box::new(|_| ()));
    let refused = refused.err().expect("refused").to_string();
    assert!(refused.contains("诊断代码") && refused.contains("某列"), "{refused}");
    assert!(!out.exists());
}

fn code_tables(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    write("diagnoses.csv", "code,name\nI63.900,脑梗死\nG40.900,癫痫\nI10.x00,高血压\nJ96.000,呼衰\nO80.000,顺产\n");
    write("procedures.csv", "code,name\n01.2400,开颅术\n99.9900,其他\n");
    write("diagnoses-from-clinical.csv", "from_code,to_code\nI63.9clin,I63.900\nX00.0clin,-\nI10.x00,I10.x00\n");
    write("procedures-from-clinical.csv", "from_code,to_code\n01.24clin,01.2400\n");
}

#[test]
fn a_code_system_is_never_guessed_and_a_clinical_file_is_translated() {
    let folder = tempfile::tempdir().expect("a folder");
    code_tables(folder.path());
    let path = folder.path().join("clinical.csv");
    let text =
        "id,sex,age,dx,proc\na,1,60,I63.9clin,01.24clin\nb,1,60,X00.0clin,\nc,1,60,I10.x00,\nd,1,60,Q99.9none,\n";
    std::fs::write(&path, text).expect("written");
    let run = |stated: Option<&str>, out: &str| {
        let stated = stated.map(|stated| stated.parse().expect("a system"));
        let mut codes = Some(Codes::read(folder.path(), stated).expect("tables"));
        let out = folder.path().join(out);
        group(&inputs(std::slice::from_ref(&path)), &small(), &mut codes, Shown::Answer, &files(&out), Box::new(|_| ()))
    };
    let refused = run(None, "a.csv").err().expect("not stated").to_string();
    assert!(refused.contains("未说明编码版本"), "{refused}");
    let refused = run(Some("insurance"), "b.csv").err().expect("contradicted").to_string();
    assert!(refused.contains("矛盾"), "{refused}");
    let done = run(Some("clinical"), "c.csv").expect("translated");
    assert_eq!(column(&rows(&folder.path().join("c.csv")), "group"), ["BB15", "FR15"]);
    let errors = rows(&done.errors_in.expect("errors"));
    assert_eq!(column(&errors, "value"), ["X00.0clin", "Q99.9none"]);
}

#[test]
fn stays_are_priced_with_gain_and_loss_by_department_and_doctor() {
    let folder = tempfile::tempdir().expect("a folder");
    let installed = small();
    let plan = installed.plan(None).expect("a plan");
    let defaults = StayDefaults { institution: Some("H1".into()), level: Some("3".into()), insurance: None };
    let pricing = Pricing { installed: &installed, plan, defaults: &defaults };
    let out = folder.path().join("priced.csv");
    let done = price(&inputs(&[here("stays.csv")]), &pricing, &mut None, true, &files(&out), Box::new(|_| ()))
        .expect("priced");
    let found = rows(&out);
    // 15,000 − 16,000; 9,000 − 8,000; 30,000 − 28,000; 5,000 − 4,000; 80 % of 10,000.
    assert_eq!(column(&found[..5], "balance"), ["-1000.00", "1000.00", "2000.00", "1000.00", "-2000.00"]);
    assert_eq!(column(&found[5..], "refusal"), ["no_route", "no_route"]);
    assert!(found[0]["steps"].contains("支付标准"), "{}", found[0]["steps"]);
    let tally = done.tally;
    assert_eq!((tally.all.cases, tally.all.at_a_loss, tally.all.balance), (5, 2, Fen(100_000)));
    assert_eq!(tally.departments["神经内科"].balance, Fen(-200_000));
    assert_eq!(tally.doctors["神经内科"]["李一"].balance, Fen(-300_000));
    let sum: Fen = tally.departments.values().map(|sums| sums.balance).sum();
    assert_eq!(sum, tally.all.balance, "parts equal the whole");
    let beside: Vec<_> = done.beside.iter().map(|path| rows(path)).collect();
    assert_eq!(column(&beside[0], "department").last(), Some(&"合计"));
    assert_eq!(column(&beside[1], "doctor"), ["钱四", "李一", "王二", "赵三"]);

    let book = folder.path().join("病例@priced.xlsx");
    price(&inputs(&[here("stays.csv")]), &pricing, &mut None, false, &files(&book), Box::new(|_| ())).expect("priced");
    let fund: Vec<_> = column(&found, "fund").into_iter().map(|yuan| yuan.trim_end_matches(".00").to_owned()).collect();
    assert_eq!(column(&rows(&book), "fund"), fund, "a spreadsheet holds numbers");
}

#[test]
fn a_plan_of_another_scheme_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(here("small/payment/small.toml")).expect("read");
    let text = text.replace("scheme_version = \"1\"", "scheme_version = \"2\"");
    std::fs::write(folder.path().join("small.toml"), text).expect("written");
    std::fs::copy(here("small/payment/small-weights.csv"), folder.path().join("small-weights.csv")).expect("copied");
    let refused = load::plan(folder.path(), &small()).expect_err("another version").to_string();
    assert!(refused.contains("small@1") && refused.contains("small@2"), "{refused}");
    let refused = load::plan(&folder.path().join("small.toml"), &small()).expect_err("another version").to_string();
    assert!(refused.contains("prices small@2, not small@1"), "{refused}");
}

#[test]
fn indicators_stand_by_department_and_doctor_in_xlsx_and_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let installed = small();
    let plan = installed.plan(None).expect("a plan");
    let defaults = StayDefaults { institution: Some("H1".into()), ..StayDefaults::default() };
    let inputs = inputs(&[here("stays.csv")]);
    let no_progress: office::run::Progress = Box::new(|_| ());
    let report =
        office::report::report(&inputs, &installed, plan, &defaults, &mut None, &no_progress).expect("reported");
    let json = folder.path().join("report.json");
    report.write(&json, installed.grouper.scheme(), plan).expect("written");
    let shown: serde_json::Value = serde_json::from_slice(&std::fs::read(json).expect("read")).expect("JSON");
    // Grouped: 1.5 + 0.9 + 3 + 0.5 over four; four of seven readable stays have a group.
    assert_eq!(shown["all"]["cmi"], "1.475");
    assert_eq!((&shown["all"]["cases"], &shown["all"]["grouped"]), (&7.into(), &4.into()));
    assert_eq!(shown["all"]["grouping_rate"], "0.571429");
    assert_eq!(shown["all"]["low_risk_mortality"], "1");
    assert_eq!(shown["errors"], 2);
    assert_eq!(shown["doctors"].as_array().map(Vec::len), Some(5));
    let neurology = shown["departments"].as_array().expect("rows").iter().find(|row| row["department"] == "神经内科");
    assert_eq!(neurology.expect("a row")["cmi"], "1.2");
    let book = folder.path().join("科室@report.xlsx");
    report.write(&book, installed.grouper.scheme(), plan).expect("written");
    let departments = rows(&book);
    assert_eq!(departments.len(), 4);
    assert!(departments.iter().any(|row| row["科室"] == "神经内科" && row["CMI"] == "1.2"), "{departments:?}");
}

#[test]
fn weights_come_out_of_past_stays_as_the_plan_says() {
    let installed = small();
    let plan = installed.plan(None).expect("a plan");
    let defaults = StayDefaults { institution: Some("H1".into()), level: Some("3".into()), insurance: None };
    let inputs = inputs(&[here("stays.csv")]);
    let no_progress: office::run::Progress = Box::new(|_| ());
    let past = weigh::past(&inputs, &installed, &defaults, &mut None, &no_progress).expect("read");
    assert_eq!((past.years.as_slice(), past.without_group, past.errors), (&[2026][..], 3, 2));
    let measured = past.measure(plan.calculation.as_ref().expect("a rule")).expect("measured");
    let csv = measured.weights_csv(str::to_owned);
    // The mean of 16,000, 8,000, 28,000 and 4,000 is 14,000.
    assert!(csv.contains("BR21,BR21,1.1429,1,16000.00"), "{csv}");
    assert!(csv.contains("FR15,FR15,0.2857,1,4000.00"), "{csv}");
}

#[test]
fn quality_rules_tell_findings_by_row_rule_and_field_and_what_was_not_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let quality = load::quality(&region).expect("rules");
    let path = folder.path().join("lists.csv");
    let text = "病案号,性别,年龄,入院时间,出院时间,实际住院天数,出院主要诊断编码\n\
                Q1,女,60,2026-03-09 10:00,2026-03-05 10:00,4,I10.x00x002\n\
                Q2,男,60,2026-03-01 10:00,2026-03-05 10:00,4,O80.000\n";
    std::fs::write(&path, text).expect("written");
    let out = folder.path().join("findings.csv");
    let done = office::qc::qc(&inputs(&[path]), &quality, &mut None, &files(&out), Box::new(|_| ())).expect("checked");
    let found = rows(&out);
    let has = |id: &str, rule: &str| found.iter().any(|row| row["id"] == id && row["rule"] == rule);
    assert!(has("Q1", "admitted-before-discharged") && !has("Q2", "admitted-before-discharged"), "{found:?}");
    assert!(has("Q2", "obstetric-only-female") && !has("Q1", "obstetric-only-female"), "{found:?}");
    assert!(found.iter().all(|row| !row["message"].is_empty() && !row["english"].is_empty()));
    assert_eq!(done.tally.lists, 2);
    assert!(done.tally.by_rule.values().any(|[.., unchecked]| *unchecked > 0), "a short export leaves rules unchecked");
    assert!(done.tally.told(&quality.rules).contains("未检查"));
}
