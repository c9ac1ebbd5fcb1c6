//! 拒绝: what the gateway refuses by form, in order of precedence, and how any refusal is
//! written: `[F407 feedetail[3].cnt 数量] words for people`.

use crate::Malformed;
use std::fmt;

macro_rules! form {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Refusals of form, in order of precedence: the first that applies is answered.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Form { $($(#[$doc])* $name,)* }

        impl Form {
            /// Every refusal of form, in order of precedence.
            pub const ALL: &'static [Form] = &[$(Form::$name,)*];

            /// The code that stands in `err_msg`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Form::$name => $code,)* }
            }
        }
    };
}

form! {
    /// The whole body is over the limit.
    BodyTooLarge = "F001",
    /// The body is not UTF-8.
    NotUtf8 = "F002",
    /// The body is not one JSON object, or nests too deep.
    NotJson = "F003",
    /// One object gives a name twice.
    RepeatedName = "F004",
    /// No signature, and the peer is not this machine.
    Unsigned = "F101",
    /// A header of the signature is missing or not what it should be.
    SignatureHeader = "F102",
    /// The channel's key is not registered.
    UnknownKey = "F103",
    /// The signature's time is outside the window.
    StaleSignature = "F104",
    /// The signature does not verify.
    WrongSignature = "F105",
    /// The signature was used before.
    ReplayedSignature = "F106",
    /// A required field of the envelope is missing.
    EnvelopeMissing = "F201",
    /// A field of the envelope is an object or an array.
    EnvelopeType = "F202",
    /// A field of the envelope is too long.
    EnvelopeLength = "F203",
    /// `inf_time` is not a date and time.
    EnvelopeTime = "F204",
    /// No such transaction in the national interface.
    UnknownTransaction = "F205",
    /// A national transaction that this centre does not serve yet.
    Unserved = "F206",
    /// The path belongs to another transaction.
    WrongPath = "F207",
    /// Neither the insured's area nor the place of care belongs to this centre.
    WrongRegion = "F208",
    /// `inf_time` is too far from the centre's clock.
    TimeWindow = "F209",
    /// The body speaks for another institution than the channel.
    WrongInstitution = "F301",
    /// The transaction needs a sign-in and `sign_no` is empty.
    NotSignedIn = "F302",
    /// `sign_no` is unknown, ended, or of another institution.
    WrongSignIn = "F303",
    /// `input` is over the limit of bytes.
    InputTooLarge = "F401",
    /// `input` is missing or not an object.
    InputMissing = "F402",
    /// A node is missing.
    NodeMissing = "F403",
    /// A node is not an object or an array of objects, or has more rows than it may.
    NodeShape = "F404",
    /// More rows than one message may carry.
    TooManyLines = "F405",
    /// A required field is missing or empty.
    FieldMissing = "F406",
    /// A field has the wrong type.
    FieldType = "F407",
    /// A field is too long, or a number has too many digits or decimals.
    FieldLength = "F408",
    /// A code is not in its dictionary.
    FieldCode = "F409",
    /// `exp_content` is not a JSON object, or a declared key in it is wrong.
    Extension = "F410",
    /// What a field names is not there: an institution, a settlement, a file.
    NotFound = "F411",
    /// A file is not as documented.
    File = "F412",
    /// The msgid was used for another message.
    UsedMessageId = "F501",
    /// The same message, answered too long ago.
    ForgottenMessage = "F502",
    /// A 2601 for this msgid came first.
    ReversedBefore = "F503",
    /// Too many messages are waiting; nothing was done.
    Busy = "F901",
    /// The centre failed; whether the deed was recorded is found by sending the message again.
    Failed = "F902",
}

/// 拒绝: an expected answer, of form or of the law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The code: `F…` of form, the region's own of its law.
    pub code: String,
    /// What it is about: `feedetail[3].cnt 数量`, `feedetl_sn=3`; empty when the whole message.
    pub place: String,
    /// Words for people: the value and the way out.
    pub words: String,
}

impl Refused {
    /// A refusal of form.
    #[must_use]
    pub fn form(form: Form, place: impl Into<String>, words: impl Into<String>) -> Refused {
        Refused { code: form.code().to_owned(), place: place.into(), words: words.into() }
    }

    /// A refusal of the law, with the law's own code; `row` names the line it is about.
    #[must_use]
    pub fn law(code: &str, row: Option<&str>, words: impl Into<String>) -> Refused {
        let place = row.map(|line| format!("feedetl_sn={line}")).unwrap_or_default();
        Refused { code: code.to_owned(), place, words: words.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.place.is_empty() { "" } else { " " };
        write!(f, "[{}{space}{}] {}", self.code, self.place, self.words)
    }
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Refused {
        let form = match malformed {
            Malformed::Repeated(_) => Form::RepeatedName,
            _ => Form::NotJson,
        };
        Refused::form(form, "", format!("{malformed}，请改正后重发"))
    }
}

/// The first `most` characters of a text that came from outside, for use in a message.
#[must_use]
pub fn shown(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
    if text.chars().count() > most {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_with_precedence_and_are_unique() {
        for pair in Form::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code(), "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn a_refusal_names_code_place_and_words() {
        let refused = Refused::law("HZ204", Some("3"), "目录编码不存在");
        assert_eq!(refused.to_string(), "[HZ204 feedetl_sn=3] 目录编码不存在");
        assert_eq!(Refused::law("HZ110", None, "等待期内").to_string(), "[HZ110] 等待期内");
    }
}
