//! 医院信息系统: drives a centre through the national interface, as the systems of its
//! institutions would, checks every answer and reconciles at day end.
//!
//! One thread tells the visits in order of time; client threads speak for the institutions.
//! All of a household's visits are spoken for by one client, so that a person's visits (and
//! those of whoever shares an account) arrive in order, and the city's money comes out the
//! same whatever the number of clients.

mod answer;
mod body;
mod books;
mod clerk;
mod client;
mod day;
mod goods;
mod list;
mod money;
mod phone;
mod report;
mod script;

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use terms::{Date, DateTime};

use crate::visit::Visit;
use crate::{City, CityError};
use clerk::Clerk;
use client::Shared;
pub use report::{Latency, Report};

/// 传输: how messages are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Unsigned: the centre serves it to its own machine only.
    Plain,
    /// x-tif: each institution's key as (paasid, secret), by institution code; the entry under
    /// an empty code serves those without one of their own.
    Tif(BTreeMap<String, (String, String)>),
}

/// 速度.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the centre answers.
    Full,
    /// So many visits a second.
    VisitsPerSecond(u32),
    /// A simulated day in so many seconds.
    DayInSeconds(u32),
}

/// How to drive the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HisOptions {
    /// Scheme, host and port: `http://127.0.0.1:8080`.
    pub base_url: String,
    /// The one path of all transactions.
    pub path: String,
    /// How messages are signed.
    pub transport: Transport,
    /// Client threads, at least one.
    pub clients: usize,
    /// How fast.
    pub pace: Pace,
    /// Of a thousand messages that record something, how many are sent a second time.
    pub resend_per_mille: u64,
    /// 进销存: whether goods are reported (3501, 3502, 3503, 3505, 3506).
    pub goods: bool,
    /// 电子凭证: of a thousand visits of people who have a telephone with a credential, in how many they show
    /// its code; the telephone draws it from the console's interface at the same address.
    pub codes_per_mille: u64,
    /// How long an unreachable centre is tried again with the same message.
    pub patience: Duration,
}

impl HisOptions {
    /// Full speed, plain, on a centre of this machine.
    #[must_use]
    pub fn plain(base_url: impl Into<String>) -> HisOptions {
        HisOptions {
            base_url: base_url.into(),
            path: "/fsi/api/rsfComIfsService/callService".to_owned(),
            transport: Transport::Plain,
            clients: 8,
            pace: Pace::Full,
            resend_per_mille: 10,
            goods: true,
            codes_per_mille: 0,
            patience: Duration::from_secs(30),
        }
    }
}

/// 进度: what a run tells while it goes on. The binary draws a bar from it.
pub trait Progress: Sync {
    /// The simulated time reached: `minute` of `of` since the span began, and visits begun.
    fn reached(&self, minute: u64, of: u64, visits: u64) {
        let _ = (minute, of, visits);
    }

    /// A simulated day is reconciled.
    fn day_closed(&self, day: Date) {
        let _ = day;
    }

    /// Whether to stop before the next visit; what was begun is finished and reconciled.
    fn stop(&self) -> bool {
        false
    }
}

/// No progress shown.
pub struct Silent;
impl Progress for Silent {}

/// What a client thread is asked to do.
enum Job {
    /// A whole visit without a bed, or the registration part of it.
    Visit(Arc<Visit>),
    /// Admission of a stay.
    Admit(Arc<Visit>),
    /// The day's lines of a stay.
    Upload(Arc<Visit>, DateTime),
    /// Discharge and settlement.
    Discharge(Arc<Visit>),
    /// 9001 of an institution on a day.
    SignIn(usize, Date),
    /// What an institution reports of its goods on a day.
    Goods(usize, Date),
    /// 3201 and 3202 of an institution for a day.
    Reconcile(usize, Date),
    /// Says that all before it is done.
    Reached(std::sync::mpsc::Sender<()>),
}

/// A stay's next step, earliest first.
struct Due {
    at: DateTime,
    order: u64,
    job: Job,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Due) -> std::cmp::Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// Runs the city's visits against a centre and reports. Refusals of the law are part of life
/// and counted; whatever does not add up is a difference.
///
/// # Errors
/// [`CityError::Centre`] when the centre cannot be reached for longer than the patience, or
/// answers something that is not the interface.
pub fn run(city: &City, options: &HisOptions, progress: &dyn Progress) -> Result<Report, CityError> {
    let begun = Instant::now();
    let shared = Shared::new(city, options);
    let mut report = std::thread::scope(|scope| {
        let mut desks = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..options.clients.max(1) {
            let (sender, jobs): (SyncSender<Job>, Receiver<Job>) = sync_channel(128);
            desks.push(sender);
            let shared = &shared;
            threads.push(scope.spawn(move || Clerk::new(shared).work(jobs)));
        }
        let driver = Driver { city, options, progress, desks, due: BinaryHeap::new(), order: 0, begun, visits: 0 };
        let driven = driver.run();
        let mut report = Report::default();
        let mut failed = None;
        for thread in threads {
            match thread.join() {
                Ok(Ok(part)) => report.add(part),
                Ok(Err(error)) => failed = Some(error),
                Err(_) => failed = Some(CityError::Client("it panicked".to_owned())),
            }
        }
        match (failed, driven) {
            (Some(error), _) | (None, Err(error)) => Err(error),
            (None, Ok(visits)) => Ok(Report { visits, ..report }),
        }
    })?;
    report.people = u64::from(city.options().people);
    report.wall = begun.elapsed();
    Ok(report)
}

struct Driver<'a> {
    city: &'a City,
    options: &'a HisOptions,
    progress: &'a dyn Progress,
    desks: Vec<SyncSender<Job>>,
    due: BinaryHeap<Due>,
    order: u64,
    begun: Instant,
    visits: u64,
}

impl Driver<'_> {
    fn run(mut self) -> Result<u64, CityError> {
        let from = self.city.options().from;
        let days = i64::from(self.city.options().days);
        let mut visits = self.city.visits().peekable();
        for day in 0..days {
            let date = from.saturating_add(day.days());
            let midnight = date.saturating_add(1.days()).to_datetime(jiff::civil::Time::midnight());
            self.for_each_institution(|place| Job::SignIn(place, date))?;
            if self.options.goods {
                self.for_each_institution(|place| Job::Goods(place, date))?;
            }
            while let Some(visit) = visits.next_if(|visit| visit.begin < midnight) {
                self.send_due(visit.begin)?;
                self.wait(visit.begin);
                if self.progress.stop() {
                    self.close(date)?;
                    return Ok(self.visits);
                }
                self.begin(Arc::new(visit))?;
            }
            self.send_due(midnight)?;
            self.close(date)?;
        }
        Ok(self.visits)
    }

    /// Day end: all that was begun is done, then every institution reconciles.
    fn close(&mut self, date: Date) -> Result<(), CityError> {
        self.all_done()?;
        self.for_each_institution(|place| Job::Reconcile(place, date))?;
        self.progress.day_closed(date);
        Ok(())
    }

    fn begin(&mut self, visit: Arc<Visit>) -> Result<(), CityError> {
        self.visits += 1;
        if self.visits.is_multiple_of(64) {
            let from = self.city.options().from.to_datetime(jiff::civil::Time::midnight());
            let minute = visit.begin.duration_since(from).as_secs() / 60;
            let of = i64::from(self.city.options().days) * 1440;
            self.progress.reached(minute.unsigned_abs(), of.unsigned_abs(), self.visits);
        }
        if !visit.is_stay() {
            return self.send(&visit.clone(), Job::Visit(visit));
        }
        let mut evening = visit.begin.date().at(20, 30, 0, 0);
        if evening <= visit.begin {
            evening = visit.begin.saturating_add(15.minutes());
        }
        while evening < visit.end {
            self.later(evening, Job::Upload(visit.clone(), evening));
            evening = evening.date().saturating_add(1.days()).at(20, 30, 0, 0);
        }
        self.later(visit.end, Job::Discharge(visit.clone()));
        self.send(&visit.clone(), Job::Admit(visit))
    }

    fn later(&mut self, at: DateTime, job: Job) {
        self.order += 1;
        self.due.push(Due { at, order: self.order, job });
    }

    fn send_due(&mut self, until: DateTime) -> Result<(), CityError> {
        while self.due.peek().is_some_and(|due| due.at < until) {
            let Some(due) = self.due.pop() else {
                break;
            };
            let visit = match &due.job {
                Job::Upload(visit, _) | Job::Discharge(visit) => visit.clone(),
                _ => continue,
            };
            self.send(&visit, due.job)?;
        }
        Ok(())
    }

    fn send(&self, visit: &Visit, job: Job) -> Result<(), CityError> {
        let count = u64::try_from(self.desks.len()).unwrap_or(1);
        let at = usize::try_from(u64::from(visit.person.household) % count).unwrap_or(0);
        self.desks[at].send(job).map_err(|_| stopped())
    }

    fn for_each_institution(&self, job: impl Fn(usize) -> Job) -> Result<(), CityError> {
        for place in 0..self.city.institutions().len() {
            self.desks[place % self.desks.len()].send(job(place)).map_err(|_| stopped())?;
        }
        self.all_done()
    }

    fn all_done(&self) -> Result<(), CityError> {
        let (done, acks) = channel();
        for desk in &self.desks {
            desk.send(Job::Reached(done.clone())).map_err(|_| stopped())?;
        }
        drop(done);
        match acks.iter().count() == self.desks.len() {
            true => Ok(()),
            false => Err(stopped()),
        }
    }

    /// Holds the next visit back until its time has come at the chosen pace.
    fn wait(&self, begin: DateTime) {
        let due = match self.options.pace {
            Pace::Full => return,
            Pace::VisitsPerSecond(rate) => {
                Duration::from_micros(self.visits.saturating_mul(1_000_000) / u64::from(rate.max(1)))
            }
            Pace::DayInSeconds(seconds) => {
                let from = self.city.options().from.to_datetime(jiff::civil::Time::midnight());
                let passed = begin.duration_since(from).as_secs().unsigned_abs();
                Duration::from_millis(passed * u64::from(seconds) * 10 / 864)
            }
        };
        if let Some(left) = due.checked_sub(self.begun.elapsed()) {
            std::thread::sleep(left);
        }
    }
}

fn stopped() -> CityError {
    CityError::Client("its own error is reported beside this one".to_owned())
}
