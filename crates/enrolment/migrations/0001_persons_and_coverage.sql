-- 参保人. One row a person; the certificate finds them at the counter.
CREATE TABLE enrolment_person (
  psn_no TEXT PRIMARY KEY,
  psn_name TEXT NOT NULL,
  psn_cert_type TEXT NOT NULL,
  certno TEXT NOT NULL,
  gend TEXT NOT NULL,
  naty TEXT NOT NULL,
  brdy TEXT NOT NULL,
  tel TEXT NOT NULL,
  fields TEXT NOT NULL,
  registered_at TEXT NOT NULL
);
-- The number first: it alone nearly always decides.
CREATE UNIQUE INDEX enrolment_person_certificate ON enrolment_person (certno, psn_cert_type);
-- 用人单位.
CREATE TABLE enrolment_employer (
  emp_no TEXT PRIMARY KEY,
  emp_name TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT
);
-- 家庭.
CREATE TABLE enrolment_family (
  family_no TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  relation TEXT NOT NULL,
  PRIMARY KEY (family_no, psn_no)
);
CREATE INDEX enrolment_family_person ON enrolment_family (psn_no);
-- 参保记录, dated; seq is the order of registration within the person.
CREATE TABLE enrolment_coverage (
  psn_no TEXT NOT NULL,
  seq BIGINT NOT NULL,
  insutype TEXT NOT NULL,
  psn_type TEXT NOT NULL,
  cvlserv_flag TEXT NOT NULL,
  psn_insu_stas TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT,
  insuplc_admdvs TEXT NOT NULL,
  emp_no TEXT,
  fields TEXT NOT NULL,
  PRIMARY KEY (psn_no, seq)
);
-- 缴费记录, one row a month of a scheme; money in 分.
CREATE TABLE enrolment_contribution (
  psn_no TEXT NOT NULL,
  insutype TEXT NOT NULL,
  month TEXT NOT NULL,
  base BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (psn_no, insutype, month)
);
-- 人员身份, dated.
CREATE TABLE enrolment_identity (
  psn_no TEXT NOT NULL,
  seq BIGINT NOT NULL,
  psn_idet_type TEXT NOT NULL,
  psn_type_lv TEXT NOT NULL,
  memo TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT,
  PRIMARY KEY (psn_no, seq)
)
