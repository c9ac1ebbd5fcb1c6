//! 期初导入: reads the folder once to learn whose each row is, then person by person in
//! batches of one deed each. Only 24 bytes a row and each person's number are held.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use catalogue::RowError;
use db::Database;
use indicatif::{ProgressBar, ProgressStyle};
use journeys::{BroughtIn, JourneyError, Opening};
use terms::Date;

use super::books::{Fate, Tally};
use super::person::{Rows, Sums};
use super::report::Report;
use super::rules::Rules;
use super::sheet::{FILES, Places, Sheet, Stray};
use crate::commands::Problem;
use crate::wiring::{Place, open_region};

/// The files of a folder, and who stands in them.
struct Folder {
    sheets: Vec<Option<Sheet>>,
    /// 人员编号 by place.
    persons: Vec<Box<str>>,
    places: Places,
    /// Persons with a row that cannot be read.
    spoilt: HashSet<u32>,
}

/// Brings a folder in; whether every row was taken and every sum agrees.
pub fn import(
    folder: &Path,
    on: Date,
    errors: Option<&Path>,
    persons_a_deed: usize,
    place: &Place,
) -> Result<bool, Problem> {
    let region = open_region(&place.region)?;
    let database = place.open_database()?;
    let agrees = bring_in(folder, on, errors, persons_a_deed, region, &database)?;
    let credentials = super::credentials::bring_in(folder, place, &database)?;
    if credentials > 0 {
        println!("{credentials} electronic credentials brought in");
    }
    Ok(agrees)
}

/// Brings a folder into the database of a centre.
pub fn bring_in(
    folder: &Path,
    on: Date,
    errors: Option<&Path>,
    persons_a_deed: usize,
    region: region::Region,
    database: &Database,
) -> Result<bool, Problem> {
    let started = Instant::now();
    let mut report = Report::create(errors)?;
    let mut tally = Tally::default();
    let Folder { mut sheets, persons, places, spoilt } = read_folder(folder, &mut report, &mut tally)?;
    let mut rules = Rules::new(&region, on, places);
    let law = Arc::new(region.law);
    let sums = |law: Arc<policy::Law>| database.read(move |tx| journeys::opening_sums(tx, &law));
    let before = sums(law.clone())?;

    let bar = progress(persons.len());
    let mut batch = Batch::default();
    for (person, number) in (0..).zip(&persons) {
        let taken = sheets.iter_mut().map(|sheet| sheet.as_mut().map_or(Ok(Vec::new()), |sheet| sheet.rows_of(person)));
        let rows: Vec<_> = taken.collect::<Result<_, Problem>>()?;
        let rows = Rows { sheets: &sheets, rows: &rows };
        let (counts, sums) = (rows.counts(), rows.sums(&rules));
        tally.sums(&sums);
        match rows.read(&mut rules) {
            Ok(opening) if !spoilt.contains(&person) => batch.add(opening, rows.certificate(), counts, sums),
            outcome => {
                for error in outcome.err().unwrap_or_default() {
                    report.add(number, &error)?;
                }
                tally.person(Fate::LeftOut, &counts, &sums);
            }
        }
        if batch.openings.len() >= persons_a_deed {
            batch.load(database, &mut report, &mut tally)?;
        }
        bar.inc(1);
    }
    batch.load(database, &mut report, &mut tally)?;
    bar.finish_and_clear();

    let wrong = tally.print(&rules.accumulators, &before, &sums(law)?);
    let took = started.elapsed().as_secs_f64();
    println!("\n{} of {} persons brought in, in {took:.1} s", tally.loaded, persons.len());
    for line in &wrong {
        eprintln!("does not agree: {line} (was a centre at work meanwhile? stop it, and compare again)");
    }
    let errors = report.close()?;
    if errors > 0 {
        eprintln!(
            "{errors} rows are wrong; the persons they name are left out whole. Correct them and import the folder again: nobody is brought in twice"
        );
    }
    Ok(errors == 0 && wrong.is_empty())
}

fn progress(persons: usize) -> ProgressBar {
    let bar = ProgressBar::new(persons as u64);
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} persons, {eta} left");
    bar.with_style(style.expect("the template is right"))
}

fn read_folder(folder: &Path, report: &mut Report, tally: &mut Tally) -> Result<Folder, Problem> {
    let mut found = Folder { sheets: Vec::new(), persons: Vec::new(), places: Places::new(), spoilt: HashSet::new() };
    for (n, file) in FILES.into_iter().enumerate() {
        let Some(mut sheet) = Sheet::open(folder, file)? else {
            if n == 0 {
                return Err(format!("{}: there is no persons.csv; it must be there", folder.display()).into());
            }
            found.sheets.push(None);
            continue;
        };
        let Folder { persons, places, spoilt, .. } = &mut found;
        let mut strays = 0_u64;
        let mut stray = |stray: Stray| {
            strays += 1;
            spoilt.extend(stray.person);
            report.add(&stray.error.value, &stray.error)
        };
        if n == 0 {
            sheet.index(|number| new_person(number, persons, places), &mut stray)?;
        } else {
            let unknown =
                (None, "the person does not stand in persons.csv", "add the person there, or take the row out");
            sheet.index(|number| places.get(number).copied().ok_or(unknown), &mut stray)?;
        }
        (0..strays).for_each(|_| tally.stray(n));
        tally.read(n, sheet.rows);
        found.sheets.push(Some(sheet));
    }
    Ok(found)
}

/// The place of a person of persons.csv.
fn new_person(
    number: &str,
    persons: &mut Vec<Box<str>>,
    places: &mut Places,
) -> Result<u32, (Option<u32>, &'static str, &'static str)> {
    if number.is_empty() {
        return Err((None, "the cell is empty", "give the person a number"));
    }
    if let Some(earlier) = places.get(number) {
        return Err((Some(*earlier), "an earlier line has this person already", "keep one of the rows"));
    }
    let place = u32::try_from(persons.len()).map_err(|_| (None, "too many persons", "split the folder"))?;
    persons.push(number.into());
    places.insert(number.into(), place);
    Ok(place)
}

/// Persons that wait for the next deed.
#[derive(Default)]
struct Batch {
    openings: Vec<Opening>,
    /// For each: an error at its certificate, the rows by file, and the sums.
    about: Vec<(RowError, [u64; FILES.len()], Sums)>,
}

impl Batch {
    fn add(&mut self, opening: Opening, certificate: RowError, counts: [u64; FILES.len()], sums: Sums) {
        self.openings.push(opening);
        self.about.push((certificate, counts, sums));
    }

    /// One deed: all of the batch who are not registered yet.
    fn load(&mut self, database: &Database, report: &mut Report, tally: &mut Tally) -> Result<(), Problem> {
        let openings = Arc::new(std::mem::take(&mut self.openings));
        let deed = openings.clone();
        let outcome: Result<BroughtIn, JourneyError> = database.deed(move |tx| journeys::bring_in(tx, &deed));
        let outcome =
            outcome.map_err(|error| format!("{error}. What was brought in before stays; import again to go on"))?;
        for (at, (mut certificate, counts, sums)) in std::mem::take(&mut self.about).into_iter().enumerate() {
            let holder = outcome.holders.iter().find(|(place, _)| *place == at);
            let fate = match holder {
                Some((_, holder)) => {
                    certificate.problem = format!("{holder}, who is registered, holds this certificate");
                    report.add(openings[at].registration.person.psn_no.as_str(), &certificate)?;
                    Fate::LeftOut
                }
                None if outcome.known.binary_search(&at).is_ok() => Fate::Known,
                None => Fate::Loaded,
            };
            tally.person(fate, &counts, &sums);
        }
        Ok(())
    }
}
