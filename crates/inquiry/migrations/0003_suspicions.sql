-- 可疑线索的全文: what a model said with every named part, so that a person can look behind a clue.
-- institutions is a JSON list; body is compressed JSON; amounts are in 分. Told again, it is the same
-- suspicion with newer figures.
CREATE TABLE inquiry_suspicion (
  suspicion_id TEXT NOT NULL PRIMARY KEY,
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  group_name TEXT NOT NULL,
  score BIGINT NOT NULL,
  recoverable BIGINT NOT NULL,
  weighted BIGINT NOT NULL,
  institutions TEXT NOT NULL,
  persons BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  why TEXT NOT NULL,
  found_at TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (model, version, group_name)
);
CREATE INDEX inquiry_case_opened ON inquiry_case (fixmedins_code, opened_at)
