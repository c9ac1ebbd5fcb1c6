//! MDC、ADRG、DRG: the tree of groups.

use std::collections::BTreeMap;

use grouping::{Condition, Node, NodeStatus};

use super::rules::Names;
use super::sheet::{Sheet, SheetRow};
use crate::report::{Findings, Trap};

/// The MDC of cases that belong to no group.
pub(super) const NOWHERE: &str = "0000";

/// Room between two order numbers, so that a city can put a group between them.
const STEP: i64 = 10;

/// A row with its node, and what decides its place among its siblings.
struct Seat {
    node: Node,
    sheet: &'static str,
    number: usize,
    /// Asked after all others.
    rest: bool,
    /// 排序; nothing when it is not a number.
    order: Option<terms::Quantity>,
}

/// The three sheets while they become a tree.
pub(super) struct Tree<'a> {
    names: &'a mut Names,
    findings: &'a mut Findings,
    /// Where each code of each scope first stood, and its rule.
    seen: BTreeMap<(&'static str, String, String), (usize, Condition)>,
}

impl Tree<'_> {
    /// Grows the tree.
    pub(super) fn grow(
        mdc: &Sheet,
        adrg: &Sheet,
        drg: &Sheet,
        names: &mut Names,
        findings: &mut Findings,
    ) -> Vec<Node> {
        let mut tree = Tree { names, findings, seen: BTreeMap::new() };
        let mut splits = tree.splits(drg, &owners(adrg, "mdc", &mut Findings::default()));
        let mdcs = owners(mdc, "code", &mut Findings::default());
        let mut groups: BTreeMap<String, Vec<Seat>> = BTreeMap::new();
        for row in &adrg.rows {
            let owner = adrg.capitals(row, "mdc", tree.findings);
            let (seat, code) = tree.adrg(adrg, row, &owner, &mut splits);
            if !mdcs.contains_key(&owner) {
                tree.findings.problem(adrg.place(row, &code), format!("所属MDC编码 “{owner}” has no row in sheet MDC"));
            }
            groups.entry(owner).or_default().extend(seat);
        }
        let mut seats = Vec::new();
        for row in &mdc.rows {
            let (mut seat, code) = tree.seat(mdc, row);
            if !tree.first_time(mdc, "", &seat) {
                continue;
            }
            tree.mdc_rule(mdc, row, &code, &mut seat);
            seat.node.children = tree.arrange(groups.remove(&code).unwrap_or_default());
            if seat.node.children.is_empty() && code != NOWHERE {
                tree.findings.note(Trap::NoChildren, mdc.place(row, &code), "no ADRG belongs to it; left out");
            } else {
                seats.push(seat);
            }
        }
        tree.arrange(seats)
    }

    /// Rows of sheet DRG by MDC and ADRG.
    fn splits(&mut self, drg: &Sheet, adrgs: &BTreeMap<String, Vec<String>>) -> BTreeMap<(String, String), Vec<Seat>> {
        let mut splits: BTreeMap<(String, String), Vec<Seat>> = BTreeMap::new();
        for row in &drg.rows {
            let (mut seat, code) = self.seat(drg, row);
            let adrg = drg.capitals(row, "adrg", self.findings);
            let mdc = drg.capitals(row, "mdc", self.findings);
            match adrgs.get(&adrg) {
                None => {
                    self.findings
                        .problem(drg.place(row, &code), format!("所属ADRG编码 “{adrg}” has no row in sheet ADRG"));
                }
                Some(owners) if !owners.contains(&mdc) => {
                    let message = format!("所属MDC编码 “{mdc}”, but sheet ADRG puts {adrg} into {}", owners.join(", "));
                    self.findings.problem(drg.place(row, &code), message);
                }
                Some(_) => {}
            }
            if !code.starts_with(&adrg) && mdc != NOWHERE {
                self.findings.note(
                    Trap::PrefixDiffers,
                    drg.place(row, &code),
                    format!("belongs to {adrg} all the same"),
                );
            }
            seat.rest = seat.node.condition == Condition::Always(true);
            if !self.first_time(drg, &format!("{mdc} {adrg}"), &seat) {
                continue;
            }
            splits.entry((mdc, adrg)).or_default().push(seat);
        }
        splits
    }

    fn adrg(
        &mut self,
        sheet: &Sheet,
        row: &SheetRow,
        owner: &str,
        splits: &mut BTreeMap<(String, String), Vec<Seat>>,
    ) -> (Option<Seat>, String) {
        let (mut seat, code) = self.seat(sheet, row);
        if !self.first_time(sheet, owner, &seat) {
            return (None, code);
        }
        let letter = owner.strip_prefix("MDC").unwrap_or(owner);
        let rest = code.strip_suffix("00").is_some_and(|head| head.chars().count() == 1);
        if owner == NOWHERE {
            // The whole MDC is the rest; its rows are answers like others.
        } else if !code.starts_with(letter) {
            self.findings.note(
                Trap::PrefixDiffers,
                sheet.place(row, &code),
                format!("belongs to {owner} all the same"),
            );
        } else if code.strip_suffix("QY") == Some(letter) {
            seat.node.status = NodeStatus::Ambiguous;
        } else if seat.node.condition == Condition::Always(true) && rest {
            seat.node.status = NodeStatus::Fallback;
            seat.rest = true;
        } else if sheet.text(row, "rule", &code, &mut Findings::default()).is_empty() {
            let done = "always holds; it is not a rest row by its code, so it stays in its place";
            self.findings.note(Trap::EmptyRule, sheet.place(row, &code), done);
        }
        let key = (owner.to_owned(), code.clone());
        seat.node.children = splits.remove(&key).map(|splits| self.arrange(splits)).unwrap_or_default();
        if seat.node.children.is_empty() {
            self.findings.note(
                Trap::NoChildren,
                sheet.place(row, &code),
                "no DRG belongs to it; left out, as no case can end there",
            );
            return (None, code);
        }
        (Some(seat), code)
    }

    fn mdc_rule(&mut self, sheet: &Sheet, row: &SheetRow, code: &str, seat: &mut Seat) {
        if code == NOWHERE {
            seat.rest = true;
            seat.node.status = NodeStatus::Ungroupable;
            seat.node.condition = Condition::Always(true);
        } else if sheet.text(row, "rule", code, &mut Findings::default()).is_empty() {
            let done = "always entered; it is not the rest, so it stays in its place";
            self.findings.note(Trap::EmptyRule, sheet.place(row, code), done);
        }
    }

    /// What all three sheets have in common.
    fn seat(&mut self, sheet: &Sheet, row: &SheetRow) -> (Seat, String) {
        let code = sheet.capitals(row, "code", self.findings);
        if code.is_empty() {
            self.findings.problem(sheet.place(row, ""), "the group's code is blank");
        }
        let name = sheet.text(row, "name", &code, self.findings);
        let rule = sheet.rule(row, &code, self.findings);
        if !rule.is_empty() && rule.bytes().all(|byte| byte.is_ascii_digit()) {
            let done = format!(
                "the rule is the number {rule}: {}",
                if rule.bytes().all(|b| b == b'0') { "never" } else { "always" }
            );
            self.findings.note(Trap::NumberAsRule, sheet.place(row, &code), done);
        }
        let condition = self.names.read(&rule).unwrap_or_else(|message| {
            self.findings.problem(sheet.place(row, &code), format!("{message}; the rule reads “{rule}”"));
            Condition::Always(false)
        });
        let text = sheet.text(row, "order", &code, self.findings);
        let order = text.parse().ok();
        if order.is_none() {
            let done = format!("排序 “{text}” is not a number; it comes after those with one");
            self.findings.note(Trap::OrderNotNumber, sheet.place(row, &code), done);
        }
        let node = Node::new(&code, name, condition);
        (Seat { node, sheet: sheet.name, number: row.number, rest: false, order }, code)
    }

    /// Siblings in the order in which they are asked; notes what that order needed.
    fn arrange(&mut self, mut seats: Vec<Seat>) -> Vec<Node> {
        let key = |seat: &Seat| (seat.order.is_none(), seat.order, seat.number);
        seats.sort_by_key(key);
        for pair in seats.windows(2) {
            if pair[0].order.is_some() && pair[0].order == pair[1].order {
                let done = format!("排序 is the same as that of {}; the rows' order decides", pair[0].node.code);
                self.note(Trap::OrderTwice, &pair[1], done);
            }
        }
        if let Some(last) = seats.iter().rposition(|seat| !seat.rest) {
            for seat in seats[..last].iter().filter(|seat| seat.rest) {
                let done = format!(
                    "排序 puts it before {}, which no case would reach; it is asked last",
                    seats[last].node.code
                );
                self.note(Trap::RestRowMovedLast, seat, done);
            }
        }
        seats.sort_by_key(|seat| (seat.rest, seat.order.is_none(), seat.order, seat.number));
        let number = |index: usize| i64::try_from(index + 1).unwrap_or(i64::MAX / STEP) * STEP;
        seats.into_iter().enumerate().map(|(index, seat)| Node { order: number(index), ..seat.node }).collect()
    }

    /// Whether a row is the first with its code in its scope. A second one with the same rule is
    /// dropped, one with another rule is a problem.
    fn first_time(&mut self, sheet: &Sheet, owner: &str, seat: &Seat) -> bool {
        let key = (sheet.name, owner.to_owned(), seat.node.code.clone());
        let place = crate::report::Place::of(sheet.name, seat.number, &seat.node.code);
        match self.seen.get(&key) {
            None => {
                self.seen.insert(key, (seat.number, seat.node.condition.clone()));
                return true;
            }
            Some((row, condition)) if *condition == seat.node.condition => {
                self.findings.note(Trap::RepeatDropped, place, format!("stands in row {row} already"));
            }
            Some((row, _)) => self.findings.problem(place, format!("stands in row {row} already, with another rule")),
        }
        false
    }

    fn note(&mut self, trap: Trap, seat: &Seat, done: String) {
        self.findings.note(trap, crate::report::Place::of(seat.sheet, seat.number, &seat.node.code), done);
    }
}

/// The codes of a sheet and the groups that they belong to.
fn owners(sheet: &Sheet, owner: &str, silent: &mut Findings) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &sheet.rows {
        let owner = sheet.capitals(row, owner, silent);
        out.entry(sheet.capitals(row, "code", silent)).or_default().push(owner);
    }
    out
}
