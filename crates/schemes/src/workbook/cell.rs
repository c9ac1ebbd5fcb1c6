//! 单元格清洗: what a cell says once the spreadsheet's dirt is off.

use calamine::Data;
use listing::codes::latin_twin;

/// The text of a cell as it stands, before cleaning. A whole number has no decimals.
pub(super) fn raw(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Error(error) => format!("{error:?}"),
        other => other.to_string(),
    }
}

/// Takes off what a spreadsheet leaves in text: escaped and real line ends, no-break, wide
/// and zero-width spaces, byte order marks; runs of spaces become one, the ends are trimmed.
pub(crate) fn clean(raw: &str) -> String {
    let text = unescape(raw);
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let continued = c == '\\' && matches!(chars.peek(), Some('\n' | '\r'));
        match c {
            '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => gap = true,
            _ if continued || c.is_whitespace() || c.is_control() => gap = true,
            c => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    out
}

/// A cell that holds a code: no space inside either, and no other change; `x` keeps its case.
pub(crate) fn code(raw: &str) -> String {
    let mut text = clean(raw);
    text.retain(|c| c != ' ');
    text
}

/// `_x000D_` and its like, in any case, become a space.
fn unescape(raw: &str) -> String {
    const ESCAPES: [&str; 3] = ["_x000d_", "_x000a_", "_x0009_"];
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('_') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let escaped = tail.get(..7).is_some_and(|head| ESCAPES.iter().any(|e| head.eq_ignore_ascii_case(e)));
        let taken = if escaped { 7 } else { 1 };
        out.push_str(if escaped { " " } else { "_" });
        rest = &tail[taken..];
    }
    out.push_str(rest);
    out
}

/// A heading or a sheet's name for comparison: no spaces, full-width letters narrowed,
/// ASCII in upper case.
pub(crate) fn heading(text: &str) -> String {
    clean(text).chars().filter(|c| !c.is_whitespace()).map(narrow).map(|c| c.to_ascii_uppercase()).collect()
}

/// ASCII for a full-width letter, digit or sign.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

/// The ASCII letter that a code's look-alike (Greek, Cyrillic, full-width) stands for.
pub(crate) fn look_alike(c: char) -> Option<char> {
    let narrowed = narrow(c);
    if narrowed != c {
        return Some(narrowed);
    }
    latin_twin(c).or(match c {
        '∗' => Some('*'),
        '。' => Some('.'),
        '†' => Some('+'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_loses_escapes_odd_spaces_and_zero_widths() {
        assert_eq!(clean("ZYZD in DI_RN4_x000D_\n and\u{A0}ZYSS  in OP_1"), "ZYZD in DI_RN4 and ZYSS in OP_1");
        assert_eq!(clean("\u{200B}A17.100x001+G07*\u{3000}"), "A17.100x001+G07*");
        assert_eq!(code("A17\u{200B}.100"), "A17.100");
        assert_eq!(clean("(1) or \\\n(2)"), "(1) or (2)");
        assert_eq!(clean("_X000A_ \u{FEFF}"), "");
        assert_eq!(clean("a_b_x000"), "a_b_x000");
    }

    #[test]
    fn a_code_keeps_the_case_of_its_x() {
        assert_eq!(code("J42.x00"), "J42.x00");
    }

    #[test]
    fn headings_are_compared_without_spaces_width_or_case() {
        assert_eq!(heading(" ｍdc 编码\n"), "MDC编码");
    }
}
