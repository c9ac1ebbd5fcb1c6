//! 求值: evaluates the formulas of a law over the facts of one decision.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use policy::{Binary, Expr, Fact, Formula, Function, Law, LayerPart, Type};
use terms::{Date, DateTime, Exact, Fen, Quantity, round_half_away};

use crate::PolicyError;
use crate::facts::{
    CatalogueRow, ChargedLine, DischargeRequest, Dossier, Filing, Giver, Institution, LineRequest, PastSettlement,
    SettleRequest, Visit, VisitRequest,
};
use crate::find::RowRef;
use crate::layer::LayerResult;
use crate::trace::{Operand, Step, StepKind};
use crate::value::V;

/// A line while formulas look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineFacts<'a> {
    pub line: &'a LineRequest,
    /// The line whose catalogue row, date and approval count: itself, or a refund's original.
    pub counted: &'a LineRequest,
    pub row: Option<&'a CatalogueRow>,
    pub known: bool,
    pub number_taken: bool,
    pub root: Option<RootFacts<'a>>,
}

/// The original line of a refund.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootFacts<'a> {
    pub line: &'a LineRequest,
    pub net_quantity: Quantity,
    pub net_amount: Fen,
}

/// A line to be cancelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CancelFacts {
    pub exists: bool,
    pub leaves_refund: bool,
}

/// A settlement to be reversed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReverseFacts<'a> {
    pub settlement: Option<&'a PastSettlement>,
    pub is_latest: bool,
    pub time: DateTime,
}

/// Sums over the lines, in 分.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub total: Fen,
    pub full_self_pay: Fen,
    pub over_limit: Fen,
    pub pre_self_pay: Fen,
    pub in_scope: Fen,
}

/// Everything a formula may look at, with what has been worked out so far.
pub(crate) struct Env<'a> {
    pub law: &'a Law,
    pub dossier: &'a Dossier,
    pub institution: Option<&'a Institution>,
    pub request: Option<&'a VisitRequest>,
    pub visit: Option<&'a Visit>,
    pub lines: &'a [ChargedLine],
    pub items: Option<&'a dyn crate::facts::Items>,
    pub sums: Sums,
    pub settle: Option<&'a SettleRequest>,
    pub discharge: Option<&'a DischargeRequest>,
    pub cancel: Option<CancelFacts>,
    pub reverse: Option<ReverseFacts<'a>>,
    pub filing: Option<&'a Filing>,
    pub filing_taken: bool,
    pub line: Option<LineFacts<'a>>,
    pub row: Option<RowRef<'a>>,
    pub giver: Option<&'a Giver>,
    pub base: Option<Exact>,
    pub layers: Vec<LayerResult>,
    pub fund_total: Fen,
    pub hospital: Option<Fen>,
    pub tracing: bool,
    pub trace: Vec<Step>,
    values: Vec<Option<V<'a>>>,
    tables: Vec<Option<V<'a>>>,
    pub(crate) found: Vec<Option<(Option<RowRef<'a>>, usize)>>,
    pub(crate) segment: Option<Option<crate::find::Segment>>,
    line_sums: Vec<Option<Fen>>,
}

type Eval<'a> = Result<V<'a>, PolicyError>;

impl<'a> Env<'a> {
    pub fn new(law: &'a Law, dossier: &'a Dossier) -> Env<'a> {
        Env {
            law,
            dossier,
            institution: None,
            request: None,
            visit: None,
            lines: &[],
            items: None,
            sums: Sums::default(),
            settle: None,
            discharge: None,
            cancel: None,
            reverse: None,
            filing: None,
            filing_taken: false,
            line: None,
            row: None,
            giver: None,
            base: None,
            layers: Vec::new(),
            fund_total: Fen::ZERO,
            hospital: None,
            tracing: false,
            trace: Vec::new(),
            values: vec![None; law.values.len()],
            tables: vec![None; law.tables.len()],
            found: vec![None; law.finds.len()],
            segment: None,
            line_sums: vec![None; law.line_sums.len()],
        }
    }

    /// A yes/no formula; a missing fact is no.
    pub fn flag(&mut self, formula: &'a Formula) -> Result<bool, PolicyError> {
        Ok(matches!(self.eval(&formula.expr)?, V::Flag(true)))
    }

    /// An optional condition: none is yes.
    pub fn applies(&mut self, when: Option<&'a Formula>) -> Result<bool, PolicyError> {
        when.map_or(Ok(true), |when| self.flag(when))
    }

    /// A number or an amount.
    pub fn number(&mut self, formula: &'a Formula) -> Result<Exact, PolicyError> {
        match self.eval(&formula.expr)? {
            V::Number(number) => Ok(number),
            _ => Err(PolicyError::new(format!("“{}” needs a fact that is missing", formula.text))),
        }
    }

    /// A date.
    pub fn date(&mut self, formula: &'a Formula) -> Result<Option<Date>, PolicyError> {
        Ok(if let V::Date(date) = self.eval(&formula.expr)? { Some(date) } else { None })
    }

    /// A text.
    pub fn text(&mut self, formula: &'a Formula) -> Result<Cow<'a, str>, PolicyError> {
        Ok(self.eval(&formula.expr)?.key())
    }

    /// Evaluates a formula. The common cases stand here, in a small frame, because formulas
    /// nest; the others are in [`Env::eval_rare`].
    pub fn eval(&mut self, expr: &'a Expr) -> Eval<'a> {
        match expr {
            Expr::Number(number) => Ok(V::Number(*number)),
            Expr::Text(text) => Ok(V::text(text)),
            Expr::Fact(fact) => self.fact(*fact),
            Expr::Value(n) => match &self.values[*n] {
                Some(known) => Ok(known.clone()),
                None => self.value(*n),
            },
            Expr::Table(n) => match &self.tables[*n] {
                Some(known) => Ok(known.clone()),
                None => self.table(*n)?.ok_or_else(|| self.no_row(*n)),
            },
            Expr::Binary(operator @ (Binary::And | Binary::Or), left, right) => {
                let left = self.is_true(left)?;
                if left == (*operator == Binary::Or) {
                    return Ok(V::Flag(left));
                }
                self.is_true(right).map(V::Flag)
            }
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right),
            Expr::Not(inner) => self.is_true(inner).map(|flag| V::Flag(!flag)),
            Expr::OneOf(left, list) => self.one_of(left, list),
            Expr::If(condition, then, other) => {
                if self.is_true(condition)? {
                    self.eval(then)
                } else {
                    self.eval(other)
                }
            }
            rare => self.eval_rare(rare),
        }
    }

    fn is_true(&mut self, expr: &'a Expr) -> Result<bool, PolicyError> {
        Ok(matches!(self.eval(expr)?, V::Flag(true)))
    }

    #[inline(never)]
    fn one_of(&mut self, left: &'a Expr, list: &'a [Expr]) -> Eval<'a> {
        let left = self.eval(left)?;
        for item in list {
            let equal = match (item, &left) {
                (Expr::Text(text), V::Text(left)) => left.as_ref() == text.as_str(),
                _ => self.eval(item)? == left,
            };
            if equal {
                return Ok(V::Flag(true));
            }
        }
        Ok(V::Flag(false))
    }

    #[inline(never)]
    fn eval_rare(&mut self, expr: &'a Expr) -> Eval<'a> {
        Ok(match expr {
            Expr::Flag(flag) => V::Flag(*flag),
            Expr::Date(date) => V::Date(*date),
            Expr::Field(owner, name, kind) => self.field(*owner, name, *kind)?,
            Expr::It(field) => {
                let row = self.row.ok_or_else(|| PolicyError::new("a row was asked for outside a find"))?;
                self.row_field(Some(row), 1, field)?
            }
            Expr::Has(n) => V::Flag(self.table(*n)?.is_some()),
            Expr::TableAt(n, keys) => match self.cell_at(*n, keys)? {
                Some(cell) => cell_value(&self.law.tables[*n].id, cell)?,
                None => return Err(self.no_row(*n)),
            },
            Expr::HasAt(n, keys) => V::Flag(self.cell_at(*n, keys)?.is_some()),
            Expr::Found(n, field) => {
                let (row, count) = self.find(*n)?;
                self.row_field(row, count, field)?
            }
            Expr::Layer(n, part) => self.layer_part(*n, *part)?,
            Expr::Total(n) => {
                let key = self.total_key(*n)?;
                V::Number(Exact::whole(self.dossier.totals.get(&key).copied().unwrap_or(0)))
            }
            Expr::LineSum(n) => V::money(self.line_sum(*n)?),
            Expr::Kept(n) => {
                let keep = &self.law.keeps[*n];
                let text = self.visit.and_then(|visit| visit.kept.get(&keep.id)).map_or("", String::as_str);
                read_kept(text, keep.value.kind)
            }
            Expr::Minus(inner) => match self.eval(inner)? {
                V::Number(number) => V::Number(-number),
                _ => return Err(PolicyError::new("minus needs a number, and a fact is missing")),
            },
            Expr::Call(function, arguments) => self.call(*function, arguments)?,
            common => return self.eval(common),
        })
    }

    #[inline(never)]
    fn binary(&mut self, operator: Binary, left: &'a Expr, right: &'a Expr) -> Eval<'a> {
        use Binary::{Add, AtLeast, AtMost, Divide, Equal, Less, More, Multiply, Subtract, Unequal};
        let left = self.eval(left)?;
        if let (Equal | Unequal, V::Text(text), Expr::Text(literal)) = (operator, &left, right) {
            return Ok(V::Flag((text.as_ref() == literal.as_str()) == (operator == Equal)));
        }
        let right = self.eval(right)?;
        let order = left.order(&right);
        let flag = match operator {
            Equal => order == Some(Ordering::Equal),
            Unequal => order != Some(Ordering::Equal),
            Less => order == Some(Ordering::Less),
            AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            More => order == Some(Ordering::Greater),
            AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            _ => {
                let (V::Number(left), V::Number(right)) = (left, right) else {
                    return Err(PolicyError::new("a fact that a sum or product needs is missing"));
                };
                return Ok(V::Number(match operator {
                    Add => left + right,
                    Subtract => left - right,
                    Multiply => {
                        left.times(right).map_err(|error| PolicyError::new(format!("{left} × {right}: {error}")))?
                    }
                    Divide => left.over(right).ok_or_else(|| PolicyError::new(format!("{left} is divided by zero")))?,
                    _ => unreachable!("and, or and the comparisons were answered before"),
                }));
            }
        };
        Ok(V::Flag(flag))
    }

    #[inline(never)]
    fn value(&mut self, n: usize) -> Eval<'a> {
        let value = &self.law.values[n];
        if !value.volatile
            && let Some(known) = &self.values[n]
        {
            return Ok(known.clone());
        }
        for case in &value.cases {
            if !self.applies(case.when.as_ref())? {
                continue;
            }
            let result = self.eval(&case.then.expr)?;
            if !value.volatile {
                self.values[n] = Some(result.clone());
                if self.tracing && !value.quiet && !value.article.is_empty() {
                    let operands = self.operands(&case.then)?;
                    self.trace.push(Step {
                        rule: value.id.clone(),
                        name: value.name.clone(),
                        english: value.english.clone(),
                        article: if case.article.is_empty() { value.article.clone() } else { case.article.clone() },
                        kind: StepKind::Value {
                            formula: case.then.text.clone(),
                            operands,
                            result: result.shown(value.kind),
                        },
                    });
                }
            }
            return Ok(result);
        }
        Err(PolicyError::new(format!(
            "no case of “{}” ({}) applies; add a last case without when",
            value.id, value.name
        )))
    }

    fn operands(&mut self, formula: &'a Formula) -> Result<Vec<Operand>, PolicyError> {
        let mut shown = Vec::with_capacity(formula.operands.len());
        for operand in &formula.operands {
            // A name in the branch that was not taken may have no value.
            let Ok(value) = self.eval(&operand.expr) else { continue };
            shown.push(Operand {
                id: Arc::clone(&operand.id),
                name: Arc::clone(&operand.name),
                english: Arc::clone(&operand.english),
                value: value.shown(self.kind_of(&operand.expr)),
            });
        }
        Ok(shown)
    }

    fn kind_of(&self, expr: &Expr) -> Type {
        match expr {
            Expr::Fact(fact) => fact.kind(),
            Expr::Value(n) => self.law.values[*n].kind,
            Expr::Table(n) if self.law.tables[*n].unit == policy::Unit::Yuan => Type::Money,
            Expr::Layer(..) | Expr::LineSum(_) => Type::Money,
            Expr::Total(n) => self.law.accumulators[*n].kind,
            _ => Type::Number,
        }
    }

    /// The cell of a table for today's keys, or none when it has no such row.
    #[inline(never)]
    fn table(&mut self, n: usize) -> Result<Option<V<'a>>, PolicyError> {
        if let Some(known) = &self.tables[n] {
            return Ok(Some(known.clone()));
        }
        let table = &self.law.tables[n];
        let Some(cell) = self.cell(n)? else { return Ok(None) };
        let value = cell_value(&table.id, cell)?;
        if !table.volatile {
            self.tables[n] = Some(value.clone());
        }
        Ok(Some(value))
    }

    /// The cell of a table for today's keys.
    pub fn cell(&mut self, n: usize) -> Result<Option<&'a policy::Cell>, PolicyError> {
        let law = self.law;
        self.cell_by(n, law.tables[n].keys.iter().map(|key| &key.expr))
    }

    /// The cell of a table for the keys given.
    fn cell_at(&mut self, n: usize, keys: &'a [Expr]) -> Result<Option<&'a policy::Cell>, PolicyError> {
        self.cell_by(n, keys.iter())
    }

    fn cell_by(
        &mut self,
        n: usize,
        keys: impl Iterator<Item = &'a Expr>,
    ) -> Result<Option<&'a policy::Cell>, PolicyError> {
        let table = &self.law.tables[n];
        let day = match &table.dated_by {
            None => None,
            Some(by) => match self.date(by)? {
                None => return Ok(None),
                day => day,
            },
        };
        let mut texts: [Cow<'a, str>; policy::KEYS_MAX] = Default::default();
        let mut count = 0;
        for (text, key) in texts.iter_mut().zip(keys) {
            *text = self.eval(key)?.key();
            count += 1;
        }
        Ok(table.look_up(day, &texts[..count]).map(|(cell, _)| cell))
    }

    pub fn no_row(&mut self, n: usize) -> PolicyError {
        let table = &self.law.tables[n];
        let mut keys = Vec::new();
        for key in &table.keys {
            let value = self.text(key).unwrap_or_default();
            keys.push(format!("{} = “{value}”", key.text));
        }
        let day = table.dated_by.as_ref().and_then(|by| self.date(by).ok().flatten());
        let day = day.map_or_else(String::new, |day| format!(" on {day}"));
        PolicyError::new(format!("the table “{}” ({}) has no row for {}{day}", table.id, table.name, keys.join(", ")))
    }

    /// `accumulator/key/…`.
    pub fn total_key(&mut self, n: usize) -> Result<String, PolicyError> {
        let accumulator = &self.law.accumulators[n];
        let mut key = accumulator.id.clone();
        for part in &accumulator.key {
            key.push('/');
            key.push_str(&self.text(part)?);
        }
        Ok(key)
    }

    fn line_sum(&mut self, n: usize) -> Result<Fen, PolicyError> {
        if let Some(known) = self.line_sums[n] {
            return Ok(known);
        }
        let sum = &self.law.line_sums[n];
        let before = self.line.take();
        let mut total = Fen::ZERO;
        for charged in self.lines {
            self.line = Some(crate::lines::facts_of(self, charged)?);
            if self.flag(&sum.condition)? {
                total += match sum.part {
                    policy::Piece::Amount => charged.line.amount,
                    policy::Piece::FullSelfPay => charged.split.fulamt_ownpay_amt,
                    policy::Piece::OverLimit => charged.split.overlmt_amt,
                    policy::Piece::PreSelfPay => charged.split.preselfpay_amt,
                    policy::Piece::InScope => charged.split.inscp_scp_amt,
                };
            }
        }
        self.line = before;
        self.line_sums[n] = Some(total);
        Ok(total)
    }

    fn layer_part(&self, n: usize, part: LayerPart) -> Eval<'a> {
        let Some(layer) = self.layers.get(n) else {
            return Err(PolicyError::new(format!("“{}” is asked for before it was worked out", self.law.layers[n].id)));
        };
        let band = |number: u8| layer.bands.get(usize::from(number) - 1).copied().unwrap_or_default();
        Ok(V::money(match part {
            LayerPart::Paid => layer.paid,
            LayerPart::Uncapped => layer.uncapped,
            LayerPart::Input => layer.input,
            LayerPart::Priced => layer.priced,
            LayerPart::Consumed => layer.consumed,
            LayerPart::Overflow => layer.priced - layer.consumed,
            LayerPart::Share => layer.consumed - layer.paid,
            LayerPart::BandFee(number) => band(number).fee,
            LayerPart::BandPaid(number) => band(number).paid,
            LayerPart::BandShare(number) => band(number).fee - band(number).paid,
        }))
    }

    /// What the person bears after the funds so far and the hospital.
    pub fn person_part(&mut self) -> Result<Fen, PolicyError> {
        let hospital = self.hospital_share()?;
        Ok(self.sums.total - self.fund_total - hospital)
    }

    pub fn hospital_share(&mut self) -> Result<Fen, PolicyError> {
        if let Some(known) = self.hospital {
            return Ok(known);
        }
        let share = match &self.law.hospital_share {
            None => Fen::ZERO,
            Some(share) => round_half_away(self.number(&share.amount)?).max(Fen::ZERO),
        };
        self.hospital = Some(share);
        Ok(share)
    }

    fn call(&mut self, function: Function, arguments: &'a [Expr]) -> Eval<'a> {
        use Function as F;
        if function == F::ItemSelfPay {
            let key = self.eval(&arguments[0])?.key();
            let row = self.line.and_then(|line| line.row);
            let ratio = row.and_then(|row| row.selfpay.get(key.as_ref()).or_else(|| row.selfpay.get("*")));
            return match ratio {
                Some(ratio) => Ok(V::Number(Exact::from(*ratio))),
                None => Err(PolicyError::new(format!("the catalogue row has no 先行自付比例 for “{key}”"))),
            };
        }
        let first = self.eval(&arguments[0])?;
        if function == F::Missing {
            return Ok(V::Flag(first == V::Missing || first == V::text("")));
        }
        if matches!(function, F::Min | F::Max) {
            let mut best = first;
            for argument in &arguments[1..] {
                let next = self.eval(argument)?;
                let order =
                    next.order(&best).ok_or_else(|| PolicyError::new("min() or max() needs a fact that is missing"))?;
                if order == (if function == F::Min { Ordering::Less } else { Ordering::Greater }) {
                    best = next;
                }
            }
            return Ok(best);
        }
        if function == F::Join {
            let mut text = first.key().into_owned();
            for argument in &arguments[1..] {
                text.push_str(&self.eval(argument)?.key());
            }
            return Ok(V::owned(text));
        }
        if function == F::PlaceIn {
            for (place, argument) in (1..).zip(&arguments[1..]) {
                if self.eval(argument)? == first {
                    return Ok(V::Number(Exact::whole(place)));
                }
            }
            return Ok(V::Number(Exact::ZERO));
        }
        let second = arguments.get(1).map(|argument| self.eval(argument)).transpose()?;
        crate::functions::apply(function, first, second)
    }

    fn field(&mut self, owner: policy::names::Owner, name: &str, kind: Type) -> Eval<'a> {
        use policy::names::Owner;
        let text: &'a str = match owner {
            Owner::Person => self.dossier.person.fields.get(name).map_or("", String::as_str),
            Owner::Coverage => "",
            Owner::Visit => self.request.and_then(|visit| visit.fields.get(name)).map_or("", String::as_str),
            Owner::Institution => self.institution.and_then(|i| i.fields.get(name)).map_or("", String::as_str),
            Owner::Line => self.line.and_then(|line| line.counted.fields.get(name)).map_or("", String::as_str),
            Owner::Item => {
                self.line.and_then(|line| line.row).and_then(|row| row.fields.get(name)).map_or("", String::as_str)
            }
        };
        Ok(read_kept(text, kind))
    }

    #[inline(never)]
    fn fact(&mut self, fact: Fact) -> Eval<'a> {
        let number = |quantity: Quantity| V::Number(Exact::from(quantity));
        Ok(match fact {
            Fact::BirthDate => V::Date(self.dossier.person.brdy),
            Fact::Gender => V::text(&self.dossier.person.gend),
            Fact::InsuType => self.request.map_or(V::Missing, |visit| V::text(&visit.insutype)),
            Fact::MedType => self.request.map_or(V::Missing, |visit| V::text(&visit.med_type)),
            Fact::BeginTime => V::time(self.request.map(|visit| visit.begntime)),
            Fact::EndTime => V::time(self.visit.and_then(|visit| visit.endtime)),
            Fact::VisitExists => V::Flag(self.visit.is_some()),
            Fact::VisitSettled => V::Flag(self.visit.is_some_and(|visit| visit.settled.is_some())),
            Fact::VisitDischarged => V::Flag(self.visit.is_some_and(|visit| visit.endtime.is_some())),
            Fact::LabelTaken => {
                let label = self.request.map(|request| request.label.as_str());
                V::Flag(self.dossier.visits.iter().any(|visit| Some(visit.request.label.as_str()) == label))
            }
            Fact::LatestFeeDate => V::date(self.lines.iter().map(|line| line.line.fee_ocur_time.date()).max()),
            Fact::LineCount => V::Number(Exact::whole(self.lines.len() as i64)),
            Fact::InstitutionExists => V::Flag(self.institution.is_some()),
            Fact::InstitutionCode => self.institution.map_or(V::Missing, |i| V::text(i.fixmedins_code.as_str())),
            Fact::Level => self.institution.map_or(V::Missing, |i| V::text(&i.hi_setl_lv)),
            Fact::InstitutionType => self.institution.map_or(V::Missing, |i| V::text(&i.fixmedins_type)),
            Fact::InstitutionArea => self.institution.map_or(V::Missing, |i| V::text(&i.admdvs)),
            Fact::DesignatedFrom => V::date(self.institution.and_then(|i| i.period).map(|period| period.begin)),
            Fact::DesignatedTo => V::date(self.institution.and_then(|i| i.period).and_then(|period| period.end)),
            Fact::SegmentExists | Fact::SegmentBegin | Fact::SegmentFirst | Fact::SegmentGap => {
                let segment = self.current_segment()?;
                match (fact, segment) {
                    (Fact::SegmentExists, segment) => V::Flag(segment.is_some()),
                    (_, None) => V::Missing,
                    (Fact::SegmentBegin, Some(segment)) => V::Date(segment.begin),
                    (Fact::SegmentFirst, Some(segment)) => V::Flag(segment.gap_days.is_none()),
                    (_, Some(segment)) => V::Number(Exact::whole(segment.gap_days.unwrap_or(0))),
                }
            }
            Fact::Total => V::money(self.sums.total),
            Fact::FullSelfPay => V::money(self.sums.full_self_pay),
            Fact::OverLimit => V::money(self.sums.over_limit),
            Fact::PreSelfPay => V::money(self.sums.pre_self_pay),
            Fact::InScope => V::money(self.sums.in_scope),
            Fact::FundTotal => V::money(self.fund_total),
            Fact::PersonPart => V::money(self.person_part()?),
            Fact::SettleTime => V::time(
                self.settle
                    .map(|settle| settle.setl_time)
                    .or_else(|| self.reverse.and_then(|r| r.settlement).map(|s| s.setl_time)),
            ),
            Fact::DeclaredTotal => self.settle.map_or(V::Missing, |settle| V::money(settle.medfee_sumamt)),
            Fact::AccountFlag => self.settle.map_or(V::Missing, |settle| V::text(&settle.acct_used_flag)),
            Fact::MidSettle => self.settle.map_or(V::Missing, |settle| V::text(&settle.mid_setl_flag)),
            Fact::AccountBalance => V::money(self.dossier.account),
            Fact::GiverCovers => {
                let day = self.settle.map(|settle| settle.setl_time.date());
                V::Flag(day.is_some_and(|day| self.dossier.givers.iter().any(|giver| giver.period.covers(day))))
            }
            Fact::GiverId => self.giver.map_or(V::Missing, |giver| V::text(giver.giver.as_str())),
            Fact::DischargeTime => V::time(self.discharge.map(|discharge| discharge.endtime)),
            Fact::CancelExists => V::Flag(self.cancel.is_some_and(|cancel| cancel.exists)),
            Fact::CancelLeavesRefund => V::Flag(self.cancel.is_some_and(|cancel| cancel.leaves_refund)),
            Fact::ReverseExists => V::Flag(self.reverse.is_some_and(|r| r.settlement.is_some())),
            Fact::ReverseDone => V::Flag(self.reverse.and_then(|r| r.settlement).is_some_and(|s| s.reversed)),
            Fact::ReverseLatest => V::Flag(self.reverse.is_some_and(|r| r.is_latest)),
            Fact::ReverseTime => V::time(self.reverse.map(|r| r.time)),
            Fact::FilingTaken => V::Flag(self.filing_taken),
            Fact::FilingFound => V::Flag(self.filing.is_some()),
            Fact::FilingCancelled => V::Flag(self.filing.is_some_and(|filing| filing.cancelled)),
            Fact::FilingKind => self.filing.map_or(V::Missing, |filing| V::text(&filing.kind)),
            Fact::FilingDisease => V::text(self.filing.and_then(|filing| filing.dise_codg.as_deref()).unwrap_or("")),
            Fact::FilingArea => V::text(self.filing.and_then(|filing| filing.admdvs.as_deref()).unwrap_or("")),
            Fact::BandBase => self.base.map_or(V::Missing, V::Number),
            _ => {
                let line = self
                    .line
                    .ok_or_else(|| PolicyError::new(format!("“{}” is asked for outside a line", fact.name())))?;
                line_fact(fact, line, number)
            }
        })
    }
}

fn cell_value<'a>(table: &str, cell: &'a policy::Cell) -> Eval<'a> {
    Ok(match cell {
        policy::Cell::Number(number) => V::Number(*number),
        policy::Cell::Text(text) => V::text(text),
        policy::Cell::Date(date) => V::Date(*date),
        policy::Cell::Bands(_) => return Err(PolicyError::new(format!("“{table}” is a table by bands"))),
    })
}

fn line_fact<'a>(fact: Fact, line: LineFacts<'a>, number: impl Fn(Quantity) -> V<'a>) -> V<'a> {
    let root = line.root;
    match fact {
        Fact::LineNumberTaken => V::Flag(line.number_taken),
        Fact::LineCode => V::text(line.line.med_list_codg.as_str()),
        Fact::LineTime => V::Time(line.line.fee_ocur_time),
        Fact::LineQuantity => number(line.line.cnt),
        Fact::LinePrice => V::Number(Exact::from(line.line.pric)),
        Fact::LineAmount => V::money(line.line.amount),
        Fact::LineComputed => terms::line_amount(line.line.pric, line.line.cnt).map_or(V::Missing, V::money),
        Fact::LineApproval => V::text(&line.counted.hosp_appr_flag),
        Fact::LineIsRefund => V::Flag(line.line.init_feedetl_sn.is_some()),
        Fact::RootExists => V::Flag(root.is_some()),
        Fact::RootIsRefund => V::Flag(root.is_some_and(|root| root.line.init_feedetl_sn.is_some())),
        Fact::RootSameCode => V::Flag(root.is_some_and(|root| root.line.med_list_codg == line.line.med_list_codg)),
        Fact::RootSamePrice => V::Flag(root.is_some_and(|root| root.line.pric == line.line.pric)),
        Fact::RootNetQuantity => root.map_or(V::Missing, |root| number(root.net_quantity)),
        Fact::RootNetAmount => root.map_or(V::Missing, |root| V::money(root.net_amount)),
        Fact::ItemKnown => V::Flag(line.known),
        Fact::ItemExists => V::Flag(line.row.is_some()),
        Fact::ItemLevel => line.row.map_or(V::Missing, |row| V::text(&row.chrgitm_lv)),
        Fact::ItemRestricted => line.row.map_or(V::Missing, |row| V::text(&row.lmt_used_flag)),
        Fact::ItemAccount => line.row.map_or(V::Missing, |row| V::text(&row.acct_pay_flag)),
        _ => V::Missing,
    }
}

/// A text as the type it was declared or kept with; empty is missing except for text.
pub(crate) fn read_kept<'a>(text: &'a str, kind: Type) -> V<'a> {
    match kind {
        Type::Text => V::text(text),
        Type::Flag => V::Flag(text == "1"),
        Type::Number | Type::Zero => {
            text.parse::<terms::UnitPrice>().map_or(V::Missing, |number| V::Number(Exact::from(number)))
        }
        Type::Money => text.parse::<Fen>().map_or(V::Missing, V::money),
        Type::Date => V::date(terms::parse_date(text)),
        Type::Time => V::time(terms::parse_time(text)),
    }
}
