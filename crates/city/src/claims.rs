//! 结算后的就诊事实: the city's year as supervision sees it, person by person, without a centre:
//! the same visits that the hospital systems send, after settlement. What nobody adjudicated
//! (fund shares) stays unknown; the split of a line goes as far as its catalogue row tells.

mod folder;
mod label;
mod line;
mod supply;

use std::sync::Arc;

use encounter::{Diagnosis, Encounter, History, Practitioner, Procedure, Stock, Surroundings};
use jiff::ToSpan as _;
use terms::{Date, Exact, Fen};

pub use folder::{FolderCounts, write_claims};
pub use label::{Breach, Label, Labels, Member, Truth};

use crate::breach::suspension;
use crate::city::City;
use crate::person::Person;
use crate::plan::Kind;
use crate::story::tell;
use crate::visit::{Course, Visit, VisitProcedure};
use label::Labelling;
pub(crate) use line::packages;
pub(crate) use supply::GOODS;
use supply::Supply;

/// 一座城市的结算事实.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// 个人就诊史, in order of households.
    pub histories: Vec<History>,
    /// 机构与人员.
    pub surroundings: Surroundings,
    /// 进销存, by institution, article and time.
    pub stock: Vec<Stock>,
    /// The truth, which no detector may see.
    pub labels: Labels,
}

/// What stands beside the histories.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// 机构与人员.
    pub surroundings: Surroundings,
    /// 进销存.
    pub stock: Vec<Stock>,
    /// The truth.
    pub labels: Labels,
}

impl City {
    /// The settled visits of the span, all at once. A year of 20,000 people is about a gigabyte.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let mut histories = Vec::new();
        let told = self.each_history(|history| {
            histories.push(history);
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(Beside { surroundings, stock, labels }) = told;
        Claims { histories, surroundings, stock, labels }
    }

    /// Hands over one person after the other, also those without a visit, then what stands beside
    /// them. Only the stock and the labels are held.
    ///
    /// # Errors
    /// Whatever `take` returned; nothing is told after it.
    pub fn each_history<E>(&self, mut take: impl FnMut(History) -> Result<(), E>) -> Result<Beside, E> {
        let mut supply = Supply::new(self);
        let mut labelling = Labelling::new(self);
        let after = self.options.from.saturating_add(i64::from(self.options.days).days());
        for person in self.households().flatten().map(Arc::new) {
            let mut visits = Vec::new();
            self.plan_of(&person, self.options.days, |planned| {
                let visit = tell(self, &planned, person.clone());
                visits.extend(visit.filter(|visit| visit.course != Course::Leaves && visit.settle.date() < after));
            });
            visits.sort_by_key(|visit| visit.begin);
            let mut history = History { person: facts_of(self, &person, after), encounters: Vec::new() };
            for (count, visit) in (1..).zip(&visits) {
                let encounter = encounter(self, visit, count);
                labelling.see(&visits, visit, &encounter);
                supply.see(visit, &encounter);
                history.encounters.push(encounter);
            }
            take(history)?;
        }
        let (stock, articles) = supply.rows();
        let labels = labelling.labels(&articles);
        Ok(Beside { surroundings: self.surroundings(), stock, labels })
    }

    /// 机构与人员名册.
    #[must_use]
    pub fn surroundings(&self) -> Surroundings {
        let mut around = Surroundings::default();
        for institution in self.institutions() {
            around.institutions.push(encounter::Institution {
                fixmedins_code: some(&institution.code),
                fixmedins_name: some(&institution.name),
                medins_lv: some(&institution.level),
                medins_type: some(&institution.kind),
                admdvs: some(&institution.area),
                beds: Some(Exact::whole(institution.beds)).filter(|_| !institution.pharmacy),
                fixmedins_type: Some(if institution.pharmacy { "2" } else { "1" }.to_owned()),
            });
            for one in institution.doctors.iter().chain(&institution.nurses) {
                let suspended = suspension(self, one);
                around.practitioners.push(Practitioner {
                    prac_psn_code: some(&one.code),
                    prac_psn_name: some(&one.name),
                    fixmedins_code: some(&institution.code),
                    hosp_dept_codg: some(&one.department),
                    title: some(&one.title),
                    antibiotic_level: antibiotics(&one.title),
                    begndate: Some(institution.period.begin),
                    enddate: institution.period.end,
                    suspended_from: suspended.map(|period| period.begin),
                    suspended_to: suspended.and_then(|period| period.end),
                });
            }
        }
        around
    }
}

/// 抗菌药物处方权 goes with the title.
fn antibiotics(title: &str) -> Option<Exact> {
    let level = match title {
        "主任医师" | "副主任医师" => 3,
        "主治医师" => 2,
        "住院医师" => 1,
        _ => return None,
    };
    Some(Exact::whole(level))
}

/// A text that is there.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn flag(yes: bool) -> Option<bool> {
    Some(yes)
}

/// 人员. A death is known once the span has reached it.
fn facts_of(city: &City, person: &Person, after: Date) -> encounter::Person {
    let scheme = person.scheme();
    encounter::Person {
        psn_no: some(&person.number),
        gend: Some(if person.male { "1" } else { "2" }.to_owned()),
        brdy: Some(person.birth),
        psn_type: scheme.and_then(|(_, kind)| some(kind)),
        insutype: scheme.and_then(|(scheme, _)| some(scheme)),
        death_date: person.death.map(|death| death.day).filter(|day| *day < after),
        household: some(&city.home(person)),
        admdvs: some(&city.region.area),
        emp_no: person.coverage.iter().rev().find_map(|row| row.employer.as_ref()).and_then(|(number, _)| some(number)),
        resd_vil: Some(format!("V{:06}", person.household / HOUSEHOLDS_A_VILLAGE)),
    }
}

/// Households that live beside one another.
pub(crate) const HOUSEHOLDS_A_VILLAGE: u32 = 60;

fn encounter(city: &City, visit: &Visit, count: i64) -> Encounter {
    let mdtrt_id = &visit.label;
    let stay = visit.is_stay();
    let chart = visit.chart.as_ref();
    let institution = &visit.institution;
    let lines = line::lines(city, visit);
    let signed = visit.signs.days.filter(|_| stay);
    let infected =
        visit.diagnoses.iter().any(|row| row.on_admission == "4" && row.code.starts_with(['J', 'N', 'T', 'A']));
    let pregnant = visit.person.pregnancy.is_some_and(|own| (own.begin..own.end).contains(&visit.begin.date()));
    Encounter {
        mdtrt_id: some(mdtrt_id),
        psn_no: some(&visit.person.number),
        setl_id: Some(format!("S{mdtrt_id}")),
        fixmedins_code: some(&institution.code),
        medins_lv: some(&institution.level).filter(|_| !institution.pharmacy),
        medins_type: some(&institution.kind),
        medins_admdvs: some(&institution.area),
        med_type: some(visit.kind.code()),
        med_mdtrt_type: Some(
            if visit.kind == Kind::Pharmacy {
                "3"
            } else if stay {
                "2"
            } else {
                "1"
            }
            .to_owned(),
        ),
        insutype: some(visit.scheme),
        begntime: Some(visit.begin),
        endtime: Some(visit.end),
        setl_time: Some(visit.settle),
        adm_dept_codg: some(&visit.department.code),
        dscg_dept_codg: some(&visit.department.code).filter(|_| stay),
        dr_codg: some(&visit.doctor.code),
        wardarea_codg: some(&visit.department.code).filter(|_| stay),
        bedno: some(&visit.bed),
        dise_codg: visit.disease.as_ref().and_then(|(code, _)| some(code)),
        matn_stas: pregnant.then(|| "3".to_owned()),
        matn_fee_flag: flag(matches!(visit.kind, Kind::Prenatal | Kind::Delivery)),
        dscg_way: some(visit.discharge_way).filter(|_| stay),
        adm_way: chart.and_then(|chart| some(chart.way_in)),
        trum_flag: flag(visit.trauma.is_some()),
        nwb_adm_wt: chart.and_then(|chart| chart.newborn).map(|own| Exact::whole(i64::from(own.admission_weight))),
        out_setl_flag: flag(institution.area != city.region.area),
        setl_totlnum: Some(Exact::whole(count)),
        medfee_sumamt: Some(
            lines.iter().filter_map(|line| line.det_item_fee_sumamt).fold(Fen::ZERO, |sum, one| sum + one),
        ),
        inscp_scp_amt: Some(lines.iter().filter_map(|line| line.inscp_scp_amt).fold(Fen::ZERO, |sum, one| sum + one)),
        vitals_days: signed.map(|days| Exact::whole(i64::from(days))),
        vitals_abnormal: signed.and_then(|_| flag(visit.signs.abnormal)),
        leave_days: signed.map(|_| Exact::whole(i64::from(visit.signs.leave))),
        infection_in_hospital: flag(infected).filter(|_| stay),
        planned_readmission: flag(true).filter(|_| visit.planned_again),
        diagnoses: diagnoses(visit),
        procedures: visit.procedures.iter().enumerate().map(|(at, row)| procedure(visit, at, row)).collect(),
        lines,
        ..Encounter::default()
    }
}

/// A stay's as its settlement list has them.
fn diagnoses(visit: &Visit) -> Vec<Diagnosis> {
    let (rows, kind) = if visit.is_stay() { (&visit.coded, Some("2".to_owned())) } else { (&visit.diagnoses, None) };
    let row = |(number, row): (i64, &crate::VisitDiagnosis)| Diagnosis {
        mdtrt_id: some(&visit.label),
        diag_srt_no: Some(Exact::whole(number)),
        diag_code: some(&row.code),
        diag_name: some(&row.name),
        maindiag_flag: flag(row.main),
        inout_diag_type: kind.clone(),
        diag_time: Some(visit.begin),
    };
    (1..).zip(rows).map(row).collect()
}

fn procedure(visit: &Visit, at: usize, row: &VisitProcedure) -> Procedure {
    Procedure {
        mdtrt_id: some(&visit.label),
        oprn_oprt_code: some(&row.code),
        oprn_oprt_name: some(&row.name),
        main_oprn_flag: flag(at == 0),
        oprn_oprt_begntime: Some(row.time),
        oprn_oprt_endtime: Some(row.end),
        oper_dr_code: some(&row.surgeon.code),
        anst_dr_code: row.anaesthetist.as_ref().and_then(|doctor| some(&doctor.code)),
        anst_way: some(row.anaesthesia),
        ..Procedure::default()
    }
}
