//! Weights, scores and factors from history: the worked figures, and what always holds.

use std::collections::BTreeMap;

use payment::{
    AuxiliaryTrigger, Calculation, Deviation, Fraction, GrassrootsTrigger, History, HistoryError, Measured, PastCase,
    PaymentFile,
};
use proptest::prelude::*;
use terms::{Exact, Fen};

fn number(text: &str) -> Fraction {
    text.parse::<Exact>().unwrap().into()
}

fn rule() -> Calculation {
    Calculation {
        article: "附件一".into(),
        year_weights: vec![1, 2, 7],
        trim_low: number("0.025"),
        trim_high: number("0.975"),
        trim_from_cases: 25,
        trim_at_most: number("0.08"),
        deviation: Deviation::Sample,
        unstable_below_cases: 5,
        unstable_above_cv: number("1"),
        scale: number("1000"),
        weight_places: 4,
        factor_places: 4,
        auxiliary: Some(AuxiliaryTrigger { from_cv: number("0.7"), fall: number("0.2"), from_cases: 2 }),
        institution_bounds: Some((number("0.85"), number("1.15"))),
        grassroots: Some(GrassrootsTrigger { level: "1".to_owned(), share: number("0.5"), cv: number("0.7") }),
    }
}

const YEARS: [i16; 3] = [2023, 2024, 2025];

struct Past(&'static str, i16, &'static str, &'static str, i64, Vec<String>);

fn history(cases: &[Past]) -> History {
    let mut history = History::new();
    for Past(group, year, level, institution, yuan, auxiliary) in cases {
        let charge = Fen(yuan * 100);
        history.add(&PastCase { group, year: *year, level, institution, charge, days: 7, auxiliary });
    }
    history
}

fn plain(group: &'static str, year: i16, yuan: i64) -> Past {
    Past(group, year, "3", "H1", yuan, Vec::new())
}

fn group<'a>(measured: &'a Measured, id: &str) -> &'a payment::GroupMeasure {
    measured.groups.iter().find(|group| group.group == id).unwrap()
}

#[test]
fn three_years_at_one_two_seven_give_800_points_and_a_factor_of_1_2() {
    // m = 0.1·8000 + 0.2·8400 + 0.7·9000 = 8780; the other group brings M to 10975.
    let mut cases: Vec<Past> = YEARS.iter().zip([8000, 8400, 9000]).map(|(year, fee)| plain("G", *year, fee)).collect();
    cases.extend(YEARS.iter().map(|year| plain("OTHER", *year, 13_170)));
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert_eq!(measured.mean, number("1097500"));
    assert_eq!(group(&measured, "G").mean_fee, Fen(878_000));
    assert_eq!(group(&measured, "G").weight, number("800"));
    let by_one = Calculation { scale: number("1"), ..rule() };
    assert_eq!(group(&history(&cases).measure(&by_one, &YEARS).unwrap(), "G").weight, number("0.8"));
}

#[test]
fn an_auxiliary_row_gets_its_mean_over_the_groups_mean() {
    // Twenty light cases at 7,024 and twenty heavy ones at 10,536: m_i = 8,780, and the
    // heavy ones' k = 10,536 / 8,780 = 1.2; the dimension takes all of the variance away.
    let heavy = ["severity:III".to_owned()];
    let mut cases = Vec::new();
    for at in 0..20 {
        cases.push(Past("G", 2025, "3", "H1", 7024, Vec::new()));
        cases.push(Past(
            "G",
            2025,
            "3",
            "H1",
            10_536,
            vec![heavy[0].clone(), if at < 10 { "age:66+" } else { "age:7-17" }.to_owned()],
        ));
    }
    let low = Calculation {
        auxiliary: Some(AuxiliaryTrigger { from_cv: number("0.2"), fall: number("0.2"), from_cases: 2 }),
        ..rule()
    };
    let measured = history(&cases).measure(&low, &YEARS).unwrap();
    let found: Vec<(&str, String)> =
        measured.auxiliary.iter().map(|row| (row.auxiliary.as_str(), row.factor.to_string())).collect();
    assert_eq!(
        found,
        [("age:66+", "1.2".to_owned()), ("age:7-17", "1.2".to_owned()), ("severity:III", "1.2".to_owned())]
    );
    let strict = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert!(strict.auxiliary.is_empty(), "the CV of 0.2 is below the trigger of 0.7");
}

#[test]
fn a_dimension_that_explains_nothing_is_not_split_off() {
    let mut cases = Vec::new();
    for at in 0..20 {
        let age = vec![if at % 2 == 0 { "age:66+" } else { "age:7-17" }.to_owned()];
        cases.push(Past("G", 2025, "3", "H1", 1000, age.clone()));
        cases.push(Past("G", 2025, "3", "H1", 30_000, age));
    }
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert!(group(&measured, "G").cv_squared.as_ref().unwrap() > &number("0.49"));
    assert!(measured.auxiliary.is_empty());
}

#[test]
fn trimming_takes_the_ends_and_keeps_equal_fees_together() {
    let mut cases: Vec<Past> = (1..=40).map(|fee| plain("G", 2025, fee * 1000)).collect();
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    // ⌊0.025 × 40⌋ = 1 at each end.
    assert_eq!((group(&measured, "G").cases, group(&measured, "G").trimmed), (38, 2));
    assert_eq!(group(&measured, "G").median_fee, Fen(2_050_000));
    cases[0].4 = 2000;
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert_eq!(group(&measured, "G").trimmed, 1, "the lowest two are equal: both are the limit and stay");
    cases.truncate(24);
    assert_eq!(history(&cases).measure(&rule(), &YEARS).unwrap().trimmed, 0);
}

#[test]
fn unstable_groups_are_few_or_scattered() {
    let mut cases: Vec<Past> = (0..4).map(|_| plain("FEW", 2025, 5000)).collect();
    // Nine of 1,000 and one of 40,000: sample CV above 2.
    cases.extend((0..10).map(|at| plain("WIDE", 2025, if at == 0 { 40_000 } else { 1000 })));
    cases.extend((0..10).map(|_| plain("CALM", 2025, 5000)));
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    let unstable: Vec<&str> =
        measured.groups.iter().filter(|group| group.unstable).map(|group| group.group.as_str()).collect();
    assert_eq!(unstable, ["FEW", "WIDE"]);
}

#[test]
fn cv_is_the_exact_fraction_and_its_root_is_only_printed() {
    let cases = [plain("G", 2025, 1), plain("G", 2025, 2), plain("G", 2025, 3)];
    let sample = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert_eq!(group(&sample, "G").cv_squared, Fraction::of(1, 4));
    let population = Calculation { deviation: Deviation::Population, ..rule() };
    let population = history(&cases).measure(&population, &YEARS).unwrap();
    assert_eq!(group(&population, "G").cv_squared, Fraction::of(1, 6));
    assert!(
        population
            .weights_csv(|_| "组,甲".to_owned())
            .contains("G,\"组,甲\",1000,3,2.00,2.00,2.00,0.4082,7,unstable\n")
    );
}

#[test]
fn institution_factors_weigh_groups_by_cases_and_keep_their_bounds() {
    let dear = |group, fee| Past(group, 2025, "3", "DEAR", fee, Vec::new());
    let cheap = |group, fee| Past(group, 2025, "2", "CHEAP", fee, Vec::new());
    let cases = [dear("A", 12_000), cheap("A", 8_000), dear("B", 2_100), cheap("B", 1_900), cheap("B", 2_000)];
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    let factor = |id: &str| measured.institutions.iter().find(|row| row.institution.as_str() == id).unwrap();
    // DEAR: (12/10 + 2.1/2) / 2 = 1.125; CHEAP: (8/10 + 0.95 + 1) / 3 = 0.91666…
    assert_eq!(factor("DEAR").exact, number("1.125"));
    assert_eq!(factor("CHEAP").factor, number("0.9167"));
    let narrow = Calculation { institution_bounds: Some((number("0.95"), number("1.05"))), ..rule() };
    let narrow = history(&cases).measure(&narrow, &YEARS).unwrap();
    assert_eq!(narrow.institutions.iter().map(|row| row.factor.to_string()).collect::<Vec<_>>(), ["0.95", "1.05"]);
}

#[test]
fn grassroots_groups_are_mostly_at_the_first_level_and_even() {
    let at = |group, level, fee| Past(group, 2025, level, "H", fee, Vec::new());
    let cases = [
        at("G", "1", 1000),
        at("G", "1", 1100),
        at("G", "3", 1200),
        at("H", "1", 1000),
        at("H", "3", 1000),
        at("H", "3", 1000),
    ];
    let measured = history(&cases).measure(&rule(), &YEARS).unwrap();
    assert!(group(&measured, "G").grassroots && !group(&measured, "H").grassroots);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let one = history(&[plain("G", 2025, 100)]);
    assert_eq!(one.measure(&rule(), &[2024, 2025]), Err(HistoryError::Years { years: 2, weights: 3 }));
    assert_eq!(one.measure(&rule(), &[2020, 2021, 2022]), Err(HistoryError::Empty(vec![2020, 2021, 2022])));
    assert_eq!(history(&[plain("G", 2025, 0)]).measure(&rule(), &YEARS), Err(HistoryError::NoFee));
    let wide = Calculation { trim_low: number("0.1"), trim_high: number("0.9"), ..rule() };
    let forty: Vec<Past> = (1..=40).map(|fee| plain("G", 2025, fee)).collect();
    assert_eq!(history(&forty).measure(&wide, &YEARS), Err(HistoryError::Trimmed { trimmed: 8, cases: 40 }));
}

#[test]
fn the_table_that_comes_out_is_the_table_that_a_plan_reads() {
    let mut cases: Vec<Past> = (0..30).map(|at| Past("A", 2025, "3", "H1", 5000 + at * 10, Vec::new())).collect();
    cases.extend((0..30).map(|at| Past("B", 2025, if at < 20 { "1" } else { "2" }, "H2", 2000 + at * 10, Vec::new())));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/payment");
    let mut files: BTreeMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    let empty = PaymentFile::parse("dip.toml", &files).unwrap();
    let measured = history(&cases).measure(empty.calculation.as_ref().unwrap(), &YEARS).unwrap();
    files.insert("dip-scores.csv".to_owned(), measured.weights_csv(|group| format!("{group} 组")));
    files.insert("dip-auxiliary.csv".to_owned(), measured.auxiliary_csv());
    let plan = PaymentFile::parse("dip.toml", &files).unwrap_or_else(|problems| panic!("{problems}"));
    let row = plan.weights.row("B", plan.from).unwrap();
    assert_eq!(row.weight, group(&measured, "B").weight);
    assert_eq!(row.mean_fee_by_level["1"], group(&measured, "B").mean_fee_by_level["1"]);
    assert!(row.flags.contains("grassroots"));
    assert!(measured.institutions_csv(plan.from).contains("\nH1,1,2026-01-01\n"));
}

proptest! {
    #[test]
    fn the_order_of_history_does_not_matter(
        cases in prop::collection::vec((0_usize..3, 2023_i16..2026, 0_usize..2, 1_i64..100_000), 1..120)
    ) {
        let cases: Vec<Past> = cases
            .into_iter()
            .map(|(group, year, level, fee)| Past(["A", "B", "C"][group], year, ["2", "3"][level], ["X", "Y"][level], fee, Vec::new()))
            .collect();
        let forward = history(&cases).measure(&rule(), &YEARS).unwrap();
        let mut backward = History::new();
        for Past(group, year, level, institution, yuan, auxiliary) in cases.iter().rev() {
            let charge = Fen(yuan * 100);
            backward.add(&PastCase { group, year: *year, level, institution, charge, days: 7, auxiliary });
        }
        prop_assert_eq!(&forward, &backward.measure(&rule(), &YEARS).unwrap());
        prop_assert_eq!(forward.cases, cases.len() as u64);
        prop_assert_eq!(forward.groups.iter().map(|group| group.cases + group.trimmed).sum::<u64>(), forward.cases);
    }
}
