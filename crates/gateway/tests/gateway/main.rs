//! The gateway from outside: cases as files, rules that need a clock or a memory, and HTTP.

mod cases;
mod common;
mod reference;
mod repeat;
mod rules;
mod server;
