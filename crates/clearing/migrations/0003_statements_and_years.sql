-- 月清算单: one institution, scheme of insurance and clearing type in one month. figures is the
-- JSON of every amount as it was worked out; state is 清算状态 (30 estimated, 40 approved,
-- 50 posted, 60 paid). payable and carried are in 分.
CREATE TABLE clearing_statement (
  month TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  clr_way TEXT NOT NULL,
  pool TEXT NOT NULL,
  state TEXT NOT NULL,
  payable BIGINT NOT NULL,
  carried BIGINT NOT NULL,
  figures TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (month, fixmedins_code, insutype, clr_type)
);
CREATE INDEX clearing_statement_institution ON clearing_statement (fixmedins_code, month);
-- 年终清算: one row a pool of a plan (fixmedins_code empty) and one an institution in it.
-- figures is the JSON as it was worked out; balance_due is in 分, negative is to be paid back.
CREATE TABLE clearing_year (
  year BIGINT NOT NULL,
  plan TEXT NOT NULL,
  pool TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  balance_due BIGINT NOT NULL,
  figures TEXT NOT NULL,
  closed_at TEXT NOT NULL,
  PRIMARY KEY (year, plan, pool, fixmedins_code)
)
