//! 窗口: one client thread. It takes jobs in order, speaks for the institution of each, and
//! holds every answer against what must hold.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use terms::{DateTime, Fen};

use super::answer::Answer;
use super::books::Entry;
use super::client::{Channel, Shared};
use super::money::{Settled, Split};
use super::{Job, Report};
use crate::CityError;
use crate::random::Dice;
use crate::visit::Visit;

/// Transactions that record nothing: a repeat of theirs may be answered anew.
const QUERIES: &[&str] = &["1101", "2001", "2101", "2206", "2303", "3201", "5203", "5301", "9102"];
/// Codes by which a centre says that it is busy or has failed and the message should come again.
const NOT_DONE: &[&str] = &["F901", "F902"];
const SETTLEMENTS: &[&str] = &["2102", "2207", "2304"];

/// A bill as the centre has it: visit and splits.
#[derive(Debug, Default)]
pub(super) struct Bill {
    /// 就诊ID.
    pub(super) visit: String,
    /// The splits of the lines that remain.
    pub(super) splits: BTreeMap<u32, Split>,
    /// How many of the visit's lines are sent.
    pub(super) sent: usize,
}

/// One client thread's state.
pub(super) struct Clerk<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) report: Report,
    /// Open stays, by institution and label.
    pub(super) beds: HashMap<(String, String), Bill>,
    pub(super) dice: Dice,
    pub(super) clock: DateTime,
    /// Set while a refusal is what should come.
    pub(super) refusal_expected: bool,
    /// 令牌 of the code that the person of this visit showed; none when it was a card.
    pub(super) token: Option<String>,
    pub(super) channel: Channel,
}

impl<'a> Clerk<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Clerk<'a> {
        Clerk {
            shared,
            report: Report::default(),
            beds: HashMap::new(),
            dice: Dice::keyed(0, &[]),
            clock: shared.city.options().from.to_datetime(jiff::civil::Time::midnight()),
            refusal_expected: false,
            token: None,
            channel: Channel::new(),
        }
    }

    /// Works until no more jobs come.
    pub(super) fn work(mut self, jobs: Receiver<Job>) -> Result<Report, CityError> {
        for job in jobs {
            match job {
                Job::Visit(visit) => self.turn_to(&visit, visit.begin, 1).outpatient(&visit)?,
                Job::Admit(visit) => self.turn_to(&visit, visit.begin, 2).admit(&visit)?,
                Job::Upload(visit, at) => self.turn_to(&visit, at, 3).upload_day(&visit, at)?,
                Job::Discharge(visit) => self.turn_to(&visit, visit.end, 4).discharge(&visit)?,
                Job::SignIn(place, date) => self.sign_in(place, date)?,
                Job::Goods(place, date) => self.goods(place, date)?,
                Job::Reconcile(place, date) => self.reconcile(place, date)?,
                Job::Reached(done) => {
                    // The driver may have gone; then nobody waits.
                    let _ = done.send(());
                }
            }
        }
        Ok(self.report)
    }

    /// The clock and the dice of a visit's step, so that chance does not depend on threads.
    fn turn_to(&mut self, visit: &Visit, at: DateTime, step: u64) -> &mut Self {
        let label: u64 = visit.label.bytes().fold(17, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let day = u64::try_from(at.date().day_of_year()).unwrap_or(0);
        self.dice = Dice::keyed(self.shared.city.options().seed, &[50, label, step, day]);
        self.clock = at;
        self.token = None;
        self
    }

    /// The next moment at this window.
    pub(super) fn tick(&mut self) -> DateTime {
        self.clock = self.clock.saturating_add(9.seconds());
        self.clock
    }

    pub(super) fn message_id(&mut self, visit: &Visit) -> String {
        let at = self.tick();
        self.shared.message_id(self.shared.place(&visit.institution.code), at)
    }

    /// Sends a message of a visit's institution.
    pub(super) fn say(&mut self, visit: &Visit, infno: &str, input: &str) -> Result<Answer, CityError> {
        let id = self.message_id(visit);
        self.say_as(self.shared.place(&visit.institution.code), infno, &id, input)
    }

    /// Sends a message under an id; counts it, its refusal, and now and then repeats it.
    pub(super) fn say_as(&mut self, place: usize, infno: &str, id: &str, input: &str) -> Result<Answer, CityError> {
        let body = self.shared.envelope(place, infno, id, self.clock, input);
        let answer = self.until_done(place, infno, &body)?;
        if let Some((code, words)) = &answer.refusal {
            *self.report.refusals.entry(code.clone()).or_default() += 1;
            // Only the law may refuse what this hospital sends.
            if !self.refusal_expected && (code.starts_with('F') || code == "?") {
                self.report.difference(format!("{infno} {id}: not refused by the law but by “{words}”"));
            }
        }
        if !QUERIES.contains(&infno) && self.dice.chance(self.shared.options.resend_per_mille) {
            let again = self.until_done(place, infno, &body)?;
            self.report.repeated += 1;
            // What was refused by form is not kept: the repeat is refused anew, in the same words.
            let by_form = answer.refusal.as_ref().is_some_and(|(code, _)| code.starts_with('F'));
            let same = if by_form { again.refusal == answer.refusal } else { again.raw == answer.raw };
            if !same {
                self.report.difference(format!("{infno} {id}: the repeat was answered with other bytes"));
            }
        }
        Ok(answer)
    }

    /// Sends a body until the centre has done something with it: a centre that is busy or has
    /// failed says so, and the same message is sent again while patience lasts.
    fn until_done(&mut self, place: usize, infno: &str, body: &str) -> Result<Answer, CityError> {
        let begun = Instant::now();
        loop {
            let (raw, took) = self.channel.send(self.shared, place, infno, body)?;
            self.report.messages += 1;
            self.report.latency.record(took);
            if SETTLEMENTS.contains(&infno) {
                self.report.settlement_latency.record(took);
            }
            let answer = Answer::read(raw).map_err(|problem| CityError::Centre {
                infno: infno.to_owned(),
                url: self.shared.options.base_url.clone(),
                problem,
            })?;
            let not_done = answer.refusal.as_ref().is_some_and(|(code, _)| NOT_DONE.contains(&code.as_str()));
            if !not_done || begun.elapsed() > self.shared.options.patience {
                return Ok(answer);
            }
            self.report.turned_away += 1;
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Bytes that are not an answer in the envelope: the stream of 9102.
    pub(super) fn fetch(&mut self, place: usize, infno: &str, id: &str, input: &str) -> Result<Vec<u8>, CityError> {
        let body = self.shared.envelope(place, infno, id, self.clock, input);
        let (raw, took) = self.channel.send(self.shared, place, infno, &body)?;
        self.report.messages += 1;
        self.report.latency.record(took);
        Ok(raw)
    }

    /// Says what does not add up about a visit.
    pub(super) fn differences(&mut self, visit: &Visit, infno: &str, all: Vec<String>) {
        for words in all {
            self.report.difference(format!("{infno} of {} at {}: {words}", visit.label, visit.institution.code));
        }
    }

    /// Reads a settlement's answer and checks it on its own.
    pub(super) fn settled(&mut self, visit: &Visit, infno: &str, answer: &Answer) -> Option<Settled> {
        match Settled::read(&answer.output) {
            Ok(settled) => {
                self.differences(visit, infno, settled.broken());
                Some(settled)
            }
            Err(problem) => {
                self.differences(visit, infno, vec![problem]);
                None
            }
        }
    }

    /// Reads split lines into a bill, each against what was sent.
    pub(super) fn take_splits(
        &mut self,
        visit: &Visit,
        infno: &str,
        node: &str,
        answer: &Answer,
        bill: &mut Bill,
    ) -> usize {
        let rows = answer.output.rows(node);
        for row in rows {
            match Split::read(row) {
                Ok((number, split)) => {
                    let sent =
                        visit.lines.iter().find(|line| line.number == number).map_or(Fen::ZERO, |line| line.amount);
                    self.differences(visit, infno, split.broken(number, sent));
                    bill.splits.insert(number, split);
                }
                Err(problem) => self.differences(visit, infno, vec![problem]),
            }
        }
        rows.len()
    }

    /// Books a settlement or reversal and counts its money.
    pub(super) fn book(&mut self, visit: &Visit, settled: &Settled, refund: bool, id: &str) {
        let entry = Entry::of(settled, visit.scheme, &visit.person.number, refund, id);
        self.enter(visit, entry);
        for (kind, amount) in &settled.funds {
            *self.report.funds.entry(kind.clone()).or_default() += *amount;
        }
        if refund {
            self.report.reversals += 1;
        } else {
            self.report.settlements += 1;
            *self.report.settlements_by_type.entry(visit.kind.code().to_owned()).or_default() += 1;
        }
    }

    /// Books what 2601 took back.
    pub(super) fn book_back(&mut self, visit: &Visit, settled: &Settled, id: &str, undo: &str) {
        let entry = Entry::of(settled, visit.scheme, &visit.person.number, false, id).taken_back(undo);
        self.enter(visit, entry);
        for (kind, amount) in &settled.funds {
            *self.report.funds.entry(kind.clone()).or_default() += -*amount;
        }
    }

    fn enter(&mut self, visit: &Visit, entry: Entry) {
        self.report.total += entry.total;
        self.report.cash += entry.cash;
        self.shared.books.enter((visit.institution.code.clone(), self.clock.date()), entry);
    }
}
