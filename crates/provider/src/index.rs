//! The institutions in memory, and the one question about them: may it serve on this day?

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use db::{Database, DbError};
use terms::Date;

use crate::{Agreement, AgreementStatus, Content, Department, Institution, Practitioner, load, version};

/// 定点状态 of an institution on a day. The order is the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// No institution has this code on any day.
    Unknown,
    /// 非定点: the institution exists, but it is not designated on the day, or its
    /// agreements leave the day out.
    NotDesignated,
    /// 暂停: the decision that suspends it.
    Suspended(&'a Agreement),
    /// 定点: the row in force.
    Designated(&'a Institution),
}

/// Everything in the register, by code.
#[derive(Debug, Clone, Default)]
pub struct Index {
    institutions: HashMap<String, Vec<Institution>>,
    departments: HashMap<String, Vec<Department>>,
    practitioners: HashMap<String, Practitioner>,
    agreements: HashMap<String, Vec<Agreement>>,
    version: i64,
}

impl Index {
    /// Builds an index of rows.
    #[must_use]
    pub fn new(version: i64, content: Content) -> Index {
        let mut index = Index { version, ..Index::default() };
        for row in content.institutions {
            index.institutions.entry(row.code.0.clone()).or_default().push(row);
        }
        for row in content.departments {
            index.departments.entry(row.institution.0.clone()).or_default().push(row);
        }
        for row in content.agreements {
            index.agreements.entry(row.institution.0.clone()).or_default().push(row);
        }
        index.practitioners = content.practitioners.into_iter().map(|row| (row.code.clone(), row)).collect();
        index
    }

    /// The register's version that this index was loaded at.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Whether and how `code` may serve on `day`. An institution without any agreement
    /// rows is designated by its own period alone.
    #[must_use]
    pub fn standing(&self, code: &str, day: Date) -> Standing<'_> {
        let Some(rows) = self.institutions.get(code) else { return Standing::Unknown };
        let Some(row) = rows.iter().find(|row| row.period.covers(day)) else { return Standing::NotDesignated };
        let agreements = self.agreements(code);
        let covering =
            |status| agreements.iter().find(move |row: &&Agreement| row.status == status && row.period.covers(day));
        let agreed = agreements.iter().any(|row| row.status == AgreementStatus::InForce);
        if agreed && covering(AgreementStatus::InForce).is_none() {
            return Standing::NotDesignated;
        }
        covering(AgreementStatus::Suspended).map_or(Standing::Designated(row), Standing::Suspended)
    }

    /// The institution's row in force on `day`, suspended or not;
    /// otherwise its latest row. For names on papers, never for acceptance.
    #[must_use]
    pub fn institution(&self, code: &str, day: Date) -> Option<&Institution> {
        let rows = self.institutions.get(code)?;
        rows.iter().find(|row| row.period.covers(day)).or_else(|| rows.iter().max_by_key(|row| row.period.begin))
    }

    /// Every institution row, in no particular order.
    pub fn institutions(&self) -> impl Iterator<Item = &Institution> {
        self.institutions.values().flatten()
    }

    /// The departments of an institution.
    #[must_use]
    pub fn departments(&self, institution: &str) -> &[Department] {
        self.departments.get(institution).map_or(&[], Vec::as_slice)
    }

    /// The agreements and suspensions of an institution.
    #[must_use]
    pub fn agreements(&self, institution: &str) -> &[Agreement] {
        self.agreements.get(institution).map_or(&[], Vec::as_slice)
    }

    /// A practitioner by code.
    #[must_use]
    pub fn practitioner(&self, code: &str) -> Option<&Practitioner> {
        self.practitioners.get(code)
    }

    /// Every practitioner, in no particular order.
    pub fn practitioners(&self) -> impl Iterator<Item = &Practitioner> {
        self.practitioners.values()
    }
}

/// The index that is in use, shared by all readers and replaced when the register has moved.
#[derive(Debug, Default)]
pub struct Shelf(RwLock<Arc<Index>>);

impl Shelf {
    /// A shelf that holds `index`.
    #[must_use]
    pub fn new(index: Index) -> Shelf {
        Shelf(RwLock::new(Arc::new(index)))
    }

    /// The index in use.
    ///
    /// # Panics
    /// Never in practice: no code panics while it holds the lock.
    #[must_use]
    pub fn index(&self) -> Arc<Index> {
        Arc::clone(&self.0.read().expect("the register's lock is whole"))
    }

    /// Loads the register again if its version is another one than the shelf's.
    ///
    /// # Errors
    /// [`DbError`] when storage fails; the shelf keeps what it has.
    ///
    /// # Panics
    /// Never in practice: no code panics while it holds the lock.
    pub fn refresh(&self, database: &Database) -> Result<Arc<Index>, DbError> {
        let current = self.index();
        if database.read(version)? == current.version() {
            return Ok(current);
        }
        let fresh = Arc::new(database.read(load)?);
        *self.0.write().expect("the register's lock is whole") = Arc::clone(&fresh);
        Ok(fresh)
    }
}
