//! 人员锁: two claims of one person never spend one ceiling twice.

use db::{DbError, Sql, Tx, Value};
use terms::PersonId;

pub(crate) static LOCK: Sql = Sql::new(
    "operation.lock_person",
    "INSERT INTO person_lock (psn_no, touched) VALUES ($1, 1) \
     ON CONFLICT (psn_no) DO UPDATE SET touched = person_lock.touched + 1",
);

/// Takes the persons a deed touches, givers of family accounts included, until the deed
/// ends. Call it once, first, before reading anything of theirs: a deed that already waits
/// for one of them waits here. Sorted and without doubles, so that no two deeds hold each
/// other up for ever.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn lock_persons(tx: &mut dyn Tx, persons: &[PersonId]) -> Result<(), DbError> {
    let mut persons: Vec<&str> = persons.iter().map(PersonId::as_str).collect();
    persons.sort_unstable();
    persons.dedup();
    let rows: Vec<Vec<Value>> = persons.into_iter().map(|person| vec![person.into()]).collect();
    tx.insert_many(&LOCK, &rows)
}
