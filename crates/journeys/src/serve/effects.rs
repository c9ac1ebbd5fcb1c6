//! 办理结果: what an approved application does to the registers, through the journeys that the
//! counter and the national interface use; never a second way to write them.

use std::collections::BTreeMap;

use casework::form::Answers;
use db::Tx;
use enrolment::{Coverage, Filing, Giver};
use operation::Operation;
use serde_json::{Value as Json, json};
use terms::{Date, DateTime, Fen, FilingId, Period, PersonId};

use super::facts::Facts;
use super::formula::Val;
use super::item::EffectRule;
use super::refusal::Refusal;
use crate::dossier::Gathered;
use crate::manual::claim_of;
use crate::{Centre, JourneyError, Settled};

/// Effects: the word, what it must be told, what it may be told besides.
pub(crate) const WORDS: &[(&str, &[&str], &[&str])] = &[
    ("bind", &["receiver", "begin"], &["end", "limit"]),
    ("cancel_filing", &["filing_id"], &[]),
    ("change_employer", &["insutype", "employer", "from"], &[]),
    ("change_person", &[], &["name", "tel", "naty", "cert_type", "certno"]),
    ("file", &["kind", "begin"], &["end", "dise_codg", "admdvs", "fixmedins_code", "refl_rea", "resout_type"]),
    (
        "settle",
        &["insutype", "med_type", "begin", "level", "area"],
        &["end", "account", "dise_codg", "trum_flag", "matn_type", "dscg_way"],
    ),
    ("unbind", &["receiver"], &[]),
];

/// What an effect is told.
pub(crate) struct Told {
    pub word: String,
    with: BTreeMap<String, Val>,
}

impl Told {
    pub fn of(rule: &EffectRule, facts: &Facts<'_>) -> Result<Told, String> {
        let value = |(name, formula): (&String, &super::formula::Formula)| Ok((name.clone(), formula.eval(facts)?));
        Ok(Told { word: rule.word.clone(), with: rule.with.iter().map(value).collect::<Result<_, String>>()? })
    }

    pub fn text(&self, name: &str) -> String {
        self.some(name).unwrap_or_default()
    }

    pub fn some(&self, name: &str) -> Option<String> {
        match self.with.get(name) {
            None | Some(Val::Missing) => None,
            Some(Val::Flag(flag)) => Some(if *flag { "1" } else { "0" }.to_owned()),
            Some(value) => Some(value.words()),
        }
    }

    pub fn date(&self, name: &str) -> Option<Date> {
        if let Some(Val::Date(date)) = self.with.get(name) { Some(*date) } else { None }
    }

    fn day(&self, name: &str) -> Result<Date, JourneyError> {
        self.date(name)
            .ok_or_else(|| JourneyError::Broken(format!("the effect {} was not told a day for {name}", self.word)))
    }

    fn money(&self, name: &str) -> Option<Fen> {
        if let Some(Val::Number(yuan)) = self.with.get(name) { Some(Fen(yuan.to_scaled(2))) } else { None }
    }

    pub fn words(&self) -> BTreeMap<String, String> {
        let known = self.with.iter().filter(|(_, value)| **value != Val::Missing);
        known.map(|(name, value)| (name.clone(), value.words())).collect()
    }

    fn filing(&self, filing_id: &str) -> Result<Filing, JourneyError> {
        let besides = ["fixmedins_code", "refl_rea", "resout_type"];
        let fields = besides.iter().filter_map(|name| Some(((*name).to_owned(), self.some(name)?))).collect();
        Ok(Filing {
            filing_id: FilingId(filing_id.to_owned()),
            kind: self.text("kind"),
            period: Period { begin: self.day("begin")?, end: self.date("end") },
            dise_codg: self.some("dise_codg").map(|code| code.as_str().into()),
            admdvs: self.some("admdvs").map(|code| code.as_str().into()),
            cancelled: false,
            fields,
        })
    }
}

/// What the law itself would refuse, before anything is applied for; a claim's settlement as it
/// would be decided now.
pub(crate) fn trial(
    centre: &Centre,
    told: &Told,
    gathered: &Gathered,
    answers: &Answers,
    day: Date,
) -> Result<Option<Settled>, JourneyError> {
    match told.word.as_str() {
        "file" => {
            let filing = told.filing("")?;
            let asked = crate::filing::as_law(&filing);
            adjudication::file(&centre.law, &gathered.dossier, &asked)?;
        }
        "cancel_filing" => {
            adjudication::cancel_filing(&centre.law, &gathered.dossier, &FilingId(told.text("filing_id")))?;
        }
        "settle" => {
            let claim = claim_of(told, answers)?;
            let at = day.at(23, 59, 59, 0);
            return centre.manual_trial(gathered, "preview", &claim, at).map(Some);
        }
        "change_employer" => {
            current(&gathered.standing.coverage, &told.text("insutype"), told.day("from")?)?;
        }
        _ => {}
    }
    Ok(None)
}

/// 现参保记录 that ends when the person changes employer.
fn current<'a>(coverage: &'a [Coverage], insutype: &str, from: Date) -> Result<&'a Coverage, Refusal> {
    let fits = |row: &&Coverage| {
        row.insutype == insutype && row.psn_insu_stas == "1" && row.period.covers(from) && row.period.begin < from
    };
    coverage.iter().find(fits).ok_or_else(|| Refusal::NotCovered { insutype: insutype.to_owned() })
}

/// The case for which an effect is carried out.
pub(crate) struct For<'a> {
    pub case_id: &'a str,
    pub psn_no: &'a PersonId,
    pub answers: &'a Answers,
    pub at: DateTime,
}

impl Centre {
    /// Carries an effect out, once: the caller holds the case. What it gave, for the record.
    pub(crate) fn carry_out_word(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        case: &For<'_>,
        told: &Told,
    ) -> Result<Json, JourneyError> {
        let For { case_id, psn_no, at, .. } = *case;
        match told.word.as_str() {
            "file" => {
                let filing_id = self.file(tx, operation, psn_no, &told.filing(case_id)?, at)?;
                Ok(json!({ "filing_id": filing_id }))
            }
            "cancel_filing" => {
                let filing_id = FilingId(told.text("filing_id"));
                self.cancel_filing(tx, operation, psn_no, &filing_id, at)?;
                Ok(json!({ "cancelled": filing_id }))
            }
            "bind" => {
                let giver = Giver {
                    giver: psn_no.clone(),
                    period: Period { begin: told.day("begin")?, end: told.date("end") },
                    year_lmt: told.money("limit"),
                    balc: Fen::ZERO,
                };
                let receiver = PersonId(told.text("receiver"));
                self.authorise_family(tx, operation, &receiver, &giver, case_id)?;
                Ok(json!({ "receiver": receiver }))
            }
            "unbind" => {
                let receiver = PersonId(told.text("receiver"));
                self.end_family_authorisation(tx, operation, &receiver, psn_no, case_id)?;
                Ok(json!({ "receiver": receiver }))
            }
            "change_person" => self.change_person(tx, operation, case, told),
            "change_employer" => self.change_employer(tx, operation, case, told),
            "settle" => {
                let claim = claim_of(told, case.answers)?;
                let settled = self.manual_settle(tx, operation, psn_no, case_id, &claim)?;
                let heads = &settled.settlement.heads;
                Ok(json!({
                    "setl_id": settled.setl_id, "mdtrt_id": settled.visit.mdtrt_id,
                    "fixmedins_code": settled.visit.fixmedins_code, "medfee_sumamt": heads.medfee_sumamt,
                    "owed": heads.fund_pay_sumamt + heads.acct_pay, "psn_cash_pay": heads.psn_cash_pay,
                }))
            }
            other => Err(JourneyError::Broken(format!("no effect is called “{other}”"))),
        }
    }

    /// Undoes what an effect did, where that can be undone.
    pub(crate) fn undo_effect(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        case: &For<'_>,
        word: &str,
        result: &Json,
    ) -> Result<Option<Json>, JourneyError> {
        let text = |name: &str| result.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        match word {
            "file" => {
                self.cancel_filing(tx, operation, case.psn_no, &FilingId(text("filing_id")), case.at)?;
                Ok(Some(json!({ "cancelled": text("filing_id") })))
            }
            "bind" => {
                let receiver = PersonId(text("receiver"));
                self.end_family_authorisation(
                    tx,
                    operation,
                    &receiver,
                    case.psn_no,
                    &format!("{}/undone", case.case_id),
                )?;
                Ok(Some(json!({ "ended": receiver })))
            }
            "settle" => {
                let reversed =
                    self.manual_reverse(tx, operation, case.psn_no, &text("setl_id"), &text("fixmedins_code"))?;
                Ok(Some(json!({ "reverses": text("setl_id"), "setl_id": reversed.setl_id })))
            }
            _ => Ok(None),
        }
    }

    /// 共济授权 by the giver: both are held, and the change is told.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`], [`crate::Own::GiverIsReceiver`], [`crate::Own::AlreadyAuthorised`].
    pub fn authorise_family(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        receiver: &PersonId,
        giver: &Giver,
        reference: &str,
    ) -> Result<(), JourneyError> {
        let mut held = [receiver.clone(), giver.giver.clone()];
        held.sort();
        operation::lock_persons(tx, &held)?;
        let standing = crate::person(tx, receiver)?;
        let day = giver.period.begin.max(operation.received_at.date());
        let before = standing.givers.iter().find(|row| row.giver == giver.giver);
        match before {
            Some(row) if row.period.end.is_none_or(|end| end >= day) => {
                return Err(crate::Own::AlreadyAuthorised { giver: giver.giver.to_string() }.into());
            }
            Some(_) => drop(enrolment::renew_giver(tx, receiver, giver)?),
            None => crate::authorise(tx, receiver, giver)?,
        }
        let body = json!({
            "psn_no": receiver, "giver": giver.giver, "begndate": giver.period.begin.to_string(),
            "enddate": giver.period.end.map(|end| end.to_string()), "year_lmt": giver.year_lmt,
        });
        Ok(operation::feed::append(tx, &[self.changed(operation, "mutual_aid", reference, receiver, &body)])?)
    }

    /// 解除共济授权, from this day on.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorised`].
    pub fn end_family_authorisation(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        receiver: &PersonId,
        giver: &PersonId,
        reference: &str,
    ) -> Result<(), JourneyError> {
        let mut held = [receiver.clone(), giver.clone()];
        held.sort();
        operation::lock_persons(tx, &held)?;
        let today = operation.received_at.date();
        let last = today.yesterday().unwrap_or(today);
        if !enrolment::end_giver(tx, receiver, giver, last)? {
            return Err(Refusal::NotAuthorised { receiver: receiver.to_string() }.into());
        }
        let body = json!({ "psn_no": receiver, "giver": giver, "enddate": last.to_string() });
        Ok(operation::feed::append(tx, &[self.changed(operation, "mutual_aid", reference, receiver, &body)])?)
    }

    fn change_person(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        case: &For<'_>,
        told: &Told,
    ) -> Result<Json, JourneyError> {
        operation::lock_persons(tx, std::slice::from_ref(case.psn_no))?;
        let mut person = crate::person(tx, case.psn_no)?.person;
        let mut changed = Vec::new();
        let mut put = |name: &'static str, place: &mut String| {
            if let Some(new) = told.some(name).filter(|new| *new != *place) {
                *place = new;
                changed.push(name);
            }
        };
        put("name", &mut person.psn_name);
        put("tel", &mut person.tel);
        put("naty", &mut person.naty);
        put("cert_type", &mut person.psn_cert_type);
        put("certno", &mut person.certno);
        let holder = enrolment::by_certificate(tx, &person.psn_cert_type, &person.certno)?;
        if holder.is_some_and(|holder| holder != *case.psn_no) {
            return Err(Refusal::CertificateTaken.into());
        }
        enrolment::change_person(tx, &person)?;
        let body = json!({ "psn_no": case.psn_no, "changed": changed });
        operation::feed::append(tx, &[self.changed(operation, "person_changed", case.case_id, case.psn_no, &body)])?;
        Ok(json!({ "changed": changed }))
    }

    fn change_employer(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        case: &For<'_>,
        told: &Told,
    ) -> Result<Json, JourneyError> {
        let (insutype, from) = (told.text("insutype"), told.day("from")?);
        operation::lock_persons(tx, std::slice::from_ref(case.psn_no))?;
        let standing = crate::person(tx, case.psn_no)?;
        let row = current(&standing.coverage, &insutype, from)?;
        let emp_no = told.text("employer");
        let employer = enrolment::employer(tx, &emp_no)?.ok_or(Refusal::EmployerUnknown { emp_no })?;
        let last = from.yesterday().unwrap_or(from);
        enrolment::end_coverage(tx, case.psn_no, &insutype, row.period.begin, last)?;
        let next = Coverage {
            period: Period { begin: from, end: row.period.end },
            emp_no: Some(employer.emp_no.clone()),
            emp_name: None,
            ..row.clone()
        };
        enrolment::add_coverage(tx, case.psn_no, &next)?;
        let body = json!({
            "psn_no": case.psn_no, "insutype": insutype, "from": from.to_string(),
            "before": row.emp_no, "emp_no": employer.emp_no,
        });
        operation::feed::append(tx, &[self.changed(operation, "coverage_changed", case.case_id, case.psn_no, &body)])?;
        Ok(json!({ "emp_no": employer.emp_no, "from": from.to_string() }))
    }
}
