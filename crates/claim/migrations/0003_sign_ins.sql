-- 签到签退. A sign-in belongs to one operator of one institution.
CREATE TABLE claim_sign_in (
  sign_no TEXT PRIMARY KEY,
  fixmedins_code TEXT NOT NULL,
  opter_no TEXT NOT NULL,
  mac TEXT NOT NULL,
  ip TEXT NOT NULL,
  sign_time TEXT NOT NULL,
  sign_out_time TEXT
)
