//! 拒绝: why an application or a step of one is refused, in order of precedence.

use casework::form::Slip;
use serde::Serialize;

/// 不符合条件: one sentence for whoever applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Which condition; the law's code when the law itself refuses.
    pub id: String,
    /// The sentence.
    pub says: String,
    /// The same in English, or empty.
    pub english: String,
    /// 依据.
    pub article: String,
}

/// Why an application is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// SV101 无此事项.
    #[error("{day} 没有可办理的事项 {item} / there is no item {item} on {day}; look at the list of items")]
    ItemUnknown {
        /// 事项.
        item: String,
        /// The day.
        day: String,
    },
    /// SV102 不由此人申请.
    #[error("{item} 不能由{who}申请 / {item} is not applied for by this applicant; ask at the counter")]
    NotForYou {
        /// 事项名称.
        item: String,
        /// Who.
        who: String,
    },
    /// SV103 填报有误.
    #[error("填报有误：{} / correct the form", told(.slips.iter().map(|slip| slip.message.as_str())))]
    Form {
        /// Every slip.
        slips: Vec<Slip>,
    },
    /// SV104 材料不全.
    #[error("缺少材料：{} / these materials are missing", told(.missing.iter().map(String::as_str)))]
    Materials {
        /// Their names.
        missing: Vec<String>,
    },
    /// SV105 不符合条件.
    #[error("不符合办理条件：{}", told(.reasons.iter().map(|reason| reason.says.as_str())))]
    NotEligible {
        /// Every reason.
        reasons: Vec<Reason>,
    },
    /// SV106 正在办理.
    #[error(
        "{item} 已有申请在办（{case_id}），请等待办结或先撤回 / case {case_id} for the same is under way; wait, or withdraw it"
    )]
    UnderWay {
        /// 事项名称.
        item: String,
        /// The case.
        case_id: String,
    },
    /// SV107 已用过.
    #[error("{field}“{value}”已在 {case_id} 报销过 / {value} was used by case {case_id}")]
    Used {
        /// Which field.
        field: String,
        /// The value.
        value: String,
        /// The case.
        case_id: String,
    },
    /// SV108 没有补正内容.
    #[error("请提交补正后的表单 / send the corrected form with this step")]
    NothingCorrected,
    /// SV109 不能撤销.
    #[error(
        "{item} 的办理结果不能撤销：请另行申请变更 / what {item} did cannot be revoked; apply for a change instead"
    )]
    NotRevocable {
        /// 事项名称.
        item: String,
    },
    /// SV110 单位未登记.
    #[error(
        "单位编号 {emp_no} 未登记：请核对，或请单位先办理参保登记 / employer {emp_no} is not registered; check the number"
    )]
    EmployerUnknown {
        /// 单位编号.
        emp_no: String,
    },
    /// SV111 没有授权.
    #[error("没有向 {receiver} 的有效授权，无可解除 / there is no authorisation of {receiver} to end")]
    NotAuthorised {
        /// 使用人.
        receiver: String,
    },
    /// SV112 没有参保记录.
    #[error("没有险种 {insutype} 的正常参保记录，无可变更 / there is no coverage by {insutype} to change")]
    NotCovered {
        /// 险种.
        insutype: String,
    },
    /// SV113 证件已登记.
    #[error("证件号码已登记在其他人名下：请核对 / the certificate is registered for somebody else; check the number")]
    CertificateTaken,
}

impl Refusal {
    /// Its code, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::ItemUnknown { .. } => "SV101",
            Refusal::NotForYou { .. } => "SV102",
            Refusal::Form { .. } => "SV103",
            Refusal::Materials { .. } => "SV104",
            Refusal::NotEligible { .. } => "SV105",
            Refusal::UnderWay { .. } => "SV106",
            Refusal::Used { .. } => "SV107",
            Refusal::NothingCorrected => "SV108",
            Refusal::NotRevocable { .. } => "SV109",
            Refusal::EmployerUnknown { .. } => "SV110",
            Refusal::NotAuthorised { .. } => "SV111",
            Refusal::NotCovered { .. } => "SV112",
            Refusal::CertificateTaken => "SV113",
        }
    }
}

fn told<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join("；")
}
