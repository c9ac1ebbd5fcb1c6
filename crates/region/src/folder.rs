//! 地区文件夹: `region.toml`, the policy files, the catalogue and the institutions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use adjudication::facts::Items;
use journeys::{Catalogue, Institutions};
use policy::{Law, Problem, Problems, Severity, SourceFile};
use serde::Deserialize;

use crate::RegionError;

/// `region.toml`: what a region is called and what it is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 地区名称.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub english: String,
    /// 医保区划, six digits.
    pub area: String,
    /// Words for people who open the folder (“illustration, not for use”).
    #[serde(default)]
    pub note: String,
    /// 险种.
    #[serde(default)]
    pub scheme: Vec<Scheme>,
    /// 基金.
    #[serde(default)]
    pub fund: Vec<Fund>,
    /// 传输方式 of the gateway: `plain`, `x-tif` or `csb`.
    #[serde(default)]
    pub transport: Option<String>,
    /// How settlements are cleared.
    #[serde(default)]
    pub clearing: ClearingFile,
    /// The folder with the policy files, beside `region.toml`.
    #[serde(default = "policy_folder")]
    pub policy: String,
    /// Policy files shared with other regions, read before the region's own.
    #[serde(default)]
    pub include: Vec<String>,
    /// Folders with audit rules and knowledge that lie under the region's own `screening/`.
    #[serde(default)]
    pub screening: Vec<String>,
}

fn policy_folder() -> String {
    "policy".to_owned()
}

/// 险种.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// 险种类型.
    pub code: String,
    /// 名称.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub english: String,
}

/// 基金: what a row type of `setldetail` is called, and in which ledger account it is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    /// 基金支付类型.
    pub code: String,
    /// 名称.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub english: String,
    /// `pool` (a fund), `account` (personal accounts) or `hospital` (borne by the institution).
    pub ledger: String,
    /// 险种 whose persons the fund pays for; 2001 answers for these.
    #[serde(default)]
    pub schemes: Vec<String>,
}

/// 清算: by which 清算类别 and 清算方式 a settlement is cleared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearingFile {
    /// 清算经办机构.
    pub clr_optins: String,
    /// 清算方式.
    pub clr_way: String,
    /// 清算类别 by 医疗类别.
    #[serde(default)]
    pub clr_type: BTreeMap<String, String>,
    /// 清算类别 of any other 医疗类别.
    pub other_clr_type: String,
}

/// 地区: a folder, read.
#[derive(Debug)]
pub struct Region {
    /// The folder.
    pub folder: PathBuf,
    /// `region.toml`.
    pub manifest: Manifest,
    /// The compiled law.
    pub law: Law,
    /// Warnings of the policy files.
    pub warnings: Problems,
    /// 目录, as read; empty without a `catalogue/`.
    pub catalogue: catalogue::Content,
    /// 机构, as read; empty without a `providers/`.
    pub providers: provider::Content,
    /// `interface.toml`, if the region bends the national interface.
    pub interface: Option<PathBuf>,
    pub(crate) items: Catalogue,
    pub(crate) institutions: Institutions,
}

pub(crate) fn read(path: &Path) -> Result<String, RegionError> {
    std::fs::read_to_string(path).map_err(|source| RegionError::File { file: path.display().to_string(), source })
}

/// The files of a folder with that ending, in order of their names; none without the folder.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, RegionError> {
    let fail = |source| RegionError::File { file: folder.display().to_string(), source };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Manifest {
    /// Reads `region.toml` of a folder.
    ///
    /// # Errors
    /// The file, and what is wrong in it.
    pub fn read(folder: &Path) -> Result<Manifest, RegionError> {
        let path = folder.join("region.toml");
        let file = SourceFile { name: path.display().to_string(), text: read(&path)? };
        toml::from_str(&file.text).map_err(|error| {
            let (line, column) = file.position(error.span().map_or(0, |span| span.start));
            let message = error.message().to_owned();
            RegionError::Manifest(Problem { severity: Severity::Error, file: file.name, line, column, message })
        })
    }
}

/// The policy files of a region, shared ones first, then its own in order of their names.
///
/// # Errors
/// A file that cannot be read.
pub fn read_policy(folder: &Path, manifest: &Manifest) -> Result<Vec<SourceFile>, RegionError> {
    let mut paths: Vec<PathBuf> = manifest.include.iter().map(|name| folder.join(name)).collect();
    paths.extend(files(&folder.join(&manifest.policy), "toml")?);
    let read = |path: PathBuf| {
        let shown = path.strip_prefix(folder).unwrap_or(&path);
        Ok(SourceFile { name: shown.display().to_string(), text: read(&path)? })
    };
    paths.into_iter().map(read).collect()
}

pub(crate) fn texts(paths: &[PathBuf], folder: &Path) -> Result<Vec<(String, String)>, RegionError> {
    let shown = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    paths.iter().map(|path| Ok((shown(path), read(path)?))).collect()
}

/// Institutions come before departments, and those before practitioners, who name them.
fn place_of_file(path: &Path) -> usize {
    const ORDER: [&str; 3] = ["institutions", "departments", "practitioners"];
    let stem = path.file_stem().unwrap_or_default();
    ORDER.iter().position(|name| stem == *name).unwrap_or(ORDER.len())
}

impl Region {
    /// Reads a region's folder. Rows of the catalogue and the providers that are wrong stand
    /// in their contents' errors and are left out; the policy must compile.
    ///
    /// # Errors
    /// A file that cannot be read, or what is wrong with the policy.
    pub fn open(folder: impl AsRef<Path>) -> Result<Region, RegionError> {
        let folder = folder.as_ref();
        let manifest = Manifest::read(folder)?;
        let sources = read_policy(folder, &manifest)?;
        let (law, warnings) = compile(&sources, &folder.join(&manifest.policy))?;
        let catalogue_files = texts(&files(&folder.join("catalogue"), "csv")?, folder)?;
        let catalogue_sources: Vec<_> =
            catalogue_files.iter().map(|(file, text)| catalogue::Source { file, text }).collect();
        let catalogue = catalogue::Content::read(&catalogue_sources);
        let mut provider_paths = files(&folder.join("providers"), "csv")?;
        provider_paths.sort_by_key(|path| place_of_file(path));
        let provider_files = texts(&provider_paths, folder)?;
        let provider_sources: Vec<_> =
            provider_files.iter().map(|(file, text)| provider::Source { file, text }).collect();
        let providers = provider::Content::read(&provider_sources);
        let index = catalogue::Index::new(0, catalogue.items.clone(), catalogue.terms.clone());
        let items = Catalogue::of_register(&index);
        let institutions = Institutions::of_register(std::sync::Arc::new(provider::Index::new(0, providers.clone())));
        let interface = folder.join("interface.toml");
        Ok(Region {
            folder: folder.to_owned(),
            manifest,
            law,
            warnings,
            catalogue,
            providers,
            interface: interface.is_file().then_some(interface),
            items,
            institutions,
        })
    }

    /// 目录, as the evaluator asks it.
    #[must_use]
    pub fn items(&self) -> &(dyn Items + Sync) {
        &self.items
    }

    /// 机构, as the evaluator is told of them.
    #[must_use]
    pub fn institutions(&self) -> &Institutions {
        &self.institutions
    }

    /// What examples and claims stand on.
    #[must_use]
    pub fn ground(&self) -> crate::Ground<'_> {
        crate::Ground {
            law: &self.law,
            items: &self.items,
            institutions: &self.institutions,
            area: &self.manifest.area,
        }
    }

    /// The name of a fund by its row type, or the code itself.
    #[must_use]
    pub fn fund_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.manifest.fund.iter().find(|fund| fund.code == code).map_or(code, |fund| fund.name.as_str())
    }

    /// 基金名称 by row type.
    #[must_use]
    pub fn fund_names(&self) -> BTreeMap<String, String> {
        self.manifest.fund.iter().map(|fund| (fund.code.clone(), fund.name.clone())).collect()
    }
}

/// Compiles policy files, with a message when there are none.
pub(crate) fn compile(sources: &[SourceFile], folder: &Path) -> Result<(Law, Problems), RegionError> {
    if sources.is_empty() {
        let message = "there is no policy file (*.toml) here; a region needs at least one".to_owned();
        let file = folder.display().to_string();
        return Err(RegionError::Policy(Problems(vec![Problem {
            severity: Severity::Error,
            file,
            line: 1,
            column: 1,
            message,
        }])));
    }
    policy::compile(sources).map_err(RegionError::Policy)
}
