//! Broken files, one case a file: `cases/refused/<kind>.<what is wrong>.csv` is read as
//! `<kind>.csv`, and `….expect` beside it holds every message and the totals. Adding a
//! pair of files adds a test; `HENG_RECORD=1` writes the `.expect` files anew.

use std::fs;
use std::path::Path;

use catalogue::{Content, Source};

fn answer(kind: &str, text: &str) -> String {
    let file = format!("{kind}.csv");
    let content = Content::read(&[Source { file: &file, text }]);
    let mut lines: Vec<String> = content.errors.iter().map(ToString::to_string).collect();
    lines.extend(content.tallies.iter().map(|tally| format!("taken {}, refused {}", tally.taken, tally.refused)));
    lines.join("\n") + "\n"
}

#[test]
fn every_broken_row_is_named_with_its_way_out_and_the_good_rows_go_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/refused");
    let mut cases = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let kind = name.split('.').next().expect("a kind");
        let got = answer(kind, &fs::read_to_string(&path).expect("a case"));
        let expect = path.with_extension("expect");
        if std::env::var_os("HENG_RECORD").is_some() {
            fs::write(&expect, &got).expect("recorded");
        }
        let wanted = fs::read_to_string(&expect).unwrap_or_else(|_| panic!("{name} has no .expect file beside it"));
        if got != wanted {
            wrong.push(format!("{name}\n--- expected\n{wanted}--- got\n{got}"));
        }
        cases += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 15, "only {cases} cases were found");
}
