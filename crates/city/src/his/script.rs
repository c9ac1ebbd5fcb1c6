//! 流程: the sequences of messages by which a visit is reported.

use terms::{DateTime, Fen};

use super::body;
use super::clerk::{Bill, Clerk};
use super::money::{Settled, lines_against};
use super::phone::Showing;
use crate::CityError;
use crate::plan::Kind;
use crate::visit::{Course, Line, Visit};

/// Lines in one message: a line is up to 900 bytes and a message at most 40,000.
const LINES_A_MESSAGE: usize = 30;

/// The numbers of a settlement's transactions.
struct Numbers {
    trial: &'static str,
    settle: &'static str,
    reverse: &'static str,
}

const OUTPATIENT: Numbers = Numbers { trial: "2206", settle: "2207", reverse: "2208" };
const STAY: Numbers = Numbers { trial: "2303", settle: "2304", reverse: "2305" };
const PURCHASE: Numbers = Numbers { trial: "2101", settle: "2102", reverse: "2103" };

impl Clerk<'_> {
    /// A visit without a bed: 2201 → 2203 → 2204 → 2206 → 2207, or 2102 in one message.
    pub(super) fn outpatient(&mut self, visit: &Visit) -> Result<(), CityError> {
        self.show_code(visit, Showing::Treat)?;
        if !self.card(visit)? {
            return Ok(());
        }
        if visit.institution.pharmacy && visit.kind == Kind::Pharmacy && self.dice.chance(600) {
            return self.purchase(visit);
        }
        let answer = self.say(visit, "2201", &body::registration(visit, self.token.as_deref()))?;
        if answer.refusal.is_some() {
            return Ok(());
        }
        let mut bill = Bill { visit: id_in(&answer, "data"), ..Bill::default() };
        if visit.course == Course::Leaves {
            return self.cancel_registration(visit, &bill);
        }
        let begins = if visit.institution.pharmacy { "2203A" } else { "2203" };
        if self.say(visit, begins, &body::consultation(visit, &bill.visit))?.refusal.is_some() {
            return self.cancel_registration(visit, &bill);
        }
        if !self.upload(visit, &mut bill, visit.end)? || !self.withdraw(visit, &mut bill)? {
            return Ok(());
        }
        if let Some(settled) = self.settle(visit, &bill, &OUTPATIENT)? {
            self.sales(visit, &settled)?;
        }
        match &visit.new_filing {
            Some(disease) => self.file(visit, disease),
            None => Ok(()),
        }
    }

    /// 2503, and 5301 to see that it is on file.
    fn file(&mut self, visit: &Visit, disease: &(String, String)) -> Result<(), CityError> {
        let input = body::chronic_filing(visit, disease, self.shared.city.area());
        if self.say(visit, "2503", &input)?.refusal.is_some() {
            return Ok(());
        }
        let answer = self.say(visit, "5301", &body::chronic_filings(visit))?;
        let listed = answer.output.rows("feedetail").iter().any(|row| row.text("opsp_dise_code") == disease.0);
        if !listed && answer.refusal.is_none() {
            self.differences(visit, "5301", vec![format!("{} was filed and is not listed", disease.0)]);
        }
        Ok(())
    }

    fn cancel_registration(&mut self, visit: &Visit, bill: &Bill) -> Result<(), CityError> {
        self.say(visit, "2202", &body::registration_cancelled(visit, &bill.visit)).map(|_| ())
    }

    /// 1101, now and then 2001: whether the centre knows the person as the card says.
    fn card(&mut self, visit: &Visit) -> Result<bool, CityError> {
        let answer = self.say(visit, "1101", &body::person(visit, self.token.as_deref()))?;
        if answer.refusal.is_some() {
            return Ok(false);
        }
        let known = answer.output.node("baseinfo").map(|info| info.text("psn_no")).unwrap_or_default();
        if known != visit.person.number {
            self.differences(visit, "1101", vec![format!("{} was shown, {known} was found", visit.person.number)]);
        }
        if self.dice.chance(60) {
            self.say(visit, "2001", &body::entitlement(visit))?;
        }
        Ok(true)
    }

    /// Sends the lines keyed in until `at`; false when the centre refuses them.
    fn upload(&mut self, visit: &Visit, bill: &mut Bill, at: DateTime) -> Result<bool, CityError> {
        let infno = if visit.is_stay() { "2301" } else { "2204" };
        let due = visit.lines[bill.sent..].iter().take_while(|line| line.time <= at).count();
        let lines: Vec<&Line> = visit.lines[bill.sent..bill.sent + due].iter().collect();
        for part in lines.chunks(LINES_A_MESSAGE) {
            let input = match visit.is_stay() {
                true => body::stay_lines(visit, &bill.visit, part),
                false => body::outpatient_lines(visit, &bill.visit, part),
            };
            let answer = self.say(visit, infno, &input)?;
            if answer.refusal.is_some() {
                return Ok(false);
            }
            let rows = self.take_splits(visit, infno, "result", &answer, bill);
            if rows != part.len() {
                self.differences(visit, infno, vec![format!("{} lines were sent, {rows} came back", part.len())]);
            }
            bill.sent += part.len();
        }
        Ok(true)
    }

    /// Takes back the lines keyed in by mistake; the answer holds all that remain.
    fn withdraw(&mut self, visit: &Visit, bill: &mut Bill) -> Result<bool, CityError> {
        let wrong: Vec<u32> = visit.lines.iter().filter(|line| line.withdrawn).map(|line| line.number).collect();
        if wrong.is_empty() {
            return Ok(true);
        }
        let (infno, input) = match visit.is_stay() {
            true => ("2302", body::stay_lines_withdrawn(visit, &bill.visit, &wrong)),
            false => ("2205", body::outpatient_lines_withdrawn(visit, &bill.visit, &wrong)),
        };
        let answer = self.say(visit, infno, &input)?;
        if answer.refusal.is_some() {
            return Ok(false);
        }
        let before = std::mem::take(&mut bill.splits).len();
        let rows = self.take_splits(visit, infno, "result", &answer, bill);
        if rows + wrong.len() != before {
            let words = format!("{before} lines less {} leave {rows}", wrong.len());
            self.differences(visit, infno, vec![words]);
        }
        Ok(true)
    }

    /// 2401, after 2501 for a referral.
    pub(super) fn admit(&mut self, visit: &Visit) -> Result<(), CityError> {
        if let Some(referral) = &visit.referral {
            let place = self.shared.place(&referral.by.code);
            let at = referral.at.max(visit.begin.date().to_datetime(jiff::civil::Time::midnight()));
            self.clock = at;
            let id = self.shared.message_id(place, at);
            self.say_as(place, "2501", &id, &body::referral(visit, at))?;
            self.clock = visit.begin;
        }
        self.show_code(visit, Showing::Treat)?;
        if !self.card(visit)? {
            return Ok(());
        }
        let admission = body::admission(visit, self.shared.city.area(), self.token.as_deref());
        let answer = self.say(visit, "2401", &admission)?;
        if answer.refusal.is_none() {
            let bill = Bill { visit: id_in(&answer, "result"), ..Bill::default() };
            self.beds.insert(bed_of(visit), bill);
        }
        Ok(())
    }

    /// 2301 in the evening.
    pub(super) fn upload_day(&mut self, visit: &Visit, at: DateTime) -> Result<(), CityError> {
        let Some(mut bill) = self.beds.remove(&bed_of(visit)) else {
            return Ok(());
        };
        if self.upload(visit, &mut bill, at)? {
            self.beds.insert(bed_of(visit), bill);
        }
        Ok(())
    }

    /// The last lines, 2302 for mistakes, 2402, and the settlement.
    pub(super) fn discharge(&mut self, visit: &Visit) -> Result<(), CityError> {
        let Some(mut bill) = self.beds.remove(&bed_of(visit)) else {
            return Ok(());
        };
        // What was keyed in for a time after the discharge goes with the rest.
        let last = visit.lines.last().map_or(visit.end, |line| line.time.max(visit.end));
        if !self.upload(visit, &mut bill, last)? || !self.withdraw(visit, &mut bill)? {
            return Ok(());
        }
        if self.say(visit, "2402", &body::discharge(visit, &bill.visit))?.refusal.is_some() {
            return Ok(());
        }
        match self.settle(visit, &bill, &STAY)? {
            Some(settled) => self.declare(visit, &bill, &settled),
            None => Ok(()),
        }
    }

    /// 2101 now and then, then 2102.
    fn purchase(&mut self, visit: &Visit) -> Result<(), CityError> {
        // One message knows no withdrawal: what was keyed in by mistake is left out.
        match self.settle(visit, &Bill::default(), &PURCHASE)? {
            Some(settled) => self.sales(visit, &settled),
            None => Ok(()),
        }
    }

    fn input(&self, visit: &Visit, bill: &Bill, numbers: &Numbers, trial: Option<&Settled>) -> String {
        let (total, token) = (visit.total(), self.token.as_deref());
        match numbers.settle {
            "2207" => body::outpatient_bill(visit, &bill.visit, total, trial, token),
            "2304" => body::stay_bill(visit, &bill.visit, total, trial, (self.shared.city.area(), token)),
            _ => {
                let lines: Vec<&Line> = visit.lines.iter().filter(|line| !line.withdrawn).collect();
                body::purchase(visit, &lines, total, token)
            }
        }
    }

    /// Trial, settlement, and what the visit's course adds to it; the settlement that stands.
    fn settle(&mut self, visit: &Visit, bill: &Bill, numbers: &Numbers) -> Result<Option<Settled>, CityError> {
        self.clock = self.clock.max(visit.settle);
        self.show_code(visit, Showing::Settle)?;
        let in_one = numbers.trial == PURCHASE.trial;
        let mut trial = None;
        if !in_one || self.dice.chance(150) {
            let answer = self.say(visit, numbers.trial, &self.input(visit, bill, numbers, None))?;
            if answer.refusal.is_some() {
                return Ok(None);
            }
            trial = self.settled(visit, numbers.trial, &answer);
            if let Some(trial) = trial.as_ref().filter(|_| !in_one) {
                self.differences(visit, numbers.trial, lines_against(trial, bill.splits.values().copied()));
            }
        }
        let input = self.input(visit, bill, numbers, trial.as_ref());
        if visit.course == Course::TimedOut && self.dice.chance(500) {
            self.lose_request(visit, numbers, &input)?;
        }
        let Some((first, id)) = self.settle_once(visit, bill, numbers, &input)? else {
            return Ok(None);
        };
        if let Some(trial) = &trial {
            self.differences(visit, numbers.settle, first.differs_from(trial));
        }
        match visit.course {
            Course::Reversed => self.reverse(visit, numbers, &first)?,
            Course::TimedOut => self.lose_answer(visit, numbers, &first, &id)?,
            _ => {
                self.look_up(visit, &first)?;
                return Ok(Some(first));
            }
        }
        // 撤销 and 冲正 restore everything: the same bill settles to the same amounts. A code pays once, so that
        // another is shown.
        self.show_code(visit, Showing::Settle)?;
        let input = self.input(visit, bill, numbers, trial.as_ref());
        let Some((again, _)) = self.settle_once(visit, bill, numbers, &input)? else {
            return Ok(None);
        };
        self.differences(visit, numbers.settle, again.differs_from(&first));
        Ok(Some(again))
    }

    /// 5203 now and then: what is kept is what was answered.
    fn look_up(&mut self, visit: &Visit, settled: &Settled) -> Result<(), CityError> {
        if !self.dice.chance(20) {
            return Ok(());
        }
        let answer = self.say(visit, "5203", &body::settlement_query(visit, settled))?;
        if answer.refusal.is_none()
            && let Some(kept) = self.settled(visit, "5203", &answer)
        {
            self.differences(visit, "5203", kept.differs_from(settled));
        }
        Ok(())
    }

    fn settle_once(
        &mut self,
        visit: &Visit,
        bill: &Bill,
        numbers: &Numbers,
        input: &str,
    ) -> Result<Option<(Settled, String)>, CityError> {
        let id = self.message_id(visit);
        let place = self.shared.place(&visit.institution.code);
        let answer = self.say_as(place, numbers.settle, &id, input)?;
        if answer.refusal.is_some() {
            return Ok(None);
        }
        let Some(settled) = self.settled(visit, numbers.settle, &answer) else {
            return Ok(None);
        };
        if numbers.settle == PURCHASE.settle {
            let mut cut = Bill::default();
            self.take_splits(visit, numbers.settle, "detlcutinfo", &answer, &mut cut);
            self.differences(visit, numbers.settle, lines_against(&settled, cut.splits.values().copied()));
        } else {
            self.differences(visit, numbers.settle, lines_against(&settled, bill.splits.values().copied()));
        }
        if settled.head("medfee_sumamt") != visit.total() {
            let words = format!("{} was billed, {} settled", visit.total(), settled.head("medfee_sumamt"));
            self.differences(visit, numbers.settle, vec![words]);
        }
        if visit.account_use == "0" && settled.head("acct_pay") != Fen::ZERO {
            self.differences(visit, numbers.settle, vec!["an account paid though none was to be used".to_owned()]);
        }
        self.book(visit, &settled, false, &id);
        Ok(Some((settled, id)))
    }

    /// 2208, 2305, 2103.
    fn reverse(&mut self, visit: &Visit, numbers: &Numbers, first: &Settled) -> Result<(), CityError> {
        let id = self.message_id(visit);
        let place = self.shared.place(&visit.institution.code);
        let answer = self.say_as(place, numbers.reverse, &id, &body::reversal(visit, first))?;
        if let Some((code, words)) = &answer.refusal {
            let words = format!("the last settlement was not reversed: {code} {words}");
            self.differences(visit, numbers.reverse, vec![words]);
            return Ok(());
        }
        if let Some(mut negative) = self.settled(visit, numbers.reverse, &answer) {
            self.differences(visit, numbers.reverse, first.not_negated_by(&negative, first.balance_before()));
            if negative.clearing.is_empty() {
                negative.clearing.clone_from(&first.clearing); // not every reversal's node has clr_type
            }
            self.book(visit, &negative, true, &id);
        }
        Ok(())
    }

    /// The settlement's answer never came (so the hospital believes): 2601, then it is settled anew.
    fn lose_answer(&mut self, visit: &Visit, numbers: &Numbers, first: &Settled, id: &str) -> Result<(), CityError> {
        let undo = self.message_id(visit);
        let place = self.shared.place(&visit.institution.code);
        let answer = self.say_as(place, "2601", &undo, &body::undo(visit, id, numbers.settle))?;
        match answer.refusal {
            Some((code, words)) => {
                self.differences(
                    visit,
                    "2601",
                    vec![format!("the last settlement was not taken back: {code} {words}")],
                );
            }
            None => {
                self.report.undone += 1;
                self.book_back(visit, first, id, &undo);
            }
        }
        Ok(())
    }

    /// The settlement itself never came: 2601 names a message unknown to the centre, which must
    /// refuse it if it arrives after all.
    fn lose_request(&mut self, visit: &Visit, numbers: &Numbers, input: &str) -> Result<(), CityError> {
        let lost = self.message_id(visit);
        let place = self.shared.place(&visit.institution.code);
        let told = self.message_id(visit);
        self.say_as(place, "2601", &told, &body::undo(visit, &lost, numbers.settle))?;
        self.report.undone += 1;
        self.refusal_expected = true;
        let late = self.say_as(place, numbers.settle, &lost, input);
        self.refusal_expected = false;
        let late = late?;
        if late.refusal.is_none() {
            let words = "a message that 2601 had taken back was accepted when it arrived".to_owned();
            self.differences(visit, numbers.settle, vec![words]);
        }
        Ok(())
    }
}

fn bed_of(visit: &Visit) -> (String, String) {
    (visit.institution.code.clone(), visit.label.clone())
}

fn id_in(answer: &super::answer::Answer, node: &str) -> String {
    answer.output.node(node).map(|row| row.text("mdtrt_id")).unwrap_or_default()
}
