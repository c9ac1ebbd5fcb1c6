//! The README's worked example, run as it stands against a centre of this test.

use crate::town::*;
use std::path::Path;
use std::process::Command;

/// The script's output, with these variables set.
fn run(town: &Town, variables: &[(&str, &str)]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/settle.sh");
    let mut command = Command::new("sh");
    command.arg(script).arg(town.address.port().to_string()).env("HENG_TIME", "2026-03-09 10:00:00");
    let output = command.envs(variables.iter().copied()).output().expect("sh runs");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_worked_example_settles_a_visit() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("not run: curl is not installed");
        return;
    }
    let town = Town::open(embedded(), suite());
    for psn_no in ["4001", "4002"] {
        town.employee(psn_no, 1_000);
    }
    let (worked, said) = run(&town, &[("HENG_PERSON", "4001")]);
    assert!(worked && said.contains("\"hifp_pay\":175.00,") && said.contains("\nsettled: 2"), "{said}");
    assert_eq!(town.records("4001"), (1, 0));
    let signed = [("HENG_PERSON", "4002"), ("HENG_PAASID", "h1"), ("HENG_SECRET", "test-secret")];
    let (worked, said) = run(&town, &signed);
    assert!(worked, "{said}");
    let (worked, said) = run(&town, &[("HENG_PERSON", "4003")]);
    assert!(!worked && said.contains("[HC104]"), "{said}");
    let (worked, said) = run(&town, &[("HENG_PAASID", "h1"), ("HENG_SECRET", "wrong")]);
    assert!(!worked && said.contains("[F105 "), "{said}");
}
