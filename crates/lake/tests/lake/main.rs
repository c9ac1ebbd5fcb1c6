//! The lake as a whole: one binary, because what it links is large.

mod audit;
mod claims;
mod feed;
#[cfg(feature = "sort")]
mod files;
mod parquet;
#[cfg(feature = "sort")]
mod report;
