//! The subcommands, one file each, in one list.

mod account;
mod adjudicate;
mod backup;
mod case;
mod check;
mod city;
mod clear;
mod conform;
mod demo;
mod detect;
mod diff;
mod explain;
mod group;
mod import;
mod lake;
mod office;
mod price;
mod qc;
mod report;
mod restore;
mod rules;
mod scheme;
mod screen;
mod serve;
mod simulate;
mod verify;
mod weigh;
mod witness;

use std::process::ExitCode;

use clap::Subcommand;

pub use screen::surroundings;

/// Anything that keeps a command from doing its work, in words for people.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// What `heng` can be asked to do.
#[derive(Subcommand)]
pub enum Command {
    /// Accounts of the console: opens, lists and disables them, gives passwords anew.
    Account(account::AccountCommand),
    /// Copies the database to a file while the centre works.
    Backup(backup::Backup),
    /// Audit cases: opened, reviewed, appealed, decided, deducted, overturned.
    Case(case::CaseCommand),
    /// A synthetic city, to try things on.
    City(city::CityCommand),
    /// Brings persons, the catalogue, the institutions or a grouping scheme in from files.
    Import(import::Import),
    /// Makes a backup the database again.
    Restore(restore::Restore),
    /// Measures one thing and prints one line of figures.
    Bench(crate::bench::Bench),
    /// Runs claims through a region's law: CSV or JSON lines in, answers out, no server.
    Adjudicate(adjudicate::Adjudicate),
    /// Validates region folders and runs every example in them.
    Check(check::Check),
    /// A living synthetic city: an embedded centre, its page, a month of visits.
    Demo(demo::Demo),
    /// Looks for suspicious groups in a folder of claims: leads, each with its named parts.
    Detect(detect::Detect),
    /// Says in words what changed between two region folders, or two dates of one.
    Diff(diff::Diff),
    /// Tells a settlement to a citizen, step by step, in Chinese and English.
    Explain(explain::Explain),
    /// Audit rules in force: tries, activates and takes back libraries; each rule's record.
    Rules(rules::Rules),
    /// Looks through grouping schemes and compares them.
    Scheme(scheme::SchemeCommand),
    /// Clears a month or closes a year: what each institution is owed.
    Clear(clear::Clear),
    /// Groups the stays of files by a scheme: DRG, DIP, a city's own.
    Group(group::Group),
    /// Replays a period under another policy folder: who gains, who loses, what the funds pay.
    Simulate(simulate::Simulate),
    /// Serves grouping, quality control and prices to programs over HTTP, without a database.
    Office(office::Office),
    /// Groups and prices the stays of files, with gain and loss by department and doctor.
    Price(price::Price),
    /// Holds settlement lists and home pages against the quality rules.
    Qc(qc::Qc),
    /// Works out CMI and the other indicators by institution, department and doctor.
    Report(report::Report),
    /// Brings what changed in the centre into a folder of monthly Parquet.
    Lake(lake::LakeCommand),
    /// Holds the claims of files against a region's audit rules: a hospital's own export, a claim folder, a lake.
    Screen(screen::Screen),
    /// Works out weights or scores from past stays.
    Weigh(weigh::Weigh),
    /// Runs a centre: the national interface and the plain page.
    Serve(serve::Serve),
    /// Verifies a receipt or a case bundle offline; prints why each fen, or who did what and why.
    Verify(verify::Verify),
    /// Watches a centre's evidence log and co-signs what continues what it has seen.
    Witness(witness::WitnessCommand),
    /// Replays documented cases and compares every answer.
    Conform(conform::Conform),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self {
            Command::Account(command) => command.run(),
            Command::Backup(command) => command.run(),
            Command::Case(command) => command.run(),
            Command::City(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Restore(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Detect(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Witness(command) => command.run(),
            Command::Rules(command) => command.run(),
            Command::Scheme(command) => command.run(),
            Command::Clear(command) => command.run(),
            Command::Group(command) => command.run(),
            Command::Office(command) => command.run(),
            Command::Price(command) => command.run(),
            Command::Qc(command) => command.run(),
            Command::Lake(command) => command.run(),
            Command::Screen(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Weigh(command) => command.run(),
            Command::Serve(command) => command.run(),
            Command::Simulate(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Diff(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Adjudicate(command) => command.run(),
            Command::Conform(command) => command.run(),
        }
    }
}
