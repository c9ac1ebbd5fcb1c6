//! Facts: the plain data of this room. Times are the centre's own clock.

use serde::{Deserialize, Serialize};
use terms::{DateTime, InstitutionId, PersonId};

/// 凭证设置: how long things live, from the region's `credential.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Seconds that a code for treatment or settlement lives.
    pub code_seconds: i64,
    /// Seconds that a code lives which people type at another device.
    pub typed_seconds: i64,
    /// Minutes that the token of a scanned code stands for its person.
    pub token_minutes: i64,
    /// Days that an activation code can be used.
    pub activation_days: i64,
    /// How often an activation code may be mistyped.
    pub activation_tries: i64,
    /// Devices bound to one credential at most.
    pub devices: usize,
    /// Seconds that a device's clock may be off.
    pub clock_seconds: i64,
    /// 成年年龄: below it a family's adult may show a child without the child's own consent.
    pub adult_age: i16,
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $kind:ident = $number:literal, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$inner])* $kind,)* }

        impl $name {
            /// As it is kept.
            #[must_use]
            pub fn number(self) -> i64 {
                match self { $($name::$kind => $number,)* }
            }

            /// From the number that is kept.
            #[must_use]
            pub fn of_number(number: i64) -> Option<$name> {
                match number { $($number => Some($name::$kind),)* _ => None }
            }

            /// The field's own word.
            #[must_use]
            pub fn term(self) -> &'static str {
                match self { $($name::$kind => $word,)* }
            }
        }
    };
}

numbered! {
    /// 状态 of a credential or device.
    State {
        /// 正常.
        Active = 1, "正常";
        /// 暂停: may be restored.
        Suspended = 2, "暂停";
        /// 注销: for good.
        Revoked = 3, "注销";
    }
}

numbered! {
    /// 关系: why an entry may show another person.
    Relation {
        /// 监护人: of a child of the same family.
        Guardian = 1, "监护";
        /// 亲属: who agreed with a code of their own.
        Family = 2, "亲情";
    }
}

numbered! {
    /// 用码目的: what a code may be used for, and nothing else.
    Purpose {
        /// 就医: registration, admission, consultation.
        Treat = 1, "就医";
        /// 结算.
        Settle = 2, "结算";
        /// 登录.
        SignIn = 3, "登录";
        /// 亲情绑定: that another person's entry may show the one who drew it.
        Bind = 4, "亲情绑定";
    }
}

impl Purpose {
    /// Whether the code is also given in a short form that people type.
    #[must_use]
    pub fn is_typed(self) -> bool {
        matches!(self, Purpose::SignIn | Purpose::Bind)
    }
}

/// 医保电子凭证 of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// 电子凭证编号 (ecCertNo, ecIndexNo).
    pub ec_no: String,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 状态.
    pub state: State,
    /// 签发时间.
    pub issued_at: DateTime,
    /// 状态变更时间.
    pub changed_at: DateTime,
    /// 变更原因; empty at first.
    pub reason: String,
}

/// 身份: a person whom another's entry may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose entry it is.
    pub holder: PersonId,
    /// Who may be shown.
    pub member: PersonId,
    /// 关系.
    pub relation: Relation,
    /// 绑定时间.
    pub bound_at: DateTime,
}

/// 激活码, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// 电子凭证编号.
    pub ec_no: String,
    /// The hash of the code with its credential.
    pub digest: [u8; 32],
    /// 有效期止.
    pub expires_at: DateTime,
    /// 剩余次数.
    pub tries_left: i64,
}

/// 设备.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// 设备编号.
    pub device_id: String,
    /// 电子凭证编号.
    pub ec_no: String,
    /// What its owner calls it.
    pub name: String,
    /// 公钥: P-256, `04 ‖ x ‖ y`.
    pub public_key: Vec<u8>,
    /// 状态: active or revoked.
    pub state: State,
    /// 绑定时间.
    pub bound_at: DateTime,
    /// 状态变更时间.
    pub changed_at: DateTime,
    /// 变更原因.
    pub reason: String,
}

/// 一次性码, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// 码编号: 32 hexadecimal digits.
    pub code_id: String,
    /// The credential whose device drew it.
    pub ec_no: String,
    /// Whom it stands for.
    pub psn_no: PersonId,
    /// The device.
    pub device_id: String,
    /// 用码目的.
    pub purpose: Purpose,
    /// 生成时间.
    pub drawn_at: DateTime,
    /// 有效期止: from this moment it is refused.
    pub expires_at: DateTime,
    /// The hash of its short form.
    pub typed: Option<String>,
    /// Its one use.
    pub used: Option<Use>,
}

/// 用码记录: where, by whom and for what a code was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// 用码时间.
    pub at: DateTime,
    /// 定点医药机构编号; empty at the centre itself.
    pub institution: InstitutionId,
    /// 操作员.
    pub operator: String,
    /// 用码业务类型 (01101 registration, 01301 settlement, …).
    pub business: String,
    /// 发送方报文ID.
    pub msgid: String,
    /// 令牌 (ecToken) that was given out, and until when it stands for the person.
    pub token: Option<(String, DateTime)>,
    /// When and on which message the token was spent.
    pub spent: Option<(DateTime, String)>,
}

/// Both ends of who shows a code: the entry that drew it and the person shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// State of the credential whose device drew it.
    pub holder: State,
    /// State of the shown person's own credential.
    pub member: State,
    /// State of the device.
    pub device: State,
    /// Whether the person is still behind the entry.
    pub bound: bool,
}
