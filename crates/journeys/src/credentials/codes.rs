//! 一次性码: drawn by a device, decoded by an institution (1162) or taken by the centre itself.

use credential::{Code, Purpose, Refusal, Relation, State, Use};
use db::Tx;
use enrolment::Standing;
use jiff::ToSpan;
use operation::Operation;
use terms::{DateTime, InstitutionId, PersonId, show_time};

use super::{active_credential, hex, typed};
use crate::{Centre, JourneyError};

/// 生成码 as asked for by a device, which signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawCode {
    /// 设备编号.
    pub device_id: String,
    /// When the device made the request, by its clock.
    pub made_at: DateTime,
    /// A number that the device never uses again.
    pub nonce: String,
    /// 用码目的.
    pub purpose: Purpose,
    /// Whom to show; the device's own person when empty.
    pub member: Option<PersonId>,
    /// The device's signature over [`DrawCode::words`].
    pub signature: Vec<u8>,
}

impl DrawCode {
    /// What the device signs.
    #[must_use]
    pub fn words(&self) -> String {
        let member = self.member.as_ref().map_or("", PersonId::as_str);
        let purpose = self.purpose.number().to_string();
        credential::words_of("draw", &[&self.device_id, &show_time(self.made_at), &self.nonce, &purpose, member])
    }
}

/// A code as the device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The text of the QR code.
    pub text: String,
    /// The short form, of a code that people type.
    pub typed: Option<String>,
    /// 有效期止.
    pub expires_at: DateTime,
    /// Whom it shows.
    pub psn_no: PersonId,
}

/// 解码 as an institution asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decode {
    /// The text of the QR code.
    pub text: String,
    /// 用码业务类型.
    pub business: String,
    /// 收款员编号.
    pub operator: String,
}

/// Who showed a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The person and how they stand.
    pub standing: Standing,
    /// 电子凭证编号.
    pub ec_no: String,
    /// 令牌: what stands for the person in this institution's next messages.
    pub token: String,
}

/// Who signed in with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub psn_no: PersonId,
    /// The person first, then the children they are guardian of. Family that agreed to be shown by a code has
    /// not agreed to be read.
    pub persons: Vec<PersonId>,
}

/// 用码业务类型 of paying: 01301 at a hospital, 02121 at a pharmacy. All others are of treatment.
const SETTLING: &[&str] = &["01301", "02121"];

impl Centre {
    /// 生成一次性码.
    ///
    /// # Errors
    /// HC904, HC905, HC906, HC903, HC901, HC910.
    pub fn draw_code(&self, tx: &mut dyn Tx, operation: &Operation, asked: &DrawCode) -> Result<Drawn, JourneyError> {
        let office = self.credential_office()?;
        let settings = &office.settings;
        let device = credential::device(tx, &asked.device_id)?.ok_or(Refusal::DeviceUnknown)?;
        let holder = credential::by_number(tx, &device.ec_no)?.ok_or(Refusal::DeviceUnknown)?.psn_no;
        let member = asked.member.clone().unwrap_or_else(|| holder.clone());
        operation::lock_persons(tx, &[holder.clone(), member.clone()])?;
        // Read again: whoever revoked it meanwhile has finished.
        let device = credential::device(tx, &asked.device_id)?.ok_or(Refusal::DeviceUnknown)?;
        device.require(&asked.words(), &asked.signature)?;
        let now = operation.received_at;
        credential::fresh(asked.made_at, now, settings.clock_seconds)?;
        let known = active_credential(tx, &holder)?;
        if known.ec_no != device.ec_no {
            return Err(Refusal::DeviceUnknown.into());
        }
        if member != holder {
            let shown = credential::identity(tx, &holder, &member)?;
            if shown.is_none() || asked.purpose.is_typed() {
                return Err(Refusal::NotBound { member: member.to_string() }.into());
            }
            active_credential(tx, &member)?;
        }
        let forget_before = now.saturating_sub((2 * settings.clock_seconds).seconds());
        if !credential::take_nonce(tx, &device.device_id, &asked.nonce, asked.made_at, forget_before)? {
            return Err(Refusal::Stale { made_at: asked.made_at, now }.into());
        }
        let short = asked.purpose.is_typed().then(|| typed(operation, "typed code"));
        let seconds = if short.is_some() { settings.typed_seconds } else { settings.code_seconds };
        let code = Code {
            code_id: hex(&operation.draw("code")[..16]),
            ec_no: known.ec_no,
            psn_no: member,
            device_id: device.device_id,
            purpose: asked.purpose,
            drawn_at: now,
            expires_at: now.saturating_add(seconds.seconds()),
            typed: short.as_deref().map(hash_of_typed),
            used: None,
        };
        let text = credential::sign_code(&code, &*office.signer)
            .map_err(|error| JourneyError::Broken(format!("a code was not signed: {error}")))?;
        credential::draw(tx, &code)?;
        Ok(Drawn { text, typed: short, expires_at: code.expires_at, psn_no: code.psn_no })
    }

    /// 1162 解码: who showed a code, and the token that stands for them here. A code is used once; the
    /// same message again is answered from memory.
    ///
    /// # Errors
    /// HC912, then HC903, HC904, HC910, HC913, HC914, HC915.
    pub fn decode_code(&self, tx: &mut dyn Tx, operation: &Operation, asked: &Decode) -> Result<Decoded, JourneyError> {
        let settling = SETTLING.contains(&asked.business.as_str());
        let purpose = if settling { Purpose::Settle } else { Purpose::Treat };
        let token = hex(&operation.draw("token")[..20]);
        let minutes = self.credential_office()?.settings.token_minutes;
        let using = Use {
            at: operation.received_at,
            institution: operation.institution.clone(),
            operator: asked.operator.clone(),
            business: asked.business.clone(),
            msgid: operation.msgid.to_string(),
            token: Some((token.clone(), operation.received_at.saturating_add(minutes.minutes()))),
            spent: None,
        };
        let code = self.take_code(tx, &asked.text, purpose, &using)?;
        let standing = crate::person(tx, &code.psn_no)?;
        let shown = active_credential(tx, &code.psn_no)?;
        Ok(Decoded { standing, ec_no: shown.ec_no, token })
    }

    /// 凭码登录: who a sign-in code stands for; it is used by that.
    ///
    /// # Errors
    /// As [`Centre::decode_code`].
    pub fn sign_in_by_code(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        text: &str,
    ) -> Result<SignedIn, JourneyError> {
        let code = self.take_code(tx, text, Purpose::SignIn, &of_the_centre(operation, "sign-in"))?;
        let mut persons = vec![code.psn_no.clone()];
        let identities = credential::identities_of(tx, &code.psn_no)?;
        for identity in identities.into_iter().filter(|identity| identity.relation == Relation::Guardian) {
            let active = credential::of_person(tx, &identity.member)?;
            if active.is_some_and(|known| known.state == State::Active) {
                persons.push(identity.member);
            }
        }
        Ok(SignedIn { psn_no: code.psn_no, persons })
    }

    /// Takes a code, given as its text or in its short form, once all whom it concerns are held.
    pub(super) fn take_code(
        &self,
        tx: &mut dyn Tx,
        text: &str,
        purpose: Purpose,
        using: &Use,
    ) -> Result<Code, JourneyError> {
        let office = self.credential_office()?;
        let known = match credential::read_code(text, office.signer.public()) {
            Some(claims) => credential::code(tx, &claims.code_id)?,
            None if purpose.is_typed() => credential::code_of_typed(tx, &hash_of_typed(text))?,
            None => None,
        };
        let known = known.ok_or(Refusal::CodeUnknown)?;
        operation::lock_persons(tx, &[known.holder, known.code.psn_no])?;
        Ok(credential::take(tx, &known.code.code_id, purpose, using)??)
    }
}

/// A use of the centre itself, which gives out no token.
pub(super) fn of_the_centre(operation: &Operation, business: &str) -> Use {
    Use {
        at: operation.received_at,
        institution: InstitutionId(String::new()),
        operator: operation.operator.clone(),
        business: business.to_owned(),
        msgid: operation.msgid.to_string(),
        token: None,
        spent: None,
    }
}

fn hash_of_typed(text: &str) -> String {
    hex(&credential::digest("typed code", "", text))
}
