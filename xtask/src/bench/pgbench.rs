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
    let base = ["-h", "127.0.0.1", "-U", "heng", "-p", &bench.server.port().to_string()].map(str::to_owned);
    let run = |folder: &Path, args: &[&str]| {
        output(Command::new(&program).current_dir(folder).args(&base).args(args).arg("postgres"))
    };
    run(&bench.scratch, &["--initialize", "--quiet", "--scale", SCALE])?;
    let mut rows = Vec::new();
    for clients in ["16", "64"] {
        let folder = bench.scratch.join(format!("pgbench-{clients}"));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be created: {e}", folder.display()))?;
        // A tenth of the transactions is logged: enough for percentiles, too little to cost speed.
        let printed =
            run(&folder, &["--time", SECONDS, "--client", clients, "--jobs", "2", "--log", "--sampling-rate", "0.1"])?;
        let conditions = format!("PostgreSQL, durable, {clients} clients, scale {SCALE}");
        let figures = figures(&printed, &mut latencies_us(&folder))?;
        rows.push(Row { what: "pgbench TPC-B".to_owned(), conditions, figures, goal: String::new() });
    }
    Ok(rows)
}

/// The logged latencies: the third word of each line, in microseconds.
fn latencies_us(folder: &Path) -> Vec<u64> {
    let logs = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let text: String = logs.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect();
    text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok()).collect()
}

/// `tps = 1234.5 (without …)` becomes the rate; the logged latencies become percentiles.
fn figures(printed: &str, latencies_us: &mut [u64]) -> Result<Figures, String> {
    let tps = printed.lines().find_map(|line| line.strip_prefix("tps = ")?.split([' ', '.']).next());
    let tps = tps.ok_or_else(|| format!("pgbench printed no tps:\n{printed}"))?;
    latencies_us.sort_unstable();
    let in_ms = |us: u64| format!("{}.{}", us / 1000, us % 1000 / 100);
    let at =
        |percent: usize| latencies_us.get(latencies_us.len() * percent / 100).map_or("–".to_owned(), |us| in_ms(*us));
    Figures::read(&format!("rate_per_s={tps} p50_ms={} p99_ms={}", at(50), at(99)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_and_the_percentiles_come_out_of_what_pgbench_prints() {
        let mut latencies: Vec<u64> = (0..100).rev().map(|n| n * 1000 + 250).collect();
        let figures = figures("scaling factor: 10\ntps = 1303.221 (without initial connection time)\n", &mut latencies);
        let expected = Figures::read("rate_per_s=1303 p50_ms=50.2 p99_ms=99.2").expect("figures");
        assert_eq!(figures, Ok(expected));
        assert!(super::figures("no figures here", &mut []).is_err());
    }
}
