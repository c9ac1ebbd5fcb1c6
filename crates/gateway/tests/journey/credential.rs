//! An electronic credential at the windows of a hospital and a pharmacy.

use crate::town::*;
use credential::{Purpose, Settings};
use db::Tx;
use evidence::Sm2Key;
use gateway::Config;
use jiff::ToSpan;
use journeys::{BindDevice, Bound, Centre, CredentialOffice, DrawCode, Drawn, JourneyError};
use operation::Operation;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use std::sync::Arc;
use terms::{DateTime, PersonId};

/// A town that has electronic credentials.
fn with_credentials(scenario: fn(&Town)) {
    let open = |database| {
        let settings = Settings {
            code_seconds: 60,
            typed_seconds: 120,
            token_minutes: 120,
            activation_days: 7,
            activation_tries: 5,
            devices: 5,
            clock_seconds: 300,
            adult_age: 18,
        };
        let signer = Arc::new(Sm2Key::generate("heng/999900/credential").unwrap());
        let office = Some(Arc::new(CredentialOffice { settings, signer }));
        Town::open_with(Centre { credentials: office, ..centre() }, database, Config { ..suite() })
    };
    scenario(&open(embedded()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&open(fresh.open()));
    }
}

/// The clock of the gateway.
fn now() -> DateTime {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .datetime()
        .round(jiff::Unit::Second)
        .unwrap()
}

fn deed<T: Send + 'static>(
    town: &Town,
    deed: impl Fn(&Centre, &mut dyn Tx, &Operation) -> Result<T, JourneyError> + Send + Sync + 'static,
) -> Result<T, JourneyError> {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(town.msgid("SEED").as_bytes().first_chunk::<16>().unwrap());
    seed[16..].copy_from_slice(town.msgid("0123456789").as_bytes().last_chunk::<16>().unwrap());
    let (centre, operation) = (town.desk.centre(), Operation::of_bureau("test", "S001", now(), seed));
    town.desk.database().deed(move |tx| deed(&centre, tx, &operation))
}

/// A telephone bound to a person.
struct Phone {
    key: SigningKey,
    id: String,
}

impl Phone {
    fn of(town: &Town, psn_no: &str, secret: u8) -> Phone {
        let person: PersonId = psn_no.into();
        deed(town, move |centre, tx, operation| centre.issue_credential(tx, operation, &person)).unwrap();
        Phone::bound(town, psn_no, secret)
    }

    fn bound(town: &Town, psn_no: &str, secret: u8) -> Phone {
        let person: PersonId = psn_no.into();
        let (code, _) =
            deed(town, move |centre, tx, operation| centre.activation_code(tx, operation, &person)).unwrap();
        let key = SigningKey::from_slice(&[secret; 32]).unwrap();
        let mut asked = BindDevice {
            whose: format!("C{psn_no}"),
            code,
            name: "手机".to_owned(),
            public_key: key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            signature: Vec::new(),
        };
        let signature: Signature = key.sign(asked.words().as_bytes());
        asked.signature = signature.to_bytes().to_vec();
        match deed(town, move |centre, tx, operation| centre.bind_device(tx, operation, &asked)).unwrap() {
            Bound::Device(device) => Phone { key, id: device.device_id },
            Bound::Refused(refusal) => panic!("{refusal}"),
        }
    }

    fn draw_for(&self, town: &Town, purpose: Purpose, member: Option<&str>) -> Result<Drawn, JourneyError> {
        let mut asked = DrawCode {
            device_id: self.id.clone(),
            made_at: now(),
            nonce: town.msgid("N"),
            purpose,
            member: member.map(PersonId::from),
            signature: Vec::new(),
        };
        let signature: Signature = self.key.sign(asked.words().as_bytes());
        asked.signature = signature.to_bytes().to_vec();
        deed(town, move |centre, tx, operation| centre.draw_code(tx, operation, &asked))
    }

    fn draw(&self, town: &Town, purpose: Purpose) -> String {
        self.draw_for(town, purpose, None).unwrap().text
    }
}

const AT: &str = "2026-03-09 10:00:00";

fn scanned(code: &str, business: &str) -> Value {
    json!({ "data": { "ecQrCode": code, "businessType": business, "operatorId": "001", "operatorName": "收费员" } })
}

fn known(psn_no: &str, token: &str) -> Value {
    json!({ "data": { "mdtrt_cert_type": "01", "mdtrt_cert_no": token, "psn_cert_type": "01",
        "certno": format!("C{psn_no}"), "psn_name": "张三" } })
}

fn registration(psn_no: &str, token: &str) -> Value {
    json!({ "data": { "psn_no": psn_no, "insutype": "310", "begntime": AT, "mdtrt_cert_type": "01",
        "mdtrt_cert_no": token, "ipt_otp_no": "E1", "dept_code": "D01", "dept_name": "内科", "caty": "A03" } })
}

fn paid_by_token(psn_no: &str, mdtrt_id: &str, total: &str, token: &str) -> Value {
    let mut bill = bill(psn_no, mdtrt_id, total, json!({}));
    bill["data"]["mdtrt_cert_type"] = json!("01");
    bill["data"]["mdtrt_cert_no"] = json!(token);
    bill
}

fn token_of(town: &Town, institution: &str, code: &str, business: &str) -> String {
    town.say(institution, AT, "1162", &scanned(code, business)).accepted().text("data", "ecToken")
}

#[test]
fn a_code_is_decoded_once_and_its_repeat_gets_the_same_bytes() {
    with_credentials(|town| {
        town.employee("5001", 0);
        let phone = Phone::of(town, "5001", 1);
        let code = phone.draw(town, Purpose::Treat);
        let id = town.msgid(HOSPITAL);
        let first = town.say_as(&id, HOSPITAL, AT, "1162", &scanned(&code, "01101")).accepted();
        assert_eq!((first.text("data", "idNo"), first.text("data", "userName")), ("C5001".into(), "张三".into()));
        let token = first.text("data", "ecToken");
        assert!(token.len() <= 50, "it fits into mdtrt_cert_no");
        assert_eq!(town.say_as(&id, HOSPITAL, AT, "1162", &scanned(&code, "01101")).accepted().raw, first.raw);
        assert_eq!(town.say(HOSPITAL, AT, "1162", &scanned(&code, "01101")).refused(), "HC913");
        assert_eq!(town.say(PHARMACY, AT, "1162", &scanned("HEC1.x.1.20260309100000.y", "02121")).refused(), "HC912");

        town.say(HOSPITAL, AT, "1101", &known("5001", &token)).accepted();
        town.employee("5002", 0);
        assert_eq!(town.say(HOSPITAL, AT, "1101", &known("5002", &token)).refused(), "HC916", "another person");
        assert_eq!(town.say(PHARMACY, AT, "1101", &known("5001", &token)).refused(), "HC916", "another institution");
        assert_eq!(town.say(HOSPITAL, AT, "1101", &known("5001", "made-up")).refused(), "HC916");
        assert_eq!(town.say(HOSPITAL, AT, "2201", &registration("5001", "made-up")).refused(), "HC916");
        town.say(HOSPITAL, AT, "2201", &registration("5001", &token)).accepted();
    });
}

#[test]
fn a_settlement_spends_the_token_of_a_code_that_was_drawn_for_one() {
    with_credentials(|town| {
        town.employee("5003", 0);
        let phone = Phone::of(town, "5003", 2);
        let visit = town.begun("5003", "V1", &[line("1", "HZS001", "5", "100", "500")]);
        let treat = token_of(town, HOSPITAL, &phone.draw(town, Purpose::Treat), "01101");
        assert_eq!(town.say(HOSPITAL, AT, "2207", &paid_by_token("5003", &visit, "500", &treat)).refused(), "HC915");
        let settle = phone.draw(town, Purpose::Settle);
        assert_eq!(town.say(HOSPITAL, AT, "1162", &scanned(&settle, "01101")).refused(), "HC915");
        let token = token_of(town, HOSPITAL, &settle, "01301");
        town.say(HOSPITAL, AT, "2206", &paid_by_token("5003", &visit, "500", &token)).accepted();
        let id = town.msgid(HOSPITAL);
        let paid = town.say_as(&id, HOSPITAL, AT, "2207", &paid_by_token("5003", &visit, "500", &token)).accepted();
        let again = town.say_as(&id, HOSPITAL, AT, "2207", &paid_by_token("5003", &visit, "500", &token));
        assert_eq!(again.raw, paid.raw);
        let other = town.begun("5003", "V2", &[line("1", "HZS001", "1", "100", "100")]);
        assert_eq!(town.say(HOSPITAL, AT, "2207", &paid_by_token("5003", &other, "100", &token)).refused(), "HC918");
        let next = token_of(town, HOSPITAL, &phone.draw(town, Purpose::Settle), "01301");
        town.say(HOSPITAL, AT, "2207", &paid_by_token("5003", &other, "100", &next)).accepted();
        assert_eq!(town.records("5003"), (2, 0));
    });
}

#[test]
fn nothing_works_any_more_after_a_suspension_or_a_lost_telephone() {
    with_credentials(|town| {
        town.employee("5004", 0);
        let phone = Phone::of(town, "5004", 3);
        let other = Phone::bound(town, "5004", 4);
        let drawn = phone.draw(town, Purpose::Treat);
        let token = token_of(town, HOSPITAL, &phone.draw(town, Purpose::Treat), "01101");
        let lost = phone.id.clone();
        deed(town, move |centre, tx, op| centre.unbind_device(tx, op, &"5004".into(), &lost, "遗失")).unwrap();
        assert_eq!(town.say(HOSPITAL, AT, "1162", &scanned(&drawn, "01101")).refused(), "HC904");
        assert_eq!(town.say(HOSPITAL, AT, "1101", &known("5004", &token)).refused(), "HC904");
        let code_of = |error: JourneyError| match error {
            JourneyError::Own(own) => own.code(),
            other => panic!("{other}"),
        };
        assert_eq!(code_of(phone.draw_for(town, Purpose::Treat, None).unwrap_err()), "HC904");

        let drawn = other.draw(town, Purpose::Treat);
        let state = |state| {
            deed(town, move |centre, tx, op| centre.set_credential_state(tx, op, &"5004".into(), state, "挂失"))
                .unwrap();
        };
        state(credential::State::Suspended);
        assert_eq!(town.say(HOSPITAL, AT, "1162", &scanned(&drawn, "01101")).refused(), "HC903");
        assert_eq!(code_of(other.draw_for(town, Purpose::Treat, None).unwrap_err()), "HC903");
        state(credential::State::Active);
        token_of(town, HOSPITAL, &drawn, "01101");
        state(credential::State::Revoked);
        assert_eq!(code_of(other.draw_for(town, Purpose::Treat, None).unwrap_err()), "HC903");
    });
}

#[test]
fn a_relative_is_shown_once_they_agree_and_a_code_signs_in_once() {
    with_credentials(|town| {
        town.employee("5005", 0);
        town.employee("5006", 0);
        let (phone, relative) = (Phone::of(town, "5005", 5), Phone::of(town, "5006", 6));
        let code_of = |error: JourneyError| match error {
            JourneyError::Own(own) => own.code(),
            other => panic!("{other}"),
        };
        assert_eq!(code_of(phone.draw_for(town, Purpose::Treat, Some("5006")).unwrap_err()), "HC910");
        let consent = relative.draw_for(town, Purpose::Bind, None).unwrap().typed.unwrap();
        deed(town, move |centre, tx, op| centre.bind_family(tx, op, &"5005".into(), &consent)).unwrap();
        let shown = phone.draw_for(town, Purpose::Treat, Some("5006")).unwrap();
        let decoded = town.say(HOSPITAL, AT, "1162", &scanned(&shown.text, "01101")).accepted();
        assert_eq!(decoded.text("data", "idNo"), "C5006");

        let typed = phone.draw_for(town, Purpose::SignIn, None).unwrap().typed.unwrap();
        let sign_in = |typed: String| {
            deed(town, move |centre, tx, operation| centre.sign_in_by_code(tx, operation, &typed.to_lowercase()))
        };
        let signed = sign_in(typed.clone()).unwrap();
        assert_eq!(signed.persons, ["5005".into()], "a relative's pages are not shown with their code");
        assert_eq!(code_of(sign_in(typed).unwrap_err()), "HC913");
        deed(town, |centre, tx, op| centre.unbind_identity(tx, op, &"5005".into(), &"5006".into())).unwrap();
        assert_eq!(code_of(phone.draw_for(town, Purpose::Treat, Some("5006")).unwrap_err()), "HC910");
    });
}

#[test]
fn a_telephone_with_a_wrong_clock_or_a_repeated_request_is_refused() {
    with_credentials(|town| {
        town.employee("5007", 0);
        let phone = Phone::of(town, "5007", 7);
        let mut asked = DrawCode {
            device_id: phone.id.clone(),
            made_at: now().saturating_sub(10.minutes()),
            nonce: "n1".to_owned(),
            purpose: Purpose::Settle,
            member: None,
            signature: Vec::new(),
        };
        let draw = |asked: &DrawCode| {
            let signature: Signature = phone.key.sign(asked.words().as_bytes());
            let asked = DrawCode { signature: signature.to_bytes().to_vec(), ..asked.clone() };
            deed(town, move |centre, tx, operation| centre.draw_code(tx, operation, &asked)).map_err(
                |error| match error {
                    JourneyError::Own(own) => own.code(),
                    other => panic!("{other}"),
                },
            )
        };
        assert_eq!(draw(&asked).unwrap_err(), "HC906");
        asked.made_at = now();
        draw(&asked).unwrap();
        assert_eq!(draw(&asked).unwrap_err(), "HC906");
    });
}
