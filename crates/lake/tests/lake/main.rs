//! The lake as a whole: one binary, because what it links is large.

mod claims;
mod feed;
mod files;
mod parquet;
