//! 接入: files as hospitals have them, good and bad, to settlement lists.

use intake::{ColumnMap, IntakeError, ListError, ListOptions, Lists, RowErrors, Source, SourceOptions};
use listing::SettlementList;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::{Path, PathBuf};

type Outcome = Result<(u64, SettlementList), ListError>;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

fn options() -> ListOptions {
    ListOptions::requiring(&["basic.sex", "diagnoses.code"])
}

/// Reads a file with the shipped mapping; what cannot even begin is an error.
fn read_with(path: &Path, source: SourceOptions, options: &ListOptions) -> Result<Vec<Outcome>, IntakeError> {
    let mut source = Source::open(path, source)?;
    let table = source.table()?;
    Ok(Lists::of(table, &ColumnMap::builtin().expect("the shipped mapping"), options)?.collect())
}

fn read(path: &Path) -> Vec<Outcome> {
    read_with(path, SourceOptions::default(), &options()).expect("begins")
}

fn refusal(path: &Path) -> String {
    read_with(path, SourceOptions::default(), &options()).expect_err("refused").to_string()
}

fn good(outcome: &Outcome) -> &SettlementList {
    &outcome.as_ref().expect("a list").1
}

fn row_error(outcome: &Outcome) -> &intake::RowError {
    match outcome {
        Err(ListError::Row(error)) => error,
        other => panic!("expected a row error, got {other:?}"),
    }
}

const HOME_PAGE: &str = "\
A48,A12C,A14,B12,B15,B20,C03C,C06x01C,C06x02C,C14x01C,C16x01,C35x01C,D01
B001,2,61,2026-03-01 08:30,2026/3/9 10:05,8,I63.900,I10.x00,-,,,,12345.60
B002,1,45,2026-03-02,2026-03-05,3,K35.800,,E11.900,47.0100,2026-03-02,54.5100,8000
";

fn is_the_home_page(lists: &[Outcome]) {
    let (first, second) = (good(&lists[0]), good(&lists[1]));
    assert_eq!((first.basic.record_no.as_deref(), first.basic.age), (Some("B001"), Some(61)));
    assert_eq!(first.stay.discharged.map(|time| time.to_string()).as_deref(), Some("2026-03-09 10:05:00"));
    assert_eq!(first.stay.days, Some(8));
    assert_eq!(first.charges.total, Some(terms::Fen(1_234_560)));
    let codes: Vec<_> = first.diagnoses.iter().filter_map(|row| row.code.as_deref()).collect();
    assert_eq!((codes, first.operations.len()), (vec!["I63.900", "I10.x00"], 0));
    let codes: Vec<_> = second.operations.iter().filter_map(|row| row.code.as_deref()).collect();
    assert_eq!(codes, ["47.0100", "54.5100"]);
    assert_eq!(second.diagnoses.len(), 2, "a gap among the other diagnoses closes");
}

#[test]
fn one_home_page_is_the_same_from_utf8_gb18030_tabs_gzip_and_xlsx() {
    let folder = Folder::new();
    is_the_home_page(&read(&folder.file("a.csv", HOME_PAGE)));
    is_the_home_page(&read(&folder.file("a.tsv", HOME_PAGE.replace(',', "\t"))));
    let chinese = HOME_PAGE.replacen(
        "A48,A12C,A14,B12,B15,B20,C03C,C06x01C,C06x02C,C14x01C,C16x01,C35x01C,D01",
        "病案号;性别;年龄;入院时间;出院时间;实际住院天数;主要诊断编码;其他诊断编码1;其他诊断编码2;主要手术编码;主要手术日期;其他手术编码1;总费用",
        1,
    );
    let chinese = chinese.replace(',', ";").replace("B001;2", "B001;女");
    let (gb, _, _) = encoding_rs::GB18030.encode(&chinese);
    let path = folder.file("gb.csv", &gb);
    is_the_home_page(&read(&path));
    let mut source = Source::open(&path, SourceOptions::default()).expect("opens");
    assert_eq!(source.table().expect("a table").headings().how, "CSV，编码 GB18030，分隔符 “;”");
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut zipped, HOME_PAGE.as_bytes()).expect("zips");
    is_the_home_page(&read(&folder.file("a.csv.gz", zipped.finish().expect("zips"))));
    is_the_home_page(&read(&home_page_workbook(&folder)));
}

fn home_page_workbook(folder: &Folder) -> PathBuf {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (row, line) in HOME_PAGE.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            let (row, column) = (u32::try_from(row).expect("small"), u16::try_from(column).expect("small"));
            if row == 1 && column == 4 {
                let value = ExcelDateTime::from_ymd(2026, 3, 9).and_then(|day| day.and_hms(10, 5, 0)).expect("a time");
                sheet.write_datetime_with_format(row, column, value, &time).expect("written");
            } else if row > 0 && [1, 2, 5, 12].contains(&column) {
                sheet.write_number(row, column, cell.parse::<f64>().expect("a number")).expect("written");
            } else if !cell.is_empty() {
                sheet.write_string(row, column, cell).expect("written");
            }
        }
    }
    let path = folder.0.path().join("a.xlsx");
    book.save(&path).expect("saved");
    path
}

#[test]
fn bad_rows_are_named_by_row_column_value_and_the_rest_goes_on() {
    let folder = Folder::new();
    let text = "\
病案号,性别,年龄,入院时间,主要诊断编码,其他诊断编码1,总费用
B1,1,60,2026-03-01,I10．x00,,10.00
B2,1,sixty,2026-13-01,I10.x00,,10.005
B3,1,60,2026-03-01,I10.x00,E11.900,10.00
B4,1,60,2026-03-01,I10.x00,10.00
B5,1,60,2026-03-01,I10.x00,E11,900,10.00
B6,1,60,2026-03-01,,E11.900,10.00
B7,1,60,2026-03-01, I10.x00,,10.00

B8,2,60,2026-03-01,I10.x00,,\"1,000.00\"
B9,2,60,2026-03-01,I10.x00,,10.00,,
";
    let lists = read(&folder.file("bad.csv", text));
    assert_eq!(lists.len(), 9);
    let error = row_error(&lists[0]);
    assert_eq!((error.row, error.cells[0].column, error.cells[0].heading.as_str()), (2, 5, "主要诊断编码"));
    assert!(error.to_string().contains("全角字符") && error.to_string().contains("I10.x00"), "{error}");
    let columns: Vec<_> = row_error(&lists[1]).cells.iter().map(|cell| (cell.column, cell.value.as_str())).collect();
    assert_eq!(columns, [(3, "sixty"), (4, "2026-13-01"), (7, "10.005")]);
    assert_eq!(good(&lists[2]).diagnoses.len(), 2);
    assert!(row_error(&lists[3]).to_string().contains("6 格，表头 7 格"));
    assert!(row_error(&lists[4]).to_string().contains("8 格，表头 7 格"));
    assert!(row_error(&lists[5]).to_string().contains("第一行为空"));
    assert!(row_error(&lists[6]).to_string().contains("空白字符"));
    assert_eq!(row_error(&lists[7]).cells[0].value, "1,000.00");
    assert_eq!(good(&lists[8]).basic.record_no.as_deref(), Some("B9"), "empty cells behind do no harm");

    let out = folder.0.path().join("errors.csv");
    let mut errors = RowErrors::to(&out);
    lists.iter().filter_map(|list| list.as_ref().err()).for_each(|error| {
        if let ListError::Row(error) = error {
            errors.add(error).expect("written");
        }
    });
    assert_eq!(errors.rows(), 7);
    assert!(errors.finish().expect("finished"));
    let written = std::fs::read_to_string(&out).expect("a file");
    assert_eq!(written.lines().count(), 1 + 9);
    assert!(written.starts_with('\u{feff}') && written.contains("bad.csv,3,3,年龄,sixty,"), "{written}");
}

#[test]
fn codes_are_cleaned_only_when_the_caller_asks_and_each_is_noted() {
    let folder = Folder::new();
    let path = folder.file("odd.csv", "性别,主要诊断编码\n1,Ｉ1O．х00\n1,I10高\n");
    let mut asked = options();
    asked.clean_codes = true;
    let mut source = Source::open(&path, SourceOptions::default()).expect("opens");
    let table = source.table().expect("a table");
    let mut lists = Lists::of(table, &ColumnMap::builtin().expect("the mapping"), &asked).expect("begins");
    let list = lists.next().expect("a row");
    assert_eq!(good(&list).diagnoses[0].code.as_deref(), Some("I10.x00"));
    let notes = lists.take_cleaned();
    assert_eq!((notes.len(), notes[0].row, notes[0].before.as_str()), (1, 2, "Ｉ1O．х00"));
    assert!(row_error(&lists.next().expect("a row")).to_string().contains("不应有"), "what is unclear stays an error");
}

#[test]
fn files_that_cannot_serve_are_refused_as_a_whole_with_the_way_out() {
    let folder = Folder::new();
    for (name, bytes, expected) in [
        ("no-diagnosis.csv", "性别,年龄\n1,60\n".as_bytes(), "diagnoses.code"),
        ("title.csv", "某医院首页\n性别,主要诊断编码\n1,I10\n".as_bytes(), "--heading-row"),
        ("twice.csv", "性别,A12C,主要诊断编码\n".as_bytes(), "ignore"),
        ("shifted-heading.csv", "A12C/年龄,主要诊断编码\n".as_bytes(), "自相矛盾"),
        ("empty.csv", b"", "no headings in row 1"),
        ("a.xls", b"x", "save an old .xls as .xlsx"),
        ("not-a-book.xlsx", "性别,年龄\n".as_bytes(), "not a readable .xlsx"),
        ("not-columns.parquet", "性别,年龄\n".as_bytes(), "not a readable Parquet"),
    ] {
        let error = refusal(&folder.file(name, bytes));
        assert!(error.contains(expected) && error.contains(name), "{name}: {error}");
    }
    let below = folder.file("below.csv", "某医院首页\n性别,主要诊断编码\n1,I10\n");
    let heading = SourceOptions { heading_row: Some(2), ..SourceOptions::default() };
    let lists = read_with(&below, heading, &options()).expect("begins");
    assert_eq!(lists[0].as_ref().expect("a list").0, 3);
}

#[test]
fn a_code_that_a_workbook_holds_as_a_number_is_refused() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in ["性别", "主要诊断编码", "主要手术编码", "证件号码"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).expect("small"), *heading).expect("written");
    }
    sheet.write_number(1, 0, 1).expect("written");
    sheet.write_string(1, 1, "I10.x00").expect("written");
    sheet.write_number(1, 2, 0.63).expect("written");
    sheet.write_number(1, 3, 110_105_194_912_310_020_i64 as f64).expect("written");
    let path = folder.0.path().join("numbers.xlsx");
    book.save(&path).expect("saved");
    let lists = read(&path);
    let problems: Vec<_> = row_error(&lists[0]).cells.iter().map(|cell| cell.problem.as_str()).collect();
    assert!(problems[0].contains("编码存成了数字") && problems[1].contains("15 位"), "{problems:?}");
}

#[test]
fn of_several_sheets_none_is_guessed() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    for name in ["一月", "二月"] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        sheet.write_string(0, 0, "性别").expect("written");
        sheet.write_string(0, 1, "主要诊断编码").expect("written");
        sheet.write_string(1, 0, "1").expect("written");
        sheet.write_string(1, 1, if name == "一月" { "A01.000" } else { "A02.000" }).expect("written");
    }
    let path = folder.0.path().join("months.xlsx");
    book.save(&path).expect("saved");
    assert!(refusal(&path).contains("一月, 二月"));
    let february = SourceOptions { sheet: Some("二月".to_owned()), ..SourceOptions::default() };
    let lists = read_with(&path, february, &options()).expect("begins");
    assert_eq!(good(&lists[0]).diagnoses[0].code.as_deref(), Some("A02.000"));
}

#[test]
fn lengths_of_time_come_whole_or_in_parts() {
    let folder = Folder::new();
    let text = "A12C,C03C,C28,C29,C30,呼吸机使用时间(小时)\n1,S06.500,1,13,24,96\n";
    let lists = read(&folder.file("parts.csv", text));
    let stay = &good(&lists[0]).stay;
    assert_eq!(stay.coma_before.map(|time| time.to_string()).as_deref(), Some("1/13/24"));
    assert_eq!(stay.ventilator, Some(listing::Minutes(5760)));
    assert_eq!(stay.coma_after, None);
}

#[test]
fn the_source_says_what_it_can_hold() {
    let folder = Folder::new();
    let lists = read(&folder.file("small.csv", "性别,主要诊断编码\n1,I10.x00\n"));
    let scope = good(&lists[0]).scope;
    let holds = |path| scope.holds(listing::by_path(path).expect("a field"));
    assert!(holds("basic.sex") && holds("diagnoses.code"));
    assert!(!holds("charges.bill_no") && !holds("diagnoses.name"));
    assert!(!scope.holds_part(listing::Part::Operations));
}

#[test]
fn the_neutral_case_file_reads_as_lists_too() {
    let folder = Folder::new();
    let text = "id,kind,sex,age,age_days,weight,dept,los,leaving_type,icu_hours,dx,proc\nc1,mdc,1,66,,0,0701,3,1,12.5,T98.200|T59.900x005,00.6300|88.4100\n";
    let lists = read(&folder.file("cases.csv", text));
    let list = good(&lists[0]);
    assert_eq!((list.basic.list_no.as_deref(), list.diagnoses.len(), list.operations.len()), (Some("c1"), 2, 2));
    assert_eq!(list.stay.icu_hours, Some(terms::Quantity(125_000)));
}
