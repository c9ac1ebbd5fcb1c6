//! 医保电子凭证 of the city's people: who has one, with which telephone, and who shows a child's. The
//! telephone's key is derived from the city's seed, so that the same city has the same telephones.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};

use crate::City;
use crate::household::household;
use crate::person::Person;
use crate::random::Dice;

/// 成年: whoever is younger is shown by an adult of the household.
const ADULT: u8 = 18;

/// Whose telephone shows a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The telephone's owner.
    pub(crate) holder: String,
    /// The child shown, if it is not the owner.
    pub(crate) member: Option<String>,
}

/// Whether an adult has a credential with a telephone of their own: the old less often.
pub(crate) fn holds(seed: u64, person: &Person) -> bool {
    let per_mille = if person.age < 60 { 700 } else { 300 };
    let keys = [60, u64::from(person.household), u64::from(person.member)];
    person.age >= ADULT && Dice::keyed(seed, &keys).chance(per_mille)
}

/// Who shows a person of a household, if anybody can.
pub(crate) fn shown_by(seed: u64, person: &Person, members: &[Person]) -> Option<Entry> {
    if holds(seed, person) {
        return Some(Entry { holder: person.number.clone(), member: None });
    }
    let guardian = members.iter().find(|member| holds(seed, member)).filter(|_| person.age < ADULT)?;
    Some(Entry { holder: guardian.number.clone(), member: Some(person.number.clone()) })
}

/// 设备编号 of a person's telephone.
pub(crate) fn device_of(number: &str) -> String {
    format!("PHONE{number}")
}

/// The key of a person's telephone.
pub(crate) fn key_of(seed: u64, number: &str) -> SigningKey {
    let mut round = 0_u32;
    loop {
        let drawn = Sha256::digest(format!("heng city telephone\n{seed}\n{number}\n{round}"));
        // All but one in 2³² of the numbers are a key.
        if let Ok(key) = SigningKey::from_slice(&drawn) {
            return key;
        }
        round += 1;
    }
}

/// The public half: `04 ‖ x ‖ y`.
pub(crate) fn public_of(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

/// What the telephone signs to draw a code, and its signature.
pub(crate) fn signed_request(
    key: &SigningKey,
    (device, made_at, nonce): (&str, &str, &str),
    purpose: u8,
    member: &str,
) -> Vec<u8> {
    let words = format!("heng credential v1\ndraw\n{device}\n{made_at}\n{nonce}\n{purpose}\n{member}");
    let signature: Signature = key.sign(words.as_bytes());
    signature.to_bytes().to_vec()
}

impl City {
    /// Who shows a person's code, if anybody can.
    pub(crate) fn entry_of(&self, person: &Person) -> Option<Entry> {
        let seed = self.options().seed;
        if person.age >= ADULT {
            return shown_by(seed, person, &[]);
        }
        shown_by(seed, person, &household(&self.world(), person.household))
    }
}
