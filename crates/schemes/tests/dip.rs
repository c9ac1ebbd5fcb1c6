//! DIP directories as cities publish them.

use std::fs;
use std::path::PathBuf;

use grouping::{Case, Grouper, Scratch, Status};
use schemes::dip::{Directory, Settings, read};
use schemes::{SchemesError, Trap};
use tempfile::TempDir;

const DIRECTORY: &str = "\
病种目录（2026年）,,,,,,,,
诊断编码,诊断名称,手术操作编码,手术操作名称,类型,治疗方式,分值,均费,CV
K35.3,急性阑尾炎伴腹膜炎,47.0100,腹腔镜阑尾切除术,核心病种,,850,\"9,320.50\",0.4
K35.3,急性阑尾炎伴腹膜炎,47.0901/47.0900+54.2100,阑尾切除伴探查,核心病种,,1010,11000,0.5
K35.3,急性阑尾炎伴腹膜炎,,,核心病种,,320,3500,0.6
J18.9,肺炎,,,基层病种,,210,2300,0.3
K35,阑尾疾病,,,综合病种,相关手术,700,8000,0.8
K35,阑尾疾病,,,综合病种,保守治疗,300,3300,0.8
K,消化系统,,,综合病种,诊断性操作,260,2900,0.9
A00-K99,多系统,,,综合病种,保守治疗,200,2000,0.9
";

const CLASSES: &str = "\
手术操作编码,治疗方式
47.0100,手术
47.0900,手术
54.2100,诊断性操作
45.2300,诊断性操作
99.1500,保守治疗
";

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: TempDir::new().expect("a folder") }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    fn read(&self, text: &str) -> Result<Directory, SchemesError> {
        let classes = Some(self.file("classes.csv", CLASSES));
        read(&self.file("dip.csv", text), &Settings { classes, ..Settings::default() })
    }
}

fn group(directory: &Directory, diagnosis: &str, procedures: &[&str], fee: Option<&str>) -> (Status, String) {
    let case = Case {
        diagnoses: vec![diagnosis.to_owned()],
        procedures: procedures.iter().map(|code| (*code).to_owned()).collect(),
        fee: fee.map(|fee| fee.parse().expect("an amount")),
        ..Case::default()
    };
    let grouper = Grouper::compile(&directory.loaded.scheme).expect("the scheme is sound");
    let answer = grouper.group(&case, &mut Scratch::default());
    (answer.status, grouper.groups(&answer).group.to_owned())
}

#[test]
fn cases_find_core_groups_then_comprehensive_ones_by_ever_wider_diagnoses() {
    let directory = Desk::new().read(DIRECTORY).expect("the directory is understood");
    for (diagnosis, procedures, expected) in [
        ("K35.300", vec!["47.0100"], "K35.3:47.0100"),
        ("K35.301", vec!["99.1500", "47.0100"], "K35.3:47.0100"),
        ("K35.300", vec!["54.2100", "47.0900"], "K35.3:47.0901|47.0900+54.2100"),
        ("K35.300", vec![], "K35.3"),
        ("K35.300", vec!["99.1500"], "K35.3"),
        ("J18.900", vec![], "J18.9"),
        ("K35.800", vec!["47.0900"], "K35#3"),
        ("K35.800", vec![], "K35#0"),
        ("K63.500", vec!["45.2300"], "K#1"),
        ("C16.900", vec![], "A00-K99#0"),
    ] {
        let answer = group(&directory, diagnosis, &procedures, None);
        assert_eq!(answer, (Status::Grouped, expected.to_owned()), "{diagnosis} {procedures:?}");
    }
    assert_eq!(group(&directory, "Z51.100", &[], None).0, Status::Ungroupable);
}

#[test]
fn of_two_groups_that_fit_alike_the_nearer_mean_fee_wins() {
    let rows = format!("{DIRECTORY}K35.3,急性阑尾炎伴腹膜炎,47.01,阑尾切除术,核心病种,,500,5000,0.4\n");
    let directory = Desk::new().read(&rows).expect("the directory is understood");
    assert_eq!(group(&directory, "K35.300", &["47.0100"], Some("9000.00")).1, "K35.3:47.0100");
    assert_eq!(group(&directory, "K35.300", &["47.0100"], Some("5100.00")).1, "K35.3:47.01");
    assert!(directory.loaded.notes.iter().any(|note| note.trap == Trap::ShortCode));
}

#[test]
fn scores_are_written_as_payment_plans_read_them() {
    let directory = Desk::new().read(DIRECTORY).expect("the directory is understood");
    let mut lines = directory.scores.lines();
    assert_eq!(lines.next(), Some("group,name,weight,cases,mean_fee,cv,mean_days,flags"));
    assert_eq!(lines.next(), Some("K35.3:47.0100,急性阑尾炎伴腹膜炎 / 腹腔镜阑尾切除术,850,,9320.50,0.4,,"));
    assert!(directory.scores.contains("J18.9,肺炎,210,,2300.00,0.3,,grassroots"), "{}", directory.scores);
}

#[test]
fn rows_that_are_not_understood_are_told_all_at_once() {
    let rows = DIRECTORY
        .replace("J18.9,肺炎,,,基层病种", "j18.9,肺炎,,,基层病种")
        .replace("K35,阑尾疾病,,,综合病种,相关手术", "K35,阑尾疾病,,,综合病种,开刀")
        .replace("A00-K99", "K99-A00")
        .replace("核心病种,,320", "核心组,,320")
        .replace("核心病种,,850", "核心病种,,八百");
    let refusal = Desk::new().read(&rows).expect_err("refused").to_string();
    for expected in [
        "dip.csv row 3 (K35.3): 分值 “八百” is not a number",
        "dip.csv row 5 (K35.3): 类型 “核心组” is none of 核心, 综合, 基层",
        "dip.csv row 6 (j18.9): j18.9 is not a diagnosis code",
        "dip.csv row 7 (K35): 治疗方式 “开刀” is not known",
        "dip.csv row 10 (K99-A00): K99-A00 is not a range of categories such as A00-B99",
    ] {
        assert!(refusal.contains(expected), "{expected}\n{refusal}");
    }
}

#[test]
fn the_same_combination_twice_is_refused() {
    let rows = format!("{DIRECTORY}K35.3,急性阑尾炎,47.0100,切除,基层病种,,1,1,0\n");
    let refusal = Desk::new().read(&rows).expect_err("refused").to_string();
    assert!(refusal.contains("dip.csv row 11 (K35.3:47.0100): row 3 is the same combination"), "{refusal}");
}

#[test]
fn comprehensive_groups_need_a_table_of_treatment_classes() {
    let desk = Desk::new();
    let refusal = read(&desk.file("dip.csv", DIRECTORY), &Settings::default()).expect_err("refused").to_string();
    assert!(refusal.contains("give a table of procedures and their classes"), "{refusal}");
}

#[test]
fn a_missing_heading_is_refused() {
    let refusal = Desk::new().read(&DIRECTORY.replace("手术操作编码", "编码")).expect_err("refused").to_string();
    assert!(refusal.contains("no column is headed as the procedures"), "{refusal}");
}

#[test]
fn auxiliary_levels_are_declared_and_their_factors_stand_in_a_table_of_their_own() {
    let desk = Desk::new();
    let table = "病种编码,辅助目录,级别,系数,规则\n*,年龄,66岁以上,1.2,\nK35.3:47.0100,年龄,66岁以上,1.3,\nK35.3:47.0100,疾病严重程度,III,1.5,QTZD in codes('R57.200')\nK35.3,疾病严重程度,III,1.4,QTZD in codes('A41.900')\n";
    let settings = Settings {
        classes: Some(desk.file("classes.csv", CLASSES)),
        auxiliary: Some(desk.file("auxiliary.csv", table)),
        ..Settings::default()
    };
    let directory = read(&desk.file("dip.csv", DIRECTORY), &settings).expect("the directory is understood");
    let grouper = Grouper::compile(&directory.loaded.scheme).expect("the scheme is sound");
    let met = |diagnoses: &[&str], procedures: &[&str], age: u32| {
        let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let case =
            Case { diagnoses: owned(diagnoses), procedures: owned(procedures), age: Some(age), ..Case::default() };
        let mut scratch = Scratch::default();
        let answer = grouper.group(&case, &mut scratch);
        let ids: Vec<&str> =
            grouper.auxiliary(&case, &mut scratch, &answer).iter().map(|row| row.id.as_str()).collect();
        format!("{} {}", grouper.groups(&answer).group, ids.join(" "))
    };
    assert_eq!(met(&["K35.300"], &["47.0100"], 40), "K35.3:47.0100 ");
    assert_eq!(met(&["K35.300", "R57.200"], &["47.0100"], 70), "K35.3:47.0100 年龄:66岁以上 疾病严重程度:III");
    // The same level with a rule of the group's own.
    assert_eq!(met(&["K35.300", "R57.200"], &[], 40), "K35.3 ");
    assert_eq!(met(&["K35.300", "A41.900"], &[], 40), "K35.3 疾病严重程度:III@K35.3");
    assert_eq!(
        directory.factors.as_deref(),
        Some(
            "group,auxiliary,name,factor\n*,年龄:66岁以上,年龄 66岁以上,1.2\nK35.3:47.0100,年龄:66岁以上,年龄 66岁以上,1.3\nK35.3:47.0100,疾病严重程度:III,疾病严重程度 III,1.5\nK35.3,疾病严重程度:III@K35.3,疾病严重程度 III@K35.3,1.4\n"
        )
    );
    assert!(!directory.scores.contains('@'), "{}", directory.scores);
    let bad = "病种编码,辅助目录,级别,系数,规则\nK99,年龄,66岁以上,1.2,\n*,肿瘤,V-A,1.1,\n*,年龄,1-6岁,一,\nJ18.9,年龄,7-17岁,1.1,\nJ18.9,年龄,7-17岁,1.2,\n*,,III,1,\n*,年龄,1-6岁,0,\n";
    let settings = Settings { auxiliary: Some(desk.file("bad.csv", bad)), ..settings };
    let refusal = read(&desk.file("dip.csv", DIRECTORY), &settings).expect_err("refused").to_string();
    for expected in [
        "bad.csv (K99): the directory has no such group",
        "bad.csv row 3 (*): 肿瘤 V-A has no rule and none is known for it",
        "bad.csv row 4 (*): 系数 “一” is not a number",
        "bad.csv row 6 (J18.9): 年龄:7-17岁 stands there twice",
        "bad.csv row 7 (*): the row needs both, 辅助目录 and 级别",
        "bad.csv row 8 (*): 系数 “0” is not above 0",
    ] {
        assert!(refusal.contains(expected), "{expected}\n{refusal}");
    }
}
