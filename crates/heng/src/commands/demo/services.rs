//! 演示的经办: people apply for services, hospitals raise work orders, a claim is entered by hand. Each
//! is an application like any other; what the law refuses stays refused.

use casework::{Actor, Document};
use db::DbError;
use journeys::{Counter, ServiceApplying};
use serde_json::{Value, json};
use terms::{Date, PersonId};

use crate::commands::Problem;
use crate::commands::rules::Bureau;

/// People who apply.
const PEOPLE: i64 = 40;

/// Somebody who applies: number, name and scheme.
struct Applicant {
    psn_no: PersonId,
    name: String,
    insutype: String,
}

/// Applies for services of several kinds in several people's names; how many were accepted.
pub fn apply(bureau: &Bureau, counter: &Counter, (from, to): (Date, Date), today: Date) -> Result<usize, Problem> {
    let people = applicants(bureau, (from, to))?;
    let hospital = "H99990000001";
    let mut asked = Vec::new();
    for (nth, person) in people.iter().enumerate() {
        let own = Actor::of_party(&format!("citizen:{}", person.psn_no), person.psn_no.as_str());
        let (item, answers, materials): (&str, Value, &[&str]) = match nth % 4 {
            0 => (
                "chronic_filing",
                json!({ "dise_codg": "HZM01", "begin": today.to_string(), "hospital": hospital, "note": "长期服药" }),
                &["diagnosis", "tests"],
            ),
            1 => {
                let until = today.checked_add(jiff::Span::new().days(60))?.to_string();
                let answers = json!({ "area": "330100", "begin": today.to_string(), "end": until, "reason": "1" });
                ("temporary_filing", answers, &[])
            }
            2 => (
                "referral",
                json!({
                    "from_hospital": hospital, "area": "330100", "to_hospital": "某省人民医院", "diagnosis": "C34.100",
                    "begin": today.to_string(), "reason": "本市不能开展该手术",
                }),
                &["certificate"],
            ),
            _ => ("manual_claim", claim(person, nth, from), &["receipts", "bill"]),
        };
        let by = if item == "manual_claim" { staff(counter, "clerk")? } else { own };
        asked.push((item, Some(person.psn_no.clone()), answers, materials, by));
    }
    for (title, urgency, described) in [
        ("结算清单上传偶发超时", "2", "下午四点前后 4101A 有时超过三十秒，重发后成功"),
        ("门诊结算回执打印不全", "3", "打印模板缺少家庭共济一栏"),
        ("读卡后查不到参保信息", "1", "1101 返回查无此人，持证件号可以查到"),
    ] {
        let answers = json!({ "title": title, "urgency": urgency, "description": described });
        let by = Actor::of_party(&format!("{hospital}/医保办"), hospital);
        asked.push(("work_fault", None, answers, &[], by));
    }
    let mut accepted = 0;
    for (nth, (item, psn_no, answers, materials, by)) in asked.into_iter().enumerate() {
        let applying = ServiceApplying {
            item: item.to_owned(),
            psn_no,
            key: format!("demo-{nth}"),
            answers: serde_json::from_value(answers)?,
            documents: materials.iter().map(|kind| paper(kind)).collect(),
            by,
            why: String::new(),
        };
        let counter = counter.clone();
        match bureau.deed(move |centre, tx, operation| centre.apply_service(tx, operation, &counter, &applying)) {
            Ok(_) => accepted += 1,
            // Not everybody may have what they ask for: no coverage that day, or filed already.
            Err(refused) => tracing::debug!(item, %refused, "an application of the demo was refused"),
        }
    }
    Ok(accepted)
}

/// A claim for an emergency elsewhere, paid in cash.
fn claim(person: &Applicant, nth: usize, day: Date) -> Value {
    let day = day.to_string();
    let fen = 80_000 + 1_234 * nth;
    let amount = format!("{}.{:02}", fen / 100, fen % 100);
    json!({
        "insutype": person.insutype, "med_type": "13", "reason": "1", "place_name": "某市第一医院", "area": "330100",
        "level": "3", "begin": day, "diagnosis": "急性阑尾炎", "payee": person.name, "bank": "某银行",
        "account": format!("62220202000{nth:05}"),
        "lines": [{ "code": "HZS001", "name": "综合治疗", "date": day, "amount": amount }],
        "receipts": [{ "invoice": format!("3301{nth:04}"), "date": day, "amount": amount }],
    })
}

/// A paper that somebody hands in.
fn paper(kind: &str) -> Document {
    Document::of(kind, "材料.txt", "text/plain", format!("演示材料 {kind}").into_bytes())
}

fn staff(counter: &Counter, role: &str) -> Result<Actor, Problem> {
    let found = counter.book.staff.iter().find(|actor| actor.roles.iter().any(|own| own == role));
    Ok(found.cloned().ok_or_else(|| format!("casework/staff.toml has nobody with the role {role}"))?)
}

/// People with a settlement in the city's days.
fn applicants(bureau: &Bureau, (from, to): (Date, Date)) -> Result<Vec<Applicant>, Problem> {
    let period = (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0));
    bureau.ask(move |tx| -> Result<_, DbError> {
        let mut people = Vec::new();
        for psn_no in claim::persons_settled(tx, &PersonId(String::new()), period, PEOPLE)? {
            let Some(standing) = enrolment::standing(tx, &psn_no)? else { continue };
            let Some(cover) = standing.coverage.first() else { continue };
            let (name, insutype) = (standing.person.psn_name.clone(), cover.insutype.clone());
            people.push(Applicant { psn_no, name, insutype });
        }
        Ok(people)
    })
}
