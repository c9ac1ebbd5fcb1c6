//! Every journey, tried on the embedded database and, when a server is named, on PostgreSQL,
//! under a small town's law.

mod bureau;
mod cases;
mod clear;
mod inquire;
mod others;
mod outpatient;
mod properties;
mod remind;
mod serve;
mod shelves;
mod statements;
mod stays;
mod stories;
mod world;
