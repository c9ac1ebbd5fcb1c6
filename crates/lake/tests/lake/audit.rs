//! Batch over files is the union of what each history alone gives; a run that was cut off ends in
//! the same; a user's files are gone on with where they were left.

use std::fs;
use std::path::Path;

use encounter::{Encounter, History, Surroundings};
use lake::{Found, Lake, Screening, look_behind, screen};
use proptest::prelude::*;
use screening::{Library, Options, Screened, Screener, reconcile};
use terms::Fen;

use crate::claims::Dice;
use crate::parquet::write;

const CASES: &str = r#"
[[case]]
name = "no case is run here"
flags = ["1"]
[[case]]
name = "nor here"
flags = ["1"]
[[case]]
name = "nor there"
passes = true
[[case]]
name = "nor anywhere"
passes = true
[[case]]
name = "at all"
not_checked = "brdy"
"#;

/// Rules of several shapes over the codes that the dice know.
fn library() -> Library {
    let rule = |id: &str, more: &str| {
        let text = format!(
            "id = \"{id}\"\nname = \"{id}\"\nversion = \"1\"\nbasis = [\"test\"]\nclass = \"管理类\"\nfamily = \"test\"\nresult = \"高度可疑\"\nbehaviour = \"项目类\"\nstages = [\"事后\"]\nbegndate = 2020-01-01\nself_paid = \"keep\"\n{more}\n[messages]\ndoctor = \"{{med_list_codg}}\"\nauditor = \"{{med_list_codg}}\"\n{CASES}"
        );
        (format!("{id}.toml"), text)
    };
    let files = [
        rule("in-set", "[shape]\ntype = \"in_set\"\ncodes = [\"A01.1\", \"甲\"]"),
        rule("by-age", "[shape]\ntype = \"attr_mismatch\"\ncodes = [\"21\", \"1\"]\nattribute = \"age\"\nmin = \"1m\""),
        rule("per-day", "[shape]\ntype = \"qty_per_window\"\ncodes = [\"001\", \"1\"]\nwindow = \"day\"\nmax = 2"),
        rule("needs-diagnosis", "[shape]\ntype = \"diag_gate\"\ncodes = [\"21\"]\nneeds = [\"D1\"]"),
        rule("with", "[shape]\ntype = \"companion\"\ncodes = [\"甲\"]\nneeds = { codes = [\"001\"] }"),
        rule("dear", "[shape]\ntype = \"price_cap\"\ncodes = \"all\"\nmax = 100"),
        rule("same-bed", "[shape]\ntype = \"collision\"\nkey = [\"drug_trac_codg\"]\nof = \"line\"\nhow = \"repeat\""),
    ];
    let (library, problems) = Library::load(&files, &[], None);
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(library.headers().len(), files.len());
    library
}

/// The union of what each history alone gives, and what the whole shows.
fn one_by_one(screener: &Screener, histories: &[History], options: &Options) -> Screened {
    let mut all = Screened::default();
    let mut tally = screener.tally(options);
    for history in histories {
        all.merge(screener.screen(history, options));
        tally.add(history);
    }
    all.merge(tally.finish(&[]));
    all.sort();
    all
}

fn in_batch(lake: &Lake, screener: &Screener, threads: usize, keep: Option<&Path>) -> Found {
    let keep = keep.map(Path::to_owned);
    let how = Screening { screener, options: Options::default(), threads, keep };
    screen(lake, &how, &[], &|_| ()).expect("screened")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batch_over_a_lake_is_the_union_of_single_histories(seed in any::<u64>(), persons in 1..60_u64, parts in 1..4_u32) {
        let histories = Dice(seed).histories(persons);
        let folder = tempfile::tempdir().expect("a folder");
        let lake = write(&folder.path().join("lake"), parts, &histories);
        let screener = library().around(&Surroundings::default());
        let found = in_batch(&lake, &screener, 2, None);
        let singles = one_by_one(&screener, &histories, &Options::default());
        prop_assert_eq!(found.persons, histories.len() as u64);
        prop_assert_eq!(found.screened, singles);
    }
}

#[test]
fn the_rules_of_the_test_do_find_something_and_miss_facts() {
    let histories = Dice(5).histories(200);
    let screener = library().around(&Surroundings::default());
    let found = one_by_one(&screener, &histories, &Options::default());
    for (header, coverage) in screener.library().headers().iter().zip(&found.coverage) {
        assert!(found.findings.iter().any(|finding| *finding.rule == *header.id), "{} finds nothing", header.id);
        assert!(coverage.skipped.is_none(), "{} did not run", header.id);
    }
    assert!(found.coverage.iter().any(|coverage| !coverage.not_checked.is_empty()));
}

#[test]
fn a_run_that_kept_some_parts_ends_in_the_same_as_one_that_kept_none() {
    let histories = Dice(9).histories(80);
    let folder = tempfile::tempdir().expect("a folder");
    let lake = write(&folder.path().join("lake"), 5, &histories);
    let screener = library().around(&Surroundings::default());
    let keep = folder.path().join("parts");
    let whole = in_batch(&lake, &screener, 2, Some(&keep));
    for part in [1, 3] {
        fs::remove_file(keep.join(format!("part-{part:02}.json"))).expect("as if cut off");
    }
    assert_eq!(in_batch(&lake, &screener, 1, Some(&keep)), whole);
    assert_eq!(in_batch(&lake, &screener, 2, None), whole);
}

#[test]
fn what_stands_behind_findings_is_found_and_each_line_counts_once() {
    let histories = Dice(21).histories(120);
    let folder = tempfile::tempdir().expect("a folder");
    let lake = write(&folder.path().join("lake"), 3, &histories);
    let screener = library().around(&Surroundings::default());
    let found = in_batch(&lake, &screener, 2, None);
    let seen = look_behind(&lake, &found.screened).expect("looked");
    let visits =
        |id: &str| histories.iter().flat_map(|one| &one.encounters).find(|visit| visit.mdtrt_id.as_deref() == Some(id));
    for id in found.screened.findings.iter().flat_map(|finding| &finding.encounters) {
        let visit: &Encounter = visits(id).expect("a visit");
        let told = &seen.visits[id];
        assert_eq!(told.institution, visit.fixmedins_code.clone().unwrap_or_default());
        assert_eq!(told.diagnoses.len(), visit.diagnoses.len());
    }
    let headers = screener.library().headers();
    let reconciled = reconcile(found.screened.findings, headers.iter().map(AsRef::as_ref), &[], &seen);
    let counted: Fen = reconciled.principals.iter().map(|one| one.amount).sum();
    assert_eq!(counted, reconciled.amount);
    let mut lines: Vec<_> =
        reconciled.principals.iter().flat_map(|one| one.lines.iter().map(|(line, _)| line)).collect();
    let all = lines.len();
    lines.sort();
    lines.dedup();
    assert!(all > 0 && lines.len() == all, "{} of {all}", lines.len());
}
