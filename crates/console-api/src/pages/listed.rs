//! 结算清单: the latest settlements, from the change feed, and how far their receipts are.

use db::Tx;
use journeys::JourneyError;
use maud::{Markup, html};
use operation::feed;

use crate::daybook::SettlementChange;
use crate::html::{Place, both, frame, named, yuan};
use crate::{Page, words};

/// Changes read at once.
const READ: i64 = 64;
/// Reads before a page is shown as far as it has come.
const ROUNDS: usize = 8;
/// Rows on a page of the list.
const ROWS: usize = 50;

/// One row of the list.
pub(crate) struct Listed {
    change: SettlementChange,
    sealed: bool,
}

/// Some rows, latest first, and the number before which the next ones stand.
pub(crate) struct Stretch {
    pub rows: Vec<Listed>,
    pub next: Option<i64>,
}

/// The latest settlements and reversals before a number of the feed. Reads at most some
/// hundreds of changes, however long the feed is.
pub(crate) fn latest(tx: &mut dyn Tx, before: i64, at_most: usize) -> Result<Stretch, JourneyError> {
    let signed = evidence::latest_checkpoint(tx)?.map_or(0, |published| published.note.checkpoint.size);
    let mut stretch = Stretch { rows: Vec::new(), next: Some(before) };
    for _ in 0..ROUNDS {
        let Some(before) = stretch.next else { break };
        let changes = feed::read_before(tx, before, READ)?;
        stretch.next = changes.last().map(|row| row.number).filter(|number| *number > 1);
        for row in changes {
            let change = SettlementChange::of(&row.change).map_err(|error| JourneyError::Broken(error.to_string()))?;
            let Some(change) = change else { continue };
            let leaf = evidence::leaf(tx, &change.setl_id)?;
            let sealed = leaf.and_then(|(_, number)| number).is_some_and(|number| number < signed);
            stretch.rows.push(Listed { change, sealed });
            if stretch.rows.len() == at_most {
                stretch.next = Some(row.number).filter(|number| *number > 1);
                return Ok(stretch);
            }
        }
    }
    Ok(stretch)
}

/// The rows as a table.
pub(crate) fn table(page: &Page, caption: &Markup, rows: &[Listed]) -> Markup {
    if rows.is_empty() {
        return html! { p.empty { (both("还没有结算。", "No settlements yet.")) } };
    }
    html! {
        table.list.stacks {
            caption { (caption) }
            thead { tr {
                th scope="col" { (both("结算时间", "Settled")) }
                th scope="col" { (both("机构", "Institution")) }
                th scope="col" { (both("医疗类别", "Kind")) }
                th scope="col" { (both("险种", "Scheme")) }
                th.num scope="col" { (both("总额", "T")) }
                th.num scope="col" { (both("基金", "F")) }
                th.num scope="col" { (both("个人", "P")) }
                th scope="col" { (both("凭证", "Receipt")) }
                th scope="col" { span.hidden { "说明" } }
            } }
            tbody { @for row in rows { (line(page, row)) } }
        }
    }
}

fn line(page: &Page, Listed { change, sealed }: &Listed) -> Markup {
    let (kind, english) = words::med_type(&change.med_type);
    let (date, time) = change.setl_time.split_once(' ').unwrap_or((&change.setl_time, ""));
    let heads = &change.heads;
    html! {
        tr class=[change.reverses.as_ref().map(|_| "back")] {
            td data-label="时间" { time datetime=(change.setl_time.replace(' ', "T")) { span.day { (date) } " " span.clock { (time.get(..5).unwrap_or(time)) } } }
            td.where data-label="机构" { (institution(page, change)) }
            td data-label="类别" {
                (both(kind, english))
                @if change.reverses.is_some() { " " span.chip.warn { "撤销 reversal" } }
            }
            td data-label="险种" { (named(page.schemes.get(&change.insutype), &change.insutype)) }
            td.num data-label="总额 T" { (yuan(heads.medfee_sumamt)) }
            td.num data-label="基金 F" { (yuan(heads.fund_pay_sumamt)) }
            td.num data-label="个人 P" { (yuan(heads.psn_part_amt)) }
            td data-label="凭证" { (seal(*sealed)) }
            td.go { a href={ "/settlements/" (change.setl_id) } { "为什么 " span.en lang="en" { "why" } span.hidden { " " (change.setl_id) } } }
        }
    }
}

/// The institution's name on the day, or its code.
fn institution(page: &Page, change: &SettlementChange) -> String {
    let known = change.time().and_then(|time| page.centre.institutions.on(&change.fixmedins_code, time.date()));
    known.map_or_else(|| change.fixmedins_code.clone(), |institution| institution.name.clone())
}

/// Whether a receipt can be proved.
pub(crate) fn seal(sealed: bool) -> Markup {
    html! {
        @if sealed { span.chip.good { "已存证 " span.en lang="en" { "sealed" } } }
        @else { span.chip { "待存证 " span.en lang="en" { "pending" } } }
    }
}

/// `/settlements`: a page of the list.
pub(crate) fn settlements(page: &Page, before: i64) -> Result<Markup, JourneyError> {
    let stretch = page.database.read(move |tx| latest(tx, before, ROWS))?;
    let caption = html! { (both("由近到远，撤销单列", "latest first; reversals are rows of their own")) };
    let main = html! {
        section {
            h1 { (both("结算", "Settlements")) }
            (table(page, &caption, &stretch.rows))
            nav.pager aria-label="翻页" {
                @if before != i64::MAX { a.button href="/settlements" { (both("回到最新", "Latest")) } }
                @if let Some(next) = stretch.next { a.button href={ "/settlements?before=" (next) } { (both("更早的", "Earlier")) } }
            }
        }
    };
    Ok(frame(page, Place::Settlements, "结算", None, &main))
}
