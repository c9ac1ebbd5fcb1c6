//! `heng scheme`: looks through a grouping scheme, or says what changed between two.

mod compare;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use grouping::{Catalogue, Grouper};
use schemes::Loaded;
use schemes::workbook::Settings;

use super::Problem;

/// Looks through grouping schemes and compares them.
#[derive(Args)]
pub struct SchemeCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 比较: says in words what changed from one scheme to another, and which cases move.
    Diff(compare::Diff),
    /// 检查: says what in a scheme is wrong, or probably wrong.
    Lint(Lint),
}

/// Looks through a scheme.
#[derive(Args)]
struct Lint {
    /// A scheme folder, a folder of neutral tables, or the national workbook.
    scheme: PathBuf,
    /// A CSV file of diagnoses that exist (column `code`); codes that it lacks are told.
    #[arg(long)]
    diagnoses: Option<PathBuf>,
    /// A CSV file of procedures that exist (column `code`); codes that it lacks are told.
    #[arg(long)]
    procedures: Option<PathBuf>,
    /// Fail on warnings too.
    #[arg(long)]
    strict: bool,
}

impl SchemeCommand {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self.what {
            What::Diff(diff) => diff.run(),
            What::Lint(lint) => lint.run(),
        }
    }
}

impl Lint {
    fn run(self) -> Result<ExitCode, Problem> {
        let loaded = schemes::load(&self.scheme, &Settings::default())?;
        for note in &loaded.notes {
            println!("{note}");
        }
        let catalogue =
            Catalogue { diagnoses: codes(self.diagnoses.as_deref())?, procedures: codes(self.procedures.as_deref())? };
        let errors = Grouper::compile(&loaded.scheme).err().unwrap_or_default();
        let warnings = loaded.scheme.lint(&catalogue);
        for problem in loaded.warnings.iter().chain(&errors).chain(&warnings) {
            println!("{}", loaded.places.locate(problem.clone()));
        }
        let warned = warnings.len() + loaded.warnings.len();
        println!("{}: {} errors, {warned} warnings, {} notes", outline(&loaded), errors.len(), loaded.notes.len());
        let sound = errors.is_empty() && !(self.strict && warned > 0);
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The codes of a catalogue file; none without a file.
fn codes(path: Option<&Path>) -> Result<HashSet<String>, Problem> {
    let Some(path) = path else { return Ok(HashSet::new()) };
    let mut source = intake::Source::open(path, intake::SourceOptions::default())?;
    let mut table = source.table()?;
    let Some(at) = table.headings().names.iter().position(|name| name == "code") else {
        let found = table.headings().names.join(", ");
        return Err(format!("{}: there is no column “code”; its columns are {found}", path.display()).into());
    };
    let (mut row, mut codes) = (intake::Row::new(), HashSet::new());
    while table.next(&mut row)? {
        codes.insert(row.cell(at).trim().to_owned());
    }
    Ok(codes)
}

/// What a scheme is, in one line.
pub fn outline(loaded: &Loaded) -> String {
    let scheme = &loaded.scheme;
    let mut counts = vec![0_usize; scheme.levels.len()];
    let mut level: Vec<&grouping::Node> = scheme.nodes.iter().collect();
    for count in &mut counts {
        *count = level.len();
        level = level.into_iter().flat_map(|node| &node.children).collect();
    }
    let levels: Vec<String> =
        scheme.levels.iter().zip(&counts).map(|(level, n)| format!("{n} {}", level.name)).collect();
    let members: usize = scheme.sets.iter().map(|set| set.members.len()).sum();
    let classes: Vec<String> = scheme
        .severity_classes
        .iter()
        .map(|class| {
            let n = scheme.severity_codes.iter().filter(|code| code.class == class.name).count();
            format!("{n} {}", class.name)
        })
        .collect();
    let mut parts = vec![levels.join(", "), format!("{} sets with {members} codes", scheme.sets.len())];
    if !classes.is_empty() {
        parts.push(format!("{}, {} exclusion rows", classes.join(", "), scheme.exclusions.len()));
    }
    format!("{} {} ({}): {}", scheme.id, scheme.version, scheme.title, parts.join("; "))
}

/// Compiles a scheme, or says all that keeps it from being used.
pub fn compile(path: &Path, loaded: &Loaded) -> Result<Grouper, Problem> {
    Grouper::compile(&loaded.scheme).map_err(|problems| {
        let lines: Vec<String> =
            problems.into_iter().map(|problem| format!("  {}", loaded.places.locate(problem))).collect();
        format!("{} cannot be used:\n{}", path.display(), lines.join("\n")).into()
    })
}
