//! 应答: an answer in the documented shape. Fields are set by name and written in the
//! documented order, all of them; in tests a name that the catalogue lacks, or a required
//! field left empty, stops the adapter.

use crate::catalogue::{Interface, Kind, Node, Rows};
use crate::json::write_text;
use std::sync::Arc;
use terms::{Date, DateTime, Fen, Quantity, Ratio, UnitPrice};

/// 应答: the output nodes of one transaction.
#[derive(Debug, Clone)]
pub struct Reply {
    interface: Arc<Interface>,
    nodes: Vec<Vec<ReplyRow>>,
    /// A warning that travels beside a success (`warn_msg`).
    pub warning: Option<String>,
}

impl Reply {
    /// An empty answer of a transaction.
    #[must_use]
    pub fn new(interface: Arc<Interface>) -> Reply {
        let nodes = interface.output.iter().map(|_| Vec::new()).collect();
        Reply { interface, nodes, warning: None }
    }

    /// Appends a row to an output node and returns it to be filled.
    ///
    /// # Panics
    /// When the catalogue has no such output node.
    pub fn row(&mut self, node: &str) -> &mut ReplyRow {
        let at = self.interface.output_position(node);
        let at = at.unwrap_or_else(|| panic!("{} has no output node “{node}”", self.interface.infno));
        self.nodes[at].push(ReplyRow::new(Arc::clone(&self.interface.output[at]), &self.interface));
        self.nodes[at].last_mut().expect("just pushed")
    }

    /// Whether the catalogue, as the region bends it, has this output node.
    #[must_use]
    pub fn has(&self, node: &str) -> bool {
        self.interface.output_position(node).is_some()
    }

    /// Writes `output`.
    pub(crate) fn write(&self, out: &mut String) {
        let whole = |node: &Node| node.name.is_empty();
        if let [node] = self.interface.output.as_slice()
            && whole(node)
        {
            return write_rows(node, &self.nodes[0], out);
        }
        out.push('{');
        let own = self.interface.output.iter().zip(&self.nodes).filter(|(node, _)| node.within.is_none());
        for (at, (node, rows)) in own.enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_text(out, &node.name);
            out.push(':');
            write_rows(node, rows, out);
        }
        out.push('}');
    }
}

fn write_rows(node: &Node, rows: &[ReplyRow], out: &mut String) {
    debug_assert!(
        node.rows == Rows::Any || !rows.is_empty() && (node.rows == Rows::Many || rows.len() == 1),
        "output node “{}” is {:?} and has {} rows",
        node.name,
        node.rows,
        rows.len()
    );
    match (node.rows, rows) {
        (Rows::One, [row, ..]) => row.write(out),
        (Rows::One, []) => out.push_str("{}"),
        _ => {
            out.push('[');
            for (at, row) in rows.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                row.write(out);
            }
            out.push(']');
        }
    }
}

/// One row of an output node; each setter returns the row, so that they chain.
#[derive(Debug, Clone)]
pub struct ReplyRow {
    node: Arc<Node>,
    cells: Vec<Option<String>>,
    extensions: Vec<(String, String)>,
    /// The nodes that stand inside this row, each with its rows.
    inner: Vec<(Arc<Node>, Vec<ReplyRow>)>,
}

impl ReplyRow {
    fn new(node: Arc<Node>, interface: &Interface) -> ReplyRow {
        let within = interface.output.iter().filter(|inner| inner.within.as_ref() == Some(&node.name));
        let inner = within.map(|inner| (Arc::clone(inner), Vec::new())).collect();
        ReplyRow { cells: vec![None; node.fields.len()], node, extensions: Vec::new(), inner }
    }

    /// Appends a row to a node that stands inside this row and returns it to be filled. What
    /// stands inside stands one level deep.
    ///
    /// # Panics
    /// When the catalogue has no such node within this one.
    pub fn inner_row(&mut self, node: &str) -> &mut ReplyRow {
        let at = self.inner.iter().position(|(known, _)| known.name == node);
        let at = at.unwrap_or_else(|| panic!("output node “{}” holds no node “{node}”", self.node.name));
        let (node, rows) = &mut self.inner[at];
        rows.push(ReplyRow {
            cells: vec![None; node.fields.len()],
            node: Arc::clone(node),
            extensions: Vec::new(),
            inner: Vec::new(),
        });
        rows.last_mut().expect("just pushed")
    }

    fn set(&mut self, field: &str, fits: impl Fn(Kind) -> bool, json: String) -> &mut Self {
        let at = self.node.position(field);
        debug_assert!(at.is_some(), "output node “{}” has no field {field}", self.node.name);
        if let Some(at) = at {
            let kind = self.node.fields[at].kind;
            debug_assert!(fits(kind), "output field {field} is {kind:?}, another type was answered");
            self.cells[at] = Some(json);
        }
        self
    }

    /// A text or code.
    pub fn text(&mut self, field: &str, text: impl AsRef<str>) -> &mut Self {
        let mut json = String::new();
        write_text(&mut json, text.as_ref());
        let json = if text.as_ref().is_empty() { String::new() } else { json };
        self.set(field, |kind| matches!(kind, Kind::Text(_)), json)
    }

    /// 标志: `1` or `0`.
    pub fn flag(&mut self, field: &str, flag: bool) -> &mut Self {
        self.text(field, if flag { "1" } else { "0" })
    }

    /// 金额, written in 元 with two decimals.
    pub fn money(&mut self, field: &str, amount: Fen) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { places: 2.., .. }), amount.to_string())
    }

    /// 单价.
    pub fn unit_price(&mut self, field: &str, price: UnitPrice) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { places: 6, .. }), price.to_string())
    }

    /// 数量.
    pub fn quantity(&mut self, field: &str, quantity: Quantity) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { places: 4, .. }), quantity.to_string())
    }

    /// 比例.
    pub fn ratio(&mut self, field: &str, ratio: Ratio) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { places: 4, .. }), ratio.to_string())
    }

    /// A whole number.
    pub fn whole(&mut self, field: &str, number: i64) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { .. }), number.to_string())
    }

    /// A number whose text is kept: `cnt` and `pric` go back as they came (`12.50`).
    pub fn number(&mut self, field: &str, text: &str) -> &mut Self {
        self.set(field, |kind| matches!(kind, Kind::Number { .. }), json_number(text))
    }

    /// 日期.
    pub fn date(&mut self, field: &str, date: Date) -> &mut Self {
        self.set(field, |kind| kind == Kind::Date, format!("\"{date}\""))
    }

    /// 日期时间.
    pub fn time(&mut self, field: &str, time: DateTime) -> &mut Self {
        self.set(field, |kind| kind == Kind::DateTime, format!("\"{}\"", terms::show_time(time)))
    }

    /// The names of the fields, in the documented order.
    #[must_use]
    pub fn field_names(&self) -> Vec<String> {
        self.node.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// A text that another message brought, written as this field's kind asks; one that does not
    /// fit leaves the field empty.
    pub fn echo(&mut self, field: &str, text: &str) -> &mut Self {
        let Some(kind) = self.node.position(field).map(|at| self.node.fields[at].kind) else { return self };
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        match kind {
            Kind::Text(_) => self.text(field, text),
            Kind::Number { .. } if !text.is_empty() && plain(text) => self.number(field, text),
            Kind::Date => match crate::tolerance::date_in(text) {
                Some(date) => self.date(field, date),
                None => self,
            },
            Kind::DateTime => match crate::tolerance::time_in(text) {
                Some(time) => self.time(field, time),
                None => self,
            },
            _ => self,
        }
    }

    /// A declared key of `exp_content`.
    pub fn extension(&mut self, key: &str, text: &str) -> &mut Self {
        debug_assert!(self.node.extension_position(key).is_some(), "“{}” declares no extension {key}", self.node.name);
        self.extensions.push((key.to_owned(), text.to_owned()));
        self
    }

    /// Whether the catalogue, as the region bends it, has this output field: regions differ.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.node.position(field).is_some()
    }

    /// What a code of this field means, by its dictionary; empty when the dictionary has not.
    #[must_use]
    pub fn meaning(&self, field: &str, code: &str) -> &str {
        let dictionary = self.node.position(field).and_then(|at| self.node.fields[at].dictionary.as_deref());
        let known = dictionary.and_then(|known| known.codes.iter().find(|(known, _)| known == code));
        known.map_or("", |(_, meaning)| meaning)
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (at, (field, cell)) in self.node.fields.iter().zip(&self.cells).enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_text(out, &field.name);
            out.push(':');
            match cell.as_deref().filter(|json| !json.is_empty()) {
                Some(json) => out.push_str(json),
                None if field.name == "exp_content" && !self.extensions.is_empty() => self.write_extensions(out),
                None => {
                    debug_assert!(!field.required, "output field {}.{} is never empty", self.node.name, field.name);
                    out.push_str(empty(field.kind));
                }
            }
        }
        for (node, rows) in &self.inner {
            out.push(',');
            write_text(out, &node.name);
            out.push(':');
            write_rows(node, rows, out);
        }
        out.push('}');
    }

    /// `exp_content` is a text that holds a JSON object.
    fn write_extensions(&self, out: &mut String) {
        let mut inner = String::from("{");
        for (at, (key, text)) in self.extensions.iter().enumerate() {
            if at > 0 {
                inner.push(',');
            }
            write_text(&mut inner, key);
            inner.push(':');
            write_text(&mut inner, text);
        }
        inner.push('}');
        write_text(out, &inner);
    }
}

/// How an empty field is written: numbers 0, texts "", dates null.
fn empty(kind: Kind) -> &'static str {
    match kind {
        Kind::Number { places: 2, .. } => "0.00",
        Kind::Number { .. } => "0",
        Kind::Date | Kind::DateTime => "null",
        Kind::Text(_) | Kind::Bytes | Kind::List(_) => "\"\"",
    }
}

/// A checked number text as a JSON number: `007.50` → `7.50`, `.5` → `0.5`, `5.` → `5`.
fn json_number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let plain = (whole.to_owned() + decimals).bytes().all(|byte| byte.is_ascii_digit());
    debug_assert!(plain, "“{text}” is not a plain decimal number");
    match (plain, decimals) {
        (false, _) => "0".to_owned(),
        (true, "") => format!("{sign}{whole}"),
        (true, decimals) => format!("{sign}{whole}.{decimals}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    fn written(fill: impl Fn(&mut Reply)) -> String {
        let mut reply = Reply::new(Arc::clone(Catalogue::national().get("2204").unwrap()));
        fill(&mut reply);
        let mut out = String::new();
        reply.write(&mut out);
        out
    }

    fn line(reply: &mut Reply) -> &mut ReplyRow {
        reply
            .row("result")
            .text("feedetl_sn", "1")
            .text("chrgitm_lv", "01")
            .text("med_chrgitm_type", "09")
            .flag("lmt_used_flag", false)
            .number("cnt", "12.50")
            .number("pric", "007.5")
            .money("det_item_fee_sumamt", Fen(-9_375))
            .number("pric_uplmt_amt", "999999")
    }

    #[test]
    fn fields_are_written_in_the_documented_order_with_exact_numbers() {
        let text = written(|reply| _ = line(reply));
        assert!(text.starts_with(
            r#"{"result":[{"feedetl_sn":"1","det_item_fee_sumamt":-93.75,"cnt":12.50,"pric":7.5,"pric_uplmt_amt":999999,"selfpay_prop":0,"fulamt_ownpay_amt":0.00,"#
        ), "{text}");
        assert!(text.ends_with(r#""drt_reim_flag":"","memo":"","exp_content":""}]}"#), "{text}");
    }

    #[test]
    #[should_panic(expected = "no field setl_id")]
    fn an_undocumented_field_stops_the_adapter() {
        written(|reply| _ = reply.row("result").text("setl_id", "1"));
    }

    #[test]
    #[should_panic(expected = "result.chrgitm_lv is never empty")]
    fn a_required_field_left_empty_stops_the_adapter() {
        written(|reply| _ = line(reply).text("chrgitm_lv", ""));
    }

    #[test]
    #[should_panic(expected = "another type was answered")]
    fn a_field_of_the_wrong_type_stops_the_adapter() {
        written(|reply| _ = line(reply).text("cnt", "1"));
    }

    #[test]
    fn rows_inside_a_row_are_written_inside_it_and_nowhere_else() {
        let mut reply = Reply::new(Arc::clone(Catalogue::national().get("3102").unwrap()));
        let row = reply.row("result");
        for field in
            ["jr_id", "rule_id", "rule_name", "vola_cont", "patn_id", "vola_amt_stas", "sev_deg", "vola_bhvr_type"]
        {
            row.text(field, "1");
        }
        row.money("vola_amt", Fen(1_000));
        for number in ["1", "2"] {
            let inner = row.inner_row("judge_result_detail_dtos");
            inner.text("jrd_id", number).text("patn_id", "P").text("vola_item_type", "1").money("vola_amt", Fen(500));
        }
        let mut out = String::new();
        reply.write(&mut out);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 1, "{out}");
        assert_eq!(json["result"][0]["judge_result_detail_dtos"][1]["jrd_id"], "2", "{out}");
    }
}
