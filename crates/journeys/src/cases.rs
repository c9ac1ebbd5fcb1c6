//! 办案: what every kind of case shares: it is opened, a step is taken, and each is recorded,
//! sealed in the evidence log and told in the change feed, in one transaction. What a step does
//! besides is its caller's (`inquire` for audit cases).

use std::sync::Arc;

use casework::{Asked, Calendar, Case, Decision, Document, Opening, Procedure, Procedures, Taken, operations};
use db::Tx;
use evidence::bundle;
use operation::Operation;
use serde_json::{Value, json};
use terms::show_time;

use crate::{Centre, JourneyError, Own};

/// A case that the deed holds, with the version of the procedure to which it is bound.
pub(crate) struct Held {
    pub case: Case,
    pub procedure: Arc<Procedure>,
}

/// Holds a case until the deed ends.
pub(crate) fn hold(tx: &mut dyn Tx, procedures: &Procedures, case_id: &str) -> Result<Held, JourneyError> {
    operations::hold(tx, case_id)?;
    read(tx, procedures, case_id)
}

/// A case, not held.
pub(crate) fn read(tx: &mut dyn Tx, procedures: &Procedures, case_id: &str) -> Result<Held, JourneyError> {
    let case = casework::case(tx, case_id)?;
    let case = case.ok_or_else(|| JourneyError::from(Own::CaseUnknown { case_id: case_id.to_owned() }))?;
    let procedure = bound(procedures, &case)?;
    Ok(Held { case, procedure })
}

/// The version of the procedure to which a case is bound.
pub(crate) fn bound(procedures: &Procedures, case: &Case) -> Result<Arc<Procedure>, JourneyError> {
    let Case { procedure, version, .. } = case;
    let known = procedures.version(procedure, version).ok_or_else(|| {
        JourneyError::Broken(format!(
            "case {} follows procedure {procedure} {version}, which is no longer in the region's folder; put its file back",
            case.case_id
        ))
    })?;
    if known.hash != case.hash {
        return Err(JourneyError::Broken(format!(
            "procedure {procedure} {version} was changed after case {} was opened under it; put the old text back and write the change as a new version",
            case.case_id
        )));
    }
    Ok(Arc::clone(known))
}

/// A step that was decided, with what is filed and sealed with it.
pub(crate) struct Filing<'a> {
    pub asked: &'a Asked,
    pub decision: &'a Decision,
    pub documents: &'a [Document],
    pub more: Value,
}

impl Held {
    /// The same step again: `true` when it was taken before under this key.
    pub fn repeats(&self, asked: &Asked) -> Result<bool, JourneyError> {
        let Some(before) = self.case.steps.iter().find(|taken| taken.key == asked.key) else { return Ok(false) };
        if (&before.step, &before.by) == (&asked.step, &asked.by.id) {
            return Ok(true);
        }
        Err(Own::StepDiffers { case_id: self.case.case_id.clone(), key: asked.key.clone() }.into())
    }
}

impl Centre {
    /// Opens a case: recorded, sealed, told.
    pub(crate) fn open_filed(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        (procedure, calendar): (&Procedure, &Calendar),
        opening: &Opening,
        documents: &[Document],
        more: Value,
    ) -> Result<Case, JourneyError> {
        let case = casework::open(procedure, calendar, opening)?;
        let more = sealed(procedure, &case.steps[0], &case.clocks, &[], more);
        let case = operations::with_seal(case, more.to_string());
        operations::create(tx, &case, documents)?;
        let first = case.steps[0].clone();
        self.file_case_step(tx, operation, &case, &first, documents)?;
        Ok(case)
    }

    /// Takes a step that was decided: recorded, sealed, told.
    pub(crate) fn step_filed(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        held: &Held,
        filing: Filing<'_>,
    ) -> Result<Case, JourneyError> {
        let Filing { asked, decision, documents, more } = filing;
        let taken = operations::taken(asked, decision, String::new());
        let more = sealed(&held.procedure, &taken, &decision.started, &decision.extended, more);
        let taken = Taken { sealed: more.to_string(), ..taken };
        let case = operations::record(tx, &held.case, decision, taken.clone(), documents)?;
        self.file_case_step(tx, operation, &case, &taken, documents)?;
        Ok(case)
    }

    fn file_case_step(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        case: &Case,
        taken: &Taken,
        documents: &[Document],
    ) -> Result<(), JourneyError> {
        let subject = format!("{}/{}", case.case_id, taken.seq);
        let mut salt = [0; 16];
        salt.copy_from_slice(&operation.draw(&format!("salt of case step {subject}"))[..16]);
        let named: Vec<bundle::Document> =
            (1..).zip(documents).map(|(nth, document)| exhibit(taken.seq, nth, document)).collect::<Result<_, _>>()?;
        bundle::file_step(tx, &step(case, taken)?, &named, evidence::Salt(salt))?;
        let told = json!({
            "case_id": case.case_id, "procedure": case.procedure, "version": case.version, "party": case.party,
            "seq": taken.seq, "step": taken.step, "by": taken.by, "role": taken.role, "at": show_time(taken.at),
            "from": taken.from, "to": taken.to, "closed": case.closed, "sealed": read_sealed(taken)?,
        });
        Ok(operation::feed::append(tx, &[self.changed_of_institution(operation, "case_step", &subject, &told)])?)
    }
}

/// What is sealed with a step besides who, when, why, from and to.
fn sealed(
    procedure: &Procedure,
    taken: &Taken,
    started: &[casework::Clock],
    extended: &[(String, terms::Date)],
    more: Value,
) -> Value {
    let clocks: Vec<Value> = started
        .iter()
        .map(|clock| (&clock.id, clock.due))
        .chain(extended.iter().map(|(id, due)| (id, *due)))
        .map(|(id, due)| json!({ "clock": id, "due": due.to_string() }))
        .collect();
    json!({
        "title": procedure.step_name(&taken.step), "role": taken.role, "assigned": taken.assigned, "clocks": clocks,
        "more": more,
    })
}

fn read_sealed(taken: &Taken) -> Result<Value, JourneyError> {
    serde_json::from_str(&taken.sealed).map_err(|error| {
        JourneyError::Broken(format!("what was sealed with step {} cannot be read: {error}", taken.seq))
    })
}

/// A step as the evidence log knows it; made from the record, again and again.
fn step(case: &Case, taken: &Taken) -> Result<bundle::Step, JourneyError> {
    Ok(bundle::Step {
        case: case.case_id.clone(),
        number: u64::try_from(taken.seq).unwrap_or_default(),
        procedure: format!("{} {} {}", case.procedure, case.version, case.hash),
        name: taken.step.clone(),
        by: taken.by.clone(),
        at: show_time(taken.at),
        why: taken.why.clone(),
        from: taken.from.clone(),
        to: taken.to.clone(),
        more: read_sealed(taken)?,
    })
}

/// A document as the evidence log knows it.
fn exhibit(seq: i64, nth: i64, document: &Document) -> Result<bundle::Document, JourneyError> {
    let content = match &document.content {
        Some(bytes) if document.media == Document::PLAIN => {
            bundle::Content::Plain(serde_json::from_slice(bytes).map_err(|error| {
                JourneyError::Broken(format!("the record “{}” of a case is no JSON: {error}", document.name))
            })?)
        }
        Some(bytes) => bundle::Content::file(&document.name, &document.media, bytes),
        None => bundle::Content::Plain(json!({
            "name": document.name, "media": document.media, "sm3": document.digest, "kept": document.reference,
        })),
    };
    Ok(bundle::Document {
        name: format!("{seq}-{nth}"),
        kind: document.kind.clone(),
        title: document.name.clone(),
        version: document.version.clone(),
        content,
    })
}

/// 证据卷宗 of a case: one file that is verified without the centre.
///
/// # Errors
/// [`Own::CaseUnknown`]; [`JourneyError::Broken`] while the last step waits for its checkpoint,
/// or when the registers no longer say what was sealed.
pub fn case_bundle(tx: &mut dyn Tx, case_id: &str) -> Result<bundle::Bundle, JourneyError> {
    let case = casework::case(tx, case_id)?;
    let case = case.ok_or_else(|| JourneyError::from(Own::CaseUnknown { case_id: case_id.to_owned() }))?;
    let documents = casework::documents(tx, case_id)?;
    let of_step = |taken: &Taken| {
        let own = documents.iter().filter(|(seq, _)| *seq == taken.seq);
        let named = (1..).zip(own).map(|(nth, (seq, document))| exhibit(*seq, nth, document));
        Ok::<_, JourneyError>((step(&case, taken)?, named.collect::<Result<Vec<_>, _>>()?))
    };
    let steps = case.steps.iter().map(of_step).collect::<Result<Vec<_>, _>>()?;
    let files = documents.into_iter().filter(|(_, document)| document.media != Document::PLAIN);
    let files: Vec<Vec<u8>> = files.filter_map(|(_, document)| document.content).collect();
    Ok(bundle::build(tx, &steps, &files)?)
}
