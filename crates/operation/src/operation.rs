//! 经办: who asks, when, under which message id, and what chance was drawn for it.

use crate::InputHash;
use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use terms::{DateTime, InstitutionId, MessageId};

/// One state-changing message on its way into a deed. The rim makes it *before* the deed:
/// the clock is read and the seed drawn once, so a deed that runs again is the same deed.
#[derive(Clone)]
pub struct Operation {
    /// 定点医药机构编号 of the sender, as signed in.
    pub institution: InstitutionId,
    /// 发送方报文ID `msgid`.
    pub msgid: MessageId,
    /// 交易编号 `infno`, such as `2207`.
    pub infno: String,
    /// The hash of infno and canonical input.
    pub input_hash: InputHash,
    /// 交易时间 `inf_time`, as the sender wrote it.
    pub message_time: DateTime,
    /// When the centre received it, by the centre's clock.
    pub received_at: DateTime,
    /// Until when the answer's bytes are kept (usually 90 days on).
    pub kept_until: DateTime,
    /// 经办人 `opter`.
    pub operator: String,
    /// 32 bytes of true randomness, drawn once for this message.
    pub seed: [u8; 32],
}

impl Operation {
    /// 经办机构自己的办理: a deed of the bureau that came by no message of an institution. Its
    /// message id is made from the seed; nothing is kept for repeats.
    #[must_use]
    pub fn of_bureau(label: &str, operator: &str, now: DateTime, seed: [u8; 32]) -> Operation {
        let msgid: String = seed[..15].iter().map(|byte| format!("{byte:02x}")).collect();
        Operation {
            institution: "BUREAU".into(),
            msgid: msgid.as_str().into(),
            infno: label.to_owned(),
            input_hash: InputHash::of(label, &serde_json::Value::from(msgid.as_str())),
            message_time: now,
            received_at: now,
            kept_until: now,
            operator: operator.to_owned(),
            seed,
        }
    }

    /// 32 bytes drawn for `label`, the same in every run of the deed: salts of leaves, keys
    /// of rows. Different labels give unrelated bytes.
    #[must_use]
    pub fn draw(&self, label: &str) -> [u8; 32] {
        keyed(&self.seed, &[label.as_bytes()])
    }

    /// A new identifier for `label`, the same in every run of the deed: 30 characters, the
    /// length of `setl_id` and `mdtrt_id`; the time of receipt to the second, then 64 random
    /// bits in hexadecimal, so that it sorts by time and cannot be guessed.
    #[must_use]
    pub fn new_id(&self, label: &str) -> String {
        let drawn = self.draw(label);
        let chance =
            u64::from_be_bytes([drawn[0], drawn[1], drawn[2], drawn[3], drawn[4], drawn[5], drawn[6], drawn[7]]);
        let at = self.received_at;
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}{chance:016x}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

/// HMAC-SM3 of `parts`, each preceded by its length so that no two lists look alike.
pub(crate) fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sm3>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
