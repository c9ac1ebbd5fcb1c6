//! 零星报销: care that a person paid for themselves, settled by the bureau. The same law decides
//! (visit, lines, discharge, settlement, in one deed) and the same records are written; what the
//! funds pay is owed to the person, not to an institution.
//!
//! The place of care may be unknown here. The law asks two things of it, its area and its level;
//! both stand in the code of a stand-in institution ([`stand_in`]), so that an old settlement is
//! worked out again from its record alone. No hospital holds such a code: nobody but the bureau
//! reverses such a settlement, and no month of clearing takes it up.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use adjudication::facts::{
    Bill, CatalogueRow, DischargeRequest, Institution, LineRequest, SettleRequest, VisitRequest,
};
use casework::form::{Answers, plain};
use claim::{Fields, Form};
use db::Tx;
use ledger::{Account, Transfer};
use operation::Operation;
use serde_json::Value as Json;
use terms::{Date, DateTime, Fen, InstitutionId, Period, PersonId, Ratio, SettlementId, VisitId, parse_date};

use crate::dossier::{Gathered, hold_with_givers, law_visit, to_claim_line};
use crate::serve::Told;
use crate::{Centre, JourneyError, Reversed, Settled, Settling};

/// 零星报销 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualClaim {
    /// 险种类型.
    pub insutype: String,
    /// 医疗类别.
    pub med_type: String,
    /// 就诊日期 or 入院日期.
    pub begin: Date,
    /// 出院日期 of a stay.
    pub end: Option<Date>,
    /// 就医地区划.
    pub area: String,
    /// 医保结算等级 of the place of care.
    pub level: String,
    /// 个人账户使用标志.
    pub account: String,
    /// What the law reads besides (`dise_codg`, `trum_flag`, …).
    pub fields: Fields,
    /// 费用明细.
    pub lines: Vec<LineRequest>,
}

const PREFIX: &str = "LX";

/// The code that stands for any institution of an area and a level.
#[must_use]
pub fn stand_in(area: &str, level: &str) -> InstitutionId {
    InstitutionId(format!("{PREFIX}{area}{level}"))
}

/// Whether a code is such a stand-in.
#[must_use]
pub fn is_stand_in(code: &str) -> bool {
    stand_in_institution(code).is_some()
}

/// 代码所指的机构: a hospital of that area and level, at any time.
pub(crate) fn stand_in_institution(code: &str) -> Option<Institution> {
    let (area, level) = code.strip_prefix(PREFIX)?.split_at_checked(6)?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(area) || !digits(level) {
        return None;
    }
    let flags = [("opsp_flag", "1"), ("opt_pool_flag", "0"), ("medins_type", "")];
    Some(Institution {
        fixmedins_code: code.into(),
        name: format!("零星报销（{area}，{level} 级）"),
        hi_setl_lv: level.to_owned(),
        fixmedins_type: "1".to_owned(),
        admdvs: area.to_owned(),
        fields: flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        period: Some(Period::since(Date::constant(1900, 1, 1))),
    })
}

/// The code of what no catalogue has.
const OWN_ITEM: &str = "LX0000";

/// 目录外自费项目: the row of [`OWN_ITEM`], 丙类 and wholly the person's, at any time. Like a
/// stand-in institution it stands for itself, so that an old settlement is worked out again.
pub(crate) fn own_item(code: &str) -> &'static [CatalogueRow] {
    static ROW: LazyLock<[CatalogueRow; 1]> = LazyLock::new(|| {
        [CatalogueRow {
            med_list_codg: OWN_ITEM.into(),
            name: "目录外自费项目".to_owned(),
            chrgitm_lv: "03".to_owned(),
            selfpay: BTreeMap::from([("*".to_owned(), Ratio(10_000))]),
            ceiling: BTreeMap::new(),
            lmt_used_flag: "0".to_owned(),
            qty_lmt: None,
            acct_pay_flag: "0".to_owned(),
            fields: Fields::new(),
            period: Period::since(Date::constant(1900, 1, 1)),
        }]
    });
    if code == OWN_ITEM { &*ROW } else { &[] }
}

/// The claim that an application's form makes.
pub(crate) fn claim_of(told: &Told, answers: &Answers) -> Result<ManualClaim, JourneyError> {
    let unknown = |what: &str| JourneyError::Broken(format!("a claim's form has no {what}"));
    let begin = told.date("begin").ok_or_else(|| unknown("day on which care began"))?;
    let besides = ["dise_codg", "trum_flag", "matn_type"];
    let fields = besides.iter().filter_map(|name| Some(((*name).to_owned(), told.some(name)?))).collect();
    let rows = answers.get("lines").and_then(Json::as_array).ok_or_else(|| unknown("lines"))?;
    let line = |(nth, row): (usize, &Json)| line_of(nth, row, begin);
    Ok(ManualClaim {
        insutype: told.text("insutype"),
        med_type: told.text("med_type"),
        begin,
        end: told.date("end"),
        area: told.text("area"),
        level: told.text("level"),
        account: told.some("account").unwrap_or_else(|| "0".to_owned()),
        fields,
        lines: (1..).zip(rows).map(line).collect::<Result<_, _>>()?,
    })
}

/// One row of the form: `code` (empty: an own item), `name`, `date`, `count`, `price`, `amount`, `approved`.
fn line_of(nth: usize, row: &Json, begin: Date) -> Result<LineRequest, JourneyError> {
    let text = |name: &str| row.get(name).map(plain).unwrap_or_default();
    let number = |name: &str| {
        let given = text(name);
        if given.is_empty() { "1".to_owned() } else { given }
    };
    let wrong =
        |name: &str| JourneyError::Broken(format!("line {nth} of a claim: {name} “{}” is no number", text(name)));
    let code = text("code");
    let code = if code.is_empty() { OWN_ITEM.to_owned() } else { code };
    let amount = Fen(row.get("amount").and_then(Json::as_i64).unwrap_or_default());
    let count: terms::Quantity = number("count").parse().map_err(|_| wrong("count"))?;
    // Without a price of its own, the line is one piece at its amount.
    let price = match text("price").as_str() {
        "" if text("count").is_empty() => {
            terms::Exact::from(amount).over(terms::Exact::whole(100)).map(|yuan| yuan.to_string())
        }
        "" => terms::Exact::from(amount)
            .over(terms::Exact::whole(100))
            .and_then(|yuan| yuan.over(terms::Exact::from(count)))
            .map(|price| price.rounded(6).to_string()),
        given => Some(given.to_owned()),
    };
    let date = row.get("date").and_then(Json::as_str).and_then(parse_date).unwrap_or(begin);
    Ok(LineRequest {
        feedetl_sn: nth.to_string().as_str().into(),
        med_list_codg: code.as_str().into(),
        fee_ocur_time: date.at(12, 0, 0, 0),
        cnt: count,
        pric: price.unwrap_or_default().parse().map_err(|_| wrong("price"))?,
        amount,
        hosp_appr_flag: if row.get("approved").and_then(Json::as_bool) == Some(false) { "2" } else { "1" }.to_owned(),
        init_feedetl_sn: None,
        fields: Fields::from([("name".to_owned(), text("name"))]),
    })
}

impl Centre {
    /// 试算: what the claim would be settled at. Records nothing.
    ///
    /// # Errors
    /// The law's, in the order visit, lines, discharge, settlement.
    pub(crate) fn manual_trial(
        &self,
        gathered: &Gathered,
        label: &str,
        claim: &ManualClaim,
        at: DateTime,
    ) -> Result<Settled, JourneyError> {
        let visit = claim::Visit {
            psn_no: gathered.standing.person.psn_no.clone(),
            mdtrt_id: VisitId(label.to_owned()),
            seq: gathered.history.next_visit(),
            state: claim::VisitState::Begun,
            form: if claim.end.is_some() { Form::Stay } else { Form::Outpatient },
            fixmedins_code: stand_in(&claim.area, &claim.level),
            label: label.to_owned(),
            med_type: claim.med_type.clone(),
            insutype: claim.insutype.clone(),
            begntime: claim.begin.at(8, 0, 0, 0),
            endtime: None,
            fields: claim.fields.clone(),
            kept: Fields::new(),
            particulars: Fields::new(),
            msgid: label.into(),
        };
        self.decide_claim(gathered.clone(), visit, None, claim, at).map(|(_, settled, _)| settled)
    }

    /// Settles the claim of a case: visit, lines and settlement, in the caller's deed.
    pub(crate) fn manual_settle(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        case_id: &str,
        claim: &ManualClaim,
    ) -> Result<Settled, JourneyError> {
        let gathered = hold_with_givers(tx, psn_no)?;
        let request = VisitRequest {
            label: case_id.to_owned(),
            fixmedins_code: stand_in(&claim.area, &claim.level),
            med_type: claim.med_type.clone(),
            insutype: claim.insutype.clone(),
            begntime: claim.begin.at(8, 0, 0, 0),
            fields: claim.fields.clone(),
        };
        let form = if claim.end.is_some() { Form::Stay } else { Form::Outpatient };
        let particulars = Fields::from([("case_id".to_owned(), case_id.to_owned())]);
        let visit = crate::admit::new_visit(operation, &gathered, form, request, Fields::new(), particulars);
        let setl_id = SettlementId(operation.new_id("settlement"));
        let at = operation.received_at;
        let (gathered, settled, settling) = self.decide_claim(gathered, visit, Some(setl_id), claim, at)?;
        let visit = &settled.visit;
        claim::add_visit(tx, visit)?;
        let rows: Vec<_> = settled.lines.iter().map(to_claim_line).collect();
        claim::add_lines(tx, &visit.psn_no, &visit.mdtrt_id, 0, &rows)?;
        self.record_settlement(tx, operation, &settling, &gathered, &settled)?;
        Ok(settled)
    }

    fn decide_claim(
        &self,
        mut gathered: Gathered,
        mut visit: claim::Visit,
        setl_id: Option<SettlementId>,
        claim: &ManualClaim,
        at: DateTime,
    ) -> Result<(Gathered, Settled, Settling), JourneyError> {
        let institution = stand_in_institution(visit.fixmedins_code.as_str()).ok_or_else(|| {
            JourneyError::Broken(format!(
                "a claim needs an area of six digits and a level, not “{}” and “{}”",
                claim.area, claim.level
            ))
        })?;
        let read = law_visit(&visit, &gathered.history);
        visit.kept = self.accept(&gathered.dossier, &read.request)?;
        let mut read = law_visit(&visit, &gathered.history);
        gathered.dossier.visits.push(read.clone());
        let lines = {
            let bill = Some(Bill { visit: &read, institution: &institution, lines: &[] });
            adjudication::charge(&self.law, &gathered.dossier, bill, &claim.lines, &*self.catalogue)?
        };
        if let Some(end) = claim.end {
            let request = DischargeRequest { endtime: end.at(20, 0, 0, 0), fields: Fields::new() };
            let bill = Some(Bill { visit: &read, institution: &institution, lines: &lines });
            adjudication::discharge(&self.law, &gathered.dossier, bill, &request)?;
            visit.endtime = Some(request.endtime);
            read.endtime = visit.endtime;
            if let Some(last) = gathered.dossier.visits.last_mut() {
                *last = read.clone();
            }
        }
        let settling = Settling {
            psn_no: visit.psn_no.clone(),
            mdtrt_id: visit.mdtrt_id.clone(),
            request: SettleRequest {
                setl_time: at,
                medfee_sumamt: lines.iter().map(|line| line.line.amount).sum(),
                acct_used_flag: claim.account.clone(),
                mid_setl_flag: "0".to_owned(),
            },
            particulars: Fields::new(),
        };
        let bill = Some(Bill { visit: &read, institution: &institution, lines: &lines });
        let settlement = adjudication::settle(&self.law, &gathered.dossier, bill, &settling.request, &*self.catalogue)?;
        let settled = self.settled(setl_id, visit, gathered.standing.clone(), lines, settlement);
        Ok((gathered, settled, settling))
    }

    /// Reverses the settlement of a claim: every fen and every total is as before.
    pub(crate) fn manual_reverse(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        setl_id: &str,
        institution: &str,
    ) -> Result<Reversed, JourneyError> {
        // The bureau acts in the stand-in's place: to the law, the sender is where the visit was.
        let own = Operation { institution: institution.into(), ..operation.clone() };
        self.reverse(tx, &own, psn_no, None, &setl_id.into(), operation.received_at)
    }

    /// 支付 to the person of what is owed to them by a settlement, or their paying it back.
    pub(crate) fn pay_person(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        reference: &str,
        amount: Fen,
    ) -> Result<(), JourneyError> {
        if amount.is_zero() {
            return Ok(());
        }
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        let about = if amount > Fen::ZERO { "claim_paid" } else { "claim_repaid" };
        let transfer = Transfer {
            id: reference.to_owned(),
            psn_no: psn_no.clone(),
            at: operation.received_at,
            about: about.to_owned(),
            entries: vec![(Account::Owed(psn_no.clone()), -amount), (Account::Reimbursed(psn_no.clone()), amount)],
        };
        ledger::post(tx, &transfer)?;
        let body = serde_json::json!({ "psn_no": psn_no, "amount": amount, "reference": reference });
        Ok(operation::feed::append(tx, &[self.changed(operation, about, reference, psn_no, &body)])?)
    }
}
