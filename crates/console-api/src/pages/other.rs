//! Pages for when there is nothing to show.

use maud::{Markup, html};

use crate::Page;
use crate::html::{Place, both, frame};

/// 404.
pub(crate) fn nothing_here(page: &Page) -> Markup {
    let main = html! {
        section.plain {
            h1 { (both("这里没有内容", "Nothing here")) }
            p { "网址可能写错了，或者这笔结算不存在。" " " span.en lang="en" { "The address may be mistyped, or there is no such settlement." } }
            p.pager { a.button href="/" { (both("回到首页", "Back to today")) } " " a.button href="/settlements" { (both("全部结算", "All settlements")) } }
        }
    };
    frame(page, Place::Elsewhere, "没有这一页", None, &main)
}

/// 500, with the reason for whoever runs the centre.
pub(crate) fn trouble(page: &Page, reason: &str) -> Markup {
    let main = html! {
        section.plain {
            h1 { (both("这一页没有做成", "This page could not be made")) }
            p { "原因如下；没有任何记录因此改变。" " " span.en lang="en" { "The reason is below; nothing recorded has changed." } }
            pre tabindex="0" { (reason) }
            p { a.button href="/" { (both("回到首页", "Back to today")) } }
        }
    };
    frame(page, Place::Elsewhere, "出错", None, &main)
}
