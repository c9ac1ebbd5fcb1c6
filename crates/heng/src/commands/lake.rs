//! `heng lake`: a folder of monthly Parquet kept in step with the centre's database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use db::Database;
use encounter::History;
use journeys::{Centre, JourneyError, Reach};
use lake::{Changed, Lake, LakeError, LakeTable, Month, refresh, write_records};
use terms::PersonId;

use super::Problem;
use crate::centre::on_register;
use crate::wiring::{Place, open_region};

/// Brings settled visits from the centre's database into a folder of monthly Parquet: what changed since
/// the last run. To run it again changes nothing; a run that was cut off is simply run again.
#[derive(Args)]
pub struct LakeCommand {
    /// The lake's folder; made when it is missing.
    #[arg(long)]
    out: PathBuf,
    /// Parts of a new lake, each worked on by one thread: about one for each two million lines.
    #[arg(long, default_value_t = 8)]
    parts: u32,
    #[command(flatten)]
    place: Place,
}

/// Changes that are read at a time.
const PAGE: i64 = 5_000;
/// Persons that are written at a time: each time, the months concerned are written anew.
const PERSONS: usize = 50_000;
/// Changes of the feed after which a visit may be another one: settled, reversed, its list sent.
const KINDS: [&str; 3] = ["settlement", "reversal", "settlement_list"];

impl LakeCommand {
    /// Feeds the lake.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let region = open_region(&self.place.region)?;
        let database = self.place.open_database()?;
        let centre = on_register(region.into_centre(gateway::Config::for_region("").limits.lines), &database)?;
        let mut lake =
            if Lake::is_one(&self.out) { Lake::open(&self.out)? } else { Lake::create(&self.out, self.parts)? };
        // Committed changes get their numbers; a running centre does so too, and one waits for the other.
        while database.deed(|tx| operation::feed::number(tx, PAGE))? > 0 {}
        let (mut persons, mut visits, mut files) = (0, 0, 0);
        let bar = super::screen::Bar::new();
        loop {
            let (changed, last) = changes(&database, lake.feed())?;
            if last == lake.feed() {
                break;
            }
            let done = refresh(&lake, &changed, |psn_no| gather(&centre, &database, psn_no))?;
            // The number is kept last: cut off before, the same changes are simply taken again.
            lake.set_feed(last)?;
            persons += done.persons;
            visits += done.visits;
            files += done.files;
            bar.add(done.visits);
        }
        surroundings(&database, &lake)?;
        bar.end();
        println!(
            "{}: 变更流至 feed up to {}; {persons} 人 persons, {visits} 次就诊 visits, 写 {files} 个月分区 months of parts written",
            self.out.display(),
            lake.feed()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Whose visits changed after `from`, in which months they stand or stood, and up to which number
/// that is known.
fn changes(database: &Database, from: i64) -> Result<(Changed, i64), Problem> {
    let mut visits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = from;
    while visits.len() < PERSONS {
        let page = database.read(move |tx| operation::feed::read_after(tx, last, PAGE))?;
        let Some(end) = page.last() else { break };
        last = end.number;
        for row in page.into_iter().map(|row| row.change).filter(|change| KINDS.contains(&change.kind.as_str())) {
            let body: serde_json::Value = serde_json::from_str(&row.body)?;
            let visit = body.get("mdtrt_id").and_then(serde_json::Value::as_str);
            let visit = visit.ok_or_else(|| format!("change {}: its body names no mdtrt_id", row.id))?;
            visits.entry(row.person).or_default().insert(visit.to_owned());
        }
    }
    let mut changed = Changed::default();
    for (psn_no, visits) in visits {
        let person = PersonId(psn_no.clone());
        let known = database.read(move |tx| claim::history(tx, &person))?;
        // Reversed settlements too: their months still hold what was settled then.
        for row in known.settlements.iter().filter(|row| visits.contains(row.mdtrt_id.as_str())) {
            changed.add(&psn_no, Month::of(row.setl_time));
        }
    }
    Ok((changed, last))
}

/// Why a history could not be gathered or written.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error(transparent)]
    Journey(#[from] JourneyError),
    #[error(transparent)]
    Lake(#[from] LakeError),
}

fn gather(centre: &Centre, database: &Database, psn_no: &str) -> Result<Option<History>, FeedError> {
    let (centre, person) = (centre.clone(), PersonId(psn_no.to_owned()));
    let reach = Reach { since: None, unsettled: false, lists: true };
    Ok(database.read(move |tx| centre.history(tx, &person, reach))?)
}

/// The register of institutions and practitioners as it stands now, every period a row.
fn surroundings(database: &Database, lake: &Lake) -> Result<(), Problem> {
    let index = database.read(|tx| provider::load(tx))?;
    let encounter::Surroundings { mut institutions, mut practitioners } =
        region::surroundings(index.institutions(), index.practitioners());
    // In one order, so that nothing changes where nothing changed.
    institutions.sort_by(|one, other| one.fixmedins_code.cmp(&other.fixmedins_code));
    practitioners.sort_by(|one, other| {
        (&one.prac_psn_code, one.begndate, &one.fixmedins_code).cmp(&(
            &other.prac_psn_code,
            other.begndate,
            &other.fixmedins_code,
        ))
    });
    write_records(&lake.whole(LakeTable::Institutions), LakeTable::Institutions, &institutions)?;
    write_records(&lake.whole(LakeTable::Practitioners), LakeTable::Practitioners, &practitioners)?;
    Ok(())
}
