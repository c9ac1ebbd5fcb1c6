//! What a region bends in the national catalogue: its `interface.toml`.

use super::{Catalogue, CatalogueError, Dictionary, Field, Interface, Kind, Node, NodeText, Rows, parse, parse_kind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionFile {
    /// Beginnings of the area codes (行政区划) that belong to the region.
    #[serde(default)]
    areas: Vec<String>,
    /// Codes that the region adds to a dictionary.
    #[serde(default)]
    dictionary: BTreeMap<String, Vec<(String, String)>>,
    #[serde(default)]
    bend: Vec<Bend>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bend {
    /// The transactions it is about.
    infno: Vec<String>,
    /// `input` or `output`.
    side: Side,
    /// The node; made when the side lacks it and `rows` is given.
    node: String,
    /// How many rows the node has here.
    rows: Option<Rows>,
    /// Fields that the region wants.
    #[serde(default)]
    required: Vec<String>,
    /// Fields that the region does without.
    #[serde(default)]
    optional: Vec<String>,
    /// Types that differ: field = "str 60".
    #[serde(default)]
    types: BTreeMap<String, String>,
    /// Fields that the region adds, written as in the catalogue.
    #[serde(default)]
    fields: Vec<Vec<String>>,
    /// Another output node whose fields this one repeats: "2204 result".
    fields_of: Option<String>,
    /// Keys of `exp_content` that the region declares.
    #[serde(default)]
    extensions: Vec<Vec<String>>,
    /// Why, for the reader of the file.
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Side {
    Input,
    Output,
}

const FILE: &str = "interface.toml";

pub fn bend(mut catalogue: Catalogue, text: &str) -> Result<Catalogue, CatalogueError> {
    let region: RegionFile = parse(FILE, text)?;
    catalogue.areas = region.areas;
    for (name, codes) in region.dictionary {
        let dictionary = catalogue
            .dictionaries
            .get_mut(&name)
            .ok_or_else(|| CatalogueError::Bend(format!("dictionary.{name}: the catalogue has no such dictionary")))?;
        Arc::make_mut(dictionary).codes.extend(codes);
        let dictionary = Arc::clone(dictionary);
        use_dictionary(&mut catalogue, &name, &dictionary);
    }
    for bend in &region.bend {
        for infno in &bend.infno {
            let mut interface = catalogue.get(infno).map(|interface| Interface::clone(interface)).ok_or_else(|| {
                CatalogueError::Bend(format!("bend of {infno}: the catalogue has no such transaction"))
            })?;
            apply(&catalogue, &mut interface, bend)?;
            catalogue.interfaces.insert(infno.clone(), Arc::new(interface));
        }
    }
    Ok(catalogue)
}

/// Puts an extended dictionary in place of the national one wherever a field uses it.
fn use_dictionary(catalogue: &mut Catalogue, name: &str, dictionary: &Arc<Dictionary>) {
    for interface in catalogue.interfaces.values_mut() {
        let interface = Arc::make_mut(interface);
        for node in interface.input.iter_mut().chain(&mut interface.output) {
            for field in &mut Arc::make_mut(node).fields {
                if field.dictionary.is_some() && field.name == name {
                    field.dictionary = Some(Arc::clone(dictionary));
                }
            }
        }
    }
}

fn apply(catalogue: &Catalogue, interface: &mut Interface, bend: &Bend) -> Result<(), CatalogueError> {
    let place = format!("bend of {} {}", interface.infno, bend.node);
    let wrong = |what: String| CatalogueError::Bend(format!("{place}: {what}"));
    let nodes = match bend.side {
        Side::Input => &mut interface.input,
        Side::Output => &mut interface.output,
    };
    let at = match nodes.iter().position(|node| node.name == bend.node) {
        Some(at) => at,
        None => {
            let rows =
                bend.rows.ok_or_else(|| wrong("no such node; to add one, say how many rows it has".to_owned()))?;
            let empty = NodeText { node: bend.node.clone(), rows, within: None, fields: Vec::new() };
            nodes.push(Arc::new(catalogue.node(FILE, empty)?));
            nodes.len() - 1
        }
    };
    let node = Arc::make_mut(&mut nodes[at]);
    node.rows = bend.rows.unwrap_or(node.rows);
    if let Some(source) = &bend.fields_of {
        node.fields.extend(
            fields_of(catalogue, source).ok_or_else(|| wrong(format!("fields_of “{source}” is no output node")))?,
        );
    }
    for text in &bend.fields {
        node.fields.push(catalogue.field(FILE, text)?);
    }
    for text in &bend.extensions {
        node.extensions.push(catalogue.field(FILE, text)?);
    }
    if !node.extensions.is_empty() && node.position("exp_content").is_none() {
        let kind = Kind::Text(4000);
        let (name, label) = ("exp_content".to_owned(), "字段扩展".to_owned());
        node.fields.push(Field { name, label, kind, required: false, dictionary: None });
    }
    for name in bend.required.iter().chain(&bend.optional) {
        field(node, name).ok_or_else(|| wrong(format!("no field {name}")))?.required = bend.required.contains(name);
    }
    for (name, kind) in &bend.types {
        let kind = parse_kind(kind).ok_or_else(|| wrong(format!("{name}: no type “{kind}”")))?;
        field(node, name).ok_or_else(|| wrong(format!("no field {name}")))?.kind = kind;
    }
    Ok(())
}

fn field<'a>(node: &'a mut Node, name: &str) -> Option<&'a mut Field> {
    node.fields.iter_mut().find(|field| field.name == name)
}

fn fields_of(catalogue: &Catalogue, source: &str) -> Option<Vec<Field>> {
    let (infno, node) = source.split_once(' ')?;
    let interface = catalogue.get(infno)?;
    Some(interface.output[interface.output_position(node)?].fields.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Catalogue, String> {
        Catalogue::national().bent_by(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_region_declares_extensions_and_relaxes_fields() {
        let bent = check(
            "areas = [\"9999\"]\n[[bend]]\nwhy = \"test\"\ninfno = [\"2501\"]\nside = \"input\"\nnode = \"refmedin\"\n\
             optional = [\"diag_code\"]\ntypes = { refl_opnn = \"str 500\" }\n\
             extensions = [[\"FILING_ID\", \"备案号\", \"str 30\", \"\"]]",
        )
        .unwrap();
        let node = bent.get("2501").unwrap().input_node("refmedin").unwrap();
        assert!(!node.fields[node.position("diag_code").unwrap()].required);
        assert_eq!(node.fields[node.position("refl_opnn").unwrap()].kind, Kind::Text(500));
        assert!(node.position("exp_content").is_some() && node.extension_position("FILING_ID").is_some());
        assert!(bent.is_local("999901") && !bent.is_local("110100"));
    }

    #[test]
    fn a_bend_of_nothing_is_an_error_that_names_it() {
        let bend = |rest: &str| check(&format!("[[bend]]\nwhy = \"test\"\nside = \"input\"\n{rest}")).unwrap_err();
        assert!(bend("infno = [\"9999\"]\nnode = \"data\"").contains("bend of 9999"));
        assert!(bend("infno = [\"2207\"]\nnode = \"dat\"").contains("2207 dat: no such node"));
        assert!(bend("infno = [\"2207\"]\nnode = \"data\"\nrequired = [\"psnno\"]").contains("no field psnno"));
        assert!(check("[dictionary]\nnone = [[\"1\", \"x\"]]").unwrap_err().contains("dictionary.none"));
    }

    #[test]
    fn a_region_adds_codes_to_a_dictionary() {
        let bent = check("[dictionary]\nmdtrt_cert_type = [[\"04\", \"人脸\"]]").unwrap();
        let node = bent.get("2207").unwrap().input_node("data").unwrap().clone();
        let field = &node.fields[node.position("mdtrt_cert_type").unwrap()];
        assert!(field.dictionary.as_ref().unwrap().codes.iter().any(|(code, _)| code == "04"));
    }
}
