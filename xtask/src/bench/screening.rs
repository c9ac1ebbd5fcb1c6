//! All audit rules of the fictional city over a lake of synthetic claims, and smaller lakes beside
//! it: the time must grow with the lines, the memory must not.
//!
//! `HENG_BENCH_LINES` is the number of lines of the largest (ten million unless set);
//! `HENG_BENCH_KEEP` a folder where the lakes stay, for other programs to be held against.

use super::{Bench, Row};

const LINES: u64 = 10_000_000;

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let largest = match std::env::var("HENG_BENCH_LINES") {
        Ok(text) => text.parse().map_err(|_| format!("HENG_BENCH_LINES={text} is not a number"))?,
        Err(_) => LINES,
    };
    let keep = std::env::var("HENG_BENCH_KEEP").map_or_else(|_| bench.scratch.clone(), Into::into);
    let mut rows = Vec::new();
    for lines in [largest / 10, largest / 3, largest] {
        let folder = keep.join(format!("lake-{lines}"));
        let (lines, folder_name) = (lines.to_string(), folder.display().to_string());
        let figures = if folder.is_dir() {
            bench.heng(&["screening", "--lake", &folder_name])?
        } else {
            bench.heng(&["screening", "--lines", &lines, "--keep", &folder_name])?
        };
        let word = |key: &str| figures.0.get(key).cloned().unwrap_or_default();
        let conditions = format!(
            "{} lines of {} persons in Parquet, {} rules, 2 threads: {} s, {} MB at most, {} findings",
            word("lines"),
            word("persons"),
            word("rules"),
            word("seconds"),
            word("peak_mb"),
            word("findings")
        );
        rows.push(Row {
            what: "lines screened".to_owned(),
            conditions,
            figures,
            goal: "linear; memory bounded".to_owned(),
        });
    }
    Ok(rows)
}
