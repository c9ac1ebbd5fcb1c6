//! How many statements a settlement sends: the number that its speed rests on.

use std::sync::{Arc, Mutex};

use crate::world::*;
use db::{DbError, Row, Sql, Tx, Value};

struct Counting<'a> {
    tx: &'a mut dyn Tx,
    sent: Vec<&'static str>,
}

impl Tx for Counting<'_> {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        self.sent.push(sql.name);
        self.tx.execute(sql, params)
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.sent.push(sql.name);
        self.tx.query(sql, params)
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.sent.push(sql.name);
        self.tx.insert_many(sql, rows)
    }
}

#[test]
fn a_settlement_with_an_account_is_eleven_statements() {
    on_each_database(|world| {
        let psn = world.person("7001", 5_000, &[]);
        let visit = world.visit(&psn, HOSPITAL, "V1").expect("begun");
        let lines = (0..10).map(|n| line(&n.to_string(), "A", 5_000)).collect();
        world.upload(&psn, HOSPITAL, &visit, lines).expect("taken");
        let operation = world.operation(HOSPITAL, "2207");
        let asked = settling(&psn, &visit, 50_000, "1");
        let sent = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sent);
        world
            .deed(move |centre, tx| {
                let mut counting = Counting { tx, sent: Vec::new() };
                let settled = centre.settle(&mut counting, &operation, &asked)?;
                *seen.lock().expect("whole") = counting.sent;
                Ok(settled)
            })
            .expect("settled");
        let sent = sent.lock().expect("whole").clone();
        let expected = [
            "enrolment.givers_of",
            "operation.lock_person",
            "enrolment.standing",
            "claim.history",
            "claim.lines",
            "claim.add_settlement",
            "claim.add_to_total",
            "enrolment.debit_account",
            "ledger.add_entry",
            "operation.feed_append",
        ];
        assert_eq!(sent[..10], expected);
        assert_eq!(sent.len(), 11, "and the evidence leaf: {sent:?}");
    });
}
