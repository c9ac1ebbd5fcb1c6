-- How far the change feed has been read. It moves in the transaction that writes what was read.
CREATE TABLE overview_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL
);
INSERT INTO overview_cursor (name, number) VALUES ('feed', 0);

-- 结算与撤销, flat: one row each. Amounts are in 分; a reversal's are negative.
CREATE TABLE overview_settlement (
  setl_id TEXT NOT NULL PRIMARY KEY,
  mdtrt_id TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  department TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  med_type TEXT NOT NULL,
  begntime TEXT NOT NULL,
  endtime TEXT,
  setl_time TEXT NOT NULL,
  reverses TEXT,
  reversed_by TEXT,
  standing TEXT NOT NULL,
  person_group TEXT NOT NULL,
  age_band TEXT NOT NULL,
  age BIGINT,
  insured_area TEXT NOT NULL,
  visit_area TEXT NOT NULL,
  out_of_area BIGINT NOT NULL,
  total BIGINT NOT NULL,
  full_self_pay BIGINT NOT NULL,
  over_limit BIGINT NOT NULL,
  pre_self_pay BIGINT NOT NULL,
  in_scope BIGINT NOT NULL,
  funds BIGINT NOT NULL,
  person BIGINT NOT NULL,
  account BIGINT NOT NULL,
  cash BIGINT NOT NULL,
  hospital BIGINT NOT NULL
);
CREATE INDEX overview_by_time ON overview_settlement (setl_time, setl_id);
CREATE INDEX overview_by_total ON overview_settlement (total, setl_id);
CREATE INDEX overview_by_funds ON overview_settlement (funds, setl_id);
CREATE INDEX overview_by_institution_time ON overview_settlement (fixmedins_code, setl_time, setl_id);
CREATE INDEX overview_by_institution_total ON overview_settlement (fixmedins_code, total, setl_id);
CREATE INDEX overview_by_institution_funds ON overview_settlement (fixmedins_code, funds, setl_id);
CREATE INDEX overview_by_person_time ON overview_settlement (psn_no, setl_time, setl_id);
CREATE INDEX overview_by_standing_time ON overview_settlement (standing, setl_time, setl_id);
CREATE INDEX overview_by_visit ON overview_settlement (mdtrt_id);

-- A reversal whose settlement has not come yet: changes of one second have no order of their own.
CREATE TABLE overview_early_reversal (
  reverses TEXT NOT NULL PRIMARY KEY,
  setl_id TEXT NOT NULL
);

-- Sums of a day. settlements and reversals are counts.
CREATE TABLE overview_day (
  day TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  med_type TEXT NOT NULL,
  visit_area TEXT NOT NULL,
  out_of_area BIGINT NOT NULL,
  settlements BIGINT NOT NULL,
  reversals BIGINT NOT NULL,
  total BIGINT NOT NULL,
  full_self_pay BIGINT NOT NULL,
  over_limit BIGINT NOT NULL,
  pre_self_pay BIGINT NOT NULL,
  in_scope BIGINT NOT NULL,
  funds BIGINT NOT NULL,
  person BIGINT NOT NULL,
  account BIGINT NOT NULL,
  cash BIGINT NOT NULL,
  hospital BIGINT NOT NULL,
  PRIMARY KEY (day, fixmedins_code, insutype, clr_type, med_type, visit_area, out_of_area)
);
CREATE INDEX overview_day_institution ON overview_day (fixmedins_code, day);

-- 基金支付 of a day, by 基金支付类型.
CREATE TABLE overview_fund_day (
  day TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  med_type TEXT NOT NULL,
  fund TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (day, fixmedins_code, insutype, clr_type, med_type, fund)
);

-- 负担 of a day, by group of persons and band of ages.
CREATE TABLE overview_burden_day (
  day TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  person_group TEXT NOT NULL,
  age_band TEXT NOT NULL,
  settlements BIGINT NOT NULL,
  reversals BIGINT NOT NULL,
  total BIGINT NOT NULL,
  full_self_pay BIGINT NOT NULL,
  over_limit BIGINT NOT NULL,
  pre_self_pay BIGINT NOT NULL,
  in_scope BIGINT NOT NULL,
  funds BIGINT NOT NULL,
  person BIGINT NOT NULL,
  account BIGINT NOT NULL,
  cash BIGINT NOT NULL,
  hospital BIGINT NOT NULL,
  PRIMARY KEY (day, fixmedins_code, insutype, clr_type, person_group, age_band)
);
