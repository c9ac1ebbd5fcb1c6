-- 登录账号. scope_kind: region, institution, department, person; scope_of: institution, or
-- institution|department, or persons divided by |. Empty text is “none”.
CREATE TABLE access_account (
  account TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  scope_kind TEXT NOT NULL,
  scope_of TEXT NOT NULL,
  staff TEXT NOT NULL,
  password TEXT NOT NULL,
  totp TEXT NOT NULL,
  totp_step BIGINT NOT NULL,
  oidc TEXT NOT NULL,
  disabled BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  locked_until TEXT NOT NULL
);
CREATE INDEX access_account_oidc ON access_account (oidc);
-- 会话: the token's hash only.
CREATE TABLE access_session (
  token_hash TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  persons TEXT NOT NULL,
  csrf TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  ends_at TEXT NOT NULL
);
CREATE INDEX access_session_account ON access_session (account);
CREATE INDEX access_session_end ON access_session (ends_at);
-- 访问记录: never changed. purpose and note are empty unless something was unmasked.
CREATE TABLE access_read (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  at TEXT NOT NULL,
  person TEXT NOT NULL,
  what TEXT NOT NULL,
  purpose TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX access_read_person ON access_read (person, id);
CREATE INDEX access_read_account ON access_read (account, id);
