-- 就诊. A shell (registered) becomes a visit (begun); seq is the order of beginning.
CREATE TABLE claim_visit (
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  state TEXT NOT NULL,
  form TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  label TEXT NOT NULL,
  med_type TEXT NOT NULL,
  insutype TEXT NOT NULL,
  begntime TEXT NOT NULL,
  endtime TEXT,
  fields TEXT NOT NULL,
  kept TEXT NOT NULL,
  particulars TEXT NOT NULL,
  msgid TEXT NOT NULL,
  PRIMARY KEY (psn_no, mdtrt_id)
);
-- 在院信息: who is in which institution.
CREATE INDEX claim_visit_institution ON claim_visit (fixmedins_code, begntime);
-- 诊断, replaced by number.
CREATE TABLE claim_diagnosis (
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  inout_diag_type TEXT NOT NULL,
  diag_srt_no BIGINT NOT NULL,
  diag_type TEXT NOT NULL,
  maindiag_flag TEXT NOT NULL,
  diag_code TEXT NOT NULL,
  diag_name TEXT NOT NULL,
  vali_flag TEXT NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (psn_no, mdtrt_id, inout_diag_type, diag_srt_no)
);
-- 费用明细 with its split; cnt in 0.0001, pric in 0.000001 yuan, amounts in 分, ratio in 0.0001.
CREATE TABLE claim_line (
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  feedetl_sn TEXT NOT NULL,
  med_list_codg TEXT NOT NULL,
  fee_ocur_time TEXT NOT NULL,
  cnt BIGINT NOT NULL,
  pric BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  hosp_appr_flag TEXT NOT NULL,
  init_feedetl_sn TEXT,
  allowance BIGINT,
  fulamt_ownpay_amt BIGINT NOT NULL,
  overlmt_amt BIGINT NOT NULL,
  preselfpay_amt BIGINT NOT NULL,
  inscp_scp_amt BIGINT NOT NULL,
  selfpay_prop BIGINT NOT NULL,
  pric_uplmt_amt TEXT NOT NULL,
  chrgitm_lv TEXT NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (psn_no, mdtrt_id, seq)
)
