//! Durable appends to the transparency log a second: many in a deed, as a bring-in adds them,
//! and one in a deed, as settlements do.

use super::{Bench, Row};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let ways = [("2000", "2", "≥ 50,000"), ("1", "64", "")];
    ways.map(|(leaves, clients, goal)| {
        let database = bench.sqlite(&format!("evidence-{leaves}"));
        let args = ["evidence", "--database", &database, "--leaves", leaves, "--clients", clients, "--seconds", "10"];
        let conditions = format!("SQLite, durable, {clients} clients, {leaves} in a deed");
        Ok(Row { what: "evidence appends".to_owned(), conditions, figures: bench.heng(&args)?, goal: goal.to_owned() })
    })
    .into_iter()
    .collect()
}
