//! The register of credentials on both databases.

use credential::{
    Activation, Code, Credential, Device, Identity, Purpose, Refusal, Relation, State, Use, bind_device, bind_identity,
    draw, end_identity, issue, open_activation, read_code, revoke_device, set_state, sign_code, spend, spendable, take,
    take_nonce, try_activation,
};
use db::{Database, DbError};
use evidence::{Signer, Sm2Key};
use jiff::ToSpan;
use p256::ecdsa::signature::Signer as _;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use terms::{DateTime, parse_time};

/// SQLite and, if a server is named, PostgreSQL; the second half keeps the database from going.
fn each_database() -> Vec<(Database, Option<db_postgres::testing::FreshDatabase>)> {
    let mut all = vec![(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database(), None)];
    all.extend(db_postgres::testing::fresh_database().map(|fresh| (fresh.open(), Some(fresh))));
    for (database, _) in &all {
        database.migrate(credential::MIGRATIONS).expect("the tables are made");
        for statement in credential::STATEMENTS {
            database.prepare(statement).expect("every statement is understood");
        }
    }
    all
}

const LI: &str = "99990000000001";
const CHILD: &str = "99990000000002";

fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

fn noon() -> DateTime {
    at("2026-11-21 12:00:00")
}

fn credential_of(psn_no: &str) -> Credential {
    Credential {
        ec_no: format!("EC{psn_no}"),
        psn_no: psn_no.into(),
        state: State::Active,
        issued_at: noon(),
        changed_at: noon(),
        reason: String::new(),
    }
}

fn device(id: &str) -> Device {
    Device {
        device_id: id.to_owned(),
        ec_no: format!("EC{LI}"),
        name: "李的手机".to_owned(),
        public_key: vec![4; 65],
        state: State::Active,
        bound_at: noon(),
        changed_at: noon(),
        reason: String::new(),
    }
}

fn code(id: &str, psn_no: &str, purpose: Purpose, drawn_at: DateTime) -> Code {
    Code {
        code_id: id.to_owned(),
        ec_no: format!("EC{LI}"),
        psn_no: psn_no.into(),
        device_id: "D1".to_owned(),
        purpose,
        drawn_at,
        expires_at: drawn_at.saturating_add(60.seconds()),
        typed: None,
        used: None,
    }
}

fn using(at: DateTime, msgid: &str) -> Use {
    Use {
        at,
        institution: "H99990000001".into(),
        operator: "001".to_owned(),
        business: "01301".to_owned(),
        msgid: msgid.to_owned(),
        token: Some((format!("T{msgid}"), at.saturating_add(30.minutes()))),
        spent: None,
    }
}

/// Li with one device, and the child behind Li's entry.
fn people(database: &Database) {
    database
        .deed(|tx| -> Result<(), DbError> {
            issue(tx, &[credential_of(LI), credential_of(CHILD)])?;
            bind_device(tx, &device("D1"), 5)?.expect("there is room");
            let identity =
                Identity { holder: LI.into(), member: CHILD.into(), relation: Relation::Guardian, bound_at: noon() };
            bind_identity(tx, &identity)
        })
        .expect("storage works");
}

fn drawn(database: &Database, code: &Code) {
    let code = code.clone();
    database.deed(move |tx| draw(tx, &code)).expect("storage works");
}

fn taken(database: &Database, id: &str, purpose: Purpose, at: DateTime, msgid: &str) -> Result<Code, Refusal> {
    let (id, using) = (id.to_owned(), using(at, msgid));
    database.deed(move |tx| take(tx, &id, purpose, &using)).expect("storage works")
}

#[test]
fn a_person_has_one_credential_until_it_is_revoked() {
    for (database, _kept) in each_database() {
        people(&database);
        let again = || Credential { ec_no: "EC-NEW".to_owned(), ..credential_of(LI) };
        let second = database.deed(move |tx| issue(tx, &[again()]));
        assert!(matches!(second, Err(DbError::Duplicate { .. })), "{second:?}");
        let number = format!("EC{LI}");
        let revoke = move |tx: &mut dyn db::Tx| set_state(tx, &number, State::Revoked, noon(), "遗失");
        assert_eq!(database.deed(revoke.clone()).unwrap(), Ok(()));
        assert!(matches!(database.deed(revoke).unwrap(), Err(Refusal::WrongState { .. })), "revoked is for good");
        database.deed(move |tx| issue(tx, &[again()])).unwrap();
        let now = database.read(|tx| credential::of_person(tx, &LI.into())).unwrap().unwrap();
        assert_eq!((now.ec_no.as_str(), now.state), ("EC-NEW", State::Active));
    }
}

#[test]
fn of_many_who_take_a_code_at_once_exactly_one_succeeds() {
    for (database, _kept) in each_database() {
        people(&database);
        for round in 0..5 {
            let id = format!("C{round}");
            drawn(&database, &code(&id, LI, Purpose::Settle, noon()));
            let (start, won) = (Arc::new(Barrier::new(8)), Arc::new(AtomicUsize::new(0)));
            std::thread::scope(|scope| {
                for place in 0..8 {
                    let (database, id, start, won) = (&database, &id, Arc::clone(&start), Arc::clone(&won));
                    scope.spawn(move || {
                        start.wait();
                        match taken(database, id, Purpose::Settle, noon(), &format!("M{round}-{place}")) {
                            Ok(_) => won.fetch_add(1, Ordering::Relaxed),
                            Err(refusal) => {
                                assert_eq!(refusal, Refusal::CodeUsed);
                                0
                            }
                        };
                    });
                }
            });
            assert_eq!(won.load(Ordering::Relaxed), 1);
        }
    }
}

#[test]
fn a_code_is_refused_in_order_of_precedence() {
    for (database, _kept) in each_database() {
        people(&database);
        drawn(&database, &code("C", CHILD, Purpose::Treat, noon()));
        let late = noon().saturating_add(60.seconds());
        let refusal = |purpose, at| taken(&database, "C", purpose, at, "M").unwrap_err();
        assert_eq!(taken(&database, "X", Purpose::Treat, noon(), "M").unwrap_err(), Refusal::CodeUnknown);
        assert_eq!(refusal(Purpose::Settle, noon()).code(), "HC915");
        assert_eq!(refusal(Purpose::Settle, late).code(), "HC914");
        database.deed(|tx| end_identity(tx, &LI.into(), &CHILD.into(), noon())).unwrap();
        assert_eq!(refusal(Purpose::Settle, late).code(), "HC910");
        database.deed(|tx| revoke_device(tx, "D1", noon(), "换机")).unwrap();
        assert_eq!(refusal(Purpose::Settle, late).code(), "HC904");
        let number = format!("EC{CHILD}");
        database.deed(move |tx| set_state(tx, &number, State::Suspended, noon(), "挂失")).unwrap().unwrap();
        assert_eq!(refusal(Purpose::Settle, late), Refusal::NotActive { state: "暂停" });
    }
}

#[test]
fn a_token_stands_for_its_person_at_its_institution_and_is_spent_once() {
    for (database, _kept) in each_database() {
        people(&database);
        drawn(&database, &code("C", LI, Purpose::Settle, noon()));
        taken(&database, "C", Purpose::Settle, noon(), "M1").unwrap();
        let may = |institution: &str, psn_no: &str, minutes: i64| {
            let known = database.read(|tx| credential::code_of_token(tx, "TM1")).unwrap().unwrap();
            let whose = (&institution.into(), Some(&psn_no.into()));
            spendable(&known.code, &known.standing, whose, Purpose::Settle, noon().saturating_add(minutes.minutes()))
        };
        assert_eq!(may("H99990000001", LI, 29), Ok(()));
        assert_eq!(may("H99990000001", LI, 30).unwrap_err().code(), "HC917");
        assert_eq!(may("H99990000001", CHILD, 1), Err(Refusal::TokenUnknown));
        assert_eq!(may("P99990000001", LI, 1), Err(Refusal::TokenUnknown));
        assert!(database.deed(|tx| spend(tx, "TM1", "S1", noon())).unwrap());
        assert!(!database.deed(|tx| spend(tx, "TM1", "S2", noon())).unwrap());
        assert_eq!(may("H99990000001", LI, 1), Err(Refusal::TokenSpent { spent_on: "S1".to_owned() }));
    }
}

#[test]
fn an_activation_code_opens_once_and_not_after_its_tries_or_days() {
    for (database, _kept) in each_database() {
        let open = |tries_left| {
            let activation = Activation {
                ec_no: "EC".to_owned(),
                digest: credential::digest("activation", "EC", "ABCD-2345"),
                expires_at: noon().saturating_add(7.days()),
                tries_left,
            };
            database.deed(move |tx| open_activation(tx, &activation)).unwrap();
        };
        let attempt = |typed: &str, days: i64| {
            let digest = credential::digest("activation", "EC", typed);
            database.deed(move |tx| try_activation(tx, "EC", &digest, noon().saturating_add(days.days()))).unwrap()
        };
        open(2);
        assert_eq!(attempt("wrong", 0), Err(Refusal::WrongActivation { left: 1 }));
        assert_eq!(attempt("abcd2345", 0), Ok(()), "case and dash do not matter");
        assert_eq!(attempt("ABCD-2345", 0), Err(Refusal::WrongActivation { left: 0 }), "used");
        open(2);
        assert_eq!(attempt("ABCD-2345", 7), Err(Refusal::WrongActivation { left: 0 }), "expired");
        open(1);
        assert_eq!(attempt("wrong", 0), Err(Refusal::WrongActivation { left: 0 }));
        assert_eq!(attempt("ABCD-2345", 0), Err(Refusal::WrongActivation { left: 0 }), "no try left");
    }
}

#[test]
fn a_request_number_counts_once() {
    for (database, _kept) in each_database() {
        let numbered = |nonce: &'static str| {
            database.deed(move |tx| take_nonce(tx, "D1", nonce, noon(), noon().saturating_sub(5.minutes()))).unwrap()
        };
        assert!(numbered("n1") && numbered("n2") && !numbered("n1"));
    }
}

#[test]
fn a_changed_code_is_not_the_centres() {
    let (ours, other) = (Sm2Key::generate("heng/ours").unwrap(), Sm2Key::generate("heng/other").unwrap());
    let drawn = code("00112233445566778899aabbccddeeff", LI, Purpose::Settle, noon());
    let text = sign_code(&drawn, &ours).unwrap();
    let claims = read_code(&text, ours.public()).expect("our own code is read");
    assert_eq!((claims.code_id, claims.purpose, claims.expires_at), (drawn.code_id, drawn.purpose, drawn.expires_at));
    assert!(!text.contains(LI), "it names nobody");
    assert_eq!(read_code(&text, other.public()), None);
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        assert_eq!(read_code(&String::from_utf8(bytes).unwrap(), ours.public()), None, "changed at {place}");
    }
}

#[test]
fn a_device_signs_as_browsers_do() {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let public = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    assert_eq!(credential::public_key(&public), Ok(public.clone()));
    assert_eq!(credential::public_key(&public[1..]), Err(Refusal::WrongKey));
    let words = credential::words_of("draw", &["D1", "settle"]);
    let signature: p256::ecdsa::Signature = key.sign(words.as_bytes());
    assert_eq!(credential::signed_by_device(&public, &words, &signature.to_bytes()), Ok(()));
    let other = credential::words_of("draw", &["D1", "treat"]);
    assert_eq!(credential::signed_by_device(&public, &other, &signature.to_bytes()), Err(Refusal::WrongSignature));
}

/// What may happen to codes, in any order.
#[derive(Debug, Clone)]
enum Step {
    Draw(bool),
    Take(usize, bool),
    Wait(i64),
    Suspend(bool),
    Restore(bool),
    RevokeDevice,
    Unbind,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(Step::Draw),
        5 => (0_usize..4, any::<bool>()).prop_map(|(code, settle)| Step::Take(code, settle)),
        2 => (1_i64..50).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Suspend),
        2 => any::<bool>().prop_map(Step::Restore),
        1 => Just(Step::RevokeDevice),
        1 => Just(Step::Unbind),
    ]
}

/// What must hold, worked out apart from the register.
struct Model {
    now: DateTime,
    suspended: [bool; 2],
    device_revoked: bool,
    unbound: bool,
    codes: Vec<(String, bool, DateTime, bool)>,
}

fn runs(database: &Database, steps: &[Step]) {
    let mut model =
        Model { now: noon(), suspended: [false; 2], device_revoked: false, unbound: false, codes: Vec::new() };
    let number = |child: bool| format!("EC{}", if child { CHILD } else { LI });
    for (at, step) in steps.iter().enumerate() {
        let now = model.now;
        match step {
            Step::Draw(child) => {
                let id = format!("C{at}");
                drawn(database, &code(&id, if *child { CHILD } else { LI }, Purpose::Settle, now));
                // Drawing forgets the device's codes that expired unused.
                model.codes.retain(|(_, _, end, used)| *used || *end >= now);
                model.codes.push((id, *child, now.saturating_add(60.seconds()), false));
            }
            Step::Take(which, settle) => {
                let count = model.codes.len();
                let Some((id, child, end, used)) = model.codes.get_mut(count.wrapping_sub(1 + which)) else { continue };
                let purpose = if *settle { Purpose::Settle } else { Purpose::Treat };
                let allowed = !*used
                    && *settle
                    && now < *end
                    && !model.suspended[0]
                    && !(*child && (model.suspended[1] || model.unbound))
                    && !model.device_revoked;
                let outcome = taken(database, id, purpose, now, &format!("M{at}"));
                assert_eq!(outcome.is_ok(), allowed, "{outcome:?} of {id} at {now}");
                *used |= allowed;
            }
            Step::Wait(seconds) => model.now = now.saturating_add((*seconds).seconds()),
            Step::Suspend(child) | Step::Restore(child) => {
                let suspend = matches!(step, Step::Suspend(_));
                let (state, number) = (if suspend { State::Suspended } else { State::Active }, number(*child));
                let done = database.deed(move |tx| set_state(tx, &number, state, now, "")).unwrap();
                assert_eq!(done.is_ok(), model.suspended[usize::from(*child)] != suspend);
                model.suspended[usize::from(*child)] = suspend;
            }
            Step::RevokeDevice => {
                database.deed(move |tx| revoke_device(tx, "D1", now, "")).unwrap();
                model.device_revoked = true;
            }
            Step::Unbind => {
                database.deed(move |tx| end_identity(tx, &LI.into(), &CHILD.into(), now)).unwrap();
                model.unbound = true;
            }
        }
    }
}

#[test]
fn a_code_is_never_taken_twice_nor_after_its_end_nor_after_revocation() {
    proptest!(ProptestConfig::with_cases(24), |(steps in proptest::collection::vec(step(), 1..40))| {
        let database = db_sqlite::Sqlite::temporary().unwrap().into_database();
        database.migrate(credential::MIGRATIONS).unwrap();
        people(&database);
        runs(&database, &steps);
    });
    let Some(fresh) = db_postgres::testing::fresh_database() else { return };
    let database = fresh.open();
    database.migrate(credential::MIGRATIONS).unwrap();
    people(&database);
    runs(
        &database,
        &[
            Step::Draw(true),
            Step::Take(0, true),
            Step::Take(0, true),
            Step::Draw(false),
            Step::Wait(49),
            Step::Wait(11),
            Step::Take(0, true),
            Step::Draw(true),
            Step::Suspend(true),
            Step::Take(0, true),
            Step::Restore(true),
            Step::Take(0, true),
            Step::Draw(true),
            Step::Unbind,
            Step::Take(0, true),
            Step::Draw(false),
            Step::RevokeDevice,
            Step::Take(0, true),
        ],
    );
}
