//! What schemes beyond CHS-DRG need: procedures that count together, groups whose own diagnoses
//! are not their complications, sums of tags, the least rank.

use grouping::{Case, Condition, Files, Grouper, Scheme, Scratch};

const HEAD: &str = r#"
id = "small"
version = "1"
title = "A heart and a rest"
ungroupable = ["00", "999"]

[[level]]
name = "MDC"

[[level]]
name = "DRG"
select = "min-rank"

[[severity]]
name = "MCC"
"#;

const NODES: &str = "\
parent,code,name,rule,rank
,05,Heart,ZYZD in HEART,
05,001,Pacemaker,\"{ZYSS, QTSS} in PACEMAKER\",2
05,002,Lead or generator alone,\"{ZYSS, QTSS} in HALF\",1
05,003,Four vessels,\"sum(VESSELS ∩ {ZYSS, QTSS}) >= 4\",3
05,004,Infarction with another MCC,QTZD in MCC except INFARCTION,4
05,005,Other,,5
,06,Rest,,
06,002,Lead or generator alone,\"{ZYSS, QTSS} in HALF\",1
06,006,Other,,2
";

const SETS: &str = "\
set,kind,code,tag
HEART,DI,I50,
INFARCTION,DI,I21,
PACEMAKER,OP,BOTH,
HALF,OP,LEAD,
HALF,OP,GENERATOR,
VESSELS,OP,TWO,2
VESSELS,OP,ONE,1
";

const SEVERITY: &str = "code,class\nI21,MCC\nJ96,MCC\n";

const COMBINATIONS: &str = "\
code,part,member,hidden_below
BOTH,1,LEAD,05
BOTH,2,GENERATOR,
BOTH,2,GENERATOR2,
";

fn files() -> Files {
    let files = [
        ("scheme.toml", HEAD),
        ("nodes.csv", NODES),
        ("sets.csv", SETS),
        ("severity.csv", SEVERITY),
        ("combinations.csv", COMBINATIONS),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

fn scheme() -> Scheme {
    Scheme::read(&files(), None).expect("a right scheme").scheme
}

/// `MDC/DRG` of a case.
fn group(diagnoses: &[&str], procedures: &[&str]) -> String {
    let grouper = Grouper::compile(&scheme()).expect("a right scheme");
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    let case = Case { diagnoses: own(diagnoses), procedures: own(procedures), ..Case::default() };
    let answer = grouper.group(&case, &mut Scratch::new());
    let explained = grouper.explain(&case);
    assert_eq!(explained.answer, answer, "grouping and explaining agree");
    let groups = grouper.groups(&answer);
    format!("{}/{}", groups.mdc, groups.group)
}

#[test]
fn procedures_of_every_part_make_the_combination_and_no_longer_count_alone_there() {
    assert_eq!(group(&["I50"], &["GENERATOR", "X", "LEAD"]), "05/001");
    assert_eq!(group(&["I50"], &["LEAD", "GENERATOR2"]), "05/001");
}

#[test]
fn a_part_alone_or_twice_makes_nothing() {
    assert_eq!(group(&["I50"], &["LEAD"]), "05/002");
    assert_eq!(group(&["I50"], &["LEAD", "LEAD"]), "05/002");
    assert_eq!(group(&["I50"], &["GENERATOR", "GENERATOR2"]), "05/002");
}

#[test]
fn members_are_hidden_only_below_the_nodes_that_are_named() {
    assert_eq!(group(&["Z00"], &["LEAD", "GENERATOR"]), "06/002");
}

#[test]
fn a_sum_adds_the_tags_of_every_procedure_entered_repeats_included() {
    assert_eq!(group(&["I50"], &["TWO", "ONE"]), "05/005");
    assert_eq!(group(&["I50"], &["TWO", "TWO"]), "05/003");
    assert_eq!(group(&["I50"], &["TWO", "ONE", "ONE"]), "05/003");
}

#[test]
fn a_complication_outside_the_exceptions_counts() {
    assert_eq!(group(&["I50", "I21"], &[]), "05/005");
    assert_eq!(group(&["I50", "I21", "J96"], &[]), "05/004");
}

#[test]
fn the_folder_gives_the_same_scheme_again() {
    let scheme = scheme();
    let again = Scheme::read(&scheme.write(), None).expect("what was written can be read").scheme;
    assert_eq!(again.combinations, scheme.combinations);
    assert_eq!(again, scheme);
}

#[test]
fn a_combination_of_one_part_is_refused_with_its_code() {
    let mut scheme = scheme();
    scheme.combinations[0].parts.truncate(1);
    let problems = Grouper::compile(&scheme).expect_err("one part is no combination");
    assert!(problems.iter().any(|problem| problem.to_string().contains("BOTH")), "{problems:?}");
}

#[test]
fn parts_out_of_order_are_refused_with_their_line() {
    let mut files = files();
    files.insert("combinations.csv".to_owned(), "code,part,member\nBOTH,2,LEAD\n".to_owned());
    let problems = Scheme::read(&files, None).expect_err("part 2 before part 1");
    assert!(problems[0].to_string().contains("combinations.csv:2"), "{problems:?}");
}

#[test]
fn rules_with_exceptions_and_sums_are_written_as_they_are_read() {
    for text in ["QTZD in {MCC, CC} except {A, B}", "QTZD not in MCC except A", "sum(V ∩ {ZYSS, QTSS}) >= 4"] {
        assert_eq!(Condition::parse(text).expect("a right rule").to_string(), text);
    }
}
