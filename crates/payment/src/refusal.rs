//! 拒绝: why a case cannot be priced, in order of precedence. The rest of a file goes on.

use terms::{Date, Fen};

/// A case that cannot be priced as it stands, with the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The case was grouped by another scheme or version than the plan prices.
    #[error(
        "case {case} was grouped by {got}, the plan “{plan}” prices {wants}: \
         group it again or price it with the plan of that scheme"
    )]
    WrongScheme {
        /// Case.
        case: String,
        /// Plan.
        plan: String,
        /// Scheme and version of the case.
        got: String,
        /// Scheme and version that the plan prices.
        wants: String,
    },
    /// The governing date lies outside of the plan's period.
    #[error("case {case} is governed by {date}, the plan “{plan}” is in force {period}: take the plan of that date")]
    OutOfForce {
        /// Case.
        case: String,
        /// Plan.
        plan: String,
        /// Date.
        date: Date,
        /// Period in words.
        period: String,
    },
    /// No pool takes the insurance type.
    #[error("case {case}: no pool of the plan takes insurance type {insurance}; add it to a [[pool]]")]
    NoPool {
        /// Case.
        case: String,
        /// 险种.
        insurance: String,
    },
    /// The amounts of the case contradict one another.
    #[error("case {case}: {what} is {amount} 元, {limit}")]
    BadAmount {
        /// Case.
        case: String,
        /// Which amount.
        what: &'static str,
        /// Its value.
        amount: Fen,
        /// What it should be.
        limit: &'static str,
    },
    /// The group is not in the weights table.
    #[error("case {case}: group “{group}” is not in {table} on {date}; is it another scheme's group?")]
    UnknownGroup {
        /// Case.
        case: String,
        /// Group.
        group: String,
        /// File.
        table: String,
        /// Date.
        date: Date,
    },
    /// The auxiliary row is not in the auxiliary table.
    #[error("case {case}: group “{group}” has no auxiliary row “{auxiliary}” in {table}")]
    UnknownAuxiliary {
        /// Case.
        case: String,
        /// Group.
        group: String,
        /// Row.
        auxiliary: String,
        /// File.
        table: String,
    },
    /// A formula asks for something that the tables or the case do not say.
    #[error("case {case}: {needed_by} needs {what}; {way_out}")]
    Missing {
        /// Case, or what else was worked on.
        case: String,
        /// The rule that asks.
        needed_by: String,
        /// What is missing, with its keys.
        what: String,
        /// What to do.
        way_out: &'static str,
    },
    /// No route takes the case.
    #[error("case {case} ({status}, group “{group}”) is taken by no [[route]] of the plan “{plan}”; add one")]
    NoRoute {
        /// Case.
        case: String,
        /// Plan.
        plan: String,
        /// Grouping status.
        status: &'static str,
        /// Group.
        group: String,
    },
    /// A quotient by zero.
    #[error("case {case}: {rule} divides by zero in “{formula}”")]
    DivisionByZero {
        /// Case.
        case: String,
        /// Rule.
        rule: String,
        /// Formula.
        formula: String,
    },
    /// A number too large to be money or points.
    #[error("case {case}: {rule} gives a number too large to be kept")]
    TooLarge {
        /// Case.
        case: String,
        /// Rule.
        rule: String,
    },
    /// Two cases with one id.
    #[error("case {case} is there twice; a case is priced and paid once")]
    Twice {
        /// Case.
        case: String,
    },
    /// The plan has no rule for a month or year.
    #[error("the plan “{plan}” has no [{section}]: say there how it is settled")]
    NoRule {
        /// Plan.
        plan: String,
        /// Section.
        section: &'static str,
    },
    /// No budget for the pool and year.
    #[error("pool “{pool}” has no [[budget]] for {year}; add one to the plan")]
    NoBudget {
        /// Pool.
        pool: String,
        /// Year.
        year: i16,
    },
    /// The budget does not cover what is paid outside of the sharing.
    #[error("pool “{pool}” {year}: {outside} 元 are paid outside of the sharing, the budget is {budget} 元")]
    BudgetTooSmall {
        /// Pool.
        pool: String,
        /// Year.
        year: i16,
        /// Budget.
        budget: Fen,
        /// Paid outside.
        outside: Fen,
    },
    /// Points that nothing can be shared by.
    #[error("{subject}: the points sum to {points}; they must be above zero to share money by them")]
    NoPoints {
        /// Pool or institution.
        subject: String,
        /// Σ points.
        points: String,
    },
    /// A share or factor outside of its range.
    #[error("{subject}: {what} is {value}; it must lie between 0 and 1")]
    BadShare {
        /// Pool or institution.
        subject: String,
        /// Which.
        what: &'static str,
        /// Value.
        value: String,
    },
    /// Nothing is left of a history after dropping extremes.
    #[error("{given} figures, and {dropped} are to be dropped: at least one must remain")]
    NoHistory {
        /// How many were given.
        given: usize,
        /// How many are dropped.
        dropped: usize,
    },
}

impl Refusal {
    /// A short stable code for tables and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::WrongScheme { .. } => "wrong_scheme",
            Refusal::OutOfForce { .. } => "out_of_force",
            Refusal::NoPool { .. } => "no_pool",
            Refusal::BadAmount { .. } => "bad_amount",
            Refusal::UnknownGroup { .. } => "unknown_group",
            Refusal::UnknownAuxiliary { .. } => "unknown_auxiliary",
            Refusal::Missing { .. } => "missing",
            Refusal::NoRoute { .. } => "no_route",
            Refusal::DivisionByZero { .. } => "division_by_zero",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::Twice { .. } => "twice",
            Refusal::NoRule { .. } => "no_rule",
            Refusal::NoBudget { .. } => "no_budget",
            Refusal::BudgetTooSmall { .. } => "budget_too_small",
            Refusal::NoPoints { .. } => "no_points",
            Refusal::BadShare { .. } => "bad_share",
            Refusal::NoHistory { .. } => "no_history",
        }
    }
}
