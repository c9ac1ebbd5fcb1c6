-- 存证叶: what deeds seal. A deed inserts without a number; the sequencer numbers what is committed.
CREATE TABLE evidence_leaf (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    salt BLOB NOT NULL,
    content BLOB NOT NULL,
    seq BIGINT
);
CREATE INDEX evidence_leaf_unnumbered ON evidence_leaf (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX evidence_leaf_seq ON evidence_leaf (seq) WHERE seq IS NOT NULL;
-- 瓦片: the tree, one row a tile, which only grows.
CREATE TABLE evidence_tile (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    width BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (level, idx)
);
-- One row: who may number until when (milliseconds since 1970), and how many leaves are numbered.
CREATE TABLE evidence_head (
    id BIGINT PRIMARY KEY,
    holder TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    size BIGINT NOT NULL
);
-- 检查点: every published head, with the public key that signed it.
CREATE TABLE evidence_checkpoint (
    size BIGINT PRIMARY KEY,
    note TEXT NOT NULL,
    signer TEXT NOT NULL
);
