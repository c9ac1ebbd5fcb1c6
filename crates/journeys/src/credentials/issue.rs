//! 签发, 暂停, 恢复, 注销; credentials that a region has when it begins.

use std::collections::BTreeSet;

use credential::{Credential, Device, Identity, Relation, State};
use db::Tx;
use operation::Operation;
use serde_json::json;
use terms::PersonId;

use super::credential_of;
use crate::{Centre, JourneyError};

/// 期初凭证: of somebody who had a credential before the region began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCredential {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 监护人: whose entry shows this person, for a child.
    pub guardian: Option<PersonId>,
    /// 设备, if one is bound.
    pub device: Option<OpenDevice>,
}

/// 期初设备.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDevice {
    /// 设备编号, unique.
    pub device_id: String,
    /// 设备名称.
    pub name: String,
    /// 公钥: P-256, `04 ‖ x ‖ y`.
    pub public_key: Vec<u8>,
}

impl Centre {
    /// 签发: the one credential of a person who is registered.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; HC902 when there is one that is not revoked.
    pub fn issue_credential(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
    ) -> Result<Credential, JourneyError> {
        self.credential_office()?;
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        crate::person(tx, psn_no)?;
        if credential::of_person(tx, psn_no)?.is_some_and(|known| known.state != State::Revoked) {
            return Err(credential::Refusal::HasCredential { psn_no: psn_no.to_string() }.into());
        }
        let issued = fresh(operation, psn_no);
        credential::issue(tx, std::slice::from_ref(&issued))?;
        let body = json!({ "ec_no": issued.ec_no });
        let change = self.changed(operation, "credential_issued", &issued.ec_no, psn_no, &body);
        operation::feed::append(tx, &[change])?;
        Ok(issued)
    }

    /// 期初导入: credentials, devices and guardians' identities of many, all at once. Who has a
    /// credential already, or is not registered, is left alone; the answer counts what was new.
    ///
    /// # Errors
    /// HC908 when a public key is none.
    pub fn open_credentials(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        opening: &[OpenCredential],
    ) -> Result<usize, JourneyError> {
        self.credential_office()?;
        let numbers: Vec<&PersonId> = opening.iter().map(|row| &row.psn_no).collect();
        let registered = enrolment::registered(tx, &numbers)?;
        let persons: Vec<PersonId> = numbers.into_iter().cloned().collect();
        let known: BTreeSet<PersonId> =
            credential::of_persons(tx, &persons)?.into_iter().map(|known| known.psn_no).collect();
        let new: Vec<&OpenCredential> =
            opening.iter().filter(|row| registered.contains(&row.psn_no) && !known.contains(&row.psn_no)).collect();
        let issued: Vec<Credential> = new.iter().map(|row| fresh(operation, &row.psn_no)).collect();
        credential::issue(tx, &issued)?;
        for (row, issued) in new.iter().zip(&issued) {
            let at = operation.received_at;
            if let Some(OpenDevice { device_id, name, public_key }) = &row.device {
                let device = Device {
                    device_id: device_id.clone(),
                    ec_no: issued.ec_no.clone(),
                    name: name.clone(),
                    public_key: credential::public_key(public_key)?,
                    state: State::Active,
                    bound_at: at,
                    changed_at: at,
                    reason: String::new(),
                };
                credential::bind_device(tx, &device, usize::MAX)??;
            }
            if let Some(holder) = &row.guardian {
                let (holder, member) = (holder.clone(), row.psn_no.clone());
                credential::bind_identity(
                    tx,
                    &Identity { holder, member, relation: Relation::Guardian, bound_at: at },
                )?;
            }
        }
        Ok(issued.len())
    }

    /// 暂停 (loss), 恢复 or 注销 (for good) a person's credential, with a reason.
    ///
    /// # Errors
    /// HC901 without one; HC919 when its state does not allow it.
    pub fn set_credential_state(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        state: State,
        reason: &str,
    ) -> Result<Credential, JourneyError> {
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        let known = credential_of(tx, psn_no)?;
        credential::set_state(tx, &known.ec_no, state, operation.received_at, reason)??;
        let body = json!({ "ec_no": known.ec_no, "state": state, "reason": reason });
        let subject = format!("{}/{}", known.ec_no, operation.new_id("state"));
        operation::feed::append(tx, &[self.changed(operation, "credential_state", &subject, psn_no, &body)])?;
        credential_of(tx, psn_no)
    }
}

fn fresh(operation: &Operation, psn_no: &PersonId) -> Credential {
    let at = operation.received_at;
    Credential {
        ec_no: operation.new_id(&format!("credential/{psn_no}")),
        psn_no: psn_no.clone(),
        state: State::Active,
        issued_at: at,
        changed_at: at,
        reason: String::new(),
    }
}
