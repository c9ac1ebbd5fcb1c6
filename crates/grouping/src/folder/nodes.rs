//! `nodes.csv`: the tree, or what differs from the base's tree.

use super::Reading;
use super::rows::{Change, Row, Rows};
use crate::condition::Condition;
use crate::scheme::{Node, NodeStatus, Scheme, WhenNoChild};

/// Columns, in the order in which they are written.
pub(super) const COLUMNS: [(&str, bool); 11] = [
    ("change", false),
    ("level", false),
    ("parent", false),
    ("code", true),
    ("name", false),
    ("rule", false),
    ("order", false),
    ("status", false),
    ("rank", false),
    ("mean_fee", false),
    ("when_no_child", false),
];
const CHANGE: usize = 0;
const LEVEL: usize = 1;
const PARENT: usize = 2;
const CODE: usize = 3;
const NAME: usize = 4;
const RULE: usize = 5;
const ORDER: usize = 6;
const STATUS: usize = 7;
const RANK: usize = 8;
const MEAN_FEE: usize = 9;
const WHEN_NO_CHILD: usize = 10;

pub(super) fn read(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading, based: bool) {
    let Some(rows) = Rows::read(file, text, &COLUMNS, reading) else { return };
    let allowed: &[Change] = if based { &[Change::Add, Change::Replace, Change::Remove] } else { &[Change::Add] };
    for row in &rows.rows {
        let Some(change) = rows.change(row, CHANGE, allowed, reading) else { continue };
        let Some(code) = rows.code(row, CODE, "code", reading) else { continue };
        let told = one(&rows, row, code, change, scheme, based);
        match told {
            Ok(()) => {
                let parent = rows.cell(row, PARENT);
                let place = if parent.is_empty() { code.to_owned() } else { format!("{parent}/{code}") };
                reading.places.note(place, file, row.line);
            }
            Err(message) => reading.error(file, row.line, message),
        }
    }
}

fn one(rows: &Rows<'_>, row: &Row, code: &str, change: Change, scheme: &mut Scheme, based: bool) -> Result<(), String> {
    let parent = rows.cell(row, PARENT);
    let (siblings, depth) = children_of(&mut scheme.nodes, parent)?;
    let level = rows.cell(row, LEVEL);
    let own_level = scheme.levels.get(depth).map(|level| level.name.as_str());
    if !level.is_empty() && own_level != Some(level) {
        let should = own_level.unwrap_or("no level at all");
        return Err(format!("stands on the level {should} below '{parent}', but says '{level}'"));
    }
    let found = if based { position(siblings, code) } else { None };
    match (change, found) {
        (Change::Remove, Some(index)) => {
            siblings.remove(index);
            Ok(())
        }
        (Change::Replace, Some(index)) => fill(rows, row, &mut siblings[index]),
        (Change::Remove | Change::Replace, None) => {
            Err(format!("there is no '{code}' below '{parent}' in the base; check the parent or write 'add'"))
        }
        (_, Some(_)) if based => Err(format!("there is already a '{code}' below '{parent}'; write 'replace'")),
        (_, _) => {
            let mut node = Node::new(code, "", Condition::Always(true));
            fill(rows, row, &mut node)?;
            siblings.push(node);
            Ok(())
        }
    }
}

/// The children below a path of codes, and how deep they stand. Of several siblings with one
/// code, `AH1~2` is the second.
fn children_of<'n>(nodes: &'n mut Vec<Node>, path: &str) -> Result<(&'n mut Vec<Node>, usize), String> {
    let mut level = nodes;
    let mut depth = 0;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let Some(index) = position(level, part) else {
            return Err(format!(
                "there is no '{part}' on the way to the parent '{path}'; a parent's row comes before its children's"
            ));
        };
        level = &mut level[index].children;
        depth += 1;
    }
    Ok((level, depth))
}

fn position(siblings: &[Node], code: &str) -> Option<usize> {
    // The newest first: children follow their parent's row.
    if let Some(index) = siblings.iter().rposition(|node| node.code == code)
        && siblings.iter().filter(|node| node.code == code).count() == 1
    {
        return Some(index);
    }
    let (code, which) = match code.split_once('~') {
        Some((code, which)) => (code, which.parse().ok().filter(|which| *which > 0)?),
        None => (code, 1_usize),
    };
    siblings.iter().enumerate().filter(|(_, node)| node.code == code).nth(which - 1).map(|(index, _)| index)
}

/// Puts what the row says into a node; blank cells leave it as it is.
fn fill(rows: &Rows<'_>, row: &Row, node: &mut Node) -> Result<(), String> {
    let told = |column| Some(rows.cell(row, column)).filter(|cell| !cell.is_empty());
    if let Some(name) = told(NAME) {
        name.clone_into(&mut node.name);
    }
    if let Some(rule) = told(RULE) {
        node.condition = Condition::parse(rule).map_err(|error| format!("rule of {}, {error}: {rule}", node.code))?;
    }
    let whole = |column: usize| {
        let number = |cell: &str| {
            cell.parse::<i64>()
                .map_err(|_| format!("'{cell}' in the column '{}' is not a whole number", COLUMNS[column].0))
        };
        told(column).map(number).transpose()
    };
    if let Some(order) = whole(ORDER)? {
        node.order = order;
    }
    if let Some(rank) = whole(RANK)? {
        node.rank = Some(rank);
    }
    if let Some(fee) = told(MEAN_FEE) {
        let fee: terms::Fen =
            fee.parse().map_err(|error| format!("mean_fee '{fee}' is not an amount in yuan: {error}"))?;
        node.mean_fee = Some(fee);
    }
    if let Some(status) = told(STATUS) {
        node.status = match status {
            "grouped" => NodeStatus::Grouped,
            "ambiguous" => NodeStatus::Ambiguous,
            "fallback" => NodeStatus::Fallback,
            "ungroupable" => NodeStatus::Ungroupable,
            other => {
                return Err(format!("'{other}' is not a status; write grouped, ambiguous, fallback or ungroupable"));
            }
        };
    }
    if let Some(otherwise) = told(WHEN_NO_CHILD) {
        node.when_no_child = match otherwise.split_once(' ') {
            None if otherwise == "continue" => WhenNoChild::Continue,
            None if otherwise == "itself" => WhenNoChild::Itself,
            Some(("code", code)) => WhenNoChild::Code(code.trim().to_owned()),
            _ => return Err(format!("when_no_child '{otherwise}'; write continue, itself, or code and the code")),
        };
    }
    Ok(())
}
