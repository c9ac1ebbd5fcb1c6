//! 读程序文件: a procedure's TOML, and what is wrong with it, by line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use terms::parse_date;
use toml::Spanned;

use crate::facts::{Actor, CLOCK, OPEN, digest};
use crate::procedure::{ClockRule, Extension, Procedure, State, StepRule, Unit};

/// A slip in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and the way out.
    pub message: String,
}

impl Problem {
    /// A slip at a line of a file.
    #[must_use]
    pub fn at(file: &str, line: usize, message: String) -> Problem {
        Problem { file: file.to_owned(), line, message }
    }

    /// What a TOML reader says.
    #[must_use]
    pub fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Problem {
        let at = error.span().map_or(0, |span| span.start);
        Problem::at(file, line_at(text, at), error.message().to_owned())
    }
}

/// The line on which a byte stands.
#[must_use]
pub fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The line on which some words first stand.
#[must_use]
pub fn line_of(text: &str, words: &str) -> usize {
    text.find(words).map_or(1, |at| line_at(text, at))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureFile {
    id: String,
    version: String,
    name: String,
    from: toml::value::Datetime,
    article: String,
    start: Spanned<String>,
    opens: Vec<String>,
    state: Vec<StateFile>,
    step: Vec<StepFile>,
    #[serde(default)]
    clock: Vec<ClockFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    id: Spanned<String>,
    name: String,
    #[serde(default)]
    closed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: Spanned<String>,
    name: String,
    from: Vec<String>,
    to: Option<String>,
    roles: Vec<String>,
    #[serde(default)]
    assigned: bool,
    assigns: Option<String>,
    #[serde(default)]
    releases: bool,
    #[serde(default)]
    apart_from: Vec<String>,
    #[serde(default)]
    once_each: bool,
    at_most: Option<u32>,
    #[serde(default)]
    needs: BTreeMap<String, u32>,
    #[serde(default)]
    documents: Vec<String>,
    #[serde(default)]
    late: bool,
    extends: Option<Extension>,
    effect: Option<String>,
    #[serde(default)]
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockFile {
    id: Spanned<String>,
    name: String,
    days: u32,
    unit: Unit,
    starts: Vec<String>,
    #[serde(default)]
    stops: Vec<String>,
    silence: Option<String>,
    article: String,
}

impl Procedure {
    /// Reads a procedure's file.
    ///
    /// # Errors
    /// Every slip, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Procedure, Vec<Problem>> {
        let one = |error: toml::de::Error| vec![Problem::of_toml(file, text, &error)];
        let read: ProcedureFile = toml::from_str(text).map_err(one)?;
        let value: toml::Table = toml::from_str(text).map_err(one)?;
        let mut lint = Lint { file, text, problems: Vec::new() };
        lint.whole(&read);
        let Some(from) = parse_date(&read.from.to_string()) else {
            let line = line_of(text, "from");
            return Err(vec![Problem::at(file, line, format!("from = {}: write a day, as 2026-01-01", read.from))]);
        };
        if !lint.problems.is_empty() {
            return Err(lint.problems);
        }
        let said = toml::to_string(&value).expect("what was read as TOML can be written as TOML");
        Ok(Procedure {
            id: read.id,
            version: read.version,
            name: read.name,
            from,
            article: read.article,
            start: read.start.into_inner(),
            opens: read.opens,
            states: read.state.into_iter().map(StateFile::into).collect(),
            steps: read.step.into_iter().map(StepFile::into).collect(),
            clocks: read.clock.into_iter().map(ClockFile::into).collect(),
            hash: digest(said.as_bytes()),
            text: text.to_owned(),
        })
    }
}

impl From<StateFile> for State {
    fn from(read: StateFile) -> State {
        State { id: read.id.into_inner(), name: read.name, closed: read.closed }
    }
}

impl From<StepFile> for StepRule {
    fn from(read: StepFile) -> StepRule {
        StepRule {
            id: read.id.into_inner(),
            name: read.name,
            from: read.from,
            to: read.to,
            roles: read.roles,
            assigned: read.assigned,
            assigns: read.assigns,
            releases: read.releases,
            apart_from: read.apart_from,
            once_each: read.once_each,
            at_most: read.at_most,
            needs: read.needs,
            documents: read.documents,
            late: read.late,
            extends: read.extends,
            effect: read.effect,
            article: read.article,
        }
    }
}

impl From<ClockFile> for ClockRule {
    fn from(read: ClockFile) -> ClockRule {
        ClockRule {
            id: read.id.into_inner(),
            name: read.name,
            days: read.days,
            unit: read.unit,
            starts: read.starts,
            stops: read.stops,
            silence: read.silence,
            article: read.article,
        }
    }
}

struct Lint<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Lint<'_> {
    fn add(&mut self, at: &Spanned<String>, message: String) {
        self.problems.push(Problem::at(self.file, line_at(self.text, at.span().start), message));
    }

    fn whole(&mut self, read: &ProcedureFile) {
        let states: BTreeSet<&str> = read.state.iter().map(|state| state.id.get_ref().as_str()).collect();
        let steps: BTreeSet<&str> = read.step.iter().map(|step| step.id.get_ref().as_str()).collect();
        let clocks: BTreeSet<&str> = read.clock.iter().map(|clock| clock.id.get_ref().as_str()).collect();
        self.twice(read.state.iter().map(|state| &state.id));
        self.twice(read.step.iter().map(|step| &step.id));
        self.twice(read.clock.iter().map(|clock| &clock.id));
        if !states.contains(read.start.get_ref().as_str()) {
            self.add(&read.start, format!("the case starts in “{}”, which is no state here", read.start.get_ref()));
        }
        for step in &read.step {
            self.step(step, &states, &steps, &clocks);
        }
        for clock in &read.clock {
            self.clock(clock, read, &states);
        }
        for state in &read.state {
            self.state(state, read);
        }
    }

    fn twice<'s>(&mut self, ids: impl Iterator<Item = &'s Spanned<String>>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id.get_ref().as_str()) {
                self.add(id, format!("“{}” is there twice; rename one", id.get_ref()));
            }
        }
    }

    fn known(&mut self, at: &Spanned<String>, names: &[String], known: &BTreeSet<&str>, what: &str) {
        for name in names.iter().filter(|name| !known.contains(name.as_str())) {
            self.add(at, format!("“{}” names “{name}”, which is no {what} of this procedure", at.get_ref()));
        }
    }

    fn step(&mut self, step: &StepFile, states: &BTreeSet<&str>, steps: &BTreeSet<&str>, clocks: &BTreeSet<&str>) {
        if step.id.get_ref() == OPEN {
            self.add(&step.id, "“open” is the first step of every case; give this one another name".to_owned());
        }
        if step.roles.is_empty() || step.from.is_empty() {
            self.add(&step.id, format!("“{}” can be taken by nobody or from nowhere", step.id.get_ref()));
        }
        self.known(&step.id, &step.from, states, "state");
        self.known(&step.id, step.to.as_slice(), states, "state");
        let apart: Vec<String> = step.apart_from.iter().filter(|earlier| *earlier != OPEN).cloned().collect();
        self.known(&step.id, &apart, steps, "step");
        let needs: Vec<String> = step.needs.keys().cloned().collect();
        self.known(&step.id, &needs, steps, "step");
        let extends: Vec<String> = step.extends.iter().map(|extension| extension.clock.clone()).collect();
        self.known(&step.id, &extends, clocks, "clock");
    }

    fn clock(&mut self, clock: &ClockFile, read: &ProcedureFile, states: &BTreeSet<&str>) {
        self.known(&clock.id, &clock.starts, states, "state");
        self.known(&clock.id, &clock.stops, states, "state");
        if clock.days == 0 {
            self.add(&clock.id, format!("“{}” has no days", clock.id.get_ref()));
        }
        let Some(silence) = &clock.silence else { return };
        let Some(step) = read.step.iter().find(|step| step.id.get_ref() == silence) else {
            return self.add(&clock.id, format!("silence means “{silence}”, which is no step of this procedure"));
        };
        if !step.roles.iter().any(|role| role == CLOCK) {
            self.add(&step.id, format!("silence means “{silence}”: add “{CLOCK}” to its roles"));
        }
        if !step.documents.is_empty() || step.assigns.is_some() || !step.needs.is_empty() {
            self.add(&step.id, format!("“{silence}” is taken by time itself and can bring, name or need nothing"));
        }
    }

    fn state(&mut self, state: &StateFile, read: &ProcedureFile) {
        let id = state.id.get_ref();
        let reached = id == read.start.get_ref() || read.step.iter().any(|step| step.to.as_ref() == Some(id));
        if !reached {
            self.add(&state.id, format!("no step leads to “{id}”"));
        }
        let left = read.step.iter().any(|step| step.from.contains(id) && step.to.as_ref().is_some_and(|to| to != id));
        if !state.closed && !left {
            self.add(&state.id, format!("nothing leads out of “{id}”; add a step, or closed = true"));
        }
    }
}

/// 办案人员 of a region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staff(Vec<Actor>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffFile {
    #[serde(default)]
    person: Vec<PersonFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    id: Spanned<String>,
    name: String,
    roles: Vec<String>,
    #[serde(default)]
    interests: Vec<String>,
}

impl Staff {
    /// Reads a staff file.
    ///
    /// # Errors
    /// Every slip, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Staff, Vec<Problem>> {
        let read: StaffFile = toml::from_str(text).map_err(|error| vec![Problem::of_toml(file, text, &error)])?;
        let mut lint = Lint { file, text, problems: Vec::new() };
        lint.twice(read.person.iter().map(|person| &person.id));
        for person in read.person.iter().filter(|person| person.id.get_ref() == CLOCK) {
            lint.add(&person.id, format!("“{CLOCK}” is time itself; give this person another name"));
        }
        if !lint.problems.is_empty() {
            return Err(lint.problems);
        }
        let actor = |person: PersonFile| Actor {
            id: person.id.into_inner(),
            name: person.name,
            roles: person.roles,
            interests: person.interests,
            party: None,
        };
        Ok(Staff(read.person.into_iter().map(actor).collect()))
    }

    /// Somebody by their number.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Actor> {
        self.0.iter().find(|person| person.id == id)
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = &Actor> {
        self.0.iter()
    }
}
