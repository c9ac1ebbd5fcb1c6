//! Whole visits a second: five messages each, from registration to settlement.

use super::{Bench, Row, settlement};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    settlement::on_both(bench, "visit", "whole visits (5 messages)", ["", ""])
}
