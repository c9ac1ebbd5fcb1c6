//! 费用分解: the split of fee lines (quota → ceiling → pre-self-pay; the rest is in scope),
//! refunds as differences, and cancelling.

use policy::{Law, Stage};
use terms::{Exact, Fen, LineNo, Quantity, Ratio, UnitPrice, line_amount, round_half_away};

use crate::env::{CancelFacts, Env, LineFacts, RootFacts};
use crate::facts::{Bill, CatalogueRow, ChargedLine, Dossier, Items, LineRequest, Split};
use crate::refuse::{Asked, refuse};
use crate::{PolicyError, Stop};

/// 无限价, as the interface writes it.
const NO_CEILING: &str = "999999";

/// A line as the visit holds it while others arrive.
struct Held<'a> {
    line: &'a LineRequest,
    allowance: Option<Quantity>,
}

/// 费用上传: splits new lines, in order, as if the earlier ones of the batch were there.
///
/// # Errors
/// The first refusal of the first line that has one; nothing is recorded then.
pub fn charge<'a>(
    law: &'a Law,
    dossier: &'a Dossier,
    bill: Option<Bill<'a>>,
    new: &'a [LineRequest],
    items: &'a dyn Items,
) -> Result<Vec<ChargedLine>, Stop> {
    let mut env = Env::of_bill(law, dossier, bill, Some(items));
    refuse(&mut env, Stage::Fees, Asked::Once)?;
    let mut held: Vec<Held<'a>> =
        env.lines.iter().map(|line| Held { line: &line.line, allowance: line.allowance }).collect();
    let mut charged = Vec::with_capacity(new.len());
    for request in new {
        charged.push(arrive(&mut env, &mut held, request, true)?);
    }
    Ok(charged)
}

/// 费用撤销: takes lines away and splits all that remain again, in their original order.
/// A single `0000` takes all.
///
/// # Errors
/// The first refusal of the first number that has one.
pub fn cancel_lines<'a>(
    law: &'a Law,
    dossier: &'a Dossier,
    bill: Option<Bill<'a>>,
    numbers: &[LineNo],
    items: &'a dyn Items,
) -> Result<Vec<ChargedLine>, Stop> {
    let mut env = Env::of_bill(law, dossier, bill, Some(items));
    refuse(&mut env, Stage::FeesCancel, Asked::Once)?;
    if numbers.len() == 1 && numbers[0].as_str() == "0000" {
        return Ok(Vec::new());
    }
    let lines = env.lines;
    for number in numbers {
        let exists = lines.iter().any(|line| line.line.feedetl_sn == *number);
        let refunds_it = |line: &&ChargedLine| line.line.init_feedetl_sn.as_ref() == Some(number);
        let leaves_refund = lines.iter().filter(refunds_it).any(|line| !numbers.contains(&line.line.feedetl_sn));
        env.cancel = Some(CancelFacts { exists, leaves_refund });
        refuse(&mut env, Stage::FeesCancel, Asked::OfLine(number))?;
    }
    env.cancel = None;
    let mut held = Vec::new();
    let remaining = lines.iter().filter(|line| !numbers.contains(&line.line.feedetl_sn));
    remaining.map(|line| arrive(&mut env, &mut held, &line.line, false)).collect()
}

/// The facts of a line that the visit holds, for formulas asked at settlement.
pub(crate) fn facts_of<'a>(env: &mut Env<'a>, charged: &'a ChargedLine) -> Result<LineFacts<'a>, PolicyError> {
    let lines = env.lines;
    let root = charged
        .line
        .init_feedetl_sn
        .as_ref()
        .and_then(|number| lines.iter().find(|line| line.line.feedetl_sn == *number));
    let counted = root.map_or(&charged.line, |root| &root.line);
    let mut facts = LineFacts { line: &charged.line, counted, row: None, known: true, number_taken: true, root: None };
    facts.row = row_in_force(env, facts)?;
    Ok(facts)
}

/// The catalogue row in force on the line's catalogue date.
fn row_in_force<'a>(env: &mut Env<'a>, facts: LineFacts<'a>) -> Result<Option<&'a CatalogueRow>, PolicyError> {
    let Some(items) = env.items else { return Ok(None) };
    let before = env.line.replace(LineFacts { line: facts.counted, ..facts });
    let law = env.law;
    let day = env.date(&law.line_split.catalogue_date)?;
    env.line = before;
    let rows = items.rows(facts.counted.med_list_codg.as_str());
    Ok(day.and_then(|day| rows.iter().find(|row| row.period.covers(day))))
}

/// One line arriving after those that are held: refused, or split and held too.
fn arrive<'a>(
    env: &mut Env<'a>,
    held: &mut Vec<Held<'a>>,
    request: &'a LineRequest,
    ask: bool,
) -> Result<ChargedLine, Stop> {
    let root =
        request.init_feedetl_sn.as_ref().and_then(|number| held.iter().find(|line| line.line.feedetl_sn == *number));
    let net = root.map(|root| net_of(held, root.line));
    let root = root.map(|root| (root.line, root.allowance)).zip(net);
    let mut facts = LineFacts {
        line: request,
        counted: root.map_or(request, |((line, _), _)| line),
        row: None,
        known: env.items.is_some_and(|items| !items.rows(request.med_list_codg.as_str()).is_empty()),
        number_taken: held.iter().any(|line| line.line.feedetl_sn == request.feedetl_sn),
        root: root.map(|((line, _), (quantity, amount))| RootFacts {
            line,
            net_quantity: Quantity(quantity.0 + request.cnt.0),
            net_amount: amount + request.amount,
        }),
    };
    facts.row = row_in_force(env, facts)?;
    env.line = Some(facts);
    if ask {
        refuse(env, Stage::Fees, Asked::OfLine(&request.feedetl_sn))?;
    }
    let rule = Applied::for_line(env, facts)?;
    let (allowance, split) = match root {
        None => {
            let allowance = rule.allowance(held, request);
            (allowance, rule.split(request.amount, request.cnt, request.pric, allowance)?)
        }
        Some(((line, allowance), (quantity, amount))) => {
            let after =
                rule.split(amount + request.amount, Quantity(quantity.0 + request.cnt.0), line.pric, allowance)?;
            let before = rule.split(amount, quantity, line.pric, allowance)?;
            (None, after.minus(&before))
        }
    };
    held.push(Held { line: request, allowance });
    Ok(ChargedLine { line: request.clone(), allowance, split })
}

/// What is left of a line after its refunds: quantity and amount.
fn net_of(held: &[Held], root: &LineRequest) -> (Quantity, Fen) {
    let refunds = held.iter().filter(|line| line.line.init_feedetl_sn.as_ref() == Some(&root.feedetl_sn));
    refunds.fold((root.cnt, root.amount), |(quantity, amount), refund| {
        (Quantity(quantity.0 + refund.line.cnt.0), amount + refund.line.amount)
    })
}

impl Split {
    /// The parts of a refund: what is left less what was there.
    fn minus(self, before: &Split) -> Split {
        Split {
            fulamt_ownpay_amt: self.fulamt_ownpay_amt - before.fulamt_ownpay_amt,
            overlmt_amt: self.overlmt_amt - before.overlmt_amt,
            preselfpay_amt: self.preselfpay_amt - before.preselfpay_amt,
            inscp_scp_amt: self.inscp_scp_amt - before.inscp_scp_amt,
            ..self
        }
    }
}

/// What the law applies to a line, before any amount is known.
struct Applied<'a> {
    row: Option<&'a CatalogueRow>,
    wholly_self_paid: bool,
    ceiling: Option<&'a (String, UnitPrice)>,
    self_pay: Ratio,
    level: String,
}

impl<'a> Applied<'a> {
    fn for_line(env: &mut Env<'a>, facts: LineFacts<'a>) -> Result<Applied<'a>, PolicyError> {
        let rule = &env.law.line_split;
        let wholly_self_paid = env.flag(&rule.wholly_self_paid)?;
        let key = env.text(&rule.ceiling_key)?;
        let self_pay = if wholly_self_paid { Exact::ONE } else { env.number(&rule.self_pay_ratio)? };
        Ok(Applied {
            row: facts.row,
            wholly_self_paid,
            ceiling: facts.row.and_then(|row| row.ceiling.get(key.as_ref()).or_else(|| row.ceiling.get("*"))),
            self_pay: Ratio(self_pay.to_scaled(4)),
            level: facts.row.map_or_else(|| rule.level_without_row.clone(), |row| row.chrgitm_lv.clone()),
        })
    }

    /// 可用量: the quota minus what earlier lines hold of it at this moment.
    fn allowance(&self, held: &[Held], request: &LineRequest) -> Option<Quantity> {
        let limit = self.row.filter(|_| !self.wholly_self_paid)?.qty_lmt.as_ref()?;
        let same = |line: &&Held| {
            line.line.init_feedetl_sn.is_none()
                && line.line.med_list_codg == request.med_list_codg
                && (limit.per != "day" || line.line.fee_ocur_time.date() == request.fee_ocur_time.date())
        };
        let within = |line: &Held| line.allowance.map(|allowance| net_of(held, line.line).0.0.min(allowance.0));
        let taken: i64 = held.iter().filter(same).filter_map(within).sum();
        Some(Quantity((limit.cnt.0 - taken).max(0)))
    }

    fn split(
        &self,
        amount: Fen,
        quantity: Quantity,
        price: UnitPrice,
        allowance: Option<Quantity>,
    ) -> Result<Split, PolicyError> {
        let too_large = |_| PolicyError::new("price × quantity is too large");
        let mut split = Split {
            fulamt_ownpay_amt: amount,
            overlmt_amt: Fen::ZERO,
            preselfpay_amt: Fen::ZERO,
            inscp_scp_amt: Fen::ZERO,
            selfpay_prop: self.self_pay,
            pric_uplmt_amt: self.ceiling.map_or(NO_CEILING, |(text, _)| text).to_owned(),
            chrgitm_lv: self.level.clone(),
        };
        if self.wholly_self_paid {
            return Ok(split);
        }
        let within = allowance.map_or(quantity, |allowance| quantity.min(allowance));
        let counted =
            if within == quantity { amount } else { amount.min(line_amount(price, within).map_err(too_large)?) };
        split.fulamt_ownpay_amt = amount - counted;
        if let Some((_, ceiling)) = self.ceiling
            && price > *ceiling
        {
            split.overlmt_amt = (counted - line_amount(*ceiling, within).map_err(too_large)?).max(Fen::ZERO);
        }
        let below = Exact::from(counted - split.overlmt_amt);
        split.preselfpay_amt = round_half_away(
            below.times(Exact::from(self.self_pay)).map_err(|error| PolicyError::new(error.to_string()))?,
        );
        split.inscp_scp_amt = counted - split.overlmt_amt - split.preselfpay_amt;
        Ok(split)
    }
}
