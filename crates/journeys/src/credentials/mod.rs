//! 医保电子凭证: issue, activate, bind a device, draw a code, decode it, stand by its token.
//!
//! Every deed here goes by the centre's own clock (`received_at`), never by what a sender writes, and
//! holds the persons concerned from its beginning: a code that is being scanned and a credential that
//! is being revoked wait for each other.

mod activate;
mod certify;
mod codes;
mod identities;
mod issue;

use std::sync::Arc;

use credential::{Credential, Settings, State};
use db::Tx;
use evidence::Signer;
use operation::Operation;
use terms::PersonId;

use crate::{Centre, JourneyError, Own};

pub use activate::{BindDevice, Bound};
pub use certify::Certificate;
pub use codes::{Decode, Decoded, DrawCode, Drawn, SignedIn};
pub use identities::{Shown, shown_by};
pub use issue::{OpenCredential, OpenDevice};

/// 电子凭证中心: how long things live, and the key that signs codes.
pub struct CredentialOffice {
    /// 凭证设置, the region's.
    pub settings: Settings,
    /// The key that signs codes; its own, not the evidence log's.
    pub signer: Arc<dyn Signer>,
}

/// Letters and digits that cannot be mistaken for one another.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

impl Centre {
    /// The office, where the region has one.
    pub(crate) fn credential_office(&self) -> Result<&Arc<CredentialOffice>, JourneyError> {
        self.credentials.as_ref().ok_or_else(|| Own::NoCredentials.into())
    }
}

/// The credential of a person, whatever its state.
pub(crate) fn credential_of(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Credential, JourneyError> {
    let known = credential::of_person(tx, psn_no)?;
    Ok(known.ok_or_else(|| credential::Refusal::NoCredential { whose: psn_no.to_string() })?)
}

/// The same, if it may be used.
pub(crate) fn active_credential(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Credential, JourneyError> {
    let known = credential_of(tx, psn_no)?;
    if known.state == State::Active {
        return Ok(known);
    }
    Err(credential::Refusal::NotActive { state: known.state.term() }.into())
}

/// Eight characters that people type, drawn for `label`: 31⁸, near 2⁴⁰.
pub(crate) fn typed(operation: &Operation, label: &str) -> String {
    let drawn = operation.draw(label);
    let mut number = drawn[..16].iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let mut text = String::with_capacity(9);
    for place in 0..8 {
        if place == 4 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::try_from(number % 31).unwrap_or(0)]));
        number /= 31;
    }
    text
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
