-- 交换文件: what an institution sent with 9101, and what the centre made for it to fetch with 9102.
CREATE TABLE claim_file (
  file_qury_no TEXT PRIMARY KEY,
  fixmedins_code TEXT NOT NULL,
  filename TEXT NOT NULL,
  bytes BLOB NOT NULL,
  kept_until TEXT NOT NULL
)
