//! What a citizen's pages show besides a settlement.

use std::sync::Arc;

use credential::{Code, Relation, State};
use db::Tx;
use enrolment::{Filing, Standing};
use jiff::ToSpan;
use journeys::{Counter, JourneyError};
use serde::Serialize;
use terms::{Date, DateTime, PersonId};
use utoipa::ToSchema;

use crate::Named;
use crate::frame::Console;
use crate::routes::credential::shown;
use crate::words;

/// 参保记录.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyCoverage {
    /// 险种 in words.
    scheme: String,
    scheme_english: String,
    /// 参保状态: `active` or `paused`.
    status: &'static str,
    begin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    /// 单位名称.
    employer: String,
}

/// 共济: whose account a person may use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyGiver {
    /// 姓名 of the giver; empty for somebody who is not registered here.
    name: String,
    begin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    /// 分: limit a year; none is without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    year_limit_amount: Option<i64>,
    /// 分: what the account holds.
    balance_amount: i64,
}

/// 备案.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyFiling {
    id: String,
    /// 备案种类 in words.
    kind: String,
    kind_english: String,
    /// Disease or place.
    about: String,
    begin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    /// `active`, `ended`, `future` or `cancelled`.
    state: &'static str,
}

/// Somebody the entry shows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyShown {
    person: String,
    name: String,
    /// `self`, `guardian` or `family`.
    relation: &'static str,
    /// Whether this session may see their pages too; a relative's code can be shown without that.
    pages: bool,
}

/// 我的.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    person: String,
    name: String,
    certificate: String,
    born: String,
    coverage: Vec<MyCoverage>,
    /// 分: 个人账户余额.
    balance_amount: i64,
    givers: Vec<MyGiver>,
    filings: Vec<MyFiling>,
    /// Whom the signed-in person's entry shows, themselves first.
    shown: Vec<MyShown>,
    /// 电子凭证: `none`, `active`, `suspended` or `revoked`.
    credential: &'static str,
}

/// The person's own things.
pub(super) fn me(
    console: &Console,
    tx: &mut dyn Tx,
    own: &PersonId,
    psn_no: &PersonId,
    today: Date,
) -> Result<Me, JourneyError> {
    let Standing { person, coverage, filings, givers, balance, .. } = journeys::person(tx, psn_no)?;
    let held = credential::of_person(tx, psn_no)?;
    let mut givers_told = Vec::new();
    for giver in givers {
        let known = enrolment::standing(tx, &giver.giver)?;
        givers_told.push(MyGiver {
            name: known.map(|known| known.person.psn_name).unwrap_or_default(),
            begin: giver.period.begin.to_string(),
            end: giver.period.end.map(|end| end.to_string()),
            year_limit_amount: giver.year_lmt.map(|limit| limit.0),
            balance_amount: giver.balc.0,
        });
    }
    let coverage = coverage.into_iter().map(|row| {
        let scheme = console.schemes.get(&row.insutype).cloned();
        let scheme = scheme.unwrap_or_else(|| Named { name: row.insutype.clone(), english: row.insutype.clone() });
        MyCoverage {
            scheme: scheme.name,
            scheme_english: scheme.english,
            status: if row.psn_insu_stas == "2" { "paused" } else { "active" },
            begin: row.period.begin.to_string(),
            end: row.period.end.map(|end| end.to_string()),
            employer: row.emp_name.unwrap_or_default(),
        }
    });
    Ok(Me {
        coverage: coverage.collect(),
        person: person.psn_no.0,
        name: person.psn_name,
        certificate: person.certno,
        born: person.brdy.to_string(),
        balance_amount: balance.0,
        givers: givers_told,
        filings: filings.iter().map(|filing| filing_told(filing, today)).collect(),
        shown: shown_told(tx, own)?,
        credential: held.map_or("none", |held| state_word(held.state)),
    })
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Suspended => "suspended",
        State::Revoked => "revoked",
    }
}

fn shown_told(tx: &mut dyn Tx, own: &PersonId) -> Result<Vec<MyShown>, JourneyError> {
    if credential::of_person(tx, own)?.is_none() {
        let name = journeys::person(tx, own)?.person.psn_name;
        return Ok(vec![MyShown { person: own.0.clone(), name, relation: "self", pages: true }]);
    }
    let rows = journeys::shown_by(tx, own)?.into_iter().map(|row| MyShown {
        person: row.psn_no.0,
        name: row.psn_name,
        relation: row.relation.map_or("self", relation_word),
        pages: row.relation != Some(Relation::Family),
    });
    Ok(rows.collect())
}

fn relation_word(relation: Relation) -> &'static str {
    match relation {
        Relation::Guardian => "guardian",
        Relation::Family => "family",
    }
}

fn filing_told(filing: &Filing, today: Date) -> MyFiling {
    let (kind, kind_english) = match filing.kind.as_str() {
        "opsp" => ("门诊慢特病", "chronic disease"),
        "refl" => ("转诊转院", "referral"),
        "resid" => ("异地长期居住", "residence elsewhere"),
        "trum" => ("外伤", "injury"),
        "matn" => ("生育", "maternity"),
        other => (other, other),
    };
    let disease = filing
        .dise_codg
        .as_ref()
        .map(|code| filing.fields.get("opsp_dise_name").cloned().unwrap_or_else(|| code.0.clone()));
    let place = filing.admdvs.as_ref().map(|area| area.0.clone());
    let state = if filing.cancelled {
        "cancelled"
    } else if filing.period.begin > today {
        "future"
    } else if filing.period.covers(today) {
        "active"
    } else {
        "ended"
    };
    MyFiling {
        id: filing.filing_id.0.clone(),
        kind: kind.to_owned(),
        kind_english: kind_english.to_owned(),
        about: disease.or(place).unwrap_or_default(),
        begin: filing.period.begin.to_string(),
        end: filing.period.end.map(|end| end.to_string()),
        state,
    }
}

/// 账户明细.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyMovement {
    at: String,
    /// 分: positive came in.
    amount: i64,
    /// `opening`, `credit`, `settlement`, `reversal` or what else the ledger says.
    about: String,
    /// The transfer, which is the settlement where it is one.
    transfer: String,
    /// Whose care it paid: another than the owner's when a relative used the account.
    person: String,
}

pub(super) fn movement(row: ledger::Movement) -> MyMovement {
    MyMovement {
        at: shown(row.at),
        amount: row.amount.0,
        about: row.about,
        transfer: row.transfer_id,
        person: row.psn_no.0,
    }
}

/// 就诊.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyVisit {
    visit: String,
    /// 机构名称.
    institution: String,
    /// 医疗类别 in words.
    kind: String,
    kind_english: String,
    begin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    /// The settlement that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<String>,
    /// 分.
    total_amount: i64,
    /// 分.
    fund_amount: i64,
    /// 分: from accounts and in cash.
    own_amount: i64,
}

/// Visits that began, latest first.
pub(super) fn visits(console: &Console, tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<MyVisit>, JourneyError> {
    let history = claim::history(tx, psn_no)?;
    let mut rows: Vec<&claim::Visit> =
        history.visits.iter().filter(|visit| visit.state == claim::VisitState::Begun).collect();
    rows.sort_by_key(|visit| std::cmp::Reverse(visit.begntime));
    let told = rows.into_iter().map(|visit| {
        let settled = history.settled(&visit.mdtrt_id);
        let amount = |of: fn(&claim::Settlement) -> i64| settled.map_or(0, of);
        let (kind, kind_english) = words::med_type(&visit.med_type);
        MyVisit {
            visit: visit.mdtrt_id.0.clone(),
            institution: institution_name(console, visit.fixmedins_code.as_str(), visit.begntime.date()),
            kind: kind.to_owned(),
            kind_english: kind_english.to_owned(),
            begin: shown(visit.begntime),
            end: visit.endtime.map(shown),
            settlement: settled.map(|row| row.setl_id.0.clone()),
            total_amount: amount(|row| row.medfee_sumamt.0),
            fund_amount: amount(|row| row.fund_pay_sumamt.0),
            own_amount: amount(|row| row.acct_pay.0 + row.psn_cash_pay.0),
        }
    });
    Ok(told.collect())
}

/// 消息.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyMessage)]
pub(super) struct MyMessage {
    at: String,
    /// `settlement`, `reversal`, `filing_ending`, `code_used`, `service`, or `service_asks` for something to do.
    kind: &'static str,
    /// Institution, filing or device.
    about: String,
    /// 分, where it is about money.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// A settlement to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<String>,
    /// An application to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    /// Where it stands, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// A day, where something ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
}

/// Days before its end that a filing is told of.
const SOON: i64 = 60;

/// 消息, derived from what the registers know; nothing is kept for it.
pub(super) fn messages(
    console: &Console,
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    today: Date,
) -> Result<Vec<MyMessage>, JourneyError> {
    let mut told: Vec<(DateTime, MyMessage)> = Vec::new();
    for row in claim::history(tx, psn_no)?.settlements {
        told.push((
            row.setl_time,
            MyMessage {
                at: shown(row.setl_time),
                kind: if row.reverses.is_some() { "reversal" } else { "settlement" },
                about: institution_name(console, row.fixmedins_code.as_str(), row.setl_time.date()),
                amount: Some(row.fund_pay_sumamt.0),
                settlement: Some(row.setl_id.0),
                application: None,
                state: None,
                day: None,
            },
        ));
    }
    let soon = today.saturating_add(SOON.days());
    for filing in journeys::person(tx, psn_no)?.filings.iter().filter(|filing| !filing.cancelled) {
        let Some(end) = filing.period.end.filter(|end| *end >= today && *end <= soon) else { continue };
        let known = filing_told(filing, today);
        let since = end.saturating_sub(SOON.days()).at(9, 0, 0, 0);
        told.push((
            since,
            MyMessage {
                at: shown(since),
                kind: "filing_ending",
                about: format!("{} {}", known.kind, known.about).trim().to_owned(),
                amount: None,
                settlement: None,
                application: None,
                state: None,
                day: Some(end.to_string()),
            },
        ));
    }
    for code in credential::uses_of(tx, psn_no, 20)? {
        // Signing in is the person's own doing; a window's use is news.
        let Some(used) = code_use(console, code).filter(|used| !used.institution.is_empty()) else { continue };
        let at = used.at_time;
        told.push((
            at,
            MyMessage {
                at: shown(at),
                kind: "code_used",
                about: used.institution,
                amount: None,
                settlement: None,
                application: None,
                state: None,
                day: None,
            },
        ));
    }
    let counter = Counter { book: Arc::clone(&console.casebook), services: Arc::clone(&console.services) };
    for row in journeys::messages_of(tx, &counter, psn_no, 20)? {
        told.push((
            row.at,
            MyMessage {
                at: shown(row.at),
                kind: if row.asks { "service_asks" } else { "service" },
                about: row.item,
                amount: None,
                settlement: None,
                application: Some(row.case_id),
                state: Some(row.state),
                day: None,
            },
        ));
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(told.into_iter().map(|(_, row)| row).take(100).collect())
}

/// 用码.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyCodeUse {
    #[serde(skip)]
    at_time: DateTime,
    at: String,
    /// 机构名称; empty for the centre itself.
    institution: String,
    /// `treat`, `settle`, `sign_in` or `bind`.
    #[schema(value_type = String)]
    purpose: credential::Purpose,
    /// 用码业务类型.
    business: String,
    /// The settlement that it paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<String>,
}

pub(super) fn code_use(console: &Console, code: Code) -> Option<MyCodeUse> {
    let used = code.used?;
    let institution = match used.institution.as_str() {
        "" => String::new(),
        known => institution_name(console, known, used.at.date()),
    };
    Some(MyCodeUse {
        at_time: used.at,
        at: shown(used.at),
        institution,
        purpose: code.purpose,
        business: used.business,
        settlement: used.spent.map(|(_, on)| on).filter(|on| !on.is_empty()),
    })
}

/// 设备.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyDevice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) bound_at: String,
}

/// 身份.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyIdentity {
    person: String,
    name: String,
    /// `guardian` or `family`; of somebody not bound yet, what they could be.
    #[schema(value_type = String)]
    relation: Relation,
    /// Since when; none of a child who could be bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_at: Option<String>,
}

/// Who is behind the entry, then children of the family who could be.
pub(super) fn identities(
    console: &Console,
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    today: Date,
) -> Result<Vec<MyIdentity>, JourneyError> {
    let bound = credential::identities_of(tx, psn_no)?;
    let mut told = Vec::new();
    for identity in &bound {
        let name = journeys::person(tx, &identity.member)?.person.psn_name;
        let (person, bound_at) = (identity.member.0.clone(), Some(shown(identity.bound_at)));
        told.push(MyIdentity { person, name, relation: identity.relation, bound_at });
    }
    let Some(office) = &console.centre.credentials else { return Ok(told) };
    let adult = today.saturating_sub(i64::from(office.settings.adult_age).years());
    if journeys::person(tx, psn_no)?.person.brdy > adult {
        return Ok(told);
    }
    for member in enrolment::family_of(tx, psn_no)? {
        let known = bound.iter().any(|identity| identity.member == member.psn_no);
        if known || member.psn_no == *psn_no {
            continue;
        }
        let person = journeys::person(tx, &member.psn_no)?.person;
        if person.brdy > adult {
            let relation = Relation::Guardian;
            told.push(MyIdentity { person: person.psn_no.0, name: person.psn_name, relation, bound_at: None });
        }
    }
    Ok(told)
}

pub(super) fn institution_name(console: &Console, code: &str, day: Date) -> String {
    let known = console.centre.institutions.on(code, day);
    known.map_or_else(|| code.to_owned(), |known| known.name.clone())
}

pub(super) fn fund_name(console: &Console, code: &str) -> Named {
    let known = console.funds.get(code).cloned();
    known.unwrap_or_else(|| Named { name: code.to_owned(), english: code.to_owned() })
}
