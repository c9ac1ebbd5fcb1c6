//! 办案程序: states, steps and clocks, as a region's file gives them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use terms::Date;

/// 状态.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name in the file and in every record.
    pub id: String,
    /// 名称, for people.
    pub name: String,
    /// 结案: nothing is waited for; a step may still lead out of it.
    pub closed: bool,
}

/// 步骤: what may be done, by whom, from which states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRule {
    /// Its name in the file and in every record.
    pub id: String,
    /// 名称, for people.
    pub name: String,
    /// From which states.
    pub from: Vec<String>,
    /// To which state; `None` stays.
    pub to: Option<String>,
    /// Who may: roles of the staff, [`crate::PARTY`] or [`crate::CLOCK`].
    pub roles: Vec<String>,
    /// Only the one to whom the case is assigned.
    pub assigned: bool,
    /// 分派: names somebody of this role, to whom the case then belongs.
    pub assigns: Option<String>,
    /// The case belongs to nobody afterwards.
    pub releases: bool,
    /// 回避: whoever takes the step (or is named by it, if it assigns) may not have taken any of
    /// these.
    pub apart_from: Vec<String>,
    /// Everybody once, as in a vote; counted since the state was entered.
    pub once_each: bool,
    /// How often in one case at most.
    pub at_most: Option<u32>,
    /// How many different people must have taken a step since the state was entered, such as
    /// the votes of a panel.
    pub needs: BTreeMap<String, u32>,
    /// Kinds of documents that it must bring.
    pub documents: Vec<String>,
    /// May be taken although a time is over whose silence has a meaning.
    pub late: bool,
    /// 延期.
    pub extends: Option<Extension>,
    /// What it does besides, in a word for the caller.
    pub effect: Option<String>,
    /// 依据.
    pub article: String,
}

/// 延期: a running clock gets more days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Which clock.
    pub clock: String,
    /// How many days more, in the clock's unit.
    pub days: u32,
}

/// 期限的单位.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// 工作日.
    Working,
    /// 自然日; one that ends on a day that is not worked ends on the next that is.
    Calendar,
}

/// 期限: a time that begins when a state is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRule {
    /// Its name in the file and in every record.
    pub id: String,
    /// 名称, for people.
    pub name: String,
    /// How long.
    pub days: u32,
    /// In what.
    pub unit: Unit,
    /// Entering one of these starts it, unless it runs.
    pub starts: Vec<String>,
    /// Entering one of these stops it; leaving the states that start it does, when empty.
    pub stops: Vec<String>,
    /// 逾期视为: the step that is taken when the time is over; without one it is only late.
    pub silence: Option<String>,
    /// 依据.
    pub article: String,
}

/// 办案程序, one version of it. Never edited: a later version begins on a later day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Its name.
    pub id: String,
    /// Version, by which a case is bound to it.
    pub version: String,
    /// 名称, for people.
    pub name: String,
    /// From when cases are opened under it.
    pub from: Date,
    /// 依据.
    pub article: String,
    /// The state of a new case.
    pub start: String,
    /// Who may open a case.
    pub opens: Vec<String>,
    /// States.
    pub states: Vec<State>,
    /// Steps.
    pub steps: Vec<StepRule>,
    /// Clocks.
    pub clocks: Vec<ClockRule>,
    /// SM3 of what the file says, whatever its blanks and comments, in hexadecimal.
    pub hash: String,
    /// The file as read, for whoever must be shown it.
    pub text: String,
}

impl Procedure {
    /// A step by its name.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&StepRule> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// A state by its name.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    /// What a state is called for people.
    #[must_use]
    pub fn state_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.state(id).map_or(id, |state| &state.name)
    }

    /// What a step is called for people.
    #[must_use]
    pub fn step_name<'a>(&'a self, id: &'a str) -> &'a str {
        match self.step(id) {
            Some(step) => &step.name,
            None if id == crate::OPEN => "立案登记",
            None => id,
        }
    }

    /// A clock by its name.
    #[must_use]
    pub fn clock(&self, id: &str) -> Option<&ClockRule> {
        self.clocks.iter().find(|clock| clock.id == id)
    }

    /// The steps that lead out of a state, or stay in it.
    pub fn steps_from<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a StepRule> {
        self.steps.iter().filter(move |step| step.from.iter().any(|from| from == state))
    }
}

/// Every procedure of a region, in every version.
#[derive(Debug, Clone, Default)]
pub struct Procedures(Vec<Arc<Procedure>>);

impl Procedures {
    /// These procedures.
    #[must_use]
    pub fn new(all: Vec<Procedure>) -> Procedures {
        Procedures(all.into_iter().map(Arc::new).collect())
    }

    /// The version under which a case is opened on a day.
    #[must_use]
    pub fn on(&self, id: &str, day: Date) -> Option<&Arc<Procedure>> {
        self.0.iter().filter(|one| one.id == id && one.from <= day).max_by_key(|one| one.from)
    }

    /// The version to which a case is bound.
    #[must_use]
    pub fn version(&self, id: &str, version: &str) -> Option<&Arc<Procedure>> {
        self.0.iter().find(|one| one.id == id && one.version == version)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Procedure>> {
        self.0.iter()
    }
}
