//! Rules: values in, values out. One file a rule.
