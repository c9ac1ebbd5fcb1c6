//! 规整: how exports write dates, flags and numbers, into how a field is read. Only where the
//! meaning is clear; anything else is left as it is and refused by the field.

use std::borrow::Cow;

use encounter::Kind;

/// The text as the field's kind reads it.
pub(crate) fn tidy(kind: Kind, text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match kind {
        Kind::Date => day(text).map_or(text.into(), Cow::Owned),
        Kind::Time => moment(text).map_or(text.into(), Cow::Owned),
        Kind::Money | Kind::Number => number(text),
        Kind::Flag => flag(text).into(),
        Kind::Text | Kind::Texts => text.into(),
    }
}

fn flag(text: &str) -> &str {
    match text {
        "是" | "有" | "TRUE" | "true" | "True" | "Y" | "y" => "1",
        "否" | "无" | "FALSE" | "false" | "False" | "N" | "n" => "0",
        other => other,
    }
}

/// Without a currency sign and without commas between thousands.
fn number(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim();
    if bare.contains(',') && thousands(bare) { bare.replace(',', "").into() } else { bare.into() }
}

fn thousands(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default().trim_start_matches('-');
    let mut groups = whole.split(',');
    groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
}

/// `2026-1-5`, `2026/01/05`, `20260105`, `2026年1月5日`, with or without a time behind.
fn day(text: &str) -> Option<String> {
    Some(parts(text)?.0)
}

/// The same with `8:30`, `08:30:00`, `08:30:00.0`, or fourteen digits in a row.
fn moment(text: &str) -> Option<String> {
    let (day, clock) = parts(text)?;
    Some(format!("{day} {}", clock.unwrap_or_else(|| "00:00:00".to_owned())))
}

fn parts(text: &str) -> Option<(String, Option<String>)> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(text) && (text.len() == 8 || text.len() == 14) {
        let clock = (text.len() == 14).then(|| format!("{}:{}:{}", &text[8..10], &text[10..12], &text[12..14]));
        return Some((format!("{}-{}-{}", &text[0..4], &text[4..6], &text[6..8]), clock));
    }
    let (day, clock) = match text.split_once([' ', 'T']) {
        Some((day, clock)) => (day, Some(clock.trim())),
        None => (text, None),
    };
    let mut numbers = day.trim_end_matches('日').split(['-', '/', '年', '月', '.']);
    let (year, month, of_month) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let short = |part: &str| (1..=2).contains(&part.len()) && digits(part);
    if numbers.next().is_some() || year.len() != 4 || !digits(year) || !short(month) || !short(of_month) {
        return None;
    }
    let day = format!("{year}-{month:0>2}-{of_month:0>2}");
    let Some(clock) = clock else { return Some((day, None)) };
    let (clock, below) = clock.split_once('.').unwrap_or((clock, ""));
    if below.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let mut numbers = clock.split(':');
    let (hour, minute, second) = (numbers.next()?, numbers.next()?, numbers.next().unwrap_or("00"));
    if numbers.next().is_some() || !short(hour) || !short(minute) || !short(second) {
        return None;
    }
    Some((day, Some(format!("{hour:0>2}:{minute:0>2}:{second:0>2}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exports_write_is_read_where_it_is_clear() {
        for (kind, text, read) in [
            (Kind::Date, "2026/1/5", "2026-01-05"),
            (Kind::Date, "2026-01-05 00:00:00", "2026-01-05"),
            (Kind::Date, "2026年1月5日", "2026-01-05"),
            (Kind::Time, "2026-01-05T08:30", "2026-01-05 08:30:00"),
            (Kind::Time, "2026/1/5 8:30:07.000", "2026-01-05 08:30:07"),
            (Kind::Time, "20260105083007", "2026-01-05 08:30:07"),
            (Kind::Time, "2026-01-05", "2026-01-05 00:00:00"),
            (Kind::Money, "￥1,234.50", "1234.50"),
            (Kind::Number, "-1,000", "-1000"),
            (Kind::Flag, "是", "1"),
            (Kind::Flag, "FALSE", "0"),
            (Kind::Text, " 001 ", "001"),
        ] {
            assert_eq!(tidy(kind, text), read, "{text}");
        }
    }

    #[test]
    fn what_is_not_clear_is_left_alone() {
        for (kind, text) in [
            (Kind::Date, "05/01/2026"),
            (Kind::Date, "去年"),
            (Kind::Time, "2026-01-05 8"),
            (Kind::Money, "1,2,3"),
            (Kind::Flag, "也许"),
        ] {
            assert_eq!(tidy(kind, text), text, "{text}");
        }
    }
}
