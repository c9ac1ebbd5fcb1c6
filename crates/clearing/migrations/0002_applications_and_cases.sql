-- 清算申请 (3203). slot is what only one application may take: institution, clearing type and
-- month while it stands; its own number once it is withdrawn. Amounts in 分.
CREATE TABLE clearing_application (
  clr_appy_evt_id TEXT PRIMARY KEY,
  slot TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  clr_way TEXT NOT NULL,
  month TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT NOT NULL,
  psntime BIGINT NOT NULL,
  medfee_sumamt BIGINT NOT NULL,
  med_sumfee BIGINT NOT NULL,
  fund_appy_sum BIGINT NOT NULL,
  cash_payamt BIGINT NOT NULL,
  acct_pay BIGINT NOT NULL,
  withdrawn BIGINT NOT NULL,
  made_at TEXT NOT NULL,
  msgid TEXT NOT NULL
);
CREATE UNIQUE INDEX clearing_application_slot ON clearing_application (slot);
-- 清算明细: what one settlement, its reversal, or a decision on a special case brings into a
-- month; never updated. A settlement is cleared once (cause settlement), a reversal takes its
-- case back in a later month (cause reversal), a decision replaces its price (causes replaced and
-- special).
-- Amounts in 分; weight and points are exact decimals as text; priced is compressed JSON.
CREATE TABLE clearing_case (
  psn_no TEXT NOT NULL,
  setl_id TEXT NOT NULL,
  cause TEXT NOT NULL,
  reverses TEXT,
  mdtrt_id TEXT NOT NULL,
  month TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  clr_way TEXT NOT NULL,
  pool TEXT NOT NULL,
  list_version BIGINT NOT NULL,
  scheme TEXT NOT NULL,
  scheme_version TEXT NOT NULL,
  plan TEXT NOT NULL,
  status TEXT NOT NULL,
  group_code TEXT NOT NULL,
  group_name TEXT NOT NULL,
  weight TEXT NOT NULL,
  points TEXT NOT NULL,
  outside BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  excluded BIGINT NOT NULL,
  payment BIGINT NOT NULL,
  patient BIGINT NOT NULL,
  other_funds BIGINT NOT NULL,
  fund BIGINT NOT NULL,
  item_fund BIGINT NOT NULL,
  cleared_at TEXT NOT NULL,
  explanation BLOB NOT NULL,
  PRIMARY KEY (psn_no, setl_id, cause)
);
CREATE INDEX clearing_case_month ON clearing_case (fixmedins_code, month);
-- 特例单议: a case put forward, and the decision once there is one (JSON).
CREATE TABLE clearing_special (
  psn_no TEXT NOT NULL,
  setl_id TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_at TEXT NOT NULL,
  decision TEXT,
  decided_at TEXT,
  decided_by TEXT,
  PRIMARY KEY (psn_no, setl_id)
)
