//! 2001 人员待遇享受检查: would a visit be accepted, and which funds would pay for it.

use adjudication::Stop;
use adjudication::facts::{
    Bill, CatalogueRow, DischargeRequest, Fields, Items, LineRequest, SettleRequest, Visit, VisitRequest,
};
use db::Tx;
use std::collections::BTreeMap;
use terms::{Date, DateTime, Fen, InstitutionId, Period, PersonId, Quantity, Ratio, UnitPrice, VisitId};

use crate::dossier::gather;
use crate::{Centre, JourneyError, coverage_on};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitlementQuestion {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 险种类型.
    pub insutype: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 医疗类别.
    pub med_type: String,
    /// 开始时间.
    pub begntime: DateTime,
    /// What the law reads besides (`dise_codg`, `matn_type`, …).
    pub fields: Fields,
}

/// 待遇: whether one fund would pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// 基金支付类型.
    pub fund_pay_type: String,
    /// 待遇享受标志.
    pub entitled: bool,
    /// 开始日期: of the coverage, or the day asked for.
    pub begin: Date,
    /// 结束日期.
    pub end: Option<Date>,
    /// The law's reason why not; empty when entitled.
    pub reason: String,
}

impl Centre {
    /// 2001: lets the law open the visit and settle a very large bill of one wholly payable
    /// item, as a trial; a fund that pays something of it is one the person enjoys. One
    /// answer for each fund that the region lists for the scheme.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`].
    pub fn entitlement(&self, tx: &mut dyn Tx, asked: &EntitlementQuestion) -> Result<Vec<Entitlement>, JourneyError> {
        let gathered = gather(tx, &asked.psn_no)?;
        let paying = match self.would_pay(&gathered.dossier, asked) {
            Ok(funds) => Ok(funds),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(broken @ Stop::Broken(_)) => return Err(broken.into()),
        };
        let day = asked.begntime.date();
        let coverage = coverage_on(&gathered.standing, &asked.insutype, day);
        let period = coverage.map_or(Period::since(day), |row| row.period);
        let mut funds = self.books.funds.get(&asked.insutype).cloned().unwrap_or_default();
        if let Ok(paying) = &paying {
            funds.extend(paying.iter().filter(|fund| !funds.contains(fund)).cloned().collect::<Vec<_>>());
        }
        let answer = |fund_pay_type: String| {
            let (entitled, reason) = match &paying {
                Ok(paying) if paying.contains(&fund_pay_type) => (true, String::new()),
                Ok(_) => (false, "本次就诊不享受该项待遇 / this fund does not pay for such a visit".to_owned()),
                Err(refusal) => (false, format!("[{}] {}", refusal.code, refusal.message)),
            };
            Entitlement { fund_pay_type, entitled, begin: period.begin, end: period.end, reason }
        };
        Ok(funds.into_iter().map(answer).collect())
    }

    fn would_pay(
        &self,
        dossier: &adjudication::facts::Dossier,
        asked: &EntitlementQuestion,
    ) -> Result<Vec<String>, Stop> {
        let institution = self.institutions.on(asked.fixmedins_code.as_str(), asked.begntime.date());
        let request = VisitRequest {
            label: ASKED.to_owned(),
            fixmedins_code: asked.fixmedins_code.clone(),
            med_type: asked.med_type.clone(),
            insutype: asked.insutype.clone(),
            begntime: asked.begntime,
            fields: asked.fields.clone(),
        };
        let kept = adjudication::open_visit(&self.law, dossier, institution.as_deref(), &request)?.kept;
        let Some(institution) = institution else { return Ok(Vec::new()) };
        let mut visit = Visit { mdtrt_id: VisitId(ASKED.to_owned()), request, endtime: None, kept, settled: None };
        let mut dossier = dossier.clone();
        dossier.visits.push(visit.clone());
        let schemes = self.books.funds.keys().chain([&asked.insutype]);
        let items = OneItem(vec![payable_item(schemes)]);
        let bill = Bill { visit: &visit, institution: &institution, lines: &[] };
        let lines = adjudication::charge(&self.law, &dossier, Some(bill), &[large_line(asked.begntime)], &items)?;
        let leaving = DischargeRequest { endtime: asked.begntime, fields: asked.fields.clone() };
        let bill = Bill { visit: &visit, institution: &institution, lines: &lines };
        if adjudication::discharge(&self.law, &dossier, Some(bill), &leaving).is_ok() {
            visit.endtime = Some(asked.begntime);
            if let Some(last) = dossier.visits.last_mut() {
                *last = visit.clone();
            }
        }
        let settling = SettleRequest {
            setl_time: asked.begntime,
            medfee_sumamt: LARGE,
            acct_used_flag: "1".to_owned(),
            mid_setl_flag: "0".to_owned(),
        };
        let bill = Bill { visit: &visit, institution: &institution, lines: &lines };
        let settlement = adjudication::settle(&self.law, &dossier, Some(bill), &settling, &items)?;
        let paying = settlement.detail.into_iter().filter(|row| row.fund_payamt > Fen::ZERO);
        Ok(paying.map(|row| row.fund_pay_type).collect())
    }
}

/// The name of the visit and the item that are only asked about.
const ASKED: &str = "2001";
/// Ten million yuan, which reaches every layer.
const LARGE: Fen = Fen(1_000_000_000);

struct OneItem(Vec<CatalogueRow>);

impl Items for OneItem {
    fn rows(&self, code: &str) -> &[CatalogueRow] {
        if code == ASKED { &self.0 } else { &[] }
    }
}

/// 甲类, without ceiling, quota or restriction, payable from an account.
fn payable_item<'a>(schemes: impl Iterator<Item = &'a String>) -> CatalogueRow {
    CatalogueRow {
        med_list_codg: ASKED.into(),
        name: "待遇检查".to_owned(),
        chrgitm_lv: "01".to_owned(),
        selfpay: schemes.map(|scheme| (scheme.clone(), Ratio(0))).collect(),
        ceiling: BTreeMap::new(),
        lmt_used_flag: "0".to_owned(),
        qty_lmt: None,
        acct_pay_flag: "1".to_owned(),
        fields: Fields::new(),
        period: Period { begin: Date::MIN, end: None },
    }
}

fn large_line(at: DateTime) -> LineRequest {
    LineRequest {
        feedetl_sn: "1".into(),
        med_list_codg: ASKED.into(),
        fee_ocur_time: at,
        cnt: Quantity(10_000),
        pric: UnitPrice(LARGE.0 * 10_000),
        amount: LARGE,
        hosp_appr_flag: "1".to_owned(),
        init_feedetl_sn: None,
        fields: Fields::new(),
    }
}
