//! # lake
//!
//! What it speaks to, and in which form. Called by: the binary `heng`.
//! Never: a rule, an amount that it worked out itself, SQL.
