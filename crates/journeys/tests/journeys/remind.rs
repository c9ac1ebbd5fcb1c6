//! Reminders, what doctors answer, rules that lose force, and libraries tried before they stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::world::*;
use encounter::{Encounter, Line, Person};
use journeys::{
    Asked, Centre, Compiled, JourneyError, Recalled, Reminded, ReminderAnswer, ReminderRecord, Sources, Supervision,
    SupervisionSettings, Tried, Unchecked,
};
use monitoring::{Handling, Set};
use screening::{Floors, Force, Header, Library, Severity, Stage, Suppression};
use terms::{Exact, Fen, PersonId, Ratio};

macro_rules! rule {
    ($file:literal) => {
        ($file.to_owned(), include_str!(concat!("../../../../regions/999900/screening/rules/", $file)).to_owned())
    };
}

/// Item B at most once a day; item A at most every 14 days.
fn sources(daily: u32) -> Sources {
    let table = |name: &str, text: String| (format!("{name}.csv"), text);
    Sources {
        rules: vec![rule!("027-service-daily-limit.toml"), rule!("031-service-interval.toml")],
        tables: vec![
            table(
                "service-daily-limit",
                format!("code,max,hourly,name,begndate,enddate\nB,{daily},,乙项目,2025-01-01,\n"),
            ),
            table("service-interval", "code,group,min,name,begndate,enddate\nA,甲,14d,甲项目,2025-01-01,\n".to_owned()),
        ],
    }
}

fn compiled(sources: &Sources) -> Compiled {
    let (library, problems) = Library::load(&sources.rules, &sources.tables, None);
    // A relation to a rule that is not among these two is a warning.
    assert!(problems.iter().all(|problem| problem.severity == policy::Severity::Warning), "{problems:?}");
    let screener = library.around(&encounter::Surroundings::default());
    Compiled {
        version: library.version().to_owned(),
        headers: library.headers().iter().map(|header| Header::clone(header)).collect(),
        screen: Box::new(move |history, options, go_on| screener.screen_within(history, options, go_on)),
    }
}

const FLOORS: Floors = Floors {
    least_outcomes: 6,
    least_institutions: 2,
    violation: Ratio(8_000),
    suspected: Ratio(5_000),
    hint: Ratio(2_000),
};

/// The town's centre with a folder of rules; the first library is put in force.
fn watched(world: &World, daily: u32) -> Centre {
    let settings = SupervisionSettings { budget_micros: 20_000, look_back_days: 400, floors: FLOORS };
    let supervision = Arc::new(Supervision::new(settings, sources(daily), compiled));
    let centre = Centre { supervision: Some(supervision), ..world.centre.clone() };
    let (operation, taken) = (world.operation("999999", "start"), centre.clone());
    world.database.deed(move |tx| taken.bring_in_library(tx, &operation)).expect("the library is brought in");
    look(world, &centre);
    centre
}

fn look(world: &World, centre: &Centre) {
    let supervision = centre.supervision.clone().expect("rules");
    let looked: Result<bool, JourneyError> = world.database.read(move |tx| supervision.refresh(tx));
    looked.expect("refreshed");
}

/// An order of `cnt` pieces at 10 yuan.
fn order(number: &str, item: &str, cnt: i64, day: &str) -> Line {
    Line {
        feedetl_sn: Some(number.to_owned()),
        mdtrt_id: Some("OP1".to_owned()),
        med_list_codg: Some(item.to_owned()),
        fee_ocur_time: Some(at(&format!("{day} 10:00:00"))),
        cnt: Some(Exact::whole(cnt)),
        pric: Some(Exact::whole(10)),
        det_item_fee_sumamt: Some(Fen(1_000 * cnt)),
        inscp_scp_amt: Some(Fen(1_000 * cnt)),
        bilg_dr_codg: Some("D1".to_owned()),
        curr_drord_flag: Some(true),
        ..Line::default()
    }
}

fn asked(psn_no: &PersonId, day: &str, lines: Vec<Line>) -> Asked {
    Asked {
        task_id: format!("T{day}{}", lines.len()),
        stage: Stage::During,
        trig_scen: "4".to_owned(),
        rules: Vec::new(),
        at: at(&format!("{day} 10:30:00")),
        institution: HOSPITAL.into(),
        person: Person { psn_no: Some(psn_no.0.clone()), ..Person::default() },
        visit: Encounter {
            mdtrt_id: Some("OP1".to_owned()),
            fixmedins_code: Some(HOSPITAL.to_owned()),
            med_type: Some("11".to_owned()),
            begntime: Some(at(&format!("{day} 09:30:00"))),
            lines,
            ..Encounter::default()
        },
        others: Vec::new(),
    }
}

fn recall(world: &World, centre: &Centre, asked: &Asked) -> Recalled {
    let (centre, psn_no, at) = (centre.clone(), PersonId(asked.person.psn_no.clone().expect("a number")), asked.at);
    world.database.read(move |tx| centre.recall(tx, &psn_no, at)).expect("recalled")
}

/// Asks and writes down what was told.
fn ask(world: &World, centre: &Centre, asked: &Asked) -> Reminded {
    let in_force = centre.supervision.as_ref().and_then(|rules| rules.in_force()).expect("a library is in force");
    let reminded = centre.remind(&in_force, asked, recall(world, centre, asked), &|| true);
    let record = ReminderRecord::of(asked, &reminded, 1_500);
    world.database.deed(move |tx| journeys::record_reminders(tx, std::slice::from_ref(&record))).expect("recorded");
    reminded
}

fn say(
    world: &World,
    centre: &Centre,
    institution: &str,
    jr_id: &str,
    handling: Handling,
) -> Result<usize, JourneyError> {
    let operation = world.operation(institution, "3103");
    let reason = if handling == Handling::GoOn { "病情需要" } else { "" };
    let answers = vec![ReminderAnswer { jr_id: jr_id.to_owned(), handling, reason: reason.to_owned() }];
    let taken = centre.clone();
    let changes = world.database.deed(move |tx| taken.answer_reminders(tx, &operation, "2", &answers))?;
    look(world, centre);
    Ok(changes.len())
}

#[test]
fn an_order_beyond_a_limit_is_told_with_its_excess_and_the_same_again_is_the_same_reminder() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8001", 0, &[]);
        let question =
            asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20"), order("2", "C", 9, "2026-03-20")]);
        let first = ask(world, &centre, &question);
        let told = &first.told[0];
        assert_eq!((first.told.len(), told.level, told.amount), (1, Severity(1), Fen(2_000)));
        assert_eq!((&*told.finding.rule, told.jr_id.len()), ("service-daily-limit", 32));
        assert_eq!((first.rules_run, first.not_checked.as_slice()), (2, &[][..]));
        let again = ask(world, &centre, &Asked { task_id: "T2".to_owned(), ..question });
        assert_eq!(again.told[0].jr_id, told.jr_id);
        let jr_id = told.jr_id.clone();
        let known = world.ask(move |_, tx| Ok(monitoring::reminder(tx, &jr_id)?)).expect("written down");
        assert_eq!((known.times, known.doctor.as_str(), known.amount), (2, "D1", Fen(2_000)));
        let check = world.ask(|_, tx| Ok(monitoring::check(tx, "T2")?)).expect("written down");
        assert_eq!((check.micros, check.reminders, check.blocking, check.rules_not_checked), (1_500, 1, 1, 0));
    });
}

#[test]
fn the_register_s_past_counts_and_who_is_not_in_it_is_not_checked_rather_than_clean() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8002", 0, &[]);
        world.settled_visit(&psn, "V1", 5_000, "0");
        let on = |day: &str| ask(world, &centre, &asked(&psn, day, vec![order("1", "A", 1, day)]));
        let soon = on("2026-03-22");
        assert_eq!((soon.told.len(), &*soon.told[0].finding.rule), (1, "service-interval"));
        assert_eq!(soon.told[0].amount, Fen(1_000));
        assert!(on("2026-03-23").told.is_empty(), "fourteen days have passed");
        let stranger =
            ask(world, &centre, &asked(&"no one".into(), "2026-03-22", vec![order("1", "A", 1, "2026-03-22")]));
        assert!(stranger.told.is_empty());
        let missed: Vec<_> = stranger.not_checked.iter().map(|row| (row.rule_id.as_str(), row.why.clone())).collect();
        assert_eq!(missed, [("service-interval", Unchecked::Facts(vec!["history".to_owned()]))]);
    });
}

#[test]
fn what_is_ordered_and_billed_on_one_day_counts_once_whatever_number_the_hospital_gives_the_visit() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8003", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "OP1").expect("begun");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "B", 1_000)]).expect("taken");
        let question = |lines| Asked { at: at("2026-03-09 10:30:00"), ..asked(&psn, "2026-03-09", lines) };
        let once = ask(world, &centre, &question(vec![order("R1", "B", 1, "2026-03-09")]));
        assert!(once.told.is_empty(), "the order and its fee are one thing: {:?}", once.told);
        let twice = ask(world, &centre, &question(vec![order("R1", "B", 2, "2026-03-09")]));
        assert_eq!(twice.told[0].amount, Fen(1_000));
        let by_other_number =
            Asked { institution: OTHER_HOSPITAL.into(), ..question(vec![order("R1", "B", 1, "2026-03-09")]) };
        assert!(ask(world, &centre, &by_other_number).told.is_empty());
    });
}

#[test]
fn fees_of_former_days_count_beside_the_orders_of_today_even_under_the_same_number() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8007", 0, &[]);
        let visit = world.visit(&psn, HOSPITAL, "OP1").expect("begun");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1_000)]).expect("taken");
        let told = |item: &str, cnt| {
            let question = asked(&psn, "2026-03-10", vec![order("1", item, cnt, "2026-03-10")]);
            let told = ask(world, &centre, &question).told;
            told.iter().map(|told| told.finding.rule.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(told("B", 2), ["service-daily-limit"], "order 1 is not the fee 1 of yesterday");
        assert_eq!(told("A", 1), ["service-interval"], "yesterday's fee counts");
    });
}

#[test]
fn a_visit_that_was_taken_back_is_no_past() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8008", 0, &[]);
        let settled = world.settled_visit(&psn, "V1", 5_000, "0");
        let told =
            || ask(world, &centre, &asked(&psn, "2026-03-22", vec![order("1", "A", 1, "2026-03-22")])).told.len();
        assert_eq!(told(), 1);
        world.reverse(&psn, HOSPITAL, &settled.setl_id.expect("a number")).expect("reversed");
        assert_eq!(told(), 0, "the fee was given back");
    });
}

#[test]
fn without_time_nothing_is_called_clean() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8004", 0, &[]);
        let question = asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20")]);
        let in_force = centre.supervision.as_ref().and_then(|rules| rules.in_force()).expect("in force");
        let late = centre.remind(&in_force, &question, recall(world, &centre, &question), &|| false);
        assert!(late.told.is_empty());
        let missed: Vec<_> = late.not_checked.iter().map(|row| (row.rule_id.as_str(), &row.why)).collect();
        assert_eq!(missed, [("service-daily-limit", &Unchecked::Time)], "the other rule had nothing to look at");
    });
}

#[test]
fn named_rules_alone_are_asked_and_an_unknown_one_is_named() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8005", 0, &[]);
        let all = asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20")]);
        let named = |rules: &[&str]| {
            let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
            ask(world, &centre, &Asked { rules, ..all.clone() })
        };
        assert_eq!(named(&["31"]).told.len(), 0);
        assert_eq!(named(&["GZ10000102014000"]).told.len(), 1);
        let unknown = named(&["service-daily-limit", "no-such-rule"]);
        assert_eq!((unknown.told.len(), unknown.not_checked.len()), (1, 1));
        assert_eq!(
            (unknown.not_checked[0].rule_id.as_str(), &unknown.not_checked[0].why),
            ("no-such-rule", &Unchecked::Unknown)
        );
    });
}

#[test]
fn a_rule_that_doctors_of_two_houses_find_wrong_may_no_longer_block() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let mut told = Vec::new();
        for n in 0..7 {
            let psn = world.person(&format!("81{n:02}"), 0, &[]);
            let house = if n % 2 == 0 { HOSPITAL } else { OTHER_HOSPITAL };
            let mut question = asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20")]);
            question.institution = house.into();
            question.visit.fixmedins_code = Some(house.to_owned());
            told.push((house, ask(world, &centre, &question).told[0].clone()));
        }
        assert_eq!(code(say(world, &centre, HOSPITAL, "unheard of", Handling::Change)), "HC702");
        assert_eq!(
            code(say(world, &centre, OTHER_HOSPITAL, &told[0].1.jr_id, Handling::Change)),
            "HC702",
            "not theirs"
        );
        let mut changes = 0;
        for (n, (house, reminder)) in told[..6].iter().enumerate() {
            let handling = if n == 0 { Handling::Change } else { Handling::GoOn };
            assert_eq!(changes, 0, "five answers are too few");
            changes += say(world, &centre, house, &reminder.jr_id, handling).expect("answered");
        }
        assert_eq!(changes, 1);
        let records = world.ask(|_, tx| Ok(monitoring::force_changes(tx)?));
        assert_eq!(
            (records[0].from, records[0].to, records[0].outcomes.refuted),
            (Force::Violation, Force::Suspected, 5)
        );
        assert!(records[0].why.contains("6 件核实结果中 1 件属实"), "{}", records[0].why);
        let psn = world.person("8110", 0, &[]);
        let now = ask(world, &centre, &asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20")]));
        assert_eq!(
            (now.told[0].level, now.told[0].finding.severity),
            (Severity(2), Severity(1)),
            "reminds, blocks no more"
        );
        // The seventh is answered at the new standing: one answer alone moves nothing.
        let (house, seventh) = &told[6];
        assert_eq!(say(world, &centre, house, &seventh.jr_id, Handling::GoOn).expect("answered"), 0);
        // A case stands over the doctor's word.
        let (operation, jr_id, taken) = (world.operation("999999", "case"), seventh.jr_id.clone(), centre.clone());
        let known = world.database.deed(move |tx| taken.tell_outcome(tx, &operation, &jr_id, true, "复核属实"));
        assert!(known.expect("told"));
        let counted = world.ask(|_, tx| Ok(monitoring::outcomes(tx, "service-daily-limit", "2026.1", 1)?));
        assert_eq!((counted.confirmed, counted.refuted), (1, 0));
    });
}

#[test]
fn a_suppressed_finding_is_not_told() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let psn = world.person("8006", 0, &[]);
        let question = asked(&psn, "2026-03-20", vec![order("1", "B", 3, "2026-03-20")]);
        assert_eq!(ask(world, &centre, &question).told.len(), 1);
        let suppression = Suppression {
            id: "S1".to_owned(),
            rule: Some("service-daily-limit".to_owned()),
            psn_no: Some(psn.0.clone()),
            fixmedins_code: None,
            med_list_codg: None,
            diag_code: None,
            from: day("2026-01-01"),
            until: None,
            by: "王".to_owned(),
            why: "备案的治疗方案".to_owned(),
        };
        let row = monitoring::Suppressing { suppression, made_at: at("2026-03-20 09:00:00"), ended: None };
        world.deed(move |_, tx| Ok(monitoring::suppress(tx, &row)?)).expect("recorded");
        look(world, &centre);
        assert!(ask(world, &centre, &question).told.is_empty());
    });
}

#[test]
fn a_library_stands_only_after_it_was_tried_and_is_taken_back_in_one_step() {
    on_each_database(|world| {
        let centre = watched(world, 1);
        let first =
            centre.supervision.as_ref().and_then(|rules| rules.in_force()).expect("in force").library.version.clone();
        for n in 0..3 {
            let psn = world.person(&format!("82{n:02}"), 0, &[]);
            let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
            let lines = (0..=n).map(|at| line(&at.to_string(), "B", 1_000)).collect();
            world.upload(&psn, HOSPITAL, &visit, lines).expect("taken");
            world.settle(&psn, HOSPITAL, &visit, 1_000 * (n + 1), "0").expect("settled");
        }
        // Tomorrow's folder allows two a day.
        let next = watched(world, 2);
        assert_eq!(
            next.supervision.as_ref().and_then(|rules| rules.in_force()).expect("in force").library.version,
            first
        );
        let second = world
            .ask(|_, tx| Ok(monitoring::libraries(tx)?))
            .into_iter()
            .map(|row| row.version)
            .find(|version| *version != first);
        let second = second.expect("brought in");
        let activate = |version: &str| {
            let (operation, taken, version) = (world.operation("999999", "rules"), next.clone(), version.to_owned());
            world.database.deed(move |tx| taken.activate_library(tx, &operation, &version, "每日限两次"))
        };
        assert_eq!(code(activate("no such")), "HC703");
        assert_eq!(code(activate(&second)), "HC704");

        let (operation, taken, version) = (world.operation("999999", "rules"), next.clone(), second.clone());
        let period = (at("2026-03-01 00:00:00"), at("2026-03-31 23:59:59"));
        let as_of = at("2026-04-01 00:00:00");
        let begun: Result<Tried, JourneyError> =
            world.database.read(move |tx| taken.begin_trial(tx, &operation, &version, period, as_of));
        let mut trial = begun.expect("begun");
        let mut after = PersonId(String::new());
        loop {
            let (taken, from) = (next.clone(), after.clone());
            let histories = world.database.read(move |tx| taken.next_histories(tx, period, &from, 2)).expect("read");
            let Some(last) = histories.last().and_then(|history| history.person.psn_no.clone()) else { break };
            histories.iter().for_each(|history| trial.add(history));
            after = PersonId(last);
        }
        let report = world.database.deed(move |tx| trial.conclude(tx, at("2026-04-01 01:00:00"))).expect("written");
        assert_eq!(report.persons, 3);
        let rule = report.rules["service-daily-limit"];
        assert_eq!((rule.gone + rule.changed, rule.same), (2, 0));
        let net = rule.new_amount - rule.gone_amount + rule.changed_amount;
        assert_eq!(net, Fen(-1_600), "two lines: eight yuan in scope are gone; three lines: eight of sixteen");
        let shadow = world.ask(move |_, tx| Ok(monitoring::findings_of_run(tx, &report.run_id)?));
        assert!(!shadow.is_empty() && shadow.iter().all(|row| row.set == Set::Shadow));

        activate(&second).expect("activated");
        look(world, &next);
        let psn = world.person("8290", 0, &[]);
        let two = || ask(world, &next, &asked(&psn, "2026-03-20", vec![order("1", "B", 2, "2026-03-20")])).told.len();
        assert_eq!(two(), 0, "two a day are allowed now");
        let back = || {
            let (operation, taken) = (world.operation("999999", "rules"), next.clone());
            world.database.deed(move |tx| taken.roll_back_library(tx, &operation, "误报"))
        };
        assert_eq!(back().expect("taken back"), first);
        look(world, &next);
        assert_eq!(two(), 1);
        let placings = world.ask(|_, tx| Ok(monitoring::placings(tx, Set::Active)?));
        let deeds: Vec<&str> = placings.iter().rev().map(|placing| placing.deed.code()).collect();
        assert_eq!(deeds, ["first", "activate", "roll_back"]);
        let libraries: BTreeSet<String> =
            world.ask(|_, tx| Ok(monitoring::libraries(tx)?)).into_iter().map(|row| row.version).collect();
        assert_eq!(libraries, BTreeSet::from([first, second]));
    });
}
