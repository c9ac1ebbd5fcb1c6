//! 事实: accounts, scopes, sessions, reads.

use sm3::{Digest, Sm3};
use terms::DateTime;

/// 数据范围: whose data an account reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// 统筹区: everybody's.
    Region,
    /// 机构.
    Institution(String),
    /// 科室 of an institution.
    Department {
        /// 机构编号.
        institution: String,
        /// 科室编码.
        department: String,
    },
    /// 本人: these persons; the first is the account's own, others act through them
    /// (a child, a bound relative).
    Person(Vec<String>),
}

/// What a single thing belongs to; `None` where it belongs to no such party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// 机构编号.
    pub institution: Option<String>,
    /// 科室编码.
    pub department: Option<String>,
    /// 人员编号.
    pub person: Option<String>,
}

impl Subject {
    /// Something of a person only.
    #[must_use]
    pub fn of_person(psn_no: &str) -> Subject {
        Subject { person: Some(psn_no.to_owned()), ..Subject::default() }
    }

    /// Something of an institution only.
    #[must_use]
    pub fn of_institution(code: &str) -> Subject {
        Subject { institution: Some(code.to_owned()), ..Subject::default() }
    }
}

impl Scope {
    /// Whether a thing lies in this scope. What belongs to nobody lies in the region's only.
    #[must_use]
    pub fn covers(&self, subject: &Subject) -> bool {
        match self {
            Scope::Region => true,
            Scope::Institution(code) => subject.institution.as_ref() == Some(code),
            Scope::Department { institution, department } => {
                subject.institution.as_ref() == Some(institution) && subject.department.as_ref() == Some(department)
            }
            Scope::Person(persons) => subject.person.as_ref().is_some_and(|person| persons.contains(person)),
        }
    }
}

/// 登录账号.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 账号, as typed at sign-in.
    pub account: String,
    /// 姓名.
    pub name: String,
    /// Roles, by their names in the policy.
    pub roles: Vec<String>,
    /// 数据范围.
    pub scope: Scope,
    /// 办案人编号 in the region's staff, by which cases know this account.
    pub staff: Option<String>,
    /// Argon2id in PHC form; empty where the account signs in otherwise.
    pub password: String,
    /// 口令须更改: somebody else gave it, and the account may do nothing before it is changed.
    pub must_change: bool,
    /// TOTP secret, sealed by the caller; empty without a second factor.
    pub totp: String,
    /// The last TOTP step that was used, so that a code counts once.
    pub totp_step: i64,
    /// `issuer|subject` of the identity provider; empty without one.
    pub oidc: String,
    /// 停用.
    pub disabled: bool,
    /// Wrong passwords in a row.
    pub failed: i64,
    /// Until when sign-in is refused after too many of them.
    pub locked_until: Option<DateTime>,
}

impl Account {
    /// An account with nothing to sign in by yet.
    #[must_use]
    pub fn new(account: &str, name: &str, roles: Vec<String>, scope: Scope) -> Account {
        Account {
            account: account.to_owned(),
            name: name.to_owned(),
            roles,
            scope,
            staff: None,
            password: String::new(),
            must_change: false,
            totp: String::new(),
            totp_step: 0,
            oidc: String::new(),
            disabled: false,
            failed: 0,
            locked_until: None,
        }
    }
}

/// 会话.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SM3 of the token, in hexadecimal: the token itself is kept nowhere.
    pub token_hash: String,
    /// 账号; a citizen who signs in by credential has none and is named `citizen:PSN`.
    pub account: String,
    /// The persons whom a citizen's session may see; empty for staff.
    pub persons: Vec<String>,
    /// What a form must repeat.
    pub csrf: String,
    /// When it began.
    pub begun_at: DateTime,
    /// When it was last used, to the minute.
    pub seen_at: DateTime,
    /// When it ends at the latest.
    pub ends_at: DateTime,
}

/// SM3 of a session's token, in hexadecimal.
#[must_use]
pub fn token_hash(token: &str) -> String {
    Sm3::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 访问记录: somebody looked at a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its number; ascending.
    pub id: String,
    /// Who, by account.
    pub account: String,
    /// When.
    pub at: DateTime,
    /// Whose: 人员编号.
    pub person: String,
    /// What: the route's name.
    pub what: String,
    /// 用途 of an unmasking; empty of a masked read.
    pub purpose: String,
    /// In the reader's own words, for an unmasking.
    pub note: String,
}
