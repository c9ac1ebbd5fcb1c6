//! Durable appends to the transparency log a second.

use super::{Bench, Row};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let figures = bench.heng(&["evidence", "--database", &bench.sqlite("evidence"), "--seconds", "10"])?;
    let conditions = "SQLite, durable".to_owned();
    Ok(vec![Row { what: "evidence appends".to_owned(), conditions, figures, goal: "≥ 50,000".to_owned() }])
}
