//! 存证日志: the latest signed checkpoint and the key that verifies receipts.

use journeys::JourneyError;
use maud::{Markup, html};

use crate::Page;
use crate::html::{Place, both, count, frame};

/// `/log`.
pub(crate) fn log(page: &Page) -> Result<Markup, JourneyError> {
    let latest = page.database.read(|tx| -> Result<_, JourneyError> {
        let latest = evidence::latest_checkpoint(tx)?;
        Ok(latest.map(|published| evidence::with_cosignatures(tx, published)).transpose()?)
    })?;
    let key = page.trusted.to_string();
    let main = html! {
        section {
            h1 { (both("存证日志", "Evidence log")) }
            p.lead {
                "每一笔结算和撤销，都在同一事务里写下一条加盐的散列；约一秒内编号，进入只增不减的日志，树根以国密 SM2 签名。日志里没有任何个人信息。"
                " " span.en lang="en" {
                    "Each settlement or reversal leaves a salted hash in its own transaction; within about a second it is numbered in an \
                     append-only tree whose root is signed with SM2. No personal data is in the log."
                }
            }
            @match &latest {
                None => { p.empty { (both("还没有签名的检查点。", "No checkpoint has been signed yet.")) } }
                Some(published) => {
                    @let checkpoint = &published.note.checkpoint;
                    dl.facts {
                        div { dt { (both("条数", "entries")) } dd { strong { (count(checkpoint.size)) } } }
                        div { dt { (both("日志", "log")) } dd { code { (checkpoint.origin) } } }
                        div { dt { (both("签名时刻", "signed at")) } dd { time datetime=(checkpoint.time) { (checkpoint.time) } } }
                    }
                    @if published.signer != key {
                        p.alert role="alert" {
                            "最新检查点由另一把密钥签名。" " " span.en lang="en" { "The latest checkpoint was signed with another key." }
                        }
                    }
                    h2 { (both("最新检查点", "Latest checkpoint")) }
                    pre.wraps { (published.note.text()) }
                }
            }
        }
        section {
            h2 { (both("公钥", "Public key")) }
            p {
                "核验凭证时用它。请从经办机构得到这一行，不要采用凭证自带的那一行。"
                " " span.en lang="en" { "Verify receipts with this line, taken from the centre itself, never from a receipt." }
            }
            pre.wraps { (key) }
            p { (both("在另一台电脑上，不联网也能核验：", "On any other machine, offline:")) }
            pre.wraps { "heng verify receipt-ID.json --key '" (key) "'" }
        }
    };
    Ok(frame(page, Place::Log, "存证日志", None, &main))
}
