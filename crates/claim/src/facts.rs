//! 事实: visits, lines, settlements, as recorded.

use std::collections::BTreeMap;
use terms::{
    Date, DateTime, Fen, InstitutionId, ItemCode, LineNo, MessageId, PersonId, Quantity, Ratio, SettlementId,
    UnitPrice, VisitId,
};

/// 其余字段. Further texts by their national field name in lower case.
pub type Fields = BTreeMap<String, String>;

/// 签到: an operator of an institution at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// 签到编号, issued by the centre.
    pub sign_no: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 操作员编号.
    pub opter_no: String,
    /// 签到 MAC 地址.
    pub mac: String,
    /// 签到 IP 地址.
    pub ip: String,
    /// 签到时间.
    pub sign_time: DateTime,
    /// 签退时间, once signed out.
    pub sign_out_time: Option<DateTime>,
}

/// 就诊形式: which journey opens the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// 门诊, also at a pharmacy.
    Outpatient,
    /// 住院.
    Stay,
}

impl Form {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        if self == Form::Stay { "stay" } else { "outpatient" }
    }

    pub(crate) fn from_text(text: &str) -> Option<Form> {
        [Form::Outpatient, Form::Stay].into_iter().find(|form| form.as_str() == text)
    }
}

/// 就诊状态. Whether a visit is settled is told by its settlements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitState {
    /// 已挂号: a shell, not yet begun and unknown to the law.
    Registered,
    /// 已受理: begun.
    Begun,
    /// 已撤销: withdrawn; it never happened as far as the law is concerned.
    Withdrawn,
}

impl VisitState {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            VisitState::Registered => "registered",
            VisitState::Begun => "begun",
            VisitState::Withdrawn => "withdrawn",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<VisitState> {
        [VisitState::Registered, VisitState::Begun, VisitState::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// 就诊.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID, issued by the centre.
    pub mdtrt_id: VisitId,
    /// Order of beginning within the person, from 1; 0 before it begins.
    pub seq: i64,
    /// 状态.
    pub state: VisitState,
    /// 形式.
    pub form: Form,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 住院/门诊号.
    pub label: String,
    /// 医疗类别; empty before it begins.
    pub med_type: String,
    /// 险种类型.
    pub insutype: String,
    /// 开始时间.
    pub begntime: DateTime,
    /// 出院时间, once discharged.
    pub endtime: Option<DateTime>,
    /// What the law is told besides (`dise_codg`, `trum_flag`, …).
    pub fields: Fields,
    /// What the law fixed when the visit began.
    pub kept: Fields,
    /// What only the institution and its readers need (department, bed, doctor, …).
    pub particulars: Fields,
    /// 报文ID of the message that opened it.
    pub msgid: MessageId,
}

/// 诊断.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// 出入院诊断类别: 1 on admission or outpatient, 2 on discharge.
    pub inout_diag_type: String,
    /// 诊断排序号; a diagnosis sent again under the same number replaces the former.
    pub diag_srt_no: i64,
    /// 诊断类别.
    pub diag_type: String,
    /// 主诊断标志.
    pub maindiag_flag: String,
    /// 诊断代码.
    pub diag_code: String,
    /// 诊断名称.
    pub diag_name: String,
    /// 有效标志: 0 takes the diagnosis back.
    pub vali_flag: String,
    /// Department, doctor, time and the like.
    pub fields: Fields,
}

/// 费用明细 with its split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 费用明细流水号.
    pub feedetl_sn: LineNo,
    /// 目录编码.
    pub med_list_codg: ItemCode,
    /// 费用发生时刻.
    pub fee_ocur_time: DateTime,
    /// 数量.
    pub cnt: Quantity,
    /// 单价.
    pub pric: UnitPrice,
    /// 明细项目费用总额.
    pub amount: Fen,
    /// 医院审批标志.
    pub hosp_appr_flag: String,
    /// 原费用流水号, for a refund line.
    pub init_feedetl_sn: Option<LineNo>,
    /// 可用量 fixed when the line arrived.
    pub allowance: Option<Quantity>,
    /// A 全自费金额.
    pub fulamt_ownpay_amt: Fen,
    /// B 超限价金额.
    pub overlmt_amt: Fen,
    /// C 先行自付金额.
    pub preselfpay_amt: Fen,
    /// I 符合政策范围金额.
    pub inscp_scp_amt: Fen,
    /// 先行自付比例.
    pub selfpay_prop: Ratio,
    /// 定价上限, as text.
    pub pric_uplmt_amt: String,
    /// 收费项目等级.
    pub chrgitm_lv: String,
    /// Further texts of the line, and the submitted texts of quantity and price.
    pub fields: Fields,
}

/// 结算 or its 撤销, as recorded. A reversal has its own number, names what it reverses,
/// and every amount is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID, issued by the centre.
    pub setl_id: SettlementId,
    /// Order within the person, from 1, reversals included.
    pub seq: i64,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// The settlement that this one reverses.
    pub reverses: Option<SettlementId>,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 险种类型.
    pub insutype: String,
    /// 医疗类别.
    pub med_type: String,
    /// 结算时刻.
    pub setl_time: DateTime,
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// F 基金支付总额.
    pub fund_pay_sumamt: Fen,
    /// W 个人账户支出.
    pub acct_pay: Fen,
    /// X 个人现金支出.
    pub psn_cash_pay: Fen,
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// 清算经办机构.
    pub clr_optins: String,
    /// 报文ID of the message that settled.
    pub msgid: MessageId,
    /// 政策版本: hash of the law that decided.
    pub policy: String,
    /// The decision as JSON, letter by letter as it was made.
    pub decision: String,
    /// What only the institution and its readers need (invoice, certificate, operator, …).
    pub particulars: Fields,
}

/// 病历: everything this room knows of a person that the law asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Visits in order of beginning, shells first, withdrawn ones included.
    pub visits: Vec<Visit>,
    /// Settlements and reversals, in order.
    pub settlements: Vec<Settlement>,
    /// 累计, by key.
    pub totals: BTreeMap<String, i64>,
}

impl History {
    /// The order number of the next visit to begin.
    #[must_use]
    pub fn next_visit(&self) -> i64 {
        self.visits.iter().map(|visit| visit.seq).max().unwrap_or(0) + 1
    }

    /// The order number of the next settlement or reversal.
    #[must_use]
    pub fn next_settlement(&self) -> i64 {
        self.settlements.last().map_or(0, |last| last.seq) + 1
    }

    /// Whether a settlement has been reversed.
    #[must_use]
    pub fn is_reversed(&self, setl_id: &SettlementId) -> bool {
        self.settlements.iter().any(|row| row.reverses.as_ref() == Some(setl_id))
    }

    /// The settlement of a visit that stands, if there is one.
    #[must_use]
    pub fn settled(&self, mdtrt_id: &VisitId) -> Option<&Settlement> {
        let mut own = self.settlements.iter().rev();
        own.find(|row| row.mdtrt_id == *mdtrt_id && row.reverses.is_none() && !self.is_reversed(&row.setl_id))
    }
}

/// 对账合计: what an institution's settlements of one kind add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// 结算笔数.
    pub count: i64,
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// F 基金支付总额.
    pub fund_pay_sumamt: Fen,
    /// W 个人账户支出.
    pub acct_pay: Fen,
    /// X 个人现金支出.
    pub psn_cash_pay: Fen,
}

/// 结算合计 by 险种 and 清算类别, over settlement time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledSums {
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// How many of the rows are reversals.
    pub reversals: i64,
    /// Settlements and reversals together.
    pub sums: Sums,
}

/// 结算索引: which settlement or reversal, as clearing looks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledRow {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// The settlement that it reverses.
    pub reverses: Option<SettlementId>,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// 结算时刻.
    pub setl_time: DateTime,
    /// F 基金支付总额.
    pub fund_pay_sumamt: Fen,
}

/// 对账明细: one settlement or reversal as both sides compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// 报文ID.
    pub msgid: MessageId,
    /// Whether it is a reversal (退费结算标志).
    pub refund: bool,
    /// 结算时刻.
    pub setl_time: DateTime,
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// F 基金支付总额.
    pub fund_pay_sumamt: Fen,
    /// W 个人账户支出.
    pub acct_pay: Fen,
    /// X 个人现金支出.
    pub psn_cash_pay: Fen,
}

/// 病案首页 (4401) or 医嘱 (4402), kept as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 交易编号 of the message that brings it: `4401`, `4402`.
    pub kind: String,
    /// The institution's own number: 就医流水号, and of an order its number besides.
    pub number: String,
    /// 人员编号; empty for somebody who is not insured here.
    pub psn_no: PersonId,
    /// 就诊ID; empty for a visit that is not settled here.
    pub mdtrt_id: VisitId,
    /// When it arrived.
    pub sent_at: DateTime,
    /// 报文ID.
    pub msgid: MessageId,
    /// The content, compressed by the caller.
    pub content: Vec<u8>,
}

/// 交换文件: what an institution sent (9101), or what was made for it to fetch (9102).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// 文件查询号, issued by the centre.
    pub file_qury_no: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 文件名.
    pub filename: String,
    /// The bytes, usually a zip.
    pub bytes: Vec<u8>,
    /// 下载截止时间.
    pub kept_until: DateTime,
}

/// 对账记录: what 3201 or 3202 came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Its number, issued by the centre.
    pub reconciliation_id: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 交易编号: 3201 or 3202.
    pub infno: String,
    /// 开始日期.
    pub begndate: Date,
    /// 结束日期.
    pub enddate: Date,
    /// 清算类别.
    pub clr_type: String,
    /// 险种类型; empty of 3202.
    pub insutype: String,
    /// What differs, in words; nothing when both sides are equal.
    pub differences: Vec<String>,
    /// When.
    pub made_at: DateTime,
}
