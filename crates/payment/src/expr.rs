//! Formulas, resolved: the law's small total language over the facts of a case or an
//! institution. Every name and kind is checked when the plan is read.

use std::sync::Arc;

use policy::Binary;

use crate::number::Fraction;

/// What a formula yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Money,
    Number,
    /// The literal 0, an amount or a number.
    Zero,
    Text,
    Flag,
}

impl Kind {
    pub fn words(self) -> &'static str {
        match self {
            Kind::Money => "an amount of money",
            Kind::Number => "a number",
            Kind::Zero => "zero",
            Kind::Text => "a text",
            Kind::Flag => "yes/no",
        }
    }

    /// The common kind of two, if they can stand for each other.
    pub fn with(self, other: Kind) -> Option<Kind> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Kind::Zero, b @ (Kind::Money | Kind::Number)) => Some(b),
            (a @ (Kind::Money | Kind::Number), Kind::Zero) => Some(a),
            _ => None,
        }
    }
}

/// Of what a formula may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A case.
    Case,
    /// A case whose points are known (`[price] payment`).
    Points,
    /// A case whose amount is known (`[price] points`).
    Amount,
    /// A deviation band of a case: also `from` and `to`.
    CaseBand,
    /// A pool in a year.
    Pool,
    /// An institution in a month or year.
    Institution,
    /// A rung of the year's ladder: also `from` and `to`.
    Rung,
}

macro_rules! facts {
    ($($variant:ident $name:literal $kind:ident $chinese:literal [$($scope:ident)*];)*) => {
        /// A fact that the caller or the tables supply.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Fact { $($variant),* }

        impl Fact {
            pub const ALL: &[Fact] = &[$(Fact::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name),* }
            }

            pub fn chinese(self) -> &'static str {
                match self { $(Fact::$variant => $chinese),* }
            }

            pub fn kind(self) -> Kind {
                match self { $(Fact::$variant => Kind::$kind),* }
            }

            /// The scopes in which it is known; `Case` includes all scopes of a case,
            /// `Institution` includes the ladder's rungs.
            pub fn known_in(self, scope: Scope) -> bool {
                let scopes: &[Scope] = match self { $(Fact::$variant => &[$(Scope::$scope),*]),* };
                scopes.iter().any(|known| *known == scope || match known {
                    Scope::Case => matches!(scope, Scope::Points | Scope::Amount | Scope::CaseBand),
                    Scope::Institution => scope == Scope::Rung,
                    _ => false,
                })
            }
        }
    };
}

facts! {
    Fee "fee" Money "医疗总费用" [Case];
    Excluded "excluded" Money "除外支付" [Case];
    Charge "charge" Money "病组费用（总费用减除外）" [Case];
    Patient "patient" Money "个人支付" [Case];
    OtherFunds "other_funds" Money "其他基金支付" [Case];
    ItemFund "item_fund" Money "按项目记账" [Case];
    Days "days" Number "住院天数" [Case];
    Level "level" Text "医疗机构级别" [Case];
    Insurance "insurance" Text "险种" [Case];
    Pool "pool" Text "统筹池" [Case Pool Institution];
    Institution "institution" Text "医疗机构" [Case Institution];
    Year "year" Text "年度" [Case Pool Institution];
    Grouped "grouped" Text "分组结果" [Case];
    Group "group" Text "组号" [Case];
    DayClass "day_class" Text "床日类别" [Case];
    Weight "weight" Number "组权重或点数" [Case];
    MeanFee "mean_fee" Money "本级别组均费用" [Case];
    MeanFeeAll "mean_fee_all" Money "全市组均费用" [Case];
    MedianFee "median_fee" Money "组中位费用" [Case];
    MeanDays "mean_days" Number "组均住院天数" [Case];
    AuxiliaryFactor "auxiliary_factor" Number "辅助目录系数" [Case];
    Decided "decided" Text "特例单议决定" [Case];
    DecidedAmount "decided_amount" Money "议定金额" [Case];
    DecidedPoints "decided_points" Number "议定点数" [Case];
    PointValue "point_value" Money "点值或费率" [Case];
    Points "points" Number "结算点数" [Points Institution];
    Amount "amount" Money "支付金额" [Amount];
    From "from" Number "本档下限" [CaseBand Rung];
    To "to" Number "本档上限" [CaseBand Rung];
    Cases "cases" Number "病例数" [Institution];
    Due "due" Money "应付" [Institution];
    Shared "shared" Money "分得基金" [Institution];
    Entitled "entitled" Money "应得基金" [Institution];
    Booked "booked" Money "记账基金" [Institution];
    Budget "budget" Money "预算" [Pool Institution];
}

/// A name in a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Fact(Fact),
    /// `[[param]]` number n.
    Param(usize),
    /// `[[value]]` number n.
    Value(usize),
    /// `[[fact]]` number n.
    Declared(usize),
    /// `flag.x`: whether the group carries the flag.
    GroupFlag(Arc<str>),
}

/// A resolved formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    Number(Fraction),
    Text(Arc<str>),
    Flag(bool),
    Name(Name),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    OneOf(Box<Expr>, Vec<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Min(Vec<Expr>),
    Max(Vec<Expr>),
    Floor(Box<Expr>),
    /// To so many decimals (of 元 where it is money).
    RoundTo(Box<Expr>, u32, Kind),
    /// `per_day(class)`: the price of the days by `[[per_day]]`.
    PerDay(Box<Expr>),
}

/// A formula with its text, for the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Formula {
    pub text: Arc<str>,
    pub expr: Expr,
    pub kind: Kind,
}

/// A value while a formula is worked out. Money is in 分.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Val {
    Money(Fraction),
    Number(Fraction),
    Text(Arc<str>),
    Flag(bool),
}

impl Val {
    pub fn fraction(&self) -> Fraction {
        match self {
            Val::Money(number) | Val::Number(number) => number.clone(),
            Val::Text(_) | Val::Flag(_) => unreachable!("kinds are checked when the plan is read"),
        }
    }

    pub fn flag(&self) -> bool {
        matches!(self, Val::Flag(true))
    }

    pub fn text(&self) -> &str {
        match self {
            Val::Text(text) => text,
            _ => "",
        }
    }
}
