//! The facts of a case as formulas see them.

use std::cell::RefCell;

use terms::{Date, Fen};

use crate::eval::Facts;
use crate::expr::{Fact, Kind, Val};
use crate::facts::{Case, Decision};
use crate::number::Fraction;
use crate::plan::{PaymentFile, Pool};
use crate::weights::{AuxiliaryRow, GroupRow};

/// The facts of a case together with its rows of the tables.
pub(crate) struct CaseFacts<'a> {
    pub plan: &'a PaymentFile,
    pub case: &'a Case,
    pub pool: &'a Pool,
    pub date: Date,
    pub row: Option<&'a GroupRow>,
    pub auxiliary: Option<&'a AuxiliaryRow>,
    pub decision: Option<&'a Decision>,
    pub point_value: RefCell<Option<Fraction>>,
    pub points: RefCell<Option<Fraction>>,
    pub amount: RefCell<Option<Fraction>>,
    pub edges: RefCell<(Option<Fraction>, Option<Fraction>)>,
}

impl CaseFacts<'_> {
    fn mean_fee(&self) -> Option<Fen> {
        let row = self.row?;
        let own = row.mean_fee_by_level.get(&self.case.level).copied();
        let falls_back = self.plan.weights.level_falls_back || row.mean_fee_by_level.is_empty();
        own.or(if falls_back { row.mean_fee } else { None })
    }
}

impl Facts for CaseFacts<'_> {
    fn fact(&self, fact: Fact) -> Option<Val> {
        let case = self.case;
        let money = |fen: Fen| Some(Val::Money(fen.into()));
        let text = |text: &str| Some(Val::Text(text.into()));
        match fact {
            Fact::Fee => money(case.fee),
            Fact::Excluded => money(case.excluded),
            Fact::Charge => money(case.fee - case.excluded),
            Fact::Patient => money(case.patient),
            Fact::OtherFunds => money(case.other_funds),
            Fact::ItemFund => money(case.item_fund),
            Fact::Days => Some(Val::Number(Fraction::whole(case.days))),
            Fact::Level => text(&case.level),
            Fact::Insurance => text(&case.insurance),
            Fact::Pool => text(&self.pool.id),
            Fact::Institution => text(case.institution.as_str()),
            Fact::Year => text(&self.date.year().to_string()),
            Fact::Grouped => text(case.grouped.word()),
            Fact::Group => text(&case.group),
            Fact::DayClass => text(&case.day_class),
            Fact::Weight => self.row.map(|row| Val::Number(row.weight.clone())),
            Fact::MeanFee => self.mean_fee().map(|fen| Val::Money(fen.into())),
            Fact::MeanFeeAll => self.row.and_then(|row| row.mean_fee).map(|fen| Val::Money(fen.into())),
            Fact::MedianFee => self.row.and_then(|row| row.median_fee).map(|fen| Val::Money(fen.into())),
            Fact::MeanDays => self.row.and_then(|row| row.mean_days.clone()).map(Val::Number),
            Fact::AuxiliaryFactor => {
                Some(Val::Number(self.auxiliary.map_or_else(Fraction::one, |row| row.factor.clone())))
            }
            Fact::Decided => text(match self.decision {
                Some(Decision::Amount(_)) => "amount",
                Some(Decision::Points(_)) => "points",
                Some(Decision::Refused) => "refused",
                None => "",
            }),
            Fact::DecidedAmount => match self.decision {
                Some(Decision::Amount(amount)) => money(*amount),
                _ => None,
            },
            Fact::DecidedPoints => match self.decision {
                Some(Decision::Points(points)) => Some(Val::Number((*points).into())),
                _ => None,
            },
            Fact::PointValue => self.point_value.borrow().clone().map(Val::Money),
            Fact::Points => self.points.borrow().clone().map(Val::Number),
            Fact::Amount => self.amount.borrow().clone().map(Val::Money),
            Fact::From => self.edges.borrow().0.clone().map(Val::Number),
            Fact::To => self.edges.borrow().1.clone().map(Val::Number),
            Fact::Cases | Fact::Due | Fact::Shared | Fact::Entitled | Fact::Booked | Fact::Budget => None,
        }
    }

    fn declared(&self, index: usize) -> Option<Val> {
        let declared = &self.plan.declared[index];
        match declared.kind {
            Kind::Text => self.case.texts.get(&*declared.id).map(|text| Val::Text(text.as_str().into())),
            Kind::Money => {
                let yuan = self.case.numbers.get(&*declared.id)?;
                Some(Val::Money(Fraction::from(*yuan) * Fraction::whole(100)))
            }
            _ => self.case.numbers.get(&*declared.id).map(|number| Val::Number((*number).into())),
        }
    }

    fn group_flag(&self, flag: &str) -> Option<bool> {
        self.row.map(|row| row.flags.contains(flag))
    }

    fn missing(&self, fact: Fact) -> (String, &'static str) {
        let group = &self.case.group;
        match fact {
            Fact::MeanFee => (
                format!("the mean fee of group “{group}” at level {} (mean_fee_{})", self.case.level, self.case.level),
                "fill the column in the weights table, or set missing_level = \"all\"",
            ),
            Fact::MeanFeeAll | Fact::MedianFee | Fact::MeanDays => {
                (format!("{} of group “{group}”", fact.name()), "fill the column in the weights table")
            }
            Fact::Weight => (
                format!("the weight of a case without a group ({})", self.case.grouped.word()),
                "price such cases by a [[route]] that asks no weight",
            ),
            Fact::PointValue => ("the point value".to_owned(), "point_value may not be asked for before it is known"),
            _ => (format!("“{}” ({})", fact.name(), fact.chinese()), "say it of the case"),
        }
    }
}
