//! 装载: schemes, payment plans and quality rules from where people keep them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grouping::{Gravity, Grouper};
use listing::codes::CodeTable;
use listing::quality::{RuleBook, RuleFile};
use payment::PaymentFile;
use sha2::{Digest, Sha256};

use crate::Problem;
use crate::shelf::{Installed, Quality, fits};

/// A scheme folder, a folder of neutral tables, or the national workbook, compiled. What
/// somebody should look at is told.
///
/// # Errors
/// It cannot be read or is not sound.
pub fn scheme(path: &Path, settings: &schemes::workbook::Settings, tell: fn(&str)) -> Result<Installed, Problem> {
    let loaded = schemes::load(path, settings)?;
    if !loaded.notes.is_empty() {
        tell(&format!(
            "{}: {} odd things were dealt with; `heng scheme lint` tells them",
            path.display(),
            loaded.notes.len()
        ));
    }
    let grouper = Grouper::compile(&loaded.scheme).map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.gravity == Gravity::Error);
        let told: Vec<String> = errors.map(ToString::to_string).collect();
        format!("{} cannot be used:\n{}", path.display(), told.join("\n"))
    })?;
    Ok(Installed { grouper, plans: Vec::new() })
}

/// The payment plan that a file holds; or, of a folder, the one plan that prices the scheme.
///
/// # Errors
/// It cannot be read, prices another scheme, or several plans of the folder price this one.
pub fn plan(path: &Path, installed: &Installed) -> Result<PaymentFile, Problem> {
    let scheme = installed.grouper.scheme();
    let mut plans = plans(path)?;
    if !path.is_dir()
        && let Some(plan) = plans.pop()
    {
        fits(&plan, scheme)?;
        return Ok(plan);
    }
    let known: Vec<String> =
        plans.iter().map(|plan| format!("{} for {}@{}", plan.id, plan.scheme, plan.scheme_version)).collect();
    plans.retain(|plan| fits(plan, scheme).is_ok());
    match (plans.pop(), plans.is_empty()) {
        (Some(plan), true) => Ok(plan),
        (Some(_), false) => Err(format!("{}: several plans price the scheme; name the file", path.display()).into()),
        (None, _) => Err(format!(
            "{}: no plan prices {}; there are: {}. A plan prices only the scheme and version that it names",
            path.display(),
            crate::shelf::name_of(scheme),
            known.join(", ")
        )
        .into()),
    }
}

/// The plan of a file, or every plan of a folder.
///
/// # Errors
/// They cannot be read; every slip is named by file and line.
pub fn plans(path: &Path) -> Result<Vec<PaymentFile>, Problem> {
    if path.is_dir() {
        return PaymentFile::parse_folder(&texts(path)?).map_err(|problems| slips(path, &problems));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let plan = PaymentFile::parse(&name, &texts(folder)?).map_err(|problems| slips(folder, &problems))?;
    Ok(vec![plan])
}

/// The schemes of a region (`grouping/*/`), each with the plans (`payment/`) that price it; and plans
/// whose scheme is not there, in words.
///
/// # Errors
/// A scheme or plan cannot be read or is not sound.
pub fn region_schemes(region: &Path, tell: fn(&str)) -> Result<(Vec<Installed>, Vec<String>), Problem> {
    let mut installed = Vec::new();
    let grouping = region.join("grouping");
    if grouping.is_dir() {
        let entries = fs::read_dir(&grouping).map_err(|error| format!("{}: {error}", grouping.display()))?;
        let mut folders: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        for folder in folders {
            installed.push(scheme(&folder, &schemes::workbook::Settings::default(), tell)?);
        }
    }
    let payment = region.join("payment");
    let found = if payment.is_dir() { plans(&payment)? } else { Vec::new() };
    let mut left = Vec::new();
    for plan in found {
        match installed.iter_mut().find(|one| fits(&plan, one.grouper.scheme()).is_ok()) {
            Some(one) => one.add(plan)?,
            None => left.push(format!(
                "the plan {} prices {}@{}, which is not in {}",
                plan.id,
                plan.scheme,
                plan.scheme_version,
                grouping.display()
            )),
        }
    }
    Ok((installed, left))
}

fn slips(folder: &Path, problems: &payment::Problems) -> Problem {
    format!("{}:\n{problems}", folder.display()).into()
}

/// The text files of a folder, by name.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>, Problem> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        let wanted = path.extension().is_some_and(|ending| ending == "toml" || ending == "csv");
        if let (true, Some(name)) = (wanted && path.is_file(), path.file_name()) {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(files)
}

/// 质控规则 in force in a region: the common ones (`../common/quality/rules`), the region's own over
/// them (`quality/rules`), and its catalogue for rules that ask it. `quality/tables/NAME.csv` adds a
/// table (`code`, `name`) by its name.
///
/// # Errors
/// A rule does not load, or a table cannot be read.
pub fn quality(region: &Path) -> Result<Quality, Problem> {
    let region = fs::canonicalize(region).map_err(|error| format!("{}: {error}", region.display()))?;
    let common = region.parent().map(|regions| regions.join("common/quality/rules"));
    let common = common.map_or(Ok(Vec::new()), |folder| rule_files(&folder))?;
    let own = rule_files(&region.join("quality/rules"))?;
    if common.is_empty() && own.is_empty() {
        return Err(format!(
            "{}: there are no quality rules, neither in ../common/quality/rules nor in quality/rules",
            region.display()
        )
        .into());
    }
    let rules = RuleBook::load(&as_rules(&common), &as_rules(&own)).map_err(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        told.join("\n")
    })?;
    let mut tables = Vec::new();
    for name in ["diagnoses", "procedures"] {
        let path = region.join(format!("catalogue/{name}.csv"));
        if path.is_file() {
            tables.push((name.to_owned(), table(&path)?));
        }
    }
    for path in sorted(&region.join("quality/tables"), "csv")? {
        let name = path.file_stem().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        tables.push((name, table(&path)?));
    }
    Ok(Quality { rules, tables })
}

fn table(path: &Path) -> Result<CodeTable, Problem> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(CodeTable::read(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn as_rules(files: &[(String, String)]) -> Vec<RuleFile<'_>> {
    files.iter().map(|(path, text)| RuleFile { path, text }).collect()
}

/// (path, text) of the rules in a folder, by name; none where there is no folder.
fn rule_files(folder: &Path) -> Result<Vec<(String, String)>, Problem> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    sorted(folder, "toml")?.into_iter().map(read).collect()
}

fn sorted(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Problem> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// 指纹 of everything that decides a run: words (command and options) and the contents of files
/// and folders. Two runs with the same fingerprint write the same bytes.
///
/// # Errors
/// A file cannot be read.
pub fn fingerprint(words: &[String], paths: &[&Path]) -> Result<String, Problem> {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for word in words {
        hash.update([0]);
        hash.update(word);
    }
    for path in paths {
        hash.update([1]);
        add(path, &mut hash)?;
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn add(path: &Path, hash: &mut Sha256) -> Result<(), Problem> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    hash.update(path.file_name().map_or_else(Vec::new, |name| name.as_encoded_bytes().to_vec()));
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?;
        let mut inside = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        inside.sort();
        for path in inside {
            add(&path, hash)?;
        }
        return Ok(());
    }
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut chunk).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        hash.update(&chunk[..read]);
    }
}
