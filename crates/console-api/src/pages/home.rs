//! 首页: the day reached, what was settled, fund by fund, and the latest settlements.

use journeys::{FundRole, JourneyError};
use maud::{Markup, html};
use terms::{Date, Fen};

use super::listed::{latest, table};
use crate::Page;
use crate::daybook::{Glance, Sums};
use crate::html::{Part, Place, bar, both, count, frame, named, yuan};

/// Seconds after which the front page loads itself again while something is under way.
const RELOAD: u32 = 5;
/// Settlements shown.
const ROWS: usize = 12;
/// Days shown.
const DAYS: usize = 7;

/// `/`. A `still` page does not reload itself.
pub(crate) fn home(page: &Page, still: bool) -> Result<Markup, JourneyError> {
    let stretch = page.database.read(|tx| latest(tx, i64::MAX, ROWS))?;
    let glance = page.daybook.glance(DAYS);
    let progress = (page.progress)();
    let (day, today) = glance.days.first().cloned().unzip();
    let today = today.unwrap_or_default();
    let caption = html! { (both("最近的在上", "latest first")) };
    let main = html! {
        (hero(page, day, progress.as_deref(), still))
        @if let Some(trouble) = &glance.trouble {
            p.alert role="alert" { "日账暂时跟不上变更流：" (trouble) " " span.en lang="en" { "(the daybook cannot follow the feed)" } }
        }
        (cards(&today, &glance))
        section {
            h2 { (both("今天的钱从哪里出", "Who paid today")) }
            @if day.is_some() { (bar("今天各方支付的份额，数字见图例", &payers(page, &today))) }
            (funds(page, &today, &glance.all))
        }
        section {
            h2 { (both("刚刚结算", "Just settled")) }
            (table(page, &caption, &stretch.rows))
            p.pager { a.button href="/settlements" { (both("全部结算", "All settlements")) } }
        }
        (days(&glance))
    };
    let reload = (progress.is_some() && !still).then_some(RELOAD);
    Ok(frame(page, Place::Home, "今日", reload, &main))
}

fn hero(page: &Page, day: Option<Date>, progress: Option<&str>, still: bool) -> Markup {
    html! {
        section.hero {
            div {
                p.over { (both("结算进行到", "settled up to")) }
                h1 {
                    @match day {
                        Some(day) => { time datetime=(day) { (day.year()) "年" (day.month()) "月" (day.day()) "日" } }
                        None => { (both("还没有结算", "nothing settled yet")) }
                    }
                }
                p.law { "依据《" (page.centre.law.title) "》 " span.en lang="en" { (page.centre.law.english) } }
            }
            @if let Some(progress) = progress {
                div.now {
                    p.over { (both("正在进行", "under way")) }
                    p.doing role="status" { (progress) }
                    @if still {
                        a href="/" { (both("恢复自动刷新", "resume reloading")) }
                    } @else {
                        a href="/?still=1" { (both("停止自动刷新", "stop reloading")) }
                    }
                }
            }
        }
    }
}

fn cards(today: &Sums, glance: &Glance) -> Markup {
    let all = &glance.all;
    let card = |name: Markup, value: String, whole: String| {
        html! {
            div.card {
                dt { (name) }
                dd { strong { (value) } span.whole { (both("累计", "in all")) " " (whole) } }
            }
        }
    };
    let person = |sums: &Sums| sums.account + sums.cash;
    html! {
        section aria-labelledby="today" {
            h2.hidden id="today" { "今日" }
            dl.cards {
                (card(both("今日结算笔数", "settlements"), count(today.settlements), count(all.settlements)))
                (card(both("医疗费总额 T", "the bills"), yuan(today.total), yuan(all.total)))
                (card(both("基金支付 F", "by the funds"), yuan(today.funds), yuan(all.funds)))
                (card(both("个人负担 P", "by the persons"), yuan(person(today)), yuan(person(all))))
            }
            p.fine {
                "“今日”是最近有结算的一天；撤销另计 " (count(today.reversals)) " 笔（累计 " (count(all.reversals)) " 笔），金额以负数计入。"
                @if glance.behind { " " strong { "仍在补记：已计入变更流前 " (count(glance.seen.unsigned_abs())) " 条。" } }
                " " span.en lang="en" { "Today is the newest day with settlements; reversals count with negative amounts." }
            }
        }
    }
}

/// Who paid: each pool, accounts, cash, hospital.
fn payers(page: &Page, sums: &Sums) -> Vec<Part> {
    let pools = sums.by_fund.iter().filter(|(code, _)| page.centre.books.role(code) == FundRole::Pool);
    let part = |(n, (code, amount)): (usize, (&String, &Fen))| Part {
        name: named(page.funds.get(code), code),
        amount: *amount,
        class: format!("fund-{}", n % 6),
    };
    let mut parts: Vec<Part> = pools.enumerate().map(part).collect();
    let rest = [
        (both("个人账户", "accounts"), sums.account, "account"),
        (both("个人现金", "cash"), sums.cash, "cash"),
        (both("医院负担", "hospitals"), sums.hospital, "hospital"),
    ];
    parts.extend(rest.map(|(name, amount, class)| Part { name, amount, class: class.to_owned() }));
    parts
}

fn funds(page: &Page, today: &Sums, all: &Sums) -> Markup {
    html! {
        @if !all.by_fund.is_empty() {
            table.stacks {
                caption { (both("各项基金与账户的支付", "paid by each fund and by accounts")) }
                thead { tr {
                    th scope="col" { (both("基金支付类型", "Fund")) }
                    th.num scope="col" { (both("今日", "today")) }
                    th.num scope="col" { (both("累计", "in all")) }
                } }
                tbody {
                    @for (code, amount) in &all.by_fund {
                        tr {
                            th scope="row" { (named(page.funds.get(code), code)) " " code { (code) } }
                            td.num data-label="今日" { (yuan(today.by_fund.get(code).copied().unwrap_or(Fen::ZERO))) }
                            td.num data-label="累计" { (yuan(*amount)) }
                        }
                    }
                }
            }
        }
    }
}

fn days(glance: &Glance) -> Markup {
    html! {
        @if !glance.days.is_empty() {
            section {
                h2 { (both("一天一天", "Day by day")) }
                table.stacks {
                    caption { (both("最近有结算的几天", "the last days with settlements")) }
                    thead { tr {
                        th scope="col" { (both("日期", "Day")) }
                        th.num scope="col" { (both("结算", "settled")) }
                        th.num scope="col" { (both("撤销", "reversed")) }
                        th.num scope="col" { (both("总额", "T")) }
                        th.num scope="col" { (both("基金", "F")) }
                        th.num scope="col" { (both("账户", "W")) }
                        th.num scope="col" { (both("现金", "X")) }
                    } }
                    tbody {
                        @for (day, sums) in &glance.days {
                            tr {
                                th scope="row" { time datetime=(day) { (day) } }
                                td.num data-label="结算" { (count(sums.settlements)) }
                                td.num data-label="撤销" { (count(sums.reversals)) }
                                td.num data-label="总额 T" { (yuan(sums.total)) }
                                td.num data-label="基金 F" { (yuan(sums.funds)) }
                                td.num data-label="账户 W" { (yuan(sums.account)) }
                                td.num data-label="现金 X" { (yuan(sums.cash)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
