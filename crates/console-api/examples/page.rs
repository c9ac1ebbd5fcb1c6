//! A page to look at: a filled embedded database behind the pages, on a loopback port.
//!
//! `cargo run -p console-api --example page -- REGION_FOLDER [PORT]`

use std::sync::Arc;
use std::time::Duration;

#[path = "../tests/pages/town.rs"]
mod town;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().unwrap_or_else(|| "regions/999900".to_owned());
    let port: u16 = words.next().map_or(Ok(8021), |port| port.parse())?;
    let town = tokio::task::spawn_blocking(move || {
        let town = town::Town::open(folder.as_ref(), db_sqlite::Sqlite::temporary().expect("opens").into_database());
        town.fill();
        town
    })
    .await?;
    let mut page = town.page();
    page.progress = Arc::new(|| Some("3 月 9 日：40 家机构，已办 12,408 次就诊".to_owned()));
    let _following = page.daybook.follow(page.database.clone(), Duration::from_millis(300))?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, console_api::router(page)).await?;
    Ok(())
}
