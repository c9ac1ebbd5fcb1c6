//! The catalogue in memory: settlement looks every line up here and never in storage.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use db::{Database, DbError};
use terms::Date;

use crate::{Item, Term, TermKind, load, version};

/// What a code means on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// 有效目录行: the one row in force.
    InForce(&'a Item),
    /// The code exists, but no row is in force on the day.
    NotInForce,
    /// The code is not in the catalogue on any day.
    Unknown,
}

/// All items and terms, by code.
#[derive(Debug, Clone, Default)]
pub struct Index {
    items: HashMap<String, Vec<Item>>,
    terms: HashMap<(TermKind, String), Vec<Term>>,
    version: i64,
}

impl Index {
    /// Builds an index of rows whose periods are disjoint by code.
    #[must_use]
    pub fn new(version: i64, items: Vec<Item>, terms: Vec<Term>) -> Index {
        let mut index = Index { version, ..Index::default() };
        for item in items {
            index.items.entry(item.code.0.clone()).or_default().push(item);
        }
        for term in terms {
            index.terms.entry((term.kind, term.code.clone())).or_default().push(term);
        }
        index.items.values_mut().for_each(|rows| rows.sort_by_key(|row| row.period.begin));
        index.terms.values_mut().for_each(|rows| rows.sort_by_key(|row| row.period.begin));
        index
    }

    /// The register's version that this index was loaded at.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Whether the code has a row on any day.
    #[must_use]
    pub fn known(&self, code: &str) -> bool {
        self.items.contains_key(code)
    }

    /// Every row of a code, oldest first.
    #[must_use]
    pub fn rows(&self, code: &str) -> &[Item] {
        self.items.get(code).map_or(&[], Vec::as_slice)
    }

    /// What the code means on `day`.
    #[must_use]
    pub fn at(&self, code: &str, day: Date) -> Lookup<'_> {
        match self.items.get(code) {
            None => Lookup::Unknown,
            Some(rows) => rows.iter().find(|row| row.period.covers(day)).map_or(Lookup::NotInForce, Lookup::InForce),
        }
    }

    /// Every row of a code of a code list, oldest first.
    #[must_use]
    pub fn term_rows(&self, kind: TermKind, code: &str) -> &[Term] {
        self.terms.get(&(kind, code.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The term that a code names on `day`.
    #[must_use]
    pub fn term(&self, kind: TermKind, code: &str, day: Date) -> Option<&Term> {
        self.term_rows(kind, code).iter().find(|row| row.period.covers(day))
    }

    /// Every item row, in no particular order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values().flatten()
    }

    /// Every term row of one list, in no particular order.
    pub fn terms(&self, kind: TermKind) -> impl Iterator<Item = &Term> {
        self.terms.values().flatten().filter(move |term| term.kind == kind)
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
        Arc::clone(&self.0.read().expect("the catalogue's lock is whole"))
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
        *self.0.write().expect("the catalogue's lock is whole") = Arc::clone(&fresh);
        Ok(fresh)
    }
}
