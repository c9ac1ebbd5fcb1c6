-- 申请: what a case was opened for, by an item of the region's folder. form is JSON, as given and
-- checked; result is JSON, what the item's effect gave, empty until then.
CREATE TABLE casework_application (
  case_id TEXT NOT NULL PRIMARY KEY,
  desk TEXT NOT NULL,
  item TEXT NOT NULL,
  version TEXT NOT NULL,
  hash TEXT NOT NULL,
  applicant TEXT NOT NULL,
  form TEXT NOT NULL,
  amount BIGINT NOT NULL,
  result TEXT NOT NULL
);
CREATE INDEX casework_application_item ON casework_application (desk, item);
-- 占用: what only one case may have at a time: a receipt's number, one application of a kind.
CREATE TABLE casework_slot (
  slot TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL
);
CREATE INDEX casework_slot_case ON casework_slot (case_id)
