//! 分组方案与支付方案 of a region: `grouping/<scheme>/` and `payment/`. Every scheme is read,
//! compiled and looked through, its cases are run; every plan is read with its examples and
//! held against the scheme that it prices.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use grouping::{Case, Catalogue, Gravity, Grouper, Scratch, Sex, Status};
use policy::{Problem, Problems, Severity};
use serde::Deserialize;
use terms::{Fen, Quantity};

use crate::check::Report;

/// A file of cases: `grouping/<scheme>/cases/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// What the file shows.
    #[serde(default)]
    title: String,
    case: Vec<toml::Spanned<WrittenCase>>,
}

/// 病例 with the answer that is expected. A field that is left out is unknown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCase {
    name: String,
    #[serde(default)]
    diagnoses: Vec<String>,
    #[serde(default)]
    procedures: Vec<String>,
    sex: Option<String>,
    age: Option<u32>,
    age_days: Option<u32>,
    /// Grams.
    weight: Option<u32>,
    days: Option<u32>,
    leaving_type: Option<String>,
    department: Option<String>,
    /// Written as text, `"36.5"`.
    icu_hours: Option<String>,
    /// 元, written as text, `"5500.00"`.
    fee: Option<String>,
    /// Numbers that the scheme declares, written as text.
    #[serde(default)]
    numbers: BTreeMap<String, String>,
    /// Codes that the scheme declares.
    #[serde(default)]
    codes: BTreeMap<String, String>,
    /// grouped, ambiguous, fallback, ungroupable, needs-data or invalid.
    #[serde(default = "grouped")]
    status: String,
    /// The final group.
    group: Option<String>,
    /// Severity classes that stand.
    severity: Option<Vec<String>>,
    /// Fields that the answer names.
    fields: Option<Vec<String>>,
    /// Auxiliary levels that the case meets, in any order.
    auxiliary: Option<Vec<String>>,
    /// Words that stand in the explanation.
    #[serde(default)]
    says: Vec<String>,
}

fn grouped() -> String {
    "grouped".to_owned()
}

/// Looks through the grouping schemes and payment plans of a region: lints, cases and examples.
#[must_use]
pub fn check_grouping(region: &crate::Region) -> Report {
    let mut report = Report::default();
    check(&region.folder, &region.catalogue.terms, &mut report);
    report.problems.sort_by(|a, b| (a.severity, &a.file, a.line).cmp(&(b.severity, &b.file, b.line)));
    report
}

/// Checks `grouping/` and `payment/` of a folder; nothing happens where they are not there.
/// `terms` are the region's own catalogue; without them codes are not looked up.
pub(crate) fn check(folder: &Path, terms: &[catalogue::Term], report: &mut Report) {
    let mut groupers = Vec::new();
    for scheme in schemes_of(folder, report) {
        groupers.extend(check_scheme(folder, &scheme, terms, report));
    }
    plans(folder, &groupers, report);
}

/// The folders below `grouping/`, in order of their names.
fn schemes_of(folder: &Path, report: &mut Report) -> Vec<PathBuf> {
    let root = folder.join("grouping");
    if !root.is_dir() {
        return Vec::new();
    }
    match std::fs::read_dir(&root) {
        Ok(entries) => {
            let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            found.retain(|path| path.is_dir());
            found.sort();
            found
        }
        Err(source) => {
            report.add(Severity::Error, "grouping", 1, format!("cannot be read: {source}"));
            Vec::new()
        }
    }
}

fn shown(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

fn add(report: &mut Report, at: &str, problem: &grouping::Problem) {
    let severity = match problem.gravity {
        Gravity::Error => Severity::Error,
        Gravity::Warning => Severity::Warning,
    };
    let file = problem.file.as_ref().map_or_else(|| at.to_owned(), |file| format!("{at}/{file}"));
    let line = problem.line.map_or(1, |line| usize::try_from(line).unwrap_or(1));
    let place = if problem.place.is_empty() { String::new() } else { format!("{}: ", problem.place) };
    report.add(severity, &file, line, format!("{place}{}", problem.message));
}

fn check_scheme(folder: &Path, path: &Path, terms: &[catalogue::Term], report: &mut Report) -> Option<Grouper> {
    let at = shown(folder, path);
    let loaded = match schemes::load(path, &schemes::workbook::Settings::default()) {
        Ok(loaded) => loaded,
        Err(schemes::SchemesError::Scheme { path, problems }) => {
            let at = shown(folder, &path);
            problems.iter().for_each(|problem| add(report, &at, problem));
            return None;
        }
        Err(error) => {
            report.add(Severity::Error, &at, 1, error.to_string());
            return None;
        }
    };
    let codes = |kind| {
        let own = terms.iter().filter(|term| term.kind == kind);
        own.map(|term| term.code.clone()).collect::<HashSet<String>>()
    };
    let catalogue = Catalogue {
        diagnoses: codes(catalogue::TermKind::Diagnosis),
        procedures: codes(catalogue::TermKind::Procedure),
    };
    let found = loaded.warnings.iter().cloned().chain(loaded.scheme.lint(&catalogue));
    found.for_each(|problem| add(report, &at, &loaded.places.locate(problem)));
    report.tally("grouping schemes", 1);
    let grouper = match Grouper::compile(&loaded.scheme) {
        Ok(grouper) => grouper,
        Err(problems) => {
            problems.into_iter().for_each(|problem| add(report, &at, &loaded.places.locate(problem)));
            return None;
        }
    };
    let cases = path.join("cases");
    if cases.is_dir() {
        run_cases(folder, &cases, &grouper, report);
    }
    Some(grouper)
}

fn run_cases(folder: &Path, cases: &Path, grouper: &Grouper, report: &mut Report) {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(cases) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(source) => {
            let file = shown(folder, cases);
            return report.add(Severity::Error, &file, 1, format!("cannot be read: {source}"));
        }
    };
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    for path in files {
        let file = shown(folder, &path);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                for (line, message) in run_file(&text, grouper, report) {
                    report.add(Severity::Error, &file, line, message);
                }
            }
            Err(source) => report.add(Severity::Error, &file, 1, format!("cannot be read: {source}")),
        }
    }
}

/// Runs the cases of one file: what differs, with its line.
fn run_file(text: &str, grouper: &Grouper, report: &mut Report) -> Vec<(usize, String)> {
    let line_of = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
    let file: CaseFile = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => return vec![(line_of(error.span().map_or(0, |span| span.start)), error.message().to_owned())],
    };
    if file.case.is_empty() {
        return vec![(1, format!("“{}” holds no [[case]]; add one", file.title))];
    }
    let mut wrong = Vec::new();
    for written in &file.case {
        report.tally("grouping cases", 1);
        let line = line_of(written.span().start);
        wrong.extend(run_case(written.get_ref(), grouper).into_iter().map(|words| (line, words)));
    }
    wrong
}

/// A number written as text.
fn number<T: std::str::FromStr>(written: &WrittenCase, field: &str, text: &str) -> Result<T, Vec<String>> {
    let words = || format!("case “{}”: {field} is “{text}”, not a number; write it like \"5500.00\"", written.name);
    text.parse().map_err(|_| vec![words()])
}

fn case_of(written: &WrittenCase) -> Result<Case, Vec<String>> {
    let numbers = written.numbers.iter().map(|(name, text)| Ok((name.clone(), number(written, name, text)?)));
    Ok(Case {
        id: written.name.clone(),
        diagnoses: written.diagnoses.clone(),
        procedures: written.procedures.clone(),
        sex: written.sex.as_deref().and_then(Sex::from_code),
        age: written.age,
        age_days: written.age_days,
        weight: written.weight,
        days: written.days,
        leaving_type: written.leaving_type.clone(),
        department: written.department.clone(),
        icu_hours: written.icu_hours.as_ref().map(|text| number(written, "icu_hours", text)).transpose()?,
        fee: written.fee.as_ref().map(|text| number::<Fen>(written, "fee", text)).transpose()?,
        other_numbers: numbers.collect::<Result<Vec<(String, Quantity)>, Vec<String>>>()?,
        other_codes: written.codes.clone().into_iter().collect(),
    })
}

fn run_case(written: &WrittenCase, grouper: &Grouper) -> Vec<String> {
    let case = match case_of(written) {
        Ok(case) => case,
        Err(wrong) => return wrong,
    };
    let explained = grouper.explain(&case);
    let answer = explained.answer;
    let words = explained.to_string();
    let group = grouper.groups(&answer).group.to_owned();
    let mut severity = grouper.severity_names(answer.severity);
    severity.sort_unstable();
    let mut wrong = Vec::new();
    let mut differs = |what: &str, wanted: &str, got: &str| {
        if wanted != got {
            wrong.push(format!("case “{}”: {what} is “{got}”, expected “{wanted}”", written.name));
        }
    };
    differs("status", &written.status, status_word(answer.status));
    if let Some(wanted) = &written.group {
        differs("group", wanted, &group);
    }
    if let Some(wanted) = &written.severity {
        let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        differs("severity", &wanted.join(", "), &severity.join(", "));
    }
    if let Some(wanted) = &written.fields {
        differs("fields", &wanted.join(", "), &grouper.field_names(answer.fields).join(", "));
    }
    if let Some(wanted) = &written.auxiliary {
        let met = grouper.auxiliary(&case, &mut Scratch::new(), &answer);
        let mut met: Vec<&str> = met.into_iter().map(|row| row.id.as_str()).collect();
        let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        met.sort_unstable();
        wanted.sort_unstable();
        differs("auxiliary", &wanted.join(", "), &met.join(", "));
    }
    let silent: Vec<String> = written.says.iter().filter(|part| !words.contains(part.as_str())).cloned().collect();
    wrong.extend(
        silent
            .into_iter()
            .map(|part| format!("case “{}”: the explanation does not say “{part}”; it says:\n{words}", written.name)),
    );
    if let Some(first) = wrong.first_mut().filter(|first| !first.contains("explanation")) {
        first.push_str(&format!("\n{words}"));
    }
    wrong
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Grouped => "grouped",
        Status::Ambiguous => "ambiguous",
        Status::Fallback => "fallback",
        Status::Ungroupable => "ungroupable",
        Status::NeedsData => "needs-data",
        Status::Invalid => "invalid",
    }
}

/// The plans of `payment/`, each held against the scheme that it names.
fn plans(folder: &Path, groupers: &[Grouper], report: &mut Report) {
    let root = folder.join("payment");
    if !root.is_dir() {
        return;
    }
    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(&root).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    for path in entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml" || ending == "csv")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match std::fs::read_to_string(&path) {
            Ok(text) => drop(files.insert(name, text)),
            Err(source) => report.add(Severity::Error, &shown(folder, &path), 1, format!("cannot be read: {source}")),
        }
    }
    let inside = |problem: Problem| Problem { file: format!("payment/{}", problem.file), ..problem };
    match payment::PaymentFile::parse_folder(&files) {
        Err(Problems(problems)) => report.problems.extend(problems.into_iter().map(inside)),
        Ok(plans) => {
            for plan in plans {
                report.tally("payment plans", 1);
                plan_fits(&plan, groupers, report);
                report.problems.extend(plan.warnings.into_iter().map(inside));
            }
        }
    }
}

fn plan_fits(plan: &payment::PaymentFile, groupers: &[Grouper], report: &mut Report) {
    let prices =
        |grouper: &&Grouper| (&plan.scheme, &plan.scheme_version) == (&grouper.scheme().id, &grouper.scheme().version);
    let Some(grouper) = groupers.iter().find(prices) else {
        let there: Vec<String> = groupers.iter().map(|g| format!("{} {}", g.scheme().id, g.scheme().version)).collect();
        let there = if there.is_empty() { "none that can be used".to_owned() } else { there.join(", ") };
        let words = format!(
            "the plan {} prices the scheme {} {}, which grouping/ does not hold ({there}); put the scheme there or name another",
            plan.id, plan.scheme, plan.scheme_version
        );
        return report.add(Severity::Error, "payment", 1, words);
    };
    let scheme = grouper.scheme();
    let mut groups = BTreeSet::new();
    leaves(&scheme.nodes, &mut groups);
    let unknown: Vec<&str> =
        plan.weights.rows().iter().map(|row| &*row.group).filter(|group| !groups.contains(group)).collect();
    if !unknown.is_empty() {
        let words = format!(
            "the plan {} gives a {} to {} that {} {} does not have: {}",
            plan.id,
            plan.weights.name,
            if unknown.len() == 1 { "group" } else { "groups" },
            scheme.id,
            scheme.version,
            unknown.join(", ")
        );
        report.add(Severity::Error, "payment", 1, words);
    }
    let unknown = plan.unknown_auxiliary(&scheme.auxiliary.iter().map(|row| row.id.as_str()).collect());
    if !unknown.is_empty() {
        let words = format!(
            "the plan {} gives factors to auxiliary levels that {} {} does not declare, so no case meets them: {}",
            plan.id,
            scheme.id,
            scheme.version,
            unknown.join(", ")
        );
        report.add(Severity::Error, "payment", 1, words);
    }
}

/// Codes of the final groups.
fn leaves<'a>(nodes: &'a [grouping::Node], found: &mut BTreeSet<&'a str>) {
    for node in nodes {
        if node.children.is_empty() {
            found.insert(&node.code);
        }
        leaves(&node.children, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: &str =
        "id = \"t\"\nversion = \"1\"\ntitle = \"t\"\nungroupable = [\"0000\"]\n[[level]]\nname = \"DRG\"\n";

    /// Messages of a folder that holds these files.
    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut report = Report::default();
        check(folder.path(), &[], &mut report);
        report.problems.iter().map(ToString::to_string).collect()
    }

    fn with_case(case: &str) -> Vec<String> {
        messages(&[
            ("grouping/t/scheme.toml", SCHEME),
            ("grouping/t/nodes.csv", "code,name,rule\nA1,one,\"ZYZD in codes('X01')\"\n"),
            ("grouping/t/cases/a.toml", case),
        ])
    }

    #[test]
    fn a_case_that_lands_where_it_says_is_silent() {
        let case = "[[case]]\nname = \"x\"\ndiagnoses = [\"X01\"]\nsex = \"1\"\ngroup = \"A1\"\nsays = [\"A1\"]\n";
        assert_eq!(with_case(case), Vec::<String>::new());
    }

    #[test]
    fn a_case_that_lands_elsewhere_is_told_with_file_line_and_reason() {
        let told = with_case("title = \"t\"\n\n[[case]]\nname = \"x\"\ndiagnoses = [\"X02\"]\ngroup = \"A1\"\n");
        assert!(told[0].contains("grouping/t/cases/a.toml:3"), "{told:?}");
        assert!(told[0].contains("status is “ungroupable”, expected “grouped”"), "{told:?}");
        assert!(told.iter().any(|words| words.contains("group is “0000”, expected “A1”")), "{told:?}");
    }

    #[test]
    fn a_fee_that_is_not_a_number_is_told() {
        let told = with_case("[[case]]\nname = \"x\"\ndiagnoses = [\"X01\"]\nfee = \"much\"\n");
        assert!(told[0].contains("fee is “much”, not a number"), "{told:?}");
        assert!(with_case("[[case]]\nname = \"x\"\ndiagnoses = [\"X01\"]\nfee = \"12.30\"\n").is_empty());
    }

    #[test]
    fn a_word_that_no_case_has_is_told() {
        let told = with_case("[[case]]\nname = \"x\"\ndiagnosis = [\"X01\"]\n");
        assert!(told[0].contains("diagnosis"), "{told:?}");
        assert!(with_case("title = \"nothing\"\ncase = []\n")[0].contains("holds no [[case]]"));
    }

    #[test]
    fn a_scheme_that_cannot_be_read_is_told_with_its_file_and_line() {
        let told = messages(&[
            ("grouping/t/scheme.toml", SCHEME),
            ("grouping/t/nodes.csv", "code,name,rule\nA1,one,ZYZD inn X\n"),
        ]);
        assert!(told[0].contains("grouping/t/nodes.csv:2"), "{told:?}");
    }
}
