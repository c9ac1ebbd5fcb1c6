//! 角色权限: the region's `access.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::Scope;
use crate::permission;

/// What kind of scope a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// 统筹区.
    Region,
    /// 机构.
    Institution,
    /// 科室.
    Department,
    /// 本人.
    Person,
}

impl Kind {
    /// Whether an account's scope is of this kind.
    #[must_use]
    pub fn fits(self, scope: &Scope) -> bool {
        matches!(
            (self, scope),
            (Kind::Region, Scope::Region)
                | (Kind::Institution, Scope::Institution(_))
                | (Kind::Department, Scope::Department { .. })
                | (Kind::Person, Scope::Person(_))
        )
    }
}

/// 角色.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name in accounts.
    pub id: String,
    /// 名称.
    pub name: String,
    /// English name.
    pub english: String,
    /// The kind of scope its accounts have.
    pub scope: Kind,
    /// 工作台: the desks of the console, the first is where its people land.
    pub desks: Vec<String>,
    /// 权限点.
    pub may: BTreeSet<String>,
}

/// 查看目的: why somebody may see what is masked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its name in records.
    pub id: String,
    /// 名称.
    pub name: String,
    /// English name.
    pub english: String,
}

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePolicy {
    /// 依据.
    pub article: String,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub session_hours: u32,
    /// Wrong passwords in a row after which an account is locked.
    pub attempts: u32,
    /// Minutes for which it is locked then.
    pub lock_minutes: u32,
    /// 查看目的.
    pub purpose: Vec<Purpose>,
    /// 角色.
    pub role: Vec<Role>,
}

/// What is wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is no such file.
    #[error("{0}")]
    Form(String),
    /// A permission that does not exist.
    #[error(
        "role {role} may “{permission}”, which is no permission; the permissions are listed in access/src/permission.rs"
    )]
    UnknownPermission {
        /// The role.
        role: String,
        /// What it says.
        permission: String,
    },
    /// Two of the same name.
    #[error("the {what} {id} stands twice")]
    Twice {
        /// `role` or `purpose`.
        what: &'static str,
        /// Its name.
        id: String,
    },
}

impl RolePolicy {
    /// Reads `access.toml`.
    ///
    /// # Errors
    /// [`PolicyError`] names the slip.
    pub fn parse(text: &str) -> Result<RolePolicy, PolicyError> {
        let policy: RolePolicy = toml::from_str(text).map_err(|error| PolicyError::Form(error.to_string()))?;
        unique("role", policy.role.iter().map(|role| &role.id))?;
        unique("purpose", policy.purpose.iter().map(|purpose| &purpose.id))?;
        for role in &policy.role {
            let known = |id: &&String| permission::ALL.iter().any(|info| info.id == id.as_str());
            if let Some(unknown) = role.may.iter().find(|id| !known(id)) {
                return Err(PolicyError::UnknownPermission { role: role.id.clone(), permission: unknown.clone() });
            }
        }
        Ok(policy)
    }

    /// A role by its name.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.role.iter().find(|role| role.id == id)
    }

    /// A purpose by its name.
    #[must_use]
    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purpose.iter().find(|purpose| purpose.id == id)
    }
}

fn unique<'a>(what: &'static str, ids: impl Iterator<Item = &'a String>) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(PolicyError::Twice { what, id: id.clone() });
        }
    }
    Ok(())
}
