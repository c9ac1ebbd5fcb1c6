//! 编码体系: the check and the translation on the published catalogues, where they are at hand.

use flate2::read::GzDecoder;
use listing::codes::{CodeKind, CodeSystem, CodeTable, Fit, Survey, SystemRefusal, Tables, Translation};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder with published tables, or why the test does not run.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/drg/common");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var("HENG_REFERENCE").as_deref() != Ok("required"),
        "reference required, absent: {}",
        folder.display()
    );
    println!("not run: reference absent");
    None
}

fn text(folder: &Path, name: &str) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(folder.join(name)).expect("a table");
    GzDecoder::new(file).read_to_string(&mut text).expect("UTF-8");
    text
}

fn tables(folder: &Path, names: &str, map: &str) -> Tables {
    Tables {
        insurance: CodeTable::read(&text(folder, names)).expect("a catalogue"),
        translation: Translation::read(&text(folder, map)).expect("a map"),
    }
}

#[test]
fn the_published_catalogues_are_told_apart_only_by_what_is_stated() {
    let Some(folder) = folder() else { return };
    let tables = tables(&folder, "icd10_names_v2.tsv.gz", "icd10_national_to_insurance.tsv.gz");
    assert_eq!((tables.insurance.len(), tables.translation.len()), (33_304, 35_591));
    let survey = |codes: &mut dyn Iterator<Item = &str>| {
        let mut survey = Survey::new(CodeKind::Diagnosis);
        codes.for_each(|code| survey.see(code, &tables));
        survey
    };
    let clinical = survey(&mut tables.translation.pairs().map(|(from, _)| from));
    let insurance = survey(&mut tables.insurance.codes());
    println!("{clinical}\n{insurance}");
    assert!(matches!(clinical.verdict(None), Err(SystemRefusal::NotStated(_))));
    assert!(matches!(clinical.verdict(Some(CodeSystem::Insurance)), Err(SystemRefusal::Contradicted { .. })));
    assert!(matches!(insurance.verdict(Some(CodeSystem::Clinical)), Err(SystemRefusal::Contradicted { .. })));
    assert_eq!(clinical.verdict(Some(CodeSystem::Clinical)).map(|verdict| verdict.contradicting), Ok(0));
    assert_eq!(clinical.both_different, insurance.both_different);
    assert!(clinical.both_different > 0, "some codes mean another disease in the other edition");
}

#[test]
fn every_translated_code_is_of_the_insurance_edition() {
    let Some(folder) = folder() else { return };
    for (names, map) in [
        ("icd10_names_v2.tsv.gz", "icd10_national_to_insurance.tsv.gz"),
        ("icd9cm3_names.tsv.gz", "icd9cm3_national_to_insurance.tsv.gz"),
    ] {
        let tables = tables(&folder, names, map);
        let mapped = tables.translation.pairs().filter_map(|(_, to)| to);
        let strange: Vec<&str> = mapped.filter(|to| !tables.insurance.has(to)).collect();
        println!("{map}: {} targets are not in the catalogue", strange.len());
        assert!(strange.len() * 100 < tables.translation.len(), "{strange:?}");
        assert!(tables.translation.pairs().all(|(from, _)| tables.fit(from) != Fit::Neither));
    }
}

#[test]
fn no_published_code_holds_an_odd_character() {
    let Some(folder) = folder() else { return };
    for name in ["icd10_names_v2.tsv.gz", "icd9cm3_names.tsv.gz"] {
        let table = CodeTable::read(&text(&folder, name)).expect("a catalogue");
        let odd: Vec<&str> = table.codes().filter(|code| !listing::codes::odd_characters(code).is_empty()).collect();
        assert_eq!(odd, [""; 0], "{name}");
    }
}
