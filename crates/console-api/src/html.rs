//! 版式: the frame of every page and the small pieces that pages share.

use maud::{DOCTYPE, Markup, html};
use terms::Fen;

use crate::{Named, Page};

/// Chinese first, English beside it.
pub(crate) fn both(chinese: &str, english: &str) -> Markup {
    html! {
        span.zh { (chinese) }
        @if !english.is_empty() { " " span.en lang="en" { (english) } }
    }
}

pub(crate) fn named(names: Option<&Named>, code: &str) -> Markup {
    match names {
        Some(named) => both(&named.name, &named.english),
        None => html! { code { (code) } },
    }
}

/// Yuan with thousands apart: `1,234.50`; a minus sign for less than nothing.
pub(crate) fn yuan(amount: Fen) -> String {
    grouped(&amount.to_string())
}

/// A count with thousands apart.
pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A decimal text with its thousands apart.
pub(crate) fn grouped(plain: &str) -> String {
    let (sign, size) = plain.strip_prefix('-').map_or(("", plain), |size| ("−", size));
    let (whole, decimals) = size.split_at(size.find('.').unwrap_or(size.len()));
    let mut told = sign.to_owned();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told + decimals
}

/// One part of a whole, with the class that colours it.
pub(crate) struct Part {
    pub name: Markup,
    pub amount: Fen,
    pub class: String,
}

/// A bar of parts and its legend. A reversal's negative parts are drawn by their size.
pub(crate) fn bar(label: &str, parts: &[Part]) -> Markup {
    let size = |part: &Part| part.amount.0.unsigned_abs();
    let whole: u64 = parts.iter().map(size).sum();
    let shown: Vec<&Part> = parts.iter().filter(|part| !part.amount.is_zero()).collect();
    let mut from = 0;
    let places: Vec<(u64, u64)> = shown
        .iter()
        .map(|part| {
            let (start, end) = (from * 10_000 / whole.max(1), (from + size(part)) * 10_000 / whole.max(1));
            from += size(part);
            (start, end - start)
        })
        .collect();
    html! {
        figure.split {
            svg viewBox="0 0 10000 100" preserveAspectRatio="none" role="img" aria-label=(label) {
                rect.ground x="0" y="0" width="10000" height="100" {}
                @for (part, (x, width)) in shown.iter().zip(&places) {
                    rect class=(part.class) x=(x) y="0" width=(width) height="100" {}
                }
            }
            figcaption {
                ul.legend {
                    @for part in &shown {
                        li { i class={ "key " (part.class) } {} span.what { (part.name) } span.money { (yuan(part.amount)) } }
                    }
                }
            }
        }
    }
}

/// A table that can be scrolled by keyboard when it is wider than the screen.
pub(crate) fn scrolled(label: &str, table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (table) } }
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Settlements,
    Log,
    Elsewhere,
}

/// A whole page. `reload` is after how many seconds it loads itself again.
pub(crate) fn frame(page: &Page, place: Place, title: &str, reload: Option<u32>, main: &Markup) -> Markup {
    let link = |to: Place, href: &str, words: Markup| {
        html! { a href=(href) aria-current=[(place == to).then_some("page")] { (words) } }
    };
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                @if let Some(seconds) = reload { meta http-equiv="refresh" content=(seconds); }
                title { (title) " · " (page.region.name) " · 衡 Heng" }
                link rel="icon" href="/assets/heng.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/page.css";
            }
            body {
                a.skip href="#main" { "跳到正文 Skip to content" }
                header.top {
                    a.brand href="/" {
                        span.mark aria-hidden="true" { "衡" }
                        span.name { strong { (page.region.name) "医疗保障" } span.en lang="en" { "Heng · " (page.region.english) } }
                    }
                    nav aria-label="页面" {
                        (link(Place::Home, "/", both("今日", "Today")))
                        (link(Place::Settlements, "/settlements", both("结算", "Settlements")))
                        (link(Place::Log, "/log", both("存证", "Log")))
                    }
                }
                main id="main" { (main) }
                footer {
                    p {
                        "这是演示页，只在本机可见，不设登录，人人看到全部内容（姓名与号码已遮去大半）；它不是经办工作台。"
                        " " span.en lang="en" {
                            "A demonstration page on this machine only: no sign-in, everybody sees everything (names and \
                             numbers mostly hidden). It is not the console."
                        }
                    }
                    p.fine { "金额单位：元" " " span.en lang="en" { "Amounts in yuan" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_nothing_is_lost() {
        assert_eq!(yuan(Fen(123_456_789)), "1,234,567.89");
        assert_eq!(yuan(Fen(-100_000)), "−1,000.00");
        assert_eq!(yuan(Fen(-5)), "−0.05");
        assert_eq!(grouped("5499.194"), "5,499.194");
        assert_eq!(count(999), "999");
    }
}
