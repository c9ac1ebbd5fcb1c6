//! 知识点导入, on rows of our own and, where it stands, on what was published.

use std::fs;
use std::path::{Path, PathBuf};

use intake::{Cell, Column, ColumnKind, TableWriter};
use region::knowledge::{Imported, import, write_tables};

const HEADINGS: &str = "规则名称,批次,发布日期,项目/药品名称,限制内容/逻辑,国家编码\n";

fn imported(rows: &str) -> Imported {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("批次.csv");
    fs::write(&file, format!("{HEADINGS}{rows}")).expect("written");
    import(&[file], 30).expect("readable")
}

fn text(imported: &Imported, table: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    write_tables(folder.path(), &imported.tables).expect("written");
    fs::read_to_string(folder.path().join(format!("{table}.csv"))).expect("the table")
}

#[test]
fn a_sentence_becomes_a_dated_row_a_code() {
    let done = imported("药品限儿童使用,1,2025-06-01,某散,限4-10岁患儿,XA1 XA2\n");
    assert_eq!(
        text(&done, "drug-child-range"),
        "code,age_min,age_max,name,begndate,enddate,note\n\
         XA1,4y,10y,某散,2025-06-01,,批次 1\n\
         XA2,4y,10y,某散,2025-06-01,,批次 1\n"
    );
}

#[test]
fn one_sentence_feeds_the_table_of_each_rule_that_quotes_it() {
    let sentence = "限二级及以上医疗机构，住院方可支付，单次最多支付9天";
    let rows: String = ["药品限支付疗程", "药品限医疗机构级别", "药品限就医方式"]
        .iter()
        .map(|rule| format!("{rule},2,2025-06-01,某注射液,{sentence},XB1\n"))
        .collect();
    let done = imported(&rows);
    assert!(text(&done, "drug-course").contains("XB1,某注射液,9,stay,某注射液,2025-06-01"));
    assert!(text(&done, "drug-institution-level").contains("XB1,2,,某注射液,2025-06-01"));
    assert!(text(&done, "drug-visit-kind").contains("XB1,住院,某注射液,2025-06-01"));
}

#[test]
fn a_revision_ends_the_older_rows_of_the_item_the_day_before() {
    let done = imported(
        "药品限儿童使用,1,2025-06-01,某散,限4-10岁患儿,XA1\n\
         药品限儿童使用,1,2025-06-01,另散,限4-10岁患儿,XA9\n\
         药品限儿童使用,修订,2026-01-28,某散,限3-12岁患儿,XA1\n",
    );
    assert_eq!(
        text(&done, "drug-child-range"),
        "code,age_min,age_max,name,begndate,enddate,note\n\
         XA1,3y,12y,某散,2026-01-28,,批次 修订\n\
         XA1,4y,10y,某散,2025-06-01,2026-01-27,批次 1\n\
         XA9,4y,10y,另散,2025-06-01,,批次 1\n"
    );
}

#[test]
fn a_revision_that_cannot_be_read_still_ends_the_older_rows() {
    let done = imported(
        "药品限医疗机构级别,1,2025-06-01,某针,限二级及以上医疗机构,XA1\n\
         药品限医疗机构级别,2,2026-01-28,某针,限三级医院或二级及以上专科医院,XA1\n",
    );
    assert_eq!(
        text(&done, "drug-institution-level"),
        "code,level_min,first_only,name,begndate,enddate,note\nXA1,2,,某针,2025-06-01,2026-01-27,批次 1\n"
    );
    let [unused] = &done.not_used[..] else { panic!("one row is not used: {:?}", done.not_used) };
    assert_eq!((unused.row, unused.item.as_str()), (3, "某针"));
    assert_eq!(unused.why, "two levels for different institutions; add the row by hand");
}

#[test]
fn what_cannot_be_used_is_named_by_file_and_row_and_the_rest_goes_on() {
    let done = imported(
        "药品限适应症,12,2026-05-23,某片,限甲病,XA1\n\
         没有的规则,12,2026-05-23,某片,限甲病,XA1\n\
         医疗服务项目重复收费,7,2025-12-12,甲×乙,含乙,S1\n\
         药品限儿童使用,1,去年,某散,限4-10岁患儿,XA1\n\
         医疗服务项目区分性别使用,1,2025-05-23,某术,女性手术,\n\
         医疗服务项目重复收费,7,2025-12-12,甲×乙,含乙,S1 S2\n",
    );
    let told: Vec<(u64, &str)> = done.not_used.iter().map(|row| (row.row, row.why.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "the sentence names diseases and no codes of them; add the row by hand"),
            (3, "no rule with published knowledge points has this name; add its table by hand"),
            (4, "a pair needs two codes and has 1; add the row by hand"),
            (5, "发布日期 “去年” is no date; write it as 2026-07-01"),
            (6, "there is no 国家编码; add the row by hand"),
        ]
    );
    assert!(text(&done, "service-duplicate-charge").contains("S1,S2,甲×乙,2025-12-12"));
}

#[test]
fn a_second_batch_adds_to_the_tables_that_stand_and_a_repeated_one_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("drug-child-range.csv");
    let first = imported("药品限儿童使用,1,2025-06-01,某散,限4-10岁患儿,XA1\n");
    write_tables(folder.path(), &first.tables).expect("written");
    let second = imported("药品限儿童使用,修订,2026-01-28,某散,限3-12岁患儿,XA1\n");
    write_tables(folder.path(), &second.tables).expect("written");
    let both = fs::read_to_string(&table).expect("the table");
    assert!(both.contains("XA1,4y,10y,某散,2025-06-01,2026-01-27,"), "{both}");
    write_tables(folder.path(), &first.tables).expect("written");
    write_tables(folder.path(), &second.tables).expect("written");
    assert_eq!(fs::read_to_string(&table).expect("the table"), both);
}

#[test]
fn a_workbook_is_read_by_the_same_headings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("批次.xlsx");
    let headings = ["序号", "规则名称", "批次", "发布日期", "项目名称", "限制内容", "医保编码"];
    let columns = headings.iter().map(|name| Column { name: (*name).to_owned(), kind: ColumnKind::Text }).collect();
    let mut writer = TableWriter::create(&file, "知识点", columns).expect("a workbook");
    let row = ["1", "医疗服务项目限定频次", "8", "2026-01-06", "某监测", "小时", "S1、S2"];
    writer.write(&row.map(Cell::Text)).expect("written");
    writer.finish().expect("written");
    let done = import(&[file], 30).expect("readable");
    assert!(done.not_used.is_empty(), "{:?}", done.not_used);
    assert_eq!(
        text(&done, "service-daily-limit"),
        "code,max,hourly,name,begndate,enddate,note\n\
         S1,24,1,某监测,2026-01-06,,批次 8\n\
         S2,24,1,某监测,2026-01-06,,批次 8\n"
    );
}

/// Section 3 of the reference: rows and distinct codes of each rule.
const PUBLISHED: [(u32, usize, usize); 21] = [
    (1, 18, 95),
    (2, 6, 30),
    (3, 37, 37),
    (4, 116, 116),
    (5, 110, 601),
    (7, 24, 45),
    (8, 510, 5064),
    (10, 59, 1173),
    (12, 123, 979),
    (13, 76, 807),
    (15, 378, 368),
    (23, 11, 11),
    (25, 900, 528),
    (27, 67, 67),
    (29, 1, 1),
    (31, 14, 14),
    (47, 22, 232),
    (65, 366, 4441),
    (67, 640, 6590),
    (80, 30, 30),
    (81, 391, 390),
];

fn reference() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = root.join("../shared/reference/supervision-knowledge-points.tsv");
    if file.exists() {
        return Some(file);
    }
    assert!(
        std::env::var("HENG_REFERENCE").as_deref() != Ok("required"),
        "the reference is absent: {}",
        file.display()
    );
    println!("not run: reference absent");
    None
}

#[test]
fn the_published_points_are_all_counted_and_most_are_understood() {
    let Some(file) = reference() else { return };
    let done = import(&[file], 30).expect("readable");
    for (rule, rows, codes) in PUBLISHED {
        assert_eq!((done.rows[&rule], done.codes[&rule].len()), (rows, codes), "rule {rule}");
    }
    assert_eq!(done.rows.values().sum::<usize>(), 3_899);
    let all: std::collections::BTreeSet<&String> = done.codes.values().flatten().collect();
    assert_eq!(all.len(), 19_800);
    let understood: usize = done.understood.values().sum();
    println!("{understood} of 3899 understood: {:?}", done.understood);
    for row in &done.not_used {
        if !["药品限适应症", "药品限二线使用"].contains(&row.rule.as_str()) {
            println!("{} {} {}: {} | {}", row.row, row.rule, row.item, row.why, row.sentence);
        }
    }
    assert_eq!(understood + done.not_used.len(), 3_899);
    // What names diseases, or a treatment that came before, needs a person.
    let by_hand =
        done.not_used.iter().filter(|row| ["药品限适应症", "药品限二线使用"].contains(&row.rule.as_str())).count();
    assert_eq!(by_hand, 510 + 90);
    assert!(done.not_used.len() - by_hand <= 20, "{} others", done.not_used.len() - by_hand);
}
