//! PostgreSQL's own yardstick, TPC-B by `pgbench`, on the same server and disk.

use super::{Bench, Figures, Row};
use crate::shell::output;
use std::path::Path;
use std::process::Command;

/// 10 is a million accounts: larger than any cache effect of a toy, small enough to set up fast.
const SCALE: &str = "10";
const SECONDS: &str = "20";

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let program = bench.server.pgbench(&bench.root)?;
    run_on(&program, bench.server.port(), &["--initialize", "--quiet", "--scale", SCALE])?;
    let mut rows = Vec::new();
    for clients in ["16", "64"] {
        let printed = run_on(&program, bench.server.port(), &["--time", SECONDS, "--client", clients, "--jobs", "2"])?;
        let conditions = format!("PostgreSQL, durable, {clients} clients, scale {SCALE}");
        rows.push(Row {
            what: "pgbench TPC-B".to_owned(),
            conditions,
            figures: figures(&printed)?,
            goal: String::new(),
        });
    }
    Ok(rows)
}

fn run_on(program: &Path, port: u16, args: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["-h", "127.0.0.1", "-U", "heng", "-p", &port.to_string()]);
    output(command.args(args).arg("postgres"))
}

/// `tps = 1234.5 (without …)` becomes the rate; pgbench gives a mean latency, no percentiles.
fn figures(printed: &str) -> Result<Figures, String> {
    let tps = printed.lines().find_map(|line| line.strip_prefix("tps = ")?.split([' ', '.']).next());
    let tps = tps.ok_or_else(|| format!("pgbench printed no tps:\n{printed}"))?;
    Figures::read(&format!("rate_per_s={tps}"))
}
