//! Scheme folders: what is written is read again, and a variant is a few lines on a base.

use std::fs;
use std::path::{Path, PathBuf};

use grouping::{Case, Grouper, Scheme, Scratch, Sex};
use schemes::workbook::Settings;
use schemes::{SchemesError, folder, load, tables};
use tempfile::TempDir;

fn tiny(at: &Path) -> PathBuf {
    let folder = at.join("tiny");
    fs::create_dir(&folder).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    write(
        "mdc.tsv",
        "order\tmdc\tcondition\tqy_after_adrg_seq\tqy_condition\tqy_code\n1\tMDCB\t{\"pdx_in\":\"B.zd\"}\t1\t{\"main_proc_in\":\"SS_VALID\"}\tBQY\n",
    );
    write(
        "adrg.tsv",
        "mdc\tseq\tadrg\tname\tkind\tcondition\twhen_no_split_matches\nMDCB\t1\tBB1\t开颅\tsurgical\t{\"main_proc_in\":\"BB1.ss\"}\treturn BB1\nMDCB\t2\tBR1\t出血\tmedical\t{\"pdx_in\":\"B.zd\"}\tcontinue\n",
    );
    write(
        "drg.tsv",
        "adrg\tseq\tdrg\tname\tcondition\nBB1\t1\tBB11\t开颅伴MCC\t{\"mcc\":true}\nBR1\t1\tBR19\t出血\ttrue\n",
    );
    write("list_index.tsv", "list_id\tsize\nB.zd\t1\nBB1.ss\t1\n");
    write("lists.tsv", "list_id\tpos\tcode\ttag\nB.zd\t1\tI61.900\t\nBB1.ss\t1\t01.2400\t\n");
    write("or_procedures.tsv", "code\tname\n01.2400\t开颅\n47.0100\t阑尾\n");
    write("mcc.tsv", "code\texclusion_table\nJ96.000\t1\n");
    write("cc.tsv", "code\texclusion_table\n");
    write("pdx_exclusion.tsv", "code\texclusion_table\nI61.900\t2\n");
    folder
}

fn group(scheme: &Scheme, diagnoses: &[&str], procedures: &[&str]) -> String {
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    let case = Case {
        diagnoses: own(diagnoses),
        procedures: own(procedures),
        sex: Some(Sex::Male),
        age: Some(60),
        ..Case::default()
    };
    let grouper = Grouper::compile(scheme).expect("the scheme is sound");
    let answer = grouper.group(&case, &mut Scratch::default());
    grouper.groups(&answer).group.to_owned()
}

#[test]
fn a_written_folder_reads_as_the_same_scheme() {
    let place = TempDir::new().expect("a folder");
    let scheme = tables::read(&tiny(place.path())).expect("the tables are understood").scheme;
    let out = place.path().join("out");
    folder::write(&scheme, &out).expect("the folder is written");
    assert_eq!(load(&out, &Settings::default()).expect("the folder is understood").scheme, scheme);
}

#[test]
fn a_folder_that_holds_something_is_not_written_over() {
    let place = TempDir::new().expect("a folder");
    let tables = tiny(place.path());
    let scheme = tables::read(&tables).expect("the tables are understood").scheme;
    let refusal = folder::write(&scheme, &tables).expect_err("refused").to_string();
    assert!(refusal.contains("the folder is not empty"), "{refusal}");
}

#[test]
fn a_variant_rests_on_tables_as_they_were_published_and_tables_may_be_packed() {
    let place = TempDir::new().expect("a folder");
    tiny(place.path());
    let variant = place.path().join("variant");
    fs::create_dir(&variant).expect("a folder");
    fs::write(variant.join("scheme.toml"), "id = \"my-city\"\nversion = \"1\"\ntitle = \"我市\"\nbase = \"../tiny\"\n")
        .expect("a file");
    let rows = "change,parent,code,name,rule,order\nadd,MDCB/BR1,BR17,出血 七十岁以上,NL >= 60,1\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, rows.as_bytes()).expect("packing");
    fs::write(variant.join("nodes.csv.gz"), packed.finish().expect("packing")).expect("a file");
    let loaded = load(&variant, &Settings::default()).expect("the variant is understood");
    assert_eq!(loaded.scheme.id, "my-city");
    assert_eq!(group(&loaded.scheme, &["I61.900"], &[]), "BR17");
}

#[test]
fn a_base_that_leads_back_to_itself_is_refused() {
    let place = TempDir::new().expect("a folder");
    for (one, other) in [("a", "b"), ("b", "a")] {
        let folder = place.path().join(one);
        fs::create_dir(&folder).expect("a folder");
        let head = format!("id = \"{one}\"\nversion = \"1\"\ntitle = \"{one}\"\nbase = \"../{other}\"\n");
        fs::write(folder.join("scheme.toml"), head).expect("a file");
    }
    let refusal = load(&place.path().join("a"), &Settings::default()).expect_err("refused").to_string();
    assert!(refusal.contains("its base leads back to itself"), "{refusal}");
}

#[test]
fn what_is_no_scheme_is_refused_with_the_forms_that_are() {
    let place = TempDir::new().expect("a folder");
    let refused = |path: &Path| load(path, &Settings::default()).expect_err("refused");
    assert!(matches!(refused(place.path()), SchemesError::NotAScheme { .. }));
    assert!(matches!(refused(&place.path().join("nowhere")), SchemesError::NotAScheme { .. }));
    for name in ["a.xlsx", "b.xlsx", "~$a.xlsx"] {
        fs::write(place.path().join(name), "").expect("a file");
    }
    let refusal = refused(place.path()).to_string();
    assert!(refusal.contains("it holds 2 workbooks"), "{refusal}");
}

#[test]
fn tables_answer_doubts_and_the_bare_group_where_no_split_fits() {
    let place = TempDir::new().expect("a folder");
    let scheme = tables::read(&tiny(place.path())).expect("the tables are understood").scheme;
    assert_eq!(group(&scheme, &["I61.900", "J96.000"], &["01.2400"]), "BB11");
    assert_eq!(group(&scheme, &["I61.900"], &["01.2400"]), "BB1");
    assert_eq!(group(&scheme, &["I61.900"], &["47.0100"]), "BQY");
    assert_eq!(group(&scheme, &["I61.900"], &[]), "BR19");
}

#[test]
fn tables_with_a_profile_beside_them_say_what_they_are_and_how_they_retry() {
    let place = TempDir::new().expect("a folder");
    let tables = tiny(place.path());
    // The second operation alone would lead somewhere.
    let mdc = fs::read_to_string(tables.join("mdc.tsv")).expect("a file");
    fs::write(tables.join("mdc.tsv"), mdc.replace("{\"pdx_in\":\"B.zd\"}", "{\"main_proc_in\":\"BB1.ss\"}"))
        .expect("a file");
    let without = tables::read(&tables).expect("the tables are understood").scheme;
    assert_eq!(group(&without, &["I61.900"], &["99.9900", "01.2400"]), "0000");
    let profile = "id = \"x\"\nversion = \"9\"\nretry = \"each-other-procedure\"\nnewborn_weight = \"birth\"\n";
    fs::write(tables.join("profile.toml"), profile).expect("a file");
    let with = tables::read(&tables).expect("the tables are understood").scheme;
    assert_eq!((with.id.as_str(), with.version.as_str()), ("x", "9"));
    assert_eq!(group(&with, &["I61.900"], &["99.9900", "01.2400"]), "BB1");
    assert_eq!(with.options.newborn_weight, grouping::NewbornWeight::Birth);
}

#[test]
fn what_tables_say_and_we_do_not_understand_is_told_all_at_once() {
    let place = TempDir::new().expect("a folder");
    let tables = tiny(place.path());
    let bend = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(tables.join(file)).expect("a file");
        assert!(text.contains(from));
        fs::write(tables.join(file), text.replace(from, to)).expect("a file");
    };
    bend("adrg.tsv", "{\"main_proc_in\":\"BB1.ss\"}", "{\"main_proc_on\":\"BB1.ss\"}");
    bend("adrg.tsv", "continue", "go on");
    bend("drg.tsv", "BR1\t1", "BX1\t1");
    bend("mdc.tsv", "SS_VALID", "SS_VALUED");
    let refusal = tables::read(&tables).expect_err("refused").to_string();
    for expected in [
        "adrg.tsv row 2 (BB1): condition: “main_proc_on” is not a kind of condition that is known",
        "adrg.tsv row 3 (BR1): “go on” is neither continue nor return CODE",
        "drg.tsv row 3 (BR19): belongs to a group that has no row of its own",
        "mdc.tsv row 2 (BQY): qy_condition: there is no list “SS_VALUED”",
    ] {
        assert!(refusal.contains(expected), "{expected}\n{refusal}");
    }
}
