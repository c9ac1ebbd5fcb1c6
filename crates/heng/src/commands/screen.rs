//! `heng screen`: claims in files held against audit rules, no server.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use encounter::{Stock, Surroundings};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use intake::{Encoding, Format, SourceOptions};
use lake::{FieldMap, Inputs, Lake, LakeTable, Report, Room, Screening, Watch, Work, look_behind, read_records};
use screening::{Library, Options, Screener, Stage, reconcile};

use super::Problem;
use crate::stays::{CodedAs, tell, told};

/// Holds the claims of files against the audit rules of a region: a lake, a claim folder, or a hospital's
/// own export. Nothing is sent anywhere.
#[derive(Args, Debug)]
pub struct Screen {
    /// A lake's folder, a folder of claim tables (persons, encounters, lines …), or files; a file that is
    /// not named after a table is read as one line a row.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The region whose rules are meant.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// The report: .xlsx for people; .csv, .parquet or .jsonl for the findings alone.
    #[arg(long, default_value = "screening.xlsx")]
    out: PathBuf,
    /// Rows left out or odd, as CSV; beside the result unless given.
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Goes on with a run that was interrupted: same files, same rules, same options.
    #[arg(long)]
    resume: bool,
    /// Only rules of this stage: 事前, 事中 or 事后.
    #[arg(long)]
    stage: Option<String>,
    /// What happened after this moment is not seen: 2026-03-31, or 2026-03-31 12:00:00.
    #[arg(long)]
    as_of: Option<String>,
    /// The files are complete from this day on: a rule that looks further back does not guess.
    #[arg(long)]
    known_since: Option<String>,
    /// Only these rules, by id.
    #[arg(long)]
    rule: Vec<String>,
    /// Not these rules.
    #[arg(long, conflicts_with = "rule")]
    without: Vec<String>,
    /// A mapping file (TOML) for headings that are not understood, or not as they are meant.
    #[arg(long)]
    columns: Option<PathBuf>,
    /// The sheet of a workbook, where there are several.
    #[arg(long)]
    sheet: Option<String>,
    /// The row of the headings, counted from 1.
    #[arg(long)]
    heading_row: Option<u64>,
    /// The encoding of CSV files; found out unless given.
    #[arg(long, value_enum)]
    encoding: Option<CodedAs>,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Megabytes that sorting may hold; the rest goes to disk.
    #[arg(long, default_value_t = 1024)]
    memory: usize,
}

impl Screen {
    /// Screens; fails when a row could not be used.
    pub fn run(self) -> Result<ExitCode, Problem> {
        Format::of(&self.out)?;
        let work = Work::begin(&beside(&self.out, ".unfinished"), &self.identity()?, self.resume)?;
        let bar = Bar::new();
        let progress = &bar;
        let sorted = self.files.first().filter(|path| self.files.len() == 1 && Lake::is_one(path));
        let (lake, problems, list) = match sorted {
            Some(folder) => (Lake::open(folder)?, lake::Told::default(), None),
            None => {
                let room = Room { memory: self.memory.max(64) << 20, threads: self.threads };
                let watch = Watch { tell: &tell, rows: &|rows| bar.add(rows), sorted: &|table| bar.sorted(table) };
                work.bring_in(&self.inputs()?, room, &watch)?
            }
        };
        let (library, known) = library(&self.region)?;
        let given = surroundings(&lake)?;
        let screener = library.around(if given == Surroundings::default() { &known } else { &given });
        bar.now("审核 screening");
        let how = Screening {
            screener: &screener,
            options: self.options(&screener)?,
            threads: self.threads,
            keep: Some(work.path("parts")),
        };
        let stock: Vec<Stock> = read_records(&lake.whole(LakeTable::Stock), LakeTable::Stock)?;
        let mut found = lake::screen(&lake, &how, &stock, &|lines| progress.add(lines))?;
        let seen = look_behind(&lake, &found.screened)?;
        let headers = screener.library().headers();
        let findings = std::mem::take(&mut found.screened.findings);
        let reconciled = reconcile(findings, headers.iter().map(AsRef::as_ref), &[], &seen);
        bar.now("写出 writing");
        let report = Report {
            headers,
            version: screener.library().version(),
            found: &found,
            reconciled: &reconciled,
            seen: &seen,
            problems: (problems.refused, problems.noted),
            problem_file: list.as_deref(),
            about: self.about(),
        };
        report.write(&self.out)?;
        bar.end();
        for (what, text) in report.summary() {
            println!("{what}: {text}");
        }
        let errors = self.put_errors(list.as_deref())?;
        work.end()?;
        Ok(told(problems.refused, errors.as_deref()))
    }

    fn put_errors(&self, list: Option<&Path>) -> Result<Option<PathBuf>, Problem> {
        let to = self.errors.clone().unwrap_or_else(|| beside(&self.out.with_extension(""), ".errors.csv"));
        match list {
            Some(list) => std::fs::copy(list, &to).map(drop)?,
            // What an earlier run said of these files no longer holds.
            None if to.is_file() => std::fs::remove_file(&to)?,
            None => {}
        }
        Ok(list.map(|_| to))
    }

    fn about(&self) -> Vec<(String, String)> {
        let files: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        vec![
            ("文件 files".to_owned(), files.join(", ")),
            ("地区规则 region".to_owned(), self.region.display().to_string()),
            ("截至 as of".to_owned(), self.as_of.clone().unwrap_or_else(|| "全部 everything".to_owned())),
        ]
    }

    fn inputs(&self) -> Result<Inputs, Problem> {
        let mut map = FieldMap::builtin();
        if let Some(path) = &self.columns {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            map = map.with(&path.display().to_string(), &text)?;
        }
        let encoding = self.encoding.map(Encoding::from);
        let options =
            SourceOptions { sheet: self.sheet.clone(), heading_row: self.heading_row, encoding, delimiter: None };
        Ok(Inputs { paths: self.files.clone(), options, map })
    }

    /// What decides the result: a lake by the sizes and times of its files, other files by content.
    fn identity(&self) -> Result<String, Problem> {
        let words = format!(
            "screen {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.files,
            self.stage,
            self.as_of,
            self.known_since,
            self.rule,
            self.without,
            self.sheet,
            self.heading_row,
            self.encoding
        );
        let mut paths: Vec<PathBuf> = ["screening", "catalogue"].map(|folder| self.region.join(folder)).into();
        let common = self.region.parent().map(|regions| regions.join("common/screening"));
        paths.extend(common.into_iter().chain(self.columns.clone()));
        let mut words = vec![words];
        for path in &self.files {
            if Lake::is_one(path) {
                words.push(sizes(path)?);
            } else {
                paths.push(path.clone());
            }
        }
        let there: Vec<&Path> = paths.iter().map(PathBuf::as_path).filter(|path| path.exists()).collect();
        office::load::fingerprint(&words, &there)
    }

    fn options(&self, screener: &Screener) -> Result<Options, Problem> {
        let known: Vec<&str> = screener.library().headers().iter().map(|header| header.id.as_str()).collect();
        if let Some(unknown) = self.rule.iter().chain(&self.without).find(|id| !known.contains(&id.as_str())) {
            return Err(format!("there is no rule “{unknown}”; there are {}", known.join(", ")).into());
        }
        let stage = self.stage.as_deref().map(|word| {
            let stage = Stage::ALL.iter().find(|stage| stage.word() == word);
            stage.copied().ok_or_else(|| format!("--stage {word}: write 事前, 事中 or 事后"))
        });
        let day = |option: &str, text: &str| {
            terms::parse_date(text).ok_or_else(|| format!("{option} {text}: not a date; write it as 2026-03-31"))
        };
        let moment = |text: &str| match terms::parse_date(text) {
            // A bare day is meant with all its hours.
            Some(day) => Ok(day.at(23, 59, 59, 0)),
            None => terms::parse_time(text).ok_or_else(|| format!("--as-of {text}: write it as 2026-03-31 12:00:00")),
        };
        Ok(Options {
            stage: stage.transpose()?,
            as_of: self.as_of.as_deref().map(moment).transpose()?,
            known_since: self.known_since.as_deref().map(|text| day("--known-since", text)).transpose()?,
            focus: None,
            only: (!self.rule.is_empty()).then(|| self.rule.clone()),
            without: self.without.clone(),
        })
    }
}

/// The audit rules of a region, and its institutions and practitioners for files that tell none.
/// What is wrong with a rule is told, and the other rules go on.
fn library(folder: &Path) -> Result<(Library, Surroundings), Problem> {
    let region = crate::wiring::open_region(folder)?;
    let read = region.screening()?;
    read.problems.iter().for_each(|problem| tell(&problem.to_string()));
    if read.library.headers().is_empty() {
        return Err(format!("{}: has no audit rules in screening/rules", folder.display()).into());
    }
    let providers = &region.providers;
    Ok((read.library, region::surroundings(&providers.institutions, &providers.practitioners)))
}

/// Institutions and practitioners of a lake.
pub fn surroundings(lake: &Lake) -> Result<Surroundings, Problem> {
    Ok(Surroundings {
        institutions: read_records(&lake.whole(LakeTable::Institutions), LakeTable::Institutions)?,
        practitioners: read_records(&lake.whole(LakeTable::Practitioners), LakeTable::Practitioners)?,
    })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Names, sizes and times of all files below a folder.
fn sizes(folder: &Path) -> Result<String, Problem> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                let about = entry.metadata()?;
                found.insert(entry.path(), (about.len(), about.modified()?));
            }
        }
    }
    Ok(format!("{found:?}"))
}

/// How far the run is, on a terminal only.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    pub fn new() -> Bar {
        if !std::io::stderr().is_terminal() {
            return Bar(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} 行 rows, {per_sec}, {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message("读入 reading");
        Bar(Some(bar))
    }

    pub fn add(&self, rows: u64) {
        self.0.iter().for_each(|bar| bar.inc(rows));
    }

    pub fn now(&self, what: &'static str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what);
            bar.set_position(0);
        }
    }

    pub fn sorted(&self, table: LakeTable) {
        self.0.iter().for_each(|bar| bar.set_message(format!("已排序 sorted {table}")));
    }

    pub fn end(&self) {
        self.0.iter().for_each(ProgressBar::finish_and_clear);
    }
}
