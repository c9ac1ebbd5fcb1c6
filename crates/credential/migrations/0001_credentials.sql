-- 医保电子凭证: one that is not revoked a person. state: 1 active, 2 suspended, 3 revoked for good.
CREATE TABLE credential (
    ec_no TEXT PRIMARY KEY,
    psn_no TEXT NOT NULL,
    state BIGINT NOT NULL,
    issued_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE UNIQUE INDEX credential_person ON credential (psn_no) WHERE state <> 3;
CREATE INDEX credential_of_person ON credential (psn_no, issued_at);
-- 身份: whom a person's entry may show besides that person. relation: 1 guardian of a child, 2 family.
CREATE TABLE credential_identity (
    holder TEXT NOT NULL,
    member TEXT NOT NULL,
    relation BIGINT NOT NULL,
    bound_at TEXT NOT NULL,
    ended_at TEXT,
    PRIMARY KEY (holder, member, bound_at)
);
CREATE UNIQUE INDEX credential_identity_open ON credential_identity (holder, member) WHERE ended_at IS NULL;
CREATE INDEX credential_identity_member ON credential_identity (member);
-- 激活码: the one open activation of a credential; only its hash is kept.
CREATE TABLE credential_activation (
    ec_no TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    expires_at TEXT NOT NULL,
    tries_left BIGINT NOT NULL,
    used_at TEXT
);
-- 设备: the public half (P-256, 65 bytes) of a key that never leaves the device. state: 1 bound, 3 revoked.
CREATE TABLE credential_device (
    device_id TEXT PRIMARY KEY,
    ec_no TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    state BIGINT NOT NULL,
    bound_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX credential_device_of ON credential_device (ec_no, bound_at);
-- 设备请求: the numbers that a device has used, so that no signed request counts twice.
CREATE TABLE credential_nonce (
    device_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (device_id, nonce)
);
-- 一次性二维码: drawn by a device for a person and a purpose (1 treat, 2 settle, 3 sign in, 4 bind), used at
-- most once; what its use gave out (token) and what that was spent on. `typed` is the hash of the
-- short form that is keyed in.
CREATE TABLE credential_code (
    code_id TEXT PRIMARY KEY,
    ec_no TEXT NOT NULL,
    psn_no TEXT NOT NULL,
    device_id TEXT NOT NULL,
    purpose BIGINT NOT NULL,
    drawn_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    typed TEXT,
    used_at TEXT,
    institution TEXT,
    operator TEXT,
    business TEXT,
    msgid TEXT,
    token TEXT,
    token_until TEXT,
    spent_at TEXT,
    spent_on TEXT
);
CREATE UNIQUE INDEX credential_code_token ON credential_code (token) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX credential_code_typed ON credential_code (typed) WHERE typed IS NOT NULL;
CREATE INDEX credential_code_person ON credential_code (psn_no, used_at);
CREATE INDEX credential_code_device ON credential_code (device_id, expires_at) WHERE used_at IS NULL;
