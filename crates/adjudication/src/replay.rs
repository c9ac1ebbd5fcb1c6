//! 重放: a documented case — one person from opening facts through ordered events — replayed
//! through the evaluator, as the neutral case format of a region's law lays it down.
//!
//! Also the memory in which a policy's worked examples run.

use std::collections::{BTreeMap, HashMap};

use policy::Law;
use serde::{Deserialize, Serialize};
use terms::{
    Date, Fen, FilingId, InstitutionId, LineNo, Period, PersonId, Quantity, Ratio, SettlementId, UnitPrice, VisitId,
};

use crate::Stop;
use crate::facts::{
    AccountUse, Bill, CatalogueRow, ChargedLine, DischargeRequest, Dossier, Fields, Filing, FundPayment, Giver, Heads,
    Institution, Items, LineRequest, PastSettlement, Person, QuantityLimit, SettleRequest, Settlement, Totals, Visit,
    VisitRequest,
};

/// 案例: one line of a case file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// Name.
    pub id: String,
    /// Free words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Title.
    #[serde(default)]
    pub note: String,
    /// The person with opening balances.
    pub person: CasePerson,
    /// The whole catalogue of the case.
    pub catalogue: Vec<CaseItem>,
    /// All its institutions.
    pub institutions: Vec<CaseInstitution>,
    /// What happens.
    pub events: Vec<Event>,
    /// The answer to each event, as far as it is given.
    pub expect: Vec<serde_json::Value>,
}

/// The person of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CasePerson {
    /// The registered facts.
    #[serde(flatten)]
    pub person: Person,
    /// Opening balance of the own account.
    pub acct_balc: Fen,
    /// Authorisations in order of use.
    pub mulaid: Vec<Giver>,
}

/// A catalogue row of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct CaseItem {
    pub med_list_codg: String,
    pub name: String,
    pub chrgitm_lv: String,
    pub selfpay_prop_310: i64,
    pub selfpay_prop_390: i64,
    pub pric_uplmt: BTreeMap<String, Option<String>>,
    pub lmt_used_flag: String,
    pub qty_lmt: Option<CaseLimit>,
    pub acct_pay_flag: String,
    #[serde(flatten)]
    pub period: Period,
}

/// A quota of a case's catalogue row.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct CaseLimit {
    pub per: String,
    pub cnt: String,
}

impl CaseItem {
    /// As the evaluator takes it.
    ///
    /// # Errors
    /// The text that is not a number.
    pub fn row(&self) -> Result<CatalogueRow, terms::NumberError> {
        let mut ceiling = BTreeMap::new();
        for (level, text) in &self.pric_uplmt {
            if let Some(text) = text {
                ceiling.insert(level.clone(), (text.clone(), text.parse::<UnitPrice>()?));
            }
        }
        let qty_lmt = match &self.qty_lmt {
            None => None,
            Some(limit) => Some(QuantityLimit { per: limit.per.clone(), cnt: limit.cnt.parse::<Quantity>()? }),
        };
        let selfpay = [("310", self.selfpay_prop_310), ("390", self.selfpay_prop_390)];
        Ok(CatalogueRow {
            med_list_codg: self.med_list_codg.as_str().into(),
            name: self.name.clone(),
            chrgitm_lv: self.chrgitm_lv.clone(),
            selfpay: selfpay.into_iter().map(|(key, ratio)| (key.to_owned(), Ratio(ratio))).collect(),
            ceiling,
            lmt_used_flag: self.lmt_used_flag.clone(),
            qty_lmt,
            acct_pay_flag: self.acct_pay_flag.clone(),
            fields: Fields::new(),
            period: self.period,
        })
    }
}

/// An institution of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseInstitution {
    /// Its facts.
    #[serde(flatten)]
    pub institution: CaseInstitutionFacts,
    /// 定点起止.
    #[serde(flatten)]
    pub period: Period,
}

/// The facts of a case's institution.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct CaseInstitutionFacts {
    pub fixmedins_code: InstitutionId,
    pub name: String,
    pub hi_setl_lv: String,
    pub fixmedins_type: String,
    pub admdvs: String,
    pub opsp_flag: String,
    pub opt_pool_flag: String,
}

impl CaseInstitution {
    /// As the evaluator takes it.
    #[must_use]
    pub fn facts(&self) -> Institution {
        let facts = &self.institution;
        let flags = [("opsp_flag", &facts.opsp_flag), ("opt_pool_flag", &facts.opt_pool_flag)];
        Institution {
            fixmedins_code: facts.fixmedins_code.clone(),
            name: facts.name.clone(),
            hi_setl_lv: facts.hi_setl_lv.clone(),
            fixmedins_type: facts.fixmedins_type.clone(),
            admdvs: facts.admdvs.clone(),
            fields: flags.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            period: Some(self.period),
        }
    }
}

/// A line of a case, its numbers as submitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct CaseLine {
    pub feedetl_sn: LineNo,
    pub med_list_codg: String,
    pub fee_ocur_time: String,
    pub cnt: String,
    pub pric: String,
    pub det_item_fee_sumamt: Fen,
    pub hosp_appr_flag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_feedetl_sn: Option<LineNo>,
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
}

/// What happens in a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the case format says what each is")]
pub enum Event {
    AcctCredit {
        date: Date,
        amt: Fen,
    },
    MulaidCredit {
        date: Date,
        giver: PersonId,
        amt: Fen,
    },
    Filing {
        filing: Filing,
    },
    FilingCancel {
        filing_id: FilingId,
        date: Date,
    },
    Visit {
        visit: CaseVisit,
    },
    Fees {
        mdtrt_id: String,
        lines: Vec<CaseLine>,
    },
    FeesCancel {
        mdtrt_id: String,
        feedetl_sn: Vec<LineNo>,
    },
    Discharge {
        mdtrt_id: String,
        endtime: String,
        #[serde(flatten)]
        fields: Fields,
    },
    Presettle {
        mdtrt_id: String,
        setl_time: String,
        medfee_sumamt: Fen,
        acct_used_flag: String,
        mid_setl_flag: String,
    },
    Settle {
        mdtrt_id: String,
        setl_time: String,
        medfee_sumamt: Fen,
        acct_used_flag: String,
        mid_setl_flag: String,
        setl_id: String,
    },
    Reverse {
        setl_id: String,
        time: String,
    },
}

/// A visit of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct CaseVisit {
    pub mdtrt_id: String,
    pub fixmedins_code: InstitutionId,
    pub med_type: String,
    pub insutype: String,
    pub begntime: String,
    #[serde(flatten)]
    pub fields: Fields,
}

/// A line as answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the national field names say what they are")]
pub struct LineAnswer {
    pub feedetl_sn: LineNo,
    pub det_item_fee_sumamt: Fen,
    pub cnt: String,
    pub pric: String,
    pub pric_uplmt_amt: String,
    pub selfpay_prop: Ratio,
    pub fulamt_ownpay_amt: Fen,
    pub overlmt_amt: Fen,
    pub preselfpay_amt: Fen,
    pub inscp_scp_amt: Fen,
    pub chrgitm_lv: String,
}

/// The answer to an event, in the words of the case format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the case format says what each is")]
pub struct Answer {
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedetl_sn: Option<LineNo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<LineAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setl: Option<Heads>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Vec<FundPayment>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acc: Option<BTreeMap<String, i64>>,
}

impl Answer {
    /// Accepted, nothing more to say.
    #[must_use]
    pub fn accepted() -> Answer {
        Answer { ok: true, refuse: None, feedetl_sn: None, lines: None, setl: None, detail: None, acc: None }
    }

    /// Refused with a code.
    #[must_use]
    pub fn refused(code: String, feedetl_sn: Option<LineNo>) -> Answer {
        Answer { ok: false, refuse: Some(code), feedetl_sn, ..Answer::accepted() }
    }

    /// Where this answer differs from what a case expects: only the fields the case names are
    /// compared, and all of them. `None` when they agree.
    #[must_use]
    pub fn difference(&self, expected: &serde_json::Value) -> Option<String> {
        let found = serde_json::to_value(self).ok()?;
        differing(expected, &found, "")
    }
}

/// The first place where `found` lacks or contradicts something of `expected`.
fn differing(expected: &serde_json::Value, found: &serde_json::Value, path: &str) -> Option<String> {
    use serde_json::Value;
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match found.get(key) {
                Some(other) => differing(value, other, &path),
                None => Some(format!("{path}: expected {value}, and it is missing")),
            }
        }),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(n, (a, b))| differing(a, b, &format!("{path}[{n}]")))
        }
        (expected, found) if expected == found => None,
        (expected, found) => Some(format!("{path}: expected {expected}, found {found}")),
    }
}

/// A catalogue in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryItems(HashMap<String, Vec<CatalogueRow>>);

impl MemoryItems {
    /// A catalogue of these rows.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = CatalogueRow>) -> MemoryItems {
        let mut items: HashMap<String, Vec<CatalogueRow>> = HashMap::new();
        for row in rows {
            items.entry(row.med_list_codg.0.clone()).or_default().push(row);
        }
        for rows in items.values_mut() {
            rows.sort_by_key(|row| row.period.begin);
        }
        MemoryItems(items)
    }

    /// Adds the rows of a code, unless it is known already.
    pub fn add(&mut self, code: &str, rows: impl FnOnce() -> Vec<CatalogueRow>) {
        if !self.0.contains_key(code) {
            self.0.insert(code.to_owned(), rows());
        }
    }
}

impl Items for MemoryItems {
    fn rows(&self, code: &str) -> &[CatalogueRow] {
        self.0.get(code).map_or(&[], Vec::as_slice)
    }
}

/// One person's world in memory: what a centre's registers hold of them.
pub struct Replay<'a> {
    law: &'a Law,
    /// The catalogue.
    pub items: MemoryItems,
    /// The institutions.
    pub institutions: HashMap<InstitutionId, Institution>,
    /// The person's record so far.
    pub dossier: Dossier,
    /// The latest settlement, trial or real, with its trace.
    pub last_settlement: Option<Settlement>,
    /// The latest refusal, with its words and article.
    pub last_refusal: Option<crate::facts::Refusal>,
    lines: HashMap<VisitId, Vec<ChargedLine>>,
    texts: HashMap<(String, LineNo), (String, String)>,
}

/// Why a case could not be replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A text that is not the date, time or number it should be.
    #[error("{0}")]
    Case(String),
    /// The policy does not cover the case.
    #[error(transparent)]
    Policy(#[from] crate::PolicyError),
}

fn time(text: &str) -> Result<terms::DateTime, ReplayError> {
    terms::parse_time(text)
        .ok_or_else(|| ReplayError::Case(format!("“{text}” is not a time written yyyy-MM-dd HH:mm:ss")))
}

impl<'a> Replay<'a> {
    /// The world at the beginning of a case.
    ///
    /// # Errors
    /// What in the case cannot be read.
    pub fn of_case(law: &'a Law, case: &Case) -> Result<Replay<'a>, ReplayError> {
        let rows = case.catalogue.iter().map(CaseItem::row).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(|error| ReplayError::Case(error.to_string()))?;
        let dossier = Dossier {
            person: case.person.person.clone(),
            filings: Vec::new(),
            visits: Vec::new(),
            settlements: Vec::new(),
            totals: Totals::new(),
            account: case.person.acct_balc,
            givers: case.person.mulaid.clone(),
        };
        Ok(Replay::new(law, dossier, MemoryItems::new(rows), case.institutions.iter().map(CaseInstitution::facts)))
    }

    /// A world of these facts.
    #[must_use]
    pub fn new(
        law: &'a Law,
        dossier: Dossier,
        items: MemoryItems,
        institutions: impl IntoIterator<Item = Institution>,
    ) -> Replay<'a> {
        let institutions = institutions.into_iter().map(|i| (i.fixmedins_code.clone(), i)).collect();
        Replay {
            law,
            items,
            institutions,
            dossier,
            last_settlement: None,
            last_refusal: None,
            lines: HashMap::new(),
            texts: HashMap::new(),
        }
    }

    /// What an event answers; a refused one changes nothing.
    ///
    /// # Errors
    /// What in the event cannot be read, or what the policy does not cover.
    pub fn event(&mut self, event: &Event) -> Result<Answer, ReplayError> {
        match self.happen(event) {
            Ok(answer) => Ok(answer),
            Err(Happened::Refused(refusal)) => {
                let answer = Answer::refused(refusal.code.clone(), refusal.feedetl_sn.clone());
                self.last_refusal = Some(refusal);
                Ok(answer)
            }
            Err(Happened::Error(error)) => Err(error),
        }
    }

    fn happen(&mut self, event: &Event) -> Result<Answer, Happened> {
        match event {
            Event::AcctCredit { amt, .. } => self.dossier.account += *amt,
            Event::MulaidCredit { giver, amt, .. } => {
                if let Some(known) = self.dossier.givers.iter_mut().find(|known| known.giver == *giver) {
                    known.balc += *amt;
                }
            }
            Event::Filing { filing } => {
                crate::file(self.law, &self.dossier, filing)?;
                self.dossier.filings.push(filing.clone());
            }
            Event::FilingCancel { filing_id, .. } => {
                crate::cancel_filing(self.law, &self.dossier, filing_id)?;
                if let Some(filing) = self.dossier.filings.iter_mut().find(|filing| filing.filing_id == *filing_id) {
                    filing.cancelled = true;
                }
            }
            Event::Visit { visit } => self.open(visit)?,
            Event::Fees { mdtrt_id, lines } => return self.charge(mdtrt_id, lines),
            Event::FeesCancel { mdtrt_id, feedetl_sn } => {
                let lines = crate::cancel_lines(self.law, &self.dossier, self.bill(mdtrt_id), feedetl_sn, &self.items)?;
                let answer = Answer { lines: Some(self.show(mdtrt_id, &lines)), ..Answer::accepted() };
                self.lines.insert(mdtrt_id.as_str().into(), lines);
                return Ok(answer);
            }
            Event::Discharge { mdtrt_id, endtime, fields } => {
                let request = DischargeRequest { endtime: time(endtime)?, fields: fields.clone() };
                crate::discharge(self.law, &self.dossier, self.bill(mdtrt_id), &request)?;
                if let Some(visit) = self.visit_mut(mdtrt_id) {
                    visit.endtime = Some(request.endtime);
                    visit.request.fields.extend(request.fields);
                }
            }
            Event::Presettle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag } => {
                let settlement = self.settlement(mdtrt_id, setl_time, *medfee_sumamt, acct_used_flag, mid_setl_flag)?;
                let answer = self.settled(&settlement.heads, &settlement.detail);
                self.last_settlement = Some(settlement);
                return Ok(answer);
            }
            Event::Settle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag, setl_id } => {
                let settlement = self.settlement(mdtrt_id, setl_time, *medfee_sumamt, acct_used_flag, mid_setl_flag)?;
                self.record(setl_id, mdtrt_id, time(setl_time)?, &settlement);
                let answer = self.settled(&settlement.heads, &settlement.detail);
                self.last_settlement = Some(settlement);
                return Ok(answer);
            }
            Event::Reverse { setl_id, time: at } => return self.reverse(setl_id, time(at)?),
        }
        Ok(Answer::accepted())
    }

    /// A settlement of a visit as things stand, recording nothing (预结算).
    ///
    /// # Errors
    /// A refusal, or what the policy does not cover.
    pub fn trial(&self, mdtrt_id: &str, request: &SettleRequest) -> Result<Settlement, Stop> {
        crate::settle(self.law, &self.dossier, self.bill(mdtrt_id), request, &self.items)
    }

    fn settlement(
        &self,
        mdtrt_id: &str,
        at: &str,
        declared: Fen,
        account: &str,
        mid: &str,
    ) -> Result<Settlement, Happened> {
        let request = SettleRequest {
            setl_time: time(at)?,
            medfee_sumamt: declared,
            acct_used_flag: account.to_owned(),
            mid_setl_flag: mid.to_owned(),
        };
        Ok(self.trial(mdtrt_id, &request)?)
    }

    fn open(&mut self, visit: &CaseVisit) -> Result<(), Happened> {
        let request = VisitRequest {
            label: visit.mdtrt_id.clone(),
            fixmedins_code: visit.fixmedins_code.clone(),
            med_type: visit.med_type.clone(),
            insutype: visit.insutype.clone(),
            begntime: time(&visit.begntime)?,
            fields: visit.fields.clone(),
        };
        let opening =
            crate::open_visit(self.law, &self.dossier, self.institutions.get(&request.fixmedins_code), &request)?;
        let mdtrt_id = VisitId(visit.mdtrt_id.clone());
        self.dossier.visits.push(Visit { mdtrt_id, request, endtime: None, kept: opening.kept, settled: None });
        Ok(())
    }

    fn charge(&mut self, mdtrt_id: &str, lines: &[CaseLine]) -> Result<Answer, Happened> {
        let mut requests = Vec::new();
        for line in lines {
            requests.push(line.request()?);
            self.texts.insert((mdtrt_id.to_owned(), line.feedetl_sn.clone()), (line.cnt.clone(), line.pric.clone()));
        }
        let charged = crate::charge(self.law, &self.dossier, self.bill(mdtrt_id), &requests, &self.items)?;
        let answer = Answer { lines: Some(self.show(mdtrt_id, &charged)), ..Answer::accepted() };
        self.lines.entry(mdtrt_id.into()).or_default().extend(charged);
        Ok(answer)
    }

    fn record(&mut self, setl_id: &str, mdtrt_id: &str, at: terms::DateTime, settlement: &Settlement) {
        for (key, amount) in &settlement.adds {
            *self.dossier.totals.entry(key.clone()).or_default() += amount;
        }
        self.move_accounts(&settlement.accounts, -1);
        self.dossier.settlements.push(PastSettlement {
            setl_id: setl_id.into(),
            mdtrt_id: mdtrt_id.into(),
            setl_time: at,
            reversed: false,
            heads: settlement.heads.clone(),
            detail: settlement.detail.clone(),
            adds: settlement.adds.clone(),
            kept: settlement.kept.clone(),
            accounts: settlement.accounts.clone(),
        });
        if let Some(visit) = self.visit_mut(mdtrt_id) {
            visit.settled = Some(setl_id.into());
        }
    }

    fn reverse(&mut self, setl_id: &str, at: terms::DateTime) -> Result<Answer, Happened> {
        let id = SettlementId(setl_id.to_owned());
        let reversal = crate::reverse(self.law, &self.dossier, &id, at)?;
        for (key, amount) in &reversal.adds {
            *self.dossier.totals.entry(key.clone()).or_default() += amount;
        }
        self.move_accounts(&reversal.accounts, 1);
        let mut visit_of = None;
        if let Some(settlement) = self.dossier.settlements.iter_mut().find(|settlement| settlement.setl_id == id) {
            settlement.reversed = true;
            visit_of = Some(settlement.mdtrt_id.clone());
        }
        if let Some(visit) = visit_of.and_then(|id| self.visit_mut(id.as_str())) {
            visit.settled = None;
        }
        Ok(self.settled(&reversal.heads, &reversal.detail))
    }

    fn move_accounts(&mut self, accounts: &[AccountUse], sign: i64) {
        for used in accounts {
            let amount = Fen(used.amount.0 * sign);
            if used.psn_no == self.dossier.person.psn_no {
                self.dossier.account += amount;
            } else if let Some(giver) = self.dossier.givers.iter_mut().find(|giver| giver.giver == used.psn_no) {
                giver.balc += amount;
            }
        }
    }

    fn settled(&self, heads: &Heads, detail: &[FundPayment]) -> Answer {
        let mut acc: BTreeMap<String, i64> = self
            .dossier
            .totals
            .iter()
            .filter(|(_, amount)| **amount != 0)
            .map(|(key, amount)| (key.clone(), *amount))
            .collect();
        acc.extend(self.dossier.givers.iter().map(|giver| (format!("giver_balc/{}", giver.giver), giver.balc.0)));
        Answer { setl: Some(heads.clone()), detail: Some(detail.to_vec()), acc: Some(acc), ..Answer::accepted() }
    }

    /// 医疗费总额 of a visit so far: the sum of its lines.
    #[must_use]
    pub fn billed(&self, mdtrt_id: &str) -> Fen {
        self.bill(mdtrt_id).map_or(Fen::ZERO, |bill| bill.lines.iter().map(|line| line.line.amount).sum())
    }

    fn bill(&self, mdtrt_id: &str) -> Option<Bill<'_>> {
        let visit = self.dossier.visits.iter().find(|visit| visit.mdtrt_id.as_str() == mdtrt_id)?;
        let institution = self.institutions.get(&visit.request.fixmedins_code)?;
        Some(Bill { visit, institution, lines: self.lines.get(&visit.mdtrt_id).map_or(&[], Vec::as_slice) })
    }

    fn visit_mut(&mut self, mdtrt_id: &str) -> Option<&mut Visit> {
        self.dossier.visits.iter_mut().find(|visit| visit.mdtrt_id.as_str() == mdtrt_id)
    }

    fn show(&self, mdtrt_id: &str, lines: &[ChargedLine]) -> Vec<LineAnswer> {
        let show = |charged: &ChargedLine| {
            let number = &charged.line.feedetl_sn;
            let texts = self.texts.get(&(mdtrt_id.to_owned(), number.clone())).cloned();
            let (cnt, pric) = texts.unwrap_or_else(|| (charged.line.cnt.to_string(), charged.line.pric.to_string()));
            let split = &charged.split;
            LineAnswer {
                feedetl_sn: number.clone(),
                det_item_fee_sumamt: charged.line.amount,
                cnt,
                pric,
                pric_uplmt_amt: split.pric_uplmt_amt.clone(),
                selfpay_prop: split.selfpay_prop,
                fulamt_ownpay_amt: split.fulamt_ownpay_amt,
                overlmt_amt: split.overlmt_amt,
                preselfpay_amt: split.preselfpay_amt,
                inscp_scp_amt: split.inscp_scp_amt,
                chrgitm_lv: split.chrgitm_lv.clone(),
            }
        };
        lines.iter().map(show).collect()
    }
}

impl CaseLine {
    /// As the evaluator takes it.
    ///
    /// # Errors
    /// The text that is not a number or a time.
    pub fn request(&self) -> Result<LineRequest, ReplayError> {
        let number = |error: terms::NumberError| ReplayError::Case(error.to_string());
        Ok(LineRequest {
            feedetl_sn: self.feedetl_sn.clone(),
            med_list_codg: self.med_list_codg.as_str().into(),
            fee_ocur_time: time(&self.fee_ocur_time)?,
            cnt: self.cnt.parse().map_err(number)?,
            pric: self.pric.parse().map_err(number)?,
            amount: self.det_item_fee_sumamt,
            hosp_appr_flag: self.hosp_appr_flag.clone(),
            init_feedetl_sn: self.init_feedetl_sn.clone(),
            fields: self.fields.clone(),
        })
    }
}

/// How an event did not succeed.
enum Happened {
    Refused(crate::facts::Refusal),
    Error(ReplayError),
}

impl From<Stop> for Happened {
    fn from(stop: Stop) -> Happened {
        match stop {
            Stop::Refused(refusal) => Happened::Refused(refusal),
            Stop::Broken(error) => Happened::Error(error.into()),
        }
    }
}

impl From<ReplayError> for Happened {
    fn from(error: ReplayError) -> Happened {
        Happened::Error(error)
    }
}
