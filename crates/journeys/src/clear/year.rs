//! 年终清算: the final point value, retained surplus and shared overspend, pool by pool; what was
//! withheld and held back is released into what is payable. The same figures follow from the
//! change feed alone ([`year_from_feed`]).

use std::collections::BTreeMap;

use clearing::{Month, StatementState, YearRow};
use db::{Database, Tx};
use ledger::Account;
use operation::Operation;
use operation::feed::Change;
use payment::{PaymentFile, PoolYear, YearCase};
use serde::Deserialize;
use serde_json::json;
use terms::{Date, Fen, InstitutionId};

use super::GroupPlan;
use super::post::transfer;
use super::record::{CaseChange, year_case};
use super::statement::Figures;
use crate::{Centre, JourneyError, Own};

/// 年终清算 as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearOutcome {
    /// Whether this run closed the year; `false` when it was closed before.
    pub closed_now: bool,
    /// The plan's pools.
    pub pools: Vec<PoolYear>,
}

/// What the months brought, ready for the year's end.
#[derive(Debug, Default)]
struct Brought {
    cases: Vec<YearCase>,
    /// What the months paid, and what they withheld and held back, by pool and institution.
    months: BTreeMap<(String, InstitutionId), Months>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Months {
    due: Fen,
    paid: Fen,
    deposit: Fen,
    held: Fen,
}

impl Centre {
    /// Closes a year under one plan. A closed year stays as it is, and is given back.
    ///
    /// # Errors
    /// [`Own::YearOpen`] when a statement of the plan is not posted;
    /// [`JourneyError::Broken`] when the plan cannot close the year, with its reason.
    pub fn close_year(
        &self,
        database: &Database,
        plan: &GroupPlan,
        operation: &Operation,
        year: i16,
    ) -> Result<YearOutcome, JourneyError> {
        let (centre, plan, operation) = (self.clone(), plan.plan.clone(), operation.clone());
        database.deed(move |tx| centre.close(tx, &plan, &operation, year))
    }

    fn close(
        &self,
        tx: &mut dyn Tx,
        plan: &PaymentFile,
        operation: &Operation,
        year: i16,
    ) -> Result<YearOutcome, JourneyError> {
        let stored = clearing::year(tx, year, &plan.id)?;
        if !stored.is_empty() {
            let pools = stored.iter().filter(|row| row.fixmedins_code.is_none()).map(read_pool);
            return Ok(YearOutcome { closed_now: false, pools: pools.collect::<Result<_, _>>()? });
        }
        let (_, last) = months_of(year)?;
        let (mut brought, mut open) = (Brought::default(), Vec::new());
        for institution in &institutions_of(tx, year)? {
            clearing::hold_statements(tx, institution, last)?;
            open.extend(brought.bring(tx, plan, year, institution)?);
        }
        if !open.is_empty() {
            return Err(Own::YearOpen { year, open: open.join("、") }.into());
        }
        let pools = brought.close(plan, year)?;
        for pool in &pools {
            self.record_year(tx, plan, operation, year, pool, &brought)?;
        }
        Ok(YearOutcome { closed_now: true, pools })
    }

    fn record_year(
        &self,
        tx: &mut dyn Tx,
        plan: &PaymentFile,
        operation: &Operation,
        year: i16,
        pool: &PoolYear,
        brought: &Brought,
    ) -> Result<(), JourneyError> {
        let row = |institution: Option<&InstitutionId>, balance_due: Fen, figures: String| YearRow {
            year,
            plan: plan.id.clone(),
            pool: pool.pool.clone(),
            fixmedins_code: institution.cloned(),
            balance_due,
            figures,
            closed_at: operation.received_at,
        };
        let whole = serde_json::to_string(pool).expect("a year is always JSON");
        let total = pool.institutions.iter().map(|own| own.balance_due).sum();
        let mut rows = vec![row(None, total, whole.clone())];
        for own in &pool.institutions {
            let figures = serde_json::to_string(own).expect("a year is always JSON");
            rows.push(row(Some(&own.institution), own.balance_due, figures));
        }
        clearing::add_year(tx, &rows)?;
        let fund = plan.pools.iter().find(|known| known.id == pool.pool).map_or("", |known| known.fund.as_str());
        for own in &pool.institutions {
            let key = (pool.pool.clone(), own.institution.clone());
            let months = brought.months.get(&key).copied().unwrap_or_default();
            let difference = own.payable - months.due;
            let id = format!("clearing_year/{year}/{}/{}/{}", plan.id, pool.pool, own.institution);
            let entries = vec![
                (Account::Pool(fund.to_owned()), -difference),
                (Account::Withheld(own.institution.clone()), -months.deposit),
                (Account::Held(own.institution.clone()), -months.held),
                (Account::Payable(own.institution.clone()), difference + months.deposit + months.held),
            ];
            ledger::post(tx, &transfer(&id, operation.received_at, "clearing_year", entries))?;
        }
        let subject = format!("{year}/{}/{}", plan.id, pool.pool);
        let told = json!({ "year": year, "plan": plan.id, "pool": pool });
        let change = self.changed_of_institution(operation, "clearing_year", &subject, &told);
        operation::feed::append(tx, &[change])?;
        self.seal(tx, operation, "clearing_year", &subject, json!({ "figures": whole }))
    }

    /// Pays what a closed year left: `balance_due` of every institution, negative to be paid back.
    /// What was paid before is not paid again. Gives what this run paid.
    ///
    /// # Errors
    /// [`Own::YearOpen`] when the year is not closed.
    pub fn pay_year(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        plan: &PaymentFile,
        year: i16,
    ) -> Result<Fen, JourneyError> {
        let rows = clearing::year(tx, year, &plan.id)?;
        if rows.is_empty() {
            return Err(Own::YearOpen { year, open: plan.id.clone() }.into());
        }
        let mut paid = Fen::ZERO;
        for row in &rows {
            let Some(institution) = &row.fixmedins_code else { continue };
            let id = format!("clearing_year_paid/{year}/{}/{}/{institution}", plan.id, row.pool);
            if ledger::read(tx, &"".into(), &id)?.is_none() {
                ledger::post(tx, &super::post::paid(&id, institution, operation.received_at, row.balance_due))?;
                paid += row.balance_due;
            }
        }
        Ok(paid)
    }
}

impl Brought {
    /// Adds an institution's year; gives its months that are not posted.
    fn bring(
        &mut self,
        tx: &mut dyn Tx,
        plan: &PaymentFile,
        year: i16,
        institution: &InstitutionId,
    ) -> Result<Vec<String>, JourneyError> {
        let (first, last) = months_of(year)?;
        let cases = clearing::figures_between(tx, institution, first, last)?;
        self.cases.extend(cases.iter().filter(|row| row.plan == plan.id).map(year_case));
        let mut open = Vec::new();
        for statement in clearing::statements(tx, institution, first, last)? {
            let figures = Figures::read(&statement)?;
            if self.add(plan, &figures) && statement.state < StatementState::Posted {
                open.push(format!("{institution} {}", statement.month));
            }
        }
        Ok(open)
    }

    /// Adds a statement's share under the plan; `false` when it has none.
    fn add(&mut self, plan: &PaymentFile, figures: &Figures) -> bool {
        let mut any = false;
        for row in figures.group.iter().filter(|row| row.plan == plan.id) {
            let key = (row.month.pool.clone(), row.month.institution.clone());
            let months = self.months.entry(key).or_default();
            months.due += row.month.due;
            months.paid += row.month.payable;
            months.deposit += row.month.deposit;
            months.held += row.month.held;
            any = true;
        }
        any
    }

    /// What the months paid, by institution.
    fn prepaid(&self, pool: &str) -> BTreeMap<InstitutionId, Fen> {
        let own = self.months.iter().filter(|((id, _), _)| id == pool);
        own.map(|((_, institution), months)| (institution.clone(), months.paid)).collect()
    }

    fn close(&self, plan: &PaymentFile, year: i16) -> Result<Vec<PoolYear>, JourneyError> {
        let mut pools = Vec::new();
        for pool in &plan.pools {
            let of_pool = |row: &&YearCase| row.pool == pool.id;
            let cases: Vec<YearCase> = self.cases.iter().filter(of_pool).cloned().collect();
            let prepaid = self.prepaid(&pool.id);
            if cases.is_empty() && prepaid.is_empty() {
                continue;
            }
            let closed = plan.year_end(&pool.id, year, cases, &prepaid);
            pools.push(closed.map_err(|refusal| JourneyError::Broken(refusal.to_string()))?);
        }
        Ok(pools)
    }
}

/// 年内至今: what the months of a year brought so far, for trying the year's end before it is
/// closed. Nothing is recorded.
#[derive(Debug, Default)]
pub struct YearSoFar {
    brought: Brought,
    /// Institutions and months that are not posted.
    pub open: Vec<String>,
}

impl YearSoFar {
    /// Reads what the months brought under a plan, on the read pool.
    ///
    /// # Errors
    /// [`JourneyError::Broken`] when a record cannot be read.
    pub fn read(tx: &mut dyn Tx, plan: &PaymentFile, year: i16) -> Result<YearSoFar, JourneyError> {
        let mut so_far = YearSoFar::default();
        for institution in &institutions_of(tx, year)? {
            so_far.open.extend(so_far.brought.bring(tx, plan, year, institution)?);
        }
        Ok(so_far)
    }

    /// The year's end of a pool under a plan, or under the same plan varied
    /// ([`PaymentFile::varied`]).
    ///
    /// # Errors
    /// As [`PaymentFile::year_end`].
    pub fn try_out(&self, plan: &PaymentFile, pool: &str, year: i16) -> Result<PoolYear, payment::Refusal> {
        let of_pool = |row: &&YearCase| row.pool == pool;
        plan.year_end(pool, year, self.brought.cases.iter().filter(of_pool).cloned(), &self.brought.prepaid(pool))
    }
}

fn institutions_of(tx: &mut dyn Tx, year: i16) -> Result<Vec<InstitutionId>, JourneyError> {
    let (first, last) = months_of(year)?;
    Ok(clearing::institutions(tx, first, last)?)
}

/// 年终清算 worked out from the change feed alone: the cleared cases and the last word on each
/// statement. Other changes are passed over.
///
/// # Errors
/// [`JourneyError::Broken`] when a change cannot be read, or the plan cannot close the year.
pub fn year_from_feed<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    plan: &PaymentFile,
    year: i16,
) -> Result<Vec<PoolYear>, JourneyError> {
    #[derive(Deserialize)]
    struct Stated {
        month: String,
        fixmedins_code: String,
        insutype: String,
        clr_type: String,
        figures: Figures,
    }
    let unreadable = |change: &Change, error: serde_json::Error| {
        JourneyError::Broken(format!("change {} cannot be read: {error}", change.id))
    };
    let of_year = |month: &str| month.parse::<Month>().is_ok_and(|month| month.year() == year);
    let mut brought = Brought::default();
    let mut statements: BTreeMap<(String, String, String, String), Figures> = BTreeMap::new();
    for change in changes {
        match change.kind.as_str() {
            "clearing_case" => {
                let case: CaseChange = serde_json::from_str(&change.body).map_err(|error| unreadable(change, error))?;
                if case.plan == plan.id && of_year(&case.month) {
                    brought.cases.push(case.year_case);
                }
            }
            "clearing_statement" => {
                let stated: Stated = serde_json::from_str(&change.body).map_err(|error| unreadable(change, error))?;
                if of_year(&stated.month) {
                    let Stated { month, fixmedins_code, insutype, clr_type, figures } = stated;
                    statements.insert((month, fixmedins_code, insutype, clr_type), figures);
                }
            }
            _ => {}
        }
    }
    for figures in statements.values() {
        brought.add(plan, figures);
    }
    brought.close(plan, year)
}

fn read_pool(row: &YearRow) -> Result<PoolYear, JourneyError> {
    serde_json::from_str(&row.figures)
        .map_err(|error| JourneyError::Broken(format!("the year {} of {} cannot be read: {error}", row.year, row.pool)))
}

fn months_of(year: i16) -> Result<(Month, Month), JourneyError> {
    let day = |month| Date::new(year, month, 1).map_err(|_| JourneyError::Broken(format!("{year} is not a year")));
    Ok((Month::of(day(1)?), Month::of(day(12)?)))
}
