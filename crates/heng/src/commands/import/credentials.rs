//! 期初电子凭证: `credentials.csv` of an opening folder, after its persons. A child's row names the guardian,
//! an adult's the device with its public key.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::Database;
use journeys::{Centre, JourneyError, OpenCredential, OpenDevice};
use operation::Operation;
use serde::Deserialize;

use crate::commands::Problem;
use crate::wiring::{Place, open_region};

const FILE: &str = "credentials.csv";
/// Rows in one deed.
const A_DEED: usize = 2_000;

#[derive(Deserialize)]
struct Row {
    psn_no: String,
    guardian: String,
    device_id: String,
    device_name: String,
    public_key: String,
}

/// Brings the credentials of a folder in, if it has any; how many were new. Who has one already is left
/// alone, so that a folder may be brought in again.
pub fn bring_in(folder: &Path, place: &Place, database: &Database) -> Result<usize, Problem> {
    let file = folder.join(FILE);
    if !file.is_file() {
        return Ok(0);
    }
    let region = open_region(&place.region)?;
    let credentials = place.credential_office(&region)?;
    let centre = Centre { credentials, ..region.into_centre(journeys::Limits::default().lines) };
    let mut rows = Vec::new();
    for (line, row) in (2..).zip(csv::Reader::from_path(&file)?.deserialize::<Row>()) {
        let wrong = |error: &dyn std::fmt::Display| format!("{}, line {line}: {error}", file.display());
        rows.push(read(row.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?);
    }
    let mut new = 0;
    for part in rows.chunks(A_DEED) {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).datetime();
        let operation = Operation::of_bureau("opening", "期初", now, seed);
        let (centre, part) = (centre.clone(), Arc::new(part.to_vec()));
        let opened: Result<usize, JourneyError> =
            database.deed(move |tx| centre.open_credentials(tx, &operation, &part));
        new += opened?;
    }
    Ok(new)
}

fn read(row: Row) -> Result<OpenCredential, String> {
    let given = |text: String| (!text.is_empty()).then_some(text);
    let device = given(row.device_id).map(|device_id| {
        let public_key = STANDARD.decode(&row.public_key).map_err(|_| "public_key must be Base64".to_owned())?;
        Ok::<_, String>(OpenDevice { device_id, name: row.device_name, public_key })
    });
    Ok(OpenCredential {
        psn_no: row.psn_no.as_str().into(),
        guardian: given(row.guardian).map(|guardian| guardian.as_str().into()),
        device: device.transpose()?,
    })
}
