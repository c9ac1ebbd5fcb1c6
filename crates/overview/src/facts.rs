//! Facts: the plain data of this room. A type's doc begins with the field's own term.
