//! A month of many stays: it comes in several deeds, and in whatever runs it is worked out, the
//! statement is the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::stays::{admit, discharge};
use crate::world::*;
use clearing::{ListState, Month, Statement, StatementState};
use grouping::{CodeSet, Condition, Grouper, Kind, Level, Member, Node, Scheme, Select};
use journeys::{Figures, GroupPayment, GroupPlan, InstitutionMonth, ListUpload};
use listing::SettlementList;
use payment::PaymentFile;
use terms::{Fen, PersonId, SettlementId};

/// More than one deed records, fewer than a slow test.
const STAYS: i64 = 105;

const PLAN: &str = r#"
[plan]
id = "town"
title = "试验费率法"
source = "试验"
method = "rate"
scheme = "town-drg"
scheme_version = "1"
from = 2026-01-01
dated_by = "discharged"
basis = "fee"

[[pool]]
id = "employees"
name = "职工"
insurance = ["310"]
fund = "310102"

[weights]
name = "权重"
scale = 1
missing_level = "all"
article = "权重表"
text = """
group,weight,mean_fee
ES1,0.8,800.00
ES2,1.3,1300.00
"""

[[param]]
id = "rate"
name = "费率"
article = "附件"
unit = "yuan"
  [[param.version]]
  from = 2026-01-01
  value = 1001.01

[[route]]
id = "grouped"
name = "按病组"
when = "grouped == 'grouped'"
points = "weight"

[price]
point_value = "rate"
payment = "points * point_value"
points = "amount / point_value"
[price.round]
points = { places = 4 }
payment = { places = 2 }
point_value = { places = 2 }

[month]
prepay = "0.9"
deposit = "0.05"
article = "附件"
"#;

fn pay() -> GroupPayment {
    let plan = PaymentFile::parse("town.toml", &BTreeMap::from([("town.toml".to_owned(), PLAN.to_owned())]));
    let plan = plan.unwrap_or_else(|problems| panic!("{problems}"));
    let node = |code: &str, when: &str| Node::new(code, code, Condition::parse(when).expect("a condition"));
    let scheme = Scheme {
        id: "town-drg".to_owned(),
        version: "1".to_owned(),
        levels: vec![Level { name: "DRG".to_owned(), select: Select::First }],
        sets: vec![CodeSet {
            name: "DI".to_owned(),
            kind: Kind::Diagnosis,
            tags: Default::default(),
            members: vec![Member { code: "J18".to_owned(), ..Member::default() }],
        }],
        nodes: vec![node("ES2", "ZYZD in {DI} and NL >= 46"), node("ES1", "ZYZD in {DI}")],
        ..Scheme::default()
    };
    let grouper = Grouper::compile(&scheme).unwrap_or_else(|problems| panic!("{problems:?}"));
    let plan = GroupPlan { plan: Arc::new(plan), grouper: Arc::new(grouper) };
    GroupPayment::new(vec![plan]).expect("the plan prices this scheme")
}

fn embedded() -> World {
    World::new(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database())
}

/// A settled stay of `total` 分, born in 1980: 45 years old.
fn stay(world: &World, number: i64, total: i64) -> (PersonId, SettlementId) {
    let psn = world.person(&format!("7{number:03}"), 0, &[]);
    let visit = admit(world, &psn, "Z1").expect("admitted").visit.mdtrt_id;
    world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", total)]).expect("taken");
    discharge(world, &psn, &visit).expect("discharged");
    let settled = world.settle(&psn, HOSPITAL, &visit, total, "0").expect("settled");
    (psn, settled.setl_id.expect("a number"))
}

fn submit(world: &World, (psn_no, setl_id): &(PersonId, SettlementId)) {
    let mut content = SettlementList::default();
    let code = listing::by_path("diagnoses.code").expect("a field");
    content.set(code, 0, "J18").expect("a code");
    let upload = ListUpload { psn_no: psn_no.clone(), setl_id: setl_id.clone(), content, submit: true };
    let operation = world.operation(HOSPITAL, "4101");
    let list = world.deed(move |centre, tx| centre.upload_list(tx, &operation, &upload)).expect("taken");
    assert_eq!((list.version, list.state), (1, ListState::Submitted));
}

fn clear(world: &World) -> InstitutionMonth {
    let operation =
        operation::Operation { received_at: at("2026-04-02 02:00:00"), ..world.operation("BUREAU", "clear") };
    let month: Month = "2026-03".parse().expect("a month");
    let only = [HOSPITAL.into()];
    let outcome = world.centre.clear_month(&world.database, &pay(), &operation, month, &only, &mut |_| {});
    world.check_books();
    outcome.expect("cleared").remove(&HOSPITAL.into()).unwrap_or_default()
}

fn statement(world: &World) -> Statement {
    let month: Month = "2026-03".parse().expect("a month");
    world.ask(move |_, tx| Ok(clearing::statements(tx, &HOSPITAL.into(), month, month)?)).remove(0)
}

#[test]
fn a_month_of_many_stays_is_the_same_in_one_run_and_in_several() {
    let (whole, parts) = (embedded(), embedded());
    let (mut in_whole, mut in_parts) = (Vec::new(), Vec::new());
    for number in 0..STAYS {
        let total = 50_000 + 701 * number;
        in_whole.push(stay(&whole, number, total));
        in_parts.push(stay(&parts, number, total));
    }
    in_whole.iter().for_each(|stay| submit(&whole, stay));
    let all = usize::try_from(STAYS).expect("a count");
    let first = clear(&whole);
    assert_eq!((first.recorded, first.outstanding.len(), first.statements, first.written), (all, 0, 1, 1));
    let again = clear(&whole);
    assert_eq!(again, InstitutionMonth { statements: 1, ..InstitutionMonth::default() }, "nothing is new");

    in_parts.iter().step_by(3).for_each(|stay| submit(&parts, stay));
    let some = clear(&parts);
    assert_eq!((some.recorded, some.outstanding.len()), (all / 3, all - all / 3));
    in_parts.iter().skip(1).step_by(3).for_each(|stay| submit(&parts, stay));
    in_parts.iter().skip(2).step_by(3).for_each(|stay| submit(&parts, stay));
    assert_eq!(clear(&parts).recorded, all - all / 3);
    let (one, other) = (statement(&whole), statement(&parts));
    assert_eq!(one, other, "every figure");

    let figures = Figures::read(&one).expect("figures");
    let month = &figures.group[0].month;
    // 45 years old: the lighter group, 0.8 × 1001.01 = 800.81 each.
    assert_eq!(month.payment, Fen(80_081 * STAYS));
    assert_eq!(month.due, month.payment - month.patient);
    assert_eq!(figures.medfee_sumamt, month.fee);
    assert_eq!(figures.item.due, Fen::ZERO, "the pool pays everything here");
    assert_eq!((one.state, one.payable), (StatementState::Estimated, month.payable));
}
