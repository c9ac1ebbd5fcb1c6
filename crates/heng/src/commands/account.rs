//! `heng account`: the console's accounts, where no administrator can sign in yet or any more.

use std::process::ExitCode;

use access::operations::{end_sessions_of, forgive, put_account, set_totp};
use access::{Account, AccountsAsked, RolePolicy, Scope, hash_password};
use clap::{Args, Subcommand};
use db::{DbError, Tx};

use super::Problem;
use crate::wiring::Place;

/// Accounts of the console.
#[derive(Args)]
pub struct AccountCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Opens an account and prints the password that it begins with.
    Add(Add),
    /// Lists the accounts.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Disables an account; its sessions end.
    Disable(One),
    /// Enables it again.
    Enable(One),
    /// Gives a password to begin with anew and opens the lock; sessions end.
    Password(One),
    /// Takes the second factor away from somebody who lost it; sessions end.
    Totp(One),
}

/// A new account.
#[derive(Args)]
struct Add {
    #[command(flatten)]
    place: Place,
    /// What is typed at sign-in.
    account: String,
    /// The person's or office's name.
    name: String,
    /// A role of the region's access.toml; may be given several times.
    #[arg(long = "role", required = true)]
    roles: Vec<String>,
    /// An institution, institution/department, or person:NUMBER; the region without it.
    #[arg(long)]
    scope: Option<String>,
    /// 办案人编号 in casework/staff.toml.
    #[arg(long)]
    staff: Option<String>,
    /// Who it is at the identity provider: issuer|subject.
    #[arg(long)]
    oidc: Option<String>,
}

/// One account.
#[derive(Args)]
struct One {
    #[command(flatten)]
    place: Place,
    /// The account.
    account: String,
}

impl AccountCommand {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self.what {
            What::Add(add) => add.run()?,
            What::List { place } => list(&place)?,
            What::Disable(one) => one.change(|account| account.disabled = true, "disabled")?,
            What::Enable(one) => one.change(|account| account.disabled = false, "enabled")?,
            What::Password(one) => {
                let (password, hash) = start_password()?;
                let given = |account: &mut Account| {
                    account.password = hash.clone();
                    account.must_change = true;
                };
                one.change(given, &format!("begins anew with the password {password}"))?;
            }
            What::Totp(one) => {
                let name = one.account.clone();
                one.change(|_| {}, "signs in without a second factor")?;
                one.place.open_database()?.deed(move |tx| -> Result<(), DbError> { set_totp(tx, &name, "", 0) })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn run(self) -> Result<(), Problem> {
        let file = self.place.region.join("access.toml");
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let policy = RolePolicy::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let scope = scope_of(self.scope.as_deref());
        for id in &self.roles {
            let known: Vec<&str> = policy.role.iter().map(|role| role.id.as_str()).collect();
            let role =
                policy.role(id).ok_or_else(|| format!("there is no role {id}; there are {}", known.join(", ")))?;
            if !role.scope.fits(&scope) {
                return Err(format!("the role {id} is for another kind of scope; see {}", file.display()).into());
            }
        }
        let (password, hash) = start_password()?;
        let opened = Account {
            staff: self.staff,
            oidc: self.oidc.unwrap_or_default(),
            password: hash,
            must_change: true,
            ..Account::new(&self.account, &self.name, self.roles, scope)
        };
        let database = self.place.open_database()?;
        let taken = database.deed(move |tx| -> Result<bool, DbError> {
            if access::account(tx, &opened.account)?.is_some() {
                return Ok(true);
            }
            put_account(tx, &opened)?;
            Ok(false)
        })?;
        if taken {
            return Err(format!(
                "there is an account {} already; `heng account password` gives it a new password",
                self.account
            )
            .into());
        }
        println!("{} begins with the password {password}", self.account);
        Ok(())
    }
}

impl One {
    fn change(&self, change: impl Fn(&mut Account) + Send + Sync, told: &str) -> Result<(), Problem> {
        let name = self.account.clone();
        let database = self.place.open_database()?;
        let found = database.read(move |tx: &mut dyn Tx| -> Result<_, DbError> { access::account(tx, &name) })?;
        let mut account =
            found.ok_or_else(|| format!("there is no account {}; see `heng account list`", self.account))?;
        change(&mut account);
        database.deed(move |tx| -> Result<(), DbError> {
            put_account(tx, &account)?;
            forgive(tx, &account.account)?;
            end_sessions_of(tx, &account.account)
        })?;
        println!("{} {told}", self.account);
        Ok(())
    }
}

fn list(place: &Place) -> Result<(), Problem> {
    let database = place.open_database()?;
    let mut asked = AccountsAsked::default();
    loop {
        let page = asked.clone();
        let found = database.read(move |tx: &mut dyn Tx| -> Result<_, DbError> { access::accounts(tx, &page, 200) })?;
        for account in &found {
            let state = if account.disabled { "disabled" } else { "" };
            let factor = if account.totp.is_empty() { "" } else { "totp" };
            let roles = account.roles.join(",");
            println!(
                "{:<16} {:<16} {roles:<24} {:<28} {factor:<5}{state}",
                account.account,
                account.name,
                shown(&account.scope)
            );
        }
        match found.last() {
            Some(last) => asked.after = last.account.clone(),
            None => return Ok(()),
        }
    }
}

fn shown(scope: &Scope) -> String {
    match scope {
        Scope::Region => "region".to_owned(),
        Scope::Institution(code) => code.clone(),
        Scope::Department { institution, department } => format!("{institution}/{department}"),
        Scope::Person(persons) => format!("person:{}", persons.join(",")),
    }
}

fn scope_of(text: Option<&str>) -> Scope {
    match text.map(|text| (text, text.strip_prefix("person:"), text.split_once('/'))) {
        None => Scope::Region,
        Some((_, Some(person), _)) => Scope::Person(person.split(',').map(str::to_owned).collect()),
        Some((_, _, Some((institution, department)))) => {
            Scope::Department { institution: institution.to_owned(), department: department.to_owned() }
        }
        Some((code, None, None)) => Scope::Institution(code.to_owned()),
    }
}

/// A password to begin with, and the form in which it is kept.
fn start_password() -> Result<(String, String), Problem> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut chance = [0_u8; 32];
    getrandom::fill(&mut chance)?;
    let (salt, letters) = chance.split_at(16);
    let mut word: String = letters.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    [4, 9, 14].into_iter().for_each(|at| word.insert(at, '-'));
    let hash = hash_password(&word, salt.try_into()?)?;
    Ok((word, hash))
}
