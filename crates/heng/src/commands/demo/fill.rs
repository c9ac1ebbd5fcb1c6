//! 演示的监管: after the month the bureau reviews it, looks for suspicious groups, and its people work
//! on some cases, each through the same journeys as anywhere else; so every desk has living work.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use casework::Actor;
use db::{Database, DbError};
use encounter::History;
use inquiry::Clue;
use inquiry::rules::opinion::Says;
use journeys::{Casebook, Move, NewCase, Objection};
use terms::{Date, PersonId};

use super::accounts::Accounts;
use super::{Clock, services};
use crate::commands::Problem;
use crate::commands::rules::Bureau;

/// Suspicions and findings that become clues, and clues that become cases.
const SUSPICIONS: usize = 20;
const FINDINGS: usize = 60;
const CASES: usize = 6;

/// The bureau's supervision of a demo city.
pub struct Fill<'a> {
    /// The region folder.
    pub region: &'a Path,
    /// The demo's database.
    pub database: &'a Database,
    /// First and last day of the city's life.
    pub days: (Date, Date),
    /// The city's time.
    pub clock: &'a Clock,
}

impl Fill<'_> {
    /// Reviews, looks, opens cases and moves them on; tells what there is.
    pub fn run(&self) -> Result<String, Problem> {
        let now = self.clock.read();
        let bureau = Bureau::open(self.region, self.database.clone(), "S006".to_owned(), now)?;
        let counter = crate::wiring::open_region(self.region)?.counter()?;
        let book = counter.book.as_ref().clone();
        bureau.bring_in()?;
        let run = bureau.review(self.days, None)?;
        let mut clues = self.suspicions(&bureau)?;
        clues.extend(self.findings(&bureau)?);
        let opened = self.cases(&bureau, &book, &clues)?;
        let mut told = String::from("事后审核与案件 review and cases\n");
        writeln!(told, "{} 人，{} 个疑点，计入金额 {} 元", run.persons, run.findings, run.amount)?;
        writeln!(told, "{} 条线索，{} 个案件", clues.len(), opened)?;
        let accepted = services::apply(&bureau, &counter, self.days, now.date())?;
        writeln!(told, "{accepted} 件申请、报销与工单 applications, claims and work orders")?;
        Ok(told)
    }

    /// The groups that stand out, as clues.
    fn suspicions(&self, bureau: &Bureau) -> Result<Vec<Clue>, Problem> {
        let settings = region::detection::settings(self.region)?;
        let folder = crate::wiring::open_region(self.region)?;
        let around = region::surroundings(&folder.providers.institutions, &folder.providers.practitioners);
        let mut histories: Vec<History> = Vec::new();
        let (from, to) = self.days;
        bureau.histories((from.at(0, 0, 0, 0), to.at(23, 59, 59, 0)), |history| histories.push(history.clone()))?;
        let known = detection::Book::new(&histories, &around, &[], &settings);
        let mut clues = Vec::new();
        for found in detection::detect(&known, &settings, &[]).into_iter().take(SUSPICIONS) {
            clues.extend(bureau.deed(move |centre, tx, operation| centre.tell_suspicion(tx, operation, &found))?);
        }
        Ok(clues)
    }

    /// The findings with most money, as clues.
    fn findings(&self, bureau: &Bureau) -> Result<Vec<Clue>, Problem> {
        let of_runs = self.database.read(|tx| -> Result<_, DbError> {
            let runs = monitoring::runs(tx)?;
            let Some(run) = runs.iter().rev().find(|run| run.set == monitoring::Set::Active) else {
                return Ok(Vec::new());
            };
            monitoring::findings_of_run(tx, &run.run_id)
        })?;
        let mut counted: Vec<_> = of_runs.into_iter().filter(|row| !row.counted.is_zero()).collect();
        counted.sort_by(|a, b| b.counted.cmp(&a.counted).then_with(|| a.key.cmp(&b.key)));
        let mut clues = Vec::new();
        for row in counted.into_iter().take(FINDINGS) {
            clues.push(bureau.deed(move |centre, tx, operation| centre.clue_of_finding(tx, operation, &row.key))?);
        }
        Ok(clues)
    }

    /// Opens a case for each of the institutions with most clues, and moves each a step further
    /// than the one before: assigned, reviewed, appealed.
    fn cases(&self, bureau: &Bureau, book: &Casebook, clues: &[Clue]) -> Result<usize, Problem> {
        let mut by_institution: BTreeMap<&str, Vec<&Clue>> = BTreeMap::new();
        for clue in clues.iter().filter(|clue| clue.case_id.is_none()) {
            by_institution.entry(clue.fixmedins_code.as_str()).or_default().push(clue);
        }
        let mut institutions: Vec<_> = by_institution.into_iter().collect();
        institutions.sort_by_key(|(code, clues)| (std::cmp::Reverse(clues.len()), code.to_string()));
        let mut opened = 0;
        for (institution, clues) in institutions.into_iter().take(CASES) {
            let taken: BTreeSet<String> = clues.iter().take(5).map(|clue| clue.clue_id.clone()).collect();
            let subject = clues.first().map(|clue| clue.summary.clone()).unwrap_or_default();
            if self.case(bureau, book, institution, taken, subject, opened)? {
                opened += 1;
            }
        }
        Ok(opened)
    }

    fn case(
        &self,
        bureau: &Bureau,
        book: &Casebook,
        institution: &str,
        clues: BTreeSet<String>,
        subject: String,
        further: usize,
    ) -> Result<bool, Problem> {
        let staff = |role: &str| -> Result<Actor, Problem> {
            let apart = |actor: &&Actor| !actor.interests.iter().any(|party| party == institution);
            let found = book.staff.iter().filter(apart).find(|actor| actor.roles.iter().any(|own| own == role));
            Ok(found.cloned().ok_or_else(|| format!("casework/staff.toml has no {role} for {institution}"))?)
        };
        let (reviewer, supervisor) = (staff("reviewer")?, staff("supervisor")?);
        let party = Actor::of_party(&format!("{institution}/医保办"), institution);
        let new = NewCase {
            procedure: "audit".to_owned(),
            clues: clues.into_iter().collect(),
            targets: Vec::new(),
            frame: None,
            subject,
            by: reviewer.clone(),
            why: "事后审核与线索分析发现疑点".to_owned(),
            exhibits: Vec::new(),
        };
        let casebook = book.clone();
        let file = match bureau.deed(move |centre, tx, operation| centre.open_inquiry(tx, operation, &casebook, &new)) {
            Ok(file) => file,
            // Clues of one institution may speak of the same lines, or of nothing that was paid.
            Err(_) => return Ok(false),
        };
        let case_id = file.case.case_id;
        let mut assign = Move::new(&case_id, "assign", supervisor, "按机构分派");
        assign.assign_to = Some(reviewer.clone());
        let mut review = Move::new(&case_id, "first_review", reviewer, "与规则和病历不符，拟扣减");
        review.says = Says::all(None, "医疗保障基金使用监督管理条例第三十八条", "不符合医保支付范围");
        let mut appeal = Move::new(&case_id, "appeal", party, "对初审意见有异议");
        appeal.objections =
            vec![Objection {
                no: None, grounds: "患者病情需要，病程记录另行提交".to_owned(), evidence: Vec::new()
            }];
        for step in [assign, review, appeal].into_iter().take(further % 4) {
            let casebook = book.clone();
            bureau.deed(move |centre, tx, operation| centre.move_case(tx, operation, &casebook, &step))?;
        }
        Ok(true)
    }
}

/// Accounts for two people of the city: those who had the most different kinds of visits.
pub fn citizens(
    accounts: &mut Accounts,
    data: &Path,
    database: &Database,
    (from, to): (Date, Date),
) -> Result<(), Problem> {
    let period = (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0));
    let mut found = database.read(move |tx| -> Result<_, DbError> {
        let mut found = Vec::new();
        for psn_no in claim::persons_settled(tx, &PersonId(String::new()), period, 1_000)? {
            let history = claim::history(tx, &psn_no)?;
            let kinds: BTreeSet<String> = history.visits.iter().map(|visit| visit.med_type.clone()).collect();
            let name = enrolment::standing(tx, &psn_no)?.map(|standing| standing.person.psn_name).unwrap_or_default();
            found.push((kinds.len(), history.settlements.len(), psn_no, name));
        }
        Ok(found)
    })?;
    found.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    for (_, _, psn_no, name) in found.iter().take(2) {
        accounts.add_citizen(data, database, psn_no, name)?;
    }
    Ok(())
}
