//! 判定: the one place where an access is decided.

use crate::{RolePolicy, Scope};

/// 拒绝访问.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// None of the roles allows it.
    #[error("none of the roles {} may {permission}", .roles.join(", "))]
    NotAllowed {
        /// The account's roles.
        roles: Vec<String>,
        /// What was asked.
        permission: String,
    },
}

/// Decides whether roles with a scope may do something; a role counts only with the kind of
/// scope that it is for. The answer is the scope within which they may.
///
/// # Errors
/// [`Denied`].
pub fn decide(policy: &RolePolicy, roles: &[String], scope: &Scope, permission: &str) -> Result<Scope, Denied> {
    let allows =
        |id: &String| policy.role(id).is_some_and(|role| role.scope.fits(scope) && role.may.contains(permission));
    if roles.iter().any(allows) {
        return Ok(scope.clone());
    }
    Err(Denied::NotAllowed { roles: roles.to_vec(), permission: permission.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subject;

    fn policy() -> RolePolicy {
        let text = r#"
            article = "a"
            idle_minutes = 30
            session_hours = 8
            attempts = 5
            lock_minutes = 15
            purpose = []
            [[role]]
            id = "hospital"
            name = "医保办"
            english = "Insurance office"
            scope = "institution"
            desks = ["hospital"]
            may = ["settlement.read"]
        "#;
        RolePolicy::parse(text).unwrap()
    }

    #[test]
    fn a_role_counts_only_with_the_kind_of_scope_it_is_for() {
        let roles = ["hospital".to_owned()];
        let own = Scope::Institution("H1".to_owned());
        assert_eq!(decide(&policy(), &roles, &own, "settlement.read"), Ok(own.clone()));
        assert!(decide(&policy(), &roles, &own, "case.act").is_err());
        assert!(decide(&policy(), &roles, &Scope::Region, "settlement.read").is_err());
        assert!(decide(&policy(), &["nobody".to_owned()], &own, "settlement.read").is_err());
    }

    #[test]
    fn a_scope_covers_its_own_and_nothing_else() {
        let stay = Subject {
            institution: Some("H1".to_owned()),
            department: Some("D2".to_owned()),
            person: Some("P3".to_owned()),
        };
        let covers = |scope: Scope| scope.covers(&stay);
        assert!(covers(Scope::Region));
        assert!(covers(Scope::Institution("H1".to_owned())));
        assert!(!covers(Scope::Institution("H2".to_owned())));
        assert!(covers(Scope::Department { institution: "H1".to_owned(), department: "D2".to_owned() }));
        assert!(!covers(Scope::Department { institution: "H2".to_owned(), department: "D2".to_owned() }));
        assert!(covers(Scope::Person(vec!["P9".to_owned(), "P3".to_owned()])));
        assert!(!Scope::Institution("H1".to_owned()).covers(&Subject::of_person("P3")));
        assert!(!Scope::Person(Vec::new()).covers(&Subject::default()));
    }

    #[test]
    fn a_policy_that_allows_what_does_not_exist_is_refused() {
        let text = r#"
            article = ""
            idle_minutes = 1
            session_hours = 1
            attempts = 1
            lock_minutes = 1
            purpose = []
            [[role]]
            id = "x"
            name = "x"
            english = "x"
            scope = "region"
            desks = []
            may = ["fly"]
        "#;
        let told = RolePolicy::parse(text).unwrap_err().to_string();
        assert!(told.contains("“fly”"), "{told}");
    }
}
