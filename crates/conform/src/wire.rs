//! Over the national interface: how each event of a case travels as messages.

mod answers;
mod messages;

use std::collections::HashMap;

use adjudication::replay::{Answer, Case, Event, LineAnswer};
use terms::{DateTime, LineNo};

use crate::{CaseError, Report};
use messages::Sender;

/// What went wrong behind or on the way to the interface.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WorldError(pub String);

/// The world behind the interface: in-process registers that a case is set up in, and the
/// events that have no transaction (the bureau's own deeds).
pub trait World {
    /// Sets a case up in a state of its own; answers with the address of the one path that
    /// takes all transactions.
    ///
    /// # Errors
    /// What could not be set up.
    fn open(&mut self, case: &Case) -> Result<String, WorldError>;

    /// 统筹区 whose centre answers.
    fn area(&self) -> String;

    /// The number under which a person of the open case is registered.
    fn person(&self, psn_no: &str) -> String;

    /// An event that is the bureau's own deed: credits, trauma and maternity filings and the
    /// cancelling of filings other than chronic ones.
    ///
    /// # Errors
    /// What went wrong; a refusal is an answer.
    fn direct(&mut self, event: &Event, at: DateTime) -> Result<Answer, WorldError>;
}

/// Replays cases over HTTP, as the region's law says they travel.
///
/// # Errors
/// A line that is not a case.
pub fn over_http(
    world: &mut dyn World,
    cases: impl Iterator<Item = Result<Case, CaseError>>,
) -> Result<Report, CaseError> {
    let mut report = Report::default();
    let mut sender = Sender::new();
    for case in cases {
        let case = case?;
        let outcome = run(world, &mut sender, &case);
        report.add(&case.id, case.events.len(), outcome);
    }
    Ok(report)
}

/// A visit of the case as the runner knows it.
struct KnownVisit {
    /// What the centre issued; the label itself while it issued nothing.
    mdtrt_id: String,
    accepted: bool,
    fixmedins_code: String,
    med_type: String,
    insutype: String,
    lines: Vec<LineAnswer>,
}

/// The case while it runs: labels of the case to ids of the centre.
struct Run<'a> {
    case: &'a Case,
    area: String,
    psn_no: String,
    visits: HashMap<String, KnownVisit>,
    settlements: HashMap<String, (String, String)>,
    filings: HashMap<String, String>,
    now: String,
}

fn run(world: &mut dyn World, sender: &mut Sender, case: &Case) -> Option<(usize, String)> {
    let url = match world.open(case) {
        Ok(url) => url,
        Err(error) => return Some((0, error.to_string())),
    };
    let area = world.area();
    sender.aim(url, area.clone());
    let mut run = Run {
        case,
        area,
        psn_no: world.person(case.person.person.psn_no.as_str()),
        visits: HashMap::new(),
        settlements: HashMap::new(),
        filings: HashMap::new(),
        now: "2026-01-01 08:00:00".to_owned(),
    };
    for (n, (event, expected)) in case.events.iter().zip(&case.expect).enumerate() {
        let difference = match run.event(world, sender, event) {
            Ok(answer) => answer.difference(&without_totals(expected)),
            Err(error) => Some(error.to_string()),
        };
        if let Some(difference) = difference {
            return Some((n + 1, difference));
        }
    }
    None
}

/// What an answer over the wire is compared with: the running totals of a case are a help
/// for people and no part of the interface's answer.
fn without_totals(expected: &serde_json::Value) -> serde_json::Value {
    let mut expected = expected.clone();
    if let Some(fields) = expected.as_object_mut() {
        fields.remove("acc");
    }
    expected
}

impl Run<'_> {
    fn event(&mut self, world: &mut dyn World, sender: &mut Sender, event: &Event) -> Result<Answer, WorldError> {
        match event {
            Event::Filing { filing } => {
                let id = filing.filing_id.0.clone();
                match filing.kind.as_str() {
                    "opsp" | "refl" | "resid" => {
                        let (infno, node, body) = messages::filing(&self.area, &self.psn_no, self.insutype(), filing);
                        let output =
                            sender.send(infno, &self.any_institution(), &self.now, &self.psn_no, node, &body)?;
                        answers::plain(output).inspect(|answer| {
                            if answer.ok {
                                self.filings.insert(id, filing.kind.clone());
                            }
                        })
                    }
                    kind => {
                        self.filings.entry(id).or_insert(kind.to_owned());
                        world.direct(event, self.time())
                    }
                }
            }
            Event::FilingCancel { filing_id, .. } => match self.filings.get(filing_id.as_str()) {
                Some(kind) if kind == "opsp" => {
                    let body = messages::object([
                        ("trt_dcla_detl_sn", filing_id.as_str()),
                        ("psn_no", &self.psn_no),
                        ("memo", "撤销"),
                    ]);
                    let output =
                        sender.send("2504", &self.any_institution(), &self.now, &self.psn_no, "data", &body)?;
                    answers::plain(output)
                }
                _ => world.direct(event, self.time()),
            },
            Event::AcctCredit { .. } | Event::MulaidCredit { .. } => world.direct(event, self.time()),
            Event::Visit { visit } => self.open_visit(sender, visit),
            Event::Fees { mdtrt_id, lines } => {
                let (infno, body) =
                    messages::fees(&self.psn_no, self.id_of(mdtrt_id), self.visits.get(mdtrt_id), lines);
                let output =
                    sender.send(infno, &self.institution_of(mdtrt_id), &self.now, &self.psn_no, "feedetail", &body)?;
                let answer = answers::lines(output)?;
                if let (Some(visit), Some(new)) = (self.visits.get_mut(mdtrt_id), &answer.lines) {
                    visit.lines.extend(new.iter().cloned());
                }
                Ok(answer)
            }
            Event::FeesCancel { mdtrt_id, feedetl_sn } => self.cancel_fees(sender, mdtrt_id, feedetl_sn),
            Event::Discharge { mdtrt_id, endtime, fields } => {
                endtime.clone_into(&mut self.now);
                let insutype = self.visits.get(mdtrt_id).map_or(self.insutype(), |visit| &visit.insutype).to_owned();
                let body = messages::discharge(&self.psn_no, self.id_of(mdtrt_id), &insutype, endtime, fields);
                let output = sender.send_nodes("2402", &self.institution_of(mdtrt_id), endtime, &self.psn_no, &body)?;
                answers::plain(output)
            }
            Event::Presettle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag } => {
                let infno = if self.is_stay(mdtrt_id) { "2303" } else { "2206" };
                self.settle(sender, infno, mdtrt_id, setl_time, *medfee_sumamt, acct_used_flag, mid_setl_flag)
                    .map(|(answer, _)| answer)
            }
            Event::Settle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag, setl_id } => {
                let infno = if self.is_stay(mdtrt_id) { "2304" } else { "2207" };
                let (answer, issued) =
                    self.settle(sender, infno, mdtrt_id, setl_time, *medfee_sumamt, acct_used_flag, mid_setl_flag)?;
                if let Some(issued) = issued.filter(|_| answer.ok) {
                    self.settlements.insert(setl_id.clone(), (issued, mdtrt_id.clone()));
                }
                Ok(answer)
            }
            Event::Reverse { setl_id, time } => {
                time.clone_into(&mut self.now);
                let (issued, label) =
                    self.settlements.get(setl_id).cloned().unwrap_or((setl_id.clone(), setl_id.clone()));
                let infno = if self.is_stay(&label) { "2305" } else { "2208" };
                let body = messages::object([
                    ("setl_id", issued.as_str()),
                    ("mdtrt_id", self.id_of(&label)),
                    ("psn_no", &self.psn_no),
                ]);
                let output = sender.send(infno, &self.institution_of(&label), time, &self.psn_no, "data", &body)?;
                answers::settlement(output).map(|(answer, _)| answer)
            }
        }
    }

    fn open_visit(
        &mut self,
        sender: &mut Sender,
        visit: &adjudication::replay::CaseVisit,
    ) -> Result<Answer, WorldError> {
        visit.begntime.clone_into(&mut self.now);
        let institution = visit.fixmedins_code.0.clone();
        let stay = messages::is_stay(&visit.med_type);
        let (answer, issued) = if stay {
            let body = messages::admission(&self.psn_no, visit);
            let output = sender.send_nodes("2401", &institution, &self.now, &self.psn_no, &body)?;
            answers::issued(output, "result")?
        } else {
            let body = messages::registration(&self.psn_no, visit);
            let output = sender.send("2201", &institution, &self.now, &self.psn_no, "data", &body)?;
            let (shell, issued) = answers::issued(output, "data")?;
            match issued.filter(|_| shell.ok) {
                None => (shell, None),
                Some(id) => {
                    let pharmacy = self.is_pharmacy(&institution) || visit.med_type == "41";
                    let infno = if pharmacy { "2203A" } else { "2203" };
                    let body = messages::visit(&self.psn_no, &id, visit);
                    let output = sender.send_nodes(infno, &institution, &self.now, &self.psn_no, &body)?;
                    (answers::plain(output)?, Some(id))
                }
            }
        };
        let known = self.visits.get(&visit.mdtrt_id).is_some_and(|known| known.accepted);
        if !known {
            self.visits.insert(
                visit.mdtrt_id.clone(),
                KnownVisit {
                    mdtrt_id: issued.filter(|_| answer.ok).unwrap_or_else(|| visit.mdtrt_id.clone()),
                    accepted: answer.ok,
                    fixmedins_code: institution,
                    med_type: visit.med_type.clone(),
                    insutype: visit.insutype.clone(),
                    lines: Vec::new(),
                },
            );
        }
        Ok(answer)
    }

    fn cancel_fees(&mut self, sender: &mut Sender, label: &str, numbers: &[LineNo]) -> Result<Answer, WorldError> {
        let (infno, body) = if self.is_stay(label) {
            ("2302", messages::cancel_stay_lines(&self.psn_no, self.id_of(label), numbers))
        } else {
            ("2205", messages::cancel_outpatient_lines(&self.psn_no, self.id_of(label), numbers))
        };
        let output = sender.send(infno, &self.institution_of(label), &self.now, &self.psn_no, "data", &body)?;
        let answer = answers::lines(output)?;
        if let (Some(visit), Some(remaining)) = (self.visits.get_mut(label), &answer.lines) {
            visit.lines.clone_from(remaining);
        }
        Ok(answer)
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one settlement message")]
    fn settle(
        &mut self,
        sender: &mut Sender,
        infno: &'static str,
        label: &str,
        setl_time: &str,
        declared: terms::Fen,
        account: &str,
        mid: &str,
    ) -> Result<(Answer, Option<String>), WorldError> {
        setl_time.clone_into(&mut self.now);
        let visit = self.visits.get(label);
        let body = messages::settle(self.case, &self.psn_no, self.id_of(label), visit, infno, declared, account, mid);
        let output = sender.send(infno, &self.institution_of(label), setl_time, &self.psn_no, "data", &body)?;
        answers::settlement(output)
    }

    fn id_of<'s>(&'s self, label: &'s str) -> &'s str {
        self.visits.get(label).map_or(label, |visit| &visit.mdtrt_id)
    }

    fn institution_of(&self, label: &str) -> String {
        self.visits.get(label).map_or_else(|| self.any_institution(), |visit| visit.fixmedins_code.clone())
    }

    fn any_institution(&self) -> String {
        let first = self.case.institutions.first();
        first.map_or_else(|| "H00000000000".to_owned(), |institution| institution.institution.fixmedins_code.0.clone())
    }

    fn is_pharmacy(&self, code: &str) -> bool {
        let of_code = |i: &&adjudication::replay::CaseInstitution| i.institution.fixmedins_code.as_str() == code;
        self.case.institutions.iter().find(of_code).is_some_and(|i| i.institution.fixmedins_type == "2")
    }

    fn is_stay(&self, label: &str) -> bool {
        self.visits.get(label).is_some_and(|visit| messages::is_stay(&visit.med_type))
    }

    fn insutype(&self) -> &str {
        self.case.person.person.insu.first().map_or("310", |coverage| &coverage.insutype)
    }

    fn time(&self) -> DateTime {
        terms::parse_time(&self.now).unwrap_or_default()
    }
}
