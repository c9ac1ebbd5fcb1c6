-- 对账记录: what 3201 and 3202 came to; differences is a JSON list of texts, empty when equal.
CREATE TABLE claim_reconciliation (
  reconciliation_id TEXT PRIMARY KEY,
  fixmedins_code TEXT NOT NULL,
  infno TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  insutype TEXT NOT NULL,
  equal BIGINT NOT NULL,
  differences TEXT NOT NULL,
  made_at TEXT NOT NULL
);
CREATE INDEX claim_reconciliation_of ON claim_reconciliation (fixmedins_code, made_at)
