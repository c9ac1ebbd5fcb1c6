-- 病案首页 (4401) and 医嘱 (4402) as the institution sent them, compressed; one sent again under
-- its number replaces the former.
CREATE TABLE claim_document (
  fixmedins_code TEXT NOT NULL,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  msgid TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (fixmedins_code, kind, number)
)
