//! Audit cases beyond the stories: money conserved over random cases, bulk handling, samples,
//! reversal against opening, and the bundle of a case.

use std::collections::BTreeMap;

use crate::stories::{actor, casebook};
use crate::world::*;
use casework::Document;
use inquiry::rules::opinion::{Say, Says};
use inquiry::{Clue, ClueLine, LineState, Source};
use journeys::{BulkCase, CaseFile, FrameAsked, JourneyError, Move, NewCase};
use ledger::Account;
use operation::Operation;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use terms::{Fen, PersonId, VisitId};

const DECISION: &str = "决定书";

fn operation(world: &World, when: &str) -> Operation {
    Operation { received_at: at(when), ..world.operation("BUREAU", "case") }
}

fn new_case(targets: Vec<ClueLine>, clues: Vec<String>, frame: Option<FrameAsked>) -> NewCase {
    NewCase {
        procedure: "audit".into(),
        clues,
        targets,
        frame,
        subject: "试验".into(),
        by: actor(&casebook(), "S001"),
        why: "抽查".into(),
        exhibits: Vec::new(),
    }
}

fn open(world: &World, when: &str, new: NewCase) -> Result<CaseFile, JourneyError> {
    let (operation, book) = (operation(world, when), casebook());
    world.deed(move |centre, tx| centre.open_inquiry(tx, &operation, &book, &new))
}

fn take(world: &World, when: &str, asked: Move) -> Result<CaseFile, JourneyError> {
    let (operation, book) = (operation(world, when), casebook());
    world.deed(move |centre, tx| centre.move_case(tx, &operation, &book, &asked))
}

fn step(file: &CaseFile, step: &str, by: &str) -> Move {
    Move::new(&file.case.case_id, step, actor(&casebook(), by), "理由")
}

fn document(kind: &str) -> Vec<Document> {
    vec![Document::of(kind, &format!("{kind}.pdf"), "application/pdf", kind.as_bytes().to_vec())]
}

/// From opened to decided, with these amounts by line; the rest is upheld whole.
fn decide(world: &World, file: &CaseFile, amounts: &BTreeMap<i64, Fen>, extrapolate: bool) -> CaseFile {
    let say = |amount| Say { amount, article: "条例第三十八条".into(), reason: "见记录".into() };
    let lines = amounts.iter().map(|(no, amount)| (*no, say(Some(*amount)))).collect();
    let says = Says { all: Some(say(None)), lines };
    let assign = Move { assign_to: Some(actor(&casebook(), "S001")), ..step(file, "assign", "S006") };
    take(world, "2026-04-01 10:00:00", assign).expect("assigned");
    take(world, "2026-04-01 11:00:00", Move { says, ..step(file, "first_review", "S001") }).expect("reviewed");
    take(world, "2026-04-02 09:00:00", step(file, "accept", "H1/医保办")).expect("accepted");
    let decide = Move { documents: document(DECISION), extrapolate, ..step(file, "decide", "S006") };
    take(world, "2026-04-02 10:00:00", decide).expect("decided")
}

/// A settled outpatient visit of several lines of item A, with an account.
fn visit(world: &World, psn: &PersonId, label: &str, amounts: &[i64]) -> VisitId {
    let visit = world.visit(psn, HOSPITAL, label).expect("begun");
    let lines = (1..).zip(amounts).map(|(no, amount): (i32, _)| line(&no.to_string(), "A", *amount)).collect();
    world.upload(psn, HOSPITAL, &visit, lines).expect("taken");
    world.settle(psn, HOSPITAL, &visit, amounts.iter().sum(), "1").expect("settled");
    visit
}

fn whole(psn_no: &PersonId, mdtrt_id: &VisitId) -> ClueLine {
    ClueLine { psn_no: psn_no.clone(), mdtrt_id: mdtrt_id.clone(), feedetl_sn: None, amount: None }
}

/// Everything that an overturned decision must restore.
fn books(world: &World) -> [Fen; 5] {
    [
        Account::Pool("310102".into()),
        Account::Payable(HOSPITAL.into()),
        Account::Suspense("recovered/310200".into()),
        Account::Suspense(format!("paid in/{HOSPITAL}")),
        Account::Paid(HOSPITAL.into()),
    ]
    .map(|account| world.balance(account))
}

#[derive(Debug, Clone)]
struct Deed {
    /// Thousandths of each line that are upheld.
    upheld: Vec<i64>,
    refund: bool,
    /// Lines overturned one by one before the rest is.
    parts: Vec<usize>,
    executed: bool,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = (
        prop::collection::vec(prop_oneof![Just(0_i64), Just(1000), 1..1000_i64], 3),
        any::<bool>(),
        prop::collection::vec(0..3_usize, 0..3),
        prop::bool::weighted(0.8),
    );
    prop::collection::vec(
        one.prop_map(|(upheld, refund, parts, executed)| Deed { upheld, refund, parts, executed }),
        1..4,
    )
}

#[test]
fn money_comes_back_to_the_fen_and_goes_out_again_over_random_cases() {
    on_each_database(|world| {
        let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
        let people = std::sync::atomic::AtomicU32::new(0);
        let amounts = prop::collection::vec(1..90_000_i64, 3);
        runner
            .run(&(deeds(), amounts, 0..30_000_i64), |(deeds, amounts, balance)| {
                let n = people.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let psn = world.person(&format!("8{n:04}"), balance, &[]);
                let before = books(world);
                let mdtrt_id = visit(world, &psn, "V", &amounts);
                let settled = books(world);
                let paid = (before[0] - settled[0]) + world.history(&psn).settlements[0].acct_pay;
                for deed in &deeds {
                    one_case(world, &whole(&psn, &mdtrt_id), deed, paid);
                    assert_eq!(books(world), settled, "everything is restored");
                }
                let file = open(world, "2026-04-01 09:00:00", new_case(vec![whole(&psn, &mdtrt_id)], vec![], None));
                let file = file.expect("the lines are free again");
                decide(world, &file, &BTreeMap::new(), false);
                let file = take(world, "2026-04-03 09:00:00", step(&file, "deduct", "S006")).expect("deducted");
                assert_eq!(file.recovered(), paid, "all lines upheld bring back all that was paid");
                let overturn = Move { documents: document("撤销决定书"), ..step(&file, "overturn", "S007") };
                take(world, "2026-04-04 09:00:00", overturn).expect("overturned");
                assert_eq!(books(world), settled);
                Ok(())
            })
            .expect("holds for every sequence");
    });
}

/// One case from opening to its overturning; what came back is never more than what was paid.
fn one_case(world: &World, target: &ClueLine, deed: &Deed, paid: Fen) {
    let file = open(world, "2026-04-01 09:00:00", new_case(vec![target.clone()], vec![], None)).expect("opened");
    let credit = file.facts.as_ref().expect("facts").recoverable;
    assert_eq!(credit, paid);
    let part = |line: &inquiry::DisputedLine| {
        let thousandths = deed.upheld.get(usize::try_from(line.no - 1).expect("a number")).copied().unwrap_or(1000);
        (line.no, Fen(line.disputed.0 * thousandths / 1000))
    };
    let amounts: BTreeMap<i64, Fen> = file.lines.iter().map(part).collect();
    let mut file = decide(world, &file, &amounts, false);
    world.check_books();
    if deed.executed {
        let way = if deed.refund { "refund" } else { "deduct" };
        let asked = Move { documents: document("收款凭证"), ..step(&file, way, "S006") };
        file = take(world, "2026-04-03 09:00:00", asked).expect("executed");
        let upheld: Fen = file.lines.iter().map(inquiry::DisputedLine::recoverable).sum();
        assert_eq!(file.recovered(), upheld);
        assert!(Fen::ZERO <= upheld && upheld <= paid);
        for (n, part) in deed.parts.iter().enumerate() {
            let Some(line) = file.lines.get(*part).filter(|line| line.state == LineState::Upheld).cloned() else {
                continue;
            };
            let asked = Move {
                lines: vec![line.no],
                documents: document("撤销决定书"),
                ..step(&file, "overturn_part", "S007")
            };
            let before = file.recovered();
            file = take(world, &format!("2026-04-0{} 09:00:00", 4 + n), asked).expect("overturned in part");
            assert_eq!(file.recovered(), before - line.recoverable());
            world.check_books();
        }
    }
    let overturn = Move { documents: document("撤销决定书"), ..step(&file, "overturn", "S007") };
    let file = take(world, "2026-04-09 09:00:00", overturn).expect("overturned");
    assert_eq!(file.recovered(), Fen::ZERO);
    let taken: Fen = file.deductions.iter().map(|row| row.amount).sum();
    assert_eq!(taken, Fen::ZERO, "statements will have given back what they took");
    assert!(file.credit.iter().all(|event| !event.revoked.is_empty()));
    world.check_books();
}

fn clue(world: &World, n: i64, rule: &str, line: ClueLine) -> Clue {
    let clue = Clue {
        clue_id: format!("K{n:03}"),
        source: Source::Finding,
        reference: format!("F{n:03}"),
        rule: rule.into(),
        version: "1".into(),
        fixmedins_code: HOSPITAL.into(),
        amount: Fen(100),
        confidence: Some(9_000 + n),
        summary: "重复收费".into(),
        found_at: at("2026-03-31 09:00:00"),
        case_id: None,
        lines: vec![line],
    };
    let operation = operation(world, "2026-03-31 09:00:00");
    let asked = clue.clone();
    world
        .deed(move |centre, tx| {
            let first = centre.add_clue(tx, &operation, &asked)?;
            let again = centre.add_clue(tx, &operation, &Clue { clue_id: "another".into(), ..asked.clone() })?;
            assert_eq!(first, again, "the same finding is one clue");
            Ok(first)
        })
        .expect("a clue")
}

#[test]
fn many_findings_of_one_rule_at_one_institution_become_one_case_and_each_line_counts_once() {
    on_each_database(|world| {
        let line = |psn: &PersonId, visit: &VisitId, no: &str, amount: Option<i64>| ClueLine {
            feedetl_sn: Some(no.into()),
            amount: amount.map(Fen),
            ..whole(psn, visit)
        };
        let mut all = Vec::new();
        for n in 0..4 {
            let psn = world.person(&format!("60{n}"), 0, &[]);
            let visit = visit(world, &psn, "V", &[20_000, 10_000]);
            clue(world, 2 * n, "R25", line(&psn, &visit, "1", Some(5_000)));
            // A second finding on the same line: the higher amount stands, once.
            clue(world, 2 * n + 1, "R25", line(&psn, &visit, "1", Some(7_000)));
            all.push((psn, visit));
        }
        clue(world, 90, "R27", line(&all[0].0, &all[0].1, "2", None));
        let busy =
            open(world, "2026-04-01 08:00:00", new_case(vec![line(&all[3].0, &all[3].1, "1", None)], vec![], None));
        busy.expect("another case has a line");
        let bulk = |at_most| BulkCase {
            procedure: "audit".into(),
            rule: "R25".into(),
            fixmedins_code: HOSPITAL.into(),
            at_most,
            by: actor(&casebook(), "S001"),
            why: "批量".into(),
            exhibits: Vec::new(),
        };
        let (operation, book, asked) = (operation(world, "2026-04-01 09:00:00"), casebook(), bulk(100));
        let file = world.deed(move |centre, tx| centre.open_bulk(tx, &operation, &book, &asked)).expect("opened");
        assert_eq!((file.clues.len(), file.lines.len()), (8, 3), "what another case has is left to it");
        assert!(file.lines.iter().all(|line| line.disputed == Fen(7_000)));
        let facts = file.facts.as_ref().expect("facts");
        assert_eq!((facts.rule.as_str(), facts.disputed, facts.confidence), ("R25", Fen(21_000), Some(9_007)));
        let file = decide(world, &file, &BTreeMap::from([(2, Fen::ZERO)]), false);
        assert_eq!(file.lines.iter().filter(|line| line.state == LineState::Upheld).count(), 2);
        let queue = world.ask(|_, tx| journeys::queue(tx, &casebook()));
        assert_eq!(queue.len(), 2);
        assert!(queue[0].rank() >= queue[1].rank());
        let taken = NewCase { clues: vec!["K000".into()], ..new_case(vec![], vec![], None) };
        assert_eq!(code(open(world, "2026-04-05 09:00:00", taken)), "HC605");
    });
}

#[test]
fn a_sample_is_extended_to_its_frame_and_its_visits_are_spoken_for() {
    on_each_database(|world| {
        let mut visits = Vec::new();
        for n in 0..30_i64 {
            let psn = world.person(&format!("50{n:02}"), 0, &[]);
            visits.push((psn.clone(), visit(world, &psn, "V", &[20_000 + 700 * n, 5_000])));
        }
        let settled = books(world);
        let frame = |seed: &str, size| FrameAsked {
            fixmedins_code: HOSPITAL.into(),
            insutype: "310".into(),
            clr_type: "11".into(),
            from: day("2026-03-01"),
            to: day("2026-03-31"),
            seed: seed.into(),
            size,
        };
        let file = open(world, "2026-04-01 09:00:00", new_case(vec![], vec![], Some(frame("彩票 2026090", 15))));
        let file = file.expect("opened");
        let sample = file.sample.clone().expect("a sample");
        assert_eq!((sample.units.len(), sample.units.iter().filter(|unit| unit.drawn).count()), (30, 15));
        assert_eq!(file.lines.len(), 30, "two lines of each drawn visit");
        // The second line of every visit is wrong.
        let right = file.lines.iter().filter(|line| line.feedetl_sn.as_str() == "1").map(|line| (line.no, Fen::ZERO));
        let file = decide(world, &file, &right.collect(), true);
        let estimate: inquiry::rules::sample::Estimate =
            serde_json::from_str(&file.sample.as_ref().and_then(|sample| sample.estimate.clone()).expect("estimated"))
                .expect("an estimate");
        assert!(estimate.found < estimate.lower && estimate.lower <= estimate.point, "{estimate:?}");
        let extended = file.lines.last().expect("a line");
        assert_eq!(extended.feedetl_sn.as_str(), inquiry::EXTRAPOLATED);
        let file = take(world, "2026-04-03 09:00:00", step(&file, "deduct", "S006")).expect("deducted");
        assert!(file.recovered() <= estimate.lower && file.recovered() > estimate.found);
        assert!(estimate.lower - file.recovered() < Fen(2), "less than a fen a fund is lost in rounding");
        world.check_books();
        // A visit of the frame that was not drawn can neither be disputed nor reversed.
        let unit = sample.units.iter().find(|unit| !unit.drawn).expect("one was not drawn");
        let again =
            open(world, "2026-04-04 09:00:00", new_case(vec![whole(&unit.psn_no, &unit.mdtrt_id)], vec![], None));
        assert_eq!(code(again), "IQ115");
        let setl_id = world.history(&unit.psn_no).settlements[0].setl_id.clone();
        assert_eq!(code(world.reverse(&unit.psn_no, HOSPITAL, &setl_id)), "HC608");
        let wrong = file.lines.iter().find(|line| line.state == LineState::Upheld).expect("upheld").no;
        let documents = document("撤销决定书");
        let part = Move { lines: vec![wrong], documents, ..step(&file, "overturn_part", "S007") };
        assert_eq!(code(take(world, "2026-04-08 09:00:00", part)), "IQ118", "the estimate rests on it");
        let overturn = Move { documents: document("撤销决定书"), ..step(&file, "overturn", "S007") };
        take(world, "2026-04-09 09:00:00", overturn).expect("overturned");
        assert_eq!(books(world), settled);
        world.reverse(&unit.psn_no, HOSPITAL, &setl_id).expect("free again");
        let none = open(world, "2026-04-10 09:00:00", new_case(vec![], vec![], Some(frame(" ", 15))));
        assert_eq!(code(none), "IQ114");
    });
}

#[test]
fn a_settlement_is_either_reversed_or_disputed_when_both_come_at_once() {
    on_each_database(|world| {
        for n in 0..6 {
            let psn = world.person(&format!("40{n}"), 0, &[]);
            let mdtrt_id = visit(world, &psn, "V", &[30_000]);
            let setl_id = world.history(&psn).settlements[0].setl_id.clone();
            let start = std::sync::Barrier::new(2);
            let (reversed, opened) = std::thread::scope(|scope| {
                let reverse = scope.spawn(|| {
                    start.wait();
                    world.reverse(&psn, HOSPITAL, &setl_id).is_ok()
                });
                let opened = scope.spawn(|| {
                    start.wait();
                    open(world, "2026-04-01 09:00:00", new_case(vec![whole(&psn, &mdtrt_id)], vec![], None)).is_ok()
                });
                (reverse.join().expect("ran"), opened.join().expect("ran"))
            });
            assert!(reversed != opened, "exactly one of the two: {reversed} {opened}");
        }
        world.check_books();
    });
}

#[test]
fn a_case_leaves_as_one_file_that_verifies_without_the_centre() {
    on_each_database(|world| {
        let psn = world.person("3001", 0, &[]);
        let mdtrt_id = visit(world, &psn, "V", &[30_000, 10_000]);
        let rule = Document::of("rule", "R25.toml", "text/plain", b"id = \"R25\"".to_vec());
        let new = NewCase { exhibits: vec![rule], ..new_case(vec![whole(&psn, &mdtrt_id)], vec![], None) };
        let file = open(world, "2026-04-01 09:00:00", new).expect("opened");
        let file = decide(world, &file, &BTreeMap::new(), false);
        let file = take(world, "2026-04-03 09:00:00", step(&file, "deduct", "S006")).expect("deducted");
        let case_id = file.case.case_id.clone();
        let waiting = {
            let case_id = case_id.clone();
            world.database.read(move |tx| journeys::case_bundle(tx, &case_id))
        };
        assert!(matches!(waiting, Err(JourneyError::Broken(_))), "no checkpoint covers it yet");
        let folder = std::env::temp_dir().join(format!("heng-case-{}-{}", std::process::id(), world.database.name()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let key = evidence::Sm2Key::load_or_create("heng/999999", &folder.join("key.pem")).expect("a key");
        let trusted = evidence::Signer::public(&key).clone();
        let mark = evidence::HighWater::at(folder.join("mark"));
        let sequencer = evidence::Sequencer::new("heng/999999", "test", mark);
        sequencer.run_once(&world.database, &key, jiff::Timestamp::now()).expect("numbered and signed");
        let bundle = world.ask(move |_, tx| journeys::case_bundle(tx, &case_id));
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(bundle.steps.len(), file.case.steps.len());
        assert!(bundle.documents.len() >= 4, "procedure, lines, rule and decision");
        let report = evidence::bundle::verify(&bundle, &evidence::Policy::of(&[trusted]));
        assert!(report.is_good(), "{:?}", report.faults);
    });
}

/// A finding of the register: one line of a visit, a part of its amount.
fn put_finding(world: &World, key: &str, psn: &PersonId, visit: &VisitId) {
    let found = screening::FoundLine {
        mdtrt_id: visit.0.clone(),
        feedetl_sn: "1".into(),
        med_list_codg: "A".into(),
        item: screening::ItemType::Violating,
        amount: Fen(5_000),
    };
    let finding = screening::Finding {
        key: key.into(),
        rule: "R25".into(),
        version: "1".into(),
        name: "重复收费".into(),
        result: screening::Outcome::ALL[0],
        severity: screening::Severity(1),
        behaviour: screening::Behaviour::ALL[0],
        subject: screening::Subject::Person(psn.0.clone()),
        persons: vec![psn.0.clone()],
        encounters: vec![visit.0.clone()],
        lines: vec![found],
        amount: Fen(5_000),
        row: None,
        evidence: Vec::new(),
        doctor: String::new(),
        auditor: "同日重复收费".into(),
    };
    let mut body = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut body, &serde_json::to_vec(&finding).expect("JSON")).expect("compressed");
    let row = monitoring::Finding {
        set: monitoring::Set::Active,
        key: key.into(),
        rule_id: "R25".into(),
        rule_version: "1".into(),
        library: "L".into(),
        severity: 1,
        psn_no: psn.clone(),
        fixmedins_code: HOSPITAL.into(),
        mdtrt_id: visit.clone(),
        visit_day: None,
        place: monitoring::Place::Principal,
        under: String::new(),
        amount: Fen(5_000),
        counted: Fen(5_000),
        first_run: "U".into(),
        last_run: "U".into(),
        found_at: at("2026-03-20 09:00:00"),
        body: body.finish().expect("compressed"),
    };
    world.deed(move |_, tx| Ok(monitoring::put_findings(tx, std::slice::from_ref(&row))?)).expect("put");
}

#[test]
fn a_decision_tells_the_rule_whether_it_was_right_and_an_overturned_one_takes_it_back() {
    on_each_database(|world| {
        let psn = world.person("2501", 0, &[]);
        let first = visit(world, &psn, "V1", &[20_000]);
        let second = visit(world, &psn, "V2", &[20_000]);
        put_finding(world, "F1", &psn, &first);
        put_finding(world, "F2", &psn, &second);
        let clue = |key: &'static str| {
            let operation = operation(world, "2026-03-31 09:00:00");
            world.deed(move |centre, tx| {
                let made = centre.clue_of_finding(tx, &operation, key)?;
                assert_eq!(centre.clue_of_finding(tx, &operation, key)?, made, "the same finding is one clue");
                Ok(made)
            })
        };
        let clues = ["F1", "F2"].map(|key| clue(key).expect("a clue"));
        assert_eq!(code(clue("F3")), "HC604");
        assert_eq!((clues[0].amount, clues[0].confidence), (Fen(5_000), None), "nobody has said how often it is right");
        let told = || {
            world.ask(|_, tx| {
                let told = monitoring::outcomes(tx, "R25", "1", 0)?;
                Ok((told.confirmed, told.refuted))
            })
        };
        let ids = clues.iter().map(|clue| clue.clue_id.clone()).collect();
        let file = open(world, "2026-04-01 09:00:00", new_case(vec![], ids, None)).expect("opened");
        assert_eq!(file.lines.iter().map(|line| line.disputed).sum::<Fen>(), Fen(10_000));
        let explained = file.documents.iter().find(|(_, document)| document.kind == "explanation").expect("filed");
        let findings: serde_json::Value =
            serde_json::from_slice(explained.1.content.as_deref().expect("kept")).expect("JSON");
        assert_eq!((&findings[0]["key"], &findings[1]["auditor"]), (&"F1".into(), &"同日重复收费".into()));
        assert_eq!(told(), (0, 0));
        let wrong = file.lines.iter().find(|line| line.mdtrt_id == second).expect("a line").no;
        let file = decide(world, &file, &BTreeMap::from([(wrong, Fen::ZERO)]), false);
        assert_eq!(told(), (1, 1));
        let overturn = Move { documents: document("撤销决定书"), ..step(&file, "overturn", "S007") };
        take(world, "2026-04-09 09:00:00", overturn).expect("overturned");
        assert_eq!(told(), (0, 2), "the later word stands");
        let third = visit(world, &psn, "V3", &[20_000]);
        put_finding(world, "F4", &psn, &third);
        assert_eq!(clue("F4").expect("a clue").confidence, Some(0), "never right so far");
    });
}

#[test]
fn a_desk_shows_who_may_do_what_and_the_party_hears_of_a_case_only_when_it_may_speak() {
    on_each_database(|world| {
        let psn = world.person("70001", 0, &[]);
        let mdtrt_id = visit(world, &psn, "V", &[10_000]);
        let opened = open(world, "2026-04-01 09:00:00", new_case(vec![whole(&psn, &mdtrt_id)], vec![], None));
        let file = opened.expect("opened");
        assert_eq!(journeys::told_party(&file.procedure, &file.case), None, "nobody has told it yet");
        let steps = |file: &CaseFile, by: &str| {
            let book = casebook();
            let possible = journeys::possible_steps(&book, file, &actor(&book, by), at("2026-04-01 09:30:00"));
            possible
                .into_iter()
                .map(|one| (one.rule.id, one.assignable.len(), one.refused.is_none()))
                .collect::<Vec<_>>()
        };
        let supervisor = steps(&file, "S006");
        assert!(supervisor.iter().any(|(step, to, open)| step == "assign" && *to > 0 && *open), "{supervisor:?}");
        assert!(steps(&file, "S001").iter().all(|(_, _, open)| !open), "a reviewer does not assign");
        assert!(steps(&file, "H1/医保办").is_empty(), "the party has no step yet");
        let assign = Move { assign_to: Some(actor(&casebook(), "S001")), ..step(&file, "assign", "S006") };
        take(world, "2026-04-01 10:00:00", assign).expect("assigned");
        let says = Says::all(None, "条例第三十八条", "见记录");
        let review = Move { says, ..step(&file, "first_review", "S001") };
        let file = take(world, "2026-04-01 11:00:00", review).expect("reviewed");
        assert_eq!(journeys::told_party(&file.procedure, &file.case), Some(at("2026-04-01 11:00:00")));
        let party = steps(&file, "H1/医保办");
        assert!(party.iter().any(|(step, _, open)| step == "appeal" && *open), "{party:?}");
        let known = world.ask(|_, tx| journeys::inquiries(tx, &casebook(), HOSPITAL, 10));
        assert_eq!(known.iter().map(|one| one.case.case_id.clone()).collect::<Vec<_>>(), [file.case.case_id]);
    });
}
