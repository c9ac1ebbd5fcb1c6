//! What always holds: parts equal the whole, the order of cases does not matter, a second
//! run gives the same, and a year's clearing sums to the budget to the fen.

use std::collections::BTreeMap;

use payment::{Case, Decision, Grouped, PaymentFile, Priced, Refusal, Standing, YearCase};
use proptest::prelude::*;
use terms::{Date, Exact, Fen, InstitutionId};

fn day() -> Date {
    Date::constant(2026, 3, 31)
}

/// The fictional city's own plan over a small table of groups.
fn plan(name: &str, table: &str, rows: &str, edit: impl Fn(String) -> String) -> PaymentFile {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/payment");
    let mut files: BTreeMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.insert(table.to_owned(), rows.to_owned());
    let text = edit(files.remove(name).unwrap());
    files.insert(name.to_owned(), text);
    PaymentFile::parse(name, &files).unwrap_or_else(|problems| panic!("{problems}"))
}

const GROUPS: &str = "group,weight,mean_fee,flags\nA,0.6,6000.00,\nB,1.8,17000.00,\nC,4.5,45000.00,\nD,0.5,5000.00,grassroots\nE,1,9000.00,unstable\n";

fn drg() -> PaymentFile {
    plan("drg.toml", "drg-weights.csv", GROUPS, |text| text)
}

fn dip() -> PaymentFile {
    let rows =
        "group,weight,mean_fee\nA,600,6000.00\nB,1800,17000.00\nC,4500,45000.00\nD,500,5000.00\nE,1000,9000.00\n";
    plan("dip.toml", "dip-scores.csv", rows, |text| text)
}

fn stay() -> Case {
    Case {
        id: String::new(),
        scheme: String::new(),
        scheme_version: String::new(),
        institution: "H1".into(),
        level: "3".to_owned(),
        insurance: "310".to_owned(),
        discharged: day(),
        settled: day(),
        grouped: Grouped::Grouped,
        group: "A".to_owned(),
        auxiliary: Vec::new(),
        days: 5,
        fee: Fen(500_000),
        excluded: Fen::ZERO,
        patient: Fen(100_000),
        other_funds: Fen::ZERO,
        item_fund: Fen(400_000),
        day_class: String::new(),
        decision: None,
        numbers: BTreeMap::new(),
        texts: BTreeMap::new(),
    }
}

fn case(plan: &PaymentFile, id: usize) -> Case {
    build(plan, &vec![stay(); id + 1]).remove(id)
}

/// A case of no plan yet: its scheme and id are filled in by [`build`].
fn any_case() -> impl Strategy<Value = Case> {
    let drawn = (0_usize..5, 0_usize..6, any::<bool>(), 0_i64..30_000_000, 0_i64..101, 0_i64..101, 0_i64..101);
    (drawn, 1_u32..120, 0_u8..20, 0_u8..30, 0_u8..12).prop_map(|(drawn, days, per_day, decided, grouped)| {
        let (institution, group, resident, fee, excluded, patient, other) = drawn;
        let patient = fee * patient / 100;
        Case {
            institution: format!("H{institution}").as_str().into(),
            level: if institution < 2 { "3" } else { "2" }.to_owned(),
            insurance: if resident { "390" } else { "310" }.to_owned(),
            group: ["A", "B", "C", "D", "E", "A"][group].to_owned(),
            grouped: match grouped {
                0 => Grouped::Ambiguous,
                1 => Grouped::Ungroupable,
                _ => Grouped::Grouped,
            },
            fee: Fen(fee),
            excluded: Fen(fee * excluded / 400),
            patient: Fen(patient),
            other_funds: Fen((fee - patient) * other / 100),
            item_fund: Fen((fee - patient) * (100 - other) / 100),
            days,
            day_class: if per_day == 0 { "rehabilitation".to_owned() } else { String::new() },
            decision: match decided {
                0 => Some(Decision::Amount(Fen(fee / 2))),
                1 => Some(Decision::Points("700.5".parse().unwrap())),
                _ => None,
            },
            ..stay()
        }
    })
}

fn build(plan: &PaymentFile, drawn: &[Case]) -> Vec<Case> {
    let named = |(id, case): (usize, &Case)| Case {
        id: format!("C{id:06}"),
        scheme: plan.scheme.clone(),
        scheme_version: plan.scheme_version.clone(),
        ..case.clone()
    };
    drawn.iter().enumerate().map(named).collect()
}

fn by_id(priced: Vec<Result<Priced, Refusal>>) -> BTreeMap<String, Priced> {
    priced.into_iter().map(|priced| priced.unwrap()).map(|priced| (priced.case.clone(), priced)).collect()
}

fn check_price(plan: &PaymentFile, case: &Case, priced: &Priced) {
    assert_eq!(priced.payment + priced.excluded, priced.fund + priced.patient + priced.other_funds);
    assert_eq!(priced.payment + priced.excluded, priced.fee + priced.balance);
    assert_eq!(priced.difference, priced.fund - priced.item_fund);
    assert_eq!(plan.price(case).unwrap(), plan.price(case).unwrap());
    let last = priced.steps.last().unwrap();
    assert_eq!((&*last.rule, &last.result), ("fund", &payment::Shown::Money(priced.fund.into())));
}

fn check_year(plan: &PaymentFile, priced: &[Priced], prepaid: &BTreeMap<InstitutionId, Fen>) {
    let cases: Vec<YearCase> = priced.iter().map(YearCase::from).collect();
    for pool in ["employees", "residents"] {
        check_cleared(plan, pool, &cases, prepaid);
    }
}

fn check_cleared(plan: &PaymentFile, pool: &str, cases: &[YearCase], prepaid: &BTreeMap<InstitutionId, Fen>) {
    let year = match plan.year_end(pool, 2026, cases.iter().cloned(), prepaid) {
        Ok(year) => year,
        Err(Refusal::BudgetTooSmall { .. }) => return,
        Err(refusal) => panic!("{refusal}"),
    };
    let sum = |of: fn(&payment::InstitutionYear) -> Fen| year.institutions.iter().map(of).sum::<Fen>();
    assert_eq!(year.budget, sum(|row| row.payable) - year.drawn + year.left);
    assert_eq!(year.distributable, year.budget - year.outside + sum(|row| row.paid_by_others));
    if year.points > Exact::ZERO {
        assert_eq!(sum(|row| row.shared), year.budget - year.outside);
    }
    for row in &year.institutions {
        assert_eq!(row.entitled, row.shared - row.withheld);
        assert_eq!(row.payable, row.entitled + row.outside - row.returned + row.overspend_shared);
        assert_eq!(row.balance_due, row.payable - row.prepaid);
        assert!(row.returned >= Fen::ZERO && row.overspend_shared >= Fen::ZERO && row.withheld >= Fen::ZERO);
        let inside = row.payable - row.outside;
        assert_eq!(row.overspend_borne, (row.booked - inside).max(Fen::ZERO));
        match row.band.as_deref() {
            Some("actual") => assert_eq!(inside, row.booked),
            Some("keep") => assert_eq!((inside, row.retained), (row.entitled, row.entitled - row.booked)),
            Some("share" | "ceiling") => assert!(inside >= row.entitled && inside < row.booked),
            other => assert!(other.is_none() && row.entitled <= Fen::ZERO),
        }
    }
    assert!(year.drawn >= Fen::ZERO && year.left >= Fen::ZERO);
    let backwards = plan.year_end(pool, 2026, cases.iter().rev().cloned(), prepaid).unwrap();
    assert_eq!(year, backwards, "the order of cases matters");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn money_is_conserved_whatever_the_cases_and_their_order(makers in prop::collection::vec(any_case(), 1..60)) {
        for plan in [drg(), dip()] {
            let cases = build(&plan, &makers);
            let priced = by_id(plan.price_all(&cases));
            let mut backwards = cases.clone();
            backwards.reverse();
            prop_assert_eq!(&priced, &by_id(plan.price_all(&backwards)));
            for case in &cases {
                check_price(&plan, case, &priced[&case.id]);
            }
            let priced: Vec<Priced> = priced.into_values().collect();
            let month = plan.month(&priced, day(), &BTreeMap::new()).unwrap();
            let mut prepaid = BTreeMap::new();
            for row in &month {
                prop_assert_eq!(row.due, row.prepaid + row.deposit + row.held);
                prop_assert_eq!(row.payable - row.carried, row.prepaid);
                prop_assert!(row.payable >= Fen::ZERO && row.carried >= Fen::ZERO);
                if row.pool == "employees" {
                    prepaid.insert(row.institution.clone(), row.payable);
                }
            }
            let due: Fen = priced.iter().map(|case| case.fund).sum();
            prop_assert_eq!(due, month.iter().map(|row| row.due).sum::<Fen>());
            check_year(&plan, &priced, &prepaid);
        }
    }

    #[test]
    fn every_rung_of_the_ladder_sums_to_the_budget_with_and_without_a_reserve(
        rows in prop::collection::vec((0_usize..6, 1_i64..9_000_000, 0_i64..200_000_000, 0_i64..900_000_000, 0_i64..3_000_000), 1..12)
    ) {
        let case = |(institution, points, patient, booked, excluded): &(usize, i64, i64, i64, i64)| YearCase {
            institution: format!("H{institution}").as_str().into(),
            pool: "residents".to_owned(),
            reversal: false,
            points: Exact::from_scaled(*points, 4),
            outside: *institution == 5,
            payment: Fen(booked + patient),
            fee: Fen(booked + patient),
            excluded: Fen(*excluded),
            patient: Fen(*patient),
            other_funds: Fen(patient / 3),
            fund: Fen(booked / 10),
            item_fund: Fen(*booked),
        };
        let cases: Vec<YearCase> = rows.iter().map(case).collect();
        for plan in [drg(), dip()] {
            check_cleared(&plan, "residents", &cases, &BTreeMap::new());
        }
    }

    #[test]
    fn a_case_and_its_reversal_leave_nothing_behind(makers in prop::collection::vec(any_case(), 1..20)) {
        let plan = drg();
        let priced: Vec<Priced> = by_id(plan.price_all(&build(&plan, &makers))).into_values().collect();
        let reversed: Vec<Priced> = priced.iter().map(Priced::reversed).collect();
        let standing = |rows: &[payment::MonthStatement]| -> BTreeMap<_, _> {
            rows.iter().map(|row| ((row.institution.clone(), row.pool.clone()), Standing { to_set_off: row.carried })).collect()
        };
        let first = plan.month(&priced, day(), &BTreeMap::new()).unwrap();
        let second = plan.month(&reversed, day(), &standing(&first)).unwrap();
        for (first, second) in first.iter().zip(&second) {
            prop_assert_eq!(first.due + second.due, Fen::ZERO);
            prop_assert_eq!(first.cases + second.cases, 0);
            prop_assert_eq!(second.payable - second.carried + first.carried, second.prepaid);
        }
        let both: Vec<Priced> = priced.iter().chain(&reversed).cloned().collect();
        let year = plan.year_end("employees", 2026, both.iter().map(YearCase::from), &BTreeMap::new()).unwrap();
        prop_assert_eq!(year.left, year.budget);
        prop_assert!(year.institutions.iter().all(|row| row.payable == Fen::ZERO && row.cases == 0));
    }
}

#[test]
fn of_twenty_cases_one_may_keep_the_high_band_and_it_is_the_one_that_gains_most() {
    let plan = drg();
    let mut cases: Vec<Case> = (0..20).map(|id| case(&plan, id)).collect();
    cases[3].fee = Fen(4_000_000);
    cases[7].fee = Fen(5_000_000);
    cases[9].fee = Fen(5_000_000);
    let priced = plan.price_all(&cases);
    let band = |at: usize| priced[at].as_ref().unwrap().band.clone().unwrap();
    assert_eq!((band(3), band(7), band(9)), ("normal".to_owned(), "high".to_owned(), "normal".to_owned()));
    let beyond = priced[9].as_ref().unwrap();
    assert_eq!(Exact::from(beyond.payment), beyond.standard.unwrap());
    assert!(beyond.steps.iter().any(|step| step.article.contains("高倍率病例占比上限")));
    cases.truncate(19);
    let nobody = plan.price_all(&cases);
    assert!(nobody.iter().all(|priced| priced.as_ref().unwrap().band.as_deref() != Some("high")));
}

#[test]
fn decided_cases_beyond_their_share_are_priced_as_if_undecided() {
    let plan = drg();
    let mut cases: Vec<Case> = (0..20).map(|id| case(&plan, id)).collect();
    cases[1].decision = Some(Decision::Amount(Fen(2_000_000)));
    cases[2].decision = Some(Decision::Amount(Fen(3_000_000)));
    let priced = plan.price_all(&cases);
    let of = |at: usize| priced[at].as_ref().unwrap();
    assert_eq!((of(1).route.as_str(), of(2).route.as_str()), ("grouped", "special"));
    assert_eq!(of(2).payment, Fen(3_000_000));
}

#[test]
fn a_case_that_is_there_twice_is_refused_the_second_time() {
    let plan = drg();
    let cases = [case(&plan, 1), case(&plan, 2), case(&plan, 1)];
    let priced = plan.price_all(&cases);
    assert!(priced[0].is_ok() && priced[1].is_ok());
    assert_eq!(priced[2], Err(Refusal::Twice { case: "C000001".to_owned() }));
}

#[test]
fn a_month_below_zero_is_set_off_against_the_next_ones() {
    let plan = drg();
    let priced = plan.price(&case(&plan, 1)).unwrap();
    let key = (InstitutionId::from("H1"), "employees".to_owned());
    let month = |cases: &[Priced], to_set_off: Fen| {
        let standing = BTreeMap::from([(key.clone(), Standing { to_set_off })]);
        plan.month(cases, day(), &standing).unwrap().remove(0)
    };
    let first = month(&[priced.reversed()], Fen::ZERO);
    assert_eq!((first.payable, first.carried, first.deposit), (Fen::ZERO, priced.fund, Fen::ZERO));
    let second = month(std::slice::from_ref(&priced), first.carried);
    assert_eq!(second.deposit, Fen((priced.fund.0 * 5 + 50) / 100));
    assert_eq!(second.payable, Fen::ZERO);
    assert_eq!(second.carried, priced.fund - second.prepaid);
}

#[test]
fn a_price_rule_pays_what_was_priced_and_cuts_evenly_when_the_budget_does_not_reach() {
    let edit = |budget: &'static str| {
        move |text: String| {
            let text = text.replace("share = \"points\"", "share = \"price\"").replace("ladder = \"ladder\"\n", "");
            let text = text.split("[[year_example]]").next().unwrap().to_owned();
            let begin = text.find("total = 186000000.00").unwrap();
            let end = begin + text[begin..].find("]\n").unwrap();
            format!("{}total = {budget}\narticle = \"x\"\nparts = [{}", &text[..begin], &text[end..])
        }
    };
    let rich = plan("drg.toml", "drg-weights.csv", GROUPS, |text| bands_without_ladder(edit("1000000.00")(text)));
    let poor = plan("drg.toml", "drg-weights.csv", GROUPS, |text| bands_without_ladder(edit("10000.00")(text)));
    let mut cases: Vec<Case> = (0..5).map(|id| case(&rich, id)).collect();
    cases[4].institution = "H2".into();
    let priced: Vec<Priced> = rich.price_all(&cases).into_iter().map(|priced| priced.unwrap()).collect();
    let due: Fen = priced.iter().map(|case| case.fund).sum();
    let year = |plan: &PaymentFile| {
        plan.year_end("employees", 2026, priced.iter().map(YearCase::from), &BTreeMap::new()).unwrap()
    };
    let (full, cut) = (year(&rich), year(&poor));
    assert_eq!(full.left, Fen(100_000_000) - due);
    assert_eq!(cut.left, Fen::ZERO);
    assert_eq!(cut.institutions.iter().map(|row| row.payable).sum::<Fen>(), Fen(1_000_000));
    assert!(cut.point_value < full.point_value);
}

/// Leaves the ladder's bands out, which nothing uses any more, and their parameter.
fn bands_without_ladder(text: String) -> String {
    let begin = text.find("# 记账与应得之比").unwrap();
    let end = begin + text[begin..].find("# ── 示例").unwrap();
    format!("{}{}", &text[..begin], &text[end..])
}

#[test]
fn the_estimated_point_value_drops_extremes() {
    let plan = dip();
    let points = ["900000", "1000000", "1100000", "5000000"].map(|text| text.parse().unwrap());
    // (13,000,000.00 + 3,800,000.00) / 1,050,000 = 16.00 元
    let estimate = plan.estimate_point_value("residents", 2026, &points, Fen(380_000_000)).unwrap();
    assert_eq!(estimate.point_value, Exact::whole(1600));
    assert_eq!(estimate.points, Exact::whole(1_050_000));
    assert_eq!(estimate.kept.len(), 2);
    let refusal = plan.estimate_point_value("residents", 2026, &points[..2], Fen::ZERO).unwrap_err();
    assert_eq!(refusal, Refusal::NoHistory { given: 2, dropped: 2 });
    let refusal = plan.estimate_point_value("residents", 2027, &points, Fen::ZERO).unwrap_err();
    assert_eq!(refusal, Refusal::NoBudget { pool: "residents".to_owned(), year: 2027 });
}

#[test]
fn a_budget_that_does_not_cover_what_is_paid_outside_is_refused() {
    let plan = dip();
    let mut stay = case(&plan, 1);
    (stay.level, stay.day_class, stay.days, stay.insurance) =
        ("1".to_owned(), "rehabilitation".to_owned(), 100_000, "390".to_owned());
    let priced = plan.price(&stay).unwrap();
    let refusal = plan.year_end("residents", 2026, [YearCase::from(&priced)], &BTreeMap::new()).unwrap_err();
    assert_eq!(refusal.code(), "budget_too_small");
}

#[test]
fn every_step_of_a_price_cites_its_article_and_reads_as_a_sentence() {
    let plan = drg();
    let priced = plan.price(&case(&plan, 1)).unwrap();
    let lines: Vec<String> = priced.steps.iter().map(ToString::to_string).collect();
    for (step, line) in priced.steps.iter().zip(&lines) {
        assert!(!step.article.is_empty(), "{line} cites nothing");
    }
    let rules: Vec<&str> = priced.steps.iter().map(|step| &*step.rule).collect();
    assert_eq!(
        rules,
        ["weight", "point_value", "factor", "standard", "grouped", "r", "deviation", "payment", "points", "fund"]
    );
    assert!(lines[3].starts_with("支付标准 standard = 5880.00 元（weight * point_value * factor；"), "{}", lines[3]);
    let json = serde_json::to_string(&priced).unwrap();
    assert_eq!(serde_json::from_str::<Priced>(&json).unwrap(), priced);
}

/// What a year comes to, without its words.
fn figures(plan: &PaymentFile) -> Vec<(String, Fen, Fen, Option<String>)> {
    let case = |id: &str, points: i64, patient: i64, item_fund: i64| YearCase {
        institution: id.into(),
        pool: "residents".to_owned(),
        reversal: false,
        points: Exact::whole(points),
        outside: false,
        payment: Fen::ZERO,
        fee: Fen((patient + item_fund) * 100),
        excluded: Fen::ZERO,
        patient: Fen(patient * 100),
        other_funds: Fen::ZERO,
        fund: Fen::ZERO,
        item_fund: Fen(item_fund * 100),
    };
    let cases = [
        case("A", 4000, 12_000_000, 24_000_000),
        case("B", 5000, 15_000_000, 38_000_000),
        case("C", 6000, 18_000_000, 48_000_000),
        case("D", 5000, 15_000_000, 45_000_000),
    ];
    let year = plan.year_end("residents", 2026, cases, &BTreeMap::new()).unwrap();
    year.institutions.into_iter().map(|own| (own.institution.0, own.entitled, own.payable, own.band)).collect()
}

#[test]
fn a_year_tried_otherwise_is_the_year_of_a_plan_written_so() {
    let without_examples = |text: String| text.split("\n[[example]]").next().unwrap().to_owned();
    let plain = plan("drg.toml", "drg-weights.csv", GROUPS, without_examples);
    let written = plan("drg.toml", "drg-weights.csv", GROUPS, |text| {
        without_examples(text)
            .replace("total = 142000000.00", "total = 150000000.00")
            .replace("amount = 163000000.00", "amount = 171000000.00")
            .replace("to = 1.1, to_included", "to = 1.25, to_included")
            .replace("from = 1.1, from_included", "from = 1.25, from_included")
    });
    let variables = plain.year_variables("residents", 2026);
    let of =
        |name: &str| variables.iter().find(|one| one.name.contains(name)).unwrap_or_else(|| panic!("{variables:?}"));
    assert_eq!((of("预算").unit, of("预算").value), ("yuan", Some(Exact::whole(142_000_000))));
    assert_eq!(of("超支分担比例").unit, "percent");
    let ceiling = of("超支封顶");
    let set = [("budget".to_owned(), Exact::whole(150_000_000)), (ceiling.id.clone(), "1.25".parse().unwrap())];
    let tried = plain.varied("residents", 2026, &set).unwrap();
    assert_eq!(figures(&tried), figures(&written));
    assert_ne!(figures(&tried), figures(&plain));
    assert_eq!(figures(&plain.varied("residents", 2026, &[]).unwrap()), figures(&plain));
}

#[test]
fn a_figure_that_cannot_be_is_refused_with_its_name() {
    let plan = drg();
    let tried = |id: &str, value: &str| {
        plan.varied("residents", 2026, &[(id.to_owned(), value.parse().unwrap())]).map(drop).unwrap_err().to_string()
    };
    assert!(tried("param/overspend_share", "101").contains("100%"));
    assert!(tried("budget", "-1").contains("预算"));
    assert!(tried("edge/1", "1.05").contains("依次增大"));
    assert!(tried("param/nothing", "1").contains("budget"));
}
