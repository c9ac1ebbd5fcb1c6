//! Cases grouped a second on one core, on the published CHS-DRG 1.1 tables and cases, beside the
//! grouper from which those tables were extracted.

use super::{Bench, Figures, Row};

/// Where the tables and cases stand beside a checkout; they are not part of the repository.
const REFERENCE: &str = "../shared/reference/drg/chs_drg_11";

/// The oracle, in its three languages: cases a second on a machine of this kind, as they came with
/// the reference. Not measured here.
const ORACLE: [(&str, &str); 3] = [("JavaScript", "3031"), ("Python", "2535"), ("Java", "1185")];

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let scheme = bench.root.join(REFERENCE);
    let cases = scheme.join("cases.csv.gz");
    let row = |conditions: &str, figures: Figures, goal: &str| Row {
        what: "cases grouped (CHS-DRG 1.1)".to_owned(),
        conditions: conditions.to_owned(),
        figures,
        goal: goal.to_owned(),
    };
    if !cases.is_file() {
        return Ok(vec![row(&format!("not run: {REFERENCE} is absent"), Figures::default(), "≥ 1,000,000; ≥ 200,000")]);
    }
    let (scheme, cases) = (scheme.display().to_string(), cases.display().to_string());
    let measure = ["grouping", "--scheme", &scheme, "--cases", &cases, "--seconds", "10"];
    let mut rows = vec![
        row("in memory, 1 core, no trace", bench.heng(&measure)?, "≥ 1,000,000"),
        row("CSV to CSV, 1 core", bench.heng(&[measure.as_slice(), &["--files"]].concat())?, "≥ 200,000"),
    ];
    for (language, rate) in ORACLE {
        let figures = Figures::read(&format!("rate_per_s={rate}"))?;
        rows.push(row(&format!("OpenDRG, {language}, as given with the reference"), figures, ""));
    }
    Ok(rows)
}
