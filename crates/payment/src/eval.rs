//! Works out formulas over facts, and writes each step down.

use std::cell::RefCell;
use std::sync::Arc;

use policy::Binary;
use terms::Date;

use crate::expr::{Expr, Fact, Formula, Kind, Name, Val};
use crate::number::{Fraction, Mode};
use crate::plan::{Key, PaymentFile, PerDay, Round};
use crate::priced::{Operand, Shown, Step};
use crate::refusal::Refusal;

/// Where facts come from: a case or an institution's year.
pub(crate) trait Facts {
    fn fact(&self, fact: Fact) -> Option<Val>;
    fn declared(&self, index: usize) -> Option<Val>;
    fn group_flag(&self, flag: &str) -> Option<bool>;
    /// What is missing, with its keys, and the way out.
    fn missing(&self, fact: Fact) -> (String, &'static str);
}

/// One working-out: facts, the values found so far and the steps.
pub(crate) struct Env<'a> {
    pub plan: &'a PaymentFile,
    /// The case, or the institution and pool.
    pub subject: &'a str,
    pub date: Date,
    pub facts: &'a dyn Facts,
    values: RefCell<Vec<Option<Val>>>,
    pub steps: RefCell<Vec<Step>>,
}

/// The formula being worked out: its rule and the operands met.
pub(crate) struct At<'a> {
    rule: &'a str,
    formula: &'a str,
    operands: Vec<Operand>,
}

/// How a step is named.
pub(crate) struct Label<'a> {
    pub rule: &'a Arc<str>,
    pub name: &'a Arc<str>,
    pub article: &'a Arc<str>,
}

impl Round {
    /// Rounds a number, or an amount in 分 to decimals of 元.
    pub fn apply(&self, number: &Fraction, kind: Kind) -> Fraction {
        round(number, self.places, self.mode, kind)
    }
}

fn round(number: &Fraction, places: u32, mode: Mode, kind: Kind) -> Fraction {
    if kind == Kind::Money {
        let hundred = Fraction::whole(100);
        return number.over(&hundred).unwrap_or_default().rounded(places, mode) * hundred;
    }
    number.rounded(places, mode)
}

impl<'a> Env<'a> {
    pub fn new(plan: &'a PaymentFile, subject: &'a str, date: Date, facts: &'a dyn Facts) -> Env<'a> {
        let values = RefCell::new(vec![None; plan.values.len()]);
        Env { plan, subject, date, facts, values, steps: RefCell::default() }
    }

    /// Works a formula out, rounds it and writes the step.
    pub fn step(&self, label: &Label<'_>, formula: &Formula, rounding: Option<&Round>) -> Result<Val, Refusal> {
        let (result, operands) = self.quiet(label.rule, formula)?;
        let result = match (rounding, &result) {
            (Some(round), Val::Money(number)) => Val::Money(round.apply(number, Kind::Money)),
            (Some(round), Val::Number(number)) => Val::Number(round.apply(number, Kind::Number)),
            _ => result,
        };
        self.write(label, formula.text.clone(), operands, &result, rounding)?;
        Ok(result)
    }

    /// Writes a step whose result is known.
    pub fn write(
        &self,
        label: &Label<'_>,
        formula: Arc<str>,
        operands: Vec<Operand>,
        result: &Val,
        rounding: Option<&Round>,
    ) -> Result<(), Refusal> {
        let article = match rounding {
            Some(round) if label.article.is_empty() => round.article.clone(),
            _ => label.article.clone(),
        };
        let step = Step {
            rule: label.rule.clone(),
            name: label.name.clone(),
            article,
            formula,
            operands,
            result: self.shown(label.rule, result)?,
            rounded: rounding.map(|round| round.words.clone()),
        };
        self.steps.borrow_mut().push(step);
        Ok(())
    }

    /// Works a formula out without a step; gives the operands it met.
    pub fn quiet(&self, rule: &str, formula: &Formula) -> Result<(Val, Vec<Operand>), Refusal> {
        let mut at = At { rule, formula: &formula.text, operands: Vec::new() };
        let result = self.eval(&formula.expr, &mut at)?;
        let result = match (formula.kind, result) {
            (Kind::Money, Val::Number(number)) => Val::Money(number),
            (Kind::Number, Val::Money(number)) => Val::Number(number),
            (_, result) => result,
        };
        Ok((result, at.operands))
    }

    pub fn shown(&self, rule: &str, value: &Val) -> Result<Shown, Refusal> {
        let exact = |number: &Fraction| {
            number.to_exact().ok_or_else(|| Refusal::TooLarge { case: self.subject.to_owned(), rule: rule.to_owned() })
        };
        Ok(match value {
            Val::Money(number) => Shown::Money(exact(number)?),
            Val::Number(number) => Shown::Number(exact(number)?),
            Val::Text(text) => Shown::Text(text.to_string()),
            Val::Flag(flag) => Shown::Flag(*flag),
        })
    }

    fn missing(&self, at: &At<'_>, what: String, way_out: &'static str) -> Refusal {
        Refusal::Missing { case: self.subject.to_owned(), needed_by: at.rule.to_owned(), what, way_out }
    }

    fn name(&self, name: &Name, at: &mut At<'_>) -> Result<Val, Refusal> {
        let none: Arc<str> = "".into();
        let (id, chinese, article, value) = match name {
            Name::Fact(fact) => {
                let value = self.facts.fact(*fact).ok_or_else(|| {
                    let (what, way_out) = self.facts.missing(*fact);
                    self.missing(at, what, way_out)
                })?;
                (fact.name().into(), fact.chinese().into(), none, value)
            }
            Name::Declared(index) => {
                let declared = &self.plan.declared[*index];
                let value = self.facts.declared(*index).or_else(|| declared.otherwise.clone()).ok_or_else(|| {
                    let what = format!("the fact “{}” ({})", declared.id, declared.name);
                    self.missing(at, what, "say it of the case, or give the [[fact]] an `otherwise`")
                })?;
                (declared.id.clone(), declared.name.clone(), none, value)
            }
            Name::GroupFlag(flag) => {
                let value = self.facts.group_flag(flag).unwrap_or(false);
                (format!("flag.{flag}").into(), flag.clone(), none, Val::Flag(value))
            }
            Name::Param(index) => {
                let param = &self.plan.params[*index];
                let key = self.key(&param.keys, at)?;
                let (value, article) = param.look_up(&key, self.date).ok_or_else(|| {
                    let what =
                        format!("“{}” ({}) for {} on {}", param.id, param.name, key.replace('\u{1f}', "、"), self.date);
                    self.missing(at, what, "add a row or a version to the [[param]]")
                })?;
                let value = match param.unit.kind() {
                    Kind::Money => Val::Money(value.clone()),
                    _ => Val::Number(value.clone()),
                };
                (param.id.clone(), param.name.clone(), article.clone(), value)
            }
            Name::Value(index) => {
                let rule = &self.plan.values[*index];
                let known = self.values.borrow()[*index].clone();
                let value = match known {
                    Some(value) => value,
                    None => {
                        let label = Label { rule: &rule.id, name: &rule.name, article: &rule.article };
                        let value = self.step(&label, &rule.formula, rule.round.as_ref())?;
                        self.values.borrow_mut()[*index] = Some(value.clone());
                        value
                    }
                };
                (rule.id.clone(), rule.name.clone(), none, value)
            }
        };
        if !at.operands.iter().any(|operand| operand.id == id) {
            let value = self.shown(at.rule, &value)?;
            at.operands.push(Operand { id, name: chinese, article, value });
        }
        Ok(value)
    }

    fn key(&self, keys: &[Key], at: &At<'_>) -> Result<String, Refusal> {
        let mut texts = Vec::with_capacity(keys.len());
        for key in keys {
            let value = match key {
                Key::Fact(fact) => self.facts.fact(*fact).ok_or_else(|| {
                    let (what, way_out) = self.facts.missing(*fact);
                    self.missing(at, what, way_out)
                })?,
                Key::Declared(index) => {
                    let declared = &self.plan.declared[*index];
                    self.facts
                        .declared(*index)
                        .or_else(|| declared.otherwise.clone())
                        .ok_or_else(|| self.missing(at, format!("the fact “{}”", declared.id), "say it of the case"))?
                }
            };
            texts.push(value.text().to_owned());
        }
        Ok(texts.join("\u{1f}"))
    }

    fn eval(&self, expr: &Expr, at: &mut At<'_>) -> Result<Val, Refusal> {
        Ok(match expr {
            Expr::Number(number) => Val::Number(number.clone()),
            Expr::Text(text) => Val::Text(text.clone()),
            Expr::Flag(flag) => Val::Flag(*flag),
            Expr::Name(name) => self.name(name, at)?,
            Expr::Not(inner) => Val::Flag(!self.eval(inner, at)?.flag()),
            Expr::Minus(inner) => match self.eval(inner, at)? {
                Val::Money(number) => Val::Money(-number),
                other => Val::Number(-other.fraction()),
            },
            Expr::Binary(op, a, b) => self.binary(*op, a, b, at)?,
            Expr::OneOf(item, list) => {
                let item = self.eval(item, at)?;
                for entry in list {
                    if same(&item, &self.eval(entry, at)?) {
                        return Ok(Val::Flag(true));
                    }
                }
                Val::Flag(false)
            }
            Expr::If(condition, then, other) => {
                let chosen = if self.eval(condition, at)?.flag() { then } else { other };
                self.eval(chosen, at)?
            }
            Expr::Min(list) => self.extreme(list, at, |new, best| new < best)?,
            Expr::Max(list) => self.extreme(list, at, |new, best| new > best)?,
            Expr::Floor(inner) => Val::Number(self.eval(inner, at)?.fraction().floor()),
            Expr::RoundTo(inner, places, kind) => {
                let number = round(&self.eval(inner, at)?.fraction(), *places, Mode::HalfUp, *kind);
                if *kind == Kind::Money { Val::Money(number) } else { Val::Number(number) }
            }
            Expr::PerDay(class) => {
                let class = self.eval(class, at)?;
                self.per_day(class.text(), at)?
            }
        })
    }

    fn extreme(
        &self,
        list: &[Expr],
        at: &mut At<'_>,
        better: impl Fn(&Fraction, &Fraction) -> bool,
    ) -> Result<Val, Refusal> {
        let mut best: Option<Val> = None;
        for expr in list {
            let value = self.eval(expr, at)?;
            best = Some(match best {
                Some(best) if !better(&value.fraction(), &best.fraction()) => best,
                _ => value,
            });
        }
        Ok(best.unwrap_or(Val::Number(Fraction::zero())))
    }

    fn binary(&self, op: Binary, a: &Expr, b: &Expr, at: &mut At<'_>) -> Result<Val, Refusal> {
        let left = self.eval(a, at)?;
        match op {
            Binary::And if !left.flag() => return Ok(Val::Flag(false)),
            Binary::Or if left.flag() => return Ok(Val::Flag(true)),
            _ => {}
        }
        let right = self.eval(b, at)?;
        let money = |left: &Val, right: &Val| matches!(left, Val::Money(_)) || matches!(right, Val::Money(_));
        let is_money = money(&left, &right);
        let number = |number: Fraction| if is_money { Val::Money(number) } else { Val::Number(number) };
        Ok(match op {
            Binary::And | Binary::Or => Val::Flag(right.flag()),
            Binary::Equal => Val::Flag(same(&left, &right)),
            Binary::Unequal => Val::Flag(!same(&left, &right)),
            Binary::Less => Val::Flag(left.fraction() < right.fraction()),
            Binary::AtMost => Val::Flag(left.fraction() <= right.fraction()),
            Binary::More => Val::Flag(left.fraction() > right.fraction()),
            Binary::AtLeast => Val::Flag(left.fraction() >= right.fraction()),
            Binary::Add => number(left.fraction() + right.fraction()),
            Binary::Subtract => number(left.fraction() - right.fraction()),
            Binary::Multiply => number(left.fraction() * right.fraction()),
            Binary::Divide => {
                let quotient = left.fraction().over(&right.fraction()).ok_or_else(|| Refusal::DivisionByZero {
                    case: self.subject.to_owned(),
                    rule: at.rule.to_owned(),
                    formula: at.formula.to_owned(),
                })?;
                match (&left, &right) {
                    (Val::Money(_), Val::Number(_)) => Val::Money(quotient),
                    _ => Val::Number(quotient),
                }
            }
        })
    }

    /// 床日: Σ over the bands of days × rate.
    fn per_day(&self, class: &str, at: &mut At<'_>) -> Result<Val, Refusal> {
        let in_force = |table: &&PerDay| &*table.class == class && table.from <= self.date;
        let table = self.plan.per_day.iter().filter(in_force).max_by_key(|table| table.from).ok_or_else(|| {
            self.missing(at, format!("per-day rates of class “{class}” on {}", self.date), "add a [[per_day]]")
        })?;
        let key = self.key(&table.keys, at)?;
        let rows = table.rows.get(&key).ok_or_else(|| {
            let keys = key.replace('\u{1f}', "、");
            self.missing(at, format!("per-day rates of class “{class}” for {keys}"), "add a row to the [[per_day]]")
        })?;
        let days = match self.facts.fact(Fact::Days) {
            Some(Val::Number(days)) => days,
            _ => Fraction::zero(),
        };
        let mut sum = Fraction::zero();
        let mut begun = Fraction::zero();
        let mut operands = Vec::new();
        for (upto, rate) in rows {
            let end = upto.map_or_else(|| days.clone(), |upto| Fraction::whole(upto).min(days.clone()));
            if end <= begun {
                break;
            }
            let in_band = end.clone() - begun;
            let name: Arc<str> = match upto {
                Some(upto) => format!("至第 {upto} 日").into(),
                None => "以后各日".into(),
            };
            let rule = &*table.class;
            operands.push(Operand {
                id: "days".into(),
                name: name.clone(),
                article: "".into(),
                value: self.shown(rule, &Val::Number(in_band.clone()))?,
            });
            operands.push(Operand {
                id: "rate".into(),
                name: "日标准".into(),
                article: table.article.clone(),
                value: self.shown(rule, &Val::Money(rate.clone()))?,
            });
            sum = sum + in_band * rate.clone();
            begun = end;
        }
        let result = Val::Money(sum);
        let label = Label { rule: &table.class, name: &table.name, article: &table.article };
        self.write(&label, "Σ days × rate".into(), operands, &result, None)?;
        Ok(result)
    }
}

fn same(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Text(a), Val::Text(b)) => a == b,
        (Val::Flag(a), Val::Flag(b)) => a == b,
        (Val::Money(a) | Val::Number(a), Val::Money(b) | Val::Number(b)) => a == b,
        _ => false,
    }
}
