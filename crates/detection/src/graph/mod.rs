//! 图与相似: communities in a graph and sets that are nearly the same.

pub(crate) mod leiden;
pub(crate) mod minhash;
