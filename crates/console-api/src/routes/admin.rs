//! 账号管理: accounts, the roles they may have, and who is signed in.

use access::permission::{ALL, AccountManage};
use access::{Account, AccountsAsked, Scope, SessionsAsked};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use terms::{DateTime, parse_time, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::password::{hashed, start_password};
use crate::frame::{
    Body, Column, Console, Cursor, Exported, Fault, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query,
};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(show, change))
        .routes(routes!(reset_password))
        .routes(routes!(take_factor))
        .routes(routes!(end_sessions))
        .routes(routes!(roles))
        .routes(routes!(sessions))
}

/// 数据范围 of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum ScopeForm {
    /// 统筹区.
    Region,
    /// 机构.
    Institution {
        /// 机构编号.
        institution: String,
    },
    /// 科室.
    Department {
        /// 机构编号.
        institution: String,
        /// 科室编码.
        department: String,
    },
    /// 本人.
    Person {
        /// 人员编号, the account's own first.
        persons: Vec<String>,
    },
}

impl ScopeForm {
    fn of(scope: &Scope) -> ScopeForm {
        match scope.clone() {
            Scope::Region => ScopeForm::Region,
            Scope::Institution(institution) => ScopeForm::Institution { institution },
            Scope::Department { institution, department } => ScopeForm::Department { institution, department },
            Scope::Person(persons) => ScopeForm::Person { persons },
        }
    }

    fn into_scope(self) -> Scope {
        match self {
            ScopeForm::Region => Scope::Region,
            ScopeForm::Institution { institution } => Scope::Institution(institution),
            ScopeForm::Department { institution, department } => Scope::Department { institution, department },
            ScopeForm::Person { persons } => Scope::Person(persons),
        }
    }
}

/// 登录账号 as administrators see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct AccountRow {
    account: String,
    name: String,
    roles: Vec<String>,
    scope: ScopeForm,
    /// 办案人编号.
    staff: Option<String>,
    /// Who it is at the identity provider: `issuer|subject`.
    oidc: Option<String>,
    disabled: bool,
    /// Whether it has a second factor.
    totp: bool,
    /// Whether its password must be changed at the next sign-in.
    must_change: bool,
    /// Until when sign-in is refused after wrong passwords.
    locked_until: Option<String>,
}

impl AccountRow {
    fn of(account: Account) -> AccountRow {
        let now = jiff::Zoned::now().datetime();
        AccountRow {
            scope: ScopeForm::of(&account.scope),
            account: account.account,
            name: account.name,
            roles: account.roles,
            staff: account.staff,
            oidc: (!account.oidc.is_empty()).then_some(account.oidc),
            disabled: account.disabled,
            totp: !account.totp.is_empty(),
            must_change: account.must_change,
            locked_until: account.locked_until.filter(|until| *until > now).map(show_time),
        }
    }
}

impl Exported for AccountRow {
    const FILE: &'static str = "accounts";
    const COLUMNS: &'static [Column] = &[
        Column::text("account", "账号"),
        Column::text("name", "姓名"),
        Column::text("roles", "角色"),
        Column::text("scope.kind", "数据范围"),
        Column::text("scope.institution", "机构编号"),
        Column::text("scope.department", "科室编码"),
        Column::text("staff", "办案人编号"),
        Column::text("totp", "动态口令"),
        Column::text("disabled", "停用"),
    ];
}

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountsFilter {
    /// A part of the account or of the name.
    q: Option<String>,
    /// Disabled ones only, or the others only.
    disabled: Option<bool>,
}

/// 登录账号 in order of their names.
#[utoipa::path(
    get, path = "/accounts", tag = "admin", params(Paging, AccountsFilter),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = Listing<AccountRow>),
    )
)]
async fn list(
    State(console): State<Console>,
    _: Granted<AccountManage>,
    Query(paging): Query<Paging>,
    Query(filter): Query<AccountsFilter>,
) -> Result<Listed<AccountRow>, Problem> {
    let asked = AccountsAsked {
        after: paging.cursor::<String>()?.unwrap_or_default(),
        part: filter.q.unwrap_or_default(),
        disabled: filter.disabled,
    };
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let found = console.read(move |tx| Ok(access::accounts(tx, &asked, at_most)?)).await?;
    let rows = found.into_iter().map(AccountRow::of).collect();
    Listed::of(&paging, rows, None, |row: &AccountRow| Cursor::write(&row.account))
}

/// What an administrator says of an account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountForm {
    /// 姓名.
    name: String,
    /// Roles, by their names in the policy.
    roles: Vec<String>,
    /// 数据范围; each role is for one kind.
    scope: ScopeForm,
    /// 办案人编号, of those who handle cases.
    #[serde(default)]
    staff: Option<String>,
    /// Who it is at the identity provider: `issuer|subject`.
    #[serde(default)]
    oidc: Option<String>,
    /// 停用.
    #[serde(default)]
    disabled: bool,
}

/// A new account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// 账号: letters, digits, `.`, `-` and `_`.
    #[schema(pattern = "^[a-zA-Z0-9._-]{2,64}$")]
    account: String,
    /// 姓名.
    name: String,
    /// Roles, by their names in the policy.
    roles: Vec<String>,
    /// 数据范围; each role is for one kind.
    scope: ScopeForm,
    /// 办案人编号, of those who handle cases.
    #[serde(default)]
    staff: Option<String>,
    /// Who it is at the identity provider: `issuer|subject`.
    #[serde(default)]
    oidc: Option<String>,
}

/// An account with the password that it begins with. It is told once.
#[derive(Debug, Serialize, ToSchema)]
struct Opened {
    account: AccountRow,
    /// 初始口令, to be changed at the first sign-in.
    start_password: String,
}

fn taken() -> Problem {
    Problem::conflict(["这个账号已经有了", "there is such an account already"])
}

/// What is wrong with what an administrator says.
fn faults(console: &Console, form: &AccountForm, scope: &Scope) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, message: String| {
        faults.push(Fault { field: field.to_owned(), row: None, message });
    };
    if form.name.trim().is_empty() {
        wrong("name", "请填写姓名 / say the name".to_owned());
    }
    if form.roles.is_empty() {
        wrong("roles", "至少一个角色 / give at least one role".to_owned());
    }
    for id in &form.roles {
        match console.access.role(id) {
            None => {
                let known: Vec<&str> = console.access.role.iter().map(|role| role.id.as_str()).collect();
                let known = known.join(", ");
                wrong("roles", format!("没有角色 {id}；可用：{known} / there is no role {id}; use one of {known}"));
            }
            Some(role) if !role.scope.fits(scope) => {
                let name = &role.name;
                wrong(
                    "scope",
                    format!("角色“{name}”不适用于这种数据范围 / the role {id} is for another kind of scope"),
                );
            }
            Some(_) => {}
        }
    }
    let today = (console.now)().date();
    match scope {
        Scope::Institution(code) | Scope::Department { institution: code, .. }
            if console.centre.institutions.on(code, today).is_none() =>
        {
            wrong("scope", format!("没有机构 {code} / there is no institution {code}"));
        }
        Scope::Department { department, .. } if department.is_empty() => {
            wrong("scope", "请填写科室编码 / say the department".to_owned());
        }
        Scope::Person(persons) if persons.is_empty() || persons.iter().any(String::is_empty) => {
            wrong("scope", "请填写人员编号 / say the persons".to_owned());
        }
        _ => {}
    }
    if let Some(staff) = form.staff.as_deref().filter(|staff| console.casebook.staff.find(staff).is_none()) {
        wrong("staff", format!("办案人员名单里没有 {staff} / nobody in the region's staff is {staff}"));
    }
    // Words that the register keeps in one column.
    let parted = |words: &[String]| words.iter().any(|word| word.contains('|'));
    let scope_parted = match scope {
        Scope::Department { institution, department } => parted(&[institution.clone(), department.clone()]),
        Scope::Person(persons) => parted(persons),
        _ => false,
    };
    if scope_parted {
        wrong("scope", "不能含有 | / must not hold |".to_owned());
    }
    faults
}

/// The account with what the form says; everything else as it was.
fn said(account: Account, form: AccountForm, scope: Scope) -> Account {
    Account {
        name: form.name,
        roles: form.roles,
        scope,
        staff: form.staff.filter(|text| !text.is_empty()),
        oidc: form.oidc.unwrap_or_default(),
        disabled: form.disabled,
        ..account
    }
}

/// 开立账号, with a password to begin with.
#[utoipa::path(
    post, path = "/accounts", tag = "admin", request_body = NewAccount,
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 201, body = Opened),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn open(
    State(console): State<Console>,
    _: Granted<AccountManage>,
    Body(asked): Body<NewAccount>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    let NewAccount { account, name, roles, scope, staff, oidc } = asked;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !(2..=64).contains(&account.len()) || !account.chars().all(plain) {
        let told = ["2 至 64 个字母、数字、. - _", "2 to 64 letters, digits, . - and _"];
        return Err(Problem::invalid("account", told));
    }
    let form = AccountForm { name, roles, scope: scope.clone(), staff, oidc, disabled: false };
    let scope = scope.into_scope();
    let faults = faults(&console, &form, &scope);
    if !faults.is_empty() {
        return Err(Problem::faults(faults));
    }
    let password = start_password();
    let hash = hashed(&console, password.clone()).await?;
    let new = Account::new(&account, "", Vec::new(), Scope::Region);
    let opened = said(Account { password: hash, must_change: true, ..new }, form, scope);
    let put = opened.clone();
    let done = console.deed(move |tx| {
        if access::account(tx, &put.account)?.is_some() {
            return Ok(false);
        }
        access::operations::put_account(tx, &put)?;
        Ok(true)
    });
    if !done.await? {
        return Err(taken());
    }
    Ok((StatusCode::CREATED, Json(Opened { account: AccountRow::of(opened), start_password: password })))
}

fn no_account(account: &str) -> Problem {
    Problem::not_found(format!("account 账号 {account}"))
}

/// An administrator cannot lock themselves out: another one must do it.
fn not_oneself(grant: &Granted<AccountManage>, account: &str) -> Result<(), Problem> {
    if grant.caller().account != account {
        return Ok(());
    }
    let detail = [
        "不能停用自己或改自己的角色；请另一位管理员办理",
        "you cannot do this to your own account; another administrator can",
    ];
    Err(Problem::conflict(detail))
}

/// 登录账号.
#[utoipa::path(
    get, path = "/accounts/{account}", tag = "admin", params(("account" = String, Path, description = "账号")),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = AccountRow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(console): State<Console>,
    _: Granted<AccountManage>,
    Path(account): Path<String>,
) -> Result<Json<AccountRow>, Problem> {
    let name = account.clone();
    let found = console.read(move |tx| Ok(access::account(tx, &name)?)).await?;
    found.map(|found| Json(AccountRow::of(found))).ok_or_else(|| no_account(&account))
}

/// 修改账号: roles, scope, or whether it is disabled. Its sessions end at once.
#[utoipa::path(
    put, path = "/accounts/{account}", tag = "admin", params(("account" = String, Path, description = "账号")),
    request_body = AccountForm,
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = AccountRow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(console): State<Console>,
    grant: Granted<AccountManage>,
    Path(account): Path<String>,
    Body(form): Body<AccountForm>,
) -> Result<Json<AccountRow>, Problem> {
    not_oneself(&grant, &account)?;
    let scope = form.scope.clone().into_scope();
    let faults = faults(&console, &form, &scope);
    if !faults.is_empty() {
        return Err(Problem::faults(faults));
    }
    let name = account.clone();
    let changed = console.deed(move |tx| {
        let Some(account) = access::account(tx, &name)? else { return Ok(None) };
        let changed = said(account, form.clone(), scope.clone());
        access::operations::put_account(tx, &changed)?;
        access::operations::end_sessions_of(tx, &name)?;
        Ok(Some(changed))
    });
    changed.await?.map(|changed| Json(AccountRow::of(changed))).ok_or_else(|| no_account(&account))
}

/// 重置口令: a password to begin with anew; sessions end, the lock opens.
#[utoipa::path(
    post, path = "/accounts/{account}/password", tag = "admin", params(("account" = String, Path, description = "账号")),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = Opened),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn reset_password(
    State(console): State<Console>,
    grant: Granted<AccountManage>,
    Path(account): Path<String>,
) -> Result<Json<Opened>, Problem> {
    not_oneself(&grant, &account)?;
    let password = start_password();
    let (name, hash) = (account.clone(), hashed(&console, password.clone()).await?);
    let changed = console.deed(move |tx| {
        let Some(account) = access::account(tx, &name)? else { return Ok(None) };
        let changed = Account { password: hash.clone(), must_change: true, ..account };
        access::operations::put_account(tx, &changed)?;
        access::operations::forgive(tx, &name)?;
        access::operations::end_sessions_of(tx, &name)?;
        Ok(Some(Account { failed: 0, locked_until: None, ..changed }))
    });
    let changed = changed.await?.ok_or_else(|| no_account(&account))?;
    Ok(Json(Opened { account: AccountRow::of(changed), start_password: password }))
}

/// 取消动态口令 of somebody who lost it; sessions end.
#[utoipa::path(
    delete, path = "/accounts/{account}/totp", tag = "admin", params(("account" = String, Path, description = "账号")),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 204, description = "taken away"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn take_factor(
    State(console): State<Console>,
    grant: Granted<AccountManage>,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    not_oneself(&grant, &account)?;
    let name = account.clone();
    let done = console.deed(move |tx| {
        let found = access::account(tx, &name)?.is_some();
        access::operations::set_totp(tx, &name, "", 0)?;
        access::operations::end_sessions_of(tx, &name)?;
        Ok(found)
    });
    if done.await? { Ok(StatusCode::NO_CONTENT) } else { Err(no_account(&account)) }
}

/// 强制退出: ends every session of an account.
#[utoipa::path(
    delete, path = "/accounts/{account}/sessions", tag = "admin", params(("account" = String, Path, description = "账号")),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 204, description = "ended"),
    )
)]
async fn end_sessions(
    State(console): State<Console>,
    _: Granted<AccountManage>,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    // Citizens who signed in by credential have sessions and no account.
    console.deed(move |tx| Ok(access::operations::end_sessions_of(tx, &account)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 角色 of the region's policy.
#[derive(Debug, Serialize, ToSchema)]
struct RoleRow {
    id: String,
    name: String,
    english: String,
    /// `region`, `institution`, `department` or `person`: the kind of scope it is for.
    scope: &'static str,
    desks: Vec<String>,
    /// 权限点.
    permissions: Vec<String>,
}

/// 权限点.
#[derive(Debug, Serialize, ToSchema)]
struct PermissionRow {
    id: &'static str,
    name: &'static str,
}

/// 角色权限: the region's policy as data; changed in its folder.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyTold {
    /// 依据.
    article: String,
    /// Minutes without a request after which a session ends.
    idle_minutes: u32,
    /// Hours after which a session ends in any case.
    session_hours: u32,
    /// Wrong passwords in a row after which an account is locked.
    attempts: u32,
    /// Minutes for which it is locked then.
    lock_minutes: u32,
    roles: Vec<RoleRow>,
    permissions: Vec<PermissionRow>,
}

/// 角色权限.
#[utoipa::path(
    get, path = "/roles", tag = "admin",
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = PolicyTold),
    )
)]
async fn roles(State(console): State<Console>, _: Granted<AccountManage>) -> Json<PolicyTold> {
    let policy = &console.access;
    let role = |role: &access::Role| RoleRow {
        id: role.id.clone(),
        name: role.name.clone(),
        english: role.english.clone(),
        scope: match role.scope {
            access::Kind::Region => "region",
            access::Kind::Institution => "institution",
            access::Kind::Department => "department",
            access::Kind::Person => "person",
        },
        desks: role.desks.clone(),
        permissions: role.may.iter().cloned().collect(),
    };
    Json(PolicyTold {
        article: policy.article.clone(),
        idle_minutes: policy.idle_minutes,
        session_hours: policy.session_hours,
        attempts: policy.attempts,
        lock_minutes: policy.lock_minutes,
        roles: policy.role.iter().map(role).collect(),
        permissions: ALL.iter().map(|info| PermissionRow { id: info.id, name: info.name }).collect(),
    })
}

/// Which sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SessionsFilter {
    /// 账号.
    account: Option<String>,
}

/// 会话 that is open.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SessionRow {
    account: String,
    begun_at: String,
    seen_at: String,
    ends_at: String,
    /// Where the next page begins; the token itself is kept nowhere.
    #[serde(skip)]
    place: (String, String),
}

impl Exported for SessionRow {
    const FILE: &'static str = "sessions";
    const COLUMNS: &'static [Column] = &[
        Column::text("account", "账号"),
        Column::text("begun_at", "登录时间"),
        Column::text("seen_at", "最近使用"),
        Column::text("ends_at", "最迟结束"),
    ];
}

/// 在线会话, newest first.
#[utoipa::path(
    get, path = "/sessions", tag = "admin", params(Paging, SessionsFilter),
    extensions(("x-permission" = json!("account.manage"))),
    responses(
        (status = 200, body = Listing<SessionRow>),
    )
)]
async fn sessions(
    State(console): State<Console>,
    _: Granted<AccountManage>,
    Query(paging): Query<Paging>,
    Query(filter): Query<SessionsFilter>,
) -> Result<Listed<SessionRow>, Problem> {
    let now = jiff::Zoned::now().datetime();
    let idle = i64::from(console.access.idle_minutes).minutes();
    let asked = SessionsAsked {
        account: filter.account.unwrap_or_default(),
        now,
        used_since: now.checked_sub(idle).unwrap_or(now),
        before: paging.cursor::<(String, String)>()?.map(place_of).transpose()?,
    };
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let found = console.read(move |tx| Ok(access::sessions(tx, &asked, at_most)?)).await?;
    let rows = found.into_iter().map(|session| SessionRow {
        account: session.account,
        begun_at: show_time(session.begun_at),
        seen_at: show_time(session.seen_at),
        ends_at: show_time(session.ends_at),
        // The hash of a token opens nothing.
        place: (show_time(session.begun_at), session.token_hash),
    });
    Listed::of(&paging, rows.collect(), None, |row: &SessionRow| Cursor::write(&row.place))
}

fn place_of((begun, hash): (String, String)) -> Result<(DateTime, String), Problem> {
    let told = ["游标不是本列表给出的；请从第一页开始", "the cursor is not one of this list; begin at the first page"];
    parse_time(&begun).map(|begun| (begun, hash)).ok_or_else(|| Problem::invalid("cursor", told))
}
