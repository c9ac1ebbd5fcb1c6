-- 案件: one row a case, bound to one version of its procedure. assignee is empty when nobody has it.
CREATE TABLE casework_case (
  case_id TEXT NOT NULL PRIMARY KEY,
  procedure_id TEXT NOT NULL,
  version TEXT NOT NULL,
  hash TEXT NOT NULL,
  subject TEXT NOT NULL,
  party TEXT NOT NULL,
  state TEXT NOT NULL,
  assignee TEXT NOT NULL,
  closed BIGINT NOT NULL,
  opened_at TEXT NOT NULL
);
CREATE INDEX casework_case_open ON casework_case (closed, procedure_id, state);
CREATE INDEX casework_case_party ON casework_case (party);
-- 办理记录: never changed. assigned is empty unless the step assigned the case; sealed is what the
-- step's leaf in the evidence log holds besides, letter by letter.
CREATE TABLE casework_step (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  step_key TEXT NOT NULL,
  step TEXT NOT NULL,
  taken_by TEXT NOT NULL,
  role TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  why TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  assigned TEXT NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (case_id, seq),
  UNIQUE (case_id, step_key)
);
-- 期限: a clock may run several times in one case; stopped_at is empty while it runs.
CREATE TABLE casework_clock (
  case_id TEXT NOT NULL,
  nth BIGINT NOT NULL,
  clock TEXT NOT NULL,
  started_at TEXT NOT NULL,
  due TEXT NOT NULL,
  stopped_at TEXT NOT NULL,
  PRIMARY KEY (case_id, nth)
);
CREATE INDEX casework_clock_due ON casework_clock (stopped_at, due);
-- 文书与证据材料: content is empty when it is kept elsewhere (reference).
CREATE TABLE casework_document (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  content BLOB,
  reference TEXT NOT NULL,
  PRIMARY KEY (case_id, seq, nth)
)
