//! Outpatient journeys, each on both databases.

use crate::world::*;
use claim::VisitState;
use ledger::Account;
use terms::Fen;

#[test]
fn every_statement_of_the_rooms_prepares() {
    on_each_database(|world| {
        for sql in journeys::statements() {
            world.database.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

#[test]
fn a_visit_is_settled_and_every_book_knows_it() {
    on_each_database(|world| {
        let psn = world.person("1001", 5_000, &[]);
        let settled = world.settled_visit(&psn, "V1", 50_000, "1");
        let heads = &settled.settlement.heads;
        // 500.00: deductible 100.00, 70% of 400.00 is 280.00; the person bears 220.00.
        assert_eq!(heads.hifp_pay, Fen(28_000));
        assert_eq!((heads.acct_pay, heads.psn_cash_pay, heads.balc), (Fen(5_000), Fen(17_000), Fen::ZERO));
        assert_eq!(world.standing(&psn).balance, Fen::ZERO);
        assert_eq!(world.totals(&psn)["pool_used/310/2026"], 28_000);
        assert_eq!(world.balance(Account::Pool("310102".into())), Fen(-28_000));
        assert_eq!(world.balance(Account::Payable(HOSPITAL.into())), Fen(33_000));
        assert_eq!(world.balance(Account::Till(HOSPITAL.into())), Fen(17_000));
        assert_eq!(world.balance(Account::Cash(psn.clone())), Fen(-17_000));
        world.check_books();
    });
}

#[test]
fn a_reversal_restores_totals_balances_and_books() {
    on_each_database(|world| {
        let psn = world.person("1002", 3_000, &[("G1", 2_000), ("G2", 100_000)]);
        let before = (world.standing(&psn), world.totals(&psn));
        let settled = world.settled_visit(&psn, "V1", 50_000, "2");
        let heads = settled.settlement.heads.clone();
        assert_eq!((heads.acct_pay, heads.acct_mulaid_pay, heads.psn_cash_pay), (Fen(22_000), Fen(19_000), Fen::ZERO));
        assert_eq!(world.standing(&psn).givers[0].balc, Fen::ZERO);
        let setl_id = settled.setl_id.expect("a number");
        let reversed = world.reverse(&psn, HOSPITAL, &setl_id).expect("reversed");
        assert_ne!(reversed.setl_id, setl_id);
        assert_eq!(reversed.reversal.heads.medfee_sumamt, Fen(-50_000));
        assert_eq!((world.standing(&psn), world.totals(&psn)), before);
        for account in
            [Account::Pool("310102".into()), Account::Payable(HOSPITAL.into()), Account::Till(HOSPITAL.into())]
        {
            assert_eq!(world.balance(account), Fen::ZERO);
        }
        world.check_books();
        let again =
            world.settle(&psn, HOSPITAL, &settled.visit.mdtrt_id, 50_000, "2").expect("it can be settled again");
        assert_eq!(again.settlement.heads, heads);
        world.check_books();
    });
}

#[test]
fn a_refusal_leaves_no_row_behind() {
    on_each_database(|world| {
        let psn = world.person("1003", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        let lines = vec![line("1", "A", 1_000), line("2", "NO", 500)];
        assert_eq!(code(world.upload(&psn, HOSPITAL, &visit, lines)), "T204");
        assert_eq!(code(world.settle(&psn, HOSPITAL, &visit, 1_000, "0")), "T405");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1_000)]).expect("taken");
        assert_eq!(code(world.settle(&psn, HOSPITAL, &visit, 999, "0")), "T406");
        let history = world.history(&psn);
        assert!(history.settlements.is_empty() && history.totals.is_empty());
        assert_eq!(world.balance(Account::Payable(HOSPITAL.into())), Fen::ZERO);
    });
}

#[test]
fn what_is_settled_or_reversed_twice_is_refused() {
    on_each_database(|world| {
        let psn = world.person("1004", 0, &[]);
        let first = world.settled_visit(&psn, "V1", 20_000, "0");
        let visit = &first.visit.mdtrt_id;
        assert_eq!(code(world.settle(&psn, HOSPITAL, visit, 20_000, "0")), "T402");
        assert_eq!(code(world.upload(&psn, HOSPITAL, visit, vec![line("2", "A", 100)])), "T202");
        let second = world.settled_visit(&psn, "V2", 20_000, "0");
        let (first, second) = (first.setl_id.unwrap(), second.setl_id.unwrap());
        assert_eq!(code(world.reverse(&psn, HOSPITAL, &first)), "T504");
        world.reverse(&psn, HOSPITAL, &second).expect("the latest");
        assert_eq!(code(world.reverse(&psn, HOSPITAL, &second)), "T502");
        world.reverse(&psn, HOSPITAL, &first).expect("now the latest");
        assert!(world.totals(&psn).is_empty());
        world.check_books();
    });
}

#[test]
fn what_another_institution_has_does_not_exist() {
    on_each_database(|world| {
        let psn = world.person("1005", 0, &[]);
        let settled = world.settled_visit(&psn, "V1", 20_000, "0");
        let visit = settled.visit.mdtrt_id.clone();
        assert_eq!(code(world.upload(&psn, OTHER_HOSPITAL, &visit, vec![line("9", "A", 1)])), "T201");
        assert_eq!(code(world.settle(&psn, OTHER_HOSPITAL, &visit, 20_000, "0")), "T401");
        assert_eq!(code(world.reverse(&psn, OTHER_HOSPITAL, &settled.setl_id.unwrap())), "T501");
        let other = world.person("1006", 0, &[]);
        assert_eq!(code(world.settle(&other, HOSPITAL, &visit, 20_000, "0")), "T401");
        assert_eq!(code(world.settle(&"nobody".into(), HOSPITAL, &visit, 20_000, "0")), "HC104");
    });
}

#[test]
fn a_label_is_taken_once_and_a_withdrawn_one_is_free_again() {
    on_each_database(|world| {
        let psn = world.person("1007", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        assert_eq!(code(world.visit(&psn, HOSPITAL, "V1")), "T101");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1_000)]).expect("taken");
        let withdraw = |visit: terms::VisitId| {
            let (operation, psn) = (world.operation(HOSPITAL, "2202"), psn.clone());
            world.deed(move |centre, tx| centre.withdraw_registration(tx, &operation, &psn, &visit))
        };
        assert_eq!(code(withdraw(visit.clone())), "HC204");
        let remaining = {
            let (operation, psn, visit) = (world.operation(HOSPITAL, "2205"), psn.clone(), visit.clone());
            world.deed(move |centre, tx| centre.cancel_lines(tx, &operation, &psn, &visit, &["0000".into()]))
        };
        assert!(remaining.expect("cancelled").is_empty());
        withdraw(visit.clone()).expect("withdrawn");
        assert_eq!(code(withdraw(visit)), "HC201");
        world.visit(&psn, HOSPITAL, "V1").expect("the label is free");
    });
}

#[test]
fn a_visit_begun_again_with_the_same_facts_changes_only_its_diagnoses() {
    on_each_database(|world| {
        let psn = world.person("1008", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        let again = |change: fn(&mut journeys::Begin)| {
            let operation = world.operation(HOSPITAL, "2203");
            let mut asked = begin(&psn, &visit);
            change(&mut asked);
            world.deed(move |centre, tx| centre.begin_visit(tx, &operation, asked.clone()))
        };
        again(|asked| {
            asked.diagnoses = vec![diagnosis("1", 2, "E11")];
            asked.diagnoses[0].vali_flag = "1".into();
        })
        .expect("diagnoses added");
        again(|asked| asked.diagnoses[0].vali_flag = "0".into()).expect("one taken back");
        let (psn_no, mdtrt_id) = (psn.clone(), visit.clone());
        let left = world.ask(move |_, tx| journeys::diagnoses_of(tx, &HOSPITAL.into(), &psn_no, &mdtrt_id));
        assert_eq!(left.iter().map(|row| row.diag_code.as_str()).collect::<Vec<_>>(), ["E11"]);
        assert_eq!(code(again(|asked| asked.begntime = at("2026-03-09 09:00:01"))), "T101");
        assert_eq!(world.history(&psn).visits.len(), 1);
        assert_eq!(world.history(&psn).visits[0].state, VisitState::Begun);
    });
}

#[test]
fn cancelled_lines_are_gone_and_the_rest_keep_their_order() {
    on_each_database(|world| {
        let psn = world.person("1009", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        let lines = vec![line("3", "A", 300), line("1", "B", 1_000), line("2", "C", 200)];
        world.upload(&psn, HOSPITAL, &visit, lines).expect("taken");
        let remaining = {
            let (operation, psn, visit) = (world.operation(HOSPITAL, "2205"), psn.clone(), visit.clone());
            world.deed(move |centre, tx| centre.cancel_lines(tx, &operation, &psn, &visit, &["1".into()]))
        }
        .expect("cancelled");
        let numbers = |lines: &[adjudication::facts::ChargedLine]| {
            lines.iter().map(|line| line.line.feedetl_sn.0.clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&remaining), ["3", "2"]);
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "B", 500)]).expect("the number is free again");
        let settled = world.settle(&psn, HOSPITAL, &visit, 1_000, "0").expect("settled");
        assert_eq!(numbers(&settled.lines), ["3", "2", "1"]);
        assert_eq!(settled.settlement.heads.preselfpay_amt, Fen(100));
    });
}

#[test]
fn a_trial_answers_like_the_settlement_and_records_nothing() {
    on_each_database(|world| {
        let psn = world.person("1010", 700, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 33_333)]).expect("taken");
        let asked = settling(&psn, &visit, 33_333, "1");
        let trial = world.ask(move |centre, tx| centre.trial(tx, &HOSPITAL.into(), &asked));
        assert_eq!(trial.setl_id, None);
        assert!(world.history(&psn).settlements.is_empty());
        let settled = world.settle(&psn, HOSPITAL, &visit, 33_333, "1").expect("settled");
        assert_eq!(settled.settlement, trial.settlement);
    });
}

#[test]
fn a_batch_over_the_limit_is_refused() {
    on_each_database(|world| {
        let psn = world.person("1011", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        let lines = (0..101).map(|n| line(&n.to_string(), "A", 100)).collect();
        assert_eq!(code(world.upload(&psn, HOSPITAL, &visit, lines)), "HC103");
        for batch in 0..3 {
            let lines = (0..100).map(|n| line(&format!("{batch}-{n}"), "A", 100)).collect();
            world.upload(&psn, HOSPITAL, &visit, lines).expect("a batch within the limit");
        }
        world.settle(&psn, HOSPITAL, &visit, 30_000, "0").expect("300 lines settle");
    });
}
