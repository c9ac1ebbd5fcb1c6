//! `cargo xtask bench [name…]`: measures, in release, and prints one table.
//!
//! One file a bench. Our own figures come from `heng bench NAME …`, which prints one line of
//! `key=value` words ([`Figures`]); `pgbench` runs on the same PostgreSQL beside them.
//! Not part of CI: figures from a shared machine mean little.

mod adjudication;
mod detection;
mod evidence;
mod grouping;
mod pgbench;
mod screening;
mod settlement;
mod visit;

use crate::files;
use crate::postgres::{Purpose, Server};
use crate::shell::{Outcome, cargo, code, output};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One row of the table.
pub struct Row {
    /// What was measured.
    pub what: String,
    /// Under which conditions: database, clients, scale.
    pub conditions: String,
    /// What was found.
    pub figures: Figures,
    /// What we want, in words; empty where there is no goal.
    pub goal: String,
}

/// The figures of one measurement, as `key=value` words: `rate_per_s`, `p50_ms`, `p99_ms`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(pub BTreeMap<String, String>);

impl Figures {
    /// Reads the last line that holds `rate_per_s=`.
    ///
    /// # Errors
    /// There is no such line.
    pub fn read(printed: &str) -> Result<Figures, String> {
        let line = printed.lines().rev().find(|line| line.contains("rate_per_s="));
        let line = line.ok_or_else(|| format!("the bench printed no line with `rate_per_s=`:\n{printed}"))?;
        let words = line.split_whitespace().filter_map(|word| word.split_once('='));
        Ok(Figures(words.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()))
    }

    fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("–", String::as_str)
    }
}

/// Where and with what the benches run.
pub struct Bench {
    root: PathBuf,
    heng: PathBuf,
    scratch: PathBuf,
    server: Server,
}

impl Bench {
    /// Runs `heng bench …` and reads its figures.
    fn heng(&self, args: &[&str]) -> Result<Figures, String> {
        let mut command = std::process::Command::new(&self.heng);
        Figures::read(&output(command.current_dir(&self.root).arg("bench").args(args))?)
    }

    /// A fresh SQLite file, as `--database` takes it.
    fn sqlite(&self, name: &str) -> String {
        format!("sqlite:{}", self.scratch.join(format!("{name}.db")).display())
    }
}

type Measure = fn(&Bench) -> Result<Vec<Row>, String>;

const BENCHES: &[(&str, Measure)] = &[
    ("adjudication", adjudication::run),
    ("detection", detection::run),
    ("evidence", evidence::run),
    ("grouping", grouping::run),
    ("screening", screening::run),
    ("settlement", settlement::run),
    ("visit", visit::run),
    ("pgbench", pgbench::run),
];

/// Builds `heng` in release, starts PostgreSQL, runs the named benches (or all), and prints
/// the table. Ends with 1 when a bench could not be run.
///
/// # Errors
/// An unknown name, or no PostgreSQL.
pub fn run(root: &Path, names: &[String]) -> Outcome {
    let known: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("there is no bench called `{unknown}`; there are: {}", known.join(", ")));
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|given| given == name);
    if code(cargo(root).args(["build", "--release", "--package", "heng", "--no-default-features"]))? != 0 {
        return Ok(1);
    }
    let scratch = files::target(root).join("bench");
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch).map_err(|e| format!("{} cannot be created: {e}", scratch.display()))?;
    let heng = files::target(root).join("release/heng");
    let bench = Bench { root: root.to_path_buf(), heng, scratch, server: Server::start(root, Purpose::Bench)? };

    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (name, measure) in BENCHES.iter().filter(|(name, _)| wanted(name)) {
        println!("measuring {name} …");
        match measure(&bench) {
            Ok(measured) => rows.extend(measured),
            Err(why) => failures.push(format!("{name}: {why}")),
        }
    }
    let _ = std::fs::remove_dir_all(&bench.scratch);
    println!("\n{}, {}\n", bench.server.version()?, machine());
    print!("{}", table(&rows));
    failures.iter().for_each(|failure| eprintln!("could not be measured: {failure}"));
    Ok(u8::from(!failures.is_empty()))
}

/// The machine in a few words: a figure without it says nothing.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, name)| name.trim()))
}

/// A Markdown table, ready for `docs/performance.md`.
fn table(rows: &[Row]) -> String {
    let mut text =
        String::from("| what | conditions | a second | p50 ms | p99 ms | goal |\n|---|---|---:|---:|---:|---|\n");
    for Row { what, conditions, figures, goal } in rows {
        let (rate, p50, p99) = (figures.get("rate_per_s"), figures.get("p50_ms"), figures.get("p99_ms"));
        text.push_str(&format!("| {what} | {conditions} | {rate} | {p50} | {p99} | {goal} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_last_line_that_holds_a_rate() {
        let figures = Figures::read("warming up\nrate_per_s=1 p50_ms=9\nrate_per_s=1520 p50_ms=2.1 p99_ms=8.4\ndone\n")
            .expect("figures");
        let row = Row { what: "a".into(), conditions: "b".into(), figures, goal: String::new() };
        assert!(table(&[row]).ends_with("| a | b | 1520 | 2.1 | 8.4 |  |\n"));
        assert!(Figures::read("nothing to see").is_err());
    }
}
