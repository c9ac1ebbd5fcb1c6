//! 剧本: what a script changes of a visit before its bill is written. The bill's own part stands
//! beside the ordinary bills.

use super::Script;
use crate::city::City;
use crate::random::Dice;
use crate::stay::plausible;
use crate::visit::{Signs, Visit, VisitDiagnosis};

/// Grave diagnoses that make a list heavier.
const GRAVE: [&str; 5] = ["J96.000", "A41.900", "N17.900", "I50.900", "K92.200"];

/// Shapes a visit after its script; its lines come later.
pub(crate) fn shape(city: &City, visit: &mut Visit, script: Script, dice: &mut Dice) {
    let nights = visit.begin.date().until(visit.end.date()).map_or(0, |span| span.get_days());
    let all_days = u16::try_from(nights + 1).ok();
    let ill = Signs { days: all_days, abnormal: true, leave: 0 };
    if matches!(script, Script::Paper { .. } | Script::Tests | Script::Clone { loose: 0..=100, .. }) {
        visit.procedures.clear();
    }
    match script {
        Script::Paper { signs } => visit.signs = Signs { days: Some(signs), abnormal: false, leave: 0 },
        Script::Tests => visit.signs = Signs { days: all_days, abnormal: false, leave: 0 },
        Script::Workup | Script::Relapse => visit.signs = ill,
        Script::Leave { days } => {
            let signed = all_days.map(|all| all.saturating_sub(days));
            visit.signs = Signs { days: signed, abnormal: false, leave: days };
        }
        Script::Cycle => {
            visit.planned_again = true;
            if let Some(chart) = &mut visit.chart {
                chart.readmission = Some("按计划继续治疗");
            }
        }
        Script::Heavier { diagnoses } => {
            let before = visit.coded.len();
            visit.coded.extend(grave(city, visit, usize::from(diagnoses), dice));
            if visit.coded.len() > before && dice.chance(250) {
                visit.coded.swap(0, before);
                visit.coded[0].main = true;
                visit.coded[before].main = false;
            }
        }
        Script::Grave => {
            visit.signs = ill;
            let count = usize::try_from(dice.range(1, 3)).unwrap_or(1);
            let more: Vec<VisitDiagnosis> = grave(city, visit, count, dice);
            visit.coded.extend(more.iter().cloned());
            visit.diagnoses.extend(more);
        }
        _ => {}
    }
}

fn grave(city: &City, visit: &Visit, count: usize, dice: &mut Dice) -> Vec<VisitDiagnosis> {
    let mut codes: Vec<&str> = GRAVE
        .into_iter()
        .filter(|code| {
            let known = visit.diagnoses.iter().chain(&visit.coded).any(|own| own.code.starts_with(&code[..3]));
            !known && plausible(code, &visit.person)
        })
        .collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !codes.is_empty() {
        let at = usize::try_from(dice.below(u64::try_from(codes.len()).unwrap_or(0))).unwrap_or(0);
        let code = codes.swap_remove(at);
        let term = city.region.diagnoses.iter().find(|term| term.code == code);
        chosen.extend(term.map(|term| VisitDiagnosis::new(term, false)));
    }
    chosen
}
