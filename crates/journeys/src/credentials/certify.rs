//! 就诊凭证: whether what an institution was shown stands for the person it names. A token (01) must be
//! one that 1162 gave this institution for this person; an identity card (02) and a social security
//! card (03) are looked at by the institution alone, as the interface has it.

use credential::{Purpose, Refusal};
use db::{DbError, Tx};
use operation::Operation;
use terms::{DateTime, InstitutionId, PersonId};

use crate::{Centre, JourneyError};

/// 就诊凭证 of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// 就诊凭证类型: 01 电子凭证, 02 居民身份证, 03 社会保障卡.
    pub kind: String,
    /// 就诊凭证编号; of 01 the token.
    pub number: String,
}

const ELECTRONIC: &str = "01";

impl Centre {
    /// That the certificate stands for the person at this institution now. In a region without
    /// electronic credentials nobody gives out tokens, and none is looked at.
    ///
    /// # Errors
    /// HC916, HC903, HC904, HC910, HC917; for a settlement HC915 and HC918 besides.
    pub fn certify(
        &self,
        tx: &mut dyn Tx,
        institution: &InstitutionId,
        psn_no: &PersonId,
        certificate: &Certificate,
        purpose: Purpose,
        now: DateTime,
    ) -> Result<(), JourneyError> {
        if certificate.kind != ELECTRONIC || self.credentials.is_none() {
            return Ok(());
        }
        let known = credential::code_of_token(tx, &certificate.number)?.ok_or(Refusal::TokenUnknown)?;
        let whose = (institution, Some(psn_no));
        Ok(credential::spendable(&known.code, &known.standing, whose, purpose, now)?)
    }

    /// The same for a deed, which holds the persons from here on; givers of accounts are held with
    /// them, so that a settlement afterwards asks for no lock that is new.
    ///
    /// # Errors
    /// As [`Centre::certify`].
    pub fn certify_deed(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        certificate: &Certificate,
        purpose: Purpose,
    ) -> Result<(), JourneyError> {
        if certificate.kind != ELECTRONIC || self.credentials.is_none() {
            return Ok(());
        }
        let mut persons = enrolment::givers_of(tx, psn_no)?;
        persons.push(psn_no.clone());
        persons.extend(credential::code_of_token(tx, &certificate.number)?.map(|known| known.holder));
        operation::lock_persons(tx, &persons)?;
        self.certify(tx, &operation.institution, psn_no, certificate, purpose, operation.received_at)
    }

    /// 核销: the settlement `on` is what the token was for. Called last in the deed that
    /// [`Centre::certify_deed`] began.
    ///
    /// # Errors
    /// [`DbError::Conflict`] when somebody else spent it meanwhile: the deed runs again and is refused.
    pub fn spend_token(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        certificate: &Certificate,
        on: &str,
    ) -> Result<(), JourneyError> {
        if certificate.kind != ELECTRONIC || self.credentials.is_none() {
            return Ok(());
        }
        if credential::spend(tx, &certificate.number, on, operation.received_at)? {
            return Ok(());
        }
        let statement = "credential.spend".to_owned();
        Err(DbError::Conflict { statement, detail: "the token was spent meanwhile".to_owned() }.into())
    }
}
