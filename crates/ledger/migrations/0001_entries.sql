-- 分录. One row an entry; the rows of a transfer_id are one transfer and sum to zero.
-- amount is in 分, positive when money comes to the account. psn_no is the partition.
CREATE TABLE ledger_entry (
  psn_no TEXT NOT NULL,
  transfer_id TEXT NOT NULL,
  line BIGINT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  amount BIGINT NOT NULL,
  at TEXT NOT NULL,
  about TEXT NOT NULL,
  PRIMARY KEY (psn_no, transfer_id, line)
);
-- For the fold of one account's balance, and its statement in order of time.
CREATE INDEX ledger_entry_account ON ledger_entry (kind, name, at)
