//! Measures reading: rows a second and the most memory held, one kind of file a run.
//!
//! `cargo run --release -p intake --example measure -- make DIR 100000`
//! `cargo run --release -p intake --example measure -- lists FILE` · `… cases FILE`
//! `cargo run --release -p intake --example measure -- quality FILE RULES`

use intake::cases::CaseFile;
use intake::{Cell, Column, ColumnKind, ColumnMap, ListOptions, Lists, Source, SourceOptions, TableWriter};
use listing::quality::{Knowledge, RuleBook, RuleFile, Tally};
use std::path::Path;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let began = Instant::now();
    let rows = match arguments[..] {
        ["make", folder, rows] => make(Path::new(folder), rows.parse()?)?,
        ["lists", file] => lists(Path::new(file))?,
        ["cases", file] => cases(Path::new(file))?,
        ["quality", file, rules] => quality(Path::new(file), Path::new(rules))?,
        _ => return Err("make DIR ROWS, lists FILE, cases FILE or quality FILE RULES".into()),
    };
    let took = began.elapsed();
    let per_second = u128::from(rows) * 1000 / took.as_millis().max(1);
    println!("{arguments:?}: {rows} rows, {took:.2?}, {per_second} rows/s, most memory {}", most_memory());
    Ok(())
}

/// A home page export with sixty columns, in each format.
fn make(folder: &Path, rows: u64) -> Result<u64, Failure> {
    for name in ["home-page.csv", "home-page.xlsx", "home-page.parquet"] {
        let mut headings: Vec<String> =
            ["A48", "A12C", "A14", "B12", "B15", "B20", "B34C", "D01", "C03C", "C14x01C"].map(str::to_owned).into();
        headings.extend((1..=40).map(|number| format!("C06x{number:02}C")));
        headings.extend((1..=10).map(|number| format!("C35x{number:02}C")));
        let columns = headings.iter().map(|heading| Column::new(heading, ColumnKind::Text)).collect();
        let mut writer = TableWriter::create(&folder.join(name), "首页", columns)?;
        for row in 0..rows {
            let mut cells = vec![format!("B{row:07}"), (1 + row % 2).to_string(), (row % 90).to_string()];
            cells.extend(["2026-03-01 08:30:00", "2026-03-09 10:05:00", "8", "1"].map(str::to_owned));
            cells.push(format!("{}.{:02}", 3000 + row % 90_000, row % 100));
            cells.push(format!("I{:02}.{:03}", row % 100, row % 1000));
            cells.push(format!("{:02}.{:04}", row % 99, row % 10_000));
            let filled = usize::try_from(row % 12)?;
            cells.extend(
                (0..50).map(|n| if n < filled { format!("E{:02}.{:03}", n, row % 1000) } else { String::new() }),
            );
            let cells: Vec<Cell<'_>> =
                cells.iter().map(|text| if text.is_empty() { Cell::Empty } else { Cell::Text(text) }).collect();
            writer.write(&cells)?;
        }
        writer.finish()?;
    }
    Ok(rows * 3)
}

fn lists(path: &Path) -> Result<u64, Failure> {
    let mut source = Source::open(path, SourceOptions::default())?;
    let options = ListOptions::requiring(&["basic.sex", "diagnoses.code"]);
    let lists = Lists::of(source.table()?, &ColumnMap::builtin()?, &options)?;
    let (mut rows, mut codes) = (0, 0);
    for list in lists {
        rows += 1;
        codes += list?.1.diagnoses.len();
    }
    println!("{codes} diagnoses");
    Ok(rows)
}

/// Holds every list against every rule of a folder.
fn quality(path: &Path, rules: &Path) -> Result<u64, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(rules)? {
        let file = entry?.path();
        files.push((file.display().to_string(), std::fs::read_to_string(&file)?));
    }
    let files: Vec<RuleFile<'_>> = files.iter().map(|(path, text)| RuleFile { path, text }).collect();
    let began = Instant::now();
    let book = RuleBook::load(&files, &[]).map_err(|errors| errors[0].to_string())?;
    println!("{} rules and their cases in {:.2?}", book.rules().count(), began.elapsed());
    let mut source = Source::open(path, SourceOptions::default())?;
    let lists = Lists::of(source.table()?, &ColumnMap::builtin()?, &ListOptions::default())?;
    let mut tally = Tally::default();
    for list in lists {
        tally.add(&book.check(&list?.1, &Knowledge::none()));
    }
    println!("{} with errors", tally.with_errors);
    Ok(tally.lists)
}

fn cases(path: &Path) -> Result<u64, Failure> {
    let mut file = CaseFile::open(path)?;
    let (mut rows, mut codes) = (0, 0);
    while let Some(case) = file.next_case()? {
        let case = case?;
        rows += 1;
        codes += case.dx().count() + case.proc().count();
    }
    println!("{codes} codes");
    Ok(rows)
}

/// As the kernel says, where there is one that says it.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".to_owned(), |text| text.trim().to_owned())
}
