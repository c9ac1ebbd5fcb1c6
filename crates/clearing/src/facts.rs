//! 事实: lists, applications, cleared cases, statements and years, as recorded.

use terms::{Date, DateTime, Exact, Fen, InstitutionId, MessageId, PersonId, SettlementId, VisitId};

use crate::Month;

macro_rules! worded {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$case_doc])* $case,)* }

        impl $name {
            /// The code, as stored and as the interface writes it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $($name::$case => $word,)* }
            }

            /// What a code means.
            #[must_use]
            pub fn from_code(code: &str) -> Option<$name> {
                [$($name::$case,)*].into_iter().find(|known| known.code() == code)
            }
        }
    )*};
}

worded! {
    /// 清单状态 `stas_type`.
    ListState {
        /// 未提交: uploaded, may still be replaced.
        Uploaded = "0",
        /// 已提交: declared; the month's clearing takes it.
        Submitted = "1",
        /// 审核通过: its case was cleared; final.
        Approved = "2",
        /// 退回: may be replaced or submitted again.
        Rejected = "3",
    }

    /// 清算状态 `clr_stas` of a statement.
    StatementState {
        /// 正在审核: estimated; the month may be worked out again.
        Estimated = "30",
        /// 审核完成: approved; nothing is added to it any more.
        Approved = "40",
        /// 已清算: posted in the ledger.
        Posted = "50",
        /// 已拨付: paid.
        Paid = "60",
    }

    /// Why a case stands in a month.
    Cause {
        /// 结算: the settlement itself.
        Settlement = "settlement",
        /// 撤销: the settlement was reversed after it had been cleared.
        Reversal = "reversal",
        /// 特例单议: a decision's price of a case that was cleared before.
        Special = "special",
        /// 改价: takes the earlier price back, beside a [`Cause::Special`].
        Replaced = "replaced",
    }
}

/// 结算清单: one version of what an institution declares of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// From 1; the highest is the one that counts.
    pub version: i64,
    /// 清单流水号, issued by the centre; the same for every version.
    pub setl_list_id: String,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 状态.
    pub state: ListState,
    /// Why it was rejected, else empty.
    pub reason: String,
    /// SM3 of the content before compression, in hexadecimal.
    pub digest: String,
    /// When it arrived.
    pub sent_at: DateTime,
    /// 报文ID.
    pub msgid: MessageId,
    /// The content, compressed by the caller.
    pub content: Vec<u8>,
}

/// 清算申请: what an institution declares for a month and 清算类别.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// 机构清算申请事件ID, issued by the centre.
    pub clr_appy_evt_id: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式, as declared.
    pub clr_way: String,
    /// 清算年月.
    pub month: Month,
    /// 开始日期.
    pub begndate: Date,
    /// 结束日期.
    pub enddate: Date,
    /// 清算人次: settlements less reversals.
    pub psntime: i64,
    /// 医疗费总额.
    pub medfee_sumamt: Fen,
    /// 医保认可费用总额.
    pub med_sumfee: Fen,
    /// 基金申报总额.
    pub fund_appy_sum: Fen,
    /// 现金支付金额.
    pub cash_payamt: Fen,
    /// 个人账户支出.
    pub acct_pay: Fen,
    /// Whether it was withdrawn (3204).
    pub withdrawn: bool,
    /// When it was made.
    pub made_at: DateTime,
    /// 报文ID.
    pub msgid: MessageId,
}

/// 清算明细: what one settlement, reversal or decision brings into a month. Every amount of a
/// reversal is the negative of what it takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID of the settlement, or of the reversal.
    pub setl_id: SettlementId,
    /// Why it stands here.
    pub cause: Cause,
    /// The settlement that a reversal takes back.
    pub reverses: Option<SettlementId>,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 清算年月.
    pub month: Month,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// The pool of the payment plan.
    pub pool: String,
    /// Version of the list that was grouped.
    pub list_version: i64,
    /// 分组方案.
    pub scheme: String,
    /// 方案版本.
    pub scheme_version: String,
    /// 支付方案.
    pub plan: String,
    /// 分组结果, as the plan's formulas call it.
    pub status: String,
    /// 组号.
    pub group_code: String,
    /// 组名.
    pub group_name: String,
    /// 权重 or 分值 before any factor, if the group has one.
    pub weight: Option<Exact>,
    /// 结算点数.
    pub points: Exact,
    /// Whether it is paid outside of the sharing by points.
    pub outside: bool,
    /// 医疗总费用.
    pub fee: Fen,
    /// 除外支付.
    pub excluded: Fen,
    /// 病组支付总额.
    pub payment: Fen,
    /// 个人支付.
    pub patient: Fen,
    /// 其他基金支付.
    pub other_funds: Fen,
    /// 统筹基金应付 for the group.
    pub fund: Fen,
    /// 按项目记账: what the pool booked at settlement.
    pub item_fund: Fen,
    /// When it was cleared.
    pub cleared_at: DateTime,
    /// Grouping and price with every step, compressed by the caller.
    pub explanation: Vec<u8>,
}

impl Cleared {
    /// 与按项目之差: what the fund owes more, or less when negative, than was booked.
    #[must_use]
    pub fn difference(&self) -> Fen {
        self.fund - self.item_fund
    }

    /// What takes this case back: every amount and the points turned, under the reversal's
    /// own number.
    #[must_use]
    pub fn taken_back(&self, reversal: SettlementId, month: Month, at: DateTime) -> Cleared {
        Cleared {
            setl_id: reversal,
            cause: Cause::Reversal,
            reverses: Some(self.setl_id.clone()),
            month,
            cleared_at: at,
            ..self.turned()
        }
    }

    /// What takes this price back to make room for another of the same case.
    #[must_use]
    pub fn replaced(&self, month: Month, at: DateTime) -> Cleared {
        Cleared { cause: Cause::Replaced, month, cleared_at: at, ..self.turned() }
    }

    /// Whether it takes something back.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        matches!(self.cause, Cause::Reversal | Cause::Replaced)
    }

    fn turned(&self) -> Cleared {
        Cleared {
            points: -self.points,
            fee: -self.fee,
            excluded: -self.excluded,
            payment: -self.payment,
            patient: -self.patient,
            other_funds: -self.other_funds,
            fund: -self.fund,
            item_fund: -self.item_fund,
            ..self.clone()
        }
    }
}

/// 特例单议: a case put forward for an agreed price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialCase {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 申请理由.
    pub reason: String,
    /// When it was put forward.
    pub asked_at: DateTime,
    /// The decision as JSON, once there is one.
    pub decision: Option<Decided>,
}

/// 特例单议的决定.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision, as JSON.
    pub decision: String,
    /// When.
    pub at: DateTime,
    /// 经办人.
    pub by: String,
}

/// 月清算单: one institution, 险种 and 清算类别 in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// 清算年月.
    pub month: Month,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// The pool of the payment plan; empty when paid by item.
    pub pool: String,
    /// 清算状态.
    pub state: StatementState,
    /// 本月应拨付.
    pub payable: Fen,
    /// Left to be set off in the next month.
    pub carried: Fen,
    /// Every figure, as JSON.
    pub figures: String,
    /// When it last changed.
    pub changed_at: DateTime,
}

/// 年终清算: of a pool, or of one institution in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearRow {
    /// Year.
    pub year: i16,
    /// 支付方案.
    pub plan: String,
    /// Pool.
    pub pool: String,
    /// 机构编号; `None` for the pool itself.
    pub fixmedins_code: Option<InstitutionId>,
    /// 清算应付; negative is to be paid back. Of the pool: the sum over its institutions.
    pub balance_due: Fen,
    /// Every figure, as JSON.
    pub figures: String,
    /// When it was closed.
    pub closed_at: DateTime,
}

/// 案件扣减: what a case takes from an institution with its next statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    /// Its number, unique.
    pub deduction_id: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 案件编号.
    pub case_id: String,
    /// 险种类型 of the statement.
    pub insutype: String,
    /// 清算类别 of the statement.
    pub clr_type: String,
    /// What is taken; negative gives back what was taken before.
    pub amount: Fen,
    /// 清算年月 of the statement that has taken it up.
    pub month: Option<Month>,
    /// When it was made.
    pub made_at: DateTime,
}
