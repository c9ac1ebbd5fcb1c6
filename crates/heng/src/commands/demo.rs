//! `heng demo`: a living synthetic city through the real interface.

mod accounts;
mod fill;
mod services;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use city::his::{HisOptions, Progress, Transport};
use city::{City, CityOptions, RegionFiles};
use clap::Args;
use clearing::{Month, StatementState};
use gateway::Config;
use indicatif::{ProgressBar, ProgressStyle};
use terms::{Date, DateTime};

use self::accounts::Accounts;
use self::fill::Fill;
use super::clear::{Bureau, Form};
use super::{Problem, serve};
use crate::centre::{RunningCentre, Setting};
use crate::wiring::Place;

/// Runs a fictional city: an embedded centre, its page, and a month of visits that its
/// hospitals and pharmacies settle over the national interface.
#[derive(Args)]
pub struct Demo {
    /// The region folder.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// The folder of the demo's database and keys; emptied at every start.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Where the page and the interface are.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many people live in the city.
    #[arg(long, default_value_t = 100_000)]
    people: u32,
    /// Which city: the same seed is the same city.
    #[arg(long, default_value_t = CityOptions::default().seed)]
    seed: u64,
    /// How many days of its life.
    #[arg(long, default_value_t = 31)]
    days: u16,
    /// How much fraud is planted, in hundredths of the rates that real inspections tell of.
    #[arg(long, default_value_t = 100)]
    fraud: u16,
    /// Client threads.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Leave the desks empty: the month is cleared, but nothing is reviewed, opened or applied for.
    #[arg(long)]
    empty_desks: bool,
    /// End when the month is over instead of keeping the page up.
    #[arg(long)]
    exit: bool,
}

/// Persons registered in one deed.
const PERSONS_A_DEED: usize = 2_000;

/// The fictional institutions' keys, which the region ships for tests and the demo.
const TEST_KEYS: &str = "test-keys.toml";

impl Demo {
    /// Opens the centre, then lets the city live.
    pub fn run(self) -> Result<ExitCode, Problem> {
        if !self.listen.ip().is_loopback() {
            return Err("the demo shows everything to everyone: it listens on loopback only".into());
        }
        let place = Place { region: self.region.clone(), data: self.data.clone(), database: None };
        empty(&place.data)?;
        let said = Said::default();
        let clock = Clock::at(CityOptions::default().from.at(7, 0, 0, 0));
        let key_file = self.region.join(TEST_KEYS);
        let progress = said.clone();
        let centre = RunningCentre::start(Setting {
            place: place.clone(),
            listen: self.listen,
            log_listen: None,
            config: Box::new(|config| Config { clock_window: None, ..config }),
            keys: serve::keys_of(Some(&key_file))?,
            progress: Arc::new(move || progress.now()),
            sequencing: true,
            now: clock.now(),
            tls: false,
        })?;
        let mut accounts = Accounts::open(&self.region, &place.data, &centre.database)?;
        println!("衡 Heng: the page is at http://{}/ and fills while the city lives", centre.address);
        println!("        the interface is at {}", centre.interface());
        println!("        the log's public key is in {}", place.data.join("evidence.pub").display());
        println!("{accounts}");
        let stop = Arc::new(AtomicBool::new(false));
        let (asked, ended) = (Arc::clone(&stop), self.exit);
        let waiting = std::thread::spawn(move || -> Result<(), String> {
            if ended {
                return Ok(());
            }
            let waited = serve::wait_for_the_end().map_err(|error| error.to_string());
            asked.store(true, Ordering::Relaxed);
            waited
        });
        let report = self.live(&place, &centre, &said, &clock, &stop, &key_file)?;
        println!("\n{report}");
        let lived = format!("{} 天已过完：{} 笔结算，{} 处差异", self.days, report.settlements, report.differences);
        said.say(format!("{lived}；正在清算"));
        if !stop.load(Ordering::Relaxed) {
            println!("{}", self.clear(&place, &centre, &clock)?);
            said.say(format!("{lived}；已清算，正在审核"));
            let days = (CityOptions::default().from, self.last_day()?);
            if !self.empty_desks {
                println!("{}", Fill { region: &self.region, database: &centre.database, days, clock: &clock }.run()?);
            }
            fill::citizens(&mut accounts, &place.data, &centre.database, days)?;
            println!("{accounts}");
        }
        said.nothing_more();
        if !self.exit {
            println!("\nThe page stays at http://{}/ until ctrl-c.", centre.address);
            waiting.join().map_err(|_| "the signal handler stopped")??;
        }
        Ok(if report.differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn live(
        &self,
        place: &Place,
        centre: &RunningCentre,
        said: &Said,
        clock: &Clock,
        stop: &Arc<AtomicBool>,
        key_file: &Path,
    ) -> Result<city::his::Report, Problem> {
        let files = RegionFiles::read(&self.region)?;
        let Demo { seed, people, days, fraud, .. } = *self;
        let options = CityOptions { seed, people, days, fraud, ..CityOptions::default() };
        let (from, days) = (options.from, options.days);
        let city = City::new(options, &files)?;
        said.say(format!("登记 {} 人", self.people));
        let opening = place.data.join("opening");
        std::fs::create_dir_all(&opening)?;
        let counts = city::write_opening(&city, &opening)?;
        println!("        {} persons, {} coverage rows, {} filings", counts.persons, counts.coverage, counts.filings);
        let region = crate::wiring::open_region(&self.region)?;
        super::import::opening::bring_in(&opening, from, None, PERSONS_A_DEED, region, &centre.database)?;
        let credentials = super::import::credentials::bring_in(&opening, place, &centre.database)?;
        println!("        {credentials} 个医保电子凭证 electronic credentials");
        let his = HisOptions {
            transport: Transport::Tif(secrets(key_file)?),
            clients: self.clients,
            goods: true,
            codes_per_mille: 400,
            ..HisOptions::plain(format!("http://{}", centre.address))
        };
        let bar = ProgressBar::new(u64::from(days) * 24 * 60);
        bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {percent}% {elapsed_precise} 剩 {eta}")?);
        let life = Life { bar, from, said: said.clone(), clock: clock.clone(), stop: Arc::clone(stop) };
        let report = city::his::run(&city, &his, &life)?;
        life.bar.finish_and_clear();
        Ok(report)
    }

    /// The last day that the city lives.
    fn last_day(&self) -> Result<Date, Problem> {
        Ok(CityOptions::default().from.checked_add(jiff::Span::new().days(i64::from(self.days) - 1))?)
    }

    /// The bureau clears the months that the city lived, as if it were the month after, and posts them.
    fn clear(&self, place: &Place, centre: &RunningCentre, clock: &Clock) -> Result<String, Problem> {
        let (first, last) = (CityOptions::default().from, self.last_day()?);
        let now = last.last_of_month().checked_add(jiff::Span::new().days(10))?.at(9, 0, 0, 0);
        clock.set(now);
        let bureau = Bureau::of_a_city(&self.region, &centre.database, now)?;
        let statements = place.data.join(STATEMENTS);
        std::fs::create_dir_all(&statements)?;
        let mut told = String::from("按病组清算 cleared by group (元)\n");
        let mut month = Month::of(first);
        while month <= Month::of(last) {
            let outcome = bureau.clear(month, &[])?;
            let waiting: usize = outcome.values().map(|done| done.outstanding.len()).sum();
            for institution in
                outcome.iter().filter(|(_, done)| done.statements > 0).map(|(institution, _)| institution)
            {
                bureau.advance(institution, month, StatementState::Approved)?;
                bureau.advance(institution, month, StatementState::Posted)?;
                bureau.write_month(&statements, institution, month, Form::Xlsx)?;
                for (_, figures) in bureau.view(institution, month)?.statements {
                    for plan in &figures.group {
                        let sums = &plan.month;
                        writeln!(
                            told,
                            "{month} {institution} {} 池 {}：{} 例，点数 {}，按病组应付 {}，按项目记账 {}，预付 {}",
                            plan.plan, sums.pool, sums.cases, sums.points, sums.due, sums.item_fund, sums.prepaid
                        )?;
                    }
                }
            }
            writeln!(told, "{month}：{waiting} 例待清算 stays wait for a list or a price")?;
            month = Month::of(month.last().tomorrow()?);
        }
        writeln!(told, "清算单 statements: {}", statements.display())?;
        Ok(told)
    }
}

/// Where the demo's statements go, in its folder.
const STATEMENTS: &str = "statements";

/// The city's time: set while it lives, and going on by itself.
#[derive(Clone)]
struct Clock(Arc<Mutex<(DateTime, Instant)>>);

impl Clock {
    fn at(time: DateTime) -> Clock {
        Clock(Arc::new(Mutex::new((time, Instant::now()))))
    }

    fn set(&self, time: DateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (time, Instant::now());
    }

    fn read(&self) -> DateTime {
        let (time, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = i64::try_from(since.elapsed().as_secs()).unwrap_or_default();
        time.checked_add(jiff::Span::new().seconds(passed)).unwrap_or(time)
    }

    fn now(&self) -> Arc<dyn Fn() -> DateTime + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.read())
    }
}

/// What is going on, for the page.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Option<String>>>);

impl Said {
    fn say(&self, words: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    fn nothing_more(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn now(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The month as a bar and on the page.
struct Life {
    bar: ProgressBar,
    from: Date,
    said: Said,
    clock: Clock,
    stop: Arc<AtomicBool>,
}

impl Progress for Life {
    fn reached(&self, minute: u64, of: u64, visits: u64) {
        let day = i64::try_from(minute / 1440).unwrap_or(0);
        let today = self.from.checked_add(jiff::Span::new().days(day)).unwrap_or(self.from);
        if let Ok(now) =
            self.from.at(0, 0, 0, 0).checked_add(jiff::Span::new().minutes(i64::try_from(minute).unwrap_or(0)))
        {
            self.clock.set(now);
        }
        self.bar.set_length(of);
        self.bar.set_position(minute);
        self.bar.set_message(format!("{today} · {visits} 次就诊"));
        self.said.say(format!("{today}：已有 {visits} 次就诊"));
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Empties the demo's own folder; refuses a folder that holds anything else.
fn empty(folder: &Path) -> Result<(), Problem> {
    if !folder.exists() {
        return Ok(());
    }
    let own = [
        "heng.db",
        "heng.db-wal",
        "heng.db-shm",
        "access.key",
        "answers.key",
        "credential.pem",
        "evidence.pem",
        "evidence.pub",
        "evidence.mark",
        "opening",
        STATEMENTS,
        accounts::WRITTEN,
    ];
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !own.contains(&name.as_str()) {
            return Err(
                format!("{} holds {name}, which is not of a demo; choose another --data", folder.display()).into()
            );
        }
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// x-tif keys by institution, from the region's test keys.
fn secrets(file: &Path) -> Result<std::collections::BTreeMap<String, (String, String)>, Problem> {
    #[derive(serde::Deserialize)]
    struct File {
        key: Vec<Key>,
    }
    #[derive(serde::Deserialize)]
    struct Key {
        id: String,
        secret: String,
        institution: Option<String>,
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let keys: File = toml::from_str(&text)?;
    Ok(keys.key.into_iter().filter_map(|key| Some((key.institution?, (key.id, key.secret)))).collect())
}
