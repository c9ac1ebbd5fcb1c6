//! Every folder under `cases/` is a test: a scheme, its cases, and all that the engine says.

use std::fmt::Write as _;
use std::path::Path;

use grouping::{Case, Catalogue, Files, Grouper, Scheme, Scratch, Sex};

/// The text files of a folder, those below it left out.
fn files_in(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_file() && name != "cases.csv" && name != "expected.txt" {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

fn cases_in(folder: &Path) -> Vec<Case> {
    let mut reader = csv::Reader::from_path(folder.join("cases.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let case = |row: csv::StringRecord| {
        let text = |name: &str| {
            let column = header.iter().position(|own| own == name);
            column.map(|column| row[column].to_owned()).filter(|text| !text.is_empty())
        };
        let whole = |name: &str| text(name).map(|text| text.parse().unwrap());
        let codes = |name: &str| text(name).map_or(Vec::new(), |text| text.split('|').map(str::to_owned).collect());
        Case {
            id: text("id").unwrap(),
            diagnoses: codes("dx"),
            procedures: codes("proc"),
            sex: text("sex").and_then(|code| Sex::from_code(&code)),
            age: whole("age"),
            age_days: whole("age_days"),
            weight: whole("weight"),
            days: whole("days"),
            leaving_type: text("leaving_type"),
            department: text("department"),
            icu_hours: text("icu_hours").map(|text| text.parse().unwrap()),
            fee: text("fee").map(|text| text.parse().unwrap()),
            ..Case::default()
        }
    };
    reader.records().map(Result::unwrap).map(case).collect()
}

/// All that the engine says about a folder.
fn told(folder: &Path) -> String {
    let mut told = String::new();
    let base = folder.join("base");
    let base = base.is_dir().then(|| Scheme::read(&files_in(&base), None).unwrap().scheme);
    let read = match Scheme::read(&files_in(folder), base.as_ref()) {
        Ok(read) => read,
        Err(problems) => {
            problems.iter().for_each(|problem| writeln!(told, "{problem}").unwrap());
            return told;
        }
    };
    for problem in read.warnings.iter().cloned().chain(read.scheme.lint(&Catalogue::default())) {
        writeln!(told, "{}", read.places.locate(problem)).unwrap();
    }
    let grouper = match Grouper::compile(&read.scheme) {
        Ok(grouper) => grouper,
        Err(problems) => {
            problems.into_iter().for_each(|problem| writeln!(told, "{}", read.places.locate(problem)).unwrap());
            return told;
        }
    };
    let mut scratch = Scratch::new();
    for case in cases_in(folder) {
        let explained = grouper.explain(&case);
        assert_eq!(explained.answer, grouper.group(&case, &mut scratch), "{}", case.id);
        writeln!(told, "\n{explained:#}").unwrap();
        for other in grouper.what_if(&case).iter().skip(1) {
            let groups = grouper.groups(&other.answer);
            let principal = &case.diagnoses[other.diagnosis];
            writeln!(told, "  若主诊为 {principal}：{:?} {}", other.answer.status, groups.group).unwrap();
        }
    }
    told
}

#[test]
fn every_folder_of_cases_is_told_as_expected() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut folders: Vec<_> = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(folders.len() >= 6);
    for folder in folders {
        let told = told(&folder);
        let file = folder.join("expected.txt");
        if std::env::var_os("HENG_RECORD").is_some() {
            std::fs::write(&file, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        let lines = told.lines().zip(expected.lines()).enumerate();
        let first = lines.clone().find(|(_, (one, other))| one != other);
        assert_eq!(first, None, "{}", folder.display());
        assert_eq!(told.lines().count(), expected.lines().count(), "{}", folder.display());
    }
}

#[test]
fn a_trace_is_data_with_plain_numbers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/drg");
    let grouper = Grouper::compile(&Scheme::read(&files_in(&folder), None).unwrap().scheme).unwrap();
    let case = cases_in(&folder).into_iter().find(|case| case.id == "medical-and-old").unwrap();
    let trace = serde_json::to_value(grouper.explain(&case).trace).unwrap();
    let steps = trace["steps"].as_array().unwrap();
    let split = steps.iter().find(|step| step["asked"]["place"]["code"] == "GU1H").unwrap();
    assert_eq!(split["asked"]["held"], true);
    assert_eq!(split["asked"]["findings"][0]["fact"]["number"]["value"], "70");
    assert_eq!(steps.last().unwrap()["ended"]["status"], "grouped");
    assert_eq!(steps.last().unwrap()["ended"]["codes"], serde_json::json!(["MDCG", "GU1", "GU1H"]));
}
