//! 一次就诊, put together from the rooms that own its parts.

use access::permission::VisitRead;
use adjudication::facts::Items;
use claim::{Diagnosis, FiledDocument, History, Line, Settlement, Visit};
use clearing::{Cleared, List};
use db::Tx;
use enrolment::Found;
use journeys::JourneyError;
use serde::Serialize;
use utoipa::ToSchema;

use super::{department_of, shown};
use crate::coded::Coded;
use crate::frame::{Console, Granted, Masked};
use crate::routes::persons::codes;

/// What the registers know of a visit.
pub(super) struct Gathered {
    person: Option<Found>,
    history: History,
    diagnoses: Vec<Diagnosis>,
    lines: Vec<Line>,
    documents: Vec<FiledDocument>,
    list: Option<List>,
    groups: Vec<Cleared>,
}

pub(super) fn gather(tx: &mut dyn Tx, visit: &Visit) -> Result<Gathered, JourneyError> {
    let (psn_no, mdtrt_id) = (&visit.psn_no, &visit.mdtrt_id);
    let history = claim::history(tx, psn_no)?;
    let mut list = None;
    let mut groups = Vec::new();
    for row in history.settlements.iter().filter(|row| row.mdtrt_id == *mdtrt_id) {
        if row.reverses.is_none() {
            // The latest settlement that has one.
            list = clearing::list(tx, psn_no, &row.setl_id)?.or(list);
        }
        groups.extend(clearing::cases_of(tx, psn_no, &row.setl_id)?);
    }
    Ok(Gathered {
        person: enrolment::found(tx, &[psn_no])?.into_values().next(),
        diagnoses: claim::diagnoses(tx, psn_no, mdtrt_id)?,
        lines: claim::lines(tx, psn_no, mdtrt_id)?,
        documents: claim::documents_of(tx, psn_no, mdtrt_id)?,
        history,
        list,
        groups,
    })
}

/// 就诊.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitFile {
    /// 就诊ID.
    id: String,
    /// 人员编号.
    person: String,
    name: Masked,
    certificate: Masked,
    institution: Coded,
    /// 科室; none where the institution did not say.
    department: Option<Coded>,
    /// 住院/门诊号 of the institution.
    label: String,
    /// `outpatient` or `stay`.
    #[schema(pattern = "^(outpatient|stay)$")]
    form: &'static str,
    med_type: Coded,
    scheme: Coded,
    /// `registered`, `begun` or `withdrawn`.
    #[schema(pattern = "^(registered|begun|withdrawn)$")]
    state: &'static str,
    began_at: String,
    ended_at: Option<String>,
    diagnoses: Vec<VisitDiagnosis>,
    /// 费用明细, in order of upload.
    lines: Vec<VisitLine>,
    /// Sum of the lines, in 分.
    lines_amount: i64,
    /// 结算 and 撤销, in order.
    settlements: Vec<VisitSettlement>,
    documents: Vec<VisitDocument>,
    /// 结算清单, its latest version.
    list: Option<VisitList>,
    /// 分组与清算, in order.
    groups: Vec<VisitGroup>,
}

/// 诊断.
#[derive(Debug, Serialize, ToSchema)]
struct VisitDiagnosis {
    kind: Coded,
    /// 排序号.
    number: i64,
    /// 主诊断.
    main: bool,
    code: String,
    name: String,
}

/// 费用明细.
#[derive(Debug, Serialize, ToSchema)]
struct VisitLine {
    /// 费用明细流水号.
    id: String,
    /// 目录.
    item: Coded,
    /// 收费项目等级.
    level: Coded,
    at: String,
    /// 数量, exact.
    count: String,
    /// 单价 in yuan, exact.
    price: String,
    amount: i64,
    full_self_pay_amount: i64,
    over_limit_amount: i64,
    pre_self_pay_amount: i64,
    in_scope_amount: i64,
}

/// 结算 or 撤销 of the visit.
#[derive(Debug, Serialize, ToSchema)]
struct VisitSettlement {
    /// 结算ID.
    id: String,
    at: String,
    /// `valid`, `reversed` or `reversal`.
    #[schema(pattern = "^(valid|reversed|reversal)$")]
    standing: &'static str,
    /// The settlement that this one takes back.
    reverses: Option<String>,
    /// T 医疗费总额.
    total_amount: i64,
    /// F 基金支付.
    fund_amount: i64,
    /// W 个人账户.
    account_amount: i64,
    /// X 个人现金.
    cash_amount: i64,
    /// Why the bureau reversed it; none of an institution's own reversal.
    reason: Option<Coded>,
    /// Why, in the operator's words.
    words: Option<String>,
    /// Who ordered it at the bureau.
    ordered_by: Option<String>,
}

/// 病历资料.
#[derive(Debug, Serialize, ToSchema)]
struct VisitDocument {
    kind: Coded,
    number: String,
    sent_at: String,
}

/// 结算清单.
#[derive(Debug, Serialize, ToSchema)]
struct VisitList {
    /// 清单流水号.
    id: String,
    settlement: String,
    version: i64,
    state: Coded,
    /// Why it was rejected, else empty.
    reason: String,
    sent_at: String,
}

/// 分组与清算 of one settlement in one month.
#[derive(Debug, Serialize, ToSchema)]
struct VisitGroup {
    settlement: String,
    /// 清算年月.
    month: String,
    /// 分组方案 and its version.
    scheme: String,
    scheme_version: String,
    /// 组.
    group: Coded,
    /// 权重 or 分值, exact; none where the group has none.
    weight: Option<String>,
    /// 病组支付总额.
    payment_amount: i64,
    /// 统筹基金应付 for the group.
    fund_amount: i64,
    /// 按项目记账 at settlement.
    item_fund_amount: i64,
}

pub(super) fn tell(console: &Console, grant: &Granted<VisitRead>, visit: &Visit, gathered: Gathered) -> VisitFile {
    let (person, code) = (visit.psn_no.as_str(), visit.fixmedins_code.as_str());
    let known = gathered.person.as_ref();
    let lines: Vec<VisitLine> = gathered.lines.iter().map(|row| line(console, row)).collect();
    let own = gathered.history.settlements.iter().filter(|row| row.mdtrt_id == visit.mdtrt_id);
    VisitFile {
        id: visit.mdtrt_id.0.clone(),
        person: person.to_owned(),
        name: grant.mask_name(person, known.map_or("", |known| &known.psn_name)),
        certificate: grant.mask_number(person, known.map_or("", |known| &known.certno)),
        institution: Coded::institution(&console.centre, code, visit.begntime.date()),
        department: department_of(visit).map(|department| Coded::department(&console.centre, code, department)),
        label: visit.label.clone(),
        form: visit.form.as_str(),
        med_type: Coded::med_type(&visit.med_type),
        scheme: console.scheme(&visit.insutype),
        state: visit.state.as_str(),
        began_at: shown(visit.begntime),
        ended_at: visit.endtime.map(shown),
        diagnoses: gathered.diagnoses.into_iter().map(diagnosis).collect(),
        lines_amount: lines.iter().map(|row| row.amount).sum(),
        lines,
        settlements: own.map(|row| settlement(&gathered.history, row)).collect(),
        documents: gathered.documents.into_iter().map(document).collect(),
        list: gathered.list.map(list),
        groups: gathered.groups.into_iter().map(group).collect(),
    }
}

fn diagnosis(row: Diagnosis) -> VisitDiagnosis {
    VisitDiagnosis {
        kind: codes::diagnosis(&row.inout_diag_type),
        number: row.diag_srt_no,
        main: row.maindiag_flag == "1",
        code: row.diag_code,
        name: row.diag_name,
    }
}

fn line(console: &Console, row: &Line) -> VisitLine {
    let code = row.med_list_codg.as_str();
    let known = console.centre.catalogue.on(code, row.fee_ocur_time.date());
    let known = known.or_else(|| console.centre.catalogue.rows(code).last());
    let own = row.fields.get("name").filter(|name| !name.is_empty());
    let name = known.map(|item| item.name.clone()).or_else(|| own.cloned()).unwrap_or_else(|| code.to_owned());
    VisitLine {
        id: row.feedetl_sn.0.clone(),
        item: Coded { code: code.to_owned(), name, english: String::new() },
        level: Coded::level(&row.chrgitm_lv),
        at: shown(row.fee_ocur_time),
        count: row.cnt.to_string(),
        price: row.pric.to_string(),
        amount: row.amount.0,
        full_self_pay_amount: row.fulamt_ownpay_amt.0,
        over_limit_amount: row.overlmt_amt.0,
        pre_self_pay_amount: row.preselfpay_amt.0,
        in_scope_amount: row.inscp_scp_amt.0,
    }
}

fn settlement(history: &History, row: &Settlement) -> VisitSettlement {
    let said = |name: &str| row.particulars.get(name).cloned().filter(|_| row.reverses.is_some());
    VisitSettlement {
        id: row.setl_id.0.clone(),
        at: shown(row.setl_time),
        standing: if row.reverses.is_some() {
            "reversal"
        } else if history.is_reversed(&row.setl_id) {
            "reversed"
        } else {
            "valid"
        },
        reverses: row.reverses.as_ref().map(|id| id.0.clone()),
        total_amount: row.medfee_sumamt.0,
        fund_amount: row.fund_pay_sumamt.0,
        account_amount: row.acct_pay.0,
        cash_amount: row.psn_cash_pay.0,
        reason: said("reason").map(|code| codes::reversal_reason(&code)),
        words: said("words"),
        ordered_by: said("ordered_by"),
    }
}

fn document(row: FiledDocument) -> VisitDocument {
    VisitDocument { kind: codes::document(&row.kind), number: row.number, sent_at: shown(row.sent_at) }
}

fn list(row: List) -> VisitList {
    VisitList {
        id: row.setl_list_id,
        settlement: row.setl_id.0,
        version: row.version,
        state: codes::list_state(row.state.code()),
        reason: row.reason,
        sent_at: shown(row.sent_at),
    }
}

fn group(row: Cleared) -> VisitGroup {
    VisitGroup {
        settlement: row.setl_id.0,
        month: row.month.to_string(),
        scheme: row.scheme,
        scheme_version: row.scheme_version,
        group: Coded { code: row.group_code, name: row.group_name, english: String::new() },
        weight: row.weight.map(|weight| weight.to_string()),
        payment_amount: row.payment.0,
        fund_amount: row.fund.0,
        item_fund_amount: row.item_fund.0,
    }
}
