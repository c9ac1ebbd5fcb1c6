//! A user's files become the same lake whatever order their rows are in, and what is wrong with
//! them is told by file, row and field.

use std::fs;
use std::path::Path;

use encounter::{Field, History, Record};
use intake::SourceOptions;
use lake::{Engine, FieldMap, Inputs, Lake, LakeTable, Problems, Staged, arrange, stage};

use crate::claims::Dice;
use crate::parquet::read;

/// A record's cells as a file would hold them.
fn cells<R: Record>(record: &R, fields: &[Field]) -> Vec<String> {
    let mut cells = vec![String::new(); fields.len()];
    record.each(&mut |at, value| {
        cells[at] = value.map_or(String::new(), |value| match value {
            encounter::ValueRef::Text(text) => text.to_owned(),
            encounter::ValueRef::Texts(texts) => texts.join("|"),
            encounter::ValueRef::Date(day) => day.to_string(),
            encounter::ValueRef::Time(time) => terms::show_time(time),
            encounter::ValueRef::Money(amount) => amount.to_string(),
            encounter::ValueRef::Number(number) => number.to_string(),
            encounter::ValueRef::Flag(yes) => if yes { "1" } else { "0" }.to_owned(),
        });
    });
    cells
}

/// Writes a claim folder as CSV, rows in an order by chance.
pub fn write_folder(folder: &Path, histories: &[History], dice: &mut Dice) {
    fs::create_dir_all(folder).expect("a folder");
    let mut tables: Vec<(LakeTable, Vec<Vec<String>>)> =
        LakeTable::ALL[..6].iter().map(|table| (*table, Vec::new())).collect();
    let fields = |at: usize| LakeTable::ALL[at].fields();
    for history in histories {
        tables[0].1.push(cells(&history.person, fields(0)));
        for visit in &history.encounters {
            tables[1].1.push(cells(visit, fields(1)));
            tables[2].1.extend(visit.diagnoses.iter().map(|row| cells(row, fields(2))));
            tables[3].1.extend(visit.procedures.iter().map(|row| cells(row, fields(3))));
            tables[4].1.extend(visit.lines.iter().map(|row| cells(row, fields(4))));
            let id = visit.mdtrt_id.clone().expect("a number");
            tables[5].1.extend(visit.funds.iter().map(|(fund, paid)| vec![id.clone(), fund.clone(), paid.to_string()]));
        }
    }
    for (table, rows) in &mut tables {
        // Procedures have no number of their own: their order is all there is.
        if *table != LakeTable::Procedures {
            for at in (1..rows.len()).rev() {
                rows.swap(at, dice.below(at as u64 + 1) as usize);
            }
        }
        let mut text = String::new();
        let headings: Vec<&str> = table.fields().iter().map(|field| field.name).collect();
        text.push_str(&(headings.join(",") + "\n"));
        for row in rows {
            let quoted: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text.push_str(&(quoted.join(",") + "\n"));
        }
        fs::write(folder.join(format!("{table}.csv")), text).expect("written");
    }
}

/// Brings files into a lake; the lake, what was staged and the problems told.
pub fn bring_in(paths: &[&Path], work: &Path, parts: u32) -> (Lake, Staged, String) {
    let inputs = Inputs {
        paths: paths.iter().map(|path| path.to_path_buf()).collect(),
        options: SourceOptions::default(),
        map: FieldMap::builtin(),
    };
    let told = work.join("problems.csv");
    let mut problems = Problems::to(&told);
    let staging = work.join("staged");
    let staged = stage(&inputs, &staging, parts, &mut problems, &|_| (), &|_| ()).expect("staged");
    let lake = Lake::create(&work.join("lake"), parts).expect("a lake");
    let engine = Engine::new(256 << 20, 2, &work.join("spill"), staged.visits).expect("an engine");
    arrange(&engine, &staging, &staged, &lake, &mut problems, &|_| ()).expect("arranged");
    let any = problems.finish().expect("written");
    let text = if any { fs::read_to_string(&told).expect("problems") } else { String::new() };
    (lake, staged, text)
}

#[test]
fn rows_in_any_order_become_the_same_histories() {
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let histories = dice.histories(60);
        let folder = tempfile::tempdir().expect("a folder");
        write_folder(&folder.path().join("in"), &histories, &mut dice);
        let (lake, staged, _) = bring_in(&[&folder.path().join("in")], folder.path(), 3);
        assert_eq!(staged.visits as usize, histories.iter().map(|history| history.encounters.len()).sum::<usize>());
        let mut found = read(&lake);
        // What belongs to a visit has no order but the one of its numbers.
        for visit in found.iter_mut().flat_map(|history| &mut history.encounters) {
            visit.lines.sort_by(|one, other| one.feedetl_sn.cmp(&other.feedetl_sn));
            visit.diagnoses.sort_by_key(|row| row.diag_srt_no);
            visit.funds.sort();
        }
        assert_eq!(found, histories, "seed {seed}");
    }
}

fn small(folder: &Path, lines: &str) -> String {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("persons.csv"), "psn_no,gend,brdy\nP1,1,1960-01-01\nP1,1,1960-01-01\n").expect("written");
    let visits = "psn_no,mdtrt_id,begntime,endtime\nP1,V2,2026-02-01 08:00:00,2026-01-31 08:00:00\nP1,V1,2026-01-05 08:00:00,\n,V3,,\nP1,V4,,\n";
    fs::write(folder.join("encounters.csv"), visits).expect("written");
    fs::write(folder.join("diagnoses.csv"), "mdtrt_id,diag_code\nV1,I10\nV2,I10\n").expect("written");
    fs::write(folder.join("费用明细.csv"), lines).expect("written");
    let (lake, _, problems) = bring_in(&[folder], &folder.join("work"), 1);
    let histories = read(&lake);
    let kept: usize = histories[0].encounters.iter().map(|visit| visit.lines.len()).sum();
    assert_eq!((histories.len(), kept), (1, 2), "{problems}");
    problems
}

#[test]
fn duplicates_orphans_bad_cells_gaps_and_disorder_are_named_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let problems = small(
        &folder.path().join("in"),
        "mdtrt_id,费用明细流水号,项目编码,fee_ocur_time,数量,单价（元）\n\
         V1,1,X1,2026-01-06 09:00,2,10\n\
         V1,1,X1,2026-01-06 09:00,2,10\n\
         V1,2,,2026-01-05 10:00,1,10\n\
         V9,1,X1,2026-01-05 10:00,1,10\n\
         V1,3,X1,2026-01-05 10:00,两,10\n",
    );
    for told in [
        "persons.csv,3,0,psn_no,P1,人员重复，与 persons.csv 第 2 行相同",
        "encounters.csv,2,0,endtime 结束时间",
        "encounters.csv,4,1,psn_no,,psn_no 人员编号 为空",
        "encounters.csv,5,0,begntime 开始（入院）时间",
        "encounters.csv,3,0,begntime / fee_ocur_time",
        "encounters.csv,5,0,diag_code 诊断代码,V4,就诊没有诊断",
        "费用明细.csv,3,0,\"mdtrt_id, feedetl_sn\",\"V1, 1\",费用明细重复，与 费用明细.csv 第 2 行相同",
        "费用明细.csv,4,0,med_list_codg 目录编码",
        "费用明细.csv,5,0,mdtrt_id,V9,费用明细 的就诊不在",
        "费用明细.csv,6,5,数量,两,不是 is not a number",
    ] {
        assert!(problems.contains(told), "{told}\n---\n{problems}");
    }
}

#[test]
fn a_wide_export_tells_person_visit_and_lines_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("his.csv");
    let text = "住院号,患者ID,性别,出生日期,入院时间,出院日期,主要诊断编码,其他诊断编码1,明细流水号,项目编码,收费时间,数量,金额\n\
        V1,P1,女,1960/5/1,2026/3/1 8:00,2026/3/4,I10,E11.9,1,X1,2026/3/1 9:00,2,\"1,020.00\"\n\
        V2,P2,男,1970/5/1,2026/3/1 8:00,2026/3/4,I10,,1,X1,2026/3/1 9:00,2,20\n\
        V1,P1,女,1960/5/1,2026/3/1 8:00,2026/3/4,I10,E11.9,2,X2,2026/3/2 9:00,1,5\n";
    fs::write(&file, text).expect("written");
    let (lake, staged, problems) = bring_in(&[&file], &folder.path().join("work"), 2);
    assert_eq!(problems, "", "telling a visit again with each line is no problem");
    assert_eq!((staged.lines, staged.wide), (3, vec![true]));
    let histories = read(&lake);
    assert_eq!(histories.len(), 2);
    let first = &histories[0];
    assert_eq!(first.person.gend.as_deref(), Some("2"));
    assert_eq!(first.encounters[0].lines.len(), 2);
    assert_eq!(first.encounters[0].lines[0].det_item_fee_sumamt, Some(terms::Fen(102_000)));
    let codes: Vec<_> = first.encounters[0].diagnoses.iter().filter_map(|row| row.diag_code.as_deref()).collect();
    assert_eq!(codes, ["I10", "E11.9"]);
}

#[test]
fn a_heading_that_every_row_needs_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("lines.csv"), "FYXH,项目编码\n1,X1\n").expect("written");
    let inputs =
        Inputs { paths: vec![folder.path().to_owned()], options: SourceOptions::default(), map: FieldMap::builtin() };
    let mut problems = Problems::to(&folder.path().join("problems.csv"));
    let error = stage(&inputs, &folder.path().join("staged"), 1, &mut problems, &|_| (), &|_| ());
    let error = error.expect_err("no visit").to_string();
    assert!(error.contains("lines.csv") && error.contains("mdtrt_id 就诊ID") && error.contains("FYXH"), "{error}");
}
