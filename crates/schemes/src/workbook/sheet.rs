//! One sheet as rows of clean cells under known headings.

use calamine::{Data, Range};

use super::cell::{clean, code, heading, narrow, raw};
use super::layout::Layout;
use crate::report::{Findings, Place, Trap};

/// So many rows at the top of a sheet are searched for headings.
const HEADING_ROWS: usize = 4;

/// The rows of a sheet.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    fields: Vec<&'static str>,
    pub(super) rows: Vec<SheetRow>,
}

/// One row, its cells in the order of the layout's columns, as they stand in the book.
pub(super) struct SheetRow {
    /// As a spreadsheet counts it, from 1.
    pub(super) number: usize,
    cells: Vec<Cell>,
}

/// A cell as the book holds it.
#[derive(Default)]
struct Cell {
    text: String,
    is_number: bool,
}

impl Sheet {
    /// A sheet that is not there: no rows.
    pub(super) fn absent(layout: &'static Layout) -> Sheet {
        let fields = layout.columns.iter().map(|column| column.field).collect();
        Sheet { name: layout.sheet, fields, rows: Vec::new() }
    }

    /// Finds the headings and takes the rows below them.
    pub(super) fn read(layout: &'static Layout, range: &Range<Data>, findings: &mut Findings) -> Sheet {
        let mut sheet = Sheet::absent(layout);
        let top = range.start().map_or(0, |(row, _)| row as usize);
        let left = range.start().map_or(0, |(_, column)| column as usize);
        let Some((at, columns)) = headings(layout, range, top, left, findings) else { return sheet };
        for (index, row) in range.rows().enumerate().skip(at + 1) {
            let cell = |at: &usize| row.get(*at).map(|cell| Cell { text: raw(cell), is_number: is_number(cell) });
            let cells: Vec<Cell> = columns.iter().map(|at| cell(at).unwrap_or_default()).collect();
            if cells.iter().any(|cell| !clean(&cell.text).is_empty()) {
                sheet.rows.push(SheetRow { number: top + index + 1, cells });
            }
        }
        sheet
    }

    fn cell<'a>(&self, row: &'a SheetRow, field: &str) -> Option<&'a Cell> {
        self.fields.iter().position(|known| *known == field).and_then(|at| row.cells.get(at))
    }

    fn raw<'a>(&self, row: &'a SheetRow, field: &str) -> &'a str {
        self.cell(row, field).map_or("", |cell| cell.text.as_str())
    }

    /// A clean text; what was cleaned off is noted under the code of the row.
    pub(super) fn text(&self, row: &SheetRow, field: &str, of: &str, findings: &mut Findings) -> String {
        let raw = self.raw(row, field);
        let text = clean(raw);
        self.note_cleaned(row, field, of, raw, &text, findings);
        text
    }

    /// A rule: clean, and full-width signs narrowed.
    pub(super) fn rule(&self, row: &SheetRow, of: &str, findings: &mut Findings) -> String {
        let raw = self.raw(row, "rule");
        let text: String = clean(raw).chars().map(narrow).collect();
        self.note_cleaned(row, "rule", of, raw, &text, findings);
        text
    }

    /// A code that keeps its case (diagnoses and procedures).
    pub(super) fn code(&self, row: &SheetRow, field: &str, findings: &mut Findings) -> String {
        let raw = self.raw(row, field);
        let text = code(raw);
        self.note_cleaned(row, field, &text, raw, &text, findings);
        if self.cell(row, field).is_some_and(|cell| cell.is_number) {
            return self.number_as_code(row, field, text, findings);
        }
        text
    }

    /// A code that the book holds as a number has lost the zeros at its ends. Only the codes of
    /// what belongs nowhere, which are all zeros, can be told from that.
    fn number_as_code(&self, row: &SheetRow, field: &str, text: String, findings: &mut Findings) -> String {
        let length = match (self.name, field) {
            ("ADRG", "code") | ("DRG", "adrg") => 3,
            ("MDC" | "DRG", "code") | (_, "mdc") => 4,
            _ => 0,
        };
        if text != "0" || length == 0 {
            let message =
                format!("{field} is a number in the book, so zeros at its ends are lost; make the cell a text");
            findings.problem(self.place(row, &text), message);
            return text;
        }
        let code = "0".repeat(length);
        findings.note(Trap::NumberAsCode, self.place(row, &code), format!("{field} is the number 0; read as {code}"));
        code
    }

    /// A code of the scheme itself (group, set, class, table): capitals.
    pub(super) fn capitals(&self, row: &SheetRow, field: &str, findings: &mut Findings) -> String {
        let text = self.code(row, field, findings);
        let capitals = text.to_uppercase();
        if capitals != text {
            let done = format!("{field} “{text}” read as {capitals}");
            findings.note(Trap::CodeCapitalised, Place::of(self.name, row.number, &capitals), done);
        }
        capitals
    }

    fn note_cleaned(&self, row: &SheetRow, field: &str, of: &str, raw: &str, text: &str, findings: &mut Findings) {
        if raw != text {
            let done = format!("{field} {raw:?} read as {text:?}");
            findings.note(Trap::CellCleaned, Place::of(self.name, row.number, of), done);
        }
    }

    pub(super) fn place(&self, row: &SheetRow, code: &str) -> Place {
        Place::of(self.name, row.number, code)
    }
}

/// The row of headings and, for each column of the layout, where it stands in the range.
fn headings(
    layout: &Layout,
    range: &Range<Data>,
    top: usize,
    left: usize,
    findings: &mut Findings,
) -> Option<(usize, Vec<usize>)> {
    let rows = range.rows().enumerate().take(HEADING_ROWS.saturating_sub(top));
    let found = rows.map(|(index, row)| (index, row, places(layout, row)));
    let best = found.max_by_key(|(index, _, places)| {
        (places.iter().filter(|place| !place.is_empty()).count(), std::cmp::Reverse(*index))
    });
    let known = |places: &[Vec<usize>]| places.iter().filter(|place| !place.is_empty()).count();
    let Some((index, row, places)) = best.filter(|(.., places)| known(places) >= 2 || known(places) == places.len())
    else {
        let names: Vec<&str> = layout.columns.iter().map(|column| column.headings[0]).collect();
        let message = format!("no row of headings in its first {HEADING_ROWS} rows; expected {}", names.join(", "));
        findings.problem(Place::sheet(layout.sheet), message);
        return None;
    };
    let place = Place::of(layout.sheet, top + index + 1, "");
    let mut sound = true;
    for (column, found) in layout.columns.iter().zip(&places) {
        match found.as_slice() {
            [_] => {}
            [] => findings.problem(
                place.clone(),
                format!("no column is headed {}; columns are never guessed", column.headings.join(" or ")),
            ),
            several => {
                let letters: Vec<String> = several.iter().map(|at| letter(left + at)).collect();
                let message = format!("columns {} both claim to be {}", letters.join(" and "), column.headings[0]);
                findings.problem(place.clone(), message);
            }
        }
        sound &= found.len() == 1;
    }
    if !sound {
        return None;
    }
    let columns: Vec<usize> = places.into_iter().map(|found| found[0]).collect();
    note_layout(layout, row, &columns, left, &place, findings);
    Some((index, columns))
}

fn is_number(cell: &Data) -> bool {
    matches!(cell, Data::Int(_) | Data::Float(_))
}

fn places(layout: &Layout, row: &[Data]) -> Vec<Vec<usize>> {
    let texts: Vec<String> = row.iter().map(|cell| heading(&raw(cell))).collect();
    let claims = |headings: &[&str]| -> Vec<usize> {
        (0..texts.len()).filter(|at| headings.iter().any(|known| heading(known) == texts[*at])).collect()
    };
    layout.columns.iter().map(|column| claims(column.headings)).collect()
}

fn note_layout(layout: &Layout, row: &[Data], columns: &[usize], left: usize, place: &Place, findings: &mut Findings) {
    if place.row != Some(1) {
        let done = format!("the headings stand in row {}; rows above were left out", place.row.unwrap_or(0));
        findings.note(Trap::HeadingsLower, place.clone(), done);
    }
    for (expected, (column, at)) in layout.columns.iter().zip(columns).enumerate() {
        if left + at != expected {
            let done = format!(
                "{} stands in column {}, not {}; read by its heading",
                clean(&raw(&row[*at])),
                letter(left + at),
                letter(expected)
            );
            findings.note(Trap::ColumnMoved, place.clone(), format!("{done} ({})", column.field));
        }
    }
    for (at, cell) in row.iter().enumerate().filter(|(at, _)| !columns.contains(at)) {
        let text = clean(&raw(cell));
        if !text.is_empty() {
            let done = format!("column {} “{text}” means nothing here and was left out", letter(left + at));
            findings.note(Trap::ColumnUnknown, place.clone(), done);
        }
    }
}

/// A column as a spreadsheet names it.
fn letter(mut at: usize) -> String {
    let mut out = Vec::new();
    loop {
        out.insert(0, char::from(b'A' + u8::try_from(at % 26).unwrap_or(0)));
        if at < 26 {
            return out.into_iter().collect();
        }
        at = at / 26 - 1;
    }
}
