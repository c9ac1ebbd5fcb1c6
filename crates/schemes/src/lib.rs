//! # schemes 方案文件
//!
//! Brings grouping schemes in and out: the folder of a region (`regions/<code>/grouping/<scheme>`),
//! the neutral tables, the national DRG workbook as it is published, DIP directories as cities
//! publish them. It also says in words what differs between two schemes, and which cases move.
//!
//! Called by the command line, by `region` and by tests. Never: a grouping rule of its own; what
//! a scheme means is decided in `grouping`, what a publication says stands in its files.

pub mod diff;
pub mod dip;
mod files;
pub mod folder;
mod report;
pub mod tables;
pub mod workbook;

use std::path::{Path, PathBuf};

use grouping::{Places, Scheme, SkipMedical};

pub use report::{Note, Place, Problem, SchemesError, Trap};

/// 方案. A scheme together with what was met on the way in.
#[derive(Debug)]
pub struct Loaded {
    /// The scheme.
    pub scheme: Scheme,
    /// What was odd in a publication, and what was done about it.
    pub notes: Vec<Note>,
    /// What somebody should look at in a scheme folder.
    pub warnings: Vec<grouping::Problem>,
    /// Where the parts of a scheme folder stand.
    pub places: Places,
    /// What it was read from.
    pub origin: Origin,
}

impl Loaded {
    pub(crate) fn imported(scheme: Scheme, notes: Vec<Note>, origin: Origin) -> Loaded {
        Loaded { scheme, notes, warnings: Vec::new(), places: Places::default(), origin }
    }
}

/// The form in which a scheme came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A scheme folder.
    Folder,
    /// A folder of neutral tables.
    Tables,
    /// The national workbook.
    Workbook,
    /// A DIP directory.
    Directory,
}

/// Reads a scheme in whatever form it is: a scheme folder (`scheme.toml`), a folder of neutral
/// tables (`mdc.tsv`, `adrg.tsv`, `drg.tsv`), the national workbook (`.xlsx`), or a folder that
/// holds one workbook and nothing else of these.
///
/// # Errors
/// None of these forms, or whatever keeps that form from being read.
pub fn load(path: &Path, settings: &workbook::Settings) -> Result<Loaded, SchemesError> {
    if path.is_dir() {
        if folder::recognised(path) {
            return folder::read(path);
        }
        if tables::recognised(path) {
            return tables::read(path);
        }
        return workbook::read(&only_workbook(path)?, settings);
    }
    if !path.exists() {
        return Err(not_a_scheme(path, "there is no such file or folder"));
    }
    if is_workbook(path) {
        return workbook::read(path, settings);
    }
    Err(not_a_scheme(
        path,
        "a scheme is a folder with scheme.toml, a folder of neutral tables, or the national workbook (.xlsx)",
    ))
}

fn only_workbook(folder: &Path) -> Result<PathBuf, SchemesError> {
    let entries = std::fs::read_dir(folder).map_err(report::file_error(folder))?;
    let mut books: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_workbook(path)).collect();
    match (books.pop(), books.len()) {
        (Some(book), 0) => Ok(book),
        (Some(_), more) => {
            Err(not_a_scheme(folder, &format!("it holds {} workbooks; name the one that is meant", more + 1)))
        }
        (None, _) => {
            Err(not_a_scheme(folder, "it has neither scheme.toml, nor mdc.tsv, adrg.tsv and drg.tsv, nor a workbook"))
        }
    }
}

/// Whether a file is a workbook; `~$…` is what a spreadsheet program leaves beside an open one.
fn is_workbook(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.ends_with(".xlsx") && !name.starts_with("~$")
}

fn not_a_scheme(path: &Path, message: &str) -> SchemesError {
    SchemesError::NotAScheme { path: path.to_owned(), message: message.to_owned() }
}

/// Makes surgical cases pass over medical groups, in a scheme of whatever form.
///
/// # Errors
/// A scheme without a set that says what a surgical case is (`OP_ALL`, or `SS_VALID` in tables),
/// or without a level `ADRG`.
pub fn skip_medical(scheme: &mut Scheme) -> Result<(), String> {
    if scheme.options.surgical_skips_medical.is_some() {
        return Ok(());
    }
    let set = ["OP_ALL", "SS_VALID"].into_iter().find(|name| scheme.sets.iter().any(|set| set.name == *name));
    let level = scheme.levels.iter().find(|level| level.name == "ADRG");
    let (Some(set), Some(level)) = (set, level) else {
        return Err(format!(
            "{} {}: without a set OP_ALL and a level ADRG it cannot be told which cases are surgical and which groups medical",
            scheme.id, scheme.version
        ));
    };
    scheme.options.surgical_skips_medical = Some(SkipMedical { set: set.to_owned(), level: level.name.clone() });
    Ok(())
}
