//! 事实: what the law is told. Plain data, gathered by the caller; nothing here is fetched.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{
    Date, DateTime, Fen, FilingId, InstitutionId, ItemCode, LineNo, Period, PersonId, Quantity, Ratio, SettlementId,
    UnitPrice, VisitId,
};

/// 其余字段. Further texts by their national field name in lower case (`dise_codg`,
/// `trum_flag`, `matn_type`, …); a policy reads them as `visit.dise_codg` and so on.
pub type Fields = BTreeMap<String, String>;

/// 年度累计. What has accumulated, by `accumulator/key/…/period`, in 分 or as a count.
pub type Totals = BTreeMap<String, i64>;

/// 参保人: the person as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 出生日期.
    pub brdy: Date,
    /// 性别.
    pub gend: String,
    /// 参保记录, in order of registration.
    pub insu: Vec<Coverage>,
    /// 身份记录.
    pub idents: Vec<Identity>,
    /// Further facts of the person that a region's policy declares.
    #[serde(default)]
    pub fields: Fields,
}

/// 参保记录: one scheme over one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// 险种类型.
    pub insutype: String,
    /// 人员类别.
    pub psn_type: String,
    /// 公务员标志.
    pub cvlserv_flag: String,
    /// 人员参保状态: 1 normal, 2 paused.
    pub psn_insu_stas: String,
    /// 起止.
    #[serde(flatten)]
    pub period: Period,
    /// Further facts of the coverage.
    #[serde(default)]
    pub fields: Fields,
}

/// 人员身份: aid, disability and other identities, dated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// 人员身份类别.
    pub psn_idet_type: String,
    /// 起止.
    #[serde(flatten)]
    pub period: Period,
}

/// 备案: chronic disease, referral, residence, trauma, maternity and whatever a region files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// 备案号.
    pub filing_id: FilingId,
    /// 备案种类, as the region names it (`opsp`, `refl`, `resid`, …).
    pub kind: String,
    /// 起止.
    #[serde(flatten)]
    pub period: Period,
    /// 病种编码, for a disease filing.
    #[serde(default)]
    pub dise_codg: Option<String>,
    /// 行政区划, for an out-of-area filing.
    #[serde(default)]
    pub admdvs: Option<String>,
    /// Whether it has been cancelled.
    #[serde(default)]
    pub cancelled: bool,
}

/// 共济授权: another person's account that this person may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Giver {
    /// 授权人.
    pub giver: PersonId,
    /// 授权起止.
    #[serde(flatten)]
    pub period: Period,
    /// 授权人账户余额.
    pub balc: Fen,
    /// 授权年度限额; `None` is without limit.
    pub year_lmt: Option<Fen>,
}

/// 定点医药机构.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 机构名称.
    pub name: String,
    /// 医保结算等级.
    pub hi_setl_lv: String,
    /// 机构类型: 1 hospital, 2 pharmacy.
    pub fixmedins_type: String,
    /// 机构所在区划.
    pub admdvs: String,
    /// 门慢特 and other yes/no facts and anything a region declares (`opsp_flag`, `opt_pool_flag`, …).
    #[serde(flatten)]
    pub fields: Fields,
    /// 定点起止.
    #[serde(skip)]
    pub period: Option<Period>,
}

/// 限量: how much of an item is paid for, per day or per visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuantityLimit {
    /// `day` or `visit`.
    pub per: String,
    /// 限量.
    pub cnt: Quantity,
}

/// 目录行: one dated row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRow {
    /// 目录编码.
    pub med_list_codg: ItemCode,
    /// 名称.
    pub name: String,
    /// 收费项目等级: 01 甲, 02 乙, 03 丙.
    pub chrgitm_lv: String,
    /// 先行自付比例 by the key the policy names (usually the scheme); `*` serves any other key.
    pub selfpay: BTreeMap<String, Ratio>,
    /// 限价 by the key the policy names (usually the level): the text of the row and its value; `*` serves any other key; absent is no ceiling.
    pub ceiling: BTreeMap<String, (String, UnitPrice)>,
    /// 限制使用标志.
    pub lmt_used_flag: String,
    /// 限量.
    pub qty_lmt: Option<QuantityLimit>,
    /// 个人账户可付标志.
    pub acct_pay_flag: String,
    /// Further facts of the row (`list_type`, `bas_medn_flag`, …).
    pub fields: Fields,
    /// 起止.
    pub period: Period,
}

/// 目录: answers with all dated rows of a code, in order of date.
pub trait Items {
    /// The rows of `code`; empty when no row of any date has it.
    fn rows(&self, code: &str) -> &[CatalogueRow];
}

/// 就诊登记 as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRequest {
    /// The label under which the visit is opened (`ipt_otp_no`, `ipt_no`); a second one is refused by law.
    pub label: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 医疗类别.
    pub med_type: String,
    /// 险种类型.
    pub insutype: String,
    /// 就诊时刻.
    pub begntime: DateTime,
    /// Further texts: `dise_codg`, `trum_flag`, `rel_ttp_flag`, `rx_circ_flag`, …
    pub fields: Fields,
}

/// 就诊: an accepted visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// As it was asked for; discharge adds `dscg_way`, `matn_type`, `cop_flag`, … to its fields.
    pub request: VisitRequest,
    /// 出院时刻, once discharged.
    pub endtime: Option<DateTime>,
    /// What the law fixed when the visit was opened ([`Opening::kept`]).
    pub kept: Fields,
    /// The settlement that stands, if there is one.
    pub settled: Option<SettlementId>,
}

/// 受理: what the law fixes when it accepts a visit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opening {
    /// Values the policy keeps with the visit for its later steps.
    pub kept: Fields,
}

/// 出院 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DischargeRequest {
    /// 出院时刻.
    pub endtime: DateTime,
    /// `dscg_way`, `matn_type`, `cop_flag`, …
    pub fields: Fields,
}

/// 费用明细 as uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRequest {
    /// 费用明细流水号.
    pub feedetl_sn: LineNo,
    /// 目录编码.
    pub med_list_codg: ItemCode,
    /// 费用发生时刻.
    pub fee_ocur_time: DateTime,
    /// 数量; negative for a refund.
    pub cnt: Quantity,
    /// 单价.
    pub pric: UnitPrice,
    /// 明细项目费用总额.
    pub amount: Fen,
    /// 医院审批标志.
    pub hosp_appr_flag: String,
    /// 原费用流水号, for a refund line.
    pub init_feedetl_sn: Option<LineNo>,
    /// Further texts of the line.
    #[serde(default)]
    pub fields: Fields,
}

/// 费用分解 of one line: its four parts, and what was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// A 全自费金额.
    pub fulamt_ownpay_amt: Fen,
    /// B 超限价金额.
    pub overlmt_amt: Fen,
    /// C 先行自付金额.
    pub preselfpay_amt: Fen,
    /// I 符合政策范围金额.
    pub inscp_scp_amt: Fen,
    /// 先行自付比例 that was applied.
    pub selfpay_prop: Ratio,
    /// 定价上限, the text of the catalogue row, or `999999`.
    pub pric_uplmt_amt: String,
    /// 收费项目等级.
    pub chrgitm_lv: String,
}

/// 已分解的费用明细: an uploaded line with its split, as the visit holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedLine {
    /// As uploaded.
    pub line: LineRequest,
    /// 可用量: the quota allowance fixed when the line arrived; `None` without quota.
    pub allowance: Option<Quantity>,
    /// Its parts. The parts of a refund line are differences and may be negative.
    pub split: Split,
}

/// 结算 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleRequest {
    /// 结算时刻.
    pub setl_time: DateTime,
    /// 申报医疗费总额.
    pub medfee_sumamt: Fen,
    /// 个人账户使用标志.
    pub acct_used_flag: String,
    /// 中途结算标志.
    pub mid_setl_flag: String,
}

/// 结算汇总 (第38条 and `nhsa-interface` section 5): the heads of a settlement, in 分.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// A 全自费金额.
    pub fulamt_ownpay_amt: Fen,
    /// B 超限价自费费用.
    pub overlmt_selfpay: Fen,
    /// C 先行自付金额.
    pub preselfpay_amt: Fen,
    /// I 符合政策范围金额.
    pub inscp_scp_amt: Fen,
    /// D 实际支付起付线.
    pub act_pay_dedc: Fen,
    /// 基本医疗保险统筹基金支出.
    pub hifp_pay: Fen,
    /// 基本医疗保险统筹基金支付比例 (not money).
    pub pool_prop_selfpay: Ratio,
    /// 公务员医疗补助资金支出.
    pub cvlserv_pay: Fen,
    /// 企业补充医疗保险基金支出.
    pub hifes_pay: Fen,
    /// 居民大病保险资金支出.
    pub hifmi_pay: Fen,
    /// 职工大额医疗费用补助基金支出.
    pub hifob_pay: Fen,
    /// 医疗救助基金支出.
    pub maf_pay: Fen,
    /// 伤残人员医疗保障基金支出.
    pub hifdm_pay: Fen,
    /// 其他支出.
    pub oth_pay: Fen,
    /// F 基金支付总额.
    pub fund_pay_sumamt: Fen,
    /// P 个人负担总金额.
    pub psn_part_amt: Fen,
    /// W 个人账户支出, mutual aid included.
    pub acct_pay: Fen,
    /// 个人账户共济支付金额.
    pub acct_mulaid_pay: Fen,
    /// X 个人现金支出.
    pub psn_cash_pay: Fen,
    /// Hp 医院负担金额.
    pub hosp_part_amt: Fen,
    /// 余额 of the person's own account afterwards.
    pub balc: Fen,
}

/// 结算基金分项: one row of `setldetail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundPayment {
    /// 基金支付类型.
    pub fund_pay_type: String,
    /// 金额.
    pub fund_payamt: Fen,
}

/// 账户支付: what one person's account gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUse {
    /// Whose account: the person's own, or a giver's.
    pub psn_no: PersonId,
    /// How much.
    pub amount: Fen,
}

/// 结算: everything one settlement decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// 汇总.
    pub heads: Heads,
    /// 基金分项: non-zero rows in ascending order of type.
    pub detail: Vec<FundPayment>,
    /// What is added to the totals; a reversal takes exactly this away again.
    pub adds: Vec<(String, i64)>,
    /// Values the policy keeps with the settlement for later ones (`[[keep]]`).
    pub kept: Fields,
    /// Which accounts gave how much, in order of use.
    pub accounts: Vec<AccountUse>,
    /// Why each fen.
    pub trace: crate::trace::Trace,
}

/// 历史结算: a settlement of the past as later decisions see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastSettlement {
    /// 结算ID.
    pub setl_id: SettlementId,
    /// Which visit.
    pub mdtrt_id: VisitId,
    /// 结算时刻 (ds is its date).
    pub setl_time: DateTime,
    /// Whether it has been reversed.
    pub reversed: bool,
    /// 汇总.
    pub heads: Heads,
    /// 基金分项.
    pub detail: Vec<FundPayment>,
    /// What it added to the totals.
    pub adds: Vec<(String, i64)>,
    /// What it kept.
    pub kept: Fields,
    /// Which accounts gave.
    pub accounts: Vec<AccountUse>,
}

/// 个人档案: all that is known of one person at the moment of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// The person.
    pub person: Person,
    /// 备案, in order of registration, cancelled ones included.
    pub filings: Vec<Filing>,
    /// Accepted visits, in order of opening (withdrawn ones are left out).
    pub visits: Vec<Visit>,
    /// Settlements in order, reversed ones included.
    pub settlements: Vec<PastSettlement>,
    /// 累计.
    pub totals: Totals,
    /// 本人账户余额.
    pub account: Fen,
    /// 共济授权 in their order of use.
    pub givers: Vec<Giver>,
}

/// 撤销: what a reversal decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// The heads negated, except the pool ratio (kept) and `balc` (the balance afterwards).
    pub heads: Heads,
    /// The rows negated.
    pub detail: Vec<FundPayment>,
    /// What is taken away from the totals, as negative additions.
    pub adds: Vec<(String, i64)>,
    /// What each account gets back (positive).
    pub accounts: Vec<AccountUse>,
}

/// 拒绝: an expected answer of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The region's code.
    pub code: String,
    /// The line it concerns.
    pub feedetl_sn: Option<LineNo>,
    /// Words for people, with the values filled in.
    pub message: String,
    /// The article.
    pub article: String,
}

/// 当前就诊 as the later steps see it.
#[derive(Debug, Clone, Copy)]
pub struct Bill<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Where it is.
    pub institution: &'a Institution,
    /// Its lines in order of upload.
    pub lines: &'a [ChargedLine],
}
