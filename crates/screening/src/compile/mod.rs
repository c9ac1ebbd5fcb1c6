//! From files to the intermediate form.

mod keys;
mod rule;
mod shapes;

pub(crate) use rule::{Compiler, row_codes};
