-- 拒绝: why a message was refused, readable while its kept answer is not. A refusal records
-- nothing else.
CREATE TABLE refusal (
    institution TEXT NOT NULL,
    msgid TEXT NOT NULL,
    infno TEXT NOT NULL,
    code TEXT NOT NULL,
    told TEXT NOT NULL,
    operator TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (institution, msgid)
);
CREATE INDEX refusal_by_time ON refusal (institution, received_at)
