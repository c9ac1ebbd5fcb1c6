//! Money is conserved for any bill in any region, and a reversal gives everything back.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use adjudication::facts::Heads;
use proptest::prelude::*;
use region::{Region, World};
use terms::Fen;
use toml::Value;

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions");
    let mut folders: Vec<PathBuf> = vec![root.join("999900")];
    folders.extend(std::fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path()));
    folders.retain(|folder| folder.join("region.toml").is_file());
    folders.sort();
    folders.iter().map(|folder| Region::open(folder).unwrap_or_else(|error| panic!("{error}"))).collect()
});

type Fields = std::collections::BTreeMap<String, Value>;

fn fields(pairs: &[(&str, Value)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

fn yuan(fen: i64) -> Value {
    text(Fen(fen).to_string())
}

#[derive(Debug, Clone)]
struct Bill {
    med_type: &'static str,
    level: &'static str,
    day: i64,
    in_scope: i64,
    lines: Vec<(i64, i64, &'static str, i64)>,
    account: bool,
}

fn bills() -> impl Strategy<Value = Vec<Bill>> {
    let line = (1..500_i64, 1..9_999_999_i64, prop_oneof![Just("01"), Just("02"), Just("03")], 0..100_i64);
    let bill = (
        prop_oneof![Just("11"), Just("21"), Just("52")],
        prop_oneof![Just("1"), Just("2"), Just("3")],
        0..25_i64,
        0..90_000_000_i64,
        prop::collection::vec(line, 0..4),
        any::<bool>(),
    );
    let bill = bill.prop_map(|(med_type, level, day, in_scope, lines, account)| Bill {
        med_type,
        level,
        day,
        in_scope,
        lines,
        account,
    });
    prop::collection::vec(bill, 1..4)
}

fn step(bill: &Bill, n: usize) -> Fields {
    let begin = format!("2026-{:02}-{:02}", n * 2 + 1, bill.day + 1);
    let mut step = fields(&[
        ("med_type", text(bill.med_type)),
        ("level", text(bill.level)),
        ("begin", text(begin)),
        ("in_scope", yuan(bill.in_scope)),
        ("account_flag", text(if bill.account { "1" } else { "0" })),
    ]);
    if bill.med_type != "11" {
        step.insert("end".to_owned(), text(format!("2026-{:02}-{:02}", n * 2 + 1, bill.day + 3)));
        step.insert("matn_type".to_owned(), text("1"));
    }
    let lines = bill.lines.iter().map(|(count, price, level, self_pay)| {
        Value::Table(
            [
                ("item_level", text(*level)),
                ("cnt", text(format!("{}.{:02}", count / 100, count % 100))),
                ("pric", text(format!("{}.{:04}", price / 10_000, price % 10_000))),
                ("self_pay", Value::Integer(*self_pay)),
                ("ceiling", text("300.5")),
            ]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        )
    });
    step.insert("lines".to_owned(), Value::Array(lines.collect()));
    step
}

fn no_payment_is_negative(heads: &Heads) -> bool {
    let paid = [
        heads.hifp_pay,
        heads.cvlserv_pay,
        heads.hifes_pay,
        heads.hifmi_pay,
        heads.hifob_pay,
        heads.maf_pay,
        heads.hifdm_pay,
        heads.oth_pay,
        heads.fund_pay_sumamt,
        heads.psn_part_amt,
        heads.acct_pay,
        heads.psn_cash_pay,
        heads.hosp_part_amt,
        heads.balc,
    ];
    paid.into_iter().all(|amount| amount >= Fen::ZERO)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn money_is_conserved_and_a_reversal_gives_everything_back(
        bills in bills(),
        resident in any::<bool>(),
        retired in any::<bool>(),
        poor in any::<bool>(),
        account in 0..1_000_000_i64,
    ) {
        let mut any = 0;
        for region in REGIONS.iter() {
            let insutype = if resident { "390" } else { "310" };
            let mut person = fields(&[
                ("insutype", text(insutype)),
                ("psn_type", text(if resident { "15" } else if retired { "12" } else { "11" })),
                ("account", yuan(account)),
            ]);
            if poor {
                person.insert("idents".to_owned(), Value::Array(vec![text("2303")]));
            }
            let mut world = World::new(region.ground(), &person, &Fields::new(), &[]).unwrap();
            let mut settled = Vec::new();
            for (n, bill) in bills.iter().enumerate() {
                let before = (world.totals().clone(), world.account());
                let outcome = match world.step(&step(bill, n)) {
                    Ok(outcome) => outcome,
                    Err(error) => return Err(TestCaseError::fail(format!("{}: {error}", region.manifest.name))),
                };
                let Some(heads) = outcome.heads() else { continue };
                prop_assert_eq!(heads.broken_identities(), Vec::<String>::new(), "{}", &region.manifest.name);
                prop_assert!(no_payment_is_negative(heads), "{}: {heads:?}", region.manifest.name);
                let detail: Fen = outcome.answer.detail.iter().flatten().map(|row| row.fund_payamt).sum();
                prop_assert_eq!(detail, heads.fund_pay_sumamt + heads.acct_pay + heads.hosp_part_amt);
                settled.push((outcome.setl_id.clone().unwrap(), before));
            }
            any += settled.len();
            for (setl_id, (totals, balance)) in settled.into_iter().rev() {
                let outcome = world.step(&fields(&[("reverse", text(setl_id))])).unwrap();
                prop_assert!(outcome.refusal.is_none(), "{:?}", outcome.refusal);
                let left = world.totals().iter().filter(|(_, amount)| **amount != 0);
                let was = totals.iter().filter(|(_, amount)| **amount != 0);
                prop_assert_eq!(left.collect::<Vec<_>>(), was.collect::<Vec<_>>());
                prop_assert_eq!(world.account(), balance);
            }
        }
        let billed = bills.iter().any(|bill| bill.in_scope > 0);
        prop_assert!(any > 0 || !billed, "nothing was settled");
    }
}
