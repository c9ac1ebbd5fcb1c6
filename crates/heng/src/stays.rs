//! 病例文件: the options that every command over a hospital's files has, and its progress bar.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use intake::{ColumnMap, Encoding, SourceOptions};
use journeys::StayDefaults;
use listing::codes::CodeSystem;
use office::codes::Codes;
use office::run::Progress;
use office::shelf::Installed;
use office::source::Inputs;
use office::{Files, load, table};
use payment::PaymentFile;

use crate::commands::Problem;

/// Which files, and how they are read.
#[derive(Args, Clone, Debug)]
pub struct Input {
    /// CSV, XLSX or Parquet files: home pages (HQMS), settlement lists, or the neutral columns. Columns
    /// are found by their headings.
    #[arg(required = true)]
    files: Vec<PathBuf>,
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
    /// Replaces full-width characters, spaces and look-alikes in codes where their meaning is clear.
    #[arg(long)]
    clean_codes: bool,
    /// The code system of the files: insurance (医保版) or clinical (国临版). It is never guessed.
    #[arg(long)]
    code_system: Option<CodeSystem>,
    /// A folder of code tables (diagnoses, procedures, and *-from-clinical maps): codes are held
    /// against them, clinical ones translated.
    #[arg(long)]
    code_tables: Option<PathBuf>,
}

/// 字符编码.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CodedAs {
    #[value(name = "utf-8")]
    Utf8,
    /// Also GBK and GB2312.
    #[value(name = "gb18030")]
    Gb18030,
}

impl From<CodedAs> for Encoding {
    fn from(coded: CodedAs) -> Encoding {
        match coded {
            CodedAs::Utf8 => Encoding::Utf8,
            CodedAs::Gb18030 => Encoding::Gb18030,
        }
    }
}

impl Input {
    /// How the files are read.
    pub fn inputs(&self) -> Result<Inputs, Problem> {
        let mut map = ColumnMap::builtin()?;
        if let Some(path) = &self.columns {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            map = map.with(&path.display().to_string(), &text)?;
        }
        let encoding = self.encoding.map(Encoding::from);
        let options =
            SourceOptions { sheet: self.sheet.clone(), heading_row: self.heading_row, encoding, delimiter: None };
        let own_map =
            self.columns.is_some() || self.sheet.is_some() || self.heading_row.is_some() || self.encoding.is_some();
        Ok(Inputs { files: self.files.clone(), options, map, own_map, clean_codes: self.clean_codes, tell })
    }

    /// The code tables, if given.
    pub fn codes(&self) -> Result<Option<Codes>, Problem> {
        match (&self.code_tables, self.code_system) {
            (Some(folder), stated) => Ok(Some(Codes::read(folder, stated)?)),
            (None, Some(CodeSystem::Clinical)) => {
                Err("clinical codes (国临版) are translated before grouping: give --code-tables".into())
            }
            (None, _) => Ok(None),
        }
    }

    /// What decides a run over these files, besides `more`.
    pub fn identity(&self, words: &str, more: &[&Path]) -> Result<String, Problem> {
        let settings = [&self.columns, &self.code_tables];
        let paths = self.files.iter().chain(settings.into_iter().flatten()).map(PathBuf::as_path);
        let paths: Vec<&Path> = paths.chain(more.iter().copied()).collect();
        load::fingerprint(&[format!("{words} {self:?}")], &paths)
    }
}

/// Which scheme groups.
#[derive(Args, Clone, Debug)]
pub struct SchemeChoice {
    /// A scheme folder, a folder of neutral tables, the national workbook (.xlsx), or the name of a
    /// scheme of the region.
    #[arg(long)]
    scheme: PathBuf,
    /// The region whose schemes, payment plans and rules are meant where only a name is given.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// Surgical cases pass over medical groups (footnote 17 of CHS-DRG 3.0).
    #[arg(long)]
    surgical_skips_medical: bool,
}

impl SchemeChoice {
    /// Where the scheme stands.
    pub fn path(&self) -> PathBuf {
        let of_region = self.region.join("grouping").join(&self.scheme);
        if !self.scheme.exists() && of_region.is_dir() { of_region } else { self.scheme.clone() }
    }

    /// The scheme, compiled.
    pub fn load(&self) -> Result<Installed, Problem> {
        let settings = schemes::workbook::Settings {
            surgical_skips_medical: self.surgical_skips_medical,
            ..schemes::workbook::Settings::default()
        };
        load::scheme(&self.path(), &settings, tell)
    }

    /// The region.
    pub fn region(&self) -> &Path {
        &self.region
    }
}

/// Which plan prices, and what the files leave out.
#[derive(Args, Clone, Debug)]
pub struct PlanChoice {
    /// The payment plan (a file), or a folder of plans of which one prices the scheme; the region's
    /// unless given.
    #[arg(long)]
    payment: Option<PathBuf>,
    /// 定点医疗机构代码 of all rows, where no column states it.
    #[arg(long)]
    institution: Option<String>,
    /// 医保结算等级 of all rows (1, 2, 3), where no column states it.
    #[arg(long)]
    level: Option<String>,
    /// 险种 of all rows (310, 390), where no column states it.
    #[arg(long)]
    insurance: Option<String>,
}

impl PlanChoice {
    /// Where the plan stands.
    pub fn path(&self, region: &Path) -> PathBuf {
        self.payment.clone().unwrap_or_else(|| region.join("payment"))
    }

    /// The plan; one of another scheme or version is refused.
    pub fn load(&self, scheme: &SchemeChoice, installed: &Installed) -> Result<PaymentFile, Problem> {
        load::plan(&self.path(scheme.region()), installed)
    }

    /// What the whole file has in common.
    pub fn defaults(&self) -> StayDefaults {
        StayDefaults {
            institution: self.institution.clone(),
            level: self.level.clone(),
            insurance: self.insurance.clone(),
        }
    }
}

/// Where results go.
#[derive(Args, Clone)]
pub struct Output {
    /// The result: .csv, .xlsx, .parquet or .jsonl; CSV on standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Rows that could not be used, as CSV; beside the result unless given.
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Goes on with a run that was interrupted: same files, same scheme, same options.
    #[arg(long)]
    resume: bool,
}

impl Output {
    /// The files of a run.
    pub fn files(&self, identity: String) -> Result<Files<'_>, Problem> {
        table::can_be_written(self.out.as_deref())?;
        Ok(Files { out: self.out.as_deref(), errors: self.errors.as_deref(), resume: self.resume, identity })
    }
}

/// Something to know that is not a result.
pub fn tell(text: &str) {
    eprintln!("heng: {text}");
}

/// Rows and rows a second, on a terminal only.
pub fn progress() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Box::new(|_| ());
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} 行 rows, {per_sec}, {elapsed}") {
        bar.set_style(style);
    }
    Box::new(move |rows| bar.inc(rows))
}

/// Says how many rows were passed over, and where they are told; they make a run fail.
pub fn told(errors: u64, errors_in: Option<&Path>) -> ExitCode {
    if errors == 0 {
        return ExitCode::SUCCESS;
    }
    match errors_in {
        Some(path) => eprintln!("{errors} 行有错，未处理 rows in error: {}", path.display()),
        None => eprintln!("{errors} 行有错，未处理 rows in error"),
    }
    ExitCode::FAILURE
}
