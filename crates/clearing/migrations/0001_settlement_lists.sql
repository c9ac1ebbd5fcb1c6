-- 医疗保障基金结算清单, one row a version; a version's content is never changed, only its state
-- (0 not submitted, 1 submitted, 2 approved, 3 rejected). content is compressed JSON.
CREATE TABLE clearing_list (
  psn_no TEXT NOT NULL,
  setl_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  setl_list_id TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  digest TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  msgid TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (psn_no, setl_id, version)
)
