-- 口令须更改: 1 when somebody else gave the password; the account may do nothing but change it.
ALTER TABLE access_account ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0;
