//! 说明与报表: why a case was cleared as it was, and a month or year as tables that the rim writes
//! as xlsx or CSV.

use clearing::{Cleared, Month, Statement};
use db::Tx;
use grouping::{Explained, Grouper};
use payment::{PoolYear, Priced};
use serde::{Deserialize, Serialize};
use terms::{Fen, InstitutionId};

use super::statement::Figures;
use crate::JourneyError;
use crate::record::Sealed;

/// 分组 of a case, as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    /// 分组方案.
    pub scheme: String,
    /// 方案版本.
    pub version: String,
    /// From the first level down: level, code, name.
    pub path: Vec<(String, String, String)>,
    /// Name of the group.
    pub name: String,
    /// Severity classes that stand after exclusion.
    pub severity: Vec<String>,
    /// Fields that the scheme needs and the list lacks, or has wrong.
    pub fields: Vec<String>,
    /// The whole way, for people.
    pub trace: String,
}

impl Grouping {
    pub(super) fn of(grouper: &Grouper, explained: &Explained) -> Grouping {
        let answer = &explained.answer;
        let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        let path = grouper.path(answer).into_iter();
        Grouping {
            scheme: grouper.scheme().id.clone(),
            version: grouper.scheme().version.clone(),
            path: path.map(|(level, code, name)| (level.to_owned(), code.to_owned(), name.to_owned())).collect(),
            name: grouper.groups(answer).name.to_owned(),
            severity: texts(grouper.severity_names(answer.severity)),
            fields: texts(grouper.field_names(answer.fields)),
            trace: explained.to_string(),
        }
    }
}

/// Why a case was cleared as it was: what was priced, how it was grouped, each step of the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseExplanation {
    /// What was priced.
    pub case: payment::Case,
    /// How it was grouped.
    pub grouping: Grouping,
    /// The price.
    pub price: Priced,
}

/// The explanation of a cleared case.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn case_explanation(row: &Cleared) -> Result<CaseExplanation, JourneyError> {
    let broken = |error: String| {
        JourneyError::Broken(format!("the explanation of the cleared case {} cannot be read: {error}", row.setl_id))
    };
    let body = Sealed::expand(&row.explanation).map_err(broken)?;
    serde_json::from_value(body).map_err(|error| broken(error.to_string()))
}

/// 月清算 of an institution as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthView {
    /// Its statements with their figures.
    pub statements: Vec<(Statement, Figures)>,
    /// The cases cleared in the month.
    pub cases: Vec<Cleared>,
}

/// 月清算单 of an institution, and the cases behind it.
///
/// # Errors
/// [`JourneyError::Broken`] when a record cannot be read.
pub fn month_view(tx: &mut dyn Tx, institution: &InstitutionId, month: Month) -> Result<MonthView, JourneyError> {
    let statements = clearing::statements(tx, institution, month, month)?;
    let statements = statements.into_iter().map(|row| Ok::<_, JourneyError>((row.clone(), Figures::read(&row)?)));
    Ok(MonthView {
        statements: statements.collect::<Result<_, _>>()?,
        cases: clearing::cases_between(tx, institution, month, month)?,
    })
}

/// A table for people: every cell as text, money in 元.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// 名称.
    pub name: String,
    /// Column headings.
    pub columns: Vec<&'static str>,
    /// Whether a column holds numbers, for writers that tell.
    pub numbers: Vec<bool>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(name: &str, columns: &[(&'static str, bool)]) -> Sheet {
        Sheet {
            name: name.to_owned(),
            columns: columns.iter().map(|(name, _)| *name).collect(),
            numbers: columns.iter().map(|(_, number)| *number).collect(),
            rows: Vec::new(),
        }
    }
}

const STATEMENT: &[(&str, bool)] = &[
    ("清算年月", false),
    ("机构编号", false),
    ("险种", false),
    ("清算类别", false),
    ("清算方式", false),
    ("清算状态", false),
    ("清算申请", false),
    ("结算笔数", true),
    ("其中撤销", true),
    ("医疗费总额", true),
    ("按项目记账基金", true),
    ("个人账户", true),
    ("个人现金", true),
    ("待清算人次", true),
    ("清算人次", true),
    ("点数", true),
    ("病组支付总额", true),
    ("病组基金应付", true),
    ("与按项目之差", true),
    ("质量保证金", true),
    ("待年终清算", true),
    ("病组本月应拨付", true),
    ("案件扣减", true),
    ("项目部分应拨付", true),
    ("应拨付合计", true),
    ("结转下月抵扣", true),
];

const CASE: &[(&str, bool)] = &[
    ("清算年月", false),
    ("机构编号", false),
    ("险种", false),
    ("清算类别", false),
    ("结算ID", false),
    ("缘由", false),
    ("清单版本", true),
    ("分组方案", false),
    ("分组结果", false),
    ("组号", false),
    ("组名", false),
    ("权重或分值", true),
    ("结算点数", true),
    ("医疗总费用", true),
    ("除外支付", true),
    ("病组支付总额", true),
    ("个人支付", true),
    ("其他基金", true),
    ("统筹基金应付", true),
    ("按项目记账", true),
    ("与按项目之差", true),
];

const DEDUCTION: &[(&str, bool)] = &[
    ("清算年月", false),
    ("机构编号", false),
    ("险种", false),
    ("清算类别", false),
    ("案件编号", false),
    ("扣减", true),
];

/// A month as three tables: the statements, the stays behind them, and what audit cases took.
#[must_use]
pub fn sheets(view: &MonthView) -> Vec<Sheet> {
    let mut statements = Sheet::new("月清算单", STATEMENT);
    for (row, figures) in &view.statements {
        let sum =
            |of: fn(&payment::MonthStatement) -> Fen| -> Fen { figures.group.iter().map(|plan| of(&plan.month)).sum() };
        let points = figures.group.iter().fold(terms::Exact::ZERO, |sum, plan| sum + plan.month.points);
        statements.rows.push(vec![
            row.month.to_string(),
            row.fixmedins_code.0.clone(),
            row.insutype.clone(),
            row.clr_type.clone(),
            row.clr_way.clone(),
            row.state.code().to_owned(),
            figures.clr_appy_evt_id.clone().unwrap_or_default(),
            figures.count.to_string(),
            figures.reversals.to_string(),
            figures.medfee_sumamt.to_string(),
            figures.fund_pay_sumamt.to_string(),
            figures.acct_pay.to_string(),
            figures.psn_cash_pay.to_string(),
            figures.waiting.to_string(),
            figures.group.iter().map(|plan| plan.month.cases).sum::<i64>().to_string(),
            points.to_string(),
            sum(|month| month.payment).to_string(),
            sum(|month| month.due).to_string(),
            figures.difference().to_string(),
            sum(|month| month.deposit).to_string(),
            sum(|month| month.held).to_string(),
            sum(|month| month.payable).to_string(),
            figures.item.deducted.to_string(),
            figures.item.payable.to_string(),
            row.payable.to_string(),
            row.carried.to_string(),
        ]);
    }
    let mut cases = Sheet::new("清算明细", CASE);
    cases.rows.extend(view.cases.iter().map(case_row));
    let mut deductions = Sheet::new("案件扣减", DEDUCTION);
    for (row, figures) in &view.statements {
        deductions.rows.extend(figures.deductions.iter().map(|taken| {
            let key = [row.month.to_string(), row.fixmedins_code.0.clone(), row.insutype.clone(), row.clr_type.clone()];
            key.into_iter().chain([taken.case_id.clone(), taken.amount.to_string()]).collect()
        }));
    }
    vec![statements, cases, deductions]
}

fn case_row(row: &Cleared) -> Vec<String> {
    vec![
        row.month.to_string(),
        row.fixmedins_code.0.clone(),
        row.insutype.clone(),
        row.clr_type.clone(),
        row.setl_id.0.clone(),
        row.cause.code().to_owned(),
        row.list_version.to_string(),
        format!("{} {}", row.scheme, row.scheme_version),
        row.status.clone(),
        row.group_code.clone(),
        row.group_name.clone(),
        row.weight.map_or_else(String::new, |weight| weight.to_string()),
        row.points.to_string(),
        row.fee.to_string(),
        row.excluded.to_string(),
        row.payment.to_string(),
        row.patient.to_string(),
        row.other_funds.to_string(),
        row.fund.to_string(),
        row.item_fund.to_string(),
        row.difference().to_string(),
    ]
}

const YEAR: &[(&str, bool)] = &[
    ("年度", false),
    ("统筹池", false),
    ("机构编号", false),
    ("清算人次", true),
    ("点数", true),
    ("最终点值（元）", true),
    ("应得", true),
    ("按项目记账", true),
    ("结余留用", true),
    ("结余收回", true),
    ("超支分担", true),
    ("超支自负", true),
    ("不参与分配", true),
    ("考核扣减", true),
    ("全年应拨付", true),
    ("已拨付", true),
    ("清算应付", true),
];

/// A year as one table a pool.
#[must_use]
pub fn year_sheets(pools: &[PoolYear]) -> Vec<Sheet> {
    let table = |pool: &PoolYear| {
        let mut sheet = Sheet::new(&format!("年终清算 {}", pool.pool), YEAR);
        let value = pool.point_value.over(terms::Exact::whole(100)).unwrap_or_default();
        for own in &pool.institutions {
            let money = [
                own.entitled,
                own.booked,
                own.retained,
                own.returned,
                own.overspend_shared,
                own.overspend_borne,
                own.outside,
                own.withheld,
                own.payable,
                own.prepaid,
                own.balance_due,
            ];
            let head = [
                pool.year.to_string(),
                pool.pool.clone(),
                own.institution.0.clone(),
                own.cases.to_string(),
                own.points.to_string(),
                value.to_string(),
            ];
            sheet.rows.push(head.into_iter().chain(money.map(|amount| amount.to_string())).collect());
        }
        sheet
    };
    pools.iter().map(table).collect()
}
