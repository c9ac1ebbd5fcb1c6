-- What changed, append-only. A deed inserts rows without a number; the sequencer numbers
-- committed rows afterwards, so no deed waits on a counter.
CREATE TABLE change_feed (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    region TEXT NOT NULL,
    person TEXT NOT NULL,
    made_at TEXT NOT NULL,
    body TEXT NOT NULL,
    number BIGINT
);
CREATE UNIQUE INDEX change_feed_number ON change_feed (number);
CREATE INDEX change_feed_unnumbered ON change_feed (made_at, id) WHERE number IS NULL;

-- One row: the last number given. Whoever numbers holds it.
CREATE TABLE change_head (
    name TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO change_head (name, number) VALUES ('change_feed', 0);
