//! 检查: everything that can be wrong with a region's folder, in words for a clerk.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use policy::{Problem, Problems, Severity, SourceFile};

use crate::RegionError;
use crate::example::run_example;
use crate::folder::{Manifest, Region, read, read_policy};

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Problems in order of severity, file and line.
    pub problems: Vec<Problem>,
    /// Examples run.
    pub examples: usize,
    /// Steps compared.
    pub steps: usize,
    /// What the folder holds, as (English name, count).
    pub counts: Vec<(&'static str, usize)>,
}

impl Report {
    /// Whether the folder can be used.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.errors() == 0
    }

    /// How many errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// How many warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.problems.len() - self.errors()
    }

    /// What a program that checks should exit with: 0, or 1 with an error.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        u8::from(!self.ok())
    }

    pub(crate) fn add(&mut self, severity: Severity, file: &str, line: usize, message: impl Into<String>) {
        self.problems.push(Problem { severity, file: file.to_owned(), line, column: 1, message: message.into() });
    }
}

impl Report {
    /// Counts something that the folder holds.
    pub(crate) fn tally(&mut self, name: &'static str, more: usize) {
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += more,
            None => self.counts.push((name, more)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let counts: Vec<String> =
            self.counts.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{n} {name}")).collect();
        if !counts.is_empty() {
            writeln!(f, "{}", counts.join(", "))?;
        }
        write!(
            f,
            "{} example(s) with {} step(s) run; {} error(s), {} warning(s)",
            self.examples,
            self.steps,
            self.errors(),
            self.warnings()
        )
    }
}

/// Checks a region's folder: `region.toml`, every policy file, catalogue and provider rows,
/// and every example in full; every grouping scheme with its cases and every payment plan;
/// then looks for what is allowed but suspicious.
///
/// A folder without `region.toml` that holds `grouping/`, `payment/` or `screening/` is a city's own
/// addition to another region: only these are checked.
#[must_use]
pub fn check(folder: impl AsRef<Path>) -> Report {
    let folder = folder.as_ref();
    let mut report = Report::default();
    let addition = !folder.join("region.toml").exists()
        && ["grouping", "payment", "screening"].iter().any(|part| folder.join(part).is_dir());
    let looked = if addition {
        crate::grouping::check(folder, &[], &mut report);
        crate::screening::check(folder, None, &catalogue::Content::default(), &mut report);
        Ok(())
    } else {
        look(folder, &mut report)
    };
    if let Err(error) = looked {
        match error {
            RegionError::Policy(Problems(problems)) => report.problems.extend(problems),
            RegionError::Manifest(problem) => report.problems.push(problem),
            RegionError::File { file, source } => {
                report.add(Severity::Error, &file, 1, format!("cannot be read: {source}"));
            }
            RegionError::Written(message) => {
                report.add(Severity::Error, &folder.display().to_string(), 1, message);
            }
        }
    }
    report
        .problems
        .sort_by(|a, b| (a.severity, &a.file, a.line, a.column).cmp(&(b.severity, &b.file, b.line, b.column)));
    report
}

fn look(folder: &Path, report: &mut Report) -> Result<(), RegionError> {
    let manifest = Manifest::read(folder)?;
    manifest_is_sound(&manifest, report);
    let sources = read_policy(folder, &manifest)?;
    let region = Region::open(folder)?;
    region.credential_settings()?;
    // A region need not use every name of a file that it shares.
    let shared = |problem: &&Problem| {
        manifest.include.contains(&problem.file) && problem.message.ends_with("is used by nothing")
    };
    report.problems.extend(region.warnings.0.iter().filter(|problem| !shared(problem)).cloned());
    for error in &region.catalogue.errors {
        let words = row_words(&error.column, &error.value, &error.problem, &error.remedy);
        report.add(Severity::Error, &error.file, error.line as usize, words);
    }
    for error in &region.providers.errors {
        let words = row_words(&error.column, &error.value, &error.problem, &error.remedy);
        report.add(Severity::Error, &error.file, error.line as usize, words);
    }
    if let Some(interface) = &region.interface {
        let file = SourceFile { name: "interface.toml".to_owned(), text: read(interface)? };
        if let Err(error) = toml::from_str::<toml::Table>(&file.text) {
            let (line, _) = file.position(error.span().map_or(0, |span| span.start));
            report.add(Severity::Error, &file.name, line, error.message().to_owned());
        }
    }
    report.counts = counts(&region);
    examples(&region, &sources, report);
    unknown_codes(&region, &sources, report);
    crate::grouping::check(folder, &region.catalogue.terms, report);
    crate::screening::check(folder, Some(&manifest), &region.catalogue, report);
    if let Err(error) = region.supervision() {
        report.add(Severity::Error, "screening/reminders.toml", 1, error.to_string());
    }
    crate::detection::check(folder, report)?;
    crate::access::check(folder, report)?;
    crate::casebook::check(folder, report)?;
    crate::services::check(folder, report)?;
    Ok(())
}

fn row_words(column: &str, value: &str, problem: &str, remedy: &str) -> String {
    if column.is_empty() {
        format!("{problem}; {remedy}")
    } else {
        format!("{column} “{value}”: {problem}; {remedy}")
    }
}

fn counts(region: &Region) -> Vec<(&'static str, usize)> {
    let law = &region.law;
    vec![
        ("tables", law.tables.len()),
        ("values", law.values.len()),
        ("finds", law.finds.len()),
        ("layers", law.layers.len()),
        ("accumulators", law.accumulators.len()),
        ("refusals", law.refusals.len()),
        ("catalogue items", region.catalogue.items.len()),
        ("catalogue terms", region.catalogue.terms.len()),
        ("institutions", region.providers.institutions.len()),
    ]
}

fn manifest_is_sound(manifest: &Manifest, report: &mut Report) {
    let file = "region.toml";
    if manifest.area.len() != 6 || !manifest.area.bytes().all(|byte| byte.is_ascii_digit()) {
        report.add(Severity::Error, file, 1, format!("area is “{}”; an area code has six digits", manifest.area));
    }
    if let Some(transport) = manifest.transport.as_deref()
        && !["plain", "x-tif", "csb"].contains(&transport)
    {
        let words = format!("transport is “{transport}”; choose plain, x-tif or csb");
        report.add(Severity::Error, file, 1, words);
    }
    for fund in &manifest.fund {
        if !["pool", "account", "hospital"].contains(&fund.ledger.as_str()) {
            let words = format!("fund {}: ledger is “{}”; choose pool, account or hospital", fund.code, fund.ledger);
            report.add(Severity::Error, file, 1, words);
        }
    }
    let mut seen = BTreeSet::new();
    for code in manifest.fund.iter().map(|fund| &fund.code).chain(manifest.scheme.iter().map(|scheme| &scheme.code)) {
        if !seen.insert(code) {
            report.add(Severity::Error, file, 1, format!("{code} is listed twice"));
        }
    }
}

fn examples(region: &Region, sources: &[SourceFile], report: &mut Report) {
    let ground = region.ground();
    let mut names = BTreeSet::new();
    let mut layers = BTreeSet::new();
    for (file, line, example) in &region.law.examples {
        if !names.insert(&example.id) {
            report.add(Severity::Error, file, *line, format!("a second example is named “{}”", example.id));
        }
        report.examples += 1;
        match run_example(ground, example) {
            Ok(run) => {
                report.steps += run.steps;
                layers.extend(run.layers);
                for difference in run.differences {
                    report.add(Severity::Error, file, *line, format!("example “{}”, {difference}", example.id));
                }
            }
            Err(error) => report.add(Severity::Error, file, *line, format!("example “{}”, {error}", example.id)),
        }
    }
    for layer in region.law.layers.iter().filter(|layer| !layers.contains(&*layer.id)) {
        let (file, line) = place_of(sources, &layer.id);
        report.add(
            Severity::Warning,
            file,
            line,
            format!(
                "no example shows the layer “{}” ({}) at work; add an [[example]] in which it applies",
                layer.id, layer.name
            ),
        );
    }
    funds(region, report);
}

/// Funds that layers name as plain text and `region.toml` does not list.
fn funds(region: &Region, report: &mut Report) {
    if region.manifest.fund.is_empty() {
        return;
    }
    let mut missing = BTreeSet::new();
    let texts = region.law.layers.iter().map(|layer| &*layer.fund.text);
    for text in texts.chain(region.law.hospital_share.iter().map(|share| &*share.fund.text)) {
        for code in text.split(['\'', '"']).filter(|part| part.len() == 6 && part.bytes().all(|b| b.is_ascii_digit())) {
            if !region.manifest.fund.iter().any(|fund| fund.code == code) {
                missing.insert(code);
            }
        }
    }
    for code in missing {
        report.add(
            Severity::Warning,
            "region.toml",
            1,
            format!("the law pays from fund {code}, which no [[fund]] lists"),
        );
    }
}

/// Codes in tables that are keyed by a disease or an item, and are not in the catalogue.
fn unknown_codes(region: &Region, sources: &[SourceFile], report: &mut Report) {
    if region.catalogue.items.is_empty() && region.catalogue.terms.is_empty() {
        return;
    }
    let known: BTreeSet<&str> = region
        .catalogue
        .terms
        .iter()
        .map(|term| term.code.as_str())
        .chain(region.catalogue.items.iter().map(|item| item.code.as_str()))
        .collect();
    for table in &region.law.tables {
        for (n, key) in table.keys.iter().enumerate() {
            if !["visit.dise_codg", "line.med_list_codg"].contains(&&*key.text) {
                continue;
            }
            let mut unknown = BTreeSet::new();
            for entry in table.cells() {
                let written = entry.keys.get(n).cloned().unwrap_or_default();
                let codes = written.split('/').filter(|code| *code != "*" && !known.contains(code));
                unknown.extend(codes.map(str::to_owned));
            }
            let (file, line) = place_of(sources, &table.id);
            for code in unknown {
                let words = format!("the table “{}” names {code}, which the catalogue does not have", table.id);
                report.add(Severity::Warning, file, line, words);
            }
        }
    }
}

/// Where a definition stands: the line with its `id = "…"`.
fn place_of<'a>(sources: &'a [SourceFile], id: &str) -> (&'a str, usize) {
    let wanted = format!("id = \"{id}\"");
    for source in sources {
        if let Some(line) = source.text.lines().position(|line| line.trim() == wanted) {
            return (&source.name, line + 1);
        }
    }
    ("policy", 1)
}
