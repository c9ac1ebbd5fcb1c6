//! 开门: one call puts a gateway with every adapter in front of a centre. The binary, the
//! conformance suite and tests open the same door.

use crate::{Catalogue, CatalogueError, Config, Desk, Gateway, KeyRing, transactions};
use db::{Database, DbError};
use journeys::{Centre, JourneyError};
use operation::{AnswerKeys, InputHash, Operation};

/// What a gateway is opened with.
pub struct Opening {
    /// The centre: law, catalogue, institutions, books.
    pub centre: Centre,
    /// Where it remembers; missing tables are made.
    pub database: Database,
    /// The text of the region's `interface.toml`; empty bends nothing.
    pub interface: String,
    /// Limits, sign-in, clock.
    pub config: Config,
    /// Who may speak.
    pub keys: Box<dyn KeyRing>,
    /// What kept answers are sealed with.
    pub answers: AnswerKeys,
}

/// Why a gateway does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The region's interface file cannot be used.
    #[error(transparent)]
    Interface(#[from] CatalogueError),
    /// The database cannot be prepared.
    #[error("the database cannot be prepared: {0}")]
    Database(#[from] DbError),
    /// The region's rule library cannot be brought in.
    #[error("the region's rule library cannot be brought in: {0}")]
    Library(String),
}

/// Opens a gateway; the desk behind it is handed out too, for whoever changes the centre.
///
/// # Errors
/// [`StartError`] naming the file or the migration.
pub fn open(opening: Opening) -> Result<(Gateway, Desk), StartError> {
    let Opening { centre, database, interface, config, keys, answers } = opening;
    let catalogue = Catalogue::national().bent_by(&interface)?;
    database.migrate(&journeys::migrations())?;
    if centre.supervision.is_some() {
        bring_in_library(&centre, &database, &config)?;
    }
    let desk = Desk::new(centre, database, answers, config.answers_kept_days);
    let gateway = Gateway::new(config, catalogue, transactions::all(&desk), keys);
    Ok((gateway.with_sign_ins(Box::new(desk.clone())), desk))
}

/// Brings the folder's rule library in; the first one is put in force.
fn bring_in_library(centre: &Centre, database: &Database, config: &Config) -> Result<(), StartError> {
    let wrong = |error: String| StartError::Library(error);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| wrong(format!("no randomness: {error}")))?;
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(config.utc_offset_hours));
    let now = jiff::Timestamp::now().to_zoned(zone).datetime();
    let operation = Operation {
        institution: centre.region.as_str().into(),
        msgid: "start".into(),
        infno: "start".to_owned(),
        input_hash: InputHash(seed),
        message_time: now,
        received_at: now,
        kept_until: now,
        operator: "中心 / centre".to_owned(),
        seed,
    };
    let centre = centre.clone();
    let brought: Result<String, JourneyError> = database.deed(move |tx| centre.bring_in_library(tx, &operation));
    brought.map(drop).map_err(|error| wrong(error.to_string()))
}
