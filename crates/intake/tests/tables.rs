//! 结果表: what is written is read back, in every format.

use intake::{Cell, Column, ColumnKind, Row, Source, SourceOptions, TableWriter};
use std::path::Path;
use terms::{Exact, Fen};

fn columns() -> Vec<Column> {
    vec![
        Column::new("病案号", ColumnKind::Text),
        Column::new("天数", ColumnKind::Whole),
        Column::new("费用", ColumnKind::Money),
        Column::new("权重", ColumnKind::Decimal(4)),
    ]
}

fn write(path: &Path, rows: u64) {
    let mut writer = TableWriter::create(path, "结果", columns()).expect("begins");
    let weight: Exact = "1.23455".parse().expect("a number");
    for row in 0..rows {
        let number = i64::try_from(row).expect("small");
        let name = format!("“{row}”,\n续行");
        let cells = match row % 3 {
            0 => [Cell::Text(&name), Cell::Whole(number), Cell::Money(Fen(number * 7 - 5)), Cell::Number(weight)],
            1 => [Cell::Text("甲"), Cell::Empty, Cell::Money(Fen(-1)), Cell::Empty],
            _ => [Cell::Empty, Cell::Whole(-3), Cell::Empty, Cell::Number(Exact::ZERO)],
        };
        writer.write(&cells).expect("written");
    }
    assert_eq!(writer.rows(), rows);
    writer.finish().expect("finished");
}

fn read(path: &Path) -> Vec<Vec<String>> {
    let mut source = Source::open(path, SourceOptions::default()).expect("opens");
    let mut table = source.table().expect("a table");
    assert_eq!(table.headings().names, ["病案号", "天数", "费用", "权重"]);
    let mut row = Row::new();
    let mut rows = Vec::new();
    while table.next(&mut row).expect("reads") {
        rows.push((0..4).map(|index| row.cell(index).to_owned()).collect());
    }
    rows
}

#[test]
fn csv_xlsx_and_parquet_give_back_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let [csv, xlsx, parquet] = ["a.csv", "a.xlsx", "a.parquet"].map(|name| {
        let path = folder.path().join(name);
        write(&path, 6);
        assert!(!folder.path().join(format!("{name}.part")).exists());
        read(&path)
    });
    assert_eq!(csv[0], ["“0”,\n续行", "0", "-0.05", "1.2346"]);
    assert_eq!(csv[1], ["甲", "", "-0.01", ""]);
    assert_eq!(csv[2], ["", "-3", "", "0"]);
    assert_eq!(csv, xlsx);
    for (row, wanted) in parquet.iter().zip(&csv) {
        assert_eq!(row[..3], wanted[..3]);
        assert!(row[3] == wanted[3] || row[3] == "0.0000", "{row:?}");
    }
}

#[test]
fn parquet_spans_row_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.parquet");
    write(&path, 120_001);
    let rows = read(&path);
    assert_eq!(rows.len(), 120_001);
    assert_eq!(rows[99_999], ["“99999”,\n续行", "99999", "6999.88", "1.2346"]);
    assert_eq!(rows[119_999], ["", "-3", "", "0.0000"]);
}

#[test]
fn json_lines_keep_exact_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    write(&path, 2);
    let text = std::fs::read_to_string(&path).expect("a file");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], r#"{"病案号":"“0”,\n续行","天数":0,"费用":-0.05,"权重":1.2346}"#);
    assert_eq!(lines[1], r#"{"病案号":"甲","天数":null,"费用":-0.01,"权重":null}"#);
}

#[test]
fn a_workbook_holds_several_sheets_and_other_files_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two.xlsx");
    let mut writer = TableWriter::create(&path, "机构", columns()).expect("begins");
    writer.write(&[Cell::Text("甲"), Cell::Empty, Cell::Empty, Cell::Empty]).expect("written");
    writer.next_sheet("病组", vec![Column::new("病组", ColumnKind::Text)]).expect("a sheet");
    writer.write(&[Cell::Text("AA19")]).expect("written");
    writer.finish().expect("finished");
    let options = SourceOptions { sheet: Some("病组".to_owned()), ..SourceOptions::default() };
    let mut source = Source::open(&path, options).expect("opens");
    let mut table = source.table().expect("a table");
    let mut row = Row::new();
    assert!(table.next(&mut row).expect("reads"));
    assert_eq!(row.cell(0), "AA19");
    let mut writer = TableWriter::create(&folder.path().join("a.csv"), "", columns()).expect("begins");
    assert!(writer.next_sheet("病组", columns()).is_err());
}

#[test]
fn a_file_that_is_not_finished_does_not_bear_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let mut writer = TableWriter::create(&path, "", columns()).expect("begins");
    writer.write(&[Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]).expect("written");
    drop(writer);
    assert!(!path.exists() && folder.path().join("a.csv.part").exists());
    assert!(TableWriter::create(&folder.path().join("a.doc"), "", columns()).is_err());
}
