//! 结算与撤销.

use policy::{AccountKind, Law, Stage};
use terms::{DateTime, Fen, Ratio, SettlementId, round_half_away};

use crate::env::{Env, ReverseFacts, Sums};
use crate::facts::{AccountUse, Bill, Dossier, FundPayment, Heads, Items, Reversal, SettleRequest, Settlement};
use crate::refuse::{Asked, refuse};
use crate::trace::{Step, StepKind, Trace};
use crate::{PolicyError, Stop};

/// 结算 and 预结算: lines summed, the deductible, each layer in the order of the pipeline,
/// the hospital's share, accounts, cash. Nothing is recorded; the same facts give the same
/// answer for ever.
///
/// # Errors
/// The first refusal that applies, or what is wrong with the policy.
pub fn settle<'a>(
    law: &'a Law,
    dossier: &'a Dossier,
    bill: Option<Bill<'a>>,
    request: &'a SettleRequest,
    items: &'a dyn Items,
) -> Result<Settlement, Stop> {
    let mut env = Env::of_bill(law, dossier, bill, Some(items));
    env.settle = Some(request);
    env.sums = sum_lines(env.lines);
    refuse(&mut env, Stage::Settle, Asked::Once)?;
    env.tracing = true;
    trace_lines(&mut env);
    for layer in 0..law.layers.len() {
        env.work_out(layer)?;
    }
    let heads = heads(&mut env)?;
    let mut adds = Vec::new();
    accumulate(&mut env, &mut adds)?;
    let accounts: Vec<AccountUse> = env.layers.iter().flat_map(|layer| layer.accounts.clone()).collect();
    let detail = detail(&mut env, heads.hosp_part_amt)?;
    let kept = env.kept(Stage::Settle)?;
    trace_person(&mut env, &heads);
    Ok(Settlement { heads, detail, adds, kept, accounts, trace: Trace(env.trace) })
}

fn sum_lines(lines: &[crate::facts::ChargedLine]) -> Sums {
    lines.iter().fold(Sums::default(), |sums, line| Sums {
        total: sums.total + line.line.amount,
        full_self_pay: sums.full_self_pay + line.split.fulamt_ownpay_amt,
        over_limit: sums.over_limit + line.split.overlmt_amt,
        pre_self_pay: sums.pre_self_pay + line.split.preselfpay_amt,
        in_scope: sums.in_scope + line.split.inscp_scp_amt,
    })
}

fn heads(env: &mut Env) -> Result<Heads, Stop> {
    let law = env.law;
    let mut heads = Heads {
        medfee_sumamt: env.sums.total,
        fulamt_ownpay_amt: env.sums.full_self_pay,
        overlmt_selfpay: env.sums.over_limit,
        preselfpay_amt: env.sums.pre_self_pay,
        inscp_scp_amt: env.sums.in_scope,
        act_pay_dedc: round_half_away(env.number(&law.act_pay_dedc)?),
        pool_prop_selfpay: Ratio(env.number(&law.pool_prop_selfpay)?.to_scaled(4)),
        ..Heads::default()
    };
    for (layer, worked) in law.layers.iter().zip(&env.layers) {
        if let Some(field) = &layer.pays {
            *heads.fund_field(field) += worked.paid;
        }
        match layer.account {
            Some(AccountKind::Givers) => heads.acct_mulaid_pay += worked.paid,
            Some(AccountKind::Own) | None => {}
        }
        if layer.account.is_some() {
            heads.acct_pay += worked.paid;
        }
    }
    heads.fund_pay_sumamt = env.fund_total;
    heads.hosp_part_amt = env.hospital_share()?;
    heads.psn_part_amt = env.person_part()?;
    heads.psn_cash_pay = heads.psn_part_amt - heads.acct_pay;
    heads.balc = env.dossier.account - (heads.acct_pay - heads.acct_mulaid_pay);
    if heads.psn_part_amt < Fen::ZERO {
        return Err(PolicyError::new(format!(
            "the funds pay {} of a bill of {}: some layer takes an input that another has already paid",
            heads.fund_pay_sumamt, heads.medfee_sumamt
        ))
        .into());
    }
    if heads.psn_cash_pay < Fen::ZERO {
        return Err(PolicyError::new(format!(
            "the accounts pay {} although the person's part is {}",
            heads.acct_pay, heads.psn_part_amt
        ))
        .into());
    }
    Ok(heads)
}

impl Heads {
    /// The fund field of that national name.
    fn fund_field(&mut self, name: &str) -> &mut Fen {
        match name {
            "hifp_pay" => &mut self.hifp_pay,
            "cvlserv_pay" => &mut self.cvlserv_pay,
            "hifes_pay" => &mut self.hifes_pay,
            "hifmi_pay" => &mut self.hifmi_pay,
            "hifob_pay" => &mut self.hifob_pay,
            "maf_pay" => &mut self.maf_pay,
            "hifdm_pay" => &mut self.hifdm_pay,
            _ => &mut self.oth_pay,
        }
    }

    /// The heads of the reversal: all negated, the pool ratio kept, `balc` as given.
    #[must_use]
    pub fn reversed(&self, balc: Fen) -> Heads {
        Heads {
            medfee_sumamt: -self.medfee_sumamt,
            fulamt_ownpay_amt: -self.fulamt_ownpay_amt,
            overlmt_selfpay: -self.overlmt_selfpay,
            preselfpay_amt: -self.preselfpay_amt,
            inscp_scp_amt: -self.inscp_scp_amt,
            act_pay_dedc: -self.act_pay_dedc,
            hifp_pay: -self.hifp_pay,
            pool_prop_selfpay: self.pool_prop_selfpay,
            cvlserv_pay: -self.cvlserv_pay,
            hifes_pay: -self.hifes_pay,
            hifmi_pay: -self.hifmi_pay,
            hifob_pay: -self.hifob_pay,
            maf_pay: -self.maf_pay,
            hifdm_pay: -self.hifdm_pay,
            oth_pay: -self.oth_pay,
            fund_pay_sumamt: -self.fund_pay_sumamt,
            psn_part_amt: -self.psn_part_amt,
            acct_pay: -self.acct_pay,
            acct_mulaid_pay: -self.acct_mulaid_pay,
            psn_cash_pay: -self.psn_cash_pay,
            hosp_part_amt: -self.hosp_part_amt,
            balc,
        }
    }

    /// The money identities of the national interface that do not hold, in words; empty when
    /// all hold.
    #[must_use]
    pub fn broken_identities(&self) -> Vec<String> {
        let funds = self.hifp_pay
            + self.cvlserv_pay
            + self.hifes_pay
            + self.hifmi_pay
            + self.hifob_pay
            + self.maf_pay
            + self.hifdm_pay
            + self.oth_pay;
        let checks = [
            (
                "T = A + B + C + I",
                self.medfee_sumamt,
                self.fulamt_ownpay_amt + self.overlmt_selfpay + self.preselfpay_amt + self.inscp_scp_amt,
            ),
            ("T = F + P + Hp", self.medfee_sumamt, self.fund_pay_sumamt + self.psn_part_amt + self.hosp_part_amt),
            ("P = W + X", self.psn_part_amt, self.acct_pay + self.psn_cash_pay),
            ("F = sum of the funds", self.fund_pay_sumamt, funds),
        ];
        let broken = checks.iter().filter(|(_, left, right)| left != right);
        broken.map(|(name, left, right)| format!("{name} does not hold: {left} ≠ {right}")).collect()
    }
}

/// Non-zero rows by fund type, ascending; the parts sum to F + W + Hp.
fn detail(env: &mut Env, hospital: Fen) -> Result<Vec<FundPayment>, Stop> {
    let law = env.law;
    let mut rows: std::collections::BTreeMap<String, Fen> = std::collections::BTreeMap::new();
    for worked in &env.layers {
        *rows.entry(worked.fund.clone()).or_default() += worked.paid;
    }
    if let Some(share) = &law.hospital_share
        && !hospital.is_zero()
    {
        *rows.entry(env.text(&share.fund)?.into_owned()).or_default() += hospital;
    }
    let rows = rows.into_iter().filter(|(_, amount)| !amount.is_zero());
    Ok(rows.map(|(fund_pay_type, fund_payamt)| FundPayment { fund_pay_type, fund_payamt }).collect())
}

fn accumulate(env: &mut Env, adds: &mut Vec<(String, i64)>) -> Result<(), Stop> {
    let law = env.law;
    for (n, accumulator) in law.accumulators.iter().enumerate() {
        let Some(add) = &accumulator.add else { continue };
        if !env.applies(accumulator.when.as_ref())? {
            continue;
        }
        let amount = env.number(add)?.to_scaled(0);
        if amount != 0 {
            adds.push((env.total_key(n)?, amount));
        }
    }
    for worked in &env.layers {
        adds.extend(worked.giver_adds.iter().cloned());
    }
    Ok(())
}

fn trace_lines(env: &mut Env) {
    let sums = env.sums;
    env.trace.push(Step {
        rule: "line_split".into(),
        name: "费用分解与汇总".into(),
        english: "the bill in its parts".into(),
        article: env.law.line_split.article.clone(),
        kind: StepKind::Lines {
            total: sums.total,
            full_self_pay: sums.full_self_pay,
            over_limit: sums.over_limit,
            pre_self_pay: sums.pre_self_pay,
            in_scope: sums.in_scope,
        },
    });
}

fn trace_person(env: &mut Env, heads: &Heads) {
    env.trace.push(Step {
        rule: "person".into(),
        name: "个人负担".into(),
        english: "what the person bears".into(),
        article: "".into(),
        kind: StepKind::Person {
            fund_total: heads.fund_pay_sumamt,
            hospital: heads.hosp_part_amt,
            person: heads.psn_part_amt,
            account: heads.acct_pay,
            cash: heads.psn_cash_pay,
        },
    });
}

/// 撤销: gives back what a settlement took and takes away what it added.
///
/// # Errors
/// The first refusal that applies.
pub fn reverse(law: &Law, dossier: &Dossier, id: &SettlementId, time: DateTime) -> Result<Reversal, Stop> {
    let settlement = dossier.settlements.iter().find(|settlement| settlement.setl_id == *id);
    let latest = dossier.settlements.iter().rev().find(|settlement| !settlement.reversed);
    let is_latest = latest.is_some_and(|latest| latest.setl_id == *id);
    let mut env = Env::new(law, dossier);
    env.reverse = Some(ReverseFacts { settlement, is_latest, time });
    refuse(&mut env, Stage::Reverse, Asked::Once)?;
    let Some(settlement) = settlement else {
        return Err(PolicyError::new(format!(
            "there is no settlement {id}, and no [[refusal]] at = \"reverse\" says so"
        ))
        .into());
    };
    let own = settlement.heads.acct_pay - settlement.heads.acct_mulaid_pay;
    Ok(Reversal {
        heads: settlement.heads.reversed(dossier.account + own),
        detail: settlement
            .detail
            .iter()
            .map(|row| FundPayment { fund_pay_type: row.fund_pay_type.clone(), fund_payamt: -row.fund_payamt })
            .collect(),
        adds: settlement.adds.iter().map(|(key, amount)| (key.clone(), -amount)).collect(),
        accounts: settlement.accounts.clone(),
    })
}
