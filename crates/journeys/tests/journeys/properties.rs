//! What must hold whatever happens: money is conserved, a reversal restores everything, and
//! no ceiling is spent twice.

use std::collections::BTreeMap;
use std::sync::Barrier;

use crate::world::*;
use journeys::JourneyError;
use ledger::Account;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use terms::{Fen, PersonId, SettlementId};

/// What a random life is made of.
#[derive(Debug, Clone)]
enum Happening {
    /// A visit of so many 分 of item A, B or C, with an account flag.
    Visit(i64, usize, usize),
    /// The latest settlement is reversed.
    Reverse,
    /// The bureau credits the account.
    Credit(i64),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        4 => (1..200_000_i64, 0..3_usize, 0..3_usize).prop_map(|(amount, item, flag)| Happening::Visit(amount, item, flag)),
        2 => Just(Happening::Reverse),
        1 => (1..50_000_i64).prop_map(Happening::Credit),
    ];
    prop::collection::vec(one, 1..8)
}

/// Everything that a reversal must restore.
fn state(world: &World, psn: &PersonId) -> (Fen, Vec<Fen>, BTreeMap<String, i64>, [Fen; 4]) {
    let standing = world.standing(psn);
    let books = [
        Account::Pool("310102".into()),
        Account::Payable(HOSPITAL.into()),
        Account::Till(HOSPITAL.into()),
        Account::Cash(psn.clone()),
    ];
    let givers = standing.givers.iter().map(|giver| giver.balc).collect();
    (standing.balance, givers, world.totals(psn), books.map(|account| world.balance(account)))
}

fn live(world: &World, psn: &PersonId, life: &[Happening]) {
    // The states before each settlement that stands, to be found again by its reversal.
    let mut standing: Vec<(SettlementId, _)> = Vec::new();
    for (n, happening) in life.iter().enumerate() {
        match happening {
            Happening::Visit(amount, item, flag) => {
                let before = state(world, psn);
                let visit = world.visit(psn, HOSPITAL, &format!("V{n}")).expect("begun");
                let item = ["A", "B", "C"][*item];
                world.upload(psn, HOSPITAL, &visit, vec![line("1", item, *amount)]).expect("taken");
                let settled = world.settle(psn, HOSPITAL, &visit, *amount, ["0", "1", "2"][*flag]).expect("settled");
                standing.push((settled.setl_id.expect("a number"), before));
            }
            Happening::Reverse => {
                let Some((setl_id, before)) = standing.pop() else { continue };
                world.reverse(psn, HOSPITAL, &setl_id).expect("reversed");
                assert_eq!(state(world, psn), before);
            }
            Happening::Credit(amount) => {
                let (operation, psn_no, amount) = (world.operation("BUREAU", "credit"), psn.clone(), Fen(*amount));
                let when = at("2026-03-09 10:00:00");
                world
                    .deed(move |centre, tx| centre.credit_account(tx, &operation, &psn_no, amount, when))
                    .expect("credited");
                for (_, before) in &mut standing {
                    before.0 += amount;
                }
            }
        }
        world.check_books();
        assert!(world.totals(psn).get("pool_used/310/2026").is_none_or(|used| (0..=100_000).contains(used)));
    }
}

#[test]
fn money_is_conserved_and_reversals_restore_over_random_lives() {
    on_each_database(|world| {
        let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
        let people = std::sync::atomic::AtomicU32::new(0);
        runner
            .run(&(happenings(), 0..30_000_i64, 0..30_000_i64), |(life, own, given)| {
                let n = people.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let giver = format!("G{n}");
                let psn = world.person(&format!("9{n:04}"), own, &[(&giver, given)]);
                live(world, &psn, &life);
                Ok(())
            })
            .expect("holds for every life");
    });
}

#[test]
fn claims_of_one_person_at_the_same_moment_spend_one_ceiling_once() {
    on_each_database(|world| {
        let psn = world.person("4001", 0, &[]);
        // Four visits of 1000.00: the ceiling of 1000.00 is reached by the second.
        let visits: Vec<_> = (0..4)
            .map(|n| {
                let visit = world.visit(&psn, HOSPITAL, &format!("V{n}")).expect("begun");
                world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 100_000)]).expect("taken");
                visit
            })
            .collect();
        let start = Barrier::new(visits.len());
        let paid: Vec<Fen> = std::thread::scope(|scope| {
            let claims: Vec<_> = visits
                .iter()
                .map(|visit| {
                    scope.spawn(|| {
                        start.wait();
                        world.settle(&psn, HOSPITAL, visit, 100_000, "0").expect("settled").settlement.heads.hifp_pay
                    })
                })
                .collect();
            claims.into_iter().map(|claim| claim.join().expect("no claim panics")).collect()
        });
        assert_eq!(paid.iter().copied().sum::<Fen>(), Fen(100_000), "{paid:?}");
        assert_eq!(world.totals(&psn)["pool_used/310/2026"], 100_000);
        world.check_books();
    });
}

#[test]
fn two_receivers_at_the_same_moment_never_overdraw_one_giver() {
    on_each_database(|world| {
        // Each may use the other's account, too, so that the locks cross.
        world.person("5001", 30_000, &[]);
        world.person("5002", 30_000, &[]);
        let give = |receiver: &'static str, giver: &'static str| {
            let giver = enrolment::Giver {
                giver: giver.into(),
                period: terms::Period::since(day("2026-01-01")),
                year_lmt: None,
                balc: Fen::ZERO,
            };
            world.deed(move |_, tx| journeys::authorise(tx, &receiver.into(), &giver)).expect("authorised");
        };
        give("5001", "5002");
        give("5002", "5001");
        let start = Barrier::new(2);
        std::thread::scope(|scope| {
            for psn in ["5001", "5002"] {
                let start = &start;
                scope.spawn(move || {
                    let psn = PersonId::from(psn);
                    for n in 0..5 {
                        let visit = world.visit(&psn, HOSPITAL, &format!("V{n}")).expect("begun");
                        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "C", 9_000)]).expect("taken");
                        if n == 0 {
                            start.wait();
                        }
                        world.settle(&psn, HOSPITAL, &visit, 9_000, "2").expect("settled");
                    }
                });
            }
        });
        // 90000 分 were asked of 60000 分: both accounts are empty, and neither is below.
        for psn in ["5001", "5002"] {
            assert_eq!(world.standing(&psn.into()).balance, Fen::ZERO);
        }
        world.check_books();
    });
}

#[test]
fn one_visit_settled_from_two_sides_at_the_same_moment_is_settled_once() {
    on_each_database(|world| {
        let psn = world.person("6001", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 50_000)]).expect("taken");
        let start = Barrier::new(2);
        let outcomes: Vec<Result<_, JourneyError>> = std::thread::scope(|scope| {
            let both: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        world.settle(&psn, HOSPITAL, &visit, 50_000, "0")
                    })
                })
                .collect();
            both.into_iter().map(|side| side.join().expect("no side panics")).collect()
        });
        let (settled, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((settled.len(), refused.len()), (1, 1));
        assert_eq!(code(refused.into_iter().next().expect("one")), "T402");
        assert_eq!(world.history(&psn).settlements.len(), 1);
    });
}
