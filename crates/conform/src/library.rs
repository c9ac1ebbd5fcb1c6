//! Through the library: the evaluator alone, no server, no storage.

use adjudication::replay::{Case, Replay};
use policy::Law;

use crate::{CaseError, Report};

/// Replays cases through the evaluator under `law`. A case's catalogue, institutions and
/// person replace the region's; everything else is the region's own.
///
/// # Errors
/// A line that is not a case.
pub fn through_library(law: &Law, cases: impl Iterator<Item = Result<Case, CaseError>>) -> Result<Report, CaseError> {
    let mut report = Report::default();
    for case in cases {
        let case = case?;
        report.add(&case.id, case.events.len(), replay(law, &case));
    }
    Ok(report)
}

fn replay(law: &Law, case: &Case) -> Option<(usize, String)> {
    let mut world = match Replay::of_case(law, case) {
        Ok(world) => world,
        Err(error) => return Some((0, error.to_string())),
    };
    for (n, (event, expected)) in case.events.iter().zip(&case.expect).enumerate() {
        let difference = match world.event(event) {
            Ok(answer) => answer.difference(expected),
            Err(error) => Some(error.to_string()),
        };
        if let Some(difference) = difference {
            return Some((n + 1, difference));
        }
    }
    None
}
