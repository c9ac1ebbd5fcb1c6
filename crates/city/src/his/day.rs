//! 日终: sign-in in the morning; 3201 for every scheme and clearing type at night, and 3202
//! with its files where the totals differ, and for each institution every seventh day.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use base64::Engine as _;
use terms::{Date, Fen};

use super::body::{self, Node};
use super::books::{Column, Entry};
use super::clerk::Clerk;
use crate::CityError;

impl Clerk<'_> {
    /// 9001.
    pub(super) fn sign_in(&mut self, place: usize, date: Date) -> Result<(), CityError> {
        self.clock = date.at(0, 0, 1, 0);
        self.shared.signed_in(place, String::new());
        let id = self.shared.message_id(place, self.clock);
        let answer = self.say_as(place, "9001", &id, &body::sign_in())?;
        let sign = answer.output.node("signinoutb").map(|row| row.text("sign_no")).unwrap_or_default();
        self.shared.signed_in(place, sign);
        Ok(())
    }

    /// 3201 and, where due, 3202 of an institution's day.
    pub(super) fn reconcile(&mut self, place: usize, date: Date) -> Result<(), CityError> {
        let code = self.shared.city.institutions()[place].code.clone();
        let entries = self.shared.books.close(&(code, date));
        self.clock = date.at(23, 59, 30, 0);
        let mut columns: BTreeMap<&Column, Vec<&Entry>> = BTreeMap::new();
        for entry in &entries {
            columns.entry(&entry.column).or_default().push(entry);
        }
        let mut unequal = Vec::new();
        for (column, entries) in &columns {
            if !self.statement(place, date, column, entries)? {
                unequal.push(column.1.clone());
            }
        }
        let seventh = (usize::try_from(date.day()).unwrap_or(0) + place).is_multiple_of(7);
        let clearings: Vec<String> = columns.keys().map(|(_, clearing)| clearing.clone()).collect();
        let due = if seventh { clearings.into_iter().take(1).collect() } else { unequal };
        for clearing in due {
            let rows: Vec<&Entry> = entries.iter().filter(|entry| entry.column.1 == clearing).collect();
            self.detail(place, date, &clearing, &rows)?;
        }
        Ok(())
    }

    fn statement(&mut self, place: usize, date: Date, column: &Column, rows: &[&Entry]) -> Result<bool, CityError> {
        let day = date.to_string();
        let node = Node::new().text("insutype", &column.0).text("clr_type", &column.1);
        let node = sums(node.text("setl_optins", self.shared.city.area()).text("stmt_begndate", &day), &day, rows);
        let node = node.number("acct_pay", sum(rows, |row| row.account));
        let node = node.text("refd_setl_flag", "0").text("fixmedins_refd_setl_flag", "0");
        let id = self.shared.message_id(place, self.clock);
        let answer = self.say_as(place, "3201", &id, &body::input("data", node))?;
        self.report.statements += 1;
        let result = answer.output.node("stmtinfo").map(|row| (row.text("stmt_rslt"), row.text("stmt_rslt_dscr")));
        let (result, words) = result.unwrap_or_default();
        if result == "0" {
            self.report.statements_equal += 1;
            return Ok(true);
        }
        let institution = &self.shared.city.institutions()[place].code;
        let books = format!("{} of {} settlements", sum(rows, |row| row.total), rows.len());
        let (scheme, clearing) = column;
        let told =
            format!("3201 of {institution} on {day}, {scheme}/{clearing}: books say {books}, the centre “{words}”");
        self.report.difference(told);
        Ok(false)
    }

    /// 3202: 9101 up, the comparison, 9102 down.
    fn detail(&mut self, place: usize, date: Date, clearing: &str, rows: &[&Entry]) -> Result<(), CityError> {
        let code = self.shared.city.institutions()[place].code.clone();
        let day = date.to_string();
        let name = format!("{code}{}.zip", date.strftime("%Y%m%d"));
        let Some(file) = zipped(&text_of(rows)) else {
            return Ok(());
        };
        let data = base64::engine::general_purpose::STANDARD.encode(file);
        let up = Node::new().text("in", data).text("filename", &name).text("fixmedins_code", &code);
        let id = self.shared.message_id(place, self.clock);
        let answer = self.say_as(place, "9101", &id, &body::input("fsUploadIn", up))?;
        if answer.refusal.is_some() {
            return Ok(());
        }
        let number = answer.output.text("file_qury_no");
        let node = Node::new().text("setl_optins", self.shared.city.area()).text("file_qury_no", number);
        let node = sums(node.text("stmt_begndate", &day), &day, rows).number("cash_payamt", sum(rows, |row| row.cash));
        let node = node.text("clr_type", clearing).text("refd_setl_flag", "0").text("fixmedins_refd_setl_flag", "0");
        let id = self.shared.message_id(place, self.clock);
        let answer = self.say_as(place, "3202", &id, &body::input("data", node))?;
        let Some(info) = answer.output.node("fileinfo").filter(|_| answer.refusal.is_none()) else {
            return Ok(());
        };
        let down = Node::new().text("file_qury_no", info.text("file_qury_no")).text("filename", info.text("filename"));
        let down = body::input("fsDownloadIn", down.text("fixmedins_code", &code));
        let id = self.shared.message_id(place, self.clock);
        let stream = self.fetch(place, "9102", &id, &down)?;
        self.report.statement_files += 1;
        match unzipped(&stream) {
            Ok(text) => self.compare(&code, &day, &text, rows),
            Err(problem) => self.report.difference(format!("9102 of {code} on {day}: {problem}")),
        }
        Ok(())
    }

    /// Rows that are not equal. What 2601 took back has no settlement id at the hospital, so
    /// the centre names it: that is how it should be.
    fn compare(&mut self, code: &str, day: &str, text: &str, rows: &[&Entry]) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split('\t').collect();
            let (Some(id), Some(result)) = (cells.get(3), cells.get(4)) else {
                self.report.difference(format!("3202 of {code} on {day}: the row “{line}” has too few columns"));
                continue;
            };
            let taken_back = rows.iter().any(|row| row.settlement.is_empty() && row.msgid == *id);
            if *result != "0" && !taken_back {
                self.report.difference(format!("3202 of {code} on {day}: {line}"));
            }
        }
    }
}

fn sum(rows: &[&Entry], of: impl Fn(&Entry) -> Fen) -> Fen {
    Fen(rows.iter().map(|row| of(row).0).sum())
}

fn sums(node: Node, end: &str, rows: &[&Entry]) -> Node {
    let node = node.text("stmt_enddate", end).number("medfee_sumamt", sum(rows, |row| row.total));
    node.number("fund_pay_sumamt", sum(rows, |row| row.fund)).number("fixmedins_setl_cnt", rows.len())
}

/// TAB-separated rows in the documented order; what has no settlement id cannot be listed.
fn text_of(rows: &[&Entry]) -> String {
    let listed = rows.iter().filter(|row| !row.settlement.is_empty());
    let lines = listed.map(|row| {
        let flag = if row.refund { "1" } else { "0" };
        let (id, visit, person) = (&row.settlement, &row.visit, &row.person);
        format!("{id}\t{visit}\t{person}\t{}\t{}\t{}\t{flag}\r\n", row.total, row.fund, row.account)
    });
    lines.collect()
}

fn zipped(text: &str) -> Option<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    writer.start_file("stmt.txt", options).ok()?;
    writer.write_all(text.as_bytes()).ok()?;
    writer.finish().ok().map(Cursor::into_inner)
}

fn unzipped(bytes: &[u8]) -> Result<String, String> {
    if !bytes.starts_with(b"PK") {
        return Err(format!("not a file: {}", String::from_utf8_lossy(bytes).chars().take(160).collect::<String>()));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|cause| cause.to_string())?;
    let mut file = archive.by_index(0).map_err(|cause| cause.to_string())?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|cause| cause.to_string())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_file_goes_through_its_zip() {
        let entry = Entry {
            column: ("310".to_owned(), "11".to_owned()),
            settlement: "S1".to_owned(),
            visit: "M1".to_owned(),
            person: "99990000000001".to_owned(),
            total: Fen(12_345),
            fund: Fen(10_000),
            account: Fen(45),
            cash: Fen(2300),
            refund: false,
            msgid: "H1".to_owned(),
        };
        let back = entry.taken_back("H2");
        let rows = [&entry, &back];
        assert_eq!(sum(&rows, |row| row.total), Fen::ZERO);
        let text = text_of(&rows);
        assert_eq!(text, "S1\tM1\t99990000000001\t123.45\t100.00\t0.45\t0\r\n");
        assert_eq!(unzipped(&zipped(&text).unwrap()).as_deref(), Ok(text.as_str()));
        assert!(unzipped(b"{\"infcode\":-1}").is_err());
    }
}
