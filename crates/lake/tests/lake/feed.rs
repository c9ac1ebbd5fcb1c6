//! The lake follows the centre: reversals go, late arrivals move to their month, the same changes
//! given twice change nothing, and a run that was cut off is made good by the next.

use encounter::{Encounter, History};
use lake::{Changed, Lake, LakeError, LakeTable, Month, refresh};
use terms::{Date, DateTime};

use crate::claims::Dice;
use crate::parquet::read;

fn all_months(histories: &[History]) -> Changed {
    let mut changed = Changed::default();
    for history in histories {
        for visit in &history.encounters {
            changed.add(history.person.psn_no.as_deref().expect("a number"), Month::of_visit(visit));
        }
    }
    changed
}

fn gather(histories: &[History]) -> impl FnMut(&str) -> Result<Option<History>, LakeError> + '_ {
    |psn_no| Ok(histories.iter().find(|one| one.person.psn_no.as_deref() == Some(psn_no)).cloned())
}

fn at(month: i8, day: i8) -> Option<DateTime> {
    Some(Date::constant(2026, month, day).at(9, 0, 0, 0))
}

#[test]
fn feeding_piece_by_piece_is_the_same_as_feeding_at_once_and_again_changes_nothing() {
    let histories = Dice(3).histories(40);
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::create(&folder.path().join("lake"), 3).expect("a lake");
    for piece in histories.chunks(7).rev() {
        refresh(&lake, &all_months(piece), gather(&histories)).expect("fed");
    }
    assert_eq!(read(&lake), histories);
    refresh(&lake, &all_months(&histories[..9]), gather(&histories)).expect("fed again");
    assert_eq!(read(&lake), histories);
}

#[test]
fn a_reversed_visit_goes_and_one_settled_anew_later_moves_to_that_month() {
    let visit = |id: &str, setl_time| Encounter {
        mdtrt_id: Some(id.into()),
        psn_no: Some("P1".into()),
        setl_time,
        ..Encounter::default()
    };
    let history = |visits: Vec<Encounter>| {
        let person = encounter::Person { psn_no: Some("P1".into()), ..Default::default() };
        vec![History { person, encounters: visits }]
    };
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::create(&folder.path().join("lake"), 1).expect("a lake");
    let before = history(vec![visit("V1", at(1, 5)), visit("V2", at(1, 9))]);
    refresh(&lake, &all_months(&before), gather(&before)).expect("fed");
    // V1 is reversed; V2 is reversed in February and settled anew.
    let after = history(vec![visit("V2", at(2, 3))]);
    let mut changed = Changed::default();
    for month in [202601, 202602] {
        changed.add("P1", Month(month));
    }
    refresh(&lake, &changed, gather(&after)).expect("fed");
    assert_eq!(read(&lake), after);
    assert!(!lake.monthly(LakeTable::Encounters, Month(202601), 0).exists());
}

#[test]
fn a_run_that_stops_half_way_is_made_good_by_the_same_run() {
    let histories = Dice(11).histories(30);
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::create(&folder.path().join("lake"), 4).expect("a lake");
    let mut left = 12;
    let cut = refresh(&lake, &all_months(&histories), |psn_no| {
        left -= 1;
        let wrong = LakeError::History { psn_no: psn_no.into(), mdtrt_id: String::new(), problem: "cut off" };
        if left == 0 { Err(wrong) } else { gather(&histories)(psn_no) }
    });
    assert!(cut.is_err());
    assert!(read(&lake).len() < histories.len(), "something is missing");
    refresh(&lake, &all_months(&histories), gather(&histories)).expect("fed");
    assert_eq!(read(&lake), histories);
}
