-- 案件扣减: what a case takes from an institution with its next statement, or gives back when
-- negative. month is empty until a statement has taken it up. amount is in 分.
CREATE TABLE clearing_deduction (
  deduction_id TEXT NOT NULL PRIMARY KEY,
  fixmedins_code TEXT NOT NULL,
  case_id TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  amount BIGINT NOT NULL,
  month TEXT NOT NULL,
  made_at TEXT NOT NULL
);
CREATE INDEX clearing_deduction_institution ON clearing_deduction (fixmedins_code, month);
CREATE INDEX clearing_deduction_case ON clearing_deduction (case_id)
