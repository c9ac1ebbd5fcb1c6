//! A repeated message over a real database: the same bytes, one deed; another body under the
//! same msgid is refused; a message without form is not remembered.

use crate::common::post;
use db::{Database, DbError};
use gateway::{Answer, Catalogue, Config, Declined, Gateway, Keys, Refused, Request, Transaction};
use operation::{AnswerKey, AnswerKeys, perform};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// 9002 as a recording adapter: a sign_no that begins with X is refused by a law of its own.
struct SignOut {
    database: Database,
    keys: AnswerKeys,
    deeds: Arc<AtomicU32>,
}

impl Transaction for SignOut {
    fn infno(&self) -> &'static str {
        "9002"
    }

    fn handle(&self, request: &Request<'_>) -> Result<Answer, Declined> {
        let row = request.message.row("signOut");
        let sign_no = row.text("sign_no").to_owned();
        let (blank, responder) = (request.message.reply(), request.responder.clone());
        let (operation, keys, deeds) = (request.operation(90)?, self.keys.clone(), Arc::clone(&self.deeds));
        let performed = self.database.deed(move |tx| {
            perform(tx, &operation, &keys, |_| {
                deeds.fetch_add(1, Ordering::Relaxed);
                if sign_no.starts_with('X') {
                    return Ok::<_, DbError>(responder.keep_refusal(&Refused::law("HZ999", None, "签到编号无效")));
                }
                let mut reply = blank.clone();
                reply.row("sign_time").date("sign_time", operation.message_time.date());
                Ok(responder.keep(&reply, sign_no.as_str()))
            })
        });
        request.performed(performed.map_err(|error| Declined::Failed(error.to_string()))?)
    }
}

fn body(msgid: &str, sign_no: &str, sent: &str) -> String {
    format!(
        r#"{{"infno":"9002","msgid":"{msgid}","mdtrtarea_admvs":"999900","recer_sys_code":"99","infver":"1.0","opter_type":"1",
        "opter":"1","opter_name":"甲","inf_time":"2026-03-09 16:00:{sent}","fixmedins_code":"H99990000001",
        "fixmedins_name":"医院","input":{{"signOut":{{"sign_no":"{sign_no}","opter_no":"001"}}}}}}"#
    )
}

#[test]
fn a_repeat_gets_the_same_bytes_and_another_body_is_refused() {
    let database = db_sqlite::Sqlite::temporary().unwrap().into_database();
    database.migrate(operation::MIGRATIONS).unwrap();
    let deeds = Arc::new(AtomicU32::new(0));
    let keys = AnswerKeys::new(AnswerKey::new([7; 32]), Vec::new());
    let adapter = SignOut { database, keys, deeds: Arc::clone(&deeds) };
    let config = Config::for_region("999900");
    let gateway = Gateway::new(config, Catalogue::national(), vec![Box::new(adapter)], Box::new(Keys::default()));
    let send = |body: String| post(&gateway, "/", &[], body.as_bytes(), "127.0.0.1");

    assert_eq!(send(body("M1", "", "00")).0, "F406");
    let (code, first) = send(body("M1", "S1", "00"));
    assert_eq!((code.as_str(), deeds.load(Ordering::Relaxed)), ("ok", 1));
    assert_eq!(send(body("M1", " S1 ", "59")), ("ok".to_owned(), first), "sent again later, with blanks");
    let (code, text) = send(body("M1", "S2", "00"));
    assert_eq!(code, "F501");
    assert!(text.contains("[F501 msgid 发送方报文ID] 此 msgid 已用于另一笔内容不同的 9002"), "{text}");
    let (code, refused) = send(body("M2", "X1", "00"));
    assert_eq!(code, "HZ999");
    assert_eq!(send(body("M2", "X1", "01")), ("HZ999".to_owned(), refused), "a refusal of the law is kept too");
    assert_eq!(deeds.load(Ordering::Relaxed), 2);
}
