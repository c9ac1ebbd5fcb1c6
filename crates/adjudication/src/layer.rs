//! 支付层: what one fund or account of the stack pays.

use policy::{AccountKind, Band, Cell, Layer, LimitOn, Rounding};
use terms::{Exact, Fen, PersonId, round_half_away};

use crate::PolicyError;
use crate::env::Env;
use crate::facts::AccountUse;
use crate::trace::{BandStep, LimitStep, Step, StepKind};

/// One band as it was used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BandResult {
    pub fee: Fen,
    pub paid: Fen,
}

/// A layer as it was worked out.
#[derive(Debug, Clone, Default)]
pub(crate) struct LayerResult {
    pub input: Fen,
    pub priced: Fen,
    pub consumed: Fen,
    pub uncapped: Fen,
    pub paid: Fen,
    pub fund: String,
    pub bands: Vec<BandResult>,
    pub accounts: Vec<AccountUse>,
    /// For givers: what each authorisation's accumulator gets.
    pub giver_adds: Vec<(String, i64)>,
}

/// A band with what fell into it.
struct Filled {
    fee: Exact,
    ratio: Exact,
    product: Exact,
}

impl<'a> Env<'a> {
    /// Works out layer number n; layers are worked out in the order of the pipeline.
    pub(crate) fn work_out(&mut self, n: usize) -> Result<(), PolicyError> {
        let layer = &self.law.layers[n];
        let result = if !self.applies(layer.when.as_ref())? {
            LayerResult::default()
        } else {
            match layer.account {
                None => self.fund_layer(layer)?,
                Some(AccountKind::Own) => self.own_account(layer)?,
                Some(AccountKind::Givers) => self.givers(layer)?,
            }
        };
        if layer.account.is_none() {
            self.fund_total += result.paid;
        }
        self.layers.push(result);
        Ok(())
    }

    fn fund_layer(&mut self, layer: &'a Layer) -> Result<LayerResult, PolicyError> {
        let input = self.number(&layer.input)?.max(Exact::ZERO);
        let from = layer.from.as_ref().map_or(Ok(Exact::ZERO), |from| self.number(from))?;
        let threshold = layer.threshold.as_ref().map(|threshold| self.number(threshold)).transpose()?;
        let edge = threshold.unwrap_or(Exact::ZERO);
        let (mut low, mut high) = (from.max(edge), (from + input).max(edge));
        if !layer.bands_from_zero {
            (low, high) = (low - edge, high - edge);
        }
        let mut limits = Vec::new();
        let mut cap: Option<Exact> = None;
        for limit in &layer.limits {
            if !self.applies(limit.when.as_ref())? {
                continue;
            }
            let remaining = self.number(&limit.remaining)?.max(Exact::ZERO);
            match limit.on {
                LimitOn::Fee => high = high.min(low + remaining),
                LimitOn::Payment => cap = Some(cap.map_or(remaining, |cap| cap.min(remaining))),
            }
            if self.tracing {
                limits.push(LimitStep {
                    name: limit.name.clone(),
                    article: limit.article.clone(),
                    remaining: round_half_away(remaining),
                });
            }
        }
        let filled = self.fill(layer, low, high)?;
        let (uncapped, mut bands) = price(layer.rounding, &filled);
        let priced = round_half_away(high - low);
        let (mut paid, mut consumed) = (uncapped, priced);
        if let Some(cap) = cap.map(round_half_away)
            && uncapped > cap
        {
            paid = cap;
            consumed = cut(&filled, &mut bands, cap);
        }
        let fund = self.text(&layer.fund)?.into_owned();
        if self.tracing {
            let step_bands = filled.iter().map(|band| BandStep {
                fee: round_half_away(band.fee),
                ratio: band.ratio,
                product: band.product,
            });
            self.trace.push(step(
                layer,
                StepKind::Layer {
                    fund: fund.clone(),
                    input: round_half_away(input),
                    from: round_half_away(from),
                    threshold: threshold.map(round_half_away),
                    bands: step_bands.collect(),
                    limits,
                    uncapped,
                    paid,
                },
            ));
        }
        Ok(LayerResult {
            input: round_half_away(input),
            priced,
            consumed,
            uncapped,
            paid,
            fund,
            bands,
            ..LayerResult::default()
        })
    }

    /// How the interval (low, high] falls into the bands, and each band's ratio.
    fn fill(&mut self, layer: &'a Layer, low: Exact, high: Exact) -> Result<Vec<Filled>, PolicyError> {
        let single = [Band { upto: None, ratio: Exact::ONE }];
        let bands: &[Band] = match layer.bands {
            None => &single,
            Some(table) => match self.cell(table)? {
                Some(Cell::Bands(bands)) => bands,
                _ => return Err(self.no_row(table)),
            },
        };
        let mut filled = Vec::with_capacity(bands.len());
        let mut floor = Exact::ZERO;
        for band in bands {
            let top = band.upto.map_or(high, |upto| upto.min(high));
            let fee = (top - floor.max(low)).max(Exact::ZERO);
            floor = band.upto.unwrap_or(floor);
            let ratio = match &layer.ratio {
                Some(formula) => {
                    self.base = Some(band.ratio);
                    let ratio = self.number(formula)?;
                    self.base = None;
                    ratio
                }
                None => band.ratio,
            };
            let product = fee
                .times(ratio)
                .map_err(|error| PolicyError::new(format!("{}: {fee} × {ratio}: {error}", layer.id)))?;
            filled.push(Filled { fee, ratio, product });
        }
        Ok(filled)
    }

    fn own_account(&mut self, layer: &'a Layer) -> Result<LayerResult, PolicyError> {
        let input = round_half_away(self.number(&layer.input)?).max(Fen::ZERO);
        let mut paid = input.min(self.dossier.account.max(Fen::ZERO));
        for limit in &layer.limits {
            if self.applies(limit.when.as_ref())? {
                paid = paid.min(round_half_away(self.number(&limit.remaining)?).max(Fen::ZERO));
            }
        }
        let accounts = vec![AccountUse { psn_no: self.dossier.person.psn_no.clone(), amount: paid }];
        self.account_result(layer, input, paid, accounts, Vec::new())
    }

    fn givers(&mut self, layer: &'a Layer) -> Result<LayerResult, PolicyError> {
        let input = round_half_away(self.number(&layer.input)?).max(Fen::ZERO);
        let day = layer.on.as_ref().map(|on| self.date(on)).transpose()?.flatten();
        let mut rest = input;
        for limit in &layer.limits {
            if self.applies(limit.when.as_ref())? {
                rest = rest.min(round_half_away(self.number(&limit.remaining)?).max(Fen::ZERO));
            }
        }
        let mut accounts = Vec::new();
        let mut giver_adds = Vec::new();
        for giver in &self.dossier.givers {
            if !day.is_some_and(|day| giver.period.covers(day)) {
                continue;
            }
            self.giver = Some(giver);
            let key = layer.giver_total.map(|total| self.total_key(total)).transpose()?.unwrap_or_default();
            self.giver = None;
            let used = Fen(self.dossier.totals.get(&key).copied().unwrap_or(0));
            let left = giver.year_lmt.map_or(rest, |limit| (limit - used).max(Fen::ZERO));
            let amount = rest.min(giver.balc.max(Fen::ZERO)).min(left);
            if amount > Fen::ZERO {
                rest -= amount;
                accounts.push(AccountUse { psn_no: PersonId(giver.giver.0.clone()), amount });
                giver_adds.push((key, amount.0));
            }
        }
        let paid = accounts.iter().map(|used| used.amount).sum();
        self.account_result(layer, input, paid, accounts, giver_adds)
    }

    fn account_result(
        &mut self,
        layer: &'a Layer,
        input: Fen,
        paid: Fen,
        accounts: Vec<AccountUse>,
        giver_adds: Vec<(String, i64)>,
    ) -> Result<LayerResult, PolicyError> {
        let fund = self.text(&layer.fund)?.into_owned();
        if self.tracing {
            self.trace.push(step(layer, StepKind::Account { fund: fund.clone(), input, paid }));
        }
        let accounts = accounts.into_iter().filter(|used| !used.amount.is_zero()).collect();
        Ok(LayerResult {
            input,
            priced: input,
            consumed: paid,
            uncapped: paid,
            paid,
            fund,
            accounts,
            giver_adds,
            ..LayerResult::default()
        })
    }
}

fn step(layer: &Layer, kind: StepKind) -> Step {
    Step {
        rule: layer.id.clone(),
        name: layer.name.clone(),
        english: layer.english.clone(),
        article: layer.article.clone(),
        kind,
    }
}

/// The payment before limits, and the payment of each band. When the bands are added before
/// rounding, the odd fen of the rounding stands in the last band that was used.
fn price(rounding: Rounding, filled: &[Filled]) -> (Fen, Vec<BandResult>) {
    let mut bands: Vec<BandResult> = filled
        .iter()
        .map(|band| {
            let fee = round_half_away(band.fee);
            let paid = match rounding {
                Rounding::BandShare => fee - round_half_away(band.fee - band.product),
                _ => round_half_away(band.product),
            };
            BandResult { fee, paid }
        })
        .collect();
    if rounding == Rounding::Total {
        let exact = filled.iter().fold(Exact::ZERO, |sum, band| sum + band.product);
        let odd = round_half_away(exact) - bands.iter().map(|band| band.paid).sum();
        if let Some(last) = bands.iter_mut().rev().find(|band| !band.fee.is_zero()) {
            last.paid += odd;
        }
    }
    (bands.iter().map(|band| band.paid).sum(), bands)
}

/// Cuts the bands where their payments reach `cap`: the fee of the last band used is solved
/// backwards from what the fund still pays (payment ÷ ratio, to 分). Returns the fee consumed.
fn cut(filled: &[Filled], bands: &mut [BandResult], cap: Fen) -> Fen {
    let mut left = cap;
    for (band, used) in filled.iter().zip(bands.iter_mut()) {
        if used.paid > left {
            let fee = Exact::from(left).over(band.ratio).map_or(Fen::ZERO, round_half_away);
            *used = BandResult { fee: fee.min(used.fee), paid: left };
        }
        left -= used.paid;
    }
    bands.iter().map(|band| band.fee).sum()
}
