//! Rules: what a row must be to be recorded. Values in, values out.

use std::collections::BTreeSet;

use crate::{MoveKind, Movement, Refusal, comes_in};
use terms::{DateTime, parse_date};

/// Checks a row (numbered from 1) that was received at `now`. `knows` says whether the catalogue
/// has a code, on whatever day: goods are bought before they enter it and counted after they left.
///
/// # Errors
/// [`Refusal`], the first in order of precedence.
pub fn check(row: usize, movement: &Movement, now: DateTime, knows: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    let Movement { kind, med_list_codg, cnt, at, change_type, traces, particulars, .. } = movement;
    if !knows(med_list_codg) {
        return Err(Refusal::UnknownArticle { row, code: med_list_codg.clone() });
    }
    let nothing_is_good = *kind == MoveKind::Counted;
    if cnt.0 < 0 || (cnt.0 == 0 && !nothing_is_good) {
        let (wanted, english) = if nothing_is_good { ("零或正数", "0 or more") } else { ("正数", "more than 0") };
        let (field, kind) = (kind.count_field(), kind.term());
        return Err(Refusal::Count { row, field, cnt: *cnt, kind, wanted, english });
    }
    // A count is of a day; clocks of institutions run a little ahead.
    let late = if nothing_is_good { at.date() > now.date() } else { *at > leeway(now) };
    if late {
        return Err(Refusal::Future { row, field: kind.time_field(), at: *at, now });
    }
    let day = |field: &str| particulars.get(field).and_then(|text| parse_date(text));
    if let (Some(made), Some(expires)) = (day("manu_date"), day("expy_end"))
        && expires < made
    {
        return Err(Refusal::Dates { row, made, expires });
    }
    if *kind == MoveKind::Changed && comes_in(change_type).is_none() {
        return Err(Refusal::ChangeType { row, code: change_type.clone() });
    }
    let mut seen = BTreeSet::new();
    if let Some(code) = traces.iter().find(|code| !seen.insert(*code)) {
        return Err(Refusal::TraceTwice { row, code: code.clone() });
    }
    Ok(())
}

/// Quarter of an hour, as for messages.
fn leeway(now: DateTime) -> DateTime {
    now.saturating_add(std::time::Duration::from_secs(15 * 60))
}
