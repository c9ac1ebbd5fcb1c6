//! 角色权限: `access.toml`, and the demo's accounts beside it.

use std::path::Path;

use access::{PolicyError, RolePolicy};
use policy::Severity;

use crate::RegionError;
use crate::check::Report;

/// Checks the file for `heng check`; a region without it has no console.
pub(crate) fn check(folder: &Path, report: &mut Report) -> Result<(), RegionError> {
    const FILE: &str = "access.toml";
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&path).map_err(|source| RegionError::File { file: FILE.to_owned(), source })?;
    let policy = match RolePolicy::parse(&text) {
        Ok(policy) => policy,
        Err(error) => {
            report.add(Severity::Error, FILE, line_of(&text, &error), error.to_string());
            return Ok(());
        }
    };
    report.tally("roles", policy.role.len());
    for role in &policy.role {
        let line = || line_with(&text, &format!("id = \"{}\"", role.id));
        if role.desks.is_empty() {
            let told = format!("role {}: opens no desk, so its people see an empty console", role.id);
            report.add(Severity::Warning, FILE, line(), told);
        }
        if role.may.is_empty() {
            report.add(Severity::Warning, FILE, line(), format!("role {}: may nothing", role.id));
        }
    }
    for info in access::permission::ALL {
        if !policy.role.iter().any(|role| role.may.contains(info.id)) {
            let told = format!("no role may {} ({}), so nobody can do it", info.id, info.name);
            report.add(Severity::Warning, FILE, 1, told);
        }
    }
    Ok(())
}

fn line_with(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).map_or(1, |at| at + 1)
}

fn line_of(text: &str, error: &PolicyError) -> usize {
    match error {
        PolicyError::Form(told) => {
            let after = told.split_once("line ").map(|(_, rest)| rest);
            let digits = after.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
        }
        PolicyError::UnknownPermission { permission, .. } => line_with(text, &format!("\"{permission}\"")),
        PolicyError::Twice { id, .. } => {
            let named = format!("id = \"{id}\"");
            text.lines().enumerate().filter(|(_, line)| line.contains(&named)).last().map_or(1, |(at, _)| at + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::Report;

    fn hengzhou() -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/access.toml");
        std::fs::read_to_string(file).expect("a file")
    }

    fn told(text: &str) -> Vec<String> {
        let kept = tempfile::tempdir().expect("a folder");
        std::fs::write(kept.path().join("access.toml"), text).expect("written");
        let mut report = Report::default();
        super::check(kept.path(), &mut report).expect("checked");
        report.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_citys_roles_have_no_slips() {
        assert_eq!(told(&hengzhou()), Vec::<String>::new());
    }

    #[test]
    fn a_slip_is_told_with_its_line() {
        let text = hengzhou().replacen("\"rule.try\"", "\"rule.fly\"", 1);
        let line = text.lines().position(|line| line.contains("rule.fly")).expect("it stands there") + 1;
        let slips = told(&text);
        assert!(slips[0].contains(&format!("access.toml:{line}")) && slips[0].contains("rule.fly"), "{slips:?}");
        let slips = told(&hengzhou().replacen("idle_minutes = 30", "idle_minutes = x", 1));
        assert!(slips[0].contains("access.toml:5"), "{slips:?}");
        let slips = told(&hengzhou().replace("\"account.manage\", ", ""));
        assert!(slips[0].contains("account.manage"), "{slips:?}");
    }
}
