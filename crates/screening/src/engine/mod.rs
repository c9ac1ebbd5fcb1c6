//! The evaluator: one logic, asked of one history or of columns of many.

mod eval;
mod kernel;
mod pairs;
mod person;
mod population;
mod records;
mod tell;
mod windows;
mod world;

pub(crate) use kernel::{Active, Engine, Kernel, Out};
pub(crate) use person::{Parents, Person, Rows, VisitKind};
pub(crate) use population::{Conclude, Gathered, by_article};
pub(crate) use world::World;
