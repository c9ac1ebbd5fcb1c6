//! 身份: which other persons an entry may show.

use credential::{Identity, Purpose, Refusal, Relation};
use db::Tx;
use operation::Operation;
use serde_json::json;
use terms::PersonId;

use super::codes::of_the_centre;
use super::{active_credential, credential_of};
use crate::{Centre, JourneyError};

/// Somebody an entry shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 姓名.
    pub psn_name: String,
    /// 关系; `None` for the entry's own person.
    pub relation: Option<Relation>,
}

impl Centre {
    /// 监护绑定: a child of the holder's own family, under the age of consent, whose credential is
    /// issued with it if there is none.
    ///
    /// # Errors
    /// HC903, HC911.
    pub fn bind_child(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        holder: &PersonId,
        child: &PersonId,
    ) -> Result<Identity, JourneyError> {
        let settings = &self.credential_office()?.settings;
        operation::lock_persons(tx, &[holder.clone(), child.clone()])?;
        active_credential(tx, holder)?;
        let cannot =
            |reason| Refusal::CannotBind { member: child.to_string(), relation: Relation::Guardian.term(), reason };
        let family = enrolment::family_of(tx, holder)?;
        if child == holder || !family.iter().any(|member| member.psn_no == *child) {
            return Err(cannot("不是同一户的家庭成员；请先到经办机构登记家庭关系").into());
        }
        let today = operation.received_at.date();
        let years = |psn_no: &PersonId, tx: &mut dyn Tx| -> Result<i16, JourneyError> {
            let born = crate::person(tx, psn_no)?.person.brdy;
            let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
            Ok(today.year() - born.year() - i16::from(!had_birthday))
        };
        if years(holder, tx)? < settings.adult_age {
            return Err(cannot("监护人须已成年").into());
        }
        if years(child, tx)? >= settings.adult_age {
            return Err(cannot("已成年；请由本人出示亲情绑定码").into());
        }
        if credential::of_person(tx, child)?.is_none() {
            self.issue_credential(tx, operation, child)?;
        }
        self.put_behind(tx, operation, holder, child, Relation::Guardian)
    }

    /// 亲情绑定: somebody who agreed by drawing a code for it and giving it to the holder.
    ///
    /// # Errors
    /// Those of the code; HC911 for oneself or who is bound already.
    pub fn bind_family(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        holder: &PersonId,
        code: &str,
    ) -> Result<Identity, JourneyError> {
        active_credential(tx, holder)?;
        let code = self.take_code(tx, code, Purpose::Bind, &of_the_centre(operation, "bind"))?;
        self.put_behind(tx, operation, holder, &code.psn_no, Relation::Family)
    }

    fn put_behind(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        holder: &PersonId,
        member: &PersonId,
        relation: Relation,
    ) -> Result<Identity, JourneyError> {
        let bound = credential::identity(tx, holder, member)?.is_some();
        if bound || holder == member {
            let (member, relation) = (member.to_string(), relation.term());
            let reason = if bound { "已经绑定" } else { "不能绑定本人" };
            return Err(Refusal::CannotBind { member, relation, reason }.into());
        }
        let (at, holder, member) = (operation.received_at, holder.clone(), member.clone());
        let identity = Identity { holder, member, relation, bound_at: at };
        credential::bind_identity(tx, &identity)?;
        self.told_of_identity(tx, operation, &identity.holder, &identity.member, true)?;
        Ok(identity)
    }

    /// Takes a member from behind the holder's entry; either of them may ask.
    ///
    /// # Errors
    /// HC910 when the member is not behind it.
    pub fn unbind_identity(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        holder: &PersonId,
        member: &PersonId,
    ) -> Result<(), JourneyError> {
        operation::lock_persons(tx, &[holder.clone(), member.clone()])?;
        if !credential::end_identity(tx, holder, member, operation.received_at)? {
            return Err(Refusal::NotBound { member: member.to_string() }.into());
        }
        self.told_of_identity(tx, operation, holder, member, false)
    }

    fn told_of_identity(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        holder: &PersonId,
        member: &PersonId,
        bound: bool,
    ) -> Result<(), JourneyError> {
        let subject = format!("{holder}/{member}/{}", operation.new_id("identity"));
        let body = json!({ "holder": holder, "member": member, "bound": bound });
        Ok(operation::feed::append(tx, &[self.changed(operation, "credential_identity", &subject, member, &body)])?)
    }
}

/// 入口: whom a person's entry shows, themselves first.
///
/// # Errors
/// HC901 without a credential.
pub fn shown_by(tx: &mut dyn Tx, holder: &PersonId) -> Result<Vec<Shown>, JourneyError> {
    credential_of(tx, holder)?;
    let mut persons = vec![(holder.clone(), None)];
    let identities = credential::identities_of(tx, holder)?;
    persons.extend(identities.into_iter().map(|identity| (identity.member, Some(identity.relation))));
    let named = |(psn_no, relation): (PersonId, _)| {
        let psn_name = crate::person(tx, &psn_no)?.person.psn_name;
        Ok(Shown { psn_no, psn_name, relation })
    };
    persons.into_iter().map(named).collect()
}
