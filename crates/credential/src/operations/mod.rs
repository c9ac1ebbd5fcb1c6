//! Operations: one file a deed. Gather what the rule needs, decide, record.
