//! The workbook's importer on small books that we make ourselves: each test bends one thing of
//! a sound book and says what must come of it.

use std::path::{Path, PathBuf};

use grouping::{Case, Grouper, NodeStatus, Scratch, Sex, Status};
use rust_xlsxwriter::Workbook;
use schemes::workbook::{Settings, read};
use schemes::{Loaded, SchemesError, Trap};
use tempfile::TempDir;

type Rows = Vec<Vec<String>>;

/// A workbook as text, sheet by sheet.
struct Book {
    sheets: Vec<(String, Rows)>,
}

/// A sound little book: two MDCs with an operation, QY, medical groups and a rest group each.
const SOUND: [(&str, &str); 6] = [
    (
        "MDC",
        "分组方案 2026
        MDC编码|MDC名称|MDC规则|排序
        MDCA|先期||1
        MDCB|神经|ZYZD in DI_B00|2
        MDCO|妊娠|ZYZD in DI_O00 and XB=2|3
        0000|||27",
    ),
    (
        "ADRG",
        "ADRG编码|ADRG名称|ADRG规则|所属MDC编码|MDC内排序
        AA1|移植|ZYSS in OP_AA1|MDCA|1
        BB1|开颅|ZYSS in OP_BB1|MDCB|1
        BQY|歧义|ZYSS in OP_ALL|MDCB|2
        BR1|出血|ZYZD in DI_BR1|MDCB|3
        B00|||MDCB|4
        OB1|剖宫产|ZYSS in OP_OB1|MDCO|1
        O00|||MDCO|2
        OZ1|其他|ZYZD in DI_O00|MDCO|3
        000|||0000|1",
    ),
    (
        "DRG",
        "DRG|DRG名称|DRG规则|所属ADRG编码|所属MDC编码|排序
        AA19|移植||AA1|MDCA|1
        BB11|开颅伴MCC|QTZD in MCC|BB1|MDCB|1
        BB13|开颅伴CC|QTZD in CC|BB1|MDCB|2
        BB15|开颅||BB1|MDCB|3
        BQY|歧义||BQY|MDCB|1
        BR1H|出血70岁|NL>=70|BR1|MDCB|1
        BR19|出血||BR1|MDCB|2
        B000|||B00|MDCB|1
        OB19|剖宫产||OB1|MDCO|1
        O000|||O00|MDCO|1
        OZ19|其他||OZ1|MDCO|1
        0000|||000|0000|1",
    ),
    (
        "集合",
        "集合编号|ICD编码|ICD名称|类型编号
        DI_B00|I61.900|脑出血|DI
        DI_B00|G40.900|癫痫|DI
        DI_BR1|I61.900|脑出血|DI
        DI_O00|O80.000|顺产|DI
        OP_AA1|37.5100|心脏移植|OP
        OP_BB1|01.2400|开颅|OP
        OP_OB1|74.1x01|剖宫产|OP
        OP_ALL|37.5100|心脏移植|OP
        OP_ALL|01.2400|开颅|OP
        OP_ALL|74.1x01|剖宫产|OP
        OP_ALL|47.0100|阑尾|OP",
    ),
    (
        "CC",
        "疾病编码|疾病名称|排除表|类型
        J96.000|呼衰|EX_1|MCC
        E11.900|糖尿病|EX_2|CC",
    ),
    (
        "排除表",
        "集合编号|ICD编码|ICD名称
        EX_1|G40.900|癫痫
        EX_2|O80.000|顺产",
    ),
];

impl Book {
    fn sound() -> Book {
        let rows = |text: &str| -> Rows {
            text.lines().map(|line| line.trim().split('|').map(str::to_owned).collect()).collect()
        };
        Book { sheets: SOUND.iter().map(|(name, text)| ((*name).to_owned(), rows(text))).collect() }
    }

    fn rows(&mut self, sheet: &str) -> &mut Rows {
        &mut self.sheets.iter_mut().find(|(name, _)| name == sheet).expect("the sheet is there").1
    }

    /// Replaces a cell of the row whose first cell is `key`.
    fn set(mut self, sheet: &str, key: &str, column: usize, text: &str) -> Book {
        let row = self.rows(sheet).iter_mut().find(|row| row[0] == key).expect("the row is there");
        text.clone_into(&mut row[column]);
        self
    }

    /// Adds a row at the end.
    fn add(mut self, sheet: &str, row: &str) -> Book {
        self.rows(sheet).push(row.split('|').map(str::to_owned).collect());
        self
    }

    fn save(&self, folder: &Path) -> PathBuf {
        let mut book = Workbook::new();
        for (name, rows) in &self.sheets {
            let sheet = book.add_worksheet().set_name(name).expect("a sheet's name");
            for (r, row) in rows.iter().enumerate() {
                for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                    let at = (u32::try_from(r).expect("few rows"), u16::try_from(c).expect("few columns"));
                    // 排序, the last column, is written as a number where it is one, as spreadsheets do.
                    match text.parse::<i32>() {
                        Ok(number) if c + 1 == rows[1].len() => sheet.write_number(at.0, at.1, number),
                        _ => sheet.write_string(at.0, at.1, text),
                    }
                    .expect("a cell");
                }
            }
        }
        let path = folder.join("book.xlsx");
        book.save(&path).expect("the book is written");
        path
    }

    fn read_with(&self, settings: &Settings) -> Result<Loaded, SchemesError> {
        let folder = TempDir::new().expect("a folder");
        read(&self.save(folder.path()), settings)
    }

    fn loads(&self) -> Loaded {
        self.read_with(&Settings::default()).expect("the book is understood")
    }

    /// The messages of the refusal.
    fn refusal(&self) -> String {
        self.read_with(&Settings::default()).expect_err("the book is refused").to_string()
    }
}

fn case(diagnoses: &[&str], procedures: &[&str]) -> Case {
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    Case {
        diagnoses: own(diagnoses),
        procedures: own(procedures),
        sex: Some(Sex::Female),
        age: Some(40),
        ..Case::default()
    }
}

fn group(loaded: &Loaded, case: &Case) -> (Status, String) {
    let grouper = Grouper::compile(&loaded.scheme).expect("the scheme is sound");
    let answer = grouper.group(case, &mut Scratch::default());
    (answer.status, grouper.groups(&answer).group.to_owned())
}

/// Whether the load told of this trap at this place.
fn told(loaded: &Loaded, trap: Trap, place: &str) -> bool {
    loaded.notes.iter().any(|note| note.trap == trap && note.place.to_string() == place)
}

#[test]
fn a_sound_book_groups_operations_doubts_medical_cases_and_rests() {
    let book = Book::sound().loads();
    let answers = [
        (case(&["G40.900"], &["37.5100"]), Status::Grouped, "AA19"),
        (case(&["I61.900", "J96.000"], &["01.2400"]), Status::Grouped, "BB11"),
        (case(&["I61.900", "E11.900"], &["01.2400"]), Status::Grouped, "BB13"),
        (case(&["I61.900"], &["47.0100"]), Status::Ambiguous, "BQY"),
        (case(&["I61.900"], &[]), Status::Grouped, "BR19"),
        (case(&["G40.900"], &[]), Status::Fallback, "B000"),
        (case(&["O80.000"], &[]), Status::Grouped, "OZ19"),
        (case(&["Z99.999"], &[]), Status::Ungroupable, "0000"),
    ];
    for (case, status, code) in answers {
        assert_eq!(group(&book, &case), (status, code.to_owned()), "{case:?}");
    }
}

#[test]
fn an_exclusion_table_takes_the_complication_away() {
    let book = Book::sound().loads();
    let answer = group(&book, &case(&["G40.900", "J96.000"], &["01.2400"]));
    assert_eq!(answer, (Status::Grouped, "BB15".to_owned()));
}

#[test]
fn the_rest_row_in_the_middle_of_its_mdc_is_asked_last_and_told() {
    let book = Book::sound().loads();
    let mdc = book.scheme.nodes.iter().find(|node| node.code == "MDCO").expect("MDCO");
    let last = mdc.children.iter().max_by_key(|node| node.order).expect("children");
    assert_eq!((last.code.as_str(), last.status), ("O00", NodeStatus::Fallback));
    assert!(told(&book, Trap::RestRowMovedLast, "ADRG row 8 (O00)"), "{:#?}", book.notes);
}

#[test]
fn an_mdc_without_a_rule_is_always_entered_and_stays_first() {
    let book = Book::sound().loads();
    assert_eq!(book.scheme.nodes[0].code, "MDCA");
    assert!(told(&book, Trap::EmptyRule, "MDC row 3 (MDCA)"));
}

#[test]
fn columns_are_found_wherever_they_stand() {
    let mut book = Book::sound();
    for row in book.rows("ADRG") {
        row.rotate_right(2);
        row.insert(0, String::new());
    }
    let loaded = book.loads();
    assert_eq!(loaded.scheme.nodes, Book::sound().loads().scheme.nodes);
    assert_eq!(loaded.notes.iter().filter(|note| note.trap == Trap::ColumnMoved).count(), 5);
}

#[test]
fn every_sheet_may_have_a_title_above_its_headings() {
    let mut book = Book::sound();
    for (_, rows) in &mut book.sheets {
        rows.insert(0, vec!["一个标题".to_owned()]);
    }
    let loaded = book.loads();
    assert_eq!(loaded.notes.iter().filter(|note| note.trap == Trap::HeadingsLower).count(), 6);
    assert_eq!(loaded.scheme.nodes, Book::sound().loads().scheme.nodes);
}

#[test]
fn headings_below_the_fourth_row_are_not_looked_for() {
    let mut book = Book::sound();
    for _ in 0..4 {
        book.rows("CC").insert(0, vec!["说明".to_owned()]);
    }
    assert!(book.refusal().contains("CC: no row of headings in its first 4 rows"), "{}", book.refusal());
}

#[test]
fn a_missing_heading_is_refused_and_never_guessed() {
    let mut book = Book::sound();
    "规则".clone_into(&mut book.rows("DRG")[0][2]);
    let refusal = book.refusal();
    assert!(refusal.contains("DRG row 1: no column is headed DRG规则; columns are never guessed"), "{refusal}");
}

#[test]
fn two_columns_that_claim_one_meaning_are_refused() {
    let mut book = Book::sound();
    book.rows("集合")[0].push("类型".to_owned());
    let refusal = book.refusal();
    assert!(refusal.contains("集合 row 1: columns D and E both claim to be 类型编号"), "{refusal}");
}

#[test]
fn a_missing_sheet_is_refused_by_name() {
    let mut book = Book::sound();
    book.sheets.retain(|(name, _)| name != "排除表");
    assert!(book.refusal().contains("排除表: there is no such sheet; the sheets are MDC, ADRG"), "{}", book.refusal());
}

#[test]
fn a_book_that_is_something_else_is_refused() {
    let book = Book { sheets: vec![("Sheet1".to_owned(), vec![vec!["你好".to_owned()]])] };
    assert!(matches!(book.read_with(&Settings::default()), Err(SchemesError::NotAScheme { .. })));
}

#[test]
fn what_is_not_understood_is_told_all_at_once_by_sheet_row_and_code() {
    let book = Book::sound()
        .set("ADRG", "BB1", 2, "ZYSS in OP_NONE")
        .set("ADRG", "BR1", 2, "ZYZD in DI_BR1 and")
        .set("DRG", "BR1H", 2, "SGSJ>=70")
        .set("MDC", "MDCB", 2, "ZYZD in OP_BB1")
        .set("CC", "E11.900", 3, "ACC")
        .set("DRG", "OB19", 3, "OX1");
    let refusal = book.refusal();
    for expected in [
        "ADRG row 3 (BB1): the set OP_NONE is not in sheet 集合",
        "ADRG row 5 (BR1): character ",
        "DRG row 7 (BR1H): the field SGSJ is not known",
        "MDC row 4 (MDCB): the set OP_BB1 holds procedures (OP) and can never be met here",
        "CC row 3 (E11.900): 类型 “ACC” is neither MCC nor CC",
        "DRG row 10 (OB19): 所属ADRG编码 “OX1” has no row in sheet ADRG",
    ] {
        assert!(refusal.contains(expected), "{expected}\n{refusal}");
    }
}

#[test]
fn a_split_that_names_another_mdc_than_its_adrg_is_refused() {
    let refusal = Book::sound().set("DRG", "OB19", 4, "MDCB").refusal();
    assert!(refusal.contains("DRG row 10 (OB19): 所属MDC编码 “MDCB”, but sheet ADRG puts OB1 into MDCO"), "{refusal}");
}

#[test]
fn only_other_diagnoses_are_complications() {
    let refusal = Book::sound().set("DRG", "BB11", 2, "ZYZD in MCC").refusal();
    assert!(refusal.contains("only other diagnoses are complications: write QTZD in MCC"), "{refusal}");
}

#[test]
fn dirt_in_cells_is_taken_off_and_told() {
    let book = Book::sound()
        .set("ADRG", "BR1", 2, "ZYZD in DI_BR1 _x000D_\n\u{a0}AND\u{3000}(XB=1 OR XB=2)")
        .set("集合", "OP_AA1", 1, "37.5100\u{a0}")
        .set("MDC", "MDCB", 0, "mdcb\u{200b}");
    let loaded = book.loads();
    assert_eq!(group(&loaded, &case(&["I61.900"], &[])).1, "BR19");
    assert_eq!(group(&loaded, &case(&["I61.900"], &["37.5100"])).1, "AA19");
    assert!(told(&loaded, Trap::CellCleaned, "ADRG row 5 (BR1)"));
    assert!(told(&loaded, Trap::CodeCapitalised, "MDC row 4 (MDCB)"));
}

#[test]
fn sort_numbers_may_be_text_and_what_is_no_number_comes_last() {
    let book = Book::sound().set("ADRG", "BQY", 4, " 2 ").set("ADRG", "BB1", 4, "甲");
    let loaded = book.loads();
    let mdc = loaded.scheme.nodes.iter().find(|node| node.code == "MDCB").expect("MDCB");
    let codes: Vec<&str> = mdc.children.iter().map(|node| node.code.as_str()).collect();
    assert_eq!(codes, ["BQY", "BR1", "BB1", "B00"]);
    assert!(told(&loaded, Trap::OrderNotNumber, "ADRG row 3 (BB1)"));
}

#[test]
fn rows_with_the_same_sort_number_keep_their_order_and_are_told() {
    let loaded = Book::sound().set("DRG", "BB13", 5, "1").loads();
    assert!(told(&loaded, Trap::OrderTwice, "DRG row 4 (BB13)"));
    let answer = group(&loaded, &case(&["I61.900", "J96.000", "E11.900"], &["01.2400"]));
    assert_eq!(answer.1, "BB11");
}

#[test]
fn repeated_members_are_dropped_and_told() {
    let loaded = Book::sound().add("集合", "OP_ALL|47.0100|阑尾|OP").loads();
    assert!(told(&loaded, Trap::RepeatDropped, "集合 row 13 (OP_ALL)"));
    let all = loaded.scheme.sets.iter().find(|set| set.name == "OP_ALL").expect("OP_ALL");
    assert_eq!(all.members.len(), 4);
}

#[test]
fn a_group_that_stands_twice_with_different_rules_is_refused() {
    let refusal = Book::sound().add("DRG", "BB13|开颅|NL>=70|BB1|MDCB|4").refusal();
    assert!(refusal.contains("DRG row 14 (BB13): stands in row 4 already, with another rule"), "{refusal}");
}

#[test]
fn letters_that_only_look_like_ascii_are_mended_and_others_kept() {
    let loaded = Book::sound().set("集合", "DI_BR1", 1, "І61.900").add("集合", "DI_BR1|I61.9零0|x|DI").loads();
    assert_eq!(group(&loaded, &case(&["I61.900"], &[])).1, "BR19");
    assert!(told(&loaded, Trap::LookAlikeMended, "集合 row 4 (I61.900)"));
    assert!(told(&loaded, Trap::LookAlikeKept, "集合 row 13 (I61.9零0)"));
}

#[test]
fn an_adrg_without_splits_is_left_out_and_told() {
    let loaded = Book::sound().add("ADRG", "BZ1|空|ZYZD in DI_B00|MDCB|3").loads();
    assert!(told(&loaded, Trap::NoChildren, "ADRG row 11 (BZ1)"));
    assert_eq!(group(&loaded, &case(&["G40.900"], &[])), (Status::Fallback, "B000".to_owned()));
}

#[test]
fn a_complication_whose_table_has_no_rows_is_told() {
    let loaded = Book::sound().set("CC", "E11.900", 2, "EX_9").loads();
    assert!(told(&loaded, Trap::TableEmpty, "CC (EX_9)"));
}

#[test]
fn codes_that_the_book_holds_as_numbers_lost_their_zeros() {
    // Only the last column is written as numbers here, so the code is moved there.
    let mut book = Book::sound();
    for row in book.rows("排除表") {
        row.swap(1, 2);
    }
    assert_eq!(book.loads().scheme.exclusions, Book::sound().loads().scheme.exclusions);
    "61".clone_into(&mut book.rows("排除表")[1][2]);
    assert!(book.refusal().contains("排除表 row 2 (61): code is a number in the book"), "{}", book.refusal());
    let mut book = Book::sound();
    for row in book.rows("MDC") {
        row.rotate_left(1);
    }
    let loaded = book.loads();
    assert!(told(&loaded, Trap::NumberAsCode, "MDC row 6 (0000)"), "{:#?}", loaded.notes);
    assert_eq!(group(&loaded, &case(&["Z99.999"], &[])), (Status::Ungroupable, "0000".to_owned()));
}

#[test]
fn a_surgical_case_passes_over_medical_groups_only_when_told_to() {
    let mut book = Book::sound();
    book.rows("ADRG").retain(|row| row[0] != "BQY");
    book.rows("DRG").retain(|row| row[0] != "BQY");
    let surgical = case(&["I61.900"], &["47.0100"]);
    assert_eq!(group(&book.loads(), &surgical).1, "BR19");
    let settings = Settings { surgical_skips_medical: true, ..Settings::default() };
    let loaded = book.read_with(&settings).expect("the book is understood");
    assert_eq!(group(&loaded, &surgical), (Status::Ungroupable, "0000".to_owned()));
}

#[test]
fn an_infant_without_its_days_needs_data_only_when_told_to() {
    let infant = Case { age: Some(0), ..case(&["I61.900"], &[]) };
    assert_eq!(group(&Book::sound().loads(), &infant).1, "BR19");
    let settings = Settings { newborn_days_required: true, ..Settings::default() };
    let loaded = Book::sound().read_with(&settings).expect("the book is understood");
    assert_eq!(group(&loaded, &infant).0, Status::NeedsData);
}

#[test]
fn amendments_go_in_only_where_the_book_lacks_them() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("2026-10-01.tsv");
    let rows = "set\tcode\tname\tevidence\nEX_1\tI61.900\t脑出血\tPDF 表1\nEX_2\tG40.900\t癫痫\tPDF 表2\n";
    std::fs::write(&file, rows).expect("a file");
    let settings = Settings { amendments: vec![file.clone()], ..Settings::default() };
    let loaded = Book::sound().read_with(&settings).expect("the book is understood");
    assert!(told(&loaded, Trap::AmendmentMade, "2026-10-01.tsv row 2 (I61.900)"));
    assert!(told(&loaded, Trap::AmendmentNotNeeded, "2026-10-01.tsv row 3 (G40.900)"));
    assert_eq!(group(&loaded, &case(&["I61.900", "J96.000"], &["01.2400"])).1, "BB15");
    std::fs::write(&file, "set\tcode\nEX_77\tI61.900\n").expect("a file");
    let refusal = Book::sound().read_with(&settings).expect_err("refused").to_string();
    assert!(
        refusal.contains("2026-10-01.tsv row 2 (I61.900): the exclusion table EX_77 is not in the book"),
        "{refusal}"
    );
}
