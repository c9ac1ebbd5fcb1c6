//! Formulas: a small total language. No loops, no recursion, no side effects; every
//! formula ends, and every name in it was checked before it is ever evaluated.

use terms::{Date, Exact};

use crate::names::Fact;

/// What a formula yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// An amount of money (分).
    Money,
    /// A ratio, a count, a number of days.
    Number,
    /// The literal 0, which may stand for an amount or a number.
    Zero,
    /// Yes or no.
    Flag,
    /// Text, such as a code.
    Text,
    /// A date.
    Date,
    /// A date and time.
    Time,
}

impl Type {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Type::Money => "an amount of money",
            Type::Number => "a number",
            Type::Zero => "zero",
            Type::Flag => "yes/no",
            Type::Text => "a text",
            Type::Date => "a date",
            Type::Time => "a date and time",
        }
    }

    /// The common type of two, if they can stand for each other.
    #[must_use]
    pub fn with(self, other: Type) -> Option<Type> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Type::Zero, b @ (Type::Money | Type::Number)) => Some(b),
            (a @ (Type::Money | Type::Number), Type::Zero) => Some(a),
            _ => None,
        }
    }
}

/// A resolved formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A number, or an amount where [`Type::Zero`] stands for one.
    Number(Exact),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(Date),
    /// A fact the caller supplies.
    Fact(Fact),
    /// A further fact by name: of the visit, person, institution, line, item or coverage.
    Field(crate::names::Owner, String, Type),
    /// A field of the row a look-up is at.
    It(ItField),
    /// `[[value]]` number n.
    Value(usize),
    /// `[[table]]` number n at today's keys.
    Table(usize),
    /// A field of what `[[find]]` number n found.
    Found(usize, ItField),
    /// Something about layer n.
    Layer(usize, LayerPart),
    /// The running total of accumulator n, before this settlement.
    Total(usize),
    /// `[[line_sum]]` number n.
    LineSum(usize),
    /// What `[[keep]]` number n kept with the visit.
    Kept(usize),
    /// Not.
    Not(Box<Expr>),
    /// Minus.
    Minus(Box<Expr>),
    /// Two operands.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// One of a list.
    OneOf(Box<Expr>, Vec<Expr>),
    /// If … then … else ….
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function.
    Call(Function, Vec<Expr>),
    /// Whether a table has a row for today's keys.
    Has(usize),
    /// `[[table]]` number n at the keys given.
    TableAt(usize, Vec<Expr>),
    /// Whether a table has a row for the keys given.
    HasAt(usize, Vec<Expr>),
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// Both.
    And,
    /// Either.
    Or,
    /// Equal.
    Equal,
    /// Not equal.
    Unequal,
    /// Less.
    Less,
    /// At most.
    AtMost,
    /// More.
    More,
    /// At least.
    AtLeast,
    /// Sum.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient.
    Divide,
}

/// A field of a row in one of the person's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItField {
    /// Whether anything was found (of a find), always yes of a row.
    Exists,
    /// How many rows matched.
    Count,
    /// Place in the order of registration.
    Order,
    /// First day.
    Begin,
    /// Last day.
    End,
    /// Time of the visit.
    BeginTime,
    /// Time of discharge.
    EndTime,
    /// Time of settlement.
    SettleTime,
    /// A text by name.
    Text(String),
    /// A declared attribute that is not a text.
    Declared(String, Type),
    /// A yes/no by name (`cancelled`, `settled`, `discharged`, `reversed`, `current`).
    Flag(String),
    /// What a settlement kept, by the number of the `[[keep]]`.
    Kept(usize),
    /// Whether the row's dates cover the argument of `it.covers(date)`.
    Covers(Box<Expr>),
}

/// What a formula may ask of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerPart {
    /// What it pays.
    Paid,
    /// What it would pay without its limits.
    Uncapped,
    /// What it took as input.
    Input,
    /// The part of the input that its bands priced (above its threshold).
    Priced,
    /// The part of the priced input consumed when a limit was reached.
    Consumed,
    /// Priced input beyond the limit.
    Overflow,
    /// The person's share of what was consumed.
    Share,
    /// Priced input in band n (from 1).
    BandFee(u8),
    /// Payment of band n.
    BandPaid(u8),
    /// The person's share in band n.
    BandShare(u8),
}

/// Functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// To 分.
    Round,
    /// To so many decimals.
    RoundTo,
    /// The whole part.
    Floor,
    /// The year of a date as text.
    Year,
    /// The quarter of a date as text, `2026Q1`.
    Quarter,
    /// The month of a date as text, `2026-01`.
    Month,
    /// The date of a time.
    DateOf,
    /// Days from one date to another.
    DaysBetween,
    /// Months completed from one date to another.
    MonthsBetween,
    /// Hours from one time to another, to the second.
    HoursBetween,
    /// Years completed from a birth date to a date.
    Age,
    /// A date so many days later.
    AddDays,
    /// A date so many months later.
    AddMonths,
    /// Whether a text begins with another.
    StartsWith,
    /// The place of a text in a list, from 1; 0 if it is not there.
    PlaceIn,
    /// Whether a fact is missing.
    Missing,
    /// Texts joined, numbers as digits.
    Join,
    /// The number a text writes.
    NumberOf,
    /// The date a text writes.
    DateFrom,
    /// Whether a date is 1 January.
    IsNewYear,
    /// 先行自付比例 of the line's catalogue row for a key.
    ItemSelfPay,
}
