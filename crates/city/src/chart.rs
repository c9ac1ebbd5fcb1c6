//! 住院病历: what a hospital knows of a stay beside its bill: operations with their doctors,
//! intensive care, ventilation, nursing, the newborn's weight, how the patient left, and the
//! mistakes that its coders make, each labelled.

use std::sync::Arc;

use jiff::ToSpan as _;
use terms::DateTime;

use crate::city::City;
use crate::person::Person;
use crate::plan::{Kind, Planned, Transfer};
use crate::random::Dice;
use crate::region::{Doctor, Institution, Term};
use crate::stay::{Pattern, plausible};
use crate::visit::{VisitDiagnosis, VisitProcedure};

/// 重症监护: one stay in intensive care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcuStay {
    /// 重症监护病房类型: 1 CCU, 2 NICU, 3 EICU, 4 SICU, 5 PICU, 6 RICU, 9 other.
    pub ward: &'static str,
    /// 进入时间.
    pub entered: DateTime,
    /// 退出时间.
    pub left: DateTime,
}

/// 新生儿: weights in grams, in steps of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newborn {
    /// 新生儿入院类型: 2 born early, 3 ill.
    pub kind: &'static str,
    /// 出生体重.
    pub birth_weight: u32,
    /// 入院体重.
    pub admission_weight: u32,
}

/// 填报差错: a mistake on the settlement list, planted and labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// 票据号码 left out: the centre must refuse the list by its form.
    NoBillNumber,
    /// 个人现金支付 is not that of the settlement: the centre must refuse the list.
    OtherCash,
    /// 主要诊断 and an accompanying disease are exchanged.
    PrincipalExchanged,
    /// A diagnosis that this sex cannot have.
    OtherSex,
    /// 其他诊断 written twice.
    DiagnosisTwice,
    /// The name is not that of the code.
    OtherName,
    /// The operation is dated after the discharge.
    OperationLate,
    /// More nursing days than days of the stay.
    CareTooLong,
    /// Hours on the ventilator contradict the code of the ventilation.
    VentilatorHours,
    /// The newborn's weights are left out.
    NoWeight,
}

impl Mistake {
    /// Its label in reports.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Mistake::NoBillNumber => "no-bill-number",
            Mistake::OtherCash => "other-cash",
            Mistake::PrincipalExchanged => "principal-exchanged",
            Mistake::OtherSex => "other-sex",
            Mistake::DiagnosisTwice => "diagnosis-twice",
            Mistake::OtherName => "other-name",
            Mistake::OperationLate => "operation-late",
            Mistake::CareTooLong => "care-too-long",
            Mistake::VentilatorHours => "ventilator-hours",
            Mistake::NoWeight => "no-weight",
        }
    }

    /// Whether the centre must refuse the list, so that it is corrected and sent again. The
    /// others are found, if at all, by quality control.
    #[must_use]
    pub fn is_refused(self) -> bool {
        matches!(self, Mistake::NoBillNumber | Mistake::OtherCash)
    }
}

/// 住院病历.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// 入院途径 `adm_way`: 1 emergency, 2 outpatient, 3 from another institution.
    pub way_in: &'static str,
    /// 天龄 at admission, under one year.
    pub age_days: Option<u32>,
    /// 新生儿, up to 28 days.
    pub newborn: Option<Newborn>,
    /// 呼吸机使用时长 in minutes, invasive ventilation.
    pub ventilator_minutes: u32,
    /// 昏迷时长 in minutes before and after admission, for injuries of the brain.
    pub coma_minutes: (u32, u32),
    /// 重症监护.
    pub icu: Vec<IcuStay>,
    /// 护理天数: special, first, second, third level; together the days of the stay.
    pub care_days: [u32; 4],
    /// 红细胞 transfused, in units.
    pub blood_units: u32,
    /// 拟接收机构, when the patient goes to another institution.
    pub receiving: Option<Arc<Institution>>,
    /// 出院31天内再住院计划目的.
    pub readmission: Option<&'static str>,
    /// 责任护士.
    pub nurse: Doctor,
    /// 实际住院天数: the same day counts as one.
    pub days: u32,
    /// 填报差错.
    pub mistake: Option<Mistake>,
}

/// 天龄 at a moment; `None` from the first birthday on.
pub(crate) fn age_days(person: &Person, at: DateTime) -> Option<u32> {
    let days = person.birth.until(at.date()).ok()?.get_days();
    u32::try_from(days).ok().filter(|days| *days < 365)
}

/// How ill: the chance of a complication in thousandths, by the length of the stay and age.
fn burden(nights: i64, person: &Person) -> u64 {
    let long = u64::try_from(nights.min(16)).unwrap_or(0) * 24;
    let old = if person.age >= 75 { 150 } else { 70 * u64::from(person.age >= 60) };
    80 + long + old
}

/// 诊断: the principal one, what the person lives with, and what came with it.
pub(crate) fn diagnoses(
    city: &City,
    pattern: &Pattern,
    person: &Person,
    kind: Kind,
    nights: i64,
    dice: &mut Dice,
) -> Vec<VisitDiagnosis> {
    let Some(main) = dice.pick(&pattern.diagnoses) else {
        return Vec::new();
    };
    let mut all = vec![VisitDiagnosis::new(main, true)];
    let mut add = |term: &Term, on_admission: &'static str| {
        if plausible(&term.code, person) && all.iter().all(|known| known.code != term.code) {
            all.push(VisitDiagnosis { on_admission, ..VisitDiagnosis::new(term, false) });
        }
    };
    for _ in 0..3 {
        if dice.chance(burden(nights, person))
            && let Some(together) = dice.pick(&pattern.complications)
        {
            let on_admission = match dice.below(1000) {
                0..60 => "4",
                60..110 => "2",
                _ => "1",
            };
            together.iter().for_each(|term| add(term, on_admission));
        }
    }
    for chronic in &person.chronic {
        let codes = &city.region.chronic[chronic.disease].diagnoses;
        let fits = |term: &&Term| codes.iter().any(|code| term.code.starts_with(code.as_str()));
        let terms: Vec<&Term> = city.region.diagnoses.iter().filter(fits).collect();
        let own = usize::try_from(person.household).unwrap_or(0) % terms.len().max(1);
        if let Some(term) = terms.get(own) {
            add(term, "1");
        }
    }
    let born = kind == Kind::Delivery && person.pregnancy.is_some_and(|p| matches!(p.outcome, "1" | "2" | "3"));
    if born && let Some(term) = city.region.diagnoses.iter().find(|term| term.code.starts_with("Z37")) {
        add(term, "1");
    }
    all
}

/// 手术操作: one of the choices of the pattern, with times and doctors.
pub(crate) fn procedures(
    city: &City,
    pattern: &Pattern,
    (kind, begin, end): (Kind, DateTime, DateTime),
    institution: &Institution,
    doctor: &Doctor,
    dice: &mut Dice,
) -> Vec<VisitProcedure> {
    // Small hospitals operate less; day surgery is there to operate.
    let per_mille = match (kind, institution.level.as_str()) {
        (Kind::DaySurgery, _) => 1000,
        (Kind::Delivery, _) => pattern.operated,
        (_, "1") => pattern.operated / 4,
        (_, "2") => pattern.operated * 4 / 5,
        _ => pattern.operated,
    };
    if !dice.chance(per_mille) {
        return Vec::new();
    }
    let Some(chosen) = dice.weighted(pattern.operations.iter().map(|(weight, _)| *weight)) else {
        return Vec::new();
    };
    let first = match kind {
        Kind::Urgent | Kind::Trauma => begin.saturating_add(dice.range(90, 600).minutes()),
        Kind::DaySurgery => begin.saturating_add(dice.range(100, 240).minutes()),
        Kind::Delivery => begin.saturating_add(dice.range(180, 1100).minutes()),
        _ => begin.date().saturating_add(1.days()).at(8, 30, 0, 0).saturating_add(dice.range(0, 420).minutes()),
    };
    let others: Vec<&Doctor> =
        institution.doctors.iter().filter(|other| other.department == doctor.department).collect();
    let surgeon = dice.pick(&others).map_or(doctor, |other| *other).clone();
    let narcosis: Vec<&str> =
        institution.departments.iter().filter(|d| d.name.contains("麻醉")).map(|d| d.code.as_str()).collect();
    let anaesthetists: Vec<&Doctor> =
        institution.doctors.iter().filter(|other| narcosis.contains(&other.department.as_str())).collect();
    let anaesthetist = dice.pick(&anaesthetists).map_or(&surgeon, |other| *other).clone();
    let stay_minutes = end.duration_since(begin).as_mins();
    let mut at = first.min(end.saturating_sub(90.minutes())).max(begin);
    let mut all = Vec::new();
    for term in &pattern.operations[chosen].1 {
        let term = shortened(city, term, stay_minutes);
        let operation = city.shelves.stays.operations.get(&term.code);
        let minutes = operation.map_or(60, |operation| operation.minutes) * dice.range(80, 130) / 100;
        let until = at.saturating_add(minutes.max(5).minutes()).min(end);
        let anaesthesia = operation.map_or("", |operation| operation.anaesthesia);
        all.push(VisitProcedure {
            code: term.code.clone(),
            name: term.name.clone(),
            time: at,
            end: until,
            anaesthesia,
            surgeon: surgeon.clone(),
            anaesthetist: (!anaesthesia.is_empty() && !anaesthesia.starts_with('3')).then(|| anaesthetist.clone()),
        });
        // What follows on the table begins when this ends; what takes days runs beside the rest.
        if minutes < 600 {
            at = until.min(end.saturating_sub(30.minutes())).max(begin);
        }
    }
    all
}

/// Ventilation of 96 hours and more needs a stay that holds them.
fn shortened<'a>(city: &'a City, term: &'a Term, stay_minutes: i64) -> &'a Term {
    if term.code.starts_with("96.72") && stay_minutes < LONG_VENTILATION + 1200 {
        return city.region.procedures.iter().find(|other| other.code.starts_with("96.71")).unwrap_or(term);
    }
    term
}

/// 96 hours in minutes: where the two codes of ventilation part.
const LONG_VENTILATION: i64 = 96 * 60;

/// 离院方式.
pub(crate) fn discharge_way(planned: &Planned, dice: &mut Dice) -> &'static str {
    match (planned.transfer, dice.below(1000)) {
        (Transfer::Leaves, _) => "2",
        (Transfer::Dies, _) => "5",
        (_, 0..24) => "4",
        (_, 24..40) => "3",
        _ => "1",
    }
}

/// What is written down of a stay.
pub(crate) struct Written<'a> {
    pub(crate) city: &'a City,
    pub(crate) planned: &'a Planned,
    pub(crate) person: &'a Person,
    pub(crate) institution: &'a Institution,
    pub(crate) doctor: &'a Doctor,
    pub(crate) begin: DateTime,
    pub(crate) end: DateTime,
    pub(crate) diagnoses: &'a [VisitDiagnosis],
    pub(crate) procedures: &'a [VisitProcedure],
}

impl Written<'_> {
    fn has(&self, heads: &[&str]) -> bool {
        self.diagnoses.iter().any(|d| heads.iter().any(|head| d.code.starts_with(head)))
    }

    fn did(&self, head: &str) -> Option<&VisitProcedure> {
        self.procedures.iter().find(|p| p.code.starts_with(head))
    }

    /// 重症监护: after heavy operations, with ventilation, and for some of the gravest diseases.
    pub(crate) fn icu(&self, dice: &mut Dice) -> Vec<IcuStay> {
        let heavy = ["01.24", "35.", "36.10", "52.7", "39.75", "32.41", "96.7"];
        let after = heavy.iter().find_map(|head| self.did(head));
        let grave = self.has(&["J96", "A40", "A41", "I21", "I60", "I61", "P22", "P91", "G93.1"]);
        let small = self.institution.level == "1";
        if small || !(after.is_some() && dice.chance(800) || grave && dice.chance(420)) {
            return Vec::new();
        }
        let newborn = age_days(self.person, self.begin).is_some_and(|days| days <= 28);
        let main = self.diagnoses.first().map_or("", |diagnosis| diagnosis.code.as_str());
        let ward = match main.get(..1) {
            _ if newborn => "2",
            _ if self.person.age < 14 => "5",
            Some("I") if main.starts_with("I2") => "1",
            Some("J") => "6",
            _ if after.is_some_and(|p| !p.code.starts_with("96")) => "4",
            _ => "3",
        };
        let entered = after.map_or(self.begin.saturating_add(40.minutes()), |p| p.time).max(self.begin);
        let hours = after.filter(|p| p.code.starts_with("96.72")).map_or(dice.range(20, 110), |_| dice.range(110, 260));
        let left = entered.saturating_add(hours.hours()).min(self.end.saturating_sub(30.minutes()));
        if left <= entered {
            return Vec::new();
        }
        vec![IcuStay { ward, entered, left }]
    }

    /// The chart of the stay.
    pub(crate) fn chart(&self, icu: Vec<IcuStay>, way_out: &str, dice: &mut Dice) -> Chart {
        let nights = self.begin.date().until(self.end.date()).map_or(1, |span| i64::from(span.get_days()));
        let days = u32::try_from(nights.max(1)).unwrap_or(1);
        let age_days = age_days(self.person, self.begin);
        let newborn = age_days.filter(|days| *days <= 28).map(|_| self.newborn(dice));
        let shelves = &self.city.shelves;
        let receiving = match way_out {
            "2" => dice.pick(&shelves.hospitals[2]).or_else(|| shelves.elsewhere.first()).cloned(),
            "3" => dice.pick(&shelves.hospitals[0]).cloned(),
            _ => None,
        };
        let nurses: Vec<&Doctor> =
            self.institution.nurses.iter().filter(|nurse| nurse.department == self.doctor.department).collect();
        let nurse = dice.pick(&nurses).copied().or_else(|| self.institution.nurses.first()).unwrap_or(self.doctor);
        let again = self.diagnoses.first().is_some_and(|d| d.code.starts_with("Z51.0") || d.code.starts_with("Z51.1"));
        Chart {
            way_in: match (self.planned.transfer, self.planned.kind) {
                (Transfer::Arrives, _) | (_, Kind::Referred) => "3",
                (_, Kind::Urgent | Kind::Trauma) => "1",
                _ => "2",
            },
            age_days,
            newborn,
            ventilator_minutes: self.ventilated(dice),
            coma_minutes: self.coma(dice),
            care_days: self.care(days, &icu, dice),
            icu,
            blood_units: self.did("99.04").map_or(0, |_| u32::try_from(dice.range(1, 6)).unwrap_or(2)),
            receiving: receiving.filter(|_| matches!(way_out, "2" | "3")),
            readmission: again.then_some("按计划继续治疗"),
            nurse: nurse.clone(),
            days,
            mistake: None,
        }
    }

    fn newborn(&self, dice: &mut Dice) -> Newborn {
        let early = self.has(&["P07"]);
        let tens = match (early, dice.below(100)) {
            (true, 0..25) => dice.range(95, 149),
            (true, _) => dice.range(150, 249),
            (false, _) => dice.range(250, 410),
        };
        let tens = u32::try_from(tens).unwrap_or(300);
        let change = u32::try_from(dice.range(94, 108)).unwrap_or(100);
        let kind = if early { "2" } else { "3" };
        Newborn { kind, birth_weight: tens * 10, admission_weight: tens * change / 100 * 10 }
    }

    fn ventilated(&self, dice: &mut Dice) -> u32 {
        let Some(procedure) = self.did("96.7") else {
            return 0;
        };
        let left = self.end.duration_since(procedure.time).as_mins() - 60;
        let minutes = match procedure.code.starts_with("96.72") {
            true => dice.range(LONG_VENTILATION, LONG_VENTILATION + 6000).min(left).max(LONG_VENTILATION),
            false => dice.range(180, LONG_VENTILATION - 30).min(left).max(60),
        };
        u32::try_from(minutes).unwrap_or(0)
    }

    fn coma(&self, dice: &mut Dice) -> (u32, u32) {
        if !self.has(&["S06.2", "S06.5"]) || !dice.chance(700) {
            return (0, 0);
        }
        let after = if dice.chance(500) { dice.range(60, 2500) } else { 0 };
        let left = self.end.duration_since(self.begin).as_mins() - 60;
        (u32::try_from(dice.range(5, 300)).unwrap_or(0), u32::try_from(after.min(left).max(0)).unwrap_or(0))
    }

    fn care(&self, days: u32, icu: &[IcuStay], dice: &mut Dice) -> [u32; 4] {
        let watched =
            icu.iter().map(|stay| stay.left.date().until(stay.entered.date()).map_or(0, |s| s.get_days().abs()));
        let special = u32::try_from(watched.sum::<i32>()).unwrap_or(0).min(days);
        let rest = days - special;
        let first = if self.procedures.is_empty() { rest / 6 } else { (rest / 3).max(1) }.min(rest);
        let third = if dice.chance(300) { (rest - first) / 3 } else { 0 };
        [special, first, rest - first - third, third]
    }

    /// 填报差错: three lists in a hundred carry one.
    pub(crate) fn mistake(&self, chart: &Chart, dice: &mut Dice) -> Option<Mistake> {
        use Mistake::*;
        if !dice.chance(MISTAKES_PER_MILLE) {
            return None;
        }
        let others = self.diagnoses.len() > 1;
        let mut possible = vec![NoBillNumber, CareTooLong];
        // 4101A, which institutions elsewhere send, has no cash.
        if self.institution.area == self.city.area() {
            possible.push(OtherCash);
        }
        if others {
            possible.extend([PrincipalExchanged; 4]);
            possible.extend([DiagnosisTwice, OtherName]);
        }
        if self.person.age >= 18 {
            possible.push(OtherSex);
        }
        if !self.procedures.is_empty() {
            possible.push(OperationLate);
        }
        if chart.ventilator_minutes > 0 {
            possible.push(VentilatorHours);
        }
        if chart.newborn.is_some() {
            possible.push(NoWeight);
        }
        dice.pick(&possible).copied()
    }
}

/// Of a thousand lists, how many carry a planted mistake.
pub(crate) const MISTAKES_PER_MILLE: u64 = 30;

/// 编码: diagnoses and procedures as the coder put them on the list, the planted mistake included.
pub(crate) fn coded(
    city: &City,
    mistake: Option<Mistake>,
    person: &Person,
    mut diagnoses: Vec<VisitDiagnosis>,
) -> Vec<VisitDiagnosis> {
    match mistake {
        Some(Mistake::PrincipalExchanged) if diagnoses.len() > 1 => {
            diagnoses.swap(0, 1);
            diagnoses[0].main = true;
            diagnoses[1].main = false;
        }
        Some(Mistake::DiagnosisTwice) if diagnoses.len() > 1 => diagnoses.push(diagnoses[1].clone()),
        Some(Mistake::OtherName) if diagnoses.len() > 1 => {
            let name = diagnoses[0].name.clone();
            diagnoses[1].name = name;
        }
        Some(Mistake::OtherSex) => {
            let head = if person.male { "N72" } else { "N40" };
            if let Some(term) = city.region.diagnoses.iter().find(|term| term.code.starts_with(head)) {
                diagnoses.push(VisitDiagnosis::new(term, false));
            }
        }
        _ => {}
    }
    diagnoses
}
