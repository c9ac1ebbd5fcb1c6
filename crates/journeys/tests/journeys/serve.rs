//! 服务: applications, their handling and their effects; claims that persons paid themselves, from
//! the form to the money and back; work orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::world::*;
use casework::form::Answers;
use casework::{Actor, Calendar, Document, Procedure, Procedures, Staff};
use journeys::{
    Applied, Casebook, Counter, Item, JourneyError, ListedCode, Own, ServiceApplying, ServiceFile, ServiceRefusal,
    ServiceStep, Services,
};
use ledger::Account;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use terms::{Fen, Period, PersonId};

fn city(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The city's own counter, with the town's diseases.
fn counter() -> Counter {
    let procedure = |name: &str| {
        Procedure::parse(name, &city(&format!("casework/{name}.toml"))).unwrap_or_else(|slips| panic!("{slips:?}"))
    };
    let item = |name: &str| {
        let text = city(&format!("services/{name}.toml"));
        Item::parse(name, &text).unwrap_or_else(|slips| panic!("{slips:?}"))
    };
    let procedures = ["service", "service_review", "manual_claim", "workorder"].map(procedure).to_vec();
    let items = [
        "10-chronic-filing",
        "20-residence-filing",
        "21-residence-cancel",
        "40-family-bind",
        "41-family-unbind",
        "50-personal-data",
        "51-employer-change",
        "60-manual-claim",
        "80-work-fault",
    ];
    let disease =
        ListedCode { code: "M1".to_owned(), name: "高血压".to_owned(), period: Period::since(day("2020-01-01")) };
    Counter {
        book: Arc::new(Casebook {
            procedures: Procedures::new(procedures),
            calendar: Calendar::parse("calendar", &city("casework/calendar.toml")).expect("a calendar"),
            staff: Staff::parse("staff", &city("casework/staff.toml")).expect("people"),
            ..Casebook::default()
        }),
        services: Arc::new(Services::new(
            items.map(item).to_vec(),
            BTreeMap::from([("chronic".to_owned(), vec![disease])]),
        )),
    }
}

fn staff(id: &str) -> Actor {
    counter().book.staff.find(id).unwrap_or_else(|| panic!("nobody is {id}")).clone()
}

fn citizen(psn: &PersonId) -> Actor {
    Actor::of_party(&format!("citizen:{psn}"), psn.as_str())
}

fn answers(value: Value) -> Answers {
    serde_json::from_value(value).expect("answers")
}

fn documents(kinds: &[&str]) -> Vec<Document> {
    kinds
        .iter()
        .map(|kind| Document::of(kind, &format!("{kind}.pdf"), "application/pdf", kind.as_bytes().to_vec()))
        .collect()
}

fn applying(item: &str, psn: &PersonId, by: Actor, form: Value, materials: &[&str]) -> ServiceApplying {
    ServiceApplying {
        item: item.to_owned(),
        psn_no: Some(psn.clone()),
        key: "K1".to_owned(),
        answers: answers(form),
        documents: documents(materials),
        by,
        why: String::new(),
    }
}

fn apply(world: &World, when: &str, asked: ServiceApplying) -> Result<Applied, JourneyError> {
    let operation = operation::Operation { received_at: at(when), ..world.operation("BUREAU", "service") };
    let counter = counter();
    world.deed(move |centre, tx| centre.apply_service(tx, &operation, &counter, &asked))
}

fn take(world: &World, when: &str, asked: ServiceStep) -> Result<ServiceFile, JourneyError> {
    let operation = operation::Operation { received_at: at(when), ..world.operation("BUREAU", "service") };
    let counter = counter();
    world.deed(move |centre, tx| centre.serve_step(tx, &operation, &counter, &asked))
}

fn step(file: &ServiceFile, step: &str, by: Actor) -> ServiceStep {
    ServiceStep {
        case_id: file.case.case_id.clone(),
        step: step.to_owned(),
        key: format!("{step}/{}", file.case.steps.len()),
        by,
        why: "理由".to_owned(),
        assign_to: None,
        documents: Vec::new(),
        answers: None,
    }
}

const NINE: &str = "2026-03-10 09:00:00";
const TEN: &str = "2026-03-10 10:00:00";
const ELEVEN: &str = "2026-03-10 11:00:00";

fn residence() -> Value {
    json!({ "area": "330100", "begin": "2026-03-10", "reason": "2", "promise": true })
}

fn chronic() -> Value {
    json!({ "dise_codg": "M1", "begin": "2026-03-10", "hospital": HOSPITAL })
}

#[test]
fn a_complete_rule_decides_at_once_and_the_same_key_again_changes_nothing() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let asked = applying("residence_filing", &psn, citizen(&psn), residence(), &[]);
        let made = apply(world, NINE, asked.clone()).expect("made");
        assert!(made.automatic && !made.again && made.file.case.closed);
        let filed = world.standing(&psn).filings;
        assert_eq!(
            (filed.len(), filed[0].kind.as_str(), filed[0].filing_id.as_str()),
            (1, "resid", made.file.case.case_id.as_str())
        );
        let again = apply(world, TEN, asked).expect("known");
        assert!(again.again && again.automatic);
        assert_eq!(again.file.case.case_id, made.file.case.case_id);
        assert_eq!(world.standing(&psn).filings.len(), 1);
        // Another one is refused by the item's own condition, with its sentence.
        let other = ServiceApplying {
            key: "K2".to_owned(),
            ..applying("residence_filing", &psn, citizen(&psn), residence(), &[])
        };
        let Err(JourneyError::Own(Own::Service(ServiceRefusal::NotEligible { reasons }))) = apply(world, TEN, other)
        else {
            panic!("refused")
        };
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].id == "one_place" && reasons[0].says.contains("330100"), "{reasons:?}");
        // Cancelling it is an item too.
        let cancel = ServiceApplying {
            key: "K3".to_owned(),
            ..applying("residence_cancel", &psn, citizen(&psn), json!({}), &[])
        };
        assert!(apply(world, ELEVEN, cancel).expect("made").automatic);
        assert!(world.standing(&psn).filings[0].cancelled);
    });
}

#[test]
fn two_people_handle_what_the_procedure_gives_to_two() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let asked = applying("chronic_filing", &psn, citizen(&psn), chronic(), &["diagnosis", "tests"]);
        let made = apply(world, NINE, asked).expect("made");
        assert!(!made.automatic && world.standing(&psn).filings.is_empty());
        let both = || staff("S015");
        let file = take(world, TEN, step(&made.file, "accept", both())).expect("accepted");
        let file = take(world, TEN, step(&file, "propose", both())).expect("proposed");
        assert_eq!(code(take(world, TEN, step(&file, "approve", both()))), "CW108");
        let done = take(world, ELEVEN, step(&file, "approve", staff("S011"))).expect("approved");
        assert!(done.case.closed && done.application.result.is_some());
        assert_eq!(world.standing(&psn).filings.len(), 1);
        // The same step under its key again is the same step; its effect was carried out once.
        take(world, ELEVEN, step(&file, "approve", staff("S011"))).expect("known");
        assert_eq!(world.standing(&psn).filings.len(), 1);
        // Revoked with a decision, the filing is cancelled.
        let revoke = ServiceStep { documents: documents(&["撤销决定书"]), ..step(&done, "revoke", staff("S011")) };
        take(world, "2026-03-11 09:00:00", revoke).expect("revoked");
        assert!(world.standing(&psn).filings[0].cancelled);
    });
}

#[test]
fn slips_and_missing_materials_are_told_together_and_nothing_is_recorded() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let form = json!({ "dise_codg": "M9", "begin": "soon", "other": 1 });
        let Err(JourneyError::Own(Own::Service(ServiceRefusal::Form { slips }))) =
            apply(world, NINE, applying("chronic_filing", &psn, citizen(&psn), form, &[]))
        else {
            panic!("refused")
        };
        let fields: Vec<&str> = slips.iter().map(|slip| slip.field.as_str()).collect();
        assert_eq!(fields, ["other", "dise_codg", "begin", "hospital"]);
        assert_eq!(
            code(apply(world, NINE, applying("chronic_filing", &psn, citizen(&psn), chronic(), &["tests"]))),
            "SV104"
        );
        assert_eq!(code(apply(world, NINE, applying("nothing", &psn, citizen(&psn), json!({}), &[]))), "SV101");
        let other = world.person("Q", 0, &[]);
        let for_another = applying("residence_filing", &psn, citizen(&other), residence(), &[]);
        assert_eq!(code(apply(world, NINE, for_another)), "SV102");
        assert_eq!(world.ask(|_, tx| Ok(casework::open_cases(tx)?)).len(), 0);
    });
}

#[test]
fn what_is_returned_is_corrected_or_lapses_and_lets_go_of_what_it_held() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let asked = applying("chronic_filing", &psn, citizen(&psn), chronic(), &["diagnosis", "tests"]);
        let made = apply(world, NINE, asked.clone()).expect("made");
        let second = ServiceApplying { key: "K2".to_owned(), ..asked.clone() };
        assert_eq!(code(apply(world, TEN, second.clone())), "SV106");
        let returned = take(world, TEN, step(&made.file, "return", staff("S010"))).expect("returned");
        assert_eq!(code(take(world, TEN, step(&returned, "correct", citizen(&psn)))), "SV108");
        let form = json!({ "dise_codg": "M1", "begin": "2026-03-12", "hospital": HOSPITAL });
        let correct = ServiceStep { answers: Some(answers(form)), ..step(&returned, "correct", citizen(&psn)) };
        let corrected = take(world, ELEVEN, correct).expect("corrected");
        assert_eq!(corrected.application.form["begin"], "2026-03-12");
        let returned = take(world, "2026-03-11 09:00:00", step(&corrected, "return", staff("S010"))).expect("returned");
        let due = returned.clock().expect("a clock").due;
        let case_id = returned.case.case_id.clone();
        let operation = operation::Operation {
            received_at: due.tomorrow().expect("a day").at(9, 0, 0, 0),
            ..world.operation("BUREAU", "service")
        };
        let lapsed = world
            .deed(move |centre, tx| centre.expire_service(tx, &operation, &counter(), &case_id))
            .expect("looked at")
            .expect("taken");
        assert_eq!(lapsed.case.state, "withdrawn");
        let near = json!({ "dise_codg": "M1", "begin": "2026-04-01", "hospital": HOSPITAL });
        let after = ServiceApplying { answers: answers(near), ..second };
        apply(world, "2026-04-01 09:00:00", after).expect("free again");
        let told = {
            let psn = psn.clone();
            world.ask(move |_, tx| journeys::messages_of(tx, &counter(), &psn, 20))
        };
        assert!(told.iter().any(|message| message.step == "退回补正" && message.why == "理由"), "{told:?}");
    });
}

#[test]
fn the_owner_of_an_account_lets_a_relative_use_it_and_ends_it_again() {
    on_each_database(|world| {
        let (owner, relative) = (world.person("P", 50_000, &[]), world.person("Q", 0, &[]));
        let form = json!({ "member": "CQ", "member_name": "名Q", "relation": "3", "limit": 20000 });
        let wrong = json!({ "member": "CQ", "member_name": "名R", "relation": "3" });
        assert_eq!(code(apply(world, NINE, applying("family_bind", &owner, citizen(&owner), wrong, &[]))), "SV105");
        let bind = applying("family_bind", &owner, citizen(&owner), form, &[]);
        assert!(apply(world, NINE, bind.clone()).expect("made").automatic);
        let givers = world.standing(&relative).givers;
        assert_eq!((givers.len(), givers[0].year_lmt, givers[0].balc), (1, Some(Fen(20_000)), Fen(50_000)));
        let unbind = ServiceApplying {
            key: "K2".to_owned(),
            ..applying("family_unbind", &owner, citizen(&owner), json!({ "member": "CQ" }), &[])
        };
        assert!(apply(world, "2026-03-12 09:00:00", unbind).expect("made").automatic);
        assert!(!world.standing(&relative).givers[0].period.covers(day("2026-03-12")));
        // And lets them again: the same authorisation with new dates.
        let again = ServiceApplying { key: "K3".to_owned(), ..bind };
        apply(world, "2026-03-20 09:00:00", again).expect("made");
        let givers = world.standing(&relative).givers;
        assert!(givers.len() == 1 && givers[0].period.covers(day("2026-03-21")));
    });
}

#[test]
fn personal_data_and_employer_change_as_applied_for() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let tel = applying("personal_data", &psn, citizen(&psn), json!({ "tel": "13900000000" }), &[]);
        assert!(apply(world, NINE, tel).expect("made").automatic);
        assert_eq!(world.standing(&psn).person.tel, "13900000000");
        let employer = enrolment::Employer {
            emp_no: "E2".into(),
            emp_name: "新厂".to_owned(),
            period: Period::since(day("2020-01-01")),
        };
        world
            .deed(move |_, tx| Ok(enrolment::register_employers(tx, std::slice::from_ref(&employer))?))
            .expect("registered");
        let form = json!({ "employer": "E2", "from": "2026-03-01" });
        let asked = ServiceApplying {
            key: "K2".to_owned(),
            ..applying("employer_change", &psn, staff("S010"), form, &["contract"])
        };
        let made = apply(world, NINE, asked).expect("made");
        let file = take(world, TEN, step(&made.file, "accept", staff("S010"))).expect("accepted");
        take(world, ELEVEN, step(&file, "approve", staff("S010"))).expect("approved");
        let coverage = world.standing(&psn).coverage;
        assert_eq!(coverage.len(), 2);
        assert_eq!(coverage[0].period.end, Some(day("2026-02-28")));
        assert_eq!((coverage[1].period.begin, coverage[1].emp_name.as_deref()), (day("2026-03-01"), Some("新厂")));
    });
}

fn claim(invoice: &str, lines: &[(&str, i64)]) -> Value {
    let total: i64 = lines.iter().map(|(_, amount)| amount).sum();
    let lines: Vec<Value> = lines
        .iter()
        .map(|(code, amount)| json!({ "code": code, "name": "项目", "date": "2026-03-02", "amount": amount }))
        .collect();
    json!({
        "insutype": "310", "med_type": "11", "reason": "2", "place_name": "外地医院", "area": "330100", "level": "3",
        "begin": "2026-03-02", "diagnosis": "感冒", "lines": lines,
        "receipts": [{ "invoice": invoice, "date": "2026-03-02", "amount": total }],
        "payee": "名P", "bank": "某银行", "account": "6222020200012345",
    })
}

fn enter(world: &World, psn: &PersonId, key: &str, form: Value) -> Result<Applied, JourneyError> {
    let asked = applying("manual_claim", psn, staff("S010"), form, &["receipts", "bill"]);
    apply(world, NINE, ServiceApplying { key: key.to_owned(), ..asked })
}

fn paid(world: &World, file: &ServiceFile) -> ServiceFile {
    let pay = ServiceStep { documents: documents(&["付款凭证"]), ..step(file, "pay", staff("S012")) };
    take(world, ELEVEN, pay).expect("paid")
}

fn decision() -> Vec<Document> {
    documents(&["撤销决定书"])
}

#[test]
fn a_claim_is_settled_by_the_same_law_and_owed_to_the_person() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        // 300.00 甲, 50.00 丙, 20.00 of an own item: (300 − 100) × 70% = 140.00.
        let form = claim("33010001", &[("A", 30_000), ("C", 5_000), ("", 2_000)]);
        let preview = {
            let asked = applying("manual_claim", &psn, staff("S010"), form.clone(), &["receipts", "bill"]);
            world.ask(move |centre, tx| centre.assess_service(tx, &counter(), &asked, day("2026-03-10")))
        };
        let heads = preview.settled.expect("settled").settlement.heads;
        assert_eq!((heads.medfee_sumamt, heads.hifp_pay, heads.psn_cash_pay), (Fen(37_000), Fen(14_000), Fen(23_000)));
        let made = enter(world, &psn, "K1", form.clone()).expect("entered");
        assert!(world.totals(&psn).is_empty(), "nothing moves before the review");
        assert_eq!(code(take(world, TEN, step(&made.file, "approve", staff("S010")))), "CW105");
        let approved = take(world, TEN, step(&made.file, "approve", staff("S011"))).expect("approved");
        let (owed, given) = (Account::Owed(psn.clone()), Account::Reimbursed(psn.clone()));
        assert_eq!(
            (world.balance(owed.clone()), world.balance(Account::Pool("310102".into()))),
            (Fen(14_000), Fen(-14_000))
        );
        assert_eq!(approved.application.result.as_ref().and_then(|result| result["owed"].as_i64()), Some(14_000));
        let settlement = world.history(&psn).settlements.remove(0);
        assert_eq!(settlement.fixmedins_code, journeys::stand_in("330100", "3"));
        // No hospital reverses it, not even one that knows its number.
        assert!(world.reverse(&psn, HOSPITAL, &settlement.setl_id).is_err());
        let done = paid(world, &approved);
        assert_eq!((world.balance(owed.clone()), world.balance(given.clone())), (Fen::ZERO, Fen(14_000)));
        world.check_books();
        // The invoice is used up for good.
        assert_eq!(code(enter(world, &psn, "K2", form.clone())), "SV107");
        // Reversed after it was paid: the person owes it, and pays it back.
        let reverse = ServiceStep { documents: decision(), ..step(&done, "reverse_paid", staff("S011")) };
        let reclaiming = take(world, "2026-03-11 09:00:00", reverse).expect("reversed");
        assert_eq!(world.balance(owed.clone()), Fen(-14_000));
        let repaid =
            ServiceStep { documents: documents(&["收款凭证"]), ..step(&reclaiming, "repaid", staff("S012")) };
        take(world, "2026-03-12 09:00:00", repaid).expect("repaid");
        assert_eq!((world.balance(owed), world.balance(given)), (Fen::ZERO, Fen::ZERO));
        assert!(world.totals(&psn).is_empty());
        world.check_books();
        // Then its invoice may be used again.
        enter(world, &psn, "K3", form).expect("free again");
    });
}

#[test]
fn whoever_entered_a_claim_neither_reviews_nor_pays_it() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        let asked =
            applying("manual_claim", &psn, staff("S015"), claim("33010002", &[("A", 20_000)]), &["receipts", "bill"]);
        let made = apply(world, NINE, asked).expect("entered");
        assert_eq!(code(take(world, TEN, step(&made.file, "approve", staff("S015")))), "CW108");
        let refused = take(world, TEN, step(&made.file, "refuse", staff("S011"))).expect("refused");
        assert!(refused.case.closed && world.totals(&psn).is_empty());
        // A refused claim lets go of its invoice.
        enter(world, &psn, "K9", claim("33010002", &[("A", 20_000)])).expect("entered anew");
    });
}

#[test]
fn a_claim_settled_and_reversed_leaves_every_balance_and_total_as_it_was() {
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let world = World::new(db_sqlite::Sqlite::temporary().expect("a database").into_database());
    let psn = world.person("P", 30_000, &[]);
    let books = |world: &World| {
        let accounts = [
            Account::Pool("310102".into()),
            Account::Owed(psn.clone()),
            Account::Cash(psn.clone()),
            Account::Till(journeys::stand_in("330100", "3")),
        ];
        (accounts.map(|account| world.balance(account)), world.standing(&psn).balance, world.totals(&psn))
    };
    let nth = std::cell::Cell::new(0);
    let amounts = prop::collection::vec((0..3_usize, 1..90_000_i64), 1..5);
    runner
        .run(&amounts, |lines| {
            nth.set(nth.get() + 1);
            let before = books(&world);
            let lines: Vec<(&str, i64)> =
                lines.iter().map(|(item, amount)| (["A", "B", "C"][*item], *amount)).collect();
            let made = enter(&world, &psn, &format!("K{}", nth.get()), claim(&format!("3301{:04}", nth.get()), &lines))
                .expect("entered");
            let approved = take(&world, TEN, step(&made.file, "approve", staff("S011"))).expect("approved");
            let owed = approved.application.result.as_ref().and_then(|result| result["owed"].as_i64()).expect("owed");
            prop_assert_eq!(world.balance(Account::Owed(psn.clone())), before.0[1] + Fen(owed));
            world.check_books();
            let reverse = ServiceStep { documents: decision(), ..step(&approved, "reverse", staff("S011")) };
            take(&world, ELEVEN, reverse).expect("reversed");
            prop_assert_eq!(books(&world), before);
            world.check_books();
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_work_order_goes_from_raised_to_closed_and_can_be_reopened() {
    on_each_database(|world| {
        let asked = ServiceApplying {
            psn_no: None,
            by: Actor::of_party("h1", HOSPITAL),
            ..applying(
                "work_fault",
                &"".into(),
                staff("S010"),
                json!({ "title": "结算慢", "urgency": "1", "description": "超过十秒" }),
                &[],
            )
        };
        let made = apply(world, NINE, asked).expect("raised");
        assert_eq!((made.file.case.party.as_str(), made.file.case.subject.as_str()), (HOSPITAL, "结算慢"));
        let file = take(world, TEN, step(&made.file, "approve", staff("S013"))).expect("approved");
        let assign = ServiceStep { assign_to: Some(staff("S014")), ..step(&file, "assign", staff("S013")) };
        let file = take(world, TEN, assign).expect("assigned");
        let file = take(world, ELEVEN, step(&file, "handle", staff("S014"))).expect("handled");
        let file = take(world, ELEVEN, step(&file, "reopen", Actor::of_party("h1", HOSPITAL))).expect("reopened");
        assert_eq!(file.case.state, "approved");
        let assign = ServiceStep { assign_to: Some(staff("S014")), ..step(&file, "assign", staff("S013")) };
        let file = take(world, ELEVEN, assign).expect("assigned");
        let file = take(world, ELEVEN, step(&file, "handle", staff("S014"))).expect("handled");
        assert_eq!(code(take(world, ELEVEN, step(&file, "confirm", Actor::of_party("h2", OTHER_HOSPITAL)))), "CW104");
        let file = take(world, ELEVEN, step(&file, "confirm", Actor::of_party("h1", HOSPITAL))).expect("closed");
        assert!(file.case.closed);
        // An audit journey does not find it.
        let by_audit = journeys::Move::new(&file.case.case_id, "reopen", staff("S013"), "理由");
        let operation = world.operation("BUREAU", "case");
        let book = counter().book;
        assert_eq!(code(world.deed(move |centre, tx| centre.move_case(tx, &operation, &book, &by_audit))), "HC601");
    });
}

#[test]
fn a_list_shows_what_is_wanted_page_by_page() {
    on_each_database(|world| {
        let psn = world.person("P", 0, &[]);
        for (n, when) in [NINE, TEN, ELEVEN].into_iter().enumerate() {
            let asked = ServiceApplying {
                key: format!("W{n}"),
                psn_no: None,
                ..applying(
                    "work_fault",
                    &psn,
                    staff("S010"),
                    json!({ "title": format!("单{n}"), "urgency": "3", "description": "无" }),
                    &[],
                )
            };
            apply(world, when, asked).expect("raised");
        }
        let page = |wanted: casework::Wanted| {
            world.ask(move |_, tx| {
                Ok((casework::applications(tx, &wanted)?, casework::count_applications(tx, &wanted)?))
            })
        };
        let all = casework::Wanted {
            desk: "workorder".to_owned(),
            closed: Some(false),
            limit: 2,
            ..casework::Wanted::default()
        };
        let (first, total) = page(all.clone());
        assert_eq!((first.len(), total, first[0].subject.as_str()), (2, 3, "单2"));
        let (rest, _) = page(casework::Wanted { after: first[1].application.case_id.clone(), ..all.clone() });
        assert_eq!((rest.len(), rest[0].subject.as_str()), (1, "单0"));
        assert_eq!(page(casework::Wanted { closed: Some(true), ..all.clone() }).1, 0);
        assert_eq!(page(casework::Wanted { item: "work_fault".to_owned(), state: "raised".to_owned(), ..all }).1, 3);
    });
}
