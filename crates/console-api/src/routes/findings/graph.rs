//! 关系图: who is seen where with whom, as nodes and edges. A visit binds its person to its institution
//! and doctor; two persons are bound when they come to one institution within half an hour.

use std::collections::BTreeMap;

use journeys::VisitBehind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::coded::Coded;
use crate::frame::Console;

/// Minutes within which two persons came together.
const TOGETHER: i64 = 30;

/// 节点.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::routes) struct GraphNode {
    /// `person/…`, `institution/…` or `doctor/…`.
    pub id: String,
    /// `person`, `institution` or `doctor`.
    pub kind: &'static str,
    /// What it is called; a person by the number.
    pub label: String,
    /// 就诊次数.
    pub visits: i64,
    /// 基金支付.
    pub fund_amount: i64,
}

/// 边.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::routes) struct GraphEdge {
    pub from: String,
    pub to: String,
    /// `visit`: a person at an institution or with a doctor. `together`: two persons at one time.
    pub kind: &'static str,
    /// How often.
    pub times: i64,
}

/// 关系图.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::routes) struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
}

/// The graph of some visits.
pub(super) fn of(console: &Console, visits: &[VisitBehind]) -> Graph {
    let name = |code: &str| Coded::institution(&console.centre, code, (console.now)().date()).name;
    graph(visits, name)
}

fn graph(visits: &[VisitBehind], name: impl Fn(&str) -> String) -> Graph {
    let mut nodes: BTreeMap<String, GraphNode> = BTreeMap::new();
    let mut edges: BTreeMap<(String, String, &'static str), i64> = BTreeMap::new();
    for visit in visits {
        let (person, institution) = (visit.psn_no.as_str(), visit.fixmedins_code.as_str());
        let mut add = |kind: &'static str, code: &str, label: String| {
            let id = format!("{kind}/{code}");
            let node =
                nodes.entry(id.clone()).or_insert(GraphNode { id: id.clone(), kind, label, visits: 0, fund_amount: 0 });
            node.visits += 1;
            node.fund_amount += visit.funds.0;
            id
        };
        let from = add("person", person, person.to_owned());
        let at = add("institution", institution, name(institution));
        *edges.entry((from.clone(), at, "visit")).or_default() += 1;
        if !visit.doctor.is_empty() {
            let with = add("doctor", &visit.doctor, visit.doctor.clone());
            *edges.entry((from, with, "visit")).or_default() += 1;
        }
    }
    for (one, other) in together(visits) {
        *edges.entry((format!("person/{one}"), format!("person/{other}"), "together")).or_default() += 1;
    }
    let edges = edges.into_iter().map(|((from, to, kind), times)| GraphEdge { from, to, kind, times });
    Graph { nodes: nodes.into_values().collect(), edges: edges.collect() }
}

/// Pairs of persons who came to one institution at one time; the visits are in order of time.
fn together(visits: &[VisitBehind]) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for (nth, visit) in visits.iter().enumerate() {
        let later = visits[nth + 1..].iter();
        let soon = later.take_while(|other| {
            let apart = other.begin.duration_since(visit.begin);
            apart.as_secs() <= TOGETHER * 60
        });
        for other in soon.filter(|other| other.fixmedins_code == visit.fixmedins_code && other.psn_no != visit.psn_no) {
            let (one, two) = (visit.psn_no.as_str(), other.psn_no.as_str());
            pairs.push(if one < two { (one, two) } else { (two, one) });
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{DateTime, Fen};

    fn visit(person: &str, institution: &str, minute: i8) -> VisitBehind {
        VisitBehind {
            psn_no: person.into(),
            mdtrt_id: "V".into(),
            label: String::new(),
            fixmedins_code: institution.into(),
            med_type: "11".to_owned(),
            doctor: String::new(),
            department: String::new(),
            begin: DateTime::constant(2026, 3, 9, 8, minute, 0, 0),
            end: None,
            setl_id: None,
            total: Fen(200),
            funds: Fen(100),
        }
    }

    #[test]
    fn those_who_come_together_are_bound_and_those_who_do_not_are_not() {
        let visits = [visit("A", "H1", 0), visit("B", "H1", 20), visit("C", "H1", 55), visit("B", "H2", 56)];
        let made = graph(&visits, str::to_owned);
        let together: Vec<_> = made.edges.iter().filter(|edge| edge.kind == "together").collect();
        assert_eq!(together.len(), 1);
        assert_eq!(
            (together[0].from.as_str(), together[0].to.as_str(), together[0].times),
            ("person/A", "person/B", 1)
        );
        let b = made.nodes.iter().find(|node| node.id == "person/B").expect("B stands there");
        assert_eq!((b.visits, b.fund_amount), (2, 200));
        assert_eq!(made.nodes.iter().filter(|node| node.kind == "institution").count(), 2);
    }
}
