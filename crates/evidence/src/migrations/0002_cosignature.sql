-- 见证签名: what witnesses signed, by the size of the checkpoint; `witness` is name+id of the key.
CREATE TABLE evidence_cosignature (
    size BIGINT NOT NULL,
    witness TEXT NOT NULL,
    key_line TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (size, witness)
);
