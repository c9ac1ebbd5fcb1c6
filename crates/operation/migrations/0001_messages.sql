-- 报文: every state-changing message that was answered, so that a repeat gets the same bytes.
-- outcome: 0 accepted, 1 refused by the law, 2 never seen but reversed beforehand (2601).
-- The answer is compressed and encrypted, and goes after the time of keeping; the key, the
-- hash and the subject stay for ever.
CREATE TABLE message (
    institution TEXT NOT NULL,
    msgid TEXT NOT NULL,
    infno TEXT NOT NULL,
    input_hash BLOB NOT NULL,
    outcome BIGINT NOT NULL,
    subject TEXT,
    received_at TEXT NOT NULL,
    kept_until TEXT NOT NULL,
    answer BLOB,
    PRIMARY KEY (institution, msgid)
);
CREATE INDEX message_with_answer ON message (kept_until) WHERE answer IS NOT NULL;
