//! 个人就诊史: what the registers know of a person, as audit rules and the lake read it. Reads
//! only; run it on the read pool.
//!
//! A field that the registers do not hold stays unknown. What an institution sent under a national
//! name that `encounter` knows is taken over under that name; a text that does not fit its field
//! (`prd_days` “三天”) is unknown too.

use std::collections::BTreeMap;

use claim::VisitState;
use db::Tx;
use encounter::{Diagnosis, Encounter, History, Line, Person, Procedure, Table};
use terms::{Date, DateTime, Exact, Fen, InstitutionId, PersonId, VisitId};

use crate::record::Decision;
use crate::{Centre, FundRole, JourneyError};

/// How much of a person's past is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Visits that end, and lines that arose, on or after this day; everything without one.
    pub since: Option<Date>,
    /// Also visits that are not settled yet. One whose settlement was taken back is never among
    /// them: what it was worth nobody knows.
    pub unsettled: bool,
    /// Also what settlement lists say of operations.
    pub lists: bool,
}

/// 个人就诊史 with what only this centre needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathered {
    /// What the rules read.
    pub history: History,
    /// 住院/门诊号 by which institutions know their visits.
    pub labels: BTreeMap<VisitId, String>,
    /// From this day on it is complete.
    pub since: Date,
}

impl Centre {
    /// 个人就诊史; `None` when nobody has this number.
    ///
    /// # Errors
    /// [`JourneyError::Db`], or [`JourneyError::Broken`] when a record cannot be read.
    pub fn history(&self, tx: &mut dyn Tx, psn_no: &PersonId, reach: Reach) -> Result<Option<History>, JourneyError> {
        Ok(self.gather_history(tx, psn_no, reach)?.map(|gathered| gathered.history))
    }

    /// The same, with how institutions call the visits.
    pub(crate) fn gather_history(
        &self,
        tx: &mut dyn Tx,
        psn_no: &PersonId,
        reach: Reach,
    ) -> Result<Option<Gathered>, JourneyError> {
        let Some(standing) = enrolment::standing(tx, psn_no)? else { return Ok(None) };
        let known = claim::history(tx, psn_no)?;
        let since = reach.since.map_or(DateTime::MIN.max(EARLIEST), |day| day.at(0, 0, 0, 0));
        let mut lines: BTreeMap<VisitId, Vec<claim::Line>> = BTreeMap::new();
        for (visit, line) in claim::lines_since(tx, psn_no, since)? {
            lines.entry(visit).or_default().push(line);
        }
        let mut diagnoses: BTreeMap<VisitId, Vec<claim::Diagnosis>> = BTreeMap::new();
        for (visit, diagnosis) in claim::all_diagnoses(tx, psn_no)? {
            diagnoses.entry(visit).or_default().push(diagnosis);
        }
        let mut history = History { person: person(&standing), encounters: Vec::new() };
        for visit in known.visits.iter().filter(|visit| visit.state == VisitState::Begun) {
            let of_visit = |row: &&claim::Settlement| row.mdtrt_id == visit.mdtrt_id && row.reverses.is_none();
            let own = known.settlements.iter().filter(of_visit);
            let settled: Vec<&claim::Settlement> = own.filter(|row| !known.is_reversed(&row.setl_id)).collect();
            let lines = lines.remove(&visit.mdtrt_id).unwrap_or_default();
            let late = lines.is_empty() && visit.endtime.unwrap_or(visit.begntime) < since;
            let taken_back = settled.is_empty() && known.settlements.iter().any(|row| of_visit(&row));
            if late || taken_back || (settled.is_empty() && !reach.unsettled) {
                continue;
            }
            let diagnoses = diagnoses.remove(&visit.mdtrt_id).unwrap_or_default();
            let mut encounter = self.encounter(visit, &lines, &diagnoses);
            add_settlements(self, &mut encounter, &settled)?;
            if reach.lists
                && let Some(last) = settled.last()
            {
                add_list(tx, &mut encounter, last)?;
            }
            history.encounters.push(encounter);
        }
        history.encounters.sort_by(|a, b| (a.begntime, &a.mdtrt_id).cmp(&(b.begntime, &b.mdtrt_id)));
        let label = |visit: &claim::Visit| (visit.mdtrt_id.clone(), visit.label.clone());
        let labels = known.visits.iter().filter(|visit| !visit.label.is_empty()).map(label).collect();
        Ok(Some(Gathered { history, labels, since: since.date() }))
    }

    /// 就诊 as recorded.
    fn encounter(&self, visit: &claim::Visit, lines: &[claim::Line], diagnoses: &[claim::Diagnosis]) -> Encounter {
        let mut encounter = Encounter {
            mdtrt_id: Some(visit.mdtrt_id.0.clone()),
            psn_no: Some(visit.psn_no.0.clone()),
            med_type: Some(visit.med_type.clone()),
            insutype: Some(visit.insutype.clone()),
            begntime: Some(visit.begntime),
            endtime: visit.endtime,
            ..Encounter::default()
        };
        for (name, text) in visit.particulars.iter().chain(&visit.fields) {
            let name = own_name(name);
            if Table::Encounter.field(name).is_some() && encounter.value(name).is_none() {
                // A text that does not fit is no fact.
                let _ = encounter.set(name, text);
            }
        }
        if let Some(code) = visit.fields.get("oprn_oprt_code").filter(|code| !code.is_empty()) {
            encounter.procedures.push(Procedure {
                mdtrt_id: encounter.mdtrt_id.clone(),
                oprn_oprt_code: Some(code.clone()),
                main_oprn_flag: Some(true),
                ..Procedure::default()
            });
        }
        self.place(&mut encounter, &visit.fixmedins_code, visit.begntime.date());
        encounter.diagnoses = diagnoses_of(&visit.mdtrt_id, diagnoses);
        encounter.lines = lines.iter().map(|line| self.line(&visit.mdtrt_id, line)).collect();
        encounter
    }

    /// What the register of institutions knows of where it was.
    pub(crate) fn place(&self, encounter: &mut Encounter, code: &InstitutionId, day: Date) {
        encounter.fixmedins_code = Some(code.0.clone());
        let Some(known) = self.institutions.on(code.as_str(), day) else { return };
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        encounter.medins_lv = given(&known.hi_setl_lv);
        encounter.medins_type = known.fields.get("medins_type").and_then(|text| given(text));
        encounter.medins_admdvs = given(&known.admdvs);
    }

    /// 费用明细 as recorded, with what the catalogue says of its item on its day.
    fn line(&self, visit: &VisitId, row: &claim::Line) -> Line {
        let mut line = Line {
            feedetl_sn: Some(row.feedetl_sn.0.clone()),
            mdtrt_id: Some(visit.0.clone()),
            med_list_codg: Some(row.med_list_codg.0.clone()),
            chrgitm_lv: (!row.chrgitm_lv.is_empty()).then(|| row.chrgitm_lv.clone()),
            fee_ocur_time: Some(row.fee_ocur_time),
            cnt: Some(row.cnt.into()),
            pric: Some(row.pric.into()),
            det_item_fee_sumamt: Some(row.amount),
            inscp_scp_amt: Some(row.inscp_scp_amt),
            fulamt_ownpay_amt: Some(row.fulamt_ownpay_amt),
            pric_uplmt_amt: row.pric_uplmt_amt.parse().ok(),
            init_feedetl_sn: row.init_feedetl_sn.as_ref().map(|number| number.0.clone()),
            ..Line::default()
        };
        let _ = line.set("hosp_appr_flag", &row.hosp_appr_flag);
        for (name, text) in &row.fields {
            if Table::Line.field(name).is_some() && line.value(name).is_none() {
                let _ = line.set(name, text);
            }
        }
        self.item(&mut line);
        crate::dose::describe(&mut line, |name| row.fields.get(name).map(String::as_str));
        line
    }

    /// What the catalogue says of a line's item on its day, where the line does not say.
    pub(crate) fn item(&self, line: &mut Line) {
        let (Some(code), Some(time)) = (&line.med_list_codg, line.fee_ocur_time) else { return };
        let Some(row) = self.catalogue.on(code, time.date()) else { return };
        let told = |name: &str| row.fields.get(name).filter(|text| !text.is_empty()).cloned();
        line.med_list_name.get_or_insert_with(|| row.name.clone());
        line.list_type = line.list_type.take().or_else(|| told("list_type"));
        line.med_chrgitm_type = line.med_chrgitm_type.take().or_else(|| told("med_chrgitm_type"));
        line.chrgitm_lv.get_or_insert_with(|| row.chrgitm_lv.clone());
        if line.lmt_used_flag.is_none() {
            let _ = line.set("lmt_used_flag", &row.lmt_used_flag);
        }
        if line.spec_dose.is_none() {
            line.spec_dose = told("spec").and_then(|spec| crate::dose::amount(&spec)).map(|(amount, _)| amount);
        }
    }
}

/// Before any claim; earlier moments do not sort as texts.
const EARLIEST: DateTime = DateTime::constant(1900, 1, 1, 0, 0, 0, 0);

/// Where an institution's name for a fact is another than the audit's.
fn own_name(name: &str) -> &str {
    match name {
        "dept_code" => "adm_dept_codg",
        "atddr_no" | "chfpdr_code" => "dr_codg",
        "adm_bed" => "bedno",
        "die_date" => "death_date",
        name => name,
    }
}

/// 人员 as enrolled.
pub(crate) fn person(standing: &enrolment::Standing) -> Person {
    let known = &standing.person;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let last = standing.coverage.iter().max_by_key(|row| row.period.begin);
    let mut person = Person {
        psn_no: Some(known.psn_no.0.clone()),
        gend: given(&known.gend),
        brdy: Some(known.brdy),
        psn_type: last.and_then(|row| given(&row.psn_type)),
        insutype: last.and_then(|row| given(&row.insutype)),
        emp_no: last.and_then(|row| row.emp_no.as_ref()).map(|number| number.0.clone()),
        admdvs: last.and_then(|row| given(&row.insuplc_admdvs.0)),
        ..Person::default()
    };
    for (name, text) in &known.fields {
        let name = own_name(name);
        if Table::Person.field(name).is_some() && person.value(name).is_none() {
            let _ = person.set(name, text);
        }
    }
    person
}

/// 诊断: those on discharge where there are any, else those on admission.
fn diagnoses_of(visit: &VisitId, rows: &[claim::Diagnosis]) -> Vec<Diagnosis> {
    let discharged = rows.iter().any(|row| row.inout_diag_type == "2");
    let wanted = rows.iter().filter(|row| !discharged || row.inout_diag_type == "2");
    let read = |row: &claim::Diagnosis| {
        let mut diagnosis = Diagnosis {
            mdtrt_id: Some(visit.0.clone()),
            diag_srt_no: Some(Exact::whole(row.diag_srt_no)),
            diag_code: Some(row.diag_code.clone()),
            diag_name: Some(row.diag_name.clone()),
            inout_diag_type: Some(row.inout_diag_type.clone()),
            ..Diagnosis::default()
        };
        let _ = diagnosis.set("maindiag_flag", &row.maindiag_flag);
        if let Some(time) = row.fields.get("diag_time") {
            let _ = diagnosis.set("diag_time", time);
        }
        diagnosis
    };
    let mut diagnoses: Vec<Diagnosis> = wanted.map(read).collect();
    diagnoses.sort_by_key(|row| (row.maindiag_flag != Some(true), row.diag_srt_no));
    diagnoses
}

/// What was paid: of several settlements of one visit (中途结算) the sums.
fn add_settlements(
    centre: &Centre,
    encounter: &mut Encounter,
    settled: &[&claim::Settlement],
) -> Result<(), JourneyError> {
    let Some(last) = settled.last() else { return Ok(()) };
    encounter.setl_id = Some(last.setl_id.0.clone());
    encounter.setl_time = Some(last.setl_time);
    let mut funds: BTreeMap<String, Fen> = BTreeMap::new();
    let mut sums = [Fen::ZERO; 6];
    for row in settled {
        let Decision { heads, detail, .. } = Decision::read(row)?;
        let paid = [
            heads.medfee_sumamt,
            heads.inscp_scp_amt,
            heads.fund_pay_sumamt,
            heads.hifp_pay,
            heads.acct_pay,
            heads.psn_cash_pay,
        ];
        sums.iter_mut().zip(paid).for_each(|(sum, amount)| *sum += amount);
        for fund in detail.iter().filter(|fund| centre.books.role(&fund.fund_pay_type) != FundRole::Hospital) {
            *funds.entry(fund.fund_pay_type.clone()).or_default() += fund.fund_payamt;
        }
    }
    let [medfee, inscope, fund, pool, account, cash] = sums.map(Some);
    encounter.medfee_sumamt = medfee;
    encounter.inscp_scp_amt = inscope;
    encounter.fund_pay_sumamt = fund;
    encounter.hifp_pay = pool;
    encounter.acct_pay = account;
    encounter.psn_cash_pay = cash;
    encounter.funds = funds.into_iter().collect();
    Ok(())
}

/// What the settlement list says of operations and of the way out.
fn add_list(tx: &mut dyn Tx, encounter: &mut Encounter, settled: &claim::Settlement) -> Result<(), JourneyError> {
    let Some(list) = clearing::list(tx, &settled.psn_no, &settled.setl_id)? else { return Ok(()) };
    let content = crate::content_of(&list)?;
    let moment =
        |moment: Option<listing::Moment>| moment.map(|moment| moment.date.to_datetime(moment.time.unwrap_or_default()));
    let operations = content.operations.iter().filter(|row| row.code.is_some());
    let read = |row: &listing::Operation| Procedure {
        mdtrt_id: encounter.mdtrt_id.clone(),
        oprn_oprt_code: row.code.clone(),
        oprn_oprt_name: row.name.clone(),
        main_oprn_flag: row.kind.as_ref().map(|kind| kind == "1"),
        oprn_oprt_begntime: moment(row.begin).or(moment(row.date)),
        oprn_oprt_endtime: moment(row.end),
        oper_dr_code: row.surgeon.clone(),
        anst_dr_code: row.anaesthetist.clone(),
        anst_way: row.anaesthesia.clone(),
        incision_class: row.healing.as_ref().and_then(|healing| healing.chars().next()).map(String::from),
        ..Procedure::default()
    };
    let procedures: Vec<Procedure> = operations.map(read).collect();
    if !procedures.is_empty() {
        encounter.procedures = procedures;
    }
    encounter.dscg_way = encounter.dscg_way.take().or(content.stay.way_out);
    encounter.planned_readmission = content.stay.readmission.as_ref().map(|flag| flag == "2");
    Ok(())
}
