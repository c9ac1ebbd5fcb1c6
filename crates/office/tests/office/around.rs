//! What stands around a stay: by which change, and what it would be paid there.

use grouping::Scratch;
use office::around::{Change, around, stand};
use office::http::{Limits, stays};
use serde_json::json;
use terms::Fen;

use crate::small;

#[test]
fn a_stay_without_its_complication_or_with_another_principal_is_told_with_its_price() {
    let installed = small();
    let plan = installed.plan(None).expect("one plan");
    let settlement = json!({"institution": "H1", "level": "3", "insurance": "310", "discharged": "2026-03-01",
        "patient": "2000", "item_fund": "9000"});
    let case = json!({"id": "c", "diagnoses": ["I63.900", "J96.000", "I10.x00"], "sex": 2, "age": 66, "days": 12,
        "fee": "16000.00", "settlement": settlement});
    let asked = stays(vec![case], Vec::new(), &installed, &Limits::default()).expect("a stay");
    let standing = stand(&installed, Some(plan), &asked[0], &mut Scratch::default());
    assert_eq!(installed.grouper.groups(&standing.answer).group, "BR21");
    let own = standing.price.clone().expect("a plan").expect("a price");
    let found = around(&installed, Some(plan), &asked[0], &standing);
    let of = |group: &str| found.iter().find(|one| one.group == group).unwrap_or_else(|| panic!("{group}: {found:?}"));
    let plain = of("BR25");
    assert_eq!(plain.by, [Change::WithoutDiagnosis("J96.000".to_owned())]);
    let price = plain.price.clone().expect("a plan").expect("a price");
    assert!(price.payment < own.payment && price.payment > Fen::ZERO, "{price:?}");
    assert_eq!(of("FR15").by, [Change::Principal("I10.x00".to_owned())]);
    assert!(found.iter().all(|one| one.group != "BR21"), "its own group is no neighbour");
}

#[test]
fn a_group_beside_it_in_the_tree_is_told_with_its_rule_though_no_change_leads_there() {
    let installed = small();
    let case = json!({"diagnoses": ["I63.900"], "sex": 2, "age": 66});
    let asked = stays(vec![case], Vec::new(), &installed, &Limits::default()).expect("a stay");
    let standing = stand(&installed, None, &asked[0], &mut Scratch::default());
    let found = around(&installed, None, &asked[0], &standing);
    let beside = found.iter().find(|one| one.group == "BR21").expect("the sibling with MCC");
    assert!(beside.by.is_empty() && beside.rule.contains("MCC") && beside.price.is_none());
}
