//! The floors test: the house as it stands, and every way in which it could be wrong.

use xtask::check::floors::{House, check, judge, plan, worldly};

const PLAN: &str = "\
| floor | room | stands | neighbours | what for |
|---|---|---|---|---|
| 5 | `heng` | planned | | the binary |
| 3 | `journeys` | yes | | journeys |
| 2 | `claim` | yes | | visits |
| 2 | `ledger` | yes | | money |
| 1 calculator | `policy` | yes | | law |
| 1 calculator | `adjudication` | yes | `policy` | settlement |
| 0 | `terms` | yes | | words |
";

/// A house that is as planned, with more lines of `cargo tree` at the end.
fn findings_with(more: &str) -> Vec<String> {
    let tree = format!(
        "0journeys v0.1.0 (/h)\n1claim v0.1.0 (/h)\n2terms v0.1.0 (/h)\n3serde v1.0.0\n\
         0ledger v0.1.0 (/h)\n1terms v0.1.0 (/h) (*)\n0claim v0.1.0 (/h) (*)\n0policy v0.1.0 (/h)\n\
         0adjudication v0.1.0 (/h)\n1policy v0.1.0 (/h)\n0terms v0.1.0 (/h) (*)\n{more}"
    );
    judge(&plan(PLAN).expect("the plan reads"), &House::from_tree(&tree))
}

#[test]
fn every_arrow_of_this_house_goes_down() {
    let findings = check(&xtask::files::root()).expect("the manifests can be read");
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn a_house_as_planned_has_no_findings() {
    assert_eq!(findings_with(""), Vec::<String>::new());
}

#[test]
fn an_arrow_that_goes_up_is_found() {
    let found = findings_with("0claim v0.1.0 (/h)\n1journeys v0.1.0 (/h)\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`claim` (floor 2) leans up on `journeys`"), "{found:?}");
}

#[test]
fn registers_that_lean_on_each_other_are_found() {
    let found = findings_with("0claim v0.1.0 (/h)\n1ledger v0.1.0 (/h)\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("leans sideways on `ledger`"), "{found:?}");
}

#[test]
fn a_neighbour_is_allowed_in_one_direction_only() {
    let found = findings_with("0policy v0.1.0 (/h)\n1adjudication v0.1.0 (/h)\n");
    assert!(found[0].contains("`policy` (floor 1) leans sideways on `adjudication`"), "{found:?}");
}

#[test]
fn a_calculator_that_reaches_the_world_through_others_is_found() {
    let house = House::from_tree("0policy v0.1.0 (/h)\n1serde v1.0.0\n1helper v1.0.0\n2tokio v1.0.0\n");
    assert_eq!(worldly("policy", &house), ["the calculator `policy` reaches the world through `tokio`"]);
    assert!(worldly("helper", &House::from_tree("0helper v1.0.0\n1serde v1.0.0\n")).is_empty());
}

#[test]
fn a_room_without_a_line_and_a_line_without_a_room_are_found() {
    let found = findings_with("0barn v0.1.0 (/h)\n0heng v0.1.0 (/h)\n");
    assert!(found[0].contains("`barn` has no line"), "{found:?}");
    assert!(found[1].contains("`heng` is built"), "{found:?}");
    let found = judge(&plan(PLAN).expect("the plan reads"), &House::from_tree("0terms v0.1.0 (/h)\n"));
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().all(|finding| finding.contains("does not exist")), "{found:?}");
}
