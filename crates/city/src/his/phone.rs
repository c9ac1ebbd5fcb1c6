//! 手机: people who show a code instead of a card. The telephone draws it from the centre over HTTP, the
//! window decodes it (1162), and the token it gets stands for the person in the next messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use terms::show_time;

use super::body;
use super::clerk::Clerk;
use crate::CityError;
use crate::credential::{device_of, key_of, signed_request};
use crate::random::Dice;
use crate::visit::Visit;

/// What a code is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Showing {
    /// 就医.
    Treat,
    /// 结算.
    Settle,
}

impl Clerk<'_> {
    /// Decides, visit by visit, whether a code is shown, and shows it; afterwards the messages of this
    /// visit carry the token, or the identity card as ever.
    pub(super) fn show_code(&mut self, visit: &Visit, showing: Showing) -> Result<(), CityError> {
        self.token = None;
        let label: u64 = visit.label.bytes().fold(7, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let seed = self.shared.city.options().seed;
        if !Dice::keyed(seed, &[61, label]).chance(self.shared.options.codes_per_mille) {
            return Ok(());
        }
        let Some(entry) = self.shared.city.entry_of(&visit.person) else { return Ok(()) };
        let (purpose, number) = match showing {
            Showing::Treat => ("treat", 1),
            Showing::Settle => ("settle", 2),
        };
        let device = device_of(&entry.holder);
        let made_at = jiff::Timestamp::now().to_zoned(TimeZone::fixed(offset(8))).datetime();
        let (made_at, nonce) = (show_time(made_at), self.shared.nonce());
        let member = entry.member.as_deref().unwrap_or_default();
        let signature = signed_request(&key_of(seed, &entry.holder), (&device, &made_at, &nonce), number, member);
        let mut asked = json!({ "device": device, "made_at": made_at, "nonce": nonce, "purpose": purpose,
            "signature": STANDARD.encode(signature) });
        if !member.is_empty() {
            asked["member"] = member.into();
        }
        let answer: Value = match self.channel.draw(self.shared, address_of(&entry.holder), &asked.to_string())? {
            Ok(answer) => answer,
            Err(problem) => {
                self.differences(visit, "code", vec![format!("the telephone drew no code: {problem}")]);
                return Ok(());
            }
        };
        self.report.codes_drawn += 1;
        let code = answer["code"].as_str().unwrap_or_default();
        let pharmacy = visit.institution.pharmacy;
        let business = match (showing, pharmacy) {
            (Showing::Treat, _) if visit.is_stay() => "01103",
            (Showing::Treat, _) => "01101",
            (Showing::Settle, true) => "02121",
            (Showing::Settle, false) => "01301",
        };
        let decoded = self.say(visit, "1162", &body::decoding(visit, code, business))?;
        if let Some((refusal, words)) = &decoded.refusal {
            self.differences(visit, "1162", vec![format!("a fresh code was refused: {refusal} {words}")]);
            return Ok(());
        }
        let data = decoded.output.node("data");
        let (certificate, token) = data.map(|row| (row.text("idNo"), row.text("ecToken"))).unwrap_or_default();
        if certificate != visit.person.certificate {
            let words = format!("{} was shown, {certificate} was decoded", visit.person.certificate);
            self.differences(visit, "1162", vec![words]);
        }
        self.report.codes_decoded += 1;
        *self.report.codes_by_place.entry(if pharmacy { "pharmacy" } else { "hospital" }.to_owned()).or_default() += 1;
        if entry.member.is_some() {
            self.report.codes_for_children += 1;
        }
        self.token = Some(token);
        Ok(())
    }
}

/// The address of a person's telephone, in 10.0.0.0/8.
fn address_of(holder: &str) -> Ipv4Addr {
    let number: u32 = holder.bytes().fold(0, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    Ipv4Addr::from_bits(0x0A00_0000 | (number & 0x00FF_FFFF))
}
