//! What people are told: differences, claims and explanations.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use adjudication::explain::{Language, explain};
use region::claims::{Form, Options, Tally, adjudicate};
use region::{Region, World};
use toml::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions").join(name)
}

fn open(name: &str) -> Region {
    Region::open(folder(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// A copy of a region's folder with one file changed.
fn changed(name: &str, file: &str, from: &str, to: &str) -> (tempfile::TempDir, Region) {
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir(place.path().join("policy")).unwrap();
    std::fs::copy(folder(name).join("region.toml"), place.path().join("region.toml")).unwrap();
    for entry in std::fs::read_dir(folder(name).join("policy")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        if path.ends_with(file) {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(place.path().join("policy").join(path.file_name().unwrap()), text).unwrap();
    }
    let region = Region::open(place.path()).unwrap_or_else(|error| panic!("{error}"));
    (place, region)
}

#[test]
fn a_changed_number_is_told_with_its_keys_date_and_article() {
    let old = open("999900");
    let (_place, new) = changed(
        "999900",
        "050-stays.toml",
        "{ for = [\"310在职\", 1, \"3\"], value = 1000 }",
        "{ for = [\"310在职\", 1, \"3\"], value = 1100 }",
    );
    let told = region::diff(&old.law, &new.law, Language::Chinese);
    assert_eq!(told, ["住院起付标准 [310在职 · 1 · 3]: 2026-07-01 起 1000 → 1100 元（第48条；附表1）"]);
    let told = region::diff(&old.law, &new.law, Language::English);
    assert_eq!(told, ["deductible of a stay [310在职 · 1 · 3]: from 2026-07-01 1000 → 1100 yuan (第48条；附表1)"]);
    assert!(region::diff(&old.law, &old.law, Language::Chinese).is_empty());
}

#[test]
fn a_changed_formula_and_a_removed_refusal_are_told() {
    let old = open("999900");
    let (_place, new) = changed(
        "999900",
        "080-above-basic.toml",
        "input = \"in_scope - deductible - pooled_paid\"",
        "input = \"in_scope - pooled_paid\"",
    );
    let told = region::diff(&old.law, &new.law, Language::Chinese).join("\n");
    assert!(told.contains("支付层") && told.contains("civil_outpatient") && told.contains("input"), "{told}");
    let refusal = "[[refusal]]\ncode = \"HZ112\"";
    let (_place, new) = changed("999900", "110-refusals.toml", refusal, "[[refusal]]\ncode = \"HZ999\"");
    let told = region::diff(&old.law, &new.law, Language::English).join("\n");
    assert!(told.contains("HZ112") && told.contains("is gone") && told.contains("is new"), "{told}");
}

#[test]
fn two_dates_of_one_law_differ_by_what_the_amendment_changed() {
    let law = open("999900").law;
    let (before, after) = ("2026-06-30".parse().unwrap(), "2026-07-01".parse().unwrap());
    let told = region::diff_dates(&law, before, after, Language::Chinese);
    assert!(told.iter().any(|line| line.contains("[310在职 · 1 · 3]: 2026-07-01 起 900 → 1000 元")), "{told:?}");
    assert!(region::diff_dates(&law, after, "2026-12-31".parse().unwrap(), Language::Chinese).is_empty());
}

#[test]
fn who_pays_more_is_told_by_running_the_examples_under_both_laws() {
    let old = open("999900");
    let (_place, new) = changed("999900", "050-stays.toml", "values = [900, 600, 300]", "values = [1000, 600, 300]");
    // The copy has no catalogue: plain amounts only.
    let step = |text: &str| toml::from_str::<policy::ExampleFile>(text).unwrap();
    let example = step(
        "id = 'one'\nperson = { insutype = '310' }\n[[step]]\nmed_type = '21'\nlevel = '3'\nbegin = 2026-03-01\n\
         end = 2026-03-05\nin_scope = 10900",
    );
    let told = region::who_gains(old.ground(), new.ground(), &[example], Language::Chinese);
    assert_eq!(
        told,
        [
            "例 one 第 1 步：个人负担 2400.00 → 2485.00 元（多付 85.00）",
            "合计：0 笔少付，1 笔多付，0 笔不变；个人负担共变动 85.00 元"
        ]
    );
}

fn run(name: &str, form: Form, input: &str, out: Form) -> (Tally, String, String) {
    let region = open(name);
    let (mut answers, mut errors) = (Vec::new(), Vec::new());
    let options = Options { out, trace: out == Form::JsonLines };
    let tally = adjudicate(region.ground(), form, Cursor::new(input), options, &mut answers, &mut errors).unwrap();
    (tally, String::from_utf8(answers).unwrap(), String::from_utf8(errors).unwrap())
}

#[test]
fn a_bad_row_is_told_and_the_rest_goes_on_and_one_persons_rows_are_one_history() {
    let input = "id,psn_no,insutype,med_type,level,begin,end,in_scope\n\
                 a,1,310,21,3,2026-02-01,2026-02-10,20000\n\
                 b,1,310,21,3,2026-05-01,2026-05-10,20000\n\
                 c,2,310,21,3,someday,2026-05-10,20000\n\
                 d,2,310,21,3,2026-05-01,2026-05-10\n\
                 e,3,310,21,3,2026-05-01,2026-05-10,20000\n\
                 f,4,390,21,3,1999-05-01,1999-05-10,20000\n";
    let (tally, answers, errors) = run("examples/yulin", Form::Csv, input, Form::Csv);
    assert_eq!(tally, Tally { settled: 3, refused: 1, wrong: 2 }, "{errors}");
    let mut reader = csv::Reader::from_reader(answers.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let paid: Vec<&str> = rows.iter().map(|row| &row[column("fund_pay_sumamt")]).collect();
    assert_eq!(paid, ["15360.00", "15680.00", "15360.00", ""]);
    assert_eq!(&rows[3][column("refuse")], "R103");
    assert!(errors.contains("line 4: “begin” is “someday”"), "{errors}");
    assert!(errors.contains("line 5: the row has 7 value(s), the header 8 column(s)"), "{errors}");
}

#[test]
fn json_lines_take_an_example_and_give_the_trace() {
    let input = r#"{"id":"x","person":{"insutype":"310"},"step":[{"med_type":"21","level":"3","begin":"2026-02-01","end":"2026-02-10","in_scope":"20000"}]}
not json
"#;
    let (tally, answers, errors) = run("examples/yulin", Form::JsonLines, input, Form::JsonLines);
    assert_eq!(tally, Tally { settled: 1, refused: 0, wrong: 1 });
    let answer: serde_json::Value = serde_json::from_str(answers.lines().next().unwrap()).unwrap();
    assert_eq!(answer["setl"]["hifp_pay"], "15360.00");
    assert!(answer["trace"].as_array().is_some_and(|steps| steps.len() > 2));
    assert!(errors.starts_with("line 2: not a JSON object"), "{errors}");
}

#[test]
fn a_citizen_is_told_each_step_and_where_each_fen_went_in_both_languages() {
    let region = open("examples/beijing");
    let (_, _, example) = region.law.examples.iter().find(|(_, _, example)| example.id == "BJ-1671213").unwrap();
    let mut world = World::new(region.ground(), &example.person, &example.before, &example.filing).unwrap();
    let settlement = world.step(&example.step[0]).unwrap().settlement.unwrap();
    let chinese = explain(&settlement, Some(&region.law), Language::Chinese);
    println!("{chinese}");
    for words in ["（第36条）", "29350.00 × 91 %", "支付 91759.51", "支付 10102.26", "110000.00 = ", "现金 8138.23"]
    {
        assert!(chinese.contains(words), "no “{words}” in\n{chinese}");
    }
    let english = explain(&settlement, Some(&region.law), Language::English);
    println!("{english}");
    for words in ["it pays 91759.51", "Where each fen went: 110000.00 = ", "cash 8138.23"] {
        assert!(english.contains(words), "no “{words}” in\n{english}");
    }
    assert_eq!(example.step[0].get("level"), Some(&Value::String("3".to_owned())));
}
