//! Lays the tree out flat: siblings side by side, in the order in which they are asked.

use std::collections::HashMap;

use super::resolve::Resolver;
use crate::condition::Condition;
use crate::grouper::{Children, GroupNode};
use crate::scheme::{Node, NodeStatus, Scheme, Select, WhenNoChild};

/// The flat tree.
pub(super) struct Tree {
    pub(super) nodes: Vec<GroupNode>,
    pub(super) rules: Vec<Condition>,
    pub(super) roots: Children,
    pub(super) texts: Vec<String>,
    pub(super) no_group: [u32; 2],
}

struct Layout<'a, 'b> {
    scheme: &'a Scheme,
    resolver: &'a mut Resolver<'b>,
    nodes: Vec<Option<(GroupNode, Condition)>>,
    texts: Vec<String>,
    known: HashMap<String, u32>,
    skip_level: Option<usize>,
    scopes: Vec<&'a str>,
}

pub(super) fn lay_out(scheme: &Scheme, resolver: &mut Resolver<'_>) -> Tree {
    let skip = scheme.options.surgical_skips_medical.as_ref();
    let skip_level = skip.and_then(|skip| scheme.levels.iter().position(|level| level.name == skip.level));
    let scopes = crate::combine::scopes(scheme);
    let mut layout =
        Layout { scheme, resolver, nodes: Vec::new(), texts: Vec::new(), known: HashMap::new(), skip_level, scopes };
    let last = |codes: &[String]| codes.last().cloned().unwrap_or_default();
    let codes = last(&scheme.ungroupable.codes);
    let entered = if scheme.ungroupable.entered.is_empty() { codes.clone() } else { last(&scheme.ungroupable.entered) };
    let no_group = [layout.text(&codes), layout.text(&entered)];
    let above = Above { level: 0, parent: None, place: "", ungroupable: false, scope: 0 };
    let roots = layout.siblings(&scheme.nodes, above);
    let (nodes, rules) = layout.nodes.into_iter().flatten().unzip();
    Tree { nodes, rules, roots, texts: layout.texts, no_group }
}

/// What is above a row of siblings.
#[derive(Clone, Copy)]
struct Above<'a> {
    level: usize,
    parent: Option<u32>,
    place: &'a str,
    ungroupable: bool,
    scope: u64,
}

impl Layout<'_, '_> {
    fn text(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), number);
        number
    }

    fn siblings(&mut self, nodes: &[Node], above: Above<'_>) -> Children {
        if nodes.is_empty() {
            return Children::default();
        }
        let Some(level) = self.scheme.levels.get(above.level) else {
            if !self.scheme.levels.is_empty() {
                self.resolver.error(above.place, "has groups below it, but the scheme names no level for them");
            }
            return Children::default();
        };
        let select = level.select;
        let mut ordered: Vec<&Node> = nodes.iter().collect();
        ordered.sort_by_key(|node| {
            let rank = if select == Select::First { None } else { Some(node.rank.unwrap_or(i64::MAX)) };
            (node.status.is_last(), rank, node.order)
        });
        let from = self.nodes.len() as u32;
        self.nodes.resize_with(self.nodes.len() + nodes.len(), || None);
        for (offset, node) in ordered.into_iter().enumerate() {
            self.node(node, from + offset as u32, above);
        }
        Children { range: from..from + nodes.len() as u32, select, ..Children::default() }
    }

    fn node(&mut self, node: &Node, number: u32, above: Above<'_>) {
        let place = if above.place.is_empty() { node.code.clone() } else { format!("{}/{}", above.place, node.code) };
        if node.code.is_empty() {
            self.resolver.error(&place, "a group has no code");
        }
        let test = self.resolver.condition(&node.condition, &place);
        let ungroupable = above.ungroupable || node.status == NodeStatus::Ungroupable;
        let scope = self.scopes.binary_search(&node.code.as_str()).map_or(above.scope, |bit| 1 << bit);
        let below = Above { level: above.level + 1, parent: Some(number), place: &place, ungroupable, scope };
        let children = self.siblings(&node.children, below);
        let code = self.text(&node.code);
        let otherwise = match &node.when_no_child {
            WhenNoChild::Code(other) => Some(self.text(other)),
            WhenNoChild::Itself => Some(code),
            WhenNoChild::Continue if node.children.is_empty() => Some(code),
            WhenNoChild::Continue => None,
        };
        let compiled = GroupNode {
            test,
            code,
            name: self.text(&node.name),
            level: above.level as u8,
            parent: above.parent,
            status: node.status,
            mean_fee: node.mean_fee.map(|fee| fee.0),
            scope: above.scope,
            medical: self.skip_level == Some(above.level) && !ungroupable && !names_procedures(node),
            otherwise,
            children,
        };
        self.nodes[number as usize] = Some((compiled, node.condition.clone()));
    }
}

impl NodeStatus {
    /// 0 for ordinary nodes; rest groups come after them.
    pub(crate) fn is_last(self) -> u8 {
        match self {
            NodeStatus::Grouped | NodeStatus::Ambiguous => 0,
            NodeStatus::Fallback => 1,
            NodeStatus::Ungroupable => 2,
        }
    }
}

/// Whether the node's condition or any below it names a procedure list.
pub(crate) fn names_procedures(node: &Node) -> bool {
    node.condition.names_procedures() || node.children.iter().any(names_procedures)
}
