//! A group is called unreachable only when no case can reach it: each scheme here is grouped and
//! looked through, and what a case reaches is never called out of reach.

use grouping::{Case, Catalogue, Grouper, Scheme, Scratch};

const HEAD: &str = r#"
id = "small"
version = "1"
title = "A heart and a rest"
ungroupable = ["00", "999"]

[[level]]
name = "MDC"

[[level]]
name = "ADRG"
"#;

const SETS: &str = "\
set,kind,code,tag,tags
HEART,DI,I50,,
HALF,OP,LEAD,,
HALF,OP,GENERATOR,,
ALL,OP,LEAD,,
ALL,OP,STENT,,
SITES,OP,LEAD,chest,first
SITES,OP,LEAD,arm,
SITES,OP,STENT,arm,
";

/// Both halves of a pacemaker are hidden below `05`.
const HIDDEN: &str = "code,part,member,hidden_below\nBOTH,1,LEAD,05\nBOTH,2,GENERATOR,05\n";
/// Both halves of a pacemaker count together and alone.
const OPEN: &str = "code,part,member\nBOTH,1,LEAD\nBOTH,2,GENERATOR\n";

fn scheme(head: &str, nodes: &str, combinations: &str) -> Scheme {
    let files = [("scheme.toml", head), ("nodes.csv", nodes), ("sets.csv", SETS), ("combinations.csv", combinations)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Scheme::read(&files, None).expect("a right scheme").scheme
}

/// `MDC/ADRG` of a case with a failing heart and these procedures.
fn group(scheme: &Scheme, procedures: &[&str]) -> String {
    let grouper = Grouper::compile(scheme).expect("a right scheme");
    let procedures = procedures.iter().map(|code| (*code).to_owned()).collect();
    let case = Case { diagnoses: vec!["I50".to_owned()], procedures, ..Case::default() };
    let answer = grouper.group(&case, &mut Scratch::new());
    let path: Vec<&str> = grouper.path(&answer).iter().map(|(_, code, _)| *code).collect();
    path.join("/")
}

/// The places said to be out of reach.
fn unreachable(scheme: &Scheme) -> Vec<String> {
    let lint = scheme.lint(&Catalogue::default()).into_iter();
    lint.filter(|problem| problem.message.contains("can never be reached")).map(|problem| problem.place).collect()
}

/// Counts see hidden procedures, `in` does not: the second group gets the cases with both halves.
const COUNTED: &str = "\
parent,code,name,rule,order
,05,Heart,ZYZD in HEART,1
05,ONE,A half alone,\"{ZYSS, QTSS} in HALF\",1
05,SOME,Some half,\"count(HALF ∩ {ZYSS, QTSS}) >= 1\",2
";

#[test]
fn a_count_reaches_beyond_a_group_that_passes_over_hidden_procedures() {
    let hidden = scheme(HEAD, COUNTED, HIDDEN);
    assert_eq!(group(&hidden, &["LEAD", "GENERATOR"]), "05/SOME");
    assert_eq!(unreachable(&hidden), [""; 0]);
    let open = scheme(HEAD, COUNTED, OPEN);
    assert_eq!(group(&open, &["LEAD", "GENERATOR"]), "05/ONE");
    assert_eq!(unreachable(&open), ["05/SOME"]);
}

/// The same rule above and below the node that hides: both halves enter `05` and find nothing there.
const PASSED_ON: &str = "\
parent,code,name,rule,order
,05,Half a pacemaker,\"{ZYSS, QTSS} in HALF\",1
05,ONE,A half alone,\"{ZYSS, QTSS} in HALF\",1
,06,Half again,\"{ZYSS, QTSS} in HALF\",2
06,REST,Other,,1
";

#[test]
fn a_rule_that_holds_above_may_fail_below_where_its_procedures_are_hidden() {
    let hidden = scheme(HEAD, PASSED_ON, HIDDEN);
    assert_eq!(group(&hidden, &["LEAD", "GENERATOR"]), "06/REST");
    assert_eq!(unreachable(&hidden), [""; 0]);
    let open = scheme(HEAD, PASSED_ON, OPEN);
    assert_eq!(group(&open, &["LEAD", "GENERATOR"]), "05/ONE");
    assert_eq!(unreachable(&open), ["06"]);
}

#[test]
fn what_is_hidden_from_both_groups_alike_leaves_the_second_out_of_reach() {
    let nodes = COUNTED.replace("\"count(HALF ∩ {ZYSS, QTSS}) >= 1\"", "ZYSS in HALF");
    assert_eq!(unreachable(&scheme(HEAD, &nodes, HIDDEN)), ["05/SOME"]);
}

/// A medical group takes what is left of `05`, unless surgical cases pass over it.
const MEDICAL: &str = "\
parent,code,name,rule,order
,05,Heart,ZYZD in HEART,1
05,OPERATED,A half,ZYSS in HALF,1
05,TREATED,Treated,ZYZD in HEART,2
,06,Heart again,ZYZD in HEART,2
06,REST,Other operation,ZYSS in ALL,1
";

#[test]
fn a_medical_group_that_surgical_cases_pass_over_does_not_keep_them() {
    let skipping = HEAD.replace(
        "\n[[level]]\nname = \"MDC\"",
        "\n[options]\nsurgical_skips_medical = { set = \"ALL\", level = \"ADRG\" }\n\n[[level]]\nname = \"MDC\"",
    );
    let skipping = scheme(&skipping, MEDICAL, OPEN);
    assert_eq!(group(&skipping, &["STENT"]), "06/REST");
    assert_eq!(unreachable(&skipping), [""; 0]);
    let plain = scheme(HEAD, MEDICAL, OPEN);
    assert_eq!(group(&plain, &["STENT"]), "05/TREATED");
    assert_eq!(unreachable(&plain), ["06"]);
}

/// A lead is of the chest first, so the first group does not ask for it.
const TAGGED: &str = "\
parent,code,name,rule,order
,05,Heart,ZYZD in HEART,1
05,ARM,On the arm,ZYSS in SITES#arm,1
05,SITE,Anywhere,ZYSS in SITES,2
";

#[test]
fn a_group_for_a_tag_does_not_take_codes_that_count_with_another_tag() {
    let tagged = scheme(HEAD, TAGGED, OPEN);
    assert_eq!(group(&tagged, &["LEAD"]), "05/SITE");
    assert_eq!(unreachable(&tagged), [""; 0]);
    let turned = TAGGED.replace("ZYSS in SITES,2", "ZYSS in SITES#arm and NL > 3,2");
    assert_eq!(unreachable(&scheme(HEAD, &turned, OPEN)), ["05/SITE"]);
}
