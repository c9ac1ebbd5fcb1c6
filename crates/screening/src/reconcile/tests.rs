use super::*;
use crate::finding::FoundLine;
use crate::header::{Behaviour, Class, Outcome, Severity, Stage};
use proptest::prelude::*;

fn header(id: &str, relations: Relations) -> Header {
    Header {
        id: id.to_owned(),
        name: id.to_owned(),
        national: None,
        version: "1".to_owned(),
        basis: Vec::new(),
        class: Class::Policy,
        family: String::new(),
        result: Outcome::Violation,
        behaviour: Behaviour::Item,
        stages: vec![Stage::After],
        scenarios: Vec::new(),
        levels: Vec::new(),
        institution_types: Vec::new(),
        insurance: Vec::new(),
        begndate: terms::parse_date("2020-01-01").expect("a date"),
        enddate: None,
        relations,
        doctor: String::new(),
        auditor: String::new(),
        file: String::new(),
        population: false,
        severity: Severity(1),
    }
}

/// A finding of a rule on visit V1: line numbers with what it says of each, in 分.
fn finding(rule: &str, severity: u8, lines: &[(&str, i64)]) -> Finding {
    let found = |(number, amount): &(&str, i64)| FoundLine {
        mdtrt_id: "V1".to_owned(),
        feedetl_sn: (*number).to_owned(),
        med_list_codg: format!("I{number}"),
        item: ItemType::Violating,
        amount: Fen(*amount),
    };
    let numbers: Vec<&str> = lines.iter().map(|(number, _)| *number).collect();
    Finding {
        key: format!("{rule}/{}", numbers.join(",")),
        rule: rule.into(),
        version: "1".into(),
        name: rule.into(),
        result: Outcome::Violation,
        severity: Severity(severity),
        behaviour: Behaviour::Item,
        subject: Subject::Person("P1".to_owned()),
        persons: vec!["P1".to_owned()],
        encounters: vec!["V1".to_owned()],
        lines: lines.iter().map(found).collect(),
        amount: lines.iter().map(|(_, amount)| Fen(*amount)).sum(),
        row: None,
        evidence: Vec::new(),
        doctor: String::new(),
        auditor: String::new(),
    }
}

fn of_visit(rule: &str, severity: u8, amount: i64) -> Finding {
    Finding { key: format!("{rule}/visit"), amount: Fen(amount), ..finding(rule, severity, &[]) }
}

/// Lines 1 … 9 of V1, each of 100 yuan, in a visit of H1 on 5 March with diagnosis C34.
fn claims() -> Claims {
    let mut visit = encounter::Encounter {
        mdtrt_id: Some("V1".to_owned()),
        fixmedins_code: Some("H1".to_owned()),
        begntime: terms::parse_time("2026-03-05 08:00:00"),
        ..Default::default()
    };
    visit.diagnoses.push(encounter::Diagnosis { diag_code: Some("C34.100".to_owned()), ..Default::default() });
    visit.lines = (1..10)
        .map(|number| encounter::Line {
            feedetl_sn: Some(number.to_string()),
            det_item_fee_sumamt: Some(Fen(10_000)),
            ..Default::default()
        })
        .collect();
    Claims::of([&encounter::History { person: Default::default(), encounters: vec![visit] }])
}

fn relating(kind: fn(Vec<String>) -> Relations, rule: &str, other: &str) -> Vec<Header> {
    vec![header(rule, kind(vec![other.to_owned()])), header(other, Relations::default())]
}

fn shape(reconciled: &Reconciled) -> Vec<(String, i64, Vec<String>)> {
    let rule = |finding: &Finding| finding.rule.to_string();
    let supports = |row: &Principal| row.supporting.iter().map(|support| rule(&support.finding)).collect();
    reconciled.principals.iter().map(|row| (rule(&row.finding), row.amount.0, supports(row))).collect()
}

#[test]
fn three_rules_on_one_line_are_one_principal_with_two_views() {
    let findings =
        [finding("c", 2, &[("1", 9_000)]), finding("a", 1, &[("1", 4_000)]), finding("b", 2, &[("1", 10_000)])];
    let reconciled = reconcile(findings, &[], &[], &claims());
    assert_eq!(shape(&reconciled), [("a".to_owned(), 4_000, vec!["b".to_owned(), "c".to_owned()])]);
    assert_eq!(reconciled.amount, Fen(4_000), "the graver one counts, and counts what it says");
}

#[test]
fn findings_that_share_some_lines_count_each_line_once() {
    let findings = [finding("a", 1, &[("1", 5_000), ("2", 5_000)]), finding("b", 1, &[("2", 10_000), ("3", 100)])];
    let reconciled = reconcile(findings, &[], &[], &claims());
    assert_eq!(shape(&reconciled), [("a".to_owned(), 5_000, vec![]), ("b".to_owned(), 10_100, vec![])]);
    assert_eq!(reconciled.principals[0].lines, [(LineKey::new("V1", "1", ""), Fen(5_000))]);
}

#[test]
fn a_line_never_counts_more_than_it_cost() {
    let reconciled = reconcile([finding("a", 1, &[("1", 25_000)])], &[], &[], &claims());
    assert_eq!(reconciled.amount, Fen(10_000));
}

#[test]
fn relations_decide_before_severity() {
    let both = || [finding("weak", 3, &[("1", 10)]), finding("strong", 1, &[("1", 10_000)])];
    for kind in [
        |ids| Relations { subsumes: ids, ..Relations::default() },
        |ids| Relations { overrides: ids, ..Relations::default() },
    ] {
        let reconciled = reconcile(both(), &relating(kind, "weak", "strong"), &[], &claims());
        assert_eq!(shape(&reconciled), [("weak".to_owned(), 10, vec!["strong".to_owned()])]);
        assert_eq!(reconciled.principals[0].supporting[0].why, Supports::Related);
    }
    let excludes = relating(|ids| Relations { excludes: ids, ..Relations::default() }, "weak", "strong");
    let reconciled = reconcile(both(), &excludes, &[], &claims());
    assert_eq!(shape(&reconciled), [("weak".to_owned(), 10, vec![])]);
    assert_eq!(
        (reconciled.excluded[0].finding.rule.as_ref(), reconciled.excluded[0].by.as_str()),
        ("strong", "weak/1")
    );
}

#[test]
fn what_is_excluded_excludes_nothing() {
    let headers = [("a", "b"), ("b", "c")]
        .map(|(rule, other)| header(rule, Relations { excludes: vec![other.to_owned()], ..Relations::default() }));
    let findings = ["a", "b", "c"].map(|rule| finding(rule, 1, &[("1", 100)]));
    let reconciled = reconcile(findings, &headers, &[], &claims());
    assert_eq!(shape(&reconciled), [("a".to_owned(), 100, vec!["c".to_owned()])]);
    assert_eq!(reconciled.excluded.len(), 1);
}

#[test]
fn rules_that_exclude_or_override_each_other_in_a_circle_still_leave_one_principal() {
    for kind in [
        |ids| Relations { excludes: ids, ..Relations::default() },
        |ids| Relations { overrides: ids, ..Relations::default() },
    ] {
        let headers = [("a", "b"), ("b", "a")].map(|(rule, other)| header(rule, kind(vec![other.to_owned()])));
        let findings = ["a", "b"].map(|rule| finding(rule, 1, &[("1", 100)]));
        let reconciled = reconcile(findings, &headers, &[], &claims());
        assert_eq!((reconciled.principals.len(), reconciled.amount), (1, Fen(100)));
    }
}

#[test]
fn a_whole_visit_counts_what_its_lines_have_left() {
    let findings = || [of_visit("stay", 2, 30_000), finding("a", 1, &[("1", 10_000)]), of_visit("often", 3, 35_000)];
    let reconciled = reconcile(findings(), &[], &[], &claims());
    assert_eq!(
        shape(&reconciled),
        [("a".to_owned(), 10_000, vec![]), ("often".to_owned(), 5_000, vec![]), ("stay".to_owned(), 20_000, vec![])]
    );
    let subsumes = relating(|ids| Relations { subsumes: ids, ..Relations::default() }, "stay", "often");
    let reconciled = reconcile(findings(), &subsumes, &[], &claims());
    assert_eq!(reconciled.amount, Fen(30_000));
    assert_eq!(shape(&reconciled)[1], ("stay".to_owned(), 20_000, vec!["often".to_owned()]));
}

fn suppression() -> Suppression {
    let day = |text| terms::parse_date(text).expect("a date");
    Suppression {
        id: "S1".to_owned(),
        rule: Some("a".to_owned()),
        psn_no: None,
        fixmedins_code: None,
        med_list_codg: None,
        diag_code: None,
        from: day("2026-01-01"),
        until: Some(day("2026-03-05")),
        by: "王".to_owned(),
        why: "放化疗周期".to_owned(),
    }
}

#[test]
fn a_suppression_holds_only_where_every_condition_is_known_to_hold() {
    let held = |row: Suppression| {
        let reconciled = reconcile([finding("a", 1, &[("1", 100)])], &[], &[row], &claims());
        assert_eq!(reconciled.principals.len() + reconciled.suppressed.len(), 1, "nothing is lost");
        reconciled.suppressed.len() == 1
    };
    let text = |text: &str| Some(text.to_owned());
    assert!(held(suppression()));
    assert!(held(Suppression { diag_code: text("C34"), fixmedins_code: text("H1"), ..suppression() }));
    assert!(held(Suppression { psn_no: text("P1"), med_list_codg: text("I1"), rule: None, ..suppression() }));
    assert!(!held(Suppression { rule: text("b"), ..suppression() }));
    assert!(!held(Suppression { diag_code: text("C35"), ..suppression() }));
    assert!(!held(Suppression { fixmedins_code: text("H2"), ..suppression() }));
    assert!(!held(Suppression { psn_no: text("P2"), ..suppression() }));
    assert!(!held(Suppression { med_list_codg: text("I2"), ..suppression() }));
    let ended = terms::parse_date("2026-03-04").expect("a date");
    assert!(!held(Suppression { until: Some(ended), ..suppression() }));
    let nowhere = Claims::default();
    let reconciled = reconcile([finding("a", 1, &[("1", 100)])], &[], &[suppression()], &nowhere);
    assert_eq!(reconciled.principals.len(), 1, "a visit that nobody knows is not suppressed");
}

const RULES: [&str; 5] = ["a", "b", "c", "d", "e"];

prop_compose! {
    fn any_finding()(
        rule in 0usize..5,
        severity in 1u8..4,
        lines in prop::collection::btree_map(1u8..10, 0i64..20_000, 0..5),
        amount in 0i64..200_000,
    ) -> Finding {
        let numbers: Vec<(String, i64)> = lines.into_iter().map(|(number, amount)| (number.to_string(), amount)).collect();
        let lines: Vec<(&str, i64)> = numbers.iter().map(|(number, amount)| (number.as_str(), *amount)).collect();
        if lines.is_empty() { of_visit(RULES[rule], severity, amount) } else { finding(RULES[rule], severity, &lines) }
    }
}

prop_compose! {
    fn any_headers()(edges in prop::collection::vec((0usize..5, 0usize..5, 0u8..3), 0..6)) -> Vec<Header> {
        let mut headers: Vec<Header> = RULES.iter().map(|id| header(id, Relations::default())).collect();
        for (from, to, kind) in edges.into_iter().filter(|(from, to, _)| from != to) {
            let relations = &mut headers[from].relations;
            let list = match kind {
                0 => &mut relations.excludes,
                1 => &mut relations.subsumes,
                _ => &mut relations.overrides,
            };
            list.push(RULES[to].to_owned());
        }
        headers
    }
}

/// One finding a key, as screening makes them.
fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let by_key: BTreeMap<String, Finding> =
        findings.into_iter().map(|finding| (finding.key.clone(), finding)).collect();
    by_key.into_values().collect()
}

proptest! {
    #[test]
    fn each_line_counts_once_and_never_more_than_it_cost(
        findings in prop::collection::vec(any_finding(), 0..12), headers in any_headers(),
    ) {
        let findings = distinct(findings);
        let (claims, known) = (claims(), findings.len());
        let reconciled = reconcile(findings.clone(), &headers, &[], &claims);
        let mut seen = BTreeSet::new();
        for (line, amount) in reconciled.principals.iter().flat_map(|row| &row.lines) {
            prop_assert!(seen.insert(line.clone()), "{line:?} counts twice");
            prop_assert!(*amount <= claims.line_amount(line).expect("known"));
        }
        let said: BTreeSet<LineKey> = findings.iter().flat_map(|row| said_of_lines(row).into_keys()).collect();
        prop_assert_eq!(&seen, &said, "every line that was found counts somewhere");
        let lines: Fen = reconciled.principals.iter().flat_map(|row| &row.lines).map(|(_, amount)| *amount).sum();
        let all_lines: Fen = said.iter().filter_map(|line| claims.line_amount(line)).sum();
        prop_assert!(lines <= all_lines);
        let visit = findings.iter().filter(|row| row.lines.is_empty()).map(|row| row.amount).max().unwrap_or_default();
        prop_assert!(reconciled.amount <= lines.max(visit), "a visit's money counts once, beside its lines");
        let parts: Fen = reconciled.principals.iter().map(|row| row.amount).sum();
        prop_assert_eq!(parts, reconciled.amount);
        let supporting: usize = reconciled.principals.iter().map(|row| row.supporting.len()).sum();
        let placed = reconciled.principals.len() + supporting + reconciled.excluded.len() + reconciled.suppressed.len();
        prop_assert_eq!(placed, known, "every finding stands in one place");
    }

    #[test]
    fn the_order_and_number_of_times_findings_come_in_do_not_matter(
        findings in prop::collection::vec(any_finding(), 0..12), headers in any_headers(), seed in any::<u64>(),
    ) {
        let findings = distinct(findings);
        let once = reconcile(findings.clone(), &headers, &[suppression()], &claims());
        let mut shuffled: Vec<Finding> = findings.iter().chain(&findings).cloned().collect();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(at, usize::try_from(state >> 33).expect("fits") % (at + 1));
        }
        let mut headers = headers;
        headers.reverse();
        prop_assert_eq!(reconcile(shuffled, &headers, &[suppression()], &claims()), once);
    }
}

#[test]
fn two_libraries_are_told_apart_rule_by_rule() {
    let before = vec![finding("a", 2, &[("1", 100)]), finding("b", 1, &[("2", 200)]), finding("c", 1, &[("3", 300)])];
    let mut after = vec![
        Finding { version: "2".into(), key: "other".to_owned(), ..finding("a", 1, &[("1", 150)]) },
        finding("c", 1, &[("3", 300)]),
        finding("c", 1, &[("4", 50)]),
    ];
    let comparison = crate::compare::compare(before.clone(), after.clone());
    let rule = |id: &str| comparison.rules[id];
    assert_eq!((rule("a").changed, rule("a").changed_amount, rule("a").blocking_more), (1, Fen(50), 1));
    assert_eq!((rule("b").gone, rule("b").gone_amount), (1, Fen(200)));
    assert_eq!((rule("c").same, rule("c").new, rule("c").new_amount, rule("c").blocking_more), (1, 1, Fen(50), 1));
    assert_eq!((comparison.new.len(), comparison.gone.len(), comparison.changed.len()), (1, 1, 1));
    after.reverse();
    assert_eq!(crate::compare::compare(before.clone(), after), comparison);
    assert!(crate::compare::compare(before.clone(), before).rules.values().all(|rule| rule.same == 1 && rule.new == 0));
}
