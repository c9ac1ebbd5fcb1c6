//! The room's promises, on SQLite and on PostgreSQL.

use db::{Database, DbError, Sql};
use operation::{
    Answer, AnswerKey, AnswerKeys, InputHash, MIGRATIONS, Operation, Performed, PreEmption, Refusal, RefusalsAsked,
    Replay, STATEMENTS, Standing, feed, find, forget, lock_persons, perform, pre_empt, refusal_reasons, refusals,
};
use serde_json::json;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use terms::{DateTime, InstitutionId, MessageId, PersonId, parse_time};

macro_rules! on_both_drivers {
    ($($sentence:ident)*) => {
        mod sqlite {
            $(#[test] fn $sentence() {
                let database = db_sqlite::Sqlite::temporary().unwrap().into_database();
                database.migrate(super::MIGRATIONS).unwrap();
                super::$sentence(&database);
            })*
        }
        mod postgresql {
            $(#[test] fn $sentence() {
                if let Some(fresh) = db_postgres::testing::fresh_database() {
                    let database = fresh.open();
                    database.migrate(super::MIGRATIONS).unwrap();
                    super::$sentence(&database);
                }
            })*
        }
    };
}

on_both_drivers! {
    every_statement_prepares
    a_repeat_gets_the_same_bytes_and_does_nothing
    a_refusal_of_the_law_is_remembered_too
    a_refusal_is_noted_so_that_people_can_read_it
    another_body_or_transaction_under_a_used_id_is_refused
    the_same_id_from_two_institutions_is_two_messages
    one_message_sent_many_times_at_once_is_done_once
    a_forgotten_answer_is_refused_with_what_it_made
    a_reversal_of_a_message_never_seen_refuses_the_original_later
    a_reversal_finds_what_a_known_message_made
    an_error_is_not_remembered
    refusing_after_recording_is_a_bug_and_leaves_nothing
    answers_lie_encrypted_and_open_with_an_earlier_key
    two_deeds_on_one_person_see_each_other
    the_feed_numbers_every_committed_change_once_and_without_gaps
}

static SPEND: Sql = Sql::new("test.spend", "INSERT INTO change_head (name, number) VALUES ($1, $2)");
static SPENT: Sql = Sql::new("test.spent", "SELECT COALESCE(SUM(number), 0) FROM change_head WHERE name LIKE 'spent%'");
static SEALED: Sql = Sql::new("test.sealed", "SELECT answer FROM message WHERE msgid = $1");

fn time(text: &str) -> DateTime {
    parse_time(text).unwrap()
}

fn operation(msgid: &str, fee: i64) -> Operation {
    Operation {
        institution: InstitutionId::from("H99990000001"),
        msgid: MessageId::from(msgid),
        infno: "2207".to_owned(),
        input_hash: InputHash::of("2207", &json!({"data": {"fee": fee}})),
        message_time: time("2026-03-09 08:00:00"),
        received_at: time("2026-03-09 08:00:01"),
        kept_until: time("2026-06-07 08:00:01"),
        operator: "001".to_owned(),
        seed: [7; 32],
    }
}

fn keys() -> AnswerKeys {
    AnswerKeys::new(AnswerKey::new([1; 32]), vec![])
}

fn answer() -> Answer {
    Answer::accepted("{\"infcode\":\"0\",\"setl_id\":\"S1\"}".as_bytes().to_vec(), "S1")
}

/// Performs `operation`, answering `answer`, and says how often the deed's inside has run.
fn send(database: &Database, operation: &Operation, answer: Answer) -> (Performed, u32) {
    let runs = Arc::new(AtomicU32::new(0));
    let (operation, counted) = (operation.clone(), Arc::clone(&runs));
    let performed: Result<Performed, DbError> = database.deed(move |tx| {
        perform(tx, &operation, &keys(), |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(answer.clone())
        })
    });
    (performed.unwrap(), runs.load(Ordering::SeqCst))
}

fn every_statement_prepares(database: &Database) {
    assert_eq!(STATEMENTS.iter().map(|sql| sql.name).collect::<HashSet<_>>().len(), STATEMENTS.len());
    for sql in STATEMENTS {
        database.prepare(sql).unwrap();
    }
}

fn a_repeat_gets_the_same_bytes_and_does_nothing(database: &Database) {
    assert_eq!(send(database, &operation("m1", 100), answer()), (Performed::Done(answer()), 1));
    let mut later = operation("m1", 100);
    later.message_time = time("2026-03-09 08:05:00");
    later.received_at = time("2026-03-09 08:05:01");
    later.seed = [8; 32];
    assert_eq!(send(database, &later, Answer::refused(vec![])), (Performed::Repeated(answer()), 0));
}

fn a_refusal_of_the_law_is_remembered_too(database: &Database) {
    let refusal = Answer::refused("{\"infcode\":\"-1\",\"err_msg\":\"待遇等待期\"}".into());
    assert_eq!(send(database, &operation("m1", 100), refusal.clone()).0, Performed::Done(refusal.clone()));
    assert_eq!(send(database, &operation("m1", 100), answer()), (Performed::Repeated(refusal), 0));
}

fn a_refusal_is_noted_so_that_people_can_read_it(database: &Database) {
    for (msgid, code) in [("m1", "HC101"), ("m2", "HC101"), ("m3", "R12")] {
        send(database, &operation(msgid, 100), Answer::refused(vec![]).because(code, format!("{msgid} 不予受理")));
    }
    send(database, &operation("m1", 100), Answer::refused(vec![]).because("R99", "a repeat says nothing new"));
    send(database, &operation("m4", 100), answer());
    let period = (time("2026-03-09 00:00:00"), time("2026-03-09 23:59:59"));
    let asked = RefusalsAsked {
        institution: "H99990000001".to_owned(),
        code: String::new(),
        infno: String::new(),
        period,
        after: None,
    };
    let read = |asked: RefusalsAsked, at_most| database.read(move |tx| refusals(tx, &asked, at_most)).unwrap();
    let first = read(asked.clone(), 2);
    let ids = |rows: &[Refusal]| rows.iter().map(|row| row.msgid.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ["m3", "m2"]);
    let after = Some(("2026-03-09 08:00:01".to_owned(), "m2".to_owned()));
    assert_eq!(ids(&read(RefusalsAsked { after, ..asked.clone() }, 2)), ["m1"]);
    assert_eq!(first[0].told, "m3 不予受理");
    assert!(read(RefusalsAsked { institution: "H2".to_owned(), ..asked }, 9).is_empty());
    let reasons = database.read(move |tx| refusal_reasons(tx, "", period)).unwrap();
    let counts: Vec<_> = reasons.iter().map(|reason| (reason.code.as_str(), reason.count)).collect();
    assert_eq!(counts, [("HC101", 2), ("R12", 1)]);
}

fn another_body_or_transaction_under_a_used_id_is_refused(database: &Database) {
    send(database, &operation("m1", 100), answer());
    let other_body = Replay::Different { msgid: "m1".into(), first_infno: "2207".into(), infno: "2207".into() };
    assert_eq!(send(database, &operation("m1", 101), answer()), (Performed::Refused(other_body), 0));
    let mut other = operation("m1", 100);
    other.infno = "2304".to_owned();
    let Performed::Refused(replay) = send(database, &other, answer()).0 else { panic!("taken") };
    let words = replay.to_string();
    assert!(words.contains("2304") && words.contains("2207") && words.contains("new msgid"), "{words}");
}

fn the_same_id_from_two_institutions_is_two_messages(database: &Database) {
    send(database, &operation("m1", 100), answer());
    let mut other = operation("m1", 5);
    other.institution = InstitutionId::from("H99990000002");
    assert!(matches!(send(database, &other, answer()), (Performed::Done(_), 1)));
}

fn one_message_sent_many_times_at_once_is_done_once(database: &Database) {
    let start = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (database, start) = (database.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                database.deed(|tx| -> Result<Performed, DbError> {
                    perform(tx, &operation("m1", 100), &keys(), |tx| {
                        tx.execute(&SPEND, &["spent once".into(), 1.into()])?;
                        Ok(answer())
                    })
                })
            })
        })
        .collect();
    // Two that work at once meet on the key of what they record as well.
    let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Performed::Done(_)))).count(), 1);
    assert!(
        outcomes.iter().all(|outcome| match outcome {
            Ok(Performed::Done(given) | Performed::Repeated(given)) => *given == answer(),
            _ => false,
        }),
        "{outcomes:?}"
    );
    let spent = database.read(|tx| tx.query(&SPENT, &[])).unwrap();
    assert_eq!(spent[0].get::<i64>(0).unwrap(), 1);
}

fn a_forgotten_answer_is_refused_with_what_it_made(database: &Database) {
    send(database, &operation("m1", 100), answer());
    let forget_at = |text: &'static str| database.deed(move |tx| forget(tx, time(text))).unwrap();
    assert_eq!(forget_at("2026-06-07 08:00:01"), 0);
    assert!(matches!(send(database, &operation("m1", 100), answer()).0, Performed::Repeated(_)));
    assert_eq!(forget_at("2026-06-07 08:00:02"), 1);
    assert_eq!(forget_at("2026-06-07 08:00:02"), 0);
    let Performed::Refused(replay) = send(database, &operation("m1", 100), answer()).0 else { panic!("forgotten") };
    assert_eq!(replay, Replay::Forgotten { msgid: "m1".into(), infno: "2207".into(), subject: Some("S1".into()) });
    assert!(replay.to_string().contains("S1"));
    assert!(matches!(send(database, &operation("m1", 101), answer()).0, Performed::Refused(Replay::Different { .. })));
}

fn a_reversal_of_a_message_never_seen_refuses_the_original_later(database: &Database) {
    let reverse = |database: &Database| {
        let mut reversal = operation("m2", 0);
        reversal.infno = "2601".to_owned();
        database.deed(move |tx| pre_empt(tx, &reversal, &"m1".into(), "2207")).unwrap()
    };
    assert_eq!(reverse(database), PreEmption::Remembered);
    assert_eq!(
        send(database, &operation("m1", 100), answer()),
        (Performed::Refused(Replay::PreEmpted { msgid: "m1".into() }), 0)
    );
    let PreEmption::Known(known) = reverse(database) else { panic!("remembered by the first") };
    assert_eq!((known.standing, known.infno.as_str(), known.subject), (Standing::PreEmpted, "2207", None));
}

fn a_reversal_finds_what_a_known_message_made(database: &Database) {
    send(database, &operation("m1", 100), answer());
    let found = database.deed(|tx| pre_empt(tx, &operation("m2", 0), &"m1".into(), "2207")).unwrap();
    let PreEmption::Known(known) = found else { panic!("m1 is known") };
    assert_eq!(
        (known.standing, known.infno.as_str(), known.subject.as_deref()),
        (Standing::Accepted, "2207", Some("S1"))
    );
    let none = database.read(|tx| find(tx, &"H99990000001".into(), &"m9".into())).unwrap();
    assert_eq!(none, None);
}

fn an_error_is_not_remembered(database: &Database) {
    let failed: Result<Performed, DbError> = database.deed(|tx| {
        perform(tx, &operation("m1", 100), &keys(), |_| {
            Err(DbError::Other { statement: "test".into(), detail: "the disk is full".into() })
        })
    });
    assert!(failed.is_err());
    assert_eq!(send(database, &operation("m1", 100), answer()), (Performed::Done(answer()), 1));
}

fn refusing_after_recording_is_a_bug_and_leaves_nothing(database: &Database) {
    let bug: Result<Performed, DbError> = database.deed(|tx| {
        perform(tx, &operation("m1", 100), &keys(), |tx| {
            lock_persons(tx, &["P1".into()])?;
            tx.execute(&SPEND, &["spent".into(), 1.into()])?;
            Ok(Answer::refused(vec![]))
        })
    });
    let words = bug.unwrap_err().to_string();
    assert!(words.contains("2207") && words.contains("test.spend"), "{words}");
    let spent = database.read(|tx| tx.query(&SPENT, &[])).unwrap();
    assert_eq!(spent[0].get::<i64>(0).unwrap(), 0);
    let refused: Result<Performed, DbError> = database.deed(|tx| {
        perform(tx, &operation("m1", 100), &keys(), |tx| {
            lock_persons(tx, &["P1".into()])?;
            Ok(Answer::refused(vec![]))
        })
    });
    assert!(matches!(refused, Ok(Performed::Done(_))), "a lock is not a record");
}

fn answers_lie_encrypted_and_open_with_an_earlier_key(database: &Database) {
    let secret = Answer::accepted("{\"psn_name\":\"张三\",\"psn_name\":\"张三\"}".repeat(50).into_bytes(), "S1");
    send(database, &operation("m1", 100), secret.clone());
    let rows = database.read(|tx| tx.query(&SEALED, &["m1".into()])).unwrap();
    let sealed: Vec<u8> = rows[0].get(0).unwrap();
    assert!(sealed.len() < secret.bytes.len() / 4, "compressed");
    assert!(!sealed.windows(6).any(|bytes| bytes == "张三".as_bytes()));
    let with = |current: u8, earlier: Vec<u8>| -> Result<Performed, DbError> {
        let key = |byte| AnswerKey::new([byte; 32]);
        let keys = AnswerKeys::new(key(current), earlier.into_iter().map(key).collect());
        database.deed(move |tx| perform(tx, &operation("m1", 100), &keys, |_| unreachable!("m1 was done")))
    };
    assert_eq!(with(2, vec![3, 1]).unwrap(), Performed::Repeated(secret));
    let words = with(2, vec![3]).unwrap_err().to_string();
    assert!(words.contains("m1") && words.contains("earlier key"), "{words}");
}

fn two_deeds_on_one_person_see_each_other(database: &Database) {
    // A ceiling of 10: each deed reads what is spent and spends 1 only below the ceiling.
    let spend = |number: i64| {
        let database = database.clone();
        std::thread::spawn(move || {
            let mut spent = 0;
            for round in 0..5 {
                let done: Result<bool, DbError> = database.deed(move |tx| {
                    let persons: Vec<PersonId> = ["P2", "P1", "P2"].map(PersonId::from).into();
                    lock_persons(tx, &persons)?;
                    let before: i64 = tx.query(&SPENT, &[])?[0].get(0)?;
                    if before < 10 {
                        tx.execute(&SPEND, &[format!("spent {number} {round}").into(), 1.into()])?;
                    }
                    Ok(before < 10)
                });
                spent += i64::from(done.unwrap());
            }
            spent
        })
    };
    let threads: Vec<_> = (0..6).map(spend).collect();
    let spent: i64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(spent, 10, "30 tries, one ceiling");
}

fn change(id: String) -> feed::Change {
    feed::Change {
        kind: "settlement".to_owned(),
        subject: id.clone(),
        region: "999900".to_owned(),
        person: "P1".to_owned(),
        made_at: "2026-03-09 08:00:01".to_owned(),
        body: "{\"fee\":1}".to_owned(),
        id,
    }
}

fn the_feed_numbers_every_committed_change_once_and_without_gaps(database: &Database) {
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let database = database.clone();
            std::thread::spawn(move || {
                for round in 0..30 {
                    let outcome: Result<(), DbError> = database.deed(move |tx| {
                        feed::append(
                            tx,
                            &[change(format!("{writer}-{round}-a")), change(format!("{writer}-{round}-b"))],
                        )?;
                        match round % 3 {
                            2 => Err(DbError::Other { statement: "test".into(), detail: "rolled back".into() }),
                            _ => Ok(()),
                        }
                    });
                    assert_eq!(outcome.is_ok(), round % 3 != 2);
                }
            })
        })
        .collect();
    let numberers: Vec<_> = (0..2)
        .map(|_| {
            let database = database.clone();
            std::thread::spawn(move || (0..20).map(|_| database.deed(|tx| feed::number(tx, 7)).unwrap()).sum::<u64>())
        })
        .collect();
    writers.into_iter().for_each(|thread| thread.join().unwrap());
    let mut total: u64 = numberers.into_iter().map(|thread| thread.join().unwrap()).sum();
    loop {
        match database.deed(|tx| feed::number(tx, 50)).unwrap() {
            0 => break,
            more => total += more,
        }
    }
    assert_eq!(total, 4 * 20 * 2);
    assert_eq!(database.read(feed::head).unwrap(), 160);
    let first = database.read(|tx| feed::read_after(tx, 0, 100)).unwrap();
    let rest = database.read(|tx| feed::read_after(tx, 100, 100)).unwrap();
    let all: Vec<_> = first.into_iter().chain(rest).collect();
    assert_eq!(all.iter().map(|row| row.number).collect::<Vec<_>>(), (1..=160).collect::<Vec<_>>());
    assert_eq!(all.iter().map(|row| &row.change.id).collect::<HashSet<_>>().len(), 160);
    assert_eq!(all[0].change, change(all[0].change.id.clone()));
    assert!(!database.read(feed::is_waiting).unwrap());
    let back = database.read(|tx| feed::read_before(tx, 101, 3)).unwrap();
    assert_eq!(back.iter().map(|row| row.number).collect::<Vec<_>>(), [100, 99, 98]);
    let (id, missing) = (back[0].change.id.clone(), "no such change".to_owned());
    assert_eq!(database.read(move |tx| feed::find(tx, &id)).unwrap(), Some(back[0].change.clone()));
    assert_eq!(database.read(move |tx| feed::find(tx, &missing)).unwrap(), None);
}

#[test]
fn what_is_drawn_is_the_same_in_every_run_and_differs_by_label_and_message() {
    let operation = operation("m1", 100);
    assert_eq!(operation.new_id("settlement"), operation.clone().new_id("settlement"));
    assert_eq!(operation.new_id("settlement").len(), 30);
    assert!(operation.new_id("settlement").starts_with("20260309080001"));
    assert_ne!(operation.new_id("settlement"), operation.new_id("visit"));
    assert_ne!(operation.draw("salt"), Operation { seed: [8; 32], ..operation.clone() }.draw("salt"));
}

#[test]
fn a_key_is_read_from_hexadecimal_and_never_shown() {
    let text = "00ff".repeat(16);
    assert!(!format!("{:?}", AnswerKey::from_hex(&text).unwrap()).contains('0'));
    for bad in ["", "00ff", &"zz".repeat(32), &"衡".repeat(21)] {
        let words = AnswerKey::from_hex(bad).unwrap_err().to_string();
        assert!(words.contains("64 hexadecimal digits") && (bad.is_empty() || !words.contains(bad)), "{words}");
    }
}
