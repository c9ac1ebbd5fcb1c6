//! 就诊: a visit as the hospital's own system knows it, from the door to the bill.
//! Diagnoses, operations and the way of discharge are complete enough for a settlement list.

use std::sync::Arc;

use terms::{DateTime, Fen, Quantity, UnitPrice};

use crate::chart::Chart;
use crate::person::Person;
use crate::plan::Kind;
use crate::region::{Department, Doctor, Institution, Term};

/// 诊断.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitDiagnosis {
    /// 诊断代码.
    pub code: String,
    /// 诊断名称.
    pub name: String,
    /// 主诊断.
    pub main: bool,
    /// 入院病情 `adm_cond_type`: 1 present, 2 not confirmed, 3 unknown, 4 absent.
    pub on_admission: &'static str,
}

impl VisitDiagnosis {
    /// A diagnosis that was there on admission.
    pub(crate) fn new(term: &Term, main: bool) -> VisitDiagnosis {
        VisitDiagnosis { code: term.code.clone(), name: term.name.clone(), main, on_admission: "1" }
    }
}

/// 手术操作.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitProcedure {
    /// 操作代码.
    pub code: String,
    /// 操作名称.
    pub name: String,
    /// 开始时间.
    pub time: DateTime,
    /// 结束时间.
    pub end: DateTime,
    /// 麻醉方式; empty: none.
    pub anaesthesia: &'static str,
    /// 术者.
    pub surgeon: Doctor,
    /// 麻醉医师, where there was one.
    pub anaesthetist: Option<Doctor>,
}

/// 费用明细行.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 明细流水号 `feedetl_sn`, unique in the visit.
    pub number: u32,
    /// 目录编码.
    pub code: String,
    /// 名称.
    pub name: String,
    /// 费用发生时间.
    pub time: DateTime,
    /// 数量; negative for a refund.
    pub count: Quantity,
    /// 单价.
    pub price: UnitPrice,
    /// 金额.
    pub amount: Fen,
    /// 医院审批标志 `hosp_appr_flag`: 0, 1 or 2.
    pub approval: &'static str,
    /// 原费用流水号, for a refund.
    pub refund_of: Option<u32>,
    /// Withdrawn before settlement (2205, 2302): keyed in by mistake.
    pub withdrawn: bool,
    /// 用药天数 of a drug taken home, 剂数 of herbal pieces; 0: not prescribed by days.
    pub days: u16,
    /// 药品追溯码: the package that was sold; 0: one of its own.
    pub package: u64,
    /// 规则序号: the rule that this line was made to break; empty: none.
    pub breaks: &'static str,
    /// Planted by the visit's plot.
    pub planted: bool,
}

/// 外伤: flags of a trauma visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trauma {
    /// 涉及第三方.
    pub third_party: bool,
}

/// 转诊: the local hospital that refers the patient, before the visit begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// The hospital that files it.
    pub by: Arc<Institution>,
    /// When.
    pub at: DateTime,
}

/// 经过: how the settlement of the visit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Course {
    /// Settled once.
    Plain,
    /// The patient leaves after registering (2202).
    Leaves,
    /// Settled, reversed (2208, 2305, 2103) and settled again.
    Reversed,
    /// The answer to the settlement is taken as lost: 2601, then settled again.
    TimedOut,
}

/// 就诊.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// 门诊号或住院号, unique inside the institution.
    pub label: String,
    /// 类别.
    pub kind: Kind,
    /// 患者.
    pub person: Arc<Person>,
    /// 机构.
    pub institution: Arc<Institution>,
    /// 险种 under which it is reported.
    pub scheme: &'static str,
    /// 人员类别.
    pub person_type: &'static str,
    /// 就诊或入院时间.
    pub begin: DateTime,
    /// 出院时间; the end of the consultation otherwise.
    pub end: DateTime,
    /// 结算时间.
    pub settle: DateTime,
    /// 科室.
    pub department: Department,
    /// 医师.
    pub doctor: Doctor,
    /// 床位, for stays.
    pub bed: String,
    /// 病种 (code, name), for chronic visits.
    pub disease: Option<(String, String)>,
    /// 诊断, the main one first.
    pub diagnoses: Vec<VisitDiagnosis>,
    /// 手术操作.
    pub procedures: Vec<VisitProcedure>,
    /// 离院方式 `dscg_way`: 1, 2, 3, 4 or 5.
    pub discharge_way: &'static str,
    /// 病历, for stays.
    pub chart: Option<Chart>,
    /// 结算清单 diagnoses as the coder put them, for stays; those of the chart but for a planted mistake.
    pub coded: Vec<VisitDiagnosis>,
    /// 生育类别 and whether complicated, for deliveries.
    pub delivery: Option<(&'static str, bool)>,
    /// 外伤.
    pub trauma: Option<Trauma>,
    /// 外购处方 at a pharmacy: a pooled purchase.
    pub outside_prescription: bool,
    /// 转诊 filed for this visit.
    pub referral: Option<Referral>,
    /// 慢特病 (code, name) that the hospital files after the visit (2503).
    pub new_filing: Option<(String, String)>,
    /// 费用明细, in the order in which they are keyed in.
    pub lines: Vec<Line>,
    /// 个人账户使用标志: 0, 1 or 2.
    pub account_use: &'static str,
    /// 经过.
    pub course: Course,
    /// 生命体征: days with signs on record, whether they were abnormal on admission, days on leave.
    pub signs: Signs,
    /// 计划内再入院: the stay was planned at an earlier discharge.
    pub planned_again: bool,
    /// 规则序号: the rule that the visit as a whole was made to break; empty: none.
    pub breaks: &'static str,
    /// The city's plot to which the visit belongs, counted from 1; 0: ordinary life.
    pub plot: u32,
}

/// 体征与外出, for stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// 有生命体征记录的天数; `None` where the hospital reports none.
    pub days: Option<u16>,
    /// 入院生命体征异常.
    pub abnormal: bool,
    /// 批准外出天数, not billed.
    pub leave: u16,
}

impl Visit {
    /// 费用总额 of the lines that stay.
    #[must_use]
    pub fn total(&self) -> Fen {
        Fen(self.lines.iter().filter(|line| !line.withdrawn).map(|line| line.amount.0).sum())
    }

    /// 住院类.
    #[must_use]
    pub fn is_stay(&self) -> bool {
        self.kind.is_stay()
    }
}
