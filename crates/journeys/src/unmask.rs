//! 查看未脱敏信息: who looked at whose data, when and why, recorded and sealed before it is shown.

use access::Read;
use db::Tx;
use enrolment::Person;
use evidence::{EvidenceError, Facts, Salt};
use operation::Operation;
use serde_json::json;
use terms::{PersonId, show_time};

use crate::JourneyError;

/// A person's data for a purpose; `None`, and nothing recorded, when there is no such person.
/// The leaf holds the reader, the purpose and the person's number under a salt.
///
/// # Errors
/// [`JourneyError::Db`] when storage fails: then nothing may be shown.
pub fn unmask(
    tx: &mut dyn Tx,
    operation: &Operation,
    psn_no: &PersonId,
    read: &Read,
) -> Result<Option<Person>, JourneyError> {
    let Some(standing) = enrolment::standing(tx, psn_no)? else { return Ok(None) };
    access::operations::record_reads(tx, std::slice::from_ref(read))?;
    let body = json!({
        "account": read.account, "person": read.person, "purpose": read.purpose, "note": read.note,
        "at": show_time(read.at),
    });
    let facts =
        Facts { id: read.id.clone(), kind: "unmask".to_owned(), subject: read.id.clone(), policy: String::new(), body };
    let mut salt = [0; 16];
    salt.copy_from_slice(&operation.draw(&format!("salt of unmask {}", read.id))[..16]);
    let leaf = facts.seal(Salt(salt)).map_err(EvidenceError::from)?;
    evidence::append(tx, &leaf)?;
    Ok(Some(standing.person))
}
