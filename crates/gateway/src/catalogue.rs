//! 接口目录: the transactions field by field, as data (`interface/*.toml`), and what a region
//! bends in them (`regions/…/interface.toml`). The format stands in `docs/design/gateway.md`.

mod bend;
mod files;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The catalogue cannot be read, or a region bends what is not there.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML of the documented shape.
    #[error("{file}: {source}")]
    Toml {
        /// The file.
        file: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A field's type is none of str, num, date, datetime, bytes, list.
    #[error("{file}: {field}: the type “{kind}” is none of `str N`, `num P,S`, `date`, `datetime`, `bytes`, `list N`")]
    Kind {
        /// The file.
        file: String,
        /// The field.
        field: String,
        /// What was written.
        kind: String,
    },
    /// A bend names something that the catalogue does not have.
    #[error("interface.toml: {0}")]
    Bend(String),
}

/// 字段类型, with its lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 字符型: at most so many characters.
    Text(usize),
    /// 数值型 (digits, places): digits in all and decimals among them.
    Number {
        /// Digits in all.
        digits: usize,
        /// Decimals among them.
        places: usize,
    },
    /// 日期型 yyyy-MM-dd.
    Date,
    /// 日期时间型 yyyy-MM-dd HH:mm:ss.
    DateTime,
    /// 字节数组.
    Bytes,
    /// Several texts, each at most so many characters (only inside `exp_content`).
    List(usize),
}

/// 字典: the codes a field may have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    /// 名称.
    pub name: String,
    /// Whether the gateway refuses unknown codes (false: the law does).
    #[serde(default = "yes")]
    pub checked: bool,
    /// Whether `01` is `1`.
    #[serde(default)]
    pub leading_zero: bool,
    /// Code and meaning.
    pub codes: Vec<(String, String)>,
}

fn yes() -> bool {
    true
}

/// 字段.
#[derive(Debug, Clone)]
pub struct Field {
    /// The national name: `psn_no`.
    pub name: String,
    /// 中文名: `人员编号`.
    pub label: String,
    /// Type and length.
    pub kind: Kind,
    /// Input: must be given; output: never empty.
    pub required: bool,
    /// The dictionary of its codes.
    pub dictionary: Option<Arc<Dictionary>>,
}

/// How many rows a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// Exactly one; input may write it as an object or a one-element array.
    One,
    /// One or more.
    Many,
    /// None or more; the node may be absent.
    Any,
}

/// 节点: one object or one list of rows in `input` or `output`.
#[derive(Debug, Clone)]
pub struct Node {
    /// 节点标识; empty when the fields stand in `output` itself.
    pub name: String,
    /// How many rows.
    pub rows: Rows,
    /// The node whose rows may hold these rows (追溯码 inside 费用明细).
    pub within: Option<String>,
    /// The fields in their documented order.
    pub fields: Vec<Field>,
    /// Keys of `exp_content` that the region declares.
    pub extensions: Vec<Field>,
}

impl Node {
    /// Where a field stands in the documented order.
    #[must_use]
    pub fn position(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|known| known.name == field)
    }

    /// Where a declared key of `exp_content` stands.
    #[must_use]
    pub fn extension_position(&self, key: &str) -> Option<usize> {
        self.extensions.iter().position(|known| known.name == key)
    }
}

/// 交易: one transaction of the interface.
#[derive(Debug, Clone)]
pub struct Interface {
    /// 交易编号.
    pub infno: String,
    /// 交易名称.
    pub title: String,
    /// Who calls it: `institution`, `hospital`, `pharmacy` (a fact, not a check).
    pub caller: String,
    /// The end of its own path, where it is known.
    pub path: Option<String>,
    /// Whether it records something, so that a repeated message gets the kept answer.
    pub records: bool,
    /// Bytes of `input`, where it may be longer than other messages.
    pub input_bytes: Option<usize>,
    /// Rows of one node, where there may be more than in other messages.
    pub lines: Option<usize>,
    /// Input nodes.
    pub input: Vec<Arc<Node>>,
    /// Output nodes.
    pub output: Vec<Arc<Node>>,
    /// Files moved by 9101/9102 (columns of a TAB text): `upload`, `result`.
    pub files: Vec<Arc<Node>>,
}

impl Interface {
    /// The input node of that name.
    #[must_use]
    pub fn input_node(&self, name: &str) -> Option<&Arc<Node>> {
        self.input.iter().find(|node| node.name == name)
    }

    /// Where the output node of that name stands.
    #[must_use]
    pub fn output_position(&self, name: &str) -> Option<usize> {
        self.output.iter().position(|node| node.name == name)
    }
}

/// 接口目录: every transaction known field by field, and the titles of all others.
#[derive(Debug, Clone)]
pub struct Catalogue {
    interfaces: BTreeMap<String, Arc<Interface>>,
    titles: BTreeMap<String, String>,
    dictionaries: BTreeMap<String, Arc<Dictionary>>,
    areas: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InterfaceFile {
    infno: String,
    title: String,
    caller: String,
    path: Option<String>,
    records: bool,
    input_bytes: Option<usize>,
    lines: Option<usize>,
    #[serde(default)]
    input: Vec<NodeText>,
    #[serde(default)]
    output: Vec<NodeText>,
    #[serde(default)]
    file: Vec<NodeText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeText {
    node: String,
    rows: Rows,
    within: Option<String>,
    fields: Vec<Vec<String>>,
}

impl Catalogue {
    /// The national catalogue, as committed in `interface/`.
    ///
    /// # Panics
    /// When a committed file is broken, which a test shows first.
    #[must_use]
    pub fn national() -> Catalogue {
        Catalogue::read_national().expect("the committed interface catalogue is sound")
    }

    fn read_national() -> Result<Catalogue, CatalogueError> {
        let dictionaries: BTreeMap<String, Arc<Dictionary>> =
            parse::<BTreeMap<String, Dictionary>>("dictionaries.toml", files::DICTIONARIES)?
                .into_iter()
                .map(|(name, dictionary)| (name, Arc::new(dictionary)))
                .collect();
        let mut catalogue =
            Catalogue { interfaces: BTreeMap::new(), titles: titles(files::TITLES), dictionaries, areas: Vec::new() };
        for (infno, text) in files::TRANSACTIONS {
            let file = format!("{infno}.toml");
            let read: InterfaceFile = parse(&file, text)?;
            let nodes = |texts: Vec<NodeText>| {
                texts.into_iter().map(|text| catalogue.node(&file, text).map(Arc::new)).collect::<Result<Vec<_>, _>>()
            };
            let interface = Interface {
                input: nodes(read.input)?,
                output: nodes(read.output)?,
                files: nodes(read.file)?,
                infno: read.infno,
                title: read.title,
                caller: read.caller,
                path: read.path,
                records: read.records,
                input_bytes: read.input_bytes,
                lines: read.lines,
            };
            catalogue.interfaces.insert(interface.infno.clone(), Arc::new(interface));
        }
        Ok(catalogue)
    }

    /// The catalogue as a region bends it: the text of its `interface.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the file's fault.
    pub fn bent_by(self, text: &str) -> Result<Catalogue, CatalogueError> {
        bend::bend(self, text)
    }

    /// The transaction of that number, when it is known field by field.
    #[must_use]
    pub fn get(&self, infno: &str) -> Option<&Arc<Interface>> {
        self.interfaces.get(infno)
    }

    /// Every transaction known field by field, in order of number.
    pub fn interfaces(&self) -> impl Iterator<Item = &Arc<Interface>> {
        self.interfaces.values()
    }

    /// The title of any transaction of the national interface.
    #[must_use]
    pub fn title(&self, infno: &str) -> Option<&str> {
        self.titles.get(infno).map(String::as_str)
    }

    /// The transaction whose own path this is the end of.
    #[must_use]
    pub fn by_path(&self, path: &str) -> Option<&Arc<Interface>> {
        self.interfaces.values().find(|interface| interface.path.as_deref().is_some_and(|end| path.ends_with(end)))
    }

    /// Whether an area (行政区划) belongs to the region; any does when the region names none.
    #[must_use]
    pub fn is_local(&self, area: &str) -> bool {
        self.areas.is_empty() || self.areas.iter().any(|prefix| area.starts_with(prefix.as_str()))
    }

    fn node(&self, file: &str, text: NodeText) -> Result<Node, CatalogueError> {
        let fields = text.fields.iter().map(|field| self.field(file, field)).collect::<Result<_, _>>()?;
        Ok(Node { name: text.node, rows: text.rows, within: text.within, fields, extensions: Vec::new() })
    }

    /// A field from `[name, 中文名, type, "required" or "", dictionary?]`.
    fn field(&self, file: &str, text: &[String]) -> Result<Field, CatalogueError> {
        let part = |at: usize| text.get(at).map_or("", String::as_str);
        let bad = |kind: &str| CatalogueError::Kind {
            file: file.to_owned(),
            field: part(0).to_owned(),
            kind: kind.to_owned(),
        };
        let kind = parse_kind(part(2)).ok_or_else(|| bad(part(2)))?;
        if !matches!(part(3), "" | "required") {
            return Err(bad(part(3)));
        }
        let dictionary = match part(4) {
            "" => None,
            name => Some(self.dictionaries.get(name).cloned().ok_or_else(|| bad(name))?),
        };
        Ok(Field {
            name: part(0).to_owned(),
            label: part(1).to_owned(),
            kind,
            required: part(3) == "required",
            dictionary,
        })
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogueError> {
    toml::from_str(text).map_err(|source| CatalogueError::Toml { file: file.to_owned(), source: Box::new(source) })
}

fn parse_kind(text: &str) -> Option<Kind> {
    match text.split_once(' ') {
        None if text == "date" => Some(Kind::Date),
        None if text == "datetime" => Some(Kind::DateTime),
        None if text == "bytes" => Some(Kind::Bytes),
        Some(("str", length)) => length.parse().ok().map(Kind::Text),
        Some(("list", length)) => length.parse().ok().map(Kind::List),
        Some(("num", size)) => {
            let (digits, places) = size.split_once(',').unwrap_or((size, "0"));
            Some(Kind::Number { digits: digits.parse().ok()?, places: places.parse().ok()? })
        }
        _ => None,
    }
}

fn titles(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_committed_file_is_listed_and_reads() {
        let catalogue = Catalogue::read_national().unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/interface");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let infno = name.strip_suffix(".toml").filter(|stem| *stem != "dictionaries");
            if let Some(infno) = infno {
                assert!(catalogue.get(infno).is_some(), "{name} is not in catalogue/files.rs");
                assert!(catalogue.title(infno).is_some(), "{infno} has no title");
            }
        }
        assert_eq!(catalogue.interfaces().count(), files::TRANSACTIONS.len());
        assert_eq!(catalogue.title("1301"), Some("西药中成药目录下载"));
        assert!(catalogue.get("1301").is_none());
    }

    #[test]
    fn fields_stand_in_the_documented_order_with_their_types() {
        let catalogue = Catalogue::national();
        let settle = catalogue.get("2207").unwrap();
        let data = settle.input_node("data").unwrap();
        assert_eq!(data.fields[0].label, "人员编号");
        assert_eq!(data.fields[7].kind, Kind::Number { digits: 16, places: 2 });
        assert!(settle.records && !catalogue.get("2206").unwrap().records);
        assert_eq!(settle.output[0].fields.first().map(|field| field.name.as_str()), Some("mdtrt_id"));
    }

    #[test]
    fn a_path_of_its_own_names_its_transaction() {
        let catalogue = Catalogue::national();
        let found = |path| catalogue.by_path(path).map(|interface| interface.infno.as_str());
        assert_eq!(found("/any/base/outpatientSettleService/saveSettletmentV2"), Some("2207"));
        assert_eq!(found("/any/base/outpatientSettleService/saveSettletment"), Some("2207A"));
        assert_eq!(found("/fsi/api/rsfComIfsService/callService"), None);
    }
}
