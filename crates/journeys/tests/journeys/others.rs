//! Sign-in, persons, entitlement, pharmacy, 2601, filings, credits, queries, reconciliation,
//! receipts; each on both databases.

use crate::world::*;
use adjudication::facts::{Fields, SettleRequest};
use journeys::{EntitlementQuestion, FindPerson, JourneyError, Purchase, Settled, SignIn, Undone};
use ledger::Account;
use operation::{Answer, AnswerKey, AnswerKeys, Operation, Performed, Replay};
use terms::{Fen, MessageId, Period, PersonId};

fn purchase(psn_no: &PersonId, total: i64) -> Purchase {
    Purchase {
        psn_no: psn_no.clone(),
        insutype: "310".to_owned(),
        begntime: at("2026-03-09 09:00:00"),
        med_type: "41".to_owned(),
        fields: Fields::new(),
        lines: vec![line("1", "A", total)],
        request: SettleRequest {
            setl_time: at("2026-03-09 09:00:00"),
            medfee_sumamt: Fen(total),
            acct_used_flag: "1".to_owned(),
            mid_setl_flag: "0".to_owned(),
        },
        particulars: Fields::new(),
    }
}

fn buy(world: &World, operation: &Operation, asked: &Purchase) -> Result<Settled, JourneyError> {
    let (operation, asked) = (operation.clone(), asked.clone());
    world.deed(move |centre, tx| centre.purchase(tx, &operation, &asked))
}

#[test]
fn an_operator_signs_in_and_out_at_their_institution_on_that_day() {
    on_each_database(|world| {
        let operation = world.operation(HOSPITAL, "9001");
        let asked = SignIn { opter_no: "7".into(), mac: "00-00".into(), ip: "127.0.0.1".into() };
        let signed = world.deed(move |_, tx| journeys::sign_in(tx, &operation, asked.clone())).expect("signed in");
        let check = |institution: &'static str, operator: Option<&'static str>, now: &'static str| {
            let sign_no = signed.sign_no.clone();
            world.deed(move |_, tx| journeys::require_signed_in(tx, &institution.into(), &sign_no, operator, at(now)))
        };
        check(HOSPITAL, None, "2026-03-09 23:59:59").expect("the same day");
        assert_eq!(code(check(OTHER_HOSPITAL, None, "2026-03-09 12:00:00")), "HC101");
        assert_eq!(code(check(HOSPITAL, Some("8"), "2026-03-09 12:00:00")), "HC101");
        assert_eq!(code(check(HOSPITAL, None, "2026-03-10 00:00:00")), "HC101");
        let sign_out = || {
            let (operation, sign_no) = (world.operation(HOSPITAL, "9002"), signed.sign_no.clone());
            world.deed(move |_, tx| journeys::sign_out(tx, &operation, &sign_no, "7"))
        };
        sign_out().expect("signed out");
        assert_eq!(code(sign_out()), "HC101");
    });
}

#[test]
fn a_person_is_found_by_certificate_and_never_under_another_name() {
    on_each_database(|world| {
        world.person("3001", 1_234, &[]);
        let find = |psn_cert_type: &str, certno: &str, psn_name: &str| {
            let asked =
                FindPerson { psn_cert_type: psn_cert_type.into(), certno: certno.into(), psn_name: psn_name.into() };
            world.deed(move |_, tx| journeys::find_person(tx, &asked))
        };
        let found = find("01", "C3001", "").expect("found");
        assert_eq!((found.person.psn_no.as_str(), found.balance), ("3001", Fen(1_234)));
        assert_eq!(find("", "C3001", "名3001").expect("found by number alone"), found);
        assert_eq!(code(find("01", "C3001", "他人")), "HC105");
        assert_eq!(code(find("99", "C3001", "")), "HC104");
    });
}

#[test]
fn entitlement_is_told_fund_by_fund_and_with_the_reason() {
    on_each_database(|world| {
        let psn = world.person("3002", 1_000, &[]);
        let ask = |insutype: &str| {
            let asked = EntitlementQuestion {
                psn_no: psn.clone(),
                insutype: insutype.to_owned(),
                fixmedins_code: HOSPITAL.into(),
                med_type: "11".to_owned(),
                begntime: at("2026-03-09 09:00:00"),
                fields: Fields::new(),
            };
            world.ask(move |centre, tx| centre.entitlement(tx, &asked))
        };
        let rows: Vec<_> = ask("310").into_iter().map(|row| (row.fund_pay_type, row.entitled)).collect();
        assert_eq!(rows, [("310102".into(), true), ("310200".into(), true), ("330100".into(), false)]);
        let nothing = ask("390");
        assert!(nothing.is_empty(), "the region lists no funds of a scheme it does not have: {nothing:?}");
        assert!(world.history(&psn).visits.is_empty());
    });
}

#[test]
fn a_purchase_is_one_deed_all_or_nothing() {
    on_each_database(|world| {
        let psn = world.person("3003", 4_000, &[]);
        let operation = world.operation(PHARMACY, "2102");
        let (asked, trying) = (purchase(&psn, 30_000), operation.clone());
        let trial = {
            let asked = asked.clone();
            world.ask(move |centre, tx| centre.purchase_trial(tx, &trying, &asked))
        };
        assert!(world.history(&psn).visits.is_empty());
        let bought = buy(world, &operation, &asked).expect("bought");
        assert_eq!(bought.settlement, trial.settlement);
        assert_eq!(world.standing(&psn).balance, Fen::ZERO);
        let mut wrong = purchase(&psn, 1_000);
        wrong.request.medfee_sumamt = Fen(999);
        assert_eq!(code(buy(world, &world.operation(PHARMACY, "2102"), &wrong)), "T406");
        assert_eq!(world.history(&psn).visits.len(), 1, "a refused purchase opens no visit");
        world.reverse(&psn, PHARMACY, &bought.setl_id.unwrap()).expect("reversed");
        assert_eq!(world.standing(&psn).balance, Fen(4_000));
        world.check_books();
    });
}

/// Settles a purchase the way the gateway does: through the memory of messages.
fn perform(world: &World, operation: &Operation, asked: &Purchase) -> Result<Performed, JourneyError> {
    let (operation, asked) = (operation.clone(), asked.clone());
    let keys = AnswerKeys::new(AnswerKey::new([7; 32]), vec![]);
    world.deed(move |centre, tx| {
        operation::perform(tx, &operation, &keys, |tx| match centre.purchase(tx, &operation, &asked) {
            Ok(settled) => {
                let setl_id = settled.setl_id.clone().expect("a number").0;
                Ok(Answer::accepted(setl_id.clone().into_bytes(), setl_id))
            }
            Err(JourneyError::Refused(refusal)) => Ok(Answer::refused(refusal.code.into_bytes())),
            Err(other) => Err(other),
        })
    })
}

fn undo(world: &World, psn_no: &PersonId, omsgid: &MessageId, oinfno: &'static str) -> Result<Undone, JourneyError> {
    let (operation, psn_no, omsgid) = (world.operation(PHARMACY, "2601"), psn_no.clone(), omsgid.clone());
    world.deed(move |centre, tx| {
        centre.undo_message(tx, &operation, &psn_no, &omsgid, oinfno, at("2026-03-09 12:00:00"))
    })
}

#[test]
fn a_repeated_message_is_settled_once_and_answered_alike() {
    on_each_database(|world| {
        let psn = world.person("3004", 0, &[]);
        let (operation, asked) = (world.operation(PHARMACY, "2102"), purchase(&psn, 20_000));
        let Performed::Done(first) = perform(world, &operation, &asked).expect("done") else { panic!("not done") };
        assert_eq!(perform(world, &operation, &asked).expect("repeated"), Performed::Repeated(first));
        assert_eq!(world.history(&psn).settlements.len(), 1);
        world.check_books();
    });
}

#[test]
fn a_message_is_undone_by_its_id_before_or_after_it_came() {
    on_each_database(|world| {
        let psn = world.person("3005", 0, &[]);
        let (operation, asked) = (world.operation(PHARMACY, "2102"), purchase(&psn, 20_000));
        perform(world, &operation, &asked).expect("done");
        assert_eq!(code(undo(world, &psn, &operation.msgid, "2207")), "HC302");
        assert_eq!(code(undo(world, &psn, &operation.msgid, "2103")), "HC301");
        let other = world.person("3006", 0, &[]);
        assert_eq!(code(undo(world, &other, &operation.msgid, "2102")), "HC302");
        assert!(matches!(undo(world, &psn, &operation.msgid, "2102"), Ok(Undone::Reversed(_))));
        assert!(world.totals(&psn).is_empty());
        assert_eq!(code(undo(world, &psn, &operation.msgid, "2102")), "T502");
        let late = world.operation(PHARMACY, "2102");
        assert_eq!(undo(world, &psn, &late.msgid, "2102").expect("remembered"), Undone::Remembered);
        let refused = perform(world, &late, &asked).expect("answered");
        assert!(matches!(refused, Performed::Refused(Replay::PreEmpted { .. })), "{refused:?}");
        assert_eq!(world.history(&psn).visits.len(), 1);
        world.check_books();
    });
}

#[test]
fn a_filing_is_kept_once_and_cancelled_once() {
    on_each_database(|world| {
        let psn = world.person("3007", 0, &[]);
        let filing = enrolment::Filing {
            filing_id: "F1".into(),
            kind: "opsp".to_owned(),
            period: Period::since(day("2026-01-01")),
            dise_codg: Some("D1".into()),
            admdvs: None,
            cancelled: false,
            fields: Fields::new(),
        };
        let file = || {
            let (operation, psn, filing) = (world.operation(HOSPITAL, "2503"), psn.clone(), filing.clone());
            world.deed(move |centre, tx| centre.file(tx, &operation, &psn, &filing, at("2026-03-09 10:00:00")))
        };
        let cancel = || {
            let (operation, psn) = (world.operation(HOSPITAL, "2504"), psn.clone());
            world.deed(move |centre, tx| {
                centre.cancel_filing(tx, &operation, &psn, &"F1".into(), at("2026-03-09 10:00:00"))
            })
        };
        let shown = || {
            let psn = psn.clone();
            world.ask(move |_, tx| journeys::chronic_filings(tx, &psn))
        };
        assert_eq!(code(cancel()), "T603");
        assert_eq!(file().expect("filed").as_str(), "F1");
        assert_eq!(shown(), std::slice::from_ref(&filing));
        assert_eq!(code(file()), "T601");
        cancel().expect("cancelled");
        assert_eq!(code(cancel()), "T603");
        assert_eq!(code(file()), "T601", "its number stays taken");
        assert!(shown().is_empty());
    });
}

#[test]
fn a_credit_reaches_account_and_ledger() {
    on_each_database(|world| {
        let psn = world.person("3008", 100, &[]);
        let credit = |amount| {
            let (operation, psn) = (world.operation("BUREAU", "credit"), psn.clone());
            world.deed(move |centre, tx| centre.credit_account(tx, &operation, &psn, amount, at("2026-03-09 10:00:00")))
        };
        credit(Fen(250)).expect("credited");
        assert_eq!(code(credit(Fen::ZERO)), "HC401");
        assert_eq!(world.standing(&psn).balance, Fen(350));
        assert_eq!(world.balance(Account::Personal(psn.clone())), Fen(350));
        world.check_books();
    });
}

#[test]
fn both_sides_reconcile_over_settlements_and_reversals() {
    on_each_database(|world| {
        let psn = world.person("3009", 0, &[]);
        let first = world.settled_visit(&psn, "V1", 20_000, "0");
        let second = world.settled_visit(&psn, "V2", 30_000, "0");
        let reversed = world.reverse(&psn, HOSPITAL, &second.setl_id.unwrap()).expect("reversed");
        let days = (day("2026-03-09"), day("2026-03-10"));
        let sums = world.ask(move |_, tx| journeys::reconcile_sums(tx, &HOSPITAL.into(), days, "11", "310"));
        assert_eq!((sums.count, sums.medfee_sumamt), (3, Fen(20_000)));
        assert_eq!(sums.fund_pay_sumamt, first.settlement.heads.fund_pay_sumamt);
        let first_day = (day("2026-03-09"), day("2026-03-09"));
        let sums = world.ask(move |_, tx| journeys::reconcile_sums(tx, &HOSPITAL.into(), first_day, "11", "310"));
        assert_eq!((sums.count, sums.medfee_sumamt), (2, Fen(50_000)));
        let rows = world.ask(move |_, tx| journeys::reconcile_rows(tx, &HOSPITAL.into(), days, "11"));
        let refund: Vec<_> = rows.iter().filter(|row| row.refund).collect();
        assert_eq!((refund.len(), &refund[0].setl_id, refund[0].medfee_sumamt), (1, &reversed.setl_id, Fen(-30_000)));
        let none = world.ask(move |_, tx| journeys::reconcile_rows(tx, &OTHER_HOSPITAL.into(), days, "11"));
        assert!(none.is_empty());
    });
}

#[test]
fn queries_show_an_institution_what_is_its_own() {
    on_each_database(|world| {
        let psn = world.person("3010", 0, &[]);
        let settled = world.settled_visit(&psn, "V1", 20_000, "0");
        let setl_id = settled.setl_id.clone().unwrap();
        let visit = settled.visit.mdtrt_id.clone();
        let all_day = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
        for (institution, seen) in [(HOSPITAL, 1), (OTHER_HOSPITAL, 0)] {
            let (psn, visit, setl_id) = (psn.clone(), visit.clone(), setl_id.clone());
            let counts = world.ask(move |_, tx| {
                let code = institution.into();
                let visits = journeys::visits_of(tx, &code, &psn, all_day, "11")?;
                let diagnoses = journeys::diagnoses_of(tx, &code, &psn, &visit)?;
                let settlement = journeys::settlement_of(tx, &code, &psn, Some(&visit), &setl_id)?;
                let lines = journeys::lines_of(tx, &code, &psn, &visit, Some(&setl_id))?;
                Ok([visits.len(), diagnoses.len(), usize::from(settlement.is_some()), lines.len()])
            });
            assert_eq!(counts, [seen; 4], "{institution}");
        }
        let psn_no = psn.clone();
        let totals = world.ask(move |_, tx| journeys::accumulated(tx, &psn_no, Some("2026")));
        let pool = totals.iter().find(|total| total.name == "pool_used").expect("a total");
        assert_eq!((pool.key.as_slice(), pool.amount), (["310".to_owned()].as_slice(), 7_000));
    });
}

#[test]
fn the_explanation_and_the_receipt_say_what_was_sealed_even_after_a_reversal() {
    on_each_database(|world| {
        let psn = world.person("3011", 0, &[]);
        let settled = world.settled_visit(&psn, "V1", 20_000, "0");
        let setl_id = settled.setl_id.clone().unwrap();
        let reversed = world.reverse(&psn, HOSPITAL, &setl_id).expect("reversed");
        for id in [setl_id.clone(), reversed.setl_id.clone()] {
            let psn = psn.clone();
            let receipt = world.ask(move |_, tx| journeys::receipt(tx, &psn, &id)).expect("a receipt");
            assert!(receipt.sealed.is_none(), "no sequencer runs here, so it is pending");
        }
        let psn_no = psn.clone();
        let explained = world.ask(move |_, tx| journeys::explanation(tx, &psn_no, &setl_id)).expect("explained");
        assert_eq!((explained.heads, explained.trace), (settled.settlement.heads, settled.settlement.trace));
        assert_eq!(explained.lines, settled.lines);
    });
}

#[test]
fn every_settlement_and_reversal_is_in_the_change_feed() {
    on_each_database(|world| {
        let psn = world.person("3012", 0, &[]);
        let settled = world.settled_visit(&psn, "V1", 20_000, "0");
        world.reverse(&psn, HOSPITAL, &settled.setl_id.unwrap()).expect("reversed");
        world.deed(|_, tx| Ok(operation::feed::number(tx, 100)?)).expect("numbered");
        let feed = world.ask(|_, tx| Ok(operation::feed::read_after(tx, 0, 100)?));
        let mut kinds: Vec<_> = feed.iter().map(|row| (row.change.kind.as_str(), row.change.person.as_str())).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [("reversal", "3012"), ("settlement", "3012")]);
        for row in &feed {
            let told: serde_json::Value = serde_json::from_str(&row.change.body).expect("JSON");
            assert_eq!(told["psn_type"], "11", "{told}");
            assert!(told["age"].as_i64().is_some_and(|age| (18..120).contains(&age)), "{told}");
            assert_eq!(told["insuplc_admdvs"], told["mdtrtarea_admvs"], "treated at home");
        }
    });
}
