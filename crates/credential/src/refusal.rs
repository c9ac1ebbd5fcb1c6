//! Refusals: the expected ways of not succeeding, in order of precedence.

use terms::DateTime;

/// 凭证拒绝.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// HC901 无电子凭证.
    #[error("{whose} 没有医保电子凭证：请先签发 / {whose} has no electronic credential; issue one first")]
    NoCredential {
        /// Person or number.
        whose: String,
    },
    /// HC902 已有电子凭证.
    #[error(
        "人员 {psn_no} 已有医保电子凭证，一人一证 / person {psn_no} has an electronic credential already; there is one a person"
    )]
    HasCredential {
        /// 人员编号.
        psn_no: String,
    },
    /// HC903 凭证已暂停或注销.
    #[error(
        "医保电子凭证已{state}，不能使用：请持证件到经办机构办理 / the credential is suspended or revoked; go to the bureau with your identity card"
    )]
    NotActive {
        /// 状态.
        state: &'static str,
    },
    /// HC904 设备未绑定.
    #[error(
        "此设备未绑定或已解绑：请用激活码重新绑定 / this device is not bound, or no longer; bind it with an activation code"
    )]
    DeviceUnknown,
    /// HC905 签名不符.
    #[error(
        "设备签名与登记的公钥不符，请求未受理 / the signature is not of the device's registered key; nothing was done"
    )]
    WrongSignature,
    /// HC906 请求过时或重复.
    #[error(
        "设备请求的时间 {made_at} 与中心时钟 {now} 相差过大，或同一请求已用过：请校准时钟后重试 / the request is too old, or was used before; the centre's clock says {now}"
    )]
    Stale {
        /// When the device says it made it.
        made_at: DateTime,
        /// The centre's clock.
        now: DateTime,
    },
    /// HC907 激活码无效.
    #[error(
        "激活码不正确、已使用或已过期，还可再试 {left} 次：请核对，或到经办机构重新获取 / the activation code is wrong, used or expired; {left} tries are left; ask the bureau for another"
    )]
    WrongActivation {
        /// 剩余次数.
        left: i64,
    },
    /// HC908 公钥无效.
    #[error("设备公钥应为 P-256 的 65 字节未压缩点 / the device's key must be an uncompressed P-256 point of 65 bytes")]
    WrongKey,
    /// HC909 设备过多.
    #[error(
        "一个凭证最多绑定 {most} 台设备：请先解绑不用的设备 / at most {most} devices a credential; unbind one first"
    )]
    TooManyDevices {
        /// 上限.
        most: usize,
    },
    /// HC910 未绑定身份.
    #[error("{member} 不在此凭证的身份之内：请先绑定 / {member} is not behind this entry; bind the identity first")]
    NotBound {
        /// Who was to be shown.
        member: String,
    },
    /// HC911 不能绑定.
    #[error("{member} 不能以{relation}关系绑定：{reason} / {member} cannot be bound so")]
    CannotBind {
        /// Who was to be bound.
        member: String,
        /// 关系.
        relation: &'static str,
        /// What to do.
        reason: &'static str,
    },
    /// HC912 码无法识别.
    #[error(
        "二维码无法识别：不是本中心签发的电子凭证码，或内容有改动 / not a code that this centre signed, or it was changed; show a new one"
    )]
    CodeUnknown,
    /// HC913 码已使用.
    #[error(
        "二维码已使用过：一码一用，请刷新后再出示 / the code was used before; each is used once; refresh and show a new one"
    )]
    CodeUsed,
    /// HC914 码已过期.
    #[error(
        "二维码已于 {expires_at} 过期：请刷新后再出示 / the code expired at {expires_at}; refresh and show a new one"
    )]
    CodeExpired {
        /// 有效期止.
        expires_at: DateTime,
    },
    /// HC915 用码目的不符.
    #[error(
        "此码用于{drawn}，不能用于{asked}：请选择正确的用途重新出示 / the code is for another purpose; draw one for this"
    )]
    WrongPurpose {
        /// What it was drawn for.
        drawn: &'static str,
        /// What it was used for.
        asked: &'static str,
    },
    /// HC916 令牌无效.
    #[error(
        "电子凭证令牌无效：不是本机构为此人解码所得；请重新扫码（1162） / the token was not given to this institution for this person; scan again (1162)"
    )]
    TokenUnknown,
    /// HC917 令牌过期.
    #[error("电子凭证令牌已于 {until} 过期：请重新扫码（1162） / the token expired at {until}; scan again (1162)")]
    TokenExpired {
        /// 有效期止.
        until: DateTime,
    },
    /// HC918 令牌已用于结算.
    #[error(
        "电子凭证令牌已用于 {spent_on}：每次结算请重新扫码（1162） / the token was spent on {spent_on}; scan again for each settlement"
    )]
    TokenSpent {
        /// What it was spent on.
        spent_on: String,
    },
    /// HC919 状态不允许.
    #[error("凭证状态为{state}，不能{deed} / the credential's state does not allow this")]
    WrongState {
        /// 状态.
        state: &'static str,
        /// What was asked.
        deed: &'static str,
    },
}

impl Refusal {
    /// The code, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NoCredential { .. } => "HC901",
            Refusal::HasCredential { .. } => "HC902",
            Refusal::NotActive { .. } => "HC903",
            Refusal::DeviceUnknown => "HC904",
            Refusal::WrongSignature => "HC905",
            Refusal::Stale { .. } => "HC906",
            Refusal::WrongActivation { .. } => "HC907",
            Refusal::WrongKey => "HC908",
            Refusal::TooManyDevices { .. } => "HC909",
            Refusal::NotBound { .. } => "HC910",
            Refusal::CannotBind { .. } => "HC911",
            Refusal::CodeUnknown => "HC912",
            Refusal::CodeUsed => "HC913",
            Refusal::CodeExpired { .. } => "HC914",
            Refusal::WrongPurpose { .. } => "HC915",
            Refusal::TokenUnknown => "HC916",
            Refusal::TokenExpired { .. } => "HC917",
            Refusal::TokenSpent { .. } => "HC918",
            Refusal::WrongState { .. } => "HC919",
        }
    }
}
