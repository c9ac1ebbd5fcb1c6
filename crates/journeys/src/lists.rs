//! 4101 结算清单上传 · 4102 清单状态修改 · 4103 清单查询: what an institution declares of a stay it
//! has settled. The list is held against the settlement; quality control comes later, before
//! grouping.

use claim::Form;
use clearing::{List, ListState};
use db::Tx;
use listing::SettlementList;
use operation::Operation;
use serde_json::json;
use sm3::{Digest, Sm3};
use terms::{Date, Fen, InstitutionId, PersonId, SettlementId, show_time};

use crate::dossier::{Gathered, gather, hold};
use crate::record::{Decision, Sealed};
use crate::{Centre, JourneyError, Own};

/// 清单 as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUpload {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// What it says.
    pub content: SettlementList,
    /// Whether it is submitted at once (`stas_type` 1).
    pub submit: bool,
}

/// 清单 as recorded, with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownList {
    /// The record.
    pub list: List,
    /// What it says.
    pub content: SettlementList,
}

impl Centre {
    /// 4101, 4101A: records a list, or a new version of one that is not submitted or was
    /// rejected. The same content again changes nothing.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::SettlementUnknown`], [`Own::SettlementReversed`],
    /// [`Own::ListContradicts`] naming field and both values, [`Own::ListSubmitted`].
    pub fn upload_list(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        upload: &ListUpload,
    ) -> Result<List, JourneyError> {
        let gathered = hold(tx, &upload.psn_no)?;
        let settlement = settled_here(&gathered, &operation.institution, &upload.setl_id)?;
        require_agreement(&gathered, settlement, &upload.content)?;
        let latest = clearing::list(tx, &upload.psn_no, &upload.setl_id)?;
        let body = serde_json::to_value(&upload.content).expect("a list is always JSON");
        let digest = digest_of(&body);
        let state = if upload.submit { ListState::Submitted } else { ListState::Uploaded };
        if let Some(latest) = &latest {
            if latest.digest == digest && latest.state != ListState::Rejected {
                return self.submitted_again(tx, operation, latest, state);
            }
            if !matches!(latest.state, ListState::Uploaded | ListState::Rejected) {
                let setl_id = upload.setl_id.to_string();
                return Err(Own::ListSubmitted { setl_id, state: latest.state.code() }.into());
            }
        }
        let list = List {
            psn_no: upload.psn_no.clone(),
            setl_id: upload.setl_id.clone(),
            version: latest.as_ref().map_or(1, |latest| latest.version + 1),
            setl_list_id: latest.map_or_else(|| operation.new_id("settlement list"), |latest| latest.setl_list_id),
            mdtrt_id: settlement.mdtrt_id.clone(),
            fixmedins_code: operation.institution.clone(),
            state,
            reason: String::new(),
            digest,
            sent_at: operation.received_at,
            msgid: operation.msgid.clone(),
            content: Sealed::compress(&body),
        };
        clearing::add_list(tx, &list)?;
        let subject = format!("{}/{}", list.setl_list_id, list.version);
        let told = json!({
            "setl_id": list.setl_id, "mdtrt_id": list.mdtrt_id, "fixmedins_code": list.fixmedins_code,
            "version": list.version, "state": list.state.code(), "digest": list.digest,
            "sent_at": show_time(list.sent_at),
        });
        operation::feed::append(tx, &[self.changed(operation, "settlement_list", &subject, &list.psn_no, &told)])?;
        self.seal(tx, operation, "settlement_list", &subject, told)?;
        Ok(list)
    }

    fn submitted_again(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        latest: &List,
        state: ListState,
    ) -> Result<List, JourneyError> {
        if state == ListState::Submitted && latest.state == ListState::Uploaded {
            return self.move_list(tx, operation, latest, state, "");
        }
        Ok(latest.clone())
    }

    /// 4102: submits a list (1), or opens a rejected one again (0).
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::SettlementUnknown`], [`Own::ListUnknown`],
    /// [`Own::ListState`] when the list does not go from its state to that one.
    pub fn change_list_state(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        setl_id: &SettlementId,
        state: ListState,
    ) -> Result<List, JourneyError> {
        let gathered = hold(tx, psn_no)?;
        settled_here(&gathered, &operation.institution, setl_id)?;
        let latest = required_list(tx, psn_no, setl_id)?;
        let allowed = matches!(
            (latest.state, state),
            (ListState::Uploaded, ListState::Submitted)
                | (ListState::Rejected, ListState::Uploaded | ListState::Submitted)
        );
        if !allowed {
            let setl_id = setl_id.to_string();
            return Err(Own::ListState { setl_id, from: latest.state.code(), to: state.code() }.into());
        }
        self.move_list(tx, operation, &latest, state, "")
    }

    /// The bureau sends a submitted list back with its reason; the institution may replace it.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::ListUnknown`], [`Own::ListState`] when it is not submitted.
    pub fn reject_list(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        setl_id: &SettlementId,
        reason: &str,
    ) -> Result<List, JourneyError> {
        hold(tx, psn_no)?;
        let latest = required_list(tx, psn_no, setl_id)?;
        if latest.state != ListState::Submitted {
            let (setl_id, to) = (setl_id.to_string(), ListState::Rejected.code());
            return Err(Own::ListState { setl_id, from: latest.state.code(), to }.into());
        }
        self.move_list(tx, operation, &latest, ListState::Rejected, reason)
    }

    /// Moves a list and tells the feed; the state was checked.
    pub(crate) fn move_list(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        list: &List,
        state: ListState,
        reason: &str,
    ) -> Result<List, JourneyError> {
        clearing::move_list(tx, list, state, reason)?;
        let from = list.state.code();
        let subject = format!("{}/{}/{}", list.setl_list_id, list.version, operation.new_id(list.setl_id.as_str()));
        let told = json!({
            "setl_id": list.setl_id, "version": list.version, "from": from, "state": state.code(), "reason": reason,
        });
        operation::feed::append(tx, &[self.changed(operation, "list_state", &subject, &list.psn_no, &told)])?;
        Ok(List { state, reason: reason.to_owned(), ..list.clone() })
    }

    /// Seals facts of a deed in the transparency log: one leaf.
    pub(crate) fn seal(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        kind: &str,
        subject: &str,
        body: serde_json::Value,
    ) -> Result<(), JourneyError> {
        let facts = evidence::Facts {
            id: format!("{kind}/{subject}"),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            policy: self.law.hash().to_owned(),
            body,
        };
        let mut salt = [0; 16];
        salt.copy_from_slice(&operation.draw(&format!("salt of {kind}/{subject}"))[..16]);
        let leaf = facts.seal(evidence::Salt(salt)).map_err(evidence::EvidenceError::from)?;
        evidence::append(tx, &leaf)?;
        Ok(())
    }
}

/// 4103: the latest version of a list, if the institution has such a settlement.
///
/// # Errors
/// [`Own::PersonUnknown`], [`Own::SettlementUnknown`], [`Own::ListUnknown`].
pub fn list_of(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: &PersonId,
    setl_id: &SettlementId,
) -> Result<KnownList, JourneyError> {
    let gathered = gather(tx, psn_no)?;
    recorded_here(&gathered, institution, setl_id)?;
    let list = required_list(tx, psn_no, setl_id)?;
    let content = content_of(&list)?;
    Ok(KnownList { list, content })
}

/// What a recorded list says.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn content_of(list: &List) -> Result<SettlementList, JourneyError> {
    let broken = |error: String| {
        JourneyError::Broken(format!(
            "version {} of the list of {} cannot be read: {error}",
            list.version, list.setl_id
        ))
    };
    let body = Sealed::expand(&list.content).map_err(broken)?;
    serde_json::from_value(body).map_err(|error| broken(error.to_string()))
}

fn digest_of(body: &serde_json::Value) -> String {
    let text = serde_json::to_vec(body).expect("a list is always JSON");
    Sm3::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn required_list(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<List, JourneyError> {
    let list = clearing::list(tx, psn_no, setl_id)?;
    list.ok_or_else(|| Own::ListUnknown { setl_id: setl_id.to_string() }.into())
}

fn recorded_here<'a>(
    gathered: &'a Gathered,
    institution: &InstitutionId,
    setl_id: &SettlementId,
) -> Result<&'a claim::Settlement, JourneyError> {
    let mut rows = gathered.history.settlements.iter();
    rows.find(|row| row.setl_id == *setl_id && row.reverses.is_none() && row.fixmedins_code == *institution)
        .ok_or_else(|| Own::SettlementUnknown { setl_id: setl_id.to_string() }.into())
}

/// The institution's settlement, which stands.
pub(crate) fn settled_here<'a>(
    gathered: &'a Gathered,
    institution: &InstitutionId,
    setl_id: &SettlementId,
) -> Result<&'a claim::Settlement, JourneyError> {
    let row = recorded_here(gathered, institution, setl_id)?;
    if gathered.history.is_reversed(setl_id) {
        return Err(Own::SettlementReversed { setl_id: setl_id.to_string() }.into());
    }
    Ok(row)
}

/// That a list says nothing that the settlement contradicts. What the list leaves out is not
/// looked at here.
fn require_agreement(
    gathered: &Gathered,
    settlement: &claim::Settlement,
    list: &SettlementList,
) -> Result<(), JourneyError> {
    let mut held = Held(Vec::new());
    let person = &gathered.standing.person;
    let (basic, charges) = (&list.basic, &list.charges);
    held.text("mdtrt_id 就诊ID", &basic.visit, settlement.mdtrt_id.as_str());
    held.text("fixmedins_code 定点医药机构编号", &basic.institution, settlement.fixmedins_code.as_str());
    held.text("psn_name 人员姓名", &basic.name, &person.psn_name);
    held.text("gend 性别", &basic.sex, &person.gend);
    held.text("certno 证件号码", &basic.id_no, &person.certno);
    held.date("brdy 出生日期", basic.birth, person.brdy);
    held.text("hi_type 医保类型", &basic.insurance, &settlement.insutype);
    let visit = gathered.history.visits.iter().find(|visit| visit.mdtrt_id == settlement.mdtrt_id);
    if let Some(visit) = visit.filter(|visit| visit.form == Form::Stay) {
        held.date("adm_time 入院时间", list.stay.admitted.map(|at| at.date), visit.begntime.date());
        if let Some(endtime) = visit.endtime {
            held.date("dscg_time 出院时间", list.stay.discharged.map(|at| at.date), endtime.date());
        }
    }
    held.money("medfee_sumamt 医疗费用总额", charges.total, settlement.medfee_sumamt);
    held.money("fund_pay_sumamt 基金支付总额", charges.fund, settlement.fund_pay_sumamt);
    held.money("acct_pay 个人账户支付", charges.account, settlement.acct_pay);
    held.money("psn_cashpay 个人现金支付", charges.cash, settlement.psn_cash_pay);
    let items: Vec<Fen> = list.fee_items.iter().filter_map(|item| item.amount).collect();
    if !items.is_empty() {
        held.money("iteminfo.amt 金额合计", Some(items.into_iter().sum()), settlement.medfee_sumamt);
    }
    funds_agree(&mut held, &Decision::read(settlement)?, list);
    match held.0.into_iter().next() {
        None => Ok(()),
        Some((field, declared, recorded)) => Err(Own::ListContradicts { field, declared, recorded }.into()),
    }
}

/// Each fund of the list as the settlement has it; a list that names funds names them all.
fn funds_agree(held: &mut Held, decision: &Decision, list: &SettlementList) {
    if list.fund_payments.is_empty() {
        return;
    }
    let of = |code: &str| -> Fen {
        decision.detail.iter().filter(|row| row.fund_pay_type == code).map(|row| row.fund_payamt).sum()
    };
    let listed = |code: &str| -> Fen {
        let rows = list.fund_payments.iter().filter(|row| row.fund.as_deref() == Some(code));
        rows.filter_map(|row| row.amount).sum()
    };
    let named = list.fund_payments.iter().filter_map(|row| row.fund.as_deref());
    let paid = decision.detail.iter().map(|row| row.fund_pay_type.as_str());
    let codes: std::collections::BTreeSet<&str> = named.chain(paid).collect();
    for code in codes {
        held.money(&format!("payinfo.fund_payamt 基金 {code} 支付金额"), Some(listed(code)), of(code));
    }
}

/// The differences found, in order: field, what the list says, what was settled.
struct Held(Vec<(String, String, String)>);

impl Held {
    fn text(&mut self, field: &str, declared: &Option<String>, recorded: &str) {
        if let Some(declared) = declared.as_deref().filter(|declared| !declared.is_empty() && *declared != recorded) {
            self.0.push((field.to_owned(), declared.to_owned(), recorded.to_owned()));
        }
    }

    fn date(&mut self, field: &str, declared: Option<Date>, recorded: Date) {
        if let Some(declared) = declared.filter(|declared| *declared != recorded) {
            self.0.push((field.to_owned(), declared.to_string(), recorded.to_string()));
        }
    }

    fn money(&mut self, field: &str, declared: Option<Fen>, recorded: Fen) {
        if let Some(declared) = declared.filter(|declared| *declared != recorded) {
            self.0.push((field.to_owned(), declared.to_string(), recorded.to_string()));
        }
    }
}
