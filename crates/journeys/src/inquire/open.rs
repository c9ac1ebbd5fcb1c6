//! 立案: lines of settled visits come into dispute, each with what the funds paid for it.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Actor, Document, Opening};
use db::Tx;
use inquiry::rules::share::by_fund;
use inquiry::{CaseFacts, Clue, ClueLine, DisputedLine, LineState, Place, Refusal};
use operation::Operation;
use serde_json::json;
use terms::{Fen, InstitutionId, PersonId, VisitId};

use super::outcome;
use super::sample::FrameAsked;
use super::{CaseFile, Casebook, case_file};
use crate::record::Decision;
use crate::{Centre, FundRole, JourneyError, Own};

/// A case about to be opened.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// Which procedure of the region.
    pub procedure: String,
    /// 线索编号 of the clues that it takes up.
    pub clues: Vec<String>,
    /// Visits and lines besides.
    pub targets: Vec<ClueLine>,
    /// 抽样: instead of, or besides, what is named.
    pub frame: Option<FrameAsked>,
    /// What it is about, in a line.
    pub subject: String,
    /// Who opens it.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// The rule's text and samples, an explanation, a letter: filed with the first step.
    pub exhibits: Vec<Document>,
}

/// A target with whose word it is.
struct Target {
    line: ClueLine,
    rule: String,
    version: String,
    /// By a clue, not by hand: what cannot be disputed is left out instead of refused.
    by_clue: bool,
}

impl Centre {
    /// 线索登记; the same clue of its source again changes nothing.
    ///
    /// # Errors
    /// [`JourneyError::Db`].
    pub fn add_clue(&self, tx: &mut dyn Tx, operation: &Operation, clue: &Clue) -> Result<Clue, JourneyError> {
        if inquiry::add_clue(tx, clue)? {
            let told = json!({
                "clue_id": clue.clue_id, "source": clue.source, "reference": clue.reference, "rule": clue.rule,
                "version": clue.version, "fixmedins_code": clue.fixmedins_code, "amount": clue.amount,
            });
            let change = self.changed_of_institution(operation, "inquiry_clue", &clue.clue_id, &told);
            operation::feed::append(tx, &[change])?;
            return Ok(clue.clone());
        }
        let known = inquiry::clue_of(tx, clue.source, &clue.reference)?;
        known.ok_or_else(|| Own::ClueUnknown { clue: clue.reference.clone() }.into())
    }

    /// 立案. The persons concerned are held first, so that no settlement is reversed meanwhile.
    ///
    /// # Errors
    /// [`Own::ProcedureUnknown`], [`Own::ClueUnknown`], [`Own::ClueTaken`],
    /// [`Own::SeveralInstitutions`], [`Own::NothingSettled`], [`Own::Inquiry`], [`Own::Step`].
    pub fn open_inquiry(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        asked: &NewCase,
    ) -> Result<CaseFile, JourneyError> {
        let case_id = operation.new_id("case");
        if casework::case(tx, &case_id)?.is_some() {
            return case_file(tx, book, &case_id);
        }
        let day = operation.received_at.date();
        let procedure = book
            .procedures
            .on(&asked.procedure, day)
            .ok_or_else(|| Own::ProcedureUnknown { procedure: asked.procedure.clone(), day: day.to_string() })?;
        let clues = asked.clues.iter().map(|id| open_clue(tx, id)).collect::<Result<Vec<_>, _>>()?;
        let targets = targets(asked, &clues);
        let mut disputing = Disputing::new(&case_id);
        if let Some(frame) = &asked.frame {
            let besides = targets.iter().map(|target| target.line.psn_no.clone()).collect();
            disputing.sample(self, tx, operation, book, frame, besides)?;
        }
        disputing.hold(tx, &targets)?;
        disputing.add(self, tx, &targets)?;
        let Disputing { institution, lines, sample, .. } = disputing;
        let Some(institution) = institution.filter(|_| !lines.is_empty()) else {
            return Err(Refusal::NothingInDispute.into());
        };
        if let Some(clue) = clues.iter().find(|clue| clue.fixmedins_code != institution) {
            let (one, other) = (institution.to_string(), clue.fixmedins_code.to_string());
            return Err(Own::SeveralInstitutions { one, other }.into());
        }
        let facts = facts(&case_id, &institution, &clues, &lines, operation);
        let opening = Opening {
            case_id: case_id.clone(),
            key: operation.msgid.0.clone(),
            subject: asked.subject.clone(),
            party: institution.0.clone(),
            at: operation.received_at,
            by: asked.by.clone(),
            why: asked.why.clone(),
        };
        let documents = [
            first_documents(procedure, &clues, &lines, sample.as_ref()),
            outcome::explanations(tx, &clues)?,
            asked.exhibits.clone(),
        ]
        .concat();
        let more = json!({
            "fixmedins_code": institution, "rule": facts.rule, "rule_version": facts.rule_version,
            "lines": lines.len(), "disputed": facts.disputed, "recoverable": facts.recoverable,
            "seed": sample.as_ref().map(|sample| &sample.seed),
        });
        self.open_filed(tx, operation, (procedure, &book.calendar), &opening, &documents, more)?;
        inquiry::add_case(tx, &facts, &lines)?;
        if let Some(sample) = &sample {
            inquiry::add_sample(tx, sample)?;
        }
        for clue in &clues {
            if !inquiry::take_clue(tx, &clue.clue_id, &case_id)? {
                // Somebody else was faster; the whole deed is rolled back.
                let clue = clue.clue_id.clone();
                let case_id = inquiry::clue(tx, &clue)?.and_then(|clue| clue.case_id).unwrap_or_default();
                return Err(Own::ClueTaken { clue, case_id }.into());
            }
        }
        case_file(tx, book, &case_id)
    }
}

fn open_clue(tx: &mut dyn Tx, id: &str) -> Result<Clue, JourneyError> {
    let clue = inquiry::clue(tx, id)?.ok_or_else(|| Own::ClueUnknown { clue: id.to_owned() })?;
    match &clue.case_id {
        None => Ok(clue),
        Some(case_id) => Err(Own::ClueTaken { clue: id.to_owned(), case_id: case_id.clone() }.into()),
    }
}

fn targets(asked: &NewCase, clues: &[Clue]) -> Vec<Target> {
    let of_clues = clues.iter().flat_map(|clue| {
        clue.lines.iter().map(|line| Target {
            line: line.clone(),
            rule: clue.rule.clone(),
            version: clue.version.clone(),
            by_clue: true,
        })
    });
    let by_hand = asked.targets.iter().map(|line| Target {
        line: line.clone(),
        rule: String::new(),
        version: String::new(),
        by_clue: false,
    });
    of_clues.chain(by_hand).collect()
}

fn facts(
    case_id: &str,
    institution: &InstitutionId,
    clues: &[Clue],
    lines: &[DisputedLine],
    operation: &Operation,
) -> CaseFacts {
    let rules: BTreeSet<(&str, &str)> = lines.iter().map(|line| (&*line.rule, &*line.rule_version)).collect();
    let one = if rules.len() == 1 { rules.first().copied() } else { None };
    let (rule, version) = one.unwrap_or_default();
    CaseFacts {
        case_id: case_id.to_owned(),
        fixmedins_code: institution.clone(),
        rule: rule.to_owned(),
        rule_version: version.to_owned(),
        disputed: lines.iter().map(|line| line.disputed).sum(),
        recoverable: lines.iter().flat_map(|line| by_fund(&line.place, line.disputed)).map(|(_, amount)| amount).sum(),
        confidence: clues.iter().filter_map(|clue| clue.confidence).max(),
        opened_at: operation.received_at,
    }
}

/// What is filed with the first step: the procedure's own text, the clues, the lines, the frame.
fn first_documents(
    procedure: &casework::Procedure,
    clues: &[Clue],
    lines: &[DisputedLine],
    sample: Option<&inquiry::Sample>,
) -> Vec<Document> {
    let plain = |kind: &str, title: &str, version: &str, value: serde_json::Value| {
        Document::plain(kind, title, version, &value.to_string())
    };
    let line = |line: &DisputedLine| {
        json!({
            "no": line.no, "psn_no": line.psn_no, "mdtrt_id": line.mdtrt_id, "setl_id": line.setl_id,
            "feedetl_sn": line.feedetl_sn, "med_list_codg": line.med_list_codg, "dr_codg": line.practitioner,
            "rule": line.rule, "rule_version": line.rule_version, "disputed": line.disputed, "place": line.place,
        })
    };
    let clue = |clue: &Clue| {
        json!({
            "clue_id": clue.clue_id, "source": clue.source, "reference": clue.reference, "rule": clue.rule,
            "version": clue.version, "amount": clue.amount, "confidence": clue.confidence, "summary": clue.summary,
        })
    };
    let mut documents = vec![plain("procedure", &procedure.name, &procedure.hash, json!(procedure.text))];
    if !clues.is_empty() {
        documents.push(plain("clues", "线索", "", json!(clues.iter().map(clue).collect::<Vec<_>>())));
    }
    documents.push(plain("lines", "争议明细", "", json!(lines.iter().map(line).collect::<Vec<_>>())));
    if let Some(sample) = sample {
        let unit =
            |unit: &inquiry::SampleUnit| json!([unit.psn_no, unit.mdtrt_id, unit.stratum, unit.paid, unit.drawn]);
        let units: Vec<_> = sample.units.iter().map(unit).collect();
        documents.push(plain("frame", "抽样总体", "", json!({ "seed": sample.seed, "units": units })));
    }
    documents
}

/// The lines that come into dispute.
pub(super) struct Disputing<'c> {
    case_id: &'c str,
    pub institution: Option<InstitutionId>,
    lines: Vec<DisputedLine>,
    pub sample: Option<inquiry::Sample>,
    /// The persons who are held.
    persons: BTreeMap<PersonId, Known>,
}

/// What is known of a person who is held.
struct Known {
    history: claim::History,
    /// Visit and line to the case that speaks for the line.
    held: BTreeMap<(String, String), String>,
    /// Visit to the case in whose frame it is.
    framed: BTreeMap<String, String>,
}

impl<'c> Disputing<'c> {
    fn new(case_id: &'c str) -> Disputing<'c> {
        Disputing { case_id, institution: None, lines: Vec::new(), sample: None, persons: BTreeMap::new() }
    }

    pub(super) fn case_id(&self) -> &str {
        self.case_id
    }

    fn hold(&mut self, tx: &mut dyn Tx, targets: &[Target]) -> Result<(), JourneyError> {
        let mut persons: BTreeSet<PersonId> = targets.iter().map(|target| target.line.psn_no.clone()).collect();
        persons.extend(self.drawn().map(|(psn_no, _)| psn_no.clone()));
        if self.sample.is_none() {
            operation::lock_persons(tx, &persons.iter().cloned().collect::<Vec<_>>())?;
        }
        for psn_no in persons {
            let known = Known {
                history: claim::history(tx, &psn_no)?,
                held: inquiry::held(tx, &psn_no)?,
                framed: inquiry::framed(tx, &psn_no)?,
            };
            self.persons.insert(psn_no, known);
        }
        Ok(())
    }

    /// The visits that a sample has drawn.
    fn drawn(&self) -> impl Iterator<Item = (&PersonId, &VisitId)> {
        let units = self.sample.iter().flat_map(|sample| &sample.units);
        units.filter(|unit| unit.drawn).map(|unit| (&unit.psn_no, &unit.mdtrt_id))
    }

    fn add(&mut self, centre: &Centre, tx: &mut dyn Tx, targets: &[Target]) -> Result<(), JourneyError> {
        let mut by_visit: BTreeMap<(PersonId, VisitId), Vec<&Target>> = BTreeMap::new();
        let of_sample: Vec<Target> = self
            .drawn()
            .map(|(psn_no, mdtrt_id)| Target {
                line: ClueLine { psn_no: psn_no.clone(), mdtrt_id: mdtrt_id.clone(), feedetl_sn: None, amount: None },
                rule: String::new(),
                version: String::new(),
                by_clue: true,
            })
            .collect();
        for target in targets.iter().chain(&of_sample) {
            by_visit.entry((target.line.psn_no.clone(), target.line.mdtrt_id.clone())).or_default().push(target);
        }
        for ((psn_no, mdtrt_id), targets) in by_visit {
            self.add_visit(centre, tx, &psn_no, &mdtrt_id, &targets)?;
        }
        Ok(())
    }

    fn add_visit(
        &mut self,
        centre: &Centre,
        tx: &mut dyn Tx,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
        targets: &[&Target],
    ) -> Result<(), JourneyError> {
        let known = self.persons.get(psn_no).expect("every target's person is held");
        let nothing = || JourneyError::from(Own::NothingSettled { mdtrt_id: mdtrt_id.to_string() });
        let settlement = known.history.settled(mdtrt_id).ok_or_else(nothing)?;
        let visit = known.history.visits.iter().find(|visit| visit.mdtrt_id == *mdtrt_id).ok_or_else(nothing)?;
        let institution = self.institution.get_or_insert_with(|| settlement.fixmedins_code.clone());
        if *institution != settlement.fixmedins_code {
            let (one, other) = (institution.to_string(), settlement.fixmedins_code.to_string());
            return Err(Own::SeveralInstitutions { one, other }.into());
        }
        if let Some(case_id) = known.framed.get(mdtrt_id.as_str()) {
            let (mdtrt_id, case_id) = (mdtrt_id.to_string(), case_id.clone());
            return Err(Refusal::InAFrame { mdtrt_id, case_id }.into());
        }
        let lines = claim::lines(tx, psn_no, mdtrt_id)?;
        let places = places(&lines, centre.funds_of(settlement)?);
        for (line, place) in lines.iter().zip(&places).filter(|(_, place)| place.own > Fen::ZERO) {
            let own = targets.iter().filter(|target| {
                target.line.feedetl_sn.as_ref().is_none_or(|feedetl_sn| *feedetl_sn == line.feedetl_sn)
            });
            // Several clues on one line: the highest stands, for its money counts once.
            let amount = |target: &Target| target.line.amount.unwrap_or(place.own);
            let Some(target) = own.max_by_key(|target| amount(target)) else { continue };
            let holder = known.held.get(&(mdtrt_id.0.clone(), line.feedetl_sn.0.clone()));
            match holder {
                Some(_) if target.by_clue => continue,
                Some(case_id) => {
                    let (mdtrt_id, feedetl_sn) = (mdtrt_id.to_string(), line.feedetl_sn.to_string());
                    return Err(Refusal::InAnotherCase { mdtrt_id, feedetl_sn, case_id: case_id.clone() }.into());
                }
                None => {}
            }
            let asked = amount(target);
            let disputed = if target.by_clue { asked.min(place.own) } else { asked };
            if disputed <= Fen::ZERO || disputed > place.own {
                let feedetl_sn = line.feedetl_sn.to_string();
                return Err(Refusal::TooMuch { feedetl_sn, asked, most: place.own }.into());
            }
            self.lines.push(DisputedLine {
                case_id: self.case_id.to_owned(),
                no: self.lines.len() as i64 + 1,
                psn_no: psn_no.clone(),
                mdtrt_id: mdtrt_id.clone(),
                setl_id: settlement.setl_id.clone(),
                insutype: settlement.insutype.clone(),
                clr_type: settlement.clr_type.clone(),
                feedetl_sn: line.feedetl_sn.clone(),
                med_list_codg: line.med_list_codg.clone(),
                practitioner: practitioner(line, visit),
                rule: target.rule.clone(),
                rule_version: target.version.clone(),
                place: place.clone(),
                disputed,
                state: LineState::Open,
                decided: Fen::ZERO,
                by_fund: Vec::new(),
                article: String::new(),
                reason: String::new(),
            });
        }
        unknown_lines(targets, &lines)
    }
}

/// A line that is named by hand must be there, and be in scope.
fn unknown_lines(targets: &[&Target], lines: &[claim::Line]) -> Result<(), JourneyError> {
    for target in targets.iter().filter(|target| !target.by_clue) {
        let Some(feedetl_sn) = &target.line.feedetl_sn else { continue };
        let line = lines.iter().find(|line| line.feedetl_sn == *feedetl_sn);
        if line.is_none_or(|line| line.inscp_scp_amt <= Fen::ZERO) {
            let asked = target.line.amount.unwrap_or_default();
            let most = line.map_or(Fen::ZERO, |line| line.inscp_scp_amt);
            return Err(Refusal::TooMuch { feedetl_sn: feedetl_sn.to_string(), asked, most }.into());
        }
    }
    Ok(())
}

/// 开单医师, 医嘱医师, or the visit's own.
fn practitioner(line: &claim::Line, visit: &claim::Visit) -> String {
    let of_line = ["bilg_dr_codg", "orders_dr_code"].iter().filter_map(|name| line.fields.get(*name));
    let of_visit = ["atddr_no", "chfpdr_code", "dr_codg"].iter().filter_map(|name| visit.particulars.get(*name));
    of_line.chain(of_visit).find(|code| !code.is_empty()).cloned().unwrap_or_default()
}

/// The place of each line in its settlement: refunds are taken off the lines they refund; what is
/// left below nothing has no place.
pub(super) fn places(lines: &[claim::Line], funds: Vec<(String, Fen)>) -> Vec<Place> {
    let net = |line: &claim::Line| -> Fen {
        if line.init_feedetl_sn.is_some() {
            return Fen::ZERO;
        }
        let refunds = lines.iter().filter(|other| other.init_feedetl_sn.as_ref() == Some(&line.feedetl_sn));
        (line.inscp_scp_amt + refunds.map(|refund| refund.inscp_scp_amt).sum()).max(Fen::ZERO)
    };
    let own: Vec<Fen> = lines.iter().map(net).collect();
    let total = own.iter().copied().sum();
    let mut before = Fen::ZERO;
    own.into_iter()
        .map(|own| {
            let place = Place { before, own, total, funds: funds.clone() };
            before += own;
            place
        })
        .collect()
}

impl Centre {
    /// What each fund and the accounts paid for a settlement; what the hospital bears is not
    /// anybody's to get back.
    pub(super) fn funds_of(&self, settlement: &claim::Settlement) -> Result<Vec<(String, Fen)>, JourneyError> {
        let decision = Decision::read(settlement)?;
        let mut funds = BTreeMap::<String, Fen>::new();
        for row in decision.detail {
            if self.books.role(&row.fund_pay_type) != FundRole::Hospital && row.fund_payamt > Fen::ZERO {
                *funds.entry(row.fund_pay_type).or_default() += row.fund_payamt;
            }
        }
        Ok(funds.into_iter().collect())
    }
}
