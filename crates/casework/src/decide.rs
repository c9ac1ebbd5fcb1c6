//! 决定: whether a step may be taken, and what it does. Values in, values out.

use std::collections::BTreeSet;

use terms::{Date, DateTime, show_time};

use crate::facts::{Actor, Asked, CLOCK, Case, Clock, OPEN, Opening, PARTY, Taken};
use crate::procedure::{ClockRule, Procedure, StepRule};
use crate::{Calendar, Refusal};

/// 办理结果: what a step that may be taken does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The number of the step in the case.
    pub seq: i64,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// The role in which it is taken.
    pub role: String,
    /// 承办人 afterwards.
    pub assignee: Option<String>,
    /// Clocks that start.
    pub started: Vec<Clock>,
    /// Clocks that stop.
    pub stopped: Vec<String>,
    /// Clocks that get a later day.
    pub extended: Vec<(String, Date)>,
    /// Whether the case is closed afterwards.
    pub closed: bool,
    /// The caller's word for what it does besides.
    pub effect: Option<String>,
}

/// 立案: a new case, its first step taken.
///
/// # Errors
/// [`Refusal::NoRole`], [`Refusal::Interested`], [`Refusal::NoReason`].
pub fn open(procedure: &Procedure, calendar: &Calendar, opening: &Opening) -> Result<Case, Refusal> {
    let role = role_of(&opening.by, &procedure.opens, &opening.party, OPEN)?;
    not_interested(&opening.by, &opening.party)?;
    if opening.why.trim().is_empty() {
        return Err(Refusal::NoReason { step: OPEN.to_owned() });
    }
    let start = procedure.start.clone();
    let taken = Taken {
        seq: 1,
        key: opening.key.clone(),
        step: OPEN.to_owned(),
        by: opening.by.id.clone(),
        role,
        at: opening.at,
        why: opening.why.clone(),
        from: String::new(),
        to: start.clone(),
        assigned: None,
        sealed: String::new(),
    };
    Ok(Case {
        case_id: opening.case_id.clone(),
        procedure: procedure.id.clone(),
        version: procedure.version.clone(),
        hash: procedure.hash.clone(),
        subject: opening.subject.clone(),
        party: opening.party.clone(),
        closed: procedure.state(&start).is_some_and(|state| state.closed),
        clocks: starting(procedure, calendar, &[], &start, opening.at),
        state: start,
        assignee: None,
        opened_at: opening.at,
        steps: vec![taken],
    })
}

/// 下一步: whether the step may be taken, and what it does.
///
/// # Errors
/// The first [`Refusal`] in order of precedence.
pub fn next(procedure: &Procedure, calendar: &Calendar, case: &Case, asked: &Asked) -> Result<Decision, Refusal> {
    let rule = rule_of(procedure, case, &asked.step)?;
    if let Some(last) = case.steps.last().filter(|last| asked.at < last.at) {
        return Err(Refusal::Backwards { at: show_time(asked.at), last: show_time(last.at) });
    }
    let role = role_of(&asked.by, &rule.roles, &case.party, &rule.name)?;
    who_may(procedure, case, rule, asked)?;
    how_often(procedure, case, rule, asked)?;
    in_time(procedure, case, rule, &role, asked.at.date())?;
    enough(procedure, case, rule)?;
    if asked.why.trim().is_empty() {
        return Err(Refusal::NoReason { step: rule.name.clone() });
    }
    let missing = rule.documents.iter().find(|kind| !asked.documents.iter().any(|document| document.kind == **kind));
    if let Some(kind) = missing {
        return Err(Refusal::NoDocument { step: rule.name.clone(), kind: kind.clone() });
    }
    let extended = extension(procedure, calendar, case, rule)?;
    Ok(outcome(procedure, calendar, case, rule, asked, role, extended))
}

/// 逾期: the first clock whose time is over at `now` and whose silence has a meaning.
#[must_use]
pub fn expired<'p>(procedure: &'p Procedure, case: &Case, now: DateTime) -> Option<(&'p ClockRule, Clock)> {
    let over = case.running().filter(|clock| clock.due < now.date());
    over.filter_map(|clock| {
        let rule = procedure.clock(&clock.id)?;
        let silence = procedure.step(rule.silence.as_deref()?)?;
        silence.from.contains(&case.state).then(|| (rule, clock.clone()))
    })
    .min_by_key(|(_, clock)| clock.due)
}

fn rule_of<'p>(procedure: &'p Procedure, case: &Case, step: &str) -> Result<&'p StepRule, Refusal> {
    let possible = || {
        let open = procedure.steps_from(&case.state).filter(|rule| !rule.roles.iter().all(|role| role == CLOCK));
        let names: Vec<String> = open.map(|rule| format!("{}（{}）", rule.id, rule.name)).collect();
        if names.is_empty() { "无 nothing".to_owned() } else { names.join("、") }
    };
    let Some(rule) = procedure.step(step) else {
        let procedure = procedure.id.clone();
        return Err(Refusal::UnknownStep { procedure, step: step.to_owned(), possible: possible() });
    };
    if rule.from.contains(&case.state) {
        return Ok(rule);
    }
    let state = procedure.state_name(&case.state).to_owned();
    Err(Refusal::WrongState { state, step: rule.name.clone(), possible: possible() })
}

/// The role in which somebody may take a step.
fn role_of(by: &Actor, roles: &[String], party: &str, step: &str) -> Result<String, Refusal> {
    if let Some(own) = &by.party {
        if !roles.iter().any(|role| role == PARTY) {
            return Err(no_role(by, roles, step));
        }
        if own != party {
            return Err(Refusal::NotTheParty { by: by.id.clone(), party: party.to_owned() });
        }
        return Ok(PARTY.to_owned());
    }
    let own = |role: &&String| role.as_str() != PARTY && by.roles.contains(role);
    roles.iter().find(own).cloned().ok_or_else(|| no_role(by, roles, step))
}

fn no_role(by: &Actor, roles: &[String], step: &str) -> Refusal {
    Refusal::NoRole { by: by.id.clone(), step: step.to_owned(), roles: roles.join("、") }
}

fn not_interested(who: &Actor, party: &str) -> Result<(), Refusal> {
    if !party.is_empty() && who.interests.iter().any(|interest| interest == party) {
        return Err(Refusal::Interested { who: who.id.clone(), party: party.to_owned() });
    }
    Ok(())
}

/// Conflicts of interest, and to whom the case belongs.
fn who_may(procedure: &Procedure, case: &Case, rule: &StepRule, asked: &Asked) -> Result<(), Refusal> {
    not_interested(&asked.by, &case.party)?;
    if rule.assigned && case.assignee.as_ref() != Some(&asked.by.id) {
        let assignee = case.assignee.clone().unwrap_or_else(|| "（未分派 nobody）".to_owned());
        return Err(Refusal::NotAssignee { by: asked.by.id.clone(), assignee });
    }
    let concerned = match (&rule.assigns, &asked.assign_to) {
        (None, _) => &asked.by,
        (Some(role), None) => return Err(Refusal::NobodyNamed { step: rule.name.clone(), role: role.clone() }),
        (Some(role), Some(named)) => {
            if !named.roles.contains(role) {
                return Err(no_role(named, std::slice::from_ref(role), &rule.name));
            }
            not_interested(named, &case.party)?;
            named
        }
    };
    let before = case.steps.iter().find(|taken| taken.by == concerned.id && rule.apart_from.contains(&taken.step));
    if let Some(taken) = before {
        let earlier = procedure.step_name(&taken.step).to_owned();
        return Err(Refusal::SamePerson { who: concerned.id.clone(), earlier, step: rule.name.clone() });
    }
    Ok(())
}

fn how_often(_: &Procedure, case: &Case, rule: &StepRule, asked: &Asked) -> Result<(), Refusal> {
    let step = rule.name.clone();
    if rule.once_each && case.round().iter().any(|taken| taken.step == rule.id && taken.by == asked.by.id) {
        return Err(Refusal::Already { by: asked.by.id.clone(), step });
    }
    let taken = case.steps.iter().filter(|taken| taken.step == rule.id).count();
    match rule.at_most {
        Some(at_most) if taken >= at_most as usize => Err(Refusal::TooOften { step, at_most }),
        _ => Ok(()),
    }
}

/// A time that is over has its meaning, whether or not somebody has noticed yet.
fn in_time(procedure: &Procedure, case: &Case, rule: &StepRule, role: &str, day: Date) -> Result<(), Refusal> {
    let over = case.running().filter(|clock| clock.due < day);
    let over = over.filter_map(|clock| Some((clock, procedure.clock(&clock.id)?)));
    let mut over = over.filter_map(|(clock, of)| Some((clock, of, procedure.step(of.silence.as_deref()?)?)));
    if role == CLOCK {
        let meant = over.any(|(_, _, silence)| silence.id == rule.id);
        return if meant { Ok(()) } else { Err(Refusal::NotOver { step: rule.name.clone() }) };
    }
    match over.find(|(_, _, silence)| silence.from.contains(&case.state)) {
        Some((clock, of, silence)) if !rule.late => {
            Err(Refusal::TimeOver { clock: of.name.clone(), due: clock.due, silence: silence.name.clone() })
        }
        _ => Ok(()),
    }
}

fn enough(procedure: &Procedure, case: &Case, rule: &StepRule) -> Result<(), Refusal> {
    for (other, needed) in &rule.needs {
        let by: BTreeSet<&str> =
            case.round().iter().filter(|taken| taken.step == *other).map(|taken| taken.by.as_str()).collect();
        let have = u32::try_from(by.len()).unwrap_or(u32::MAX);
        if have < *needed {
            let other = procedure.step_name(other).to_owned();
            return Err(Refusal::Needs { step: rule.name.clone(), other, needed: *needed, have });
        }
    }
    Ok(())
}

fn extension(
    procedure: &Procedure,
    calendar: &Calendar,
    case: &Case,
    rule: &StepRule,
) -> Result<Vec<(String, Date)>, Refusal> {
    let Some(extension) = &rule.extends else { return Ok(Vec::new()) };
    let of = procedure.clock(&extension.clock);
    match (case.running().find(|clock| clock.id == extension.clock), of) {
        (Some(running), Some(of)) => Ok(vec![(running.id.clone(), calendar.due(running.due, extension.days, of.unit))]),
        _ => {
            let clock = of.map_or_else(|| extension.clock.clone(), |of| of.name.clone());
            Err(Refusal::NotRunning { clock })
        }
    }
}

fn outcome(
    procedure: &Procedure,
    calendar: &Calendar,
    case: &Case,
    rule: &StepRule,
    asked: &Asked,
    role: String,
    extended: Vec<(String, Date)>,
) -> Decision {
    let to = rule.to.clone().unwrap_or_else(|| case.state.clone());
    let moved = to != case.state;
    let stops = |clock: &&Clock| {
        procedure
            .clock(&clock.id)
            .is_none_or(|of| if of.stops.is_empty() { !of.starts.contains(&to) } else { of.stops.contains(&to) })
    };
    let stopped: Vec<String> =
        if moved { case.running().filter(stops).map(|clock| clock.id.clone()).collect() } else { Vec::new() };
    let left: Vec<&str> =
        case.running().map(|clock| clock.id.as_str()).filter(|id| !stopped.iter().any(|gone| gone == id)).collect();
    let started = if moved { starting(procedure, calendar, &left, &to, asked.at) } else { Vec::new() };
    let assignee = match (&rule.assigns, &asked.assign_to) {
        (Some(_), Some(named)) => Some(named.id.clone()),
        _ if rule.releases => None,
        _ => case.assignee.clone(),
    };
    Decision {
        seq: case.steps.len() as i64 + 1,
        from: case.state.clone(),
        closed: procedure.state(&to).is_some_and(|state| state.closed),
        to,
        role,
        assignee,
        started,
        stopped,
        extended,
        effect: rule.effect.clone(),
    }
}

/// The clocks that start on entering a state.
fn starting(procedure: &Procedure, calendar: &Calendar, running: &[&str], state: &str, at: DateTime) -> Vec<Clock> {
    let start = |rule: &&ClockRule| rule.starts.iter().any(|id| id == state) && !running.contains(&rule.id.as_str());
    procedure
        .clocks
        .iter()
        .filter(start)
        .map(|rule| Clock {
            id: rule.id.clone(),
            started_at: at,
            due: calendar.due(at.date(), rule.days, rule.unit),
            stopped_at: None,
        })
        .collect()
}
