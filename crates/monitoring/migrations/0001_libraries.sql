-- 规则库版本: every version of the region's library that was brought in, with the texts it is
-- compiled from (compressed), so that an earlier one can be put in force again and an old finding
-- explained. A version is the hash of its content and never changes.
CREATE TABLE monitoring_library (
  version TEXT NOT NULL PRIMARY KEY,
  rules BIGINT NOT NULL,
  brought_at TEXT NOT NULL,
  brought_by TEXT NOT NULL,
  sources BLOB NOT NULL
);
-- 生效记录: which version stands where (active, shadow) from when. The last row of a place counts;
-- rows are never changed.
CREATE TABLE monitoring_placing (
  place TEXT NOT NULL,
  seq BIGINT NOT NULL,
  version TEXT NOT NULL,
  deed TEXT NOT NULL,
  placed_at TEXT NOT NULL,
  placed_by TEXT NOT NULL,
  why TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (place, seq)
);
-- Counts each change of what is in force: libraries, standings, suppressions.
CREATE TABLE monitoring_revision (
  name TEXT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
);
-- 运行: one pass of one library over claims, into one set (active, shadow).
CREATE TABLE monitoring_run (
  run_id TEXT NOT NULL PRIMARY KEY,
  set_name TEXT NOT NULL,
  version TEXT NOT NULL,
  as_of TEXT NOT NULL,
  scope TEXT NOT NULL,
  began_at TEXT NOT NULL,
  ended_at TEXT,
  persons BIGINT NOT NULL,
  findings BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  coverage TEXT NOT NULL
)
