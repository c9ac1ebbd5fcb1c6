//! Refusals: the expected ways of not succeeding, each with its code and article, in the
//! order in which they take precedence. Tests follow the same order.
