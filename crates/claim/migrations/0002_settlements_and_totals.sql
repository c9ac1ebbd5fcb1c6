-- 结算, and 撤销 as rows of their own with negative amounts; never updated.
-- slot is what only one row may take: the n-th settlement of a visit, or the reversal of a
-- settlement. Two deeds that both missed each other can therefore not both be recorded.
-- decision is the JSON of what was decided; trace is its explanation, compressed.
CREATE TABLE claim_settlement (
  psn_no TEXT NOT NULL,
  setl_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  slot TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  reverses TEXT,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  med_type TEXT NOT NULL,
  setl_time TEXT NOT NULL,
  medfee_sumamt BIGINT NOT NULL,
  fund_pay_sumamt BIGINT NOT NULL,
  acct_pay BIGINT NOT NULL,
  psn_cash_pay BIGINT NOT NULL,
  clr_type TEXT NOT NULL,
  clr_way TEXT NOT NULL,
  clr_optins TEXT NOT NULL,
  msgid TEXT NOT NULL,
  policy TEXT NOT NULL,
  decision TEXT NOT NULL,
  particulars TEXT NOT NULL,
  trace BLOB NOT NULL,
  PRIMARY KEY (psn_no, setl_id)
);
CREATE UNIQUE INDEX claim_settlement_slot ON claim_settlement (psn_no, slot);
-- 对账: an institution's settlements by time.
CREATE INDEX claim_settlement_institution ON claim_settlement (fixmedins_code, setl_time);
-- 累计, in 分 or as a count, by accumulator key.
CREATE TABLE claim_total (
  psn_no TEXT NOT NULL,
  name TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (psn_no, name)
)
