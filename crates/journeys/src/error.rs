//! 拒绝与错误: the ways in which a journey does not succeed.

use adjudication::Stop;
use adjudication::facts::Refusal;
use db::{DbError, DeedError};

/// Why a journey did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The law refuses, with its own code. Nothing was recorded.
    #[error("[{}] {}", .0.code, .0.message)]
    Refused(Box<Refusal>),
    /// The centre refuses what no law speaks of. Nothing was recorded.
    #[error("[{}] {}", .0.code(), .0)]
    Own(Own),
    /// The policy files, or the centre's own data, cannot be right: a system error, not the
    /// sender's. The deed is rolled back.
    #[error("the centre cannot decide: {0}")]
    Broken(String),
    /// Storage failed. The deed is rolled back.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// 本中心的拒绝: what the centre refuses where the law has no word, in order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Own {
    /// HC101 未签到.
    #[error(
        "签到编号 {sign_no} 无效：请先用 9001 签到 / sign-in {sign_no} is not valid here today; sign in with 9001 first"
    )]
    NotSignedIn {
        /// The number that was sent.
        sign_no: String,
    },
    /// HC102 机构暂停.
    #[error(
        "机构 {institution} 在 {day} 被暂停医保服务（{decision}），不受理新的就诊 / the institution is suspended on that day; it opens no new visits"
    )]
    InstitutionSuspended {
        /// 机构编号.
        institution: String,
        /// The visit's day.
        day: String,
        /// Number of the decision that suspends.
        decision: String,
    },
    /// HC103 明细过多.
    #[error(
        "一次上传 {sent} 行，超过 {limit} 行：请分批上传 / {sent} lines in one message, more than {limit}; send them in batches"
    )]
    TooManyLines {
        /// Lines sent.
        sent: usize,
        /// Lines allowed.
        limit: usize,
    },
    /// HC104 查无此人.
    #[error("查无此人：{asked} / no such person: {asked}; check the number, or register the person first")]
    PersonUnknown {
        /// What was asked for.
        asked: String,
    },
    /// HC105 姓名不符.
    #[error("证件号码 {certno} 登记的姓名与所报不符 / the certificate {certno} is registered under another name")]
    NameDiffers {
        /// The certificate's number.
        certno: String,
    },
    /// HC106 证件不唯一.
    #[error(
        "证件号码 {certno} 有多人登记：请报证件类型 / several persons share the number {certno}; give the type of the certificate"
    )]
    PersonAmbiguous {
        /// The certificate's number.
        certno: String,
    },
    /// HC201 挂号不存在.
    #[error(
        "就诊 {mdtrt_id} 不是本机构为此人登记的 / visit {mdtrt_id} was not registered by this institution for this person"
    )]
    VisitUnknown {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC202 已有结算.
    #[error("就诊 {mdtrt_id} 有结算：请先撤销结算 / visit {mdtrt_id} is settled; reverse the settlement first")]
    VisitSettled {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC203 有结算记录.
    #[error(
        "就诊 {mdtrt_id} 有结算记录（虽已撤销），不能撤销登记 / visit {mdtrt_id} has been settled before, though reversed; it cannot be withdrawn"
    )]
    VisitWasSettled {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC204 已有费用.
    #[error(
        "就诊 {mdtrt_id} 已有 {lines} 行费用：请先撤销费用 / visit {mdtrt_id} has {lines} fee lines; cancel them first"
    )]
    VisitHasLines {
        /// 就诊ID.
        mdtrt_id: String,
        /// How many lines it has.
        lines: usize,
    },
    /// HC205 已出院.
    #[error("就诊 {mdtrt_id} 已出院：请先撤销出院 / visit {mdtrt_id} is discharged; undo the discharge first")]
    Discharged {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC206 未出院.
    #[error("就诊 {mdtrt_id} 未出院，无可撤销 / visit {mdtrt_id} is not discharged; there is nothing to undo")]
    NotDischarged {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC207 非住院.
    #[error("就诊 {mdtrt_id} 不是住院 / visit {mdtrt_id} is not a stay; use the outpatient transactions")]
    NotAStay {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC301 不可冲正.
    #[error(
        "交易 {infno} 不可冲正：只有 2102、2207、2304、2401 可以 / transaction {infno} cannot be reversed by message; only 2102, 2207, 2304 and 2401 can"
    )]
    NotReversible {
        /// 交易编号.
        infno: String,
    },
    /// HC302 原报文不符.
    #[error("报文 {msgid} 不是此人的 {infno} / message {msgid} is not a {infno} of this person")]
    MessageDiffers {
        /// 原报文ID.
        msgid: String,
        /// 原交易编号.
        infno: String,
    },
    /// HC303 由事项撤销.
    #[error(
        "结算 {setl_id} 是零星报销，由事项 {case_id} 办理：请在该事项中撤销 / settlement {setl_id} is a claim of case {case_id}; take it back in that case"
    )]
    ReversedByCase {
        /// 结算ID.
        setl_id: String,
        /// 案件编号.
        case_id: String,
    },
    /// HC401 金额不为正.
    #[error("划入金额 {amount} 元不为正 / the amount {amount} yuan is not positive")]
    AmountNotPositive {
        /// In yuan.
        amount: String,
    },
    /// HC402 不能授权本人.
    #[error("不能给本人共济授权 / a person cannot authorise their own account as mutual aid")]
    GiverIsReceiver,
    /// HC403 已授权.
    #[error("{giver} 已向此人授权 / {giver} has already authorised this person")]
    AlreadyAuthorised {
        /// 授权人.
        giver: String,
    },
    /// HC501 结算不存在.
    #[error(
        "结算 {setl_id} 不是本机构为此人办理的：请核对结算ID和人员编号 / settlement {setl_id} is not this institution's for this person; check both numbers"
    )]
    SettlementUnknown {
        /// 结算ID.
        setl_id: String,
    },
    /// HC502 结算已撤销.
    #[error(
        "结算 {setl_id} 已撤销：请按重新结算后的结算ID上传 / settlement {setl_id} is reversed; use the number of the settlement that replaced it"
    )]
    SettlementReversed {
        /// 结算ID.
        setl_id: String,
    },
    /// HC503 清单与结算不符.
    #[error(
        "清单的 {field} 为 {declared}，结算为 {recorded}：请改正后重传 / the list says {declared} for {field}, the settlement {recorded}; correct it and send it again"
    )]
    ListContradicts {
        /// National name and Chinese term.
        field: String,
        /// What the list says.
        declared: String,
        /// What was settled.
        recorded: String,
    },
    /// HC504 清单已提交.
    #[error(
        "结算 {setl_id} 的清单状态为 {state}，不能替换：请等待退回后再传 / the list of {setl_id} is in state {state} and cannot be replaced; wait until it is sent back"
    )]
    ListSubmitted {
        /// 结算ID.
        setl_id: String,
        /// 清单状态.
        state: &'static str,
    },
    /// HC505 无清单.
    #[error("结算 {setl_id} 没有清单：请先用 4101 上传 / settlement {setl_id} has no list; upload it with 4101 first")]
    ListUnknown {
        /// 结算ID.
        setl_id: String,
    },
    /// HC506 清单状态不能这样改.
    #[error(
        "结算 {setl_id} 的清单状态为 {from}，不能改为 {to}：0 可改为 1，3（退回）可改为 0 或 1 / the list of {setl_id} does not go from state {from} to {to}; 0 goes to 1, and 3 to 0 or 1"
    )]
    ListState {
        /// 结算ID.
        setl_id: String,
        /// Its state.
        from: &'static str,
        /// The state asked for.
        to: &'static str,
    },
    /// HC511 清算申请与结算不符.
    #[error(
        "清算申请与中心的结算不符：{differences}；请先用 3201、3202 对账 / the application differs from what was settled; reconcile with 3201 and 3202 first"
    )]
    ApplicationDiffers {
        /// Every figure that differs, with both values.
        differences: String,
    },
    /// HC512 清算申请的日期.
    #[error(
        "清算申请的日期 {begndate} 至 {enddate} 不是 {month} 整月：请按自然月申请 / {begndate} to {enddate} is not the whole of {month}; apply for the whole month"
    )]
    NotTheMonth {
        /// 开始日期.
        begndate: String,
        /// 结束日期.
        enddate: String,
        /// 清算年月.
        month: String,
    },
    /// HC513 已申请.
    #[error(
        "{month} 的清算类别 {clr_type} 已有清算申请 {clr_appy_evt_id}：如需更改，请先用 3204 撤销 / application {clr_appy_evt_id} stands for it; withdraw it with 3204 first"
    )]
    ApplicationStands {
        /// 清算年月.
        month: String,
        /// 清算类别.
        clr_type: String,
        /// The application that stands.
        clr_appy_evt_id: String,
    },
    /// HC514 无此申请.
    #[error("没有清算申请 {clr_appy_evt_id}，或已撤销 / application {clr_appy_evt_id} does not stand")]
    ApplicationUnknown {
        /// 机构清算申请事件ID.
        clr_appy_evt_id: String,
    },
    /// HC515 月份已清算.
    #[error(
        "{institution} 的 {month} 已审核（清算状态 {state}），不能更改：差额进入下一个月 / {month} of {institution} is in state {state} and stays as it is; a difference goes into the next month"
    )]
    MonthClosed {
        /// 机构编号.
        institution: String,
        /// 清算年月.
        month: String,
        /// 清算状态.
        state: &'static str,
    },
    /// HC516 清算状态不能这样改.
    #[error(
        "{institution} 的 {month} 清算状态为 {from}，不能改为 {to} / {month} of {institution} does not go from state {from} to {to}; the order is 30, 40, 50, 60"
    )]
    StatementState {
        /// 机构编号.
        institution: String,
        /// 清算年月.
        month: String,
        /// Its state, or that there is none.
        from: &'static str,
        /// The state asked for.
        to: &'static str,
    },
    /// HC517 月份未结束.
    #[error("{month} 尚未结束，不能清算 / {month} is not over; clear it from the next month's first day on")]
    MonthNotOver {
        /// 清算年月.
        month: String,
    },
    /// HC518 年度未清.
    #[error(
        "{year} 年还有未记账的月清算单：{open}；请先审核并记账 / {year} has statements that are not posted: {open}; approve and post them first"
    )]
    YearOpen {
        /// Year.
        year: i16,
        /// Institution and month of each.
        open: String,
    },
    /// HC701 无规则库.
    #[error("本中心没有生效的审核规则库，未作检查 / no rule library is in force here; nothing was checked")]
    NoLibrary,
    /// HC702 无此提醒.
    #[error(
        "违规标识 {jr_id} 不是本机构收到过的提醒：请核对 3101、3102 返回的 jr_id / {jr_id} is no reminder that this institution was given; check the jr_id of 3101 or 3102"
    )]
    ReminderUnknown {
        /// 违规标识.
        jr_id: String,
    },
    /// HC703 无此规则库.
    #[error("没有规则库版本 {version}：请先导入 / there is no library {version}; bring it in first")]
    LibraryUnknown {
        /// 规则库版本.
        version: String,
    },
    /// HC704 规则库未试运行.
    #[error(
        "规则库版本 {version} 没有完成的试运行：请先回测并查看新增、消失、变化 / library {version} has no finished back-test; run one and look at what it changes"
    )]
    LibraryNotTried {
        /// 规则库版本.
        version: String,
    },
    /// HC705 无可回退.
    #[error("没有可回退的规则库版本 / there is no library to go back to")]
    NoLibraryBefore,
    /// HC521 已申请单议.
    #[error("结算 {setl_id} 已申请过特例单议 / settlement {setl_id} has been put forward as a special case before")]
    SpecialAsked {
        /// 结算ID.
        setl_id: String,
    },
    /// HC522 无单议申请.
    #[error(
        "结算 {setl_id} 没有待决定的特例单议申请 / settlement {setl_id} has no special case that waits for a decision"
    )]
    SpecialUnknown {
        /// 结算ID.
        setl_id: String,
    },
    /// HC601 无此案件.
    #[error("没有案件 {case_id} / there is no case {case_id}")]
    CaseUnknown {
        /// 案件编号.
        case_id: String,
    },
    /// HC602 无此程序.
    #[error("{day} 没有施行中的程序 {procedure} / the region has no procedure {procedure} in force on {day}")]
    ProcedureUnknown {
        /// The procedure.
        procedure: String,
        /// The day.
        day: String,
    },
    /// HC603 同一编号的步骤不同.
    #[error(
        "案件 {case_id} 已有编号 {key} 的另一步骤 / the case has another step under the key {key}; send it under a new one"
    )]
    StepDiffers {
        /// 案件编号.
        case_id: String,
        /// The step's key.
        key: String,
    },
    /// HC604 无此线索.
    #[error("没有线索 {clue} / there is no clue {clue}")]
    ClueUnknown {
        /// 线索编号.
        clue: String,
    },
    /// HC605 线索已立案.
    #[error("线索 {clue} 已在案件 {case_id} / clue {clue} was taken up by case {case_id}")]
    ClueTaken {
        /// 线索编号.
        clue: String,
        /// The case.
        case_id: String,
    },
    /// HC606 不是同一机构.
    #[error("一个案件只办一家机构：{one} 与 {other} / a case is about one institution, not {one} and {other}")]
    SeveralInstitutions {
        /// 机构编号.
        one: String,
        /// The other.
        other: String,
    },
    /// HC607 就诊未结算.
    #[error(
        "就诊 {mdtrt_id} 没有有效的结算，无可追回 / visit {mdtrt_id} has no settlement that stands; nothing was paid"
    )]
    NothingSettled {
        /// 就诊ID.
        mdtrt_id: String,
    },
    /// HC608 就诊在案.
    #[error(
        "就诊 {mdtrt_id} 的费用在案件 {case_id}，结案或撤销决定之前不能撤销结算 / visit {mdtrt_id} is in case {case_id}; its settlement stays until the case lets it go"
    )]
    UnderInquiry {
        /// 就诊ID.
        mdtrt_id: String,
        /// The case.
        case_id: String,
    },
    /// An application for a service item is refused, with its own code.
    #[error("{0}")]
    Service(crate::serve::Refusal),
    /// HC900 未开通电子凭证.
    #[error(
        "本地区未开通医保电子凭证：请出示居民身份证或社会保障卡 / this region has no electronic credentials; show an identity card"
    )]
    NoCredentials,
    /// The rules of electronic credentials refuse, with their own code.
    #[error("{0}")]
    Credential(credential::Refusal),
    /// The procedure of a case refuses, with its own code.
    #[error("{0}")]
    Step(casework::Refusal),
    /// The rules of an inquiry refuse, with their own code.
    #[error("{0}")]
    Inquiry(inquiry::Refusal),
    /// A row of 进销存 cannot be recorded, with its own code.
    #[error("{0}")]
    Stock(stock::Refusal),
}

impl Own {
    /// The code of the refusal, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Own::NotSignedIn { .. } => "HC101",
            Own::InstitutionSuspended { .. } => "HC102",
            Own::TooManyLines { .. } => "HC103",
            Own::PersonUnknown { .. } => "HC104",
            Own::NameDiffers { .. } => "HC105",
            Own::PersonAmbiguous { .. } => "HC106",
            Own::VisitUnknown { .. } => "HC201",
            Own::VisitSettled { .. } => "HC202",
            Own::VisitWasSettled { .. } => "HC203",
            Own::VisitHasLines { .. } => "HC204",
            Own::Discharged { .. } => "HC205",
            Own::NotDischarged { .. } => "HC206",
            Own::NotAStay { .. } => "HC207",
            Own::NotReversible { .. } => "HC301",
            Own::MessageDiffers { .. } => "HC302",
            Own::ReversedByCase { .. } => "HC303",
            Own::AmountNotPositive { .. } => "HC401",
            Own::GiverIsReceiver => "HC402",
            Own::AlreadyAuthorised { .. } => "HC403",
            Own::SettlementUnknown { .. } => "HC501",
            Own::SettlementReversed { .. } => "HC502",
            Own::ListContradicts { .. } => "HC503",
            Own::ListSubmitted { .. } => "HC504",
            Own::ListUnknown { .. } => "HC505",
            Own::ListState { .. } => "HC506",
            Own::ApplicationDiffers { .. } => "HC511",
            Own::NotTheMonth { .. } => "HC512",
            Own::ApplicationStands { .. } => "HC513",
            Own::ApplicationUnknown { .. } => "HC514",
            Own::MonthClosed { .. } => "HC515",
            Own::StatementState { .. } => "HC516",
            Own::MonthNotOver { .. } => "HC517",
            Own::YearOpen { .. } => "HC518",
            Own::NoLibrary => "HC701",
            Own::ReminderUnknown { .. } => "HC702",
            Own::LibraryUnknown { .. } => "HC703",
            Own::LibraryNotTried { .. } => "HC704",
            Own::NoLibraryBefore => "HC705",
            Own::SpecialAsked { .. } => "HC521",
            Own::SpecialUnknown { .. } => "HC522",
            Own::CaseUnknown { .. } => "HC601",
            Own::ProcedureUnknown { .. } => "HC602",
            Own::StepDiffers { .. } => "HC603",
            Own::ClueUnknown { .. } => "HC604",
            Own::ClueTaken { .. } => "HC605",
            Own::SeveralInstitutions { .. } => "HC606",
            Own::NothingSettled { .. } => "HC607",
            Own::UnderInquiry { .. } => "HC608",
            Own::Service(refusal) => refusal.code(),
            Own::NoCredentials => "HC900",
            Own::Credential(refusal) => refusal.code(),
            Own::Step(refusal) => refusal.code(),
            Own::Inquiry(refusal) => refusal.code(),
            Own::Stock(refusal) => refusal.code(),
        }
    }
}

impl From<Own> for JourneyError {
    fn from(own: Own) -> JourneyError {
        JourneyError::Own(own)
    }
}

impl From<crate::serve::Refusal> for JourneyError {
    fn from(refusal: crate::serve::Refusal) -> JourneyError {
        JourneyError::Own(Own::Service(refusal))
    }
}

impl From<credential::Refusal> for JourneyError {
    fn from(refusal: credential::Refusal) -> JourneyError {
        JourneyError::Own(Own::Credential(refusal))
    }
}

impl From<casework::Refusal> for JourneyError {
    fn from(refusal: casework::Refusal) -> JourneyError {
        JourneyError::Own(Own::Step(refusal))
    }
}

impl From<inquiry::Refusal> for JourneyError {
    fn from(refusal: inquiry::Refusal) -> JourneyError {
        JourneyError::Own(Own::Inquiry(refusal))
    }
}

impl From<Stop> for JourneyError {
    fn from(stop: Stop) -> JourneyError {
        match stop {
            Stop::Refused(refusal) => JourneyError::Refused(Box::new(refusal)),
            Stop::Broken(error) => JourneyError::Broken(error.to_string()),
        }
    }
}

impl From<ledger::LedgerError> for JourneyError {
    fn from(error: ledger::LedgerError) -> JourneyError {
        match error {
            ledger::LedgerError::Db(error) => JourneyError::Db(error),
            unbalanced => JourneyError::Broken(unbalanced.to_string()),
        }
    }
}

impl From<evidence::EvidenceError> for JourneyError {
    fn from(error: evidence::EvidenceError) -> JourneyError {
        match error {
            evidence::EvidenceError::Db(error) => JourneyError::Db(error),
            other => JourneyError::Broken(other.to_string()),
        }
    }
}

impl From<JourneyError> for DeedError<JourneyError> {
    fn from(error: JourneyError) -> DeedError<JourneyError> {
        match error {
            JourneyError::Db(error) => DeedError::Db(error),
            own => DeedError::Own(own),
        }
    }
}
