//! `heng scheme diff`: two schemes in words, and their effect on a case file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use adjudication::explain::Language;
use clap::Args;
use grouping::{Case, Sex, Status};
use intake::cases::CaseFile;
use schemes::diff::{Change, Comparison, Impact, Subject, Weights, differences};
use schemes::workbook::Settings;

use super::{compile, outline};
use crate::commands::Problem;

/// So many kinds of moves are printed; the file given by `--out` has every case.
const SHOWN: usize = 40;

/// Says in words what changed from scheme A to scheme B.
#[derive(Args)]
pub struct Diff {
    /// The scheme before: a scheme folder, a folder of neutral tables, or the national workbook.
    before: PathBuf,
    /// The scheme after.
    after: PathBuf,
    /// A file of cases (neutral columns, .csv or .csv.gz): which of them move?
    #[arg(long)]
    cases: Option<PathBuf>,
    /// Weights of the scheme before: CSV with the columns `group` and `weight`.
    #[arg(long, requires = "cases", requires = "weights_b")]
    weights_a: Option<PathBuf>,
    /// Weights of the scheme after.
    #[arg(long, requires = "cases", requires = "weights_a")]
    weights_b: Option<PathBuf>,
    /// Where to write every case that moves, as CSV.
    #[arg(long, requires = "cases")]
    out: Option<PathBuf>,
    /// zh or en.
    #[arg(long, default_value = "zh")]
    lang: String,
}

impl Diff {
    pub(super) fn run(self) -> Result<ExitCode, Problem> {
        let language = Language::of_tag(&self.lang);
        let load = |path: &Path| schemes::load(path, &Settings::default());
        let (before, after) = (load(&self.before)?, load(&self.after)?);
        println!("A  {}\nB  {}\n", outline(&before), outline(&after));
        print_changes(&differences(&before.scheme, &after.scheme), language);
        let Some(cases) = &self.cases else { return Ok(ExitCode::SUCCESS) };
        let weights = |path: &Option<PathBuf>| -> Result<Weights, Problem> {
            let Some(path) = path else { return Ok(Weights::default()) };
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(Weights::parse(&path.display().to_string(), &text)?)
        };
        let (weights_a, weights_b) = (weights(&self.weights_a)?, weights(&self.weights_b)?);
        let (a, b) = (compile(&self.before, &before)?, compile(&self.after, &after)?);
        let mut comparison = Comparison::new((&a, &weights_a), (&b, &weights_b));
        let wrong = run_cases(cases, &mut comparison, self.out.as_deref())?;
        print_impact(&comparison.impact, self.weights_a.is_some(), language);
        if wrong > 0 {
            println!("{wrong} rows could not be read and were left out");
        }
        Ok(if wrong == 0 && comparison.impact.cases > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn print_changes(changes: &[Change], language: Language) {
    let chinese = language == Language::Chinese;
    let title = |subject: Subject| match (subject, chinese) {
        (Subject::Head, true) => "方案",
        (Subject::Head, false) => "scheme",
        (Subject::Conduct, true) => "分组方式",
        (Subject::Conduct, false) => "conduct",
        (Subject::Group, true) => "病组",
        (Subject::Group, false) => "groups",
        (Subject::Set, true) => "集合",
        (Subject::Set, false) => "sets",
        (Subject::Severity, true) => "并发症与排除",
        (Subject::Severity, false) => "complications and exclusions",
        (Subject::Auxiliary, true) => "辅助目录",
        (Subject::Auxiliary, false) => "auxiliary levels",
    };
    let mut by_subject: BTreeMap<Subject, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        by_subject.entry(change.subject).or_default().push(change);
    }
    if changes.is_empty() {
        println!("{}", if chinese { "没有变化" } else { "nothing changed" });
    }
    for (subject, changes) in by_subject {
        println!("{} ({})", title(subject), changes.len());
        for change in changes {
            let words = if chinese { &change.chinese } else { &change.english };
            let place = if change.place.is_empty() { String::new() } else { format!("{}  ", change.place) };
            println!("  {place}{words}");
        }
    }
}

/// Groups every case by both schemes; how many rows could not be read.
fn run_cases(path: &Path, comparison: &mut Comparison, out: Option<&Path>) -> Result<u64, Problem> {
    let mut file = CaseFile::open(path)?;
    let mut writer = out.map(|out| File::create(out).map(csv::Writer::from_writer)).transpose()?;
    if let Some(writer) = &mut writer {
        let heads = ["id", "status_a", "group_a", "status_b", "group_b", "weight_a", "weight_b", "gain"];
        writer.write_record(heads)?;
    }
    let (mut wrong, mut case) = (0, Case::default());
    while let Some(row) = file.next_case()? {
        match row {
            Ok(row) => fill(&mut case, &row),
            Err(error) => {
                eprintln!("{error}");
                wrong += 1;
                continue;
            }
        }
        let moved = comparison.add(&case);
        if let (Some(moved), Some(writer)) = (moved, &mut writer) {
            let text = |weight: Option<terms::Exact>| weight.map_or(String::new(), |weight| weight.to_string());
            let gain = moved.weight_after.zip(moved.weight_before).map(|(after, before)| after - before);
            let (from, to) = (&moved.from, &moved.to);
            let (before, after, gain) = (text(moved.weight_before), text(moved.weight_after), text(gain));
            writer.write_record([&case.id, status(from.0), &from.1, status(to.0), &to.1, &before, &after, &gain])?;
        }
    }
    if let Some(mut writer) = writer {
        writer.flush()?;
    }
    Ok(wrong)
}

fn fill(case: &mut Case, row: &intake::cases::Case) {
    let text = |cell: &str| Some(cell.to_owned()).filter(|cell| !cell.is_empty());
    row.id.clone_into(&mut case.id);
    case.diagnoses = row.dx().map(str::to_owned).collect();
    case.procedures = row.proc().map(str::to_owned).collect();
    case.sex = Sex::from_code(row.sex);
    case.age = row.age;
    case.age_days = row.age_days;
    case.weight = row.weight.and_then(|weight| weight.to_string().parse().ok());
    case.days = row.los;
    case.leaving_type = text(row.leaving_type);
    case.department = text(row.dept);
    case.icu_hours = row.icu_hours;
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Grouped => "ok",
        Status::Ambiguous => "ambiguous",
        Status::Fallback => "fallback",
        Status::Ungroupable => "ungroupable",
        Status::NeedsData => "needs_data",
        Status::Invalid => "invalid",
    }
}

fn print_impact(impact: &Impact, weighed: bool, language: Language) {
    let chinese = language == Language::Chinese;
    let heads = if chinese { ["由", "到", "例数", "权重增减"] } else { ["from", "to", "cases", "weight"] };
    println!("\n{:<12}{:<12}{:>8}{:>16}", heads[0], heads[1], heads[2], heads[3]);
    let mut moves: Vec<_> = impact.moves.iter().collect();
    moves.sort_by_key(|(groups, total)| (std::cmp::Reverse(total.cases), *groups));
    for ((from, to), total) in moves.iter().take(SHOWN) {
        let gain = match total.unweighed {
            _ if !weighed => String::new(),
            0 => total.gain.to_string(),
            some => format!("{} ({some}?)", total.gain),
        };
        println!("{from:<12}{to:<12}{:>8}{gain:>16}", total.cases);
    }
    if moves.len() > SHOWN {
        println!("… {}", moves.len() - SHOWN);
    }
    let Impact { cases, moved, weight_before, weight_after, .. } = impact;
    let gain = *weight_after - *weight_before;
    match (chinese, weighed) {
        (true, false) => println!("{cases} 例中 {moved} 例改变病组"),
        (false, false) => println!("{moved} of {cases} cases move"),
        (true, true) => {
            let n = impact.weighed;
            println!(
                "{cases} 例中 {moved} 例改变病组；两边都有权重的 {n} 例，总权重由 {weight_before} 到 {weight_after}（{gain}）"
            );
        }
        (false, true) => {
            let n = impact.weighed;
            println!(
                "{moved} of {cases} cases move; of {n} with a weight on both sides the total goes from {weight_before} to {weight_after} ({gain})"
            );
        }
    }
}
