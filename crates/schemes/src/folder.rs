//! 方案文件夹: the folder in which a region keeps a scheme. What its files say is read and
//! written by `grouping`; here are the paths, the chain of bases and gzip.

use std::fs;
use std::path::{Path, PathBuf};

use grouping::{Files, Scheme};

use crate::report::{SchemesError, file_error};
use crate::{Loaded, Origin, files, workbook};

/// A base may rest on a base; a chain longer than this is taken for a mistake.
const CHAIN_MAX: usize = 8;

/// Whether a folder holds a scheme in our own form.
pub(crate) fn recognised(folder: &Path) -> bool {
    folder.join("scheme.toml").is_file()
}

/// Reads a scheme folder, its base first.
///
/// # Errors
/// A file that cannot be read, a base that is not there or rests on itself, and everything in
/// the files that is wrong, by file and line.
pub fn read(folder: &Path) -> Result<Loaded, SchemesError> {
    read_in_chain(folder, &mut Vec::new())
}

fn read_in_chain(folder: &Path, chain: &mut Vec<PathBuf>) -> Result<Loaded, SchemesError> {
    let here = folder.canonicalize().map_err(file_error(folder))?;
    if chain.contains(&here) || chain.len() >= CHAIN_MAX {
        let message = "its base leads back to itself or through too many bases; look at base in scheme.toml".to_owned();
        return Err(SchemesError::NotAScheme { path: folder.to_owned(), message });
    }
    chain.push(here);
    let files = texts(folder)?;
    let wrong = |problems| SchemesError::Scheme { path: folder.to_owned(), problems };
    let base = match Scheme::base_named_in(&files).map_err(wrong)? {
        None => None,
        Some(name) => Some(base(&folder.join(name), chain)?),
    };
    let read = Scheme::read(&files, base.as_ref().map(|base| &base.scheme)).map_err(wrong)?;
    chain.pop();
    Ok(Loaded {
        scheme: read.scheme,
        notes: base.map(|base| base.notes).unwrap_or_default(),
        warnings: read.warnings,
        places: read.places,
        origin: Origin::Folder,
    })
}

/// A base may be a folder of ours, or a publication as it is.
fn base(path: &Path, chain: &mut Vec<PathBuf>) -> Result<Loaded, SchemesError> {
    if recognised(path) { read_in_chain(path, chain) } else { crate::load(path, &workbook::Settings::default()) }
}

/// The texts of a folder: `scheme.toml` and its tables, unpacked.
fn texts(folder: &Path) -> Result<Files, SchemesError> {
    let mut out = Files::new();
    for entry in fs::read_dir(folder).map_err(file_error(folder))? {
        let path = entry.map_err(file_error(folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
        if !path.is_file() || !(plain == "scheme.toml" || plain.ends_with(".csv")) {
            continue;
        }
        if out.insert(plain.clone(), files::text(&path)?).is_some() {
            let message = format!("both {plain} and {plain}.gz are there; delete one");
            return Err(SchemesError::NotAScheme { path: folder.to_owned(), message });
        }
    }
    Ok(out)
}

/// Writes a scheme as a folder, which must be new or empty.
///
/// # Errors
/// A folder that holds something, or a file that cannot be written.
pub fn write(scheme: &Scheme, folder: &Path) -> Result<(), SchemesError> {
    fs::create_dir_all(folder).map_err(file_error(folder))?;
    if fs::read_dir(folder).map_err(file_error(folder))?.next().is_some() {
        let full = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the folder is not empty; name a new one");
        return Err(file_error(folder)(full));
    }
    for (name, text) in scheme.write() {
        let path = folder.join(name);
        fs::write(&path, text).map_err(file_error(&path))?;
    }
    Ok(())
}
