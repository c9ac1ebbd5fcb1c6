//! 申请: what services, manual claims and work orders share: lists, an application with its steps, and
//! who acts on it.

mod told;

use std::sync::Arc;

use access::{Scope, Subject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use casework::form::{Answers, Field};
use casework::{Actor, Document, Listed as ListedCase, Wanted};
use journeys::{Counter, ServiceApplying, ServiceFile, ServiceStep, service_of};
use serde_json::{Map, Value};
use terms::{PersonId, show_time};

use crate::frame::{Caller, Console, Cursor, Fault, Granted, Listed, Paging, Problem};
use told::{ApplicationClock, ApplicationDocument, ApplicationNext, ApplicationStep, ServiceDocument, ServiceOption};
pub(super) use told::{
    ApplicationFile, ApplicationRow, ApplicationSent, ApplicationStepSent, Filter, ServiceAssessment, ServiceItem,
};

pub(super) fn counter(console: &Console) -> Counter {
    Counter { book: Arc::clone(&console.casebook), services: Arc::clone(&console.services) }
}

/// Who acts: the person for whom a citizen speaks, the institution, or somebody of the staff.
pub(super) fn actor(console: &Console, caller: &Caller, scope: &Scope, person: Option<&str>) -> Result<Actor, Problem> {
    let party = match scope {
        Scope::Person(persons) => person.or(persons.first().map(String::as_str)).map(str::to_owned),
        Scope::Institution(code) | Scope::Department { institution: code, .. } => Some(code.clone()),
        Scope::Region => None,
    };
    if let Some(party) = party {
        return Ok(Actor::of_party(&caller.account, &party));
    }
    let known = caller.staff.as_deref().and_then(|id| console.casebook.staff.find(id));
    known.cloned().ok_or_else(|| {
        let detail = [
            "本账号没有对应的办案人员编号；请系统管理员在账号里填写",
            "this account is tied to nobody of the staff; an administrator can enter the number",
        ];
        Problem::new(axum::http::StatusCode::FORBIDDEN, ["没有权限", "not allowed"], detail)
    })
}

/// Whose applications a list may show: the party that it narrows to, or nothing at all.
fn narrowed<P>(grant: &Granted<P>, desk: &str, asked: Option<&str>) -> Result<String, Problem> {
    let own = match grant.scope() {
        Scope::Region => return Ok(asked.unwrap_or_default().to_owned()),
        Scope::Institution(code) | Scope::Department { institution: code, .. } if desk == "workorder" => code.clone(),
        Scope::Person(persons) if desk != "workorder" => {
            let first = persons.first().cloned().unwrap_or_default();
            asked.map_or(first, str::to_owned)
        }
        _ => return Err(Problem::not_found("list 列表")),
    };
    grant.cover(&subject(desk, &own), "party 当事人")?;
    Ok(own)
}

fn subject(desk: &str, party: &str) -> Subject {
    if desk == "workorder" {
        Subject { institution: (!party.is_empty()).then(|| party.to_owned()), ..Subject::default() }
    } else {
        Subject::of_person(party)
    }
}

/// A list of a desk's applications.
pub(super) async fn list<P: Send>(
    console: &Console,
    grant: &Granted<P>,
    desk: &'static str,
    filter: Filter,
    paging: &Paging,
) -> Result<Listed<ApplicationRow>, Problem> {
    let party = narrowed(grant, desk, filter.party.as_deref())?;
    let limit = paging.limit()?;
    let after: Option<String> = paging.cursor()?;
    let wanted = Wanted {
        desk: desk.to_owned(),
        item: filter.item.unwrap_or_default(),
        state: filter.state.unwrap_or_default(),
        party,
        assignee: filter.assignee.unwrap_or_default(),
        closed: filter.closed,
        after: after.unwrap_or_default(),
        limit: i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1,
    };
    let (found, total) = console
        .read(move |tx| Ok((casework::applications(tx, &wanted)?, casework::count_applications(tx, &wanted)?)))
        .await?;
    let counter = counter(console);
    let rows = found.iter().map(|one| row(console, &counter, one)).collect();
    Listed::of(paging, rows, u64::try_from(total).ok(), |row: &ApplicationRow| Cursor::write(&row.case_id))
}

fn row(console: &Console, counter: &Counter, listed: &ListedCase) -> ApplicationRow {
    let application = &listed.application;
    let (item, state_name) = service_of(counter, listed);
    let clock = listed.clocks.iter().min_by_key(|clock| clock.due);
    let procedure = counter.book.procedures.version(&listed.procedure, &listed.procedure_version);
    let named =
        |id: &String| procedure.and_then(|one| one.clock(id)).map_or_else(|| id.clone(), |rule| rule.name.clone());
    ApplicationRow {
        case_id: application.case_id.clone(),
        item: application.item.clone(),
        item_name: item.map_or_else(|| application.item.clone(), |item| item.name.clone()),
        item_english: item.map_or_else(String::new, |item| item.english.clone()),
        subject: listed.subject.clone(),
        party: listed.party.clone(),
        applicant: application.applicant.clone(),
        state: listed.state.clone(),
        state_name: state_name.to_owned(),
        assignee: listed.assignee.clone().unwrap_or_default(),
        closed: listed.closed,
        amount: application.amount.0,
        opened_at: show_time(listed.opened_at),
        due: clock.map_or_else(String::new, |clock| clock.due.to_string()),
        due_name: clock.map_or_else(String::new, |clock| named(&clock.id)),
        overdue: clock.is_some_and(|clock| clock.due < (console.now)().date()),
    }
}

fn row_of_file(console: &Console, counter: &Counter, file: &ServiceFile) -> ApplicationRow {
    let listed = ListedCase {
        application: file.application.clone(),
        procedure: file.case.procedure.clone(),
        procedure_version: file.case.version.clone(),
        subject: file.case.subject.clone(),
        party: file.case.party.clone(),
        state: file.case.state.clone(),
        assignee: file.case.assignee.clone(),
        closed: file.case.closed,
        opened_at: file.case.opened_at,
        clocks: file.case.running().cloned().collect(),
    };
    row(console, counter, &listed)
}

/// An application of a desk, if the asker may see it.
pub(super) async fn file<P>(
    console: &Console,
    grant: &Granted<P>,
    desk: &str,
    case_id: &str,
) -> Result<ServiceFile, Problem> {
    let (id, counter) = (case_id.to_owned(), counter(console));
    let known = console
        .read(move |tx| {
            let known = casework::application(tx, &id)?.is_some();
            if known { journeys::service_file(tx, &counter, &id).map(Some) } else { Ok(None) }
        })
        .await?;
    let nothing = || Problem::not_found("application 申请");
    let file = known.filter(|file| file.application.desk == desk).ok_or_else(nothing)?;
    grant.cover(&subject(desk, &file.case.party), "application 申请")?;
    Ok(file)
}

/// The same, told; reading a person's is recorded.
pub(super) async fn told<P>(
    console: &Console,
    grant: &Granted<P>,
    file: &ServiceFile,
    what: &str,
) -> Result<ApplicationFile, Problem> {
    let party = file.case.party.clone();
    let mut person_name = None;
    if file.item.of_person() {
        grant.reads(console, &[&party], what).await?;
        let psn_no = PersonId(party.clone());
        let standing = console.read(move |tx| journeys::person(tx, &psn_no)).await?;
        person_name = Some(grant.mask_name(&party, &standing.person.psn_name));
    }
    let own = matches!(grant.scope(), Scope::Person(_));
    let form = &file.application.form;
    let form = if own { form.clone() } else { Field::shown(&file.item.fields, form) };
    let counter = counter(console);
    let me = actor(console, grant.caller(), grant.scope(), Some(&party)).ok();
    let staff_name = |id: &str| console.casebook.staff.find(id).map(|person| person.name.clone());
    let steps = file.case.steps.iter().map(|taken| ApplicationStep {
        seq: taken.seq,
        step: taken.step.clone(),
        name: if taken.step == casework::OPEN {
            "申请".to_owned()
        } else {
            file.procedure.step_name(&taken.step).to_owned()
        },
        by: taken.by.clone(),
        by_name: match taken.by.as_str() {
            casework::CLOCK => "逾期".to_owned(),
            casework::AUTOMATIC => "自动办理".to_owned(),
            id => staff_name(id).unwrap_or_else(|| id.to_owned()),
        },
        role: taken.role.clone(),
        at: show_time(taken.at),
        why: taken.why.clone(),
        from: if taken.from.is_empty() { String::new() } else { file.procedure.state_name(&taken.from).to_owned() },
        to: file.procedure.state_name(&taken.to).to_owned(),
        assigned: taken.assigned.as_deref().and_then(staff_name).unwrap_or_default(),
    });
    let possible = file.possible().into_iter().map(|rule| ApplicationNext {
        step: rule.id.clone(),
        name: rule.name.clone(),
        roles: rule.roles.clone(),
        mine: me.as_ref().is_some_and(|me| may(me, rule, file)),
        documents: rule.documents.clone(),
        assignees: rule.assigns.as_ref().map_or_else(Vec::new, |role| {
            let of_role = console.casebook.staff.iter().filter(|person| person.roles.contains(role));
            of_role
                .map(|person| ServiceOption {
                    code: person.id.clone(),
                    name: person.name.clone(),
                    english: String::new(),
                })
                .collect()
        }),
        amends: rule.effect.as_deref() == Some("amend"),
        article: rule.article.clone(),
    });
    let clocks = file.case.clocks.iter().map(|clock| ApplicationClock {
        name: file.procedure.clock(&clock.id).map_or_else(|| clock.id.clone(), |rule| rule.name.clone()),
        due: clock.due.to_string(),
        running: clock.stopped_at.is_none(),
    });
    let mut documents: Vec<ApplicationDocument> = Vec::new();
    for (seq, document) in &file.documents {
        let nth = documents.iter().filter(|one| one.seq == *seq).count() + 1;
        documents.push(ApplicationDocument {
            seq: *seq,
            nth,
            kind: document.kind.clone(),
            name: document.name.clone(),
            media: document.media.clone(),
            digest: document.digest.clone(),
        });
    }
    Ok(ApplicationFile {
        row: row_of_file(console, &counter, file),
        item: ServiceItem::of(&counter, &file.item),
        automatic: file.case.steps.iter().any(|taken| taken.by == casework::AUTOMATIC),
        person_name,
        form: form.into_iter().collect(),
        result: file.application.result.clone(),
        steps: steps.collect(),
        possible: possible.collect(),
        clocks: clocks.collect(),
        documents: documents.into_iter().filter(|one| one.media != Document::PLAIN).collect(),
        procedure: format!("{} {}", file.procedure.name, file.procedure.version),
    })
}

/// Whether a step is somebody's to take, as far as their roles and what they did before say.
fn may(me: &Actor, rule: &casework::StepRule, file: &ServiceFile) -> bool {
    let role = match &me.party {
        Some(_) => rule.roles.iter().any(|role| role == casework::PARTY),
        None => rule.roles.iter().any(|role| role != casework::PARTY && me.roles.contains(role)),
    };
    let assigned = !rule.assigned || file.case.assignee.as_ref() == Some(&me.id);
    let before = file.case.steps.iter().any(|taken| taken.by == me.id && rule.apart_from.contains(&taken.step));
    role && assigned && (rule.assigns.is_some() || !before)
}

fn documents(brought: &[ServiceDocument]) -> Result<Vec<Document>, Problem> {
    let document = |(nth, one): (u32, &ServiceDocument)| {
        let content = STANDARD.decode(&one.content).map_err(|_| {
            let message = "文件内容不是 base64 / the content is not base64".to_owned();
            Problem::faults(vec![Fault { field: "documents".to_owned(), row: Some(nth), message }])
        })?;
        // What is part of the record itself is made here and nowhere else.
        if one.media == Document::PLAIN {
            return Err(Problem::invalid(
                "documents",
                ["文件类型不能是内部类型", "this media type is the centre's own"],
            ));
        }
        Ok(Document::of(&one.kind, &one.name, &one.media, content))
    };
    (1..).zip(brought).map(document).collect()
}

fn answers(form: &Map<String, Value>) -> Answers {
    form.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// An application as the journey takes it.
pub(super) fn asked<P>(
    console: &Console,
    grant: &Granted<P>,
    item: &str,
    sent: &ApplicationSent,
    desk: &str,
) -> Result<ServiceApplying, Problem> {
    let known = console.services.on(item, (console.now)().date()).filter(|known| known.desk == desk);
    if known.is_none() {
        return Err(Problem::not_found("item 事项"));
    }
    let person = match (desk, &sent.person, grant.scope()) {
        ("workorder", ..) => None,
        (_, Some(person), _) => Some(person.clone()),
        (_, None, Scope::Person(persons)) => persons.first().cloned(),
        _ => return Err(Problem::invalid("person", ["请填写人员编号", "say for which person"])),
    };
    if let Some(person) = &person {
        grant.cover(&Subject::of_person(person), "person 参保人")?;
    }
    Ok(ServiceApplying {
        item: item.to_owned(),
        by: actor(console, grant.caller(), grant.scope(), person.as_deref())?,
        psn_no: person.map(PersonId),
        key: sent.key.clone(),
        answers: answers(&sent.form),
        documents: documents(&sent.documents)?,
        why: sent.why.clone(),
    })
}

/// 预审.
pub(super) async fn assess<P>(
    console: &Console,
    grant: &Granted<P>,
    item: &str,
    sent: &ApplicationSent,
    desk: &str,
) -> Result<ServiceAssessment, Problem> {
    let asked = asked(console, grant, item, sent, desk)?;
    let (centre, counter, day) = (console.centre.clone(), counter(console), (console.now)().date());
    let found = console.read(move |tx| centre.assess_service(tx, &counter, &asked, day)).await?;
    Ok(ServiceAssessment::of(console, &found))
}

/// 申请.
pub(super) async fn apply<P>(
    console: &Console,
    grant: &Granted<P>,
    item: &str,
    sent: &ApplicationSent,
    desk: &str,
) -> Result<ApplicationFile, Problem> {
    if sent.key.trim().is_empty() {
        return Err(Problem::invalid("key", ["请给出本次申请的唯一标识", "draw a key for this application"]));
    }
    let asked = asked(console, grant, item, sent, desk)?;
    let operation = console.operation(grant.caller(), desk);
    let (centre, counter) = (console.centre.clone(), counter(console));
    let made = console.deed(move |tx| centre.apply_service(tx, &operation, &counter, &asked)).await?;
    told(console, grant, &made.file, "service application").await
}

/// 办理 of a step.
pub(super) async fn step<P>(
    console: &Console,
    grant: &Granted<P>,
    desk: &str,
    case_id: &str,
    sent: &ApplicationStepSent,
) -> Result<ApplicationFile, Problem> {
    let before = file(console, grant, desk, case_id).await?;
    if sent.key.trim().is_empty() {
        return Err(Problem::invalid("key", ["请给出本次操作的唯一标识", "draw a key for this step"]));
    }
    let assign_to =
        match &sent.assign_to {
            None => None,
            Some(id) => Some(console.casebook.staff.find(id).cloned().ok_or_else(|| {
                Problem::invalid("assign_to", [format!("没有办案人员 {id}"), format!("nobody is {id}")])
            })?),
        };
    let asked = ServiceStep {
        case_id: case_id.to_owned(),
        step: sent.step.clone(),
        key: sent.key.clone(),
        by: actor(console, grant.caller(), grant.scope(), Some(&before.case.party))?,
        why: sent.why.clone(),
        assign_to,
        documents: documents(&sent.documents)?,
        answers: sent.form.as_ref().map(answers),
    };
    let operation = console.operation(grant.caller(), desk);
    let (centre, counter) = (console.centre.clone(), counter(console));
    let after = console.deed(move |tx| centre.serve_step(tx, &operation, &counter, &asked)).await?;
    told(console, grant, &after, "service step").await
}
