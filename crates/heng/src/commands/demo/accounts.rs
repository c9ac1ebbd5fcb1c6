//! 演示账号: one for each desk, with a password of this start, printed and kept in the demo's folder.

use std::path::Path;

use access::{Account, Scope, hash_password};
use db::{Database, DbError};
use serde::{Deserialize, Serialize};
use terms::PersonId;

use crate::commands::Problem;

/// The accounts that the region ships for the demo.
const FILE: &str = "demo-accounts.toml";
/// Where they are written with their password, in the demo's folder.
pub const WRITTEN: &str = "accounts.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    account: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    account: String,
    name: String,
    roles: Vec<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    staff: Option<String>,
}

/// An account as it is told.
#[derive(Serialize)]
struct Told {
    account: String,
    password: String,
    name: String,
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
}

/// The accounts of a demo.
pub struct Accounts {
    password: String,
    hash: String,
    told: Vec<Told>,
}

impl Accounts {
    /// Opens the accounts of the region's file.
    pub fn open(region: &Path, data: &Path, database: &Database) -> Result<Accounts, Problem> {
        let path = region.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file: File = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut chance = [0_u8; 24];
        getrandom::fill(&mut chance)?;
        let (salt, letters) = chance.split_at(16);
        let password = word(letters);
        let hash = hash_password(&password, salt.try_into()?)?;
        let mut accounts = Accounts { password, hash, told: Vec::new() };
        for listed in file.account {
            let scope = match listed.scope.as_deref().map(|text| text.split_once('/').ok_or(text)) {
                None => Scope::Region,
                Some(Err(code)) => Scope::Institution(code.to_owned()),
                Some(Ok((institution, department))) => {
                    Scope::Department { institution: institution.to_owned(), department: department.to_owned() }
                }
            };
            accounts.add(database, listed.account, listed.name, listed.roles, scope, listed.staff)?;
        }
        accounts.write(data)?;
        Ok(accounts)
    }

    /// Opens an account for a person of the city.
    pub fn add_citizen(
        &mut self,
        data: &Path,
        database: &Database,
        psn_no: &PersonId,
        name: &str,
    ) -> Result<(), Problem> {
        let nth = 1 + self.told.iter().filter(|told| told.person.is_some()).count();
        let scope = Scope::Person(vec![psn_no.0.clone()]);
        self.add(database, format!("citizen{nth}"), name.to_owned(), vec!["citizen".to_owned()], scope, None)?;
        self.write(data)
    }

    fn add(
        &mut self,
        database: &Database,
        account: String,
        name: String,
        roles: Vec<String>,
        scope: Scope,
        staff: Option<String>,
    ) -> Result<(), Problem> {
        let person = if let Scope::Person(persons) = &scope { persons.first().cloned() } else { None };
        let opened = Account {
            account: account.clone(),
            name: name.clone(),
            roles: roles.clone(),
            scope,
            staff,
            password: self.hash.clone(),
            must_change: false,
            totp: String::new(),
            totp_step: 0,
            oidc: String::new(),
            disabled: false,
            failed: 0,
            locked_until: None,
        };
        database.deed(move |tx| -> Result<(), DbError> { access::operations::put_account(tx, &opened) })?;
        self.told.push(Told { account, password: self.password.clone(), name, roles, person });
        Ok(())
    }

    fn write(&self, data: &Path) -> Result<(), Problem> {
        let path = data.join(WRITTEN);
        std::fs::write(&path, serde_json::to_string_pretty(&self.told)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(())
    }
}

impl std::fmt::Display for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "演示账号 demo accounts，口令 password: {}", self.password)?;
        for told in &self.told {
            writeln!(f, "        {:<11} {}", told.account, told.name)?;
        }
        Ok(())
    }
}

/// A password that is easily typed: letters and digits that are not taken for one another.
fn word(chance: &[u8]) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    let mut word: String = chance.iter().map(letter).collect();
    word.insert(chance.len() / 2, '-');
    word
}
