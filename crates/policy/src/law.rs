//! 法: the compiled law of a region, ready to be evaluated.

use std::sync::Arc;

use crate::expr::{Expr, Type};
use crate::format::ExampleFile;
use crate::names::Owner;
use crate::table::Table;

/// When a rule is asked: at which step of a visit's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Stage {
    /// 受理.
    Visit,
    /// 费用上传, line by line.
    Fees,
    /// 费用撤销, line by line.
    FeesCancel,
    /// 出院.
    Discharge,
    /// 结算 and 预结算.
    Settle,
    /// 撤销结算.
    Reverse,
    /// 备案.
    Filing,
    /// 备案撤销.
    FilingCancel,
    /// The split of one line (not a step of its own).
    Line,
}

impl Stage {
    /// By its name in policy files.
    #[must_use]
    pub fn named(name: &str) -> Option<Stage> {
        Some(match name {
            "visit" => Stage::Visit,
            "fees" => Stage::Fees,
            "fees_cancel" => Stage::FeesCancel,
            "discharge" => Stage::Discharge,
            "settle" => Stage::Settle,
            "reverse" => Stage::Reverse,
            "filing" => Stage::Filing,
            "filing_cancel" => Stage::FilingCancel,
            _ => return None,
        })
    }
}

/// A formula with the text it was written as.
#[derive(Debug, Clone)]
pub struct Formula {
    /// What to evaluate.
    pub expr: Expr,
    /// What it yields.
    pub kind: Type,
    /// As the clerk wrote it.
    pub text: Arc<str>,
    /// The names in it that the trace shows.
    pub operands: Vec<Operand>,
}

/// A name in a formula, as the trace shows it.
#[derive(Debug, Clone)]
pub struct Operand {
    /// As the formula writes it.
    pub id: Arc<str>,
    /// 中文名, or empty.
    pub name: Arc<str>,
    /// English name, or empty.
    pub english: Arc<str>,
    /// What it stands for.
    pub expr: Expr,
}

/// One case of a value.
#[derive(Debug, Clone)]
pub struct Case {
    /// When it applies; `None` always.
    pub when: Option<Formula>,
    /// What it yields.
    pub then: Formula,
    /// The article of this case, or empty.
    pub article: Arc<str>,
}

/// 取值: a named formula; the first case that applies gives its value.
#[derive(Debug, Clone)]
pub struct Value {
    /// Its name in formulas.
    pub id: Arc<str>,
    /// 中文名.
    pub name: Arc<str>,
    /// English name, or empty.
    pub english: Arc<str>,
    /// Article.
    pub article: Arc<str>,
    /// What it yields.
    pub kind: Type,
    /// Cases in order.
    pub cases: Vec<Case>,
    /// Whether the trace leaves it out.
    pub quiet: bool,
    /// Whether it depends on a line, a giver or the running sum of layers, so that it is
    /// worked out anew each time it is asked for.
    pub volatile: bool,
}

/// Which of the person's lists a look-up searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindSource {
    /// 参保记录.
    Coverage,
    /// 身份.
    Identities,
    /// 备案 that are not cancelled.
    Filings,
    /// 就诊.
    Visits,
    /// 结算 that stand.
    Settlements,
}

/// 查找: finds one row of a list.
#[derive(Debug, Clone)]
pub struct Find {
    /// Its name in formulas.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// Article.
    pub article: String,
    /// Where it looks.
    pub source: FindSource,
    /// Which rows fit.
    pub condition: Formula,
    /// Of several, the one with the smallest of these…
    pub first_by: Vec<Formula>,
    /// …or the largest of these.
    pub last_by: Vec<Formula>,
}

/// 参保段: how coverage rows join into segments.
#[derive(Debug, Clone)]
pub struct Segments {
    /// Schemes whose segments count for each other.
    pub schemes: Vec<String>,
    /// 参保状态 that count as coverage.
    pub status: Vec<String>,
    /// The date that the current segment covers.
    pub on: Formula,
}

/// 费用分解: how a line is split.
#[derive(Debug, Clone)]
pub struct LineSplit {
    /// Article.
    pub article: Arc<str>,
    /// Which date finds the catalogue row.
    pub catalogue_date: Formula,
    /// 收费项目等级 shown when no row is in force.
    pub level_without_row: String,
    /// Whether the whole line is the person's.
    pub wholly_self_paid: Formula,
    /// Key of the price ceiling.
    pub ceiling_key: Formula,
    /// 先行自付比例.
    pub self_pay_ratio: Formula,
}

/// Which part of the lines is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// The amount.
    Amount,
    /// A.
    FullSelfPay,
    /// B.
    OverLimit,
    /// C.
    PreSelfPay,
    /// I.
    InScope,
}

/// 行合计: a sum over some of the lines.
#[derive(Debug, Clone)]
pub struct LineSum {
    /// Its name in formulas.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// Article.
    pub article: String,
    /// Which part.
    pub part: Piece,
    /// Which lines.
    pub condition: Formula,
}

/// What a limit limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitOn {
    /// What the layer pays.
    Payment,
    /// The fee that it prices.
    Fee,
}

/// 限额.
#[derive(Debug, Clone)]
pub struct Limit {
    /// 中文名.
    pub name: Arc<str>,
    /// Article.
    pub article: Arc<str>,
    /// When it applies.
    pub when: Option<Formula>,
    /// What is left of it.
    pub remaining: Formula,
    /// Of what.
    pub on: LimitOn,
}

/// Where the products of a layer's bands are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Once, after they are added.
    Total,
    /// Each band.
    Band,
    /// Each band's personal share; the fund pays the rest.
    BandShare,
}

/// Whose account a layer draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// 本人.
    Own,
    /// 共济授权人, in order.
    Givers,
}

/// 支付层: one fund (or account) of the stack.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its name in formulas.
    pub id: Arc<str>,
    /// 中文名.
    pub name: Arc<str>,
    /// English name, or empty.
    pub english: Arc<str>,
    /// Article.
    pub article: Arc<str>,
    /// The interface's field that takes the payment (`hifp_pay`, …); `None` for accounts.
    pub pays: Option<String>,
    /// Whose account, for an account layer.
    pub account: Option<AccountKind>,
    /// 基金支付类型.
    pub fund: Formula,
    /// When it applies.
    pub when: Option<Formula>,
    /// What amount it takes.
    pub input: Formula,
    /// Where on a running total the input begins.
    pub from: Option<Formula>,
    /// Only what lies above this on the running total is priced.
    pub threshold: Option<Formula>,
    /// Whether band edges are measured from zero rather than from the threshold.
    pub bands_from_zero: bool,
    /// The band table.
    pub bands: Option<usize>,
    /// The ratio; `base` is the band's.
    pub ratio: Option<Formula>,
    /// Limits, all of which hold.
    pub limits: Vec<Limit>,
    /// Where products are rounded.
    pub rounding: Rounding,
    /// For givers: the date on which authorisations must be in force.
    pub on: Option<Formula>,
    /// For givers: the accumulator of each authorisation.
    pub giver_total: Option<usize>,
}

/// 累计.
#[derive(Debug, Clone)]
pub struct Accumulator {
    /// Its name in formulas and the first part of its key.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// Article.
    pub article: String,
    /// Amount or number.
    pub kind: Type,
    /// The parts of its key.
    pub key: Vec<Formula>,
    /// When a settlement adds.
    pub when: Option<Formula>,
    /// What a settlement adds; `None` when a giver layer does it.
    pub add: Option<Formula>,
}

/// 留存: a value kept with the visit or the settlement for later ones.
#[derive(Debug, Clone)]
pub struct Keep {
    /// Its name.
    pub id: String,
    /// Kept with the visit ([`Stage::Visit`]) or the settlement ([`Stage::Settle`]).
    pub at: Stage,
    /// When.
    pub when: Option<Formula>,
    /// What.
    pub value: Formula,
}

/// 拒绝: one refusal; files list them in order of precedence.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The region's code.
    pub code: String,
    /// At which step.
    pub at: Stage,
    /// When.
    pub when: Formula,
    /// Whether it is asked of each line rather than once of the visit.
    pub per_line: bool,
    /// Words with `{formula}` places.
    pub says: Vec<Says>,
    /// Article.
    pub article: String,
}

/// A piece of a refusal's words.
#[derive(Debug, Clone)]
pub enum Says {
    /// As it stands.
    Words(String),
    /// The value of a formula.
    Show(Formula),
}

/// 医院负担.
#[derive(Debug, Clone)]
pub struct HospitalShare {
    /// 中文名.
    pub name: String,
    /// Article.
    pub article: String,
    /// How much.
    pub amount: Formula,
    /// Its row type in `setldetail`.
    pub fund: Formula,
}

/// A band as looked up: its upper edge (none for the last) and its ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Upper edge, in 分 or a number.
    pub upto: Option<terms::Exact>,
    /// The ratio.
    pub ratio: terms::Exact,
}

/// 法: a region's whole policy, compiled.
#[derive(Debug)]
pub struct Law {
    pub(crate) hash: String,
    /// 名称.
    pub title: String,
    /// English title.
    pub english: String,
    /// Dated tables.
    pub tables: Vec<Table>,
    /// Named formulas.
    pub values: Vec<Value>,
    /// Look-ups.
    pub finds: Vec<Find>,
    /// How coverage joins.
    pub segments: Option<Segments>,
    /// How lines split.
    pub line_split: LineSplit,
    /// Sums over lines.
    pub line_sums: Vec<LineSum>,
    /// Layers, in the order of `[pipeline]`.
    pub layers: Vec<Layer>,
    /// 起付 as answered.
    pub act_pay_dedc: Formula,
    /// 统筹支付比例 as answered.
    pub pool_prop_selfpay: Formula,
    /// The hospital's share.
    pub hospital_share: Option<HospitalShare>,
    /// Running totals.
    pub accumulators: Vec<Accumulator>,
    /// Kept values.
    pub keeps: Vec<Keep>,
    /// Refusals in order of precedence.
    pub refusals: Vec<Refusal>,
    /// Declared attributes.
    pub attributes: Vec<(Owner, String, Type)>,
    /// Worked examples with the name of their file and their line.
    pub examples: Vec<(String, usize, ExampleFile)>,
}

impl Law {
    /// The version's hash (SHA-256 over the files' names and texts), hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}
