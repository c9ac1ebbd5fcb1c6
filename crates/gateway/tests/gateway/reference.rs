//! The committed catalogue against the collected facts it was made from.

use gateway::{Catalogue, Node};
use serde_json::Value;
use std::path::Path;

/// The facts, unless they are not on this machine; `HENG_REFERENCE=required` makes that a failure.
fn facts() -> Option<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/nhsa-interface-fields.json");
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(serde_json::from_str(&text).expect("the facts are JSON")),
        Err(_) if std::env::var("HENG_REFERENCE").is_ok_and(|value| value == "required") => {
            panic!("HENG_REFERENCE=required, and {} cannot be read", file.display())
        }
        Err(_) => {
            println!("not run: reference absent");
            None
        }
    }
}

#[test]
fn every_documented_field_is_in_the_catalogue_in_its_order() {
    let Some(facts) = facts() else { return };
    let catalogue = Catalogue::national();
    let mut fields = 0;
    for interface in
        catalogue.interfaces().filter(|known| !["1162", "2206A", "2207A", "4101A"].contains(&known.infno.as_str()))
    {
        let nodes = facts["transactions"][&interface.infno]["nodes"].as_array().expect("nodes");
        for fact in nodes {
            let name = fact["node"].as_str().unwrap_or_default();
            let side: &[_] = match (fact["dir"].as_str(), name) {
                (_, "(input file, TAB txt)" | "(output file, TAB txt)") => &interface.files,
                (Some("in"), _) => &interface.input,
                _ => &interface.output,
            };
            let name = match name {
                "(input file, TAB txt)" => "upload",
                "(output file, TAB txt)" => "result",
                "(none)" => "",
                "data#stastinfo" => "data",
                name => name,
            };
            let node = side.iter().find(|node| node.name == name);
            let node = node.unwrap_or_else(|| panic!("{} has no node {name}", interface.infno));
            fields += in_order(&interface.infno, node, &fact["fields"]);
        }
    }
    assert!(fields > 1400, "{fields} fields compared");
}

/// How many fields of a fact stand in the node, in the same order.
fn in_order(infno: &str, node: &Node, facts: &Value) -> usize {
    let mut last = None;
    let mut count = 0;
    // 规则标识集合 is a list of texts, every other 集合 a node of its own.
    let is_node = |fact: &Value| match fact["type"].as_str() {
        None | Some("List" | "Map<String,String>") => true,
        Some(kind) => kind.ends_with("集合") && kind != "规则标识集合",
    };
    for fact in facts.as_array().expect("fields").iter().filter(|fact| !is_node(fact)) {
        let name = fact["f"].as_str().expect("a name");
        let at = node.position(name).unwrap_or_else(|| panic!("{infno} {} lacks {name}", node.name));
        // 2304 lists hosp_part_amt twice; the first place counts.
        let repeated = last.is_some_and(|last| at < last) && name == "hosp_part_amt";
        assert!(repeated || last.is_none_or(|last| at > last), "{infno} {} {name} is out of order", node.name);
        assert_eq!(node.fields[at].label, fact["name"].as_str().unwrap_or_default().trim(), "{infno} {name}");
        last = last.max(Some(at));
        count += 1;
    }
    count
}
