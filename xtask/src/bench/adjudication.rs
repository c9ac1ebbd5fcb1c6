//! Adjudications a second on one core, in memory: a claim of ten lines, no database.

use super::{Bench, Row};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let figures = bench.heng(&["adjudication", "--lines", "10", "--seconds", "10"])?;
    let conditions = "in memory, 1 core, 10 lines".to_owned();
    Ok(vec![Row { what: "adjudications".to_owned(), conditions, figures, goal: "≥ 100,000".to_owned() }])
}
