//! 示例: runs the worked examples of a policy and compares what each step names.

use std::collections::BTreeMap;

use adjudication::facts::Heads;
use policy::{ExampleFile, Law};
use terms::Fen;
use toml::Value;

use crate::RegionError;
use crate::value::{Fields, map, percent, text, wrong, yuan};
use crate::world::{Ground, Outcome, World, total};

/// How an example went.
#[derive(Debug, Default)]
pub struct ExampleRun {
    /// What differed, step by step, in words; empty when all agreed.
    pub differences: Vec<String>,
    /// How many steps were compared.
    pub steps: usize,
    /// Layers that took part in some settlement.
    pub layers: Vec<String>,
    /// Codes with which some step was refused.
    pub refused: Vec<String>,
}

/// Runs an example and compares every answer with what the example expects.
///
/// # Errors
/// What in the example cannot be read or run.
pub fn run_example(ground: Ground, example: &ExampleFile) -> Result<ExampleRun, RegionError> {
    let mut world = World::new(ground, &example.person, &example.before, &example.filing)?;
    let mut run = ExampleRun::default();
    if example.step.is_empty() {
        return wrong("an example needs at least one [[example.step]]");
    }
    for (n, step) in example.step.iter().enumerate() {
        let at = |error: RegionError| RegionError::Written(format!("step {}: {error}", n + 1));
        let outcome = world.step(step).map_err(at)?;
        run.steps += 1;
        if let Some(settlement) = &outcome.settlement {
            for broken in settlement.heads.broken_identities() {
                run.differences.push(format!("step {}: {broken}", n + 1));
            }
            run.layers.extend(took_part(settlement));
        }
        run.refused.extend(outcome.refusal.as_ref().map(|refusal| refusal.code.clone()));
        let found = compare(ground.law, &world, step, &outcome).map_err(at)?;
        run.differences.extend(found.into_iter().map(|difference| format!("step {}: {difference}", n + 1)));
    }
    Ok(run)
}

fn took_part(settlement: &adjudication::facts::Settlement) -> Vec<String> {
    use adjudication::trace::StepKind;
    let steps = settlement.trace.0.iter();
    let layers = steps.filter(|step| matches!(step.kind, StepKind::Layer { .. } | StepKind::Account { .. }));
    layers.map(|step| step.rule.to_string()).collect()
}

/// What a step expects and did not get.
fn compare(law: &Law, world: &World, step: &Fields, outcome: &Outcome) -> Result<Vec<String>, RegionError> {
    let expect = step.get("expect").cloned().map(|expect| map("expect", expect)).transpose()?;
    let mut differences = Vec::new();
    let Some(mut expect) = expect else {
        if is_bill(step) || step.contains_key("reverse") {
            return wrong("a bill or a reversal needs expect = { fund_pay_sumamt = … } or expect = { refuse = \"…\" }");
        }
        if let Some(refusal) = &outcome.refusal {
            differences.push(format!("refused with {}: {}", refusal.code, refusal.message));
        }
        return Ok(differences);
    };
    let wanted = expect.remove("refuse").map(|code| text("refuse", &code)).transpose()?;
    match (&wanted, &outcome.refusal) {
        (Some(code), Some(refusal)) if *code != refusal.code => {
            differences.push(format!("expected the refusal {code}, found {}: {}", refusal.code, refusal.message));
        }
        (Some(code), None) => differences.push(format!("expected the refusal {code}, but it was accepted")),
        (None, Some(refusal)) => {
            differences.push(format!("refused with {}: {}", refusal.code, refusal.message));
            return Ok(differences);
        }
        _ => {}
    }
    if wanted.is_none() && is_bill(step) && !expect.contains_key("fund_pay_sumamt") {
        return wrong("expect names at least fund_pay_sumamt or refuse");
    }
    if let Some(totals) = expect.remove("totals") {
        for (key, value) in map("totals", totals)? {
            let id = key.split('/').next().unwrap_or_default();
            let Some(accumulator) = law.accumulators.iter().find(|accumulator| accumulator.id == id) else {
                return wrong(format!("totals: no [[accumulator]] is named “{id}”"));
            };
            let wanted = total(&key, &value, accumulator.kind)?;
            let found = world.totals().get(&key).copied().unwrap_or(0);
            if wanted != found {
                let shown =
                    |n: i64| if accumulator.kind == policy::Type::Money { Fen(n).to_string() } else { n.to_string() };
                differences.push(format!("{key}: expected {}, found {}", shown(wanted), shown(found)));
            }
        }
    }
    if let Some(detail) = expect.remove("detail") {
        let mut wanted = BTreeMap::new();
        for (fund, value) in map("detail", detail)? {
            wanted.insert(fund.clone(), yuan(&fund, &value)?);
        }
        let rows = outcome.answer.detail.as_deref().unwrap_or_default();
        let found: BTreeMap<String, Fen> =
            rows.iter().map(|row| (row.fund_pay_type.clone(), row.fund_payamt)).collect();
        if wanted != found {
            differences.push(format!("detail: expected {}, found {}", shown(&wanted), shown(&found)));
        }
    }
    for (name, value) in &expect {
        differences.extend(head_differs(name, value, outcome.heads())?);
    }
    Ok(differences)
}

/// Whether a step settles something.
pub(crate) fn is_bill(step: &Fields) -> bool {
    step.contains_key("med_type") || step.contains_key("again")
}

fn shown(detail: &BTreeMap<String, Fen>) -> String {
    let rows: Vec<String> = detail.iter().map(|(fund, amount)| format!("{fund} = {amount}")).collect();
    format!("{{ {} }}", rows.join(", "))
}

fn head_differs(name: &str, value: &Value, heads: Option<&Heads>) -> Result<Option<String>, RegionError> {
    let Some(heads) = heads else { return Ok(Some(format!("{name}: expected {value}, but nothing was settled"))) };
    if name == "pool_prop_selfpay" {
        let wanted = percent(name, value)?;
        let found = heads.pool_prop_selfpay.0;
        let shown = |n: i64| terms::Exact::from_scaled(n, 2).to_string();
        return Ok((wanted != found).then(|| format!("{name}: expected {} %, found {} %", shown(wanted), shown(found))));
    }
    let Some(found) = head(heads, name) else {
        return wrong(format!("expect: “{name}” is no head of a settlement (nor refuse, detail or totals)"));
    };
    let wanted = yuan(name, value)?;
    Ok((wanted != found).then(|| format!("{name}: expected {wanted}, found {found}")))
}

/// The names of the heads that are amounts, in the order of the interface.
pub(crate) const HEADS: [&str; 22] = [
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "hifdm_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "acct_pay",
    "acct_mulaid_pay",
    "psn_cash_pay",
    "hosp_part_amt",
    "balc",
    "pool_prop_selfpay",
];

/// An amount of the heads by its national name.
pub(crate) fn head(heads: &Heads, name: &str) -> Option<Fen> {
    Some(match name {
        "medfee_sumamt" => heads.medfee_sumamt,
        "fulamt_ownpay_amt" => heads.fulamt_ownpay_amt,
        "overlmt_selfpay" => heads.overlmt_selfpay,
        "preselfpay_amt" => heads.preselfpay_amt,
        "inscp_scp_amt" => heads.inscp_scp_amt,
        "act_pay_dedc" => heads.act_pay_dedc,
        "hifp_pay" => heads.hifp_pay,
        "cvlserv_pay" => heads.cvlserv_pay,
        "hifes_pay" => heads.hifes_pay,
        "hifmi_pay" => heads.hifmi_pay,
        "hifob_pay" => heads.hifob_pay,
        "maf_pay" => heads.maf_pay,
        "hifdm_pay" => heads.hifdm_pay,
        "oth_pay" => heads.oth_pay,
        "fund_pay_sumamt" => heads.fund_pay_sumamt,
        "psn_part_amt" => heads.psn_part_amt,
        "acct_pay" => heads.acct_pay,
        "acct_mulaid_pay" => heads.acct_mulaid_pay,
        "psn_cash_pay" => heads.psn_cash_pay,
        "hosp_part_amt" => heads.hosp_part_amt,
        "balc" => heads.balc,
        _ => return None,
    })
}
