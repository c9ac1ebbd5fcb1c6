//! `cargo xtask …`: reads the command line and hands over to the chore.

use std::process::ExitCode;
use xtask::{bench, check, console, contract, demo, files, oracle, room, test};

const HELP: &str = "\
The chores of this house:

  cargo xtask demo [args…]               build Heng and watch a synthetic city settle its visits
  cargo xtask build                      build the console and one release binary that holds it
  cargo xtask test [filter]              every test on both databases; without a filter also the desks in a browser
  cargo xtask console [spec…]            the console alone: its checks, and its desks in a browser
  cargo xtask check                      formatting, lints, floors, licences, documents: what a change must pass
  cargo xtask contract URL ACCOUNTS      hold a running demo's interface to its description (schemathesis)
  cargo xtask bench [name…]              measure, in release, and print one table
  cargo xtask oracle NAME                compare our engine with a foreign grouper on random cases
  cargo xtask room new NAME --floor N    add a room laid out like the others

Needed: Rust and Node. Whatever else a chore needs, it brings in itself or says how.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = files::root();
    let (chore, rest) = match args.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match chore {
        "contract" => match rest {
            [url, accounts] => contract::run(&root, url, accounts.as_ref()),
            _ => Err("cargo xtask contract http://127.0.0.1:8080 data/demo/accounts.json".to_owned()),
        },
        "demo" => demo::run(&root, rest),
        "build" => console::release(&root),
        "console" => console::run(&root, rest),
        "test" => test::run(&root, rest),
        "check" => check::run(&root),
        "bench" => bench::run(&root, rest),
        "oracle" => oracle::run(&root, rest),
        "room" => room::run(&root, rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(0)
        }
        other => Err(format!("there is no chore called `{other}`\n\n{HELP}")),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
    }
}
