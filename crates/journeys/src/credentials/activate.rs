//! 激活码 and 设备: how a telephone comes to speak for a person.

use credential::{Activation, Device, State};
use db::Tx;
use jiff::ToSpan;
use operation::Operation;
use serde_json::json;
use terms::{DateTime, PersonId};

use super::{active_credential, credential_of, typed};
use crate::{Centre, JourneyError};

/// 绑定设备 as asked for by the device itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindDevice {
    /// 证件号码 of the person, or 电子凭证编号: an activation code alone finds nobody.
    pub whose: String,
    /// 激活码, as typed.
    pub code: String,
    /// What its owner calls it.
    pub name: String,
    /// P-256, `04 ‖ x ‖ y`.
    pub public_key: Vec<u8>,
    /// Over `bind`, whose, code, and the key in hexadecimal: that the device has the private half.
    pub signature: Vec<u8>,
}

impl BindDevice {
    /// What the device signs.
    #[must_use]
    pub fn words(&self) -> String {
        credential::words_of("bind", &[&self.whose, &self.code, &super::hex(&self.public_key)])
    }
}

/// What became of a binding. A wrong code is no error of the deed: the try that it cost is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// Bound.
    Device(Device),
    /// Refused.
    Refused(credential::Refusal),
}

impl Centre {
    /// 激活码: a new code with which the person can bind one device; it is told once and kept as a
    /// hash. An earlier one is void.
    ///
    /// # Errors
    /// HC901, HC903.
    pub fn activation_code(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
    ) -> Result<(String, DateTime), JourneyError> {
        let settings = &self.credential_office()?.settings;
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        let known = active_credential(tx, psn_no)?;
        let code = typed(operation, &format!("activation/{psn_no}"));
        let expires_at = operation.received_at.saturating_add(settings.activation_days.days());
        let digest = credential::digest("activation", &known.ec_no, &code);
        let tries_left = settings.activation_tries;
        credential::open_activation(tx, &Activation { ec_no: known.ec_no, digest, expires_at, tries_left })?;
        Ok((code, expires_at))
    }

    /// 绑定设备 with an activation code. Whoever the certificate names is not told apart from a wrong
    /// code.
    ///
    /// # Errors
    /// Storage only; refusals (HC905, HC907, HC908, HC909) are in the answer, so that a lost try stays
    /// lost.
    pub fn bind_device(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &BindDevice,
    ) -> Result<Bound, JourneyError> {
        let settings = &self.credential_office()?.settings;
        let refused = |refusal| Ok(Bound::Refused(refusal));
        let public_key = match credential::public_key(&asked.public_key) {
            Ok(key) => key,
            Err(refusal) => return refused(refusal),
        };
        if let Err(refusal) = credential::signed_by_device(&public_key, &asked.words(), &asked.signature) {
            return refused(refusal);
        }
        let nobody = credential::Refusal::WrongActivation { left: 0 };
        let Some(psn_no) = person_of(tx, &asked.whose)? else { return refused(nobody) };
        operation::lock_persons(tx, std::slice::from_ref(&psn_no))?;
        let Some(known) = credential::of_person(tx, &psn_no)?.filter(|known| known.state == State::Active) else {
            return refused(nobody);
        };
        let at = operation.received_at;
        let bound = credential::devices_of(tx, &known.ec_no)?;
        if bound.iter().filter(|device| device.state == State::Active).count() >= settings.devices {
            return refused(credential::Refusal::TooManyDevices { most: settings.devices });
        }
        let digest = credential::digest("activation", &known.ec_no, &asked.code);
        if let Err(refusal) = credential::try_activation(tx, &known.ec_no, &digest, at)? {
            return refused(refusal);
        }
        let device = Device {
            device_id: operation.new_id("device"),
            ec_no: known.ec_no,
            name: asked.name.chars().take(40).collect(),
            public_key,
            state: State::Active,
            bound_at: at,
            changed_at: at,
            reason: String::new(),
        };
        credential::bind_device(tx, &device, settings.devices)??;
        let body = json!({ "name": device.name, "bound": true });
        let change = self.changed(operation, "credential_device", &device.device_id, &psn_no, &body);
        operation::feed::append(tx, &[change])?;
        Ok(Bound::Device(device))
    }

    /// 解绑设备 of a person's credential.
    ///
    /// # Errors
    /// HC904 when it is not theirs or no longer bound.
    pub fn unbind_device(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        device_id: &str,
        reason: &str,
    ) -> Result<(), JourneyError> {
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        let known = credential_of(tx, psn_no)?;
        let own = credential::device(tx, device_id)?.is_some_and(|device| device.ec_no == known.ec_no);
        if !own || !credential::revoke_device(tx, device_id, operation.received_at, reason)? {
            return Err(credential::Refusal::DeviceUnknown.into());
        }
        let subject = format!("{device_id}/unbound");
        let body = json!({ "bound": false, "reason": reason });
        operation::feed::append(tx, &[self.changed(operation, "credential_device", &subject, psn_no, &body)])?;
        Ok(())
    }
}

/// Whose certificate or credential number it is; nobody's when several share it.
fn person_of(tx: &mut dyn Tx, whose: &str) -> Result<Option<PersonId>, JourneyError> {
    if let Some(known) = credential::by_number(tx, whose)? {
        return Ok(Some(known.psn_no));
    }
    let mut found = enrolment::by_certificate_number(tx, whose)?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}
