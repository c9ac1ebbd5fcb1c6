//! 报文: a message whose form is in order, and typed access to it for adapters.

use crate::catalogue::{Interface, Kind, Node};
use crate::json::write_text;
use crate::{Envelope, Form, Refused, Reply, tolerance};
use std::sync::Arc;
use terms::{Date, DateTime, Fen, Quantity, Ratio, UnitPrice};

/// 报文: the envelope and the checked rows of every input node.
#[derive(Debug, Clone)]
pub struct Message {
    /// 报文头.
    pub envelope: Envelope,
    pub(crate) interface: Arc<Interface>,
    pub(crate) nodes: Vec<Vec<Row>>,
    pub(crate) canonical: String,
}

impl Message {
    /// 交易: what the catalogue says of this transaction.
    #[must_use]
    pub fn interface(&self) -> &Arc<Interface> {
        &self.interface
    }

    /// The rows of an input node; none when the node may be absent and is.
    ///
    /// # Panics
    /// When the catalogue has no such input node: an adapter asks for what is not documented.
    #[must_use]
    pub fn rows(&self, node: &str) -> &[Row] {
        let at = self.interface.input.iter().position(|known| known.name == node);
        &self.nodes[at.unwrap_or_else(|| panic!("{} has no input node {node}", self.interface.infno))]
    }

    /// The rows of a node that stand inside `outer`, a row of the node that holds it.
    ///
    /// # Panics
    /// As [`Message::rows`].
    pub fn rows_within(&self, node: &str, outer: &Row) -> impl Iterator<Item = &Row> {
        self.rows(node).iter().filter(move |row| row.outer == outer.number)
    }

    /// The only row of a node that has exactly one.
    ///
    /// # Panics
    /// When the catalogue does not say that the node has exactly one row.
    #[must_use]
    pub fn row(&self, node: &str) -> &Row {
        match self.rows(node) {
            [row] => row,
            rows => panic!("{} {node} has {} rows, one was asked for", self.interface.infno, rows.len()),
        }
    }

    /// The input with names sorted and blanks, nulls and key order smoothed away: what a
    /// repeated message is compared on (not `inf_time`, not `sign_no`). It holds personal data.
    #[must_use]
    pub fn canonical_input(&self) -> &str {
        &self.canonical
    }

    /// An empty answer of this transaction.
    #[must_use]
    pub fn reply(&self) -> Reply {
        Reply::new(Arc::clone(&self.interface))
    }

    /// The checked input as JSON text, empty fields left out, every value as text: for tests, and
    /// for documents that are kept as they came.
    #[must_use]
    pub fn normalised(&self) -> String {
        let mut out = String::from("{");
        for (at, (node, rows)) in self.interface.input.iter().zip(&self.nodes).enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_text(&mut out, &node.name);
            out.push_str(":[");
            for (at, row) in rows.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                row.write(&mut out);
            }
            out.push(']');
        }
        out.push('}');
        out
    }
}

/// One row of an input node.
///
/// Empty texts read as `""` and empty numbers as 0, as the interface says; the `_given`
/// getters tell an empty field from a zero. A name that the catalogue does not have is a bug
/// of the adapter and panics.
#[derive(Debug, Clone)]
pub struct Row {
    pub(crate) node: Arc<Node>,
    /// Row number, from 1.
    pub number: usize,
    /// Number of the row that holds this one; 0 when it stands in the input itself.
    pub outer: usize,
    pub(crate) cells: Vec<Option<String>>,
    pub(crate) extensions: Vec<Option<Vec<String>>>,
}

impl Row {
    fn cell(&self, field: &str) -> Option<&str> {
        match self.node.position(field) {
            Some(at) => self.cells[at].as_deref(),
            None => panic!("input node {} has no field {field}", self.node.name),
        }
    }

    /// The text of a field, `""` when empty. Of a number: exactly as submitted.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.cell(field).unwrap_or_default()
    }

    /// The text of a field, unless it is empty.
    #[must_use]
    pub fn given(&self, field: &str) -> Option<&str> {
        self.cell(field).filter(|text| !text.is_empty())
    }

    /// The text of a field that this adapter needs though the catalogue does not require it.
    ///
    /// # Errors
    /// [`Refused`] naming the field when it is empty.
    pub fn need(&self, field: &str) -> Result<&str, Refused> {
        self.given(field).ok_or_else(|| self.refusal(Form::FieldMissing, field, "缺少或为空，请补齐后重发"))
    }

    /// 标志: whether the field is `1`.
    #[must_use]
    pub fn flag(&self, field: &str) -> bool {
        self.text(field) == "1"
    }

    /// 金额 in 分; 0 when empty.
    #[must_use]
    pub fn money(&self, field: &str) -> Fen {
        self.money_given(field).unwrap_or_default()
    }

    /// 金额 in 分, unless empty.
    #[must_use]
    pub fn money_given(&self, field: &str) -> Option<Fen> {
        self.parsed(field)
    }

    /// 单价; 0 when empty. The submitted text is [`Row::text`].
    #[must_use]
    pub fn unit_price(&self, field: &str) -> UnitPrice {
        self.parsed(field).unwrap_or_default()
    }

    /// 数量; 0 when empty. The submitted text is [`Row::text`].
    #[must_use]
    pub fn quantity(&self, field: &str) -> Quantity {
        self.parsed(field).unwrap_or_default()
    }

    /// 比例; 0 when empty.
    #[must_use]
    pub fn ratio(&self, field: &str) -> Ratio {
        self.parsed(field).unwrap_or_default()
    }

    /// A whole number; 0 when empty.
    #[must_use]
    pub fn whole(&self, field: &str) -> i64 {
        self.given(field).map_or(0, |text| {
            let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
            whole.parse().expect("the check lets only whole numbers of at most 18 digits through")
        })
    }

    fn parsed<T: std::str::FromStr>(&self, field: &str) -> Option<T> {
        let parsed = |text: &str| text.parse().ok().expect("the check lets only such numbers through");
        self.given(field).map(parsed)
    }

    /// 日期.
    ///
    /// # Errors
    /// [`Refused`] naming the field when it is empty.
    pub fn date(&self, field: &str) -> Result<Date, Refused> {
        self.need(field).map(|text| tolerance::date_in(text).expect("the check lets only dates through"))
    }

    /// 日期, unless empty.
    #[must_use]
    pub fn date_given(&self, field: &str) -> Option<Date> {
        self.given(field).and_then(tolerance::date_in)
    }

    /// 日期时间.
    ///
    /// # Errors
    /// [`Refused`] naming the field when it is empty.
    pub fn time(&self, field: &str) -> Result<DateTime, Refused> {
        self.need(field).map(|text| tolerance::time_in(text).expect("the check lets only times through"))
    }

    /// 日期时间, unless empty.
    #[must_use]
    pub fn time_given(&self, field: &str) -> Option<DateTime> {
        self.given(field).and_then(tolerance::time_in)
    }

    /// File data of a `bytes` field.
    #[must_use]
    pub fn bytes(&self, field: &str) -> Vec<u8> {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(self.text(field))
            .expect("the check stores file data as Base64")
    }

    /// A declared key of `exp_content`, unless empty.
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        self.extension_list(key).first().map(String::as_str)
    }

    /// The values of a declared key of `exp_content` that is a list.
    ///
    /// # Panics
    /// When neither the catalogue nor the region declares the key.
    #[must_use]
    pub fn extension_list(&self, key: &str) -> &[String] {
        match self.node.extension_position(key) {
            Some(at) => self.extensions[at].as_deref().unwrap_or_default(),
            None => panic!("input node {} declares no extension {key}", self.node.name),
        }
    }

    /// Whether a key of `exp_content` is declared here: regions differ.
    #[must_use]
    pub fn declares(&self, key: &str) -> bool {
        self.node.extension_position(key).is_some()
    }

    /// The text of a field, unless it is empty or this node does not have it: transactions
    /// that share a reading differ in their fields.
    #[must_use]
    pub fn given_if_any(&self, field: &str) -> Option<&str> {
        self.node.position(field).and_then(|at| self.cells[at].as_deref()).filter(|text| !text.is_empty())
    }

    /// Every field that is given, in the documented order; `exp_content` itself left out.
    pub fn all_given(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.node.fields.iter().zip(&self.cells).filter(|(field, _)| field.name != "exp_content");
        named.filter_map(|(field, cell)| Some((field.name.as_str(), cell.as_deref().filter(|text| !text.is_empty())?)))
    }

    /// Every declared key of `exp_content` that is given, with its first value.
    pub fn all_extensions(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.node.extensions.iter().zip(&self.extensions);
        named.filter_map(|(field, values)| Some((field.name.as_str(), values.as_ref()?.first()?.as_str())))
    }

    /// A refusal about one field of this row: `feedetail[3].cnt 数量`.
    #[must_use]
    pub fn refusal(&self, form: Form, field: &str, words: &str) -> Refused {
        Refused::form(form, place(&self.node, self.number, field), words)
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        let fields =
            self.node.fields.iter().map(|field| field.name.as_str()).zip(self.cells.iter().map(Option::as_deref));
        let mut first = true;
        for (name, text) in fields.filter_map(|(name, text)| text.map(|text| (name, text))) {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            write_text(out, name);
            out.push(':');
            write_text(out, text);
        }
        for (field, values) in self.node.extensions.iter().zip(&self.extensions) {
            let Some(values) = values else { continue };
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            write_text(out, &field.name);
            out.push(':');
            write_text(out, &values.join(","));
        }
        out.push('}');
    }
}

/// `feedetail[3].cnt 数量`: where a field of a row stands, for people.
pub(crate) fn place(node: &Node, row: usize, field: &str) -> String {
    let label =
        |fields: &[crate::Field]| fields.iter().find(|known| known.name == field).map(|known| known.label.clone());
    let (inside, label) = match label(&node.fields) {
        Some(label) => ("", label),
        None => ("exp_content.", label(&node.extensions).unwrap_or_default()),
    };
    let index = if node.rows == crate::Rows::One { String::new() } else { format!("[{row}]") };
    format!("{}{index}.{inside}{field} {label}", node.name).trim_end().to_owned()
}

/// Whether a kind is a number.
pub(crate) fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Number { .. })
}
