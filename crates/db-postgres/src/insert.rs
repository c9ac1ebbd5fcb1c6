//! One multi-row `INSERT` out of the text of a single-row one.

/// The text for `rows` rows: the group after `VALUES` is repeated with its parameters moved
/// on; what stands before and after is kept. `None` when the text has no such group, or a
/// parameter outside of it.
pub(crate) fn many_rows(text: &str, params: usize, rows: usize) -> Option<String> {
    let keyword = text.to_ascii_uppercase().find("VALUES")?;
    let open = keyword + text[keyword..].find('(')?;
    let close = open + group_end(&text[open..])?;
    let (head, group, tail) = (&text[..open], &text[open..close], &text[close..]);
    if head.contains('$') || tail.contains('$') {
        return None;
    }
    let mut many = String::with_capacity(head.len() + tail.len() + rows * (group.len() + params * 2));
    many.push_str(head);
    for row in 0..rows {
        if row > 0 {
            many.push(',');
        }
        push_moved(&mut many, group, row * params);
    }
    many.push_str(tail);
    Some(many)
}

/// Where the parenthesis that opens `text` is closed (one past it).
fn group_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 && !quoted {
            return Some(at + 1);
        }
    }
    None
}

/// Appends `group` with every `$n` as `$(n + by)`.
fn push_moved(out: &mut String, group: &str, by: usize) {
    let mut parts = group.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or(0);
        out.push('$');
        out.push_str(&(number + by).to_string());
        out.push_str(&part[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::many_rows;

    #[test]
    fn rows_are_repeated_and_parameters_moved_on() {
        assert_eq!(
            many_rows("INSERT INTO t (a, b) VALUES ($1, COALESCE($2, 'x)')) ON CONFLICT DO NOTHING", 2, 3).unwrap(),
            "INSERT INTO t (a, b) VALUES ($1, COALESCE($2, 'x)')),($3, COALESCE($4, 'x)')),($5, COALESCE($6, 'x)')) \
             ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn a_parameter_outside_the_row_cannot_be_repeated() {
        assert_eq!(many_rows("INSERT INTO t VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = $2", 2, 2), None);
        assert_eq!(many_rows("UPDATE t SET a = $1", 1, 2), None);
    }
}
