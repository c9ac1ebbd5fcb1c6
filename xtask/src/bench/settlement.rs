//! Durable settlements a second: one 2207 over a visit whose ten lines are uploaded already.

use super::{Bench, Row};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    on_both(bench, "settlement", "settlements (2207, 10 lines)", ["≥ 1,500", "≥ 1,000 and ≥ 0.5 × pgbench"])
}

/// The same bench on both databases, at 16 and at 64 clients.
pub(super) fn on_both(bench: &Bench, name: &str, what: &str, goals: [&str; 2]) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for clients in ["16", "64"] {
        let databases = [("SQLite", bench.sqlite(&format!("{name}-{clients}"))), ("PostgreSQL", bench.server.url())];
        for ((label, database), goal) in databases.into_iter().zip(goals) {
            let figures = bench.heng(&[name, "--database", &database, "--clients", clients, "--seconds", "20"])?;
            let conditions = format!("{label}, durable, {clients} clients");
            rows.push(Row { what: what.to_owned(), conditions, figures, goal: goal.to_owned() });
        }
    }
    Ok(rows)
}
