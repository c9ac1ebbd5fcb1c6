//! `$1` in the shared SQL text becomes SQLite's `?1`: SQLite would take `$2` for a *name*
//! and number the names in the order they appear.

/// The text with numbered parameters; what stands between single quotes stays.
pub(crate) fn numbered(text: &str) -> String {
    let mut quoted = false;
    text.chars()
        .map(|character| {
            if character == '\'' {
                quoted = !quoted;
            }
            if character == '$' && !quoted { '?' } else { character }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn parameters_are_numbered_and_quoted_dollars_stay() {
        assert_eq!(numbered("SELECT $2, '$1 it''s $3', $10"), "SELECT ?2, '$1 it''s $3', ?10");
    }
}
