//! 辅助目录: levels that a scheme declares reach the group, the price and the weighing.

use std::fs;
use std::path::Path;

use journeys::StayDefaults;
use office::group::{Shown, group};
use office::load;
use office::price::{Pricing, price};
use office::shelf::Installed;
use office::weigh;

use crate::files::{column, files, inputs, rows};
use crate::here;

const LEVELS: &str = "\
id,name,rule,groups
age:66+,六十六岁及以上,NL >= 66,
severity:IV,死亡,LYFS = '5',
severity:III,重度,LYFS <> '5' and QTZD in MCC and ZYTS >= 3,BR2
";

/// The small scheme with levels, and a plan with factors for some of them.
fn with_levels(folder: &Path) -> Installed {
    for part in ["scheme", "payment"] {
        fs::create_dir(folder.join(part)).expect("a folder");
        for entry in fs::read_dir(here("small").join(part)).expect("the small one") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), folder.join(part).join(entry.file_name())).expect("copied");
        }
    }
    fs::write(folder.join("scheme/auxiliary.csv"), LEVELS).expect("written");
    let factors = "group,auxiliary,name,factor\nBR21,age:66+,六十六岁及以上,1.2\nBR21,severity:III,重度,1.5\n";
    fs::write(folder.join("payment/small-auxiliary.csv"), factors).expect("written");
    let plan = fs::read_to_string(folder.join("payment/small.toml")).expect("read");
    let plan = plan
        .replace("weight * point_value", "weight * auxiliary_factor * point_value")
        .replace("[calculation]", "[auxiliary]\nfile = \"small-auxiliary.csv\"\narticle = \"附表\"\n\n[calculation]")
        .replace(
            "factor_places = 4",
            "factor_places = 4\nauxiliary_from_cv = 0.3\nauxiliary_fall = 20\nauxiliary_from_cases = 2",
        );
    fs::write(folder.join("payment/small.toml"), plan).expect("written");
    let settings = schemes::workbook::Settings::default();
    let mut installed = load::scheme(&folder.join("scheme"), &settings, |_| ()).expect("the scheme is sound");
    let plan = load::plan(&folder.join("payment"), &installed).expect("the plan is sound");
    installed.add(plan).expect("the plan prices the scheme");
    installed
}

fn defaults() -> StayDefaults {
    StayDefaults { institution: Some("H1".into()), level: Some("3".into()), insurance: None }
}

#[test]
fn the_largest_factor_of_the_levels_met_is_paid_and_a_level_without_a_factor_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let installed = with_levels(folder.path());
    let out = folder.path().join("groups.csv");
    let given = inputs(&[here("stays.csv")]);
    group(&given, &installed, &mut None, Shown::Why, &files(&out), Box::new(|_| ())).expect("grouped");
    let found = rows(&out);
    assert_eq!(column(&found[..4], "auxiliary"), ["age:66+|severity:III", "age:66+", "", "severity:IV"]);
    assert!(found[0]["why"].contains("✓ 辅助目录 severity:III 重度"), "{}", found[0]["why"]);

    let (plan, defaults, out) = (installed.plan(None).expect("a plan"), defaults(), folder.path().join("priced.csv"));
    let pricing = Pricing { installed: &installed, plan, defaults: &defaults };
    price(&given, &pricing, &mut None, true, &files(&out), Box::new(|_| ())).expect("priced");
    let found = rows(&out);
    // 1.5 × 1.5 × 10,000; 0.9 × 10,000: BR25 has no factor for age.
    assert_eq!(column(&found[..2], "payment"), ["22500.00", "9000.00"]);
    assert_eq!(column(&found[..2], "auxiliary"), ["age:66+|severity:III", ""]);
    assert!(found[0]["steps"].contains("辅助目录系数"), "{}", found[0]["steps"]);
}

#[test]
fn factors_of_levels_come_out_of_past_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let installed = with_levels(folder.path());
    let plan = installed.plan(None).expect("a plan");
    let stay = |number: u32, age: u32, fee: u32| {
        format!("P{number},女,{age},6,1,心内科,钱四,2026-03-09,{fee}.00,310,0.00,I10.x00,,\n")
    };
    let header = fs::read_to_string(here("stays.csv")).expect("read");
    let mut past = format!("{}\n", header.lines().next().expect("headings"));
    for number in 0..4 {
        past += &stay(number, 40, 5000);
        past += &stay(10 + number, 70, 15000);
    }
    let file = folder.path().join("past.csv");
    fs::write(&file, past).expect("written");
    let no_progress: office::run::Progress = Box::new(|_| ());
    let past = weigh::past(&inputs(&[file]), &installed, &defaults(), &mut None, &no_progress).expect("read");
    let measured = past.measure(plan.calculation.as_ref().expect("a rule")).expect("measured");
    // The mean of the group is 10,000, of its old people 15,000.
    assert_eq!(measured.auxiliary_csv(), "group,auxiliary,factor,cases,mean_fee\nFR15,age:66+,1.5,4,15000.00\n");
}
