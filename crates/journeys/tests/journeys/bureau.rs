//! 经办机构撤销: the bureau reverses in an institution's place, each on both databases.

use crate::world::*;
use journeys::{BureauReversal, JourneyError, ReversalReason, accumulated_by};
use ledger::Account;
use operation::Operation;
use terms::{Fen, PersonId, SettlementId};

fn asked(psn_no: &PersonId, setl_id: &SettlementId) -> BureauReversal {
    let words = "窗口登记的险种有误".to_owned();
    BureauReversal { psn_no: psn_no.clone(), setl_id: setl_id.clone(), reason: ReversalReason::WrongData, words }
}

fn order(
    world: &World,
    operation: &Operation,
    psn_no: &PersonId,
    setl_id: &SettlementId,
) -> Result<claim::Settlement, JourneyError> {
    let (operation, asked) = (operation.clone(), asked(psn_no, setl_id));
    world.deed(move |centre, tx| centre.reverse_for_bureau(tx, &operation, &asked))
}

#[test]
fn the_bureau_reverses_with_a_reason_that_is_sealed_and_everything_is_as_before() {
    on_each_database(|world| {
        let psn = world.person("7001", 5_000, &[]);
        let settled = world.settled_visit(&psn, "V1", 50_000, "1");
        let setl_id = settled.setl_id.expect("a number");
        let (person, number) = (psn.clone(), setl_id.clone());
        let trial = world.ask(move |centre, tx| centre.reversal_trial(tx, &person, &number, at("2026-03-10 09:00:00")));
        assert_eq!(trial.reversal.heads.hifp_pay, Fen(-28_000));
        assert_eq!((trial.standing.balance, trial.reversal.heads.balc), (Fen::ZERO, Fen(5_000)));
        assert_eq!(trial.totals["pool_used/310/2026"], 28_000);
        let operation = world.operation("BUREAU", "reversal");
        let row = order(world, &operation, &psn, &setl_id).expect("reversed");
        assert_eq!(row.reverses, Some(setl_id));
        assert_eq!(row.fixmedins_code.as_str(), HOSPITAL);
        assert_eq!(
            (row.particulars["reason"].as_str(), row.particulars["ordered_by"].as_str()),
            ("wrong_data", "tester")
        );
        let (person, number) = (psn.clone(), row.setl_id.clone());
        let sealed = world.ask(move |_, tx| journeys::sealed_facts(tx, &person, &number)).expect("facts");
        assert_eq!(sealed.body["ordered"]["words"], "窗口登记的险种有误");
        assert_eq!(world.standing(&psn).balance, Fen(5_000));
        assert!(world.totals(&psn).is_empty());
        assert_eq!(world.balance(Account::Payable(HOSPITAL.into())), Fen::ZERO);
        world.check_books();
    });
}

#[test]
fn the_same_order_twice_is_one_reversal_and_another_is_refused_by_the_law() {
    on_each_database(|world| {
        let psn = world.person("7002", 0, &[]);
        let setl_id = world.settled_visit(&psn, "V1", 50_000, "0").setl_id.expect("a number");
        let operation = world.operation("BUREAU", "reversal");
        let first = order(world, &operation, &psn, &setl_id).expect("reversed");
        assert_eq!(order(world, &operation, &psn, &setl_id).expect("the same again"), first);
        assert_eq!(code(order(world, &world.operation("BUREAU", "reversal"), &psn, &setl_id)), "T502");
        assert_eq!(code(order(world, &world.operation("BUREAU", "reversal"), &psn, &"no-such".into())), "T501");
        assert_eq!(world.history(&psn).settlements.len(), 2);
        world.check_books();
    });
}

#[test]
fn every_total_is_the_sum_of_what_settlements_and_reversals_added() {
    on_each_database(|world| {
        let psn = world.person("7003", 0, &[]);
        world.settled_visit(&psn, "V1", 50_000, "0");
        let second = world.settled_visit(&psn, "V2", 30_000, "0").setl_id.expect("a number");
        order(world, &world.operation("BUREAU", "reversal"), &psn, &second).expect("reversed");
        let all = world.ask(move |_, tx| accumulated_by(tx, &psn));
        let used = all.iter().find(|(total, _)| total.name == "pool_used").expect("the fund paid");
        assert_eq!((used.0.period.as_str(), used.0.amount, used.1.len()), ("2026", 28_000, 3));
        for (total, made_by) in &all {
            assert_eq!(made_by.iter().map(|row| row.amount).sum::<i64>(), total.amount, "{total:?}");
        }
    });
}
