//! Broken files, one case a file: `cases/refused/<kind>.<what is wrong>.csv` is read as
//! `<kind>.csv`, and `….expect` beside it holds every message and the totals. Adding a
//! pair of files adds a test; `HENG_RECORD=1` writes the `.expect` files anew. Before each
//! case one good institution `H1` with the department `001` is read.

use std::fs;
use std::path::Path;

use provider::{Content, Source};

const GROUND: [Source<'_>; 2] = [
    Source {
        file: "ground/institutions.csv",
        text: "fixmedins_code,name,hi_setl_lv,fixmedins_type,medins_type,admdvs,opsp_flag,opt_pool_flag,beds,begndate,\
               enddate\nH1,第一医院,3,1,A100,999900,1,0,100,2020-01-01,\n",
    },
    Source {
        file: "ground/departments.csv",
        text: "fixmedins_code,hosp_dept_codg,name,caty,beds,begndate,enddate\nH1,001,内科,A03,10,2020-01-01,\n",
    },
];

fn answer(kind: &str, text: &str) -> String {
    let file = format!("{kind}.csv");
    let case = Source { file: &file, text };
    let content =
        if kind == "institutions" { Content::read(&[case]) } else { Content::read(&[GROUND[0], GROUND[1], case]) };
    let mut lines: Vec<String> = content.errors.iter().map(ToString::to_string).collect();
    let own = content.tallies.iter().filter(|tally| tally.file == file);
    lines.extend(own.map(|tally| format!("taken {}, refused {}", tally.taken, tally.refused)));
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
    assert!(cases >= 7, "only {cases} cases were found");
}
