//! 疑点模型参数: a region's `detection/*.toml`, one file a model. What they must hold is
//! `detection`'s to say; here they are opened.

use std::path::Path;

use ::detection::Settings;
use policy::Severity;

use crate::RegionError;
use crate::check::Report;

/// The folder's name in a region.
const FOLDER: &str = "detection";

/// The parameters of a region's suspicion models.
///
/// # Errors
/// A file cannot be read, or its figures cannot be used; every fault is told.
pub fn settings(region: &Path) -> Result<Settings, RegionError> {
    let told = |errors: Vec<::detection::SettingsError>| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        RegionError::Written(lines.join("\n"))
    };
    Settings::read(&texts(region)?).map_err(told)
}

/// The files, by name, with their texts.
fn texts(region: &Path) -> Result<Vec<(String, String)>, RegionError> {
    let folder = region.join(FOLDER);
    let file = |path: &Path, source| RegionError::File { file: path.display().to_string(), source };
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|source| file(&folder, source))? {
        let path = entry.map_err(|source| file(&folder, source))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|source| file(&path, source))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            texts.push((format!("{FOLDER}/{name}"), text));
        }
    }
    texts.sort();
    Ok(texts)
}

/// Checks the files of a region that has them; a region need not look for suspicions.
pub(crate) fn check(region: &Path, report: &mut Report) -> Result<(), RegionError> {
    if !region.join(FOLDER).is_dir() {
        return Ok(());
    }
    match Settings::read(&texts(region)?) {
        Ok(_) => report.tally("suspicion models", ::detection::model_names().count()),
        Err(errors) => errors.iter().for_each(|error| report.add(Severity::Error, &error.file, 1, &error.problem)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::check;
    use std::path::Path;

    #[test]
    fn a_model_whose_weights_do_not_add_up_or_that_lacks_a_figure_is_told_by_file() {
        let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/detection");
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("detection");
        std::fs::create_dir(&own).expect("made");
        for entry in std::fs::read_dir(&region).expect("the region's models") {
            let path = entry.expect("readable").path();
            std::fs::copy(&path, own.join(path.file_name().expect("named"))).expect("copied");
        }
        assert!(super::settings(folder.path()).is_ok());
        let file = own.join("split_stay.toml");
        let text = std::fs::read_to_string(&file).expect("text");
        let broken =
            text.replacen("weight = ", "weight = 1", 1).replacen("[numbers.window_days]", "[numbers.window]", 1);
        std::fs::write(&file, broken).expect("written");
        let mut report = check::Report::default();
        super::check(folder.path(), &mut report).expect("readable");
        let told: Vec<String> =
            report.problems.iter().map(|problem| format!("{} {}", problem.file, problem.message)).collect();
        let told = told.join("\n");
        for words in ["detection/split_stay.toml the figure `window_days` is missing", "they must be 1000"] {
            assert!(told.contains(words), "{told}");
        }
    }
}
