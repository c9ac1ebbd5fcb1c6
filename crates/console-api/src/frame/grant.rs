//! 准许: a handler names the permission it needs and is given the scope within which it holds.

use std::marker::PhantomData;

use access::permission::Permission;
use access::{Read, Scope, Subject, decide};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::console::drawn;
use crate::frame::{Console, Masked, Problem};

/// 登录人: who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// 账号; `citizen:PSN` of somebody who signed in by credential.
    pub account: String,
    /// 姓名, of the account.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// 数据范围.
    pub scope: Scope,
    /// 办案人编号.
    pub staff: Option<String>,
    /// 口令须更改: then the roles are none.
    pub must_change: bool,
    /// The hash of the session's token.
    pub session: String,
    /// What a form must repeat.
    pub csrf: String,
}

impl Caller {
    /// The name under which deeds are recorded: 办案人编号 of staff, otherwise the account.
    #[must_use]
    pub fn actor(&self) -> String {
        self.staff.clone().unwrap_or_else(|| self.account.clone())
    }
}

/// A route that shows itself to anybody, signed in or not.
pub struct MaybeCaller(pub Option<Caller>);

impl FromRequestParts<Console> for MaybeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Problem> {
        Ok(MaybeCaller(parts.extensions.get::<Caller>().cloned()))
    }
}

/// 已准许 `P`, within a scope.
pub struct Granted<P> {
    caller: Caller,
    scope: Scope,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequestParts<Console> for Granted<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::not_signed_in)?;
        let scope = decide(&console.access, &caller.roles, &caller.scope, P::ID);
        let scope = scope.map_err(|_| Problem::forbidden(P::ID))?;
        Ok(Granted { caller, scope, permission: PhantomData })
    }
}

impl<P> Granted<P> {
    /// Who asks.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Within which scope; lists narrow by it.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether a single thing may be seen; `what` names it.
    ///
    /// # Errors
    /// [`Problem::not_found`] outside of the scope.
    pub fn cover(&self, subject: &Subject, what: &str) -> Result<(), Problem> {
        if self.scope.covers(subject) { Ok(()) } else { Err(Problem::not_found(what)) }
    }

    fn own(&self, person: &str) -> bool {
        matches!(&self.scope, Scope::Person(persons) if persons.iter().any(|own| own == person))
    }

    /// 姓名 of a person: plain for themselves, otherwise masked.
    #[must_use]
    pub fn mask_name(&self, person: &str, name: &str) -> Masked {
        if self.own(person) { Masked::plain(name) } else { Masked::name(name) }
    }

    /// 证件号码, 电话, 卡号, 账号 of a person: plain for themselves, otherwise masked.
    #[must_use]
    pub fn mask_number(&self, person: &str, number: &str) -> Masked {
        if self.own(person) { Masked::plain(number) } else { Masked::number(number) }
    }

    /// Records that persons' data were read, before they are shown. One's own are not recorded.
    ///
    /// # Errors
    /// When it cannot be recorded: then nothing is shown.
    pub async fn reads(&self, console: &Console, persons: &[&str], what: &str) -> Result<(), Problem> {
        let at = jiff::Zoned::now().datetime();
        let reads: Vec<Read> = persons
            .iter()
            .filter(|person| !self.own(person))
            .map(|person| Read {
                id: read_id(),
                account: self.caller.account.clone(),
                at,
                person: (*person).to_owned(),
                what: what.to_owned(),
                purpose: String::new(),
                note: String::new(),
            })
            .collect();
        if reads.is_empty() {
            return Ok(());
        }
        console.deed(move |tx| Ok(access::operations::record_reads(tx, &reads)?)).await
    }
}

/// A number for a read: the clock to the microsecond, then chance; it sorts by time.
pub(crate) fn read_id() -> String {
    let micros = jiff::Timestamp::now().as_microsecond();
    let chance: String = drawn()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{micros:016x}{chance}")
}
