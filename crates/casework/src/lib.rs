//! # casework 办案
//!
//! Steps, clocks, assignments and documents of a case, whatever it is about.
