//! `heng case`: audit cases on a centre's database, from the clue to the money and back.

mod ask;
mod tell;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use inquiry::Clue;
use journeys::{BulkCase, CaseFile, Casebook, Centre, Counter, JourneyError, NewCase};
use operation::Operation;
use terms::{DateTime, InstitutionId};

use super::Problem;
use crate::centre::{on_register, sequence};
use crate::wiring::{Place, open_region, origin};

/// Audit cases: opens them from findings, suspicions, visits or a sample; assigns, reviews,
/// appeals, decides, deducts, overturns; tells the queue, a case, credit; writes the case's bundle.
#[derive(Args)]
pub struct CaseCommand {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    place: Place,
    /// The time that is recorded, yyyy-MM-dd HH:mm:ss or a day; now unless given.
    #[arg(long, global = true)]
    on: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// 立案: opens a case.
    Open(Box<ask::Open>),
    /// 线索: registers a finding or a suspicion as a clue, without opening a case.
    Clue(ask::ClueFrom),
    /// 待办: the open cases, the most rewarding first, and the clues that no case has.
    List,
    /// 案卷: everything known of a case.
    Show {
        /// 案件编号.
        case: String,
    },
    /// 办理: takes a step of the case's procedure.
    Step(Box<ask::Step>),
    /// 逾期: takes the steps that silence means in every case whose time is over.
    Expire,
    /// 信用: an institution's score or a practitioner's points, with each event.
    Credit {
        /// 机构编号.
        #[arg(long, required_unless_present = "practitioner", conflicts_with = "practitioner")]
        institution: Option<String>,
        /// 医师代码.
        #[arg(long)]
        practitioner: Option<String>,
    },
    /// 抽样: the frame of a case, what was drawn, and the estimate.
    Sample {
        /// 案件编号.
        case: String,
        /// Also every unit of the frame.
        #[arg(long)]
        units: bool,
    },
    /// 证据卷宗: writes the case as one file that `heng verify` checks without the centre.
    Bundle {
        /// 案件编号.
        case: String,
        /// The file.
        out: PathBuf,
    },
}

impl CaseCommand {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let desk = Desk::open(&self.place, self.on.as_deref())?;
        match self.what {
            What::Open(asked) => desk.open_case(&asked),
            What::Clue(asked) => {
                let clues = desk.clues(&asked)?;
                clues.iter().for_each(|clue| println!("{}", tell::clue(clue)));
                Ok(ExitCode::SUCCESS)
            }
            What::List => desk.list(),
            What::Show { case } => {
                let file = desk.file(&case)?;
                print!("{}", tell::file(&file));
                Ok(ExitCode::SUCCESS)
            }
            What::Step(asked) => desk.step(&asked),
            What::Expire => desk.expire(),
            What::Credit { institution, practitioner } => desk.credit(institution, practitioner),
            What::Sample { case, units } => {
                print!("{}", tell::sample(&desk.file(&case)?, units)?);
                Ok(ExitCode::SUCCESS)
            }
            What::Bundle { case, out } => desk.bundle(&self.place, &case, &out),
        }
    }
}

/// The bureau's desk: a centre and its database, and the region's casebook.
struct Desk {
    centre: Centre,
    database: db::Database,
    counter: Counter,
    region: PathBuf,
    now: DateTime,
}

impl Desk {
    fn open(place: &Place, on: Option<&str>) -> Result<Desk, Problem> {
        let now = match on {
            None => jiff::Zoned::now().datetime(),
            Some(on) => terms::parse_time(on)
                .ok_or_else(|| format!("--on {on}: not a time; write it as 2026-02-05 or \"2026-02-05 09:30:00\""))?,
        };
        let region = open_region(&place.region)?;
        let counter = region.counter()?;
        if !counter.book.calendar.knows(now.year()) {
            eprintln!(
                "{}：casework/calendar.toml 没有该年的节假日，只按周末休息计算期限 no holidays are known for that year",
                now.year()
            );
        }
        let database = place.open_database()?;
        // With the rules' floors, so that what a case decides can take force from a rule.
        let supervision = region.supervision()?;
        let centre = Centre { supervision, ..region.into_centre(gateway::Config::for_region("").limits.lines) };
        let centre = on_register(centre, &database)?;
        Ok(Desk { centre, database, counter, region: place.region.clone(), now })
    }

    /// A deed of the bureau's own: the clock was read and the seed is drawn before it.
    fn operation(&self, operator: &str) -> Result<Operation, Problem> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)?;
        Ok(Operation::of_bureau("case", operator, self.now, seed))
    }

    fn deed<T: Send + 'static>(
        &self,
        by: &str,
        journey: impl Fn(&Centre, &mut dyn db::Tx, &Operation, &Casebook) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let (centre, operation, book) = (self.centre.clone(), self.operation(by)?, Arc::clone(&self.counter.book));
        Ok(self.database.deed(move |tx| journey(&centre, tx, &operation, &book))?)
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&mut dyn db::Tx, &Casebook) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let book = Arc::clone(&self.counter.book);
        Ok(self.database.read(move |tx| question(tx, &book))?)
    }

    fn file(&self, case: &str) -> Result<CaseFile, Problem> {
        let case = case.to_owned();
        self.ask(move |tx, book| journeys::case_file(tx, book, &case))
    }

    /// The clues that findings and suspicions make; those that are known already are the same.
    fn clues(&self, asked: &ask::ClueFrom) -> Result<Vec<Clue>, Problem> {
        let mut clues = Vec::new();
        for key in &asked.finding {
            let key = key.clone();
            clues.push(self.deed("clue", move |centre, tx, operation, _| centre.clue_of_finding(tx, operation, &key))?);
        }
        for (told, _) in asked.suspicions()? {
            clues.extend(
                self.deed("clue", move |centre, tx, operation, _| centre.clues_of_suspicion(tx, operation, &told))?,
            );
        }
        Ok(clues)
    }

    fn open_case(&self, asked: &ask::Open) -> Result<ExitCode, Problem> {
        let by = ask::actor(&self.counter.book, &asked.by)?;
        let mut clues = self.clues(&asked.from)?;
        for id in &asked.clue {
            let id = id.clone();
            let found = self.ask(move |tx, _| Ok(inquiry::clue(tx, &id)?))?;
            clues.extend(found);
        }
        let exhibits = ask::exhibits(&self.region, &clues, asked.rule.as_deref(), &asked.from, &asked.exhibit)?;
        let file = match (&asked.rule, &asked.institution) {
            (Some(rule), Some(institution)) => {
                let bulk = BulkCase {
                    procedure: asked.procedure.clone(),
                    rule: rule.clone(),
                    fixmedins_code: institution.as_str().into(),
                    at_most: asked.at_most,
                    by,
                    why: asked.why.clone(),
                    exhibits,
                };
                self.deed(&asked.by, move |centre, tx, operation, book| centre.open_bulk(tx, operation, book, &bulk))?
            }
            _ => {
                let new = NewCase {
                    procedure: asked.procedure.clone(),
                    clues: asked
                        .clue
                        .iter()
                        .cloned()
                        .chain(clues.iter().map(|clue| clue.clue_id.clone()))
                        .collect::<std::collections::BTreeSet<_>>()
                        .into_iter()
                        .collect(),
                    targets: asked.targets()?,
                    frame: asked.frame()?,
                    subject: asked.subject(&clues),
                    by,
                    why: asked.why.clone(),
                    exhibits,
                };
                self.deed(&asked.by, move |centre, tx, operation, book| centre.open_inquiry(tx, operation, book, &new))?
            }
        };
        println!("{}", file.case.case_id);
        print!("{}", tell::file(&file));
        Ok(ExitCode::SUCCESS)
    }

    fn list(&self) -> Result<ExitCode, Problem> {
        let (queue, clues) = self.ask(|tx, book| Ok((journeys::queue(tx, book)?, inquiry::clues(tx, "")?)))?;
        print!("{}", tell::queue(&queue, self.now.date()));
        if !clues.is_empty() {
            println!("\n未立案线索 clues without a case：{}", clues.len());
            clues.iter().for_each(|clue| println!("  {}", tell::clue(clue)));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn step(&self, asked: &ask::Step) -> Result<ExitCode, Problem> {
        let asked_step = asked.to_move(&self.counter.book)?;
        let file = self
            .deed(&asked.by, move |centre, tx, operation, book| centre.move_case(tx, operation, book, &asked_step))?;
        print!("{}", tell::step(&file));
        Ok(ExitCode::SUCCESS)
    }

    fn expire(&self) -> Result<ExitCode, Problem> {
        let now = self.now;
        let overdue = self.ask(move |tx, _| journeys::overdue_cases(tx, now))?;
        let mut moved = 0;
        for case in &overdue {
            // One case may have several times that are over, one after the other.
            loop {
                let (case, counter) = (case.clone(), self.counter.clone());
                let taken = self.deed("clock", move |centre, tx, operation, book| {
                    if casework::application(tx, &case)?.is_none() {
                        let file = centre.expire_case(tx, operation, book, &case)?;
                        return Ok(file.map(|file| tell::step(&file)));
                    }
                    // An application is handled at the counter.
                    let file = centre.expire_service(tx, operation, &counter, &case)?;
                    Ok(file.map(|file| tell::service(&file)))
                })?;
                let Some(taken) = taken else { break };
                moved += 1;
                print!("{taken}");
            }
        }
        println!("逾期在办 {} 件，按逾期处理 {moved} 步 overdue cases, steps taken", overdue.len());
        Ok(ExitCode::SUCCESS)
    }

    fn credit(&self, institution: Option<String>, practitioner: Option<String>) -> Result<ExitCode, Problem> {
        let day = self.now.date();
        match (institution, practitioner) {
            (Some(code), _) => {
                let institution: InstitutionId = code.as_str().into();
                let standing =
                    self.ask(move |tx, book| journeys::credit_of_institution(tx, book, &institution, day))?;
                print!("{}", tell::credit(&code, day, &standing));
            }
            (None, Some(code)) => {
                let asked = code.clone();
                let points = self.ask(move |tx, book| journeys::credit_of_practitioner(tx, book, &asked, day))?;
                print!("{}", tell::points(&code, day, &points));
            }
            (None, None) => return Err("give --institution or --practitioner".into()),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the bundle. Where no centre is running, the log is numbered and signed here first.
    fn bundle(&self, place: &Place, case: &str, out: &std::path::Path) -> Result<ExitCode, Problem> {
        let asked = case.to_owned();
        let read = |case: String| self.database.read(move |tx| journeys::case_bundle(tx, &case));
        let bundle = match read(asked.clone()) {
            Ok(bundle) => bundle,
            Err(JourneyError::Own(own)) => return Err(own.into()),
            Err(_) => {
                let area = self.centre.region.0.clone();
                let key = Arc::new(place.log_key(&origin(&area))?);
                place.publish_key(evidence::Signer::public(key.as_ref()))?;
                let signing = sequence(place, &area, &self.database, key)?;
                let until = Instant::now() + Duration::from_secs(10);
                let signed = loop {
                    std::thread::sleep(Duration::from_millis(200));
                    match read(asked.clone()) {
                        Ok(bundle) => break bundle,
                        Err(error) if Instant::now() > until => return Err(error.into()),
                        Err(_) => {}
                    }
                };
                signing.stop();
                signed
            }
        };
        std::fs::write(out, bundle.to_json()).map_err(|error| format!("{}: {error}", out.display()))?;
        println!(
            "{}：{} 步，{} 份文书；核验 verify: heng verify {} --key {}",
            out.display(),
            bundle.steps.len(),
            bundle.documents.len(),
            out.display(),
            place.data.join("evidence.pub").display()
        );
        Ok(ExitCode::SUCCESS)
    }
}
