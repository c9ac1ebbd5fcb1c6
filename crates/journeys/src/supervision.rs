//! 监管: the rule library in force, as reminders, answers and back-tests find it. Compiled once and
//! kept in memory; the register's revision tells when to look again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use db::Tx;
use encounter::History;
use monitoring::{Deed, Placing, Set};
use operation::Operation;
use screening::{Finding, Force, Header, Options, Screened, Severity, Suppression};
use serde::{Deserialize, Serialize};

use crate::record::Sealed;
use crate::{Centre, JourneyError, Own};

/// 提醒与降级的设置, the region's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupervisionSettings {
    /// 提醒时限 in microseconds, counted from the moment the message is read: what is not evaluated
    /// by then is not checked.
    pub budget_micros: u64,
    /// How far back a reminder looks, in days.
    pub look_back_days: i32,
    /// When a rule loses force.
    pub floors: screening::Floors,
}

/// 规则库的文本: what a library is compiled from. The path tells people where a problem is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Rules: path and text, national or common ones first.
    pub rules: Vec<(String, String)>,
    /// Knowledge: path and text.
    pub tables: Vec<(String, String)>,
}

/// 监管.
pub struct Supervision {
    /// The region's settings.
    pub settings: SupervisionSettings,
    folder: Sources,
    compile: Box<Compile>,
    compiled: Mutex<BTreeMap<String, Arc<Compiled>>>,
    in_force: RwLock<Option<Arc<InForce>>>,
}

/// Compiles texts into a library: with the codes, institutions and practitioners of the region,
/// which the caller has.
pub type Compile = dyn Fn(&Sources) -> Compiled + Send + Sync;

/// Screens one history. The last argument is asked before each rule; once it says no, the rules
/// left come out as skipped, out of time.
pub type Screen = dyn Fn(&History, &Options, &mut dyn FnMut() -> bool) -> Screened + Send + Sync;

/// 规则库, compiled.
pub struct Compiled {
    /// The hash of rules and knowledge.
    pub version: String,
    /// Every rule version, in the library's order.
    pub headers: Vec<Header>,
    /// Screens one history; asks before each rule whether to go on.
    pub screen: Box<Screen>,
}

/// 生效的规则库, with what has become of its rules.
pub struct InForce {
    /// The register's revision it was read at.
    pub revision: i64,
    /// The library.
    pub library: Arc<Compiled>,
    /// 规则效力 of the versions that do not stand at their own, by rule and version.
    pub forces: BTreeMap<(String, String), Force>,
    /// 豁免 that stand.
    pub suppressions: Vec<Suppression>,
}

impl InForce {
    /// The severity that a finding of a rule is told with; `None` when the rule is off.
    #[must_use]
    pub fn level(&self, rule: &str, version: &str, own: Severity) -> Option<Severity> {
        match self.forces.get(&(rule.to_owned(), version.to_owned())) {
            None => Some(own),
            Some(force) => force.severity(own),
        }
    }

    /// Findings with the severity that their rules have now; those of rules that are off are left out.
    pub(crate) fn levelled(&self, found: impl Iterator<Item = Finding>) -> impl Iterator<Item = Finding> {
        found.filter_map(|mut finding| {
            finding.severity = self.level(&finding.rule, &finding.version, finding.severity)?;
            Some(finding)
        })
    }
}

impl Supervision {
    /// Supervision by the library of a region's folder.
    #[must_use]
    pub fn new(
        settings: SupervisionSettings,
        folder: Sources,
        compile: impl Fn(&Sources) -> Compiled + Send + Sync + 'static,
    ) -> Supervision {
        let (compiled, in_force) = (Mutex::default(), RwLock::default());
        Supervision { settings, folder, compile: Box::new(compile), compiled, in_force }
    }

    /// The library in force, as last refreshed; `None` where none is.
    #[must_use]
    pub fn in_force(&self) -> Option<Arc<InForce>> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks whether something else is in force than is remembered, and takes it over. `true` when
    /// something changed. Messages at work finish with what they began with.
    ///
    /// # Errors
    /// [`JourneyError::Db`]; [`JourneyError::Broken`] when a library cannot be read.
    pub fn refresh(&self, tx: &mut dyn Tx) -> Result<bool, JourneyError> {
        let revision = monitoring::revision(tx)?;
        let known = self.in_force();
        if known.as_ref().is_some_and(|known| known.revision == revision) {
            return Ok(false);
        }
        let Some(placing) = monitoring::placings(tx, Set::Active)?.into_iter().next() else { return Ok(false) };
        let library = self.library(tx, &placing.version)?;
        let standings = monitoring::standings(tx)?;
        let forces = standings.into_iter().map(|row| ((row.rule_id, row.rule_version), row.force)).collect();
        let standing = monitoring::suppressions(tx)?.into_iter().filter(|row| row.ended.is_none());
        let suppressions = standing.map(|row| row.suppression).collect();
        let now = Arc::new(InForce { revision, library, forces, suppressions });
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(true)
    }

    /// A library that was brought in, compiled.
    ///
    /// # Errors
    /// [`Own::LibraryUnknown`]; [`JourneyError::Broken`] when its texts cannot be read.
    pub fn library(&self, tx: &mut dyn Tx, version: &str) -> Result<Arc<Compiled>, JourneyError> {
        if let Some(known) = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(version) {
            return Ok(Arc::clone(known));
        }
        let sources = crate::library_sources(tx, version)?;
        let compiled = (self.compile)(&sources);
        Ok(self.keep(version, compiled))
    }

    fn keep(&self, version: &str, compiled: Compiled) -> Arc<Compiled> {
        let compiled = Arc::new(compiled);
        let mut known = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= LIBRARIES_KEPT {
            known.clear();
        }
        known.insert(version.to_owned(), Arc::clone(&compiled));
        compiled
    }
}

/// In force, in the shadow, the one before, and one more.
const LIBRARIES_KEPT: usize = 4;

impl Centre {
    /// Supervision, where the region has any.
    ///
    /// # Errors
    /// [`Own::NoLibrary`].
    pub fn supervision(&self) -> Result<&Arc<Supervision>, JourneyError> {
        self.supervision.as_ref().ok_or_else(|| Own::NoLibrary.into())
    }

    /// Brings the folder's library in, and puts it in force if none is: run at the start of a
    /// centre. Gives its version back.
    ///
    /// # Errors
    /// [`Own::NoLibrary`] without a folder of rules.
    pub fn bring_in_library(&self, tx: &mut dyn Tx, operation: &Operation) -> Result<String, JourneyError> {
        let supervision = self.supervision()?;
        let compiled = (supervision.compile)(&supervision.folder);
        if compiled.headers.is_empty() {
            return Err(Own::NoLibrary.into());
        }
        let version = compiled.version.clone();
        let ids: BTreeSet<&str> = compiled.headers.iter().map(|header| header.id.as_str()).collect();
        let sources = serde_json::to_value(&supervision.folder).expect("texts are always JSON");
        let library = monitoring::Library {
            version: version.clone(),
            rules: i64::try_from(ids.len()).expect("few rules"),
            brought_at: operation.received_at,
            brought_by: operation.operator.clone(),
            sources: Sealed::compress(&sources),
        };
        monitoring::bring_in(tx, &library)?;
        supervision.keep(&version, compiled);
        if monitoring::placings(tx, Set::Active)?.is_empty() {
            self.put_in_force(tx, operation, &version, Deed::First, "", "首次启用 / the first library")?;
        }
        Ok(version)
    }

    /// 启用: puts a library in force that was tried before.
    ///
    /// # Errors
    /// [`Own::LibraryUnknown`], [`Own::LibraryNotTried`] without a back-test of it that ended.
    pub fn activate_library(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        version: &str,
        why: &str,
    ) -> Result<(), JourneyError> {
        if monitoring::library(tx, version)?.is_none() {
            return Err(Own::LibraryUnknown { version: version.to_owned() }.into());
        }
        let runs = monitoring::runs(tx)?;
        let tried = |run: &&monitoring::Run| run.set == Set::Shadow && run.version == version && run.ended_at.is_some();
        let Some(run) = runs.iter().rev().find(tried) else {
            return Err(Own::LibraryNotTried { version: version.to_owned() }.into());
        };
        self.put_in_force(tx, operation, version, Deed::Activate, &run.run_id, why)
    }

    /// 回退: one step back, to the library that was in force before. Gives its version back.
    ///
    /// # Errors
    /// [`Own::NoLibraryBefore`].
    pub fn roll_back_library(&self, tx: &mut dyn Tx, operation: &Operation, why: &str) -> Result<String, JourneyError> {
        let placings = monitoring::placings(tx, Set::Active)?;
        let now = placings.first().map(|placing| placing.version.as_str());
        let before =
            placings.iter().skip(1).map(|placing| placing.version.as_str()).find(|version| Some(*version) != now);
        let before = before.ok_or(Own::NoLibraryBefore)?.to_owned();
        self.put_in_force(tx, operation, &before, Deed::RollBack, "", why)?;
        Ok(before)
    }

    fn put_in_force(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        version: &str,
        deed: Deed,
        run_id: &str,
        why: &str,
    ) -> Result<(), JourneyError> {
        let last = monitoring::placings(tx, Set::Active)?.first().map_or(0, |placing| placing.seq);
        let placing = Placing {
            set: Set::Active,
            seq: last + 1,
            version: version.to_owned(),
            deed,
            at: operation.received_at,
            by: operation.operator.clone(),
            why: why.to_owned(),
            run_id: run_id.to_owned(),
        };
        monitoring::place(tx, &placing)?;
        let subject = format!("{}/{}", placing.seq, version);
        let told = serde_json::json!({
            "version": version, "deed": deed.code(), "by": placing.by, "why": why, "run_id": run_id,
        });
        self.seal(tx, operation, "rule_library", &subject, told)
    }
}
