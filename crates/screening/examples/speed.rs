//! How fast the demo region's rules are: one history at a time, and columns of many.
//! `cargo run --release -p screening --example speed -- 200000`

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Dice, OwnedColumns, moment};
use encounter::{Diagnosis, Encounter, History, Line, Person, Surroundings};
use screening::{Library, Options};
use std::path::Path;
use std::time::Instant;
use terms::{Exact, Fen};

fn read(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files.iter().filter_map(|path| Some((path.display().to_string(), std::fs::read_to_string(path).ok()?))).collect()
}

/// A person of a city: some visits a year, some tens of lines a visit, codes of the catalogue.
fn person(dice: &mut Dice, number: u64, codes: &[String]) -> History {
    let text = |text: &str| Some(text.to_owned());
    let mut history = History {
        person: Person {
            psn_no: Some(format!("P{number}")),
            gend: text(dice.one(&["1", "2"])),
            brdy: terms::parse_date("1961-04-05"),
            insutype: text("310"),
            ..Person::default()
        },
        encounters: Vec::new(),
    };
    for visit in 0..4 {
        let stay = visit == 0;
        let begin = dice.below(340);
        let mut encounter = Encounter {
            mdtrt_id: Some(format!("P{number}V{visit}")),
            fixmedins_code: Some(format!("H{}", dice.below(40))),
            med_type: text(if stay { "21" } else { "11" }),
            medins_lv: text(dice.one(&["1", "2", "3"])),
            begntime: Some(moment(begin, 8)),
            endtime: Some(moment(begin + if stay { 8 } else { 0 }, 18)),
            ..Encounter::default()
        };
        let diagnosis = dice.one(&["I10.x00", "E11.900", "J18.900", "I63.900", "K29.500"]).to_owned();
        encounter.diagnoses.push(Diagnosis {
            diag_code: Some(diagnosis),
            diag_srt_no: Some(Exact::ONE),
            ..Diagnosis::default()
        });
        for line in 0..if stay { 50 } else { 6 } {
            let price = (dice.below(900) + 100) as i64;
            encounter.lines.push(Line {
                feedetl_sn: Some(line.to_string()),
                med_list_codg: Some(codes[dice.below(codes.len() as u64) as usize].clone()),
                list_type: text(dice.one(&["101", "201"])),
                med_chrgitm_type: text("05"),
                fee_ocur_time: Some(moment(begin + if stay { dice.below(8) } else { 0 }, 9 + dice.below(8))),
                cnt: Some(Exact::ONE),
                pric: Some(Exact::from_scaled(price, 2)),
                det_item_fee_sumamt: Some(Fen(price)),
                inscp_scp_amt: Some(Fen(price)),
                rxno: Some(format!("{number}-{visit}-{}", line / 5)),
                ..Line::default()
            });
        }
        history.encounters.push(encounter);
    }
    history
}

fn main() {
    let persons: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let (rules, tables) =
        (read(&region.join("screening/rules"), "toml"), read(&region.join("screening/knowledge"), "csv"));
    let begun = Instant::now();
    let (library, problems) = Library::load(&rules, &tables, None);
    println!("{} rules, {} problems, loaded in {:?}", library.headers().len(), problems.len(), begun.elapsed());
    let screener = library.around(&Surroundings::default());
    let mut codes = Vec::new();
    for name in ["drugs", "services", "consumables"] {
        let text = std::fs::read_to_string(region.join(format!("catalogue/{name}.csv"))).unwrap_or_default();
        codes.extend(text.lines().skip(1).filter_map(|line| line.split(',').next().map(str::to_owned)));
    }
    let mut dice = Dice(7);
    let histories: Vec<History> = (0..persons).map(|number| person(&mut dice, number, &codes)).collect();
    let lines: usize = histories.iter().flat_map(|history| &history.encounters).map(|visit| visit.lines.len()).sum();
    let mut times: Vec<u128> = histories
        .iter()
        .take(5000)
        .map(|history| {
            let begun = Instant::now();
            std::hint::black_box(screener.screen(history, &Options::default()));
            begun.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    println!(
        "one history of {} lines: median {} µs, p99 {} µs",
        lines as u64 / persons,
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    let columns = OwnedColumns::new(&histories);
    let begun = Instant::now();
    let screened =
        columns.with(|columns| screener.screen_columns(columns, &Options::default())).expect("columns that fit");
    let took = begun.elapsed();
    println!(
        "{lines} lines as columns on one thread: {took:?}, {} findings, {} lines a second",
        screened.findings.len(),
        (lines as u128 * 1_000_000) / took.as_micros().max(1)
    );
    let mut by_rule: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    screened.findings.iter().for_each(|finding| *by_rule.entry(&finding.rule).or_default() += 1);
    println!("{by_rule:?}");
}
