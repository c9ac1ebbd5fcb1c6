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
            Own::AmountNotPositive { .. } => "HC401",
            Own::GiverIsReceiver => "HC402",
            Own::AlreadyAuthorised { .. } => "HC403",
        }
    }
}

impl From<Own> for JourneyError {
    fn from(own: Own) -> JourneyError {
        JourneyError::Own(own)
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
