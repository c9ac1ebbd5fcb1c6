//! What differs between two schemes, in words, and which cases move.

use grouping::{Case, Files, Grouper, Scheme};
use schemes::diff::{Comparison, Subject, Weights, differences};

/// A little scheme: two groups for one diagnosis, parted by a complication.
fn scheme(bend: impl Fn(&mut Files)) -> Scheme {
    let mut files: Files = [
        ("scheme.toml", "id = \"little\"\nversion = \"1\"\ntitle = \"小方案\"\nungroupable = [\"000\", \"0000\"]\n[[level]]\nname = \"ADRG\"\n[[level]]\nname = \"DRG\"\n[[severity]]\nname = \"MCC\"\ntitle = \"严重\"\n"),
        ("nodes.csv", "parent,code,name,rule,order\n,BR1,出血,ZYZD in DI_BR1,10\nBR1,BR11,出血伴MCC,QTZD in MCC,10\nBR1,BR15,出血,,20\n,BZ1,其他,ZYZD in DI_BZ1,20\nBZ1,BZ19,其他,,10\n"),
        ("sets.csv", "set,kind,code\nDI_BR1,DI,I61.900\nDI_BZ1,DI,G40.900\nDI_BZ1,DI,I61.900\n"),
        ("severity.csv", "code,class,exclusion\nJ96.000,MCC,\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    bend(&mut files);
    match Scheme::read(&files, None) {
        Ok(read) => read.scheme,
        Err(problems) => panic!("{problems:?}"),
    }
}

fn replace(file: &'static str, from: &'static str, to: &'static str) -> impl Fn(&mut Files) {
    move |files| {
        let text = files.get_mut(file).expect("the file is there");
        assert!(text.contains(from), "{text}");
        *text = text.replace(from, to);
    }
}

/// The English words of all changes.
fn words(bend: impl Fn(&mut Files)) -> Vec<String> {
    let changes = differences(&scheme(|_| {}), &scheme(bend));
    assert!(changes.iter().all(|change| !change.chinese.is_empty()));
    changes.into_iter().map(|change| format!("{}: {}", change.place, change.english)).collect()
}

#[test]
fn nothing_differs_from_itself() {
    assert_eq!(words(|_| {}), Vec::<String>::new());
}

#[test]
fn a_rule_that_changed_is_told_with_both_texts() {
    let told = words(replace("nodes.csv", "QTZD in MCC", "QTZD in MCC and NL >= 70"));
    assert_eq!(told, ["BR1/BR11: rule: was “QTZD in MCC”, is “QTZD in MCC and NL >= 70”"]);
}

#[test]
fn a_group_that_came_is_told_once_with_what_is_below_it() {
    let told = words(replace("nodes.csv", "BR1,BR15", ",BY1,新组,ZYZD in DI_BZ1,15\nBY1,BY19,新组,,10\nBR1,BR15"));
    assert_eq!(told, ["BY1: added (新组; rule ZYZD in DI_BZ1; 1 groups)"]);
}

#[test]
fn a_group_under_another_parent_has_moved() {
    let told = words(replace(
        "nodes.csv",
        "BR1,BR15,出血,,20\n,BZ1,其他,ZYZD in DI_BZ1,20\n",
        ",BZ1,其他,ZYZD in DI_BZ1,20\nBZ1,BR15,出血,,20\n",
    ));
    assert_eq!(told, ["BR1/BR15: moved to BZ1/BR15"]);
}

#[test]
fn groups_asked_in_another_order_are_told() {
    let told = words(replace("nodes.csv", "ZYZD in DI_BZ1,20", "ZYZD in DI_BZ1,5"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("order: was asked"), "{told:?}");
}

#[test]
fn members_and_complications_that_changed_are_listed() {
    let told = words(|files| {
        replace("sets.csv", "DI_BZ1,DI,G40.900", "DI_BZ1,DI,G41.900")(files);
        replace("severity.csv", "J96.000,MCC,", "J96.000,MCC,\nR57.000,MCC,")(files);
    });
    assert_eq!(
        told,
        ["DI_BZ1: 1 codes added: G41.900", "DI_BZ1: 1 codes removed: G40.900", "MCC/CC: 1 become MCC: R57.000"]
    );
}

#[test]
fn auxiliary_levels_that_came_went_or_changed_are_told() {
    let with = |rows: &str| {
        let text = format!("id,name,rule,groups\n{rows}");
        scheme(|files| drop(files.insert("auxiliary.csv".to_owned(), text.clone())))
    };
    let before = with("age:66+,老人,NL >= 66,\nsex:f,女性,XB = 2,\ncci:3+,,NL >= 9,BR11\n");
    let after = with("age:66+,老人,NL >= 70,BR11 BZ19\nage:0-6,儿童,NL <= 6,\ncci:3+,,NL >= 9,BR11 BR15\n");
    let told: Vec<String> = differences(&before, &after)
        .into_iter()
        .inspect(|change| assert_eq!(change.subject, Subject::Auxiliary))
        .map(|change| format!("{}: {}", change.place, change.english))
        .collect();
    assert_eq!(
        told,
        [
            "sex:f: removed (XB = 2)",
            "age:0-6: added (NL <= 6)",
            "age:66+: rule: was “NL >= 66”, is “NL >= 70”",
            "age:66+: groups: was “*”, is “BR11 BZ19”",
            "cci:3+: 1 codes added: BR15",
        ]
    );
}

#[test]
fn a_version_is_told_before_groups() {
    let changes = differences(&scheme(|_| {}), &scheme(replace("scheme.toml", "version = \"1\"", "version = \"2\"")));
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].subject, changes[0].chinese.as_str()), (Subject::Head, "版本：由“1”改为“2”"));
}

#[test]
fn cases_that_move_are_counted_with_the_weight_they_gain() {
    let before = Grouper::compile(&scheme(|_| {})).expect("sound");
    let bend = replace("severity.csv", "J96.000", "J98.000");
    let after = Grouper::compile(&scheme(bend)).expect("sound");
    let weights_a = Weights::parse("a.csv", "group,weight\nBR11,2.5\nBR15,1\nBZ19,0.8\n").expect("sound");
    let weights_b = Weights::parse("b.csv", "group,weight\nBR11,2.5\nBR15,1.1\nBZ19,0.8\n").expect("sound");
    let mut comparison = Comparison::new((&before, &weights_a), (&after, &weights_b));
    let case = |diagnoses: &[&str]| Case {
        diagnoses: diagnoses.iter().map(|code| (*code).to_owned()).collect(),
        ..Case::default()
    };
    let moved = comparison.add(&case(&["I61.900", "J96.000"])).expect("it moves");
    assert_eq!((moved.from.1.as_str(), moved.to.1.as_str()), ("BR11", "BR15"));
    assert!(comparison.add(&case(&["I61.900"])).is_some(), "its weight changes");
    assert!(comparison.add(&case(&["G40.900"])).is_none(), "it stays");
    let impact = &comparison.impact;
    assert_eq!((impact.cases, impact.moved, impact.weighed), (3, 1, 3));
    assert_eq!(impact.weight_before.to_string(), "4.3");
    assert_eq!(impact.weight_after.to_string(), "3");
    let total = &impact.moves[&("BR11".to_owned(), "BR15".to_owned())];
    assert_eq!((total.cases, total.gain.to_string()), (1, "-1.4".to_owned()));
}

#[test]
fn a_weight_that_is_no_number_is_refused() {
    let refusal = Weights::parse("w.csv", "group,weight\nBR11,2.5x\n").expect_err("refused").to_string();
    assert_eq!(refusal, "w.csv row 2 (BR11): the weight “2.5x” is not a number");
}
