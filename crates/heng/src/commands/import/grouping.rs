//! 分组方案: a published grouping scheme becomes a scheme folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use schemes::workbook::{self, Settings};
use schemes::{Loaded, Note, dip, tables};

use crate::commands::Problem;
use crate::commands::scheme::{compile, outline};

/// So many traps of one kind are printed; `--report` has them all.
const SHOWN: usize = 3;

/// The national DRG workbook.
#[derive(Args)]
pub struct Workbook {
    /// The workbook (.xlsx).
    file: PathBuf,
    /// Amendment files, in order: rows that the book lacks (columns set, code, …).
    #[arg(long)]
    amend: Vec<PathBuf>,
    /// Surgical cases pass over medical groups (footnote 17); otherwise the rows' order decides.
    #[arg(long)]
    surgical_skips_medical: bool,
    /// A case under one year whose age in days is unknown needs data.
    #[arg(long)]
    newborn_days_required: bool,
    /// The scheme's id; chs-drg unless given.
    #[arg(long)]
    id: Option<String>,
    /// The scheme's version; 3.0 unless given.
    #[arg(long)]
    version: Option<String>,
    #[command(flatten)]
    to: Destination,
}

/// A folder of neutral tables.
#[derive(Args)]
pub struct Tables {
    /// The folder with mdc.tsv, adrg.tsv, drg.tsv and the lists.
    folder: PathBuf,
    #[command(flatten)]
    to: Destination,
}

/// A DIP directory.
#[derive(Args)]
pub struct Directory {
    /// The directory (.xlsx or .csv).
    file: PathBuf,
    /// A table of procedures (手术操作编码) and their treatment class (治疗方式).
    #[arg(long)]
    classes: Option<PathBuf>,
    /// A table of levels within groups (病种编码 or *, 辅助目录, 级别, 系数, 规则).
    #[arg(long)]
    auxiliary: Option<PathBuf>,
    /// The sheet, where a workbook has several.
    #[arg(long)]
    sheet: Option<String>,
    /// The scheme's id; dip unless given.
    #[arg(long)]
    id: Option<String>,
    /// The scheme's version; 1 unless given.
    #[arg(long)]
    version: Option<String>,
    /// Where to write the groups' scores, as payment plans read them; a new file.
    #[arg(long)]
    scores: Option<PathBuf>,
    /// Where to write the factors of the levels, as payment plans read them; a new file.
    #[arg(long, requires = "auxiliary")]
    factors: Option<PathBuf>,
    #[command(flatten)]
    to: Destination,
}

/// Where an import goes.
#[derive(Args)]
pub struct Destination {
    /// The scheme folder to write, new or empty; without it the publication is only checked.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where to write every trap that was met, as CSV.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Workbook {
    /// Imports the workbook.
    pub fn run(self) -> Result<bool, Problem> {
        let settings = Settings {
            surgical_skips_medical: self.surgical_skips_medical,
            newborn_days_required: self.newborn_days_required,
            amendments: self.amend,
            id: self.id,
            version: self.version,
        };
        self.to.take(&self.file, &workbook::read(&self.file, &settings)?)
    }
}

impl Tables {
    /// Imports the tables.
    pub fn run(self) -> Result<bool, Problem> {
        self.to.take(&self.folder, &tables::read(&self.folder)?)
    }
}

impl Directory {
    /// Imports the directory.
    pub fn run(self) -> Result<bool, Problem> {
        let settings = dip::Settings {
            classes: self.classes,
            auxiliary: self.auxiliary,
            sheet: self.sheet,
            id: self.id,
            version: self.version,
        };
        let directory = dip::read(&self.file, &settings)?;
        let clean = self.to.take(&self.file, &directory.loaded)?;
        let write = |what: &str, path: &Path, text: &str| -> Result<(), Problem> {
            let failed = |error: std::io::Error| format!("{}: {error}", path.display());
            let mut file = File::create_new(path).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
            println!("{what} written to {}", path.display());
            Ok(())
        };
        if let Some(path) = &self.scores {
            write("scores", path, &directory.scores)?;
        }
        if let (Some(path), Some(factors)) = (&self.factors, &directory.factors) {
            write("factors", path, factors)?;
        }
        Ok(clean)
    }
}

impl Destination {
    /// Prints what was met, checks that the scheme can be used, and writes it.
    fn take(&self, source: &Path, loaded: &Loaded) -> Result<bool, Problem> {
        print_notes(&loaded.notes);
        if let Some(path) = &self.report {
            write_report(path, &loaded.notes)?;
        }
        compile(source, loaded)?;
        println!("{}", outline(loaded));
        match &self.out {
            Some(folder) => {
                schemes::folder::write(&loaded.scheme, folder)?;
                println!("written to {}", folder.display());
            }
            None => println!("checked only; name a folder with --out to keep it"),
        }
        Ok(true)
    }
}

fn print_notes(notes: &[Note]) {
    let mut kinds: BTreeMap<_, Vec<&Note>> = BTreeMap::new();
    for note in notes {
        kinds.entry(note.trap).or_default().push(note);
    }
    for (trap, notes) in kinds {
        println!("{} ({})", trap.name(), notes.len());
        for note in notes.iter().take(SHOWN) {
            println!("  {}: {}", note.place, note.done);
        }
        if notes.len() > SHOWN {
            println!("  … {} more; --report FILE has them all", notes.len() - SHOWN);
        }
    }
}

fn write_report(path: &Path, notes: &[Note]) -> Result<(), Problem> {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["kind", "sheet", "row", "code", "done"])?;
    for Note { trap, place, done } in notes {
        let row = place.row.map_or(String::new(), |row| row.to_string());
        writer.write_record([trap.name(), &place.sheet, &row, &place.code, done])?;
    }
    Ok(writer.flush()?)
}
