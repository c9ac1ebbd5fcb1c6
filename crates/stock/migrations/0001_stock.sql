-- 进销存: what institutions report of their goods. A record is known by institution, its own batch
-- number and its kind (1 盘存, 2 变更, 3 采购, 4 采购退货, 5 销售, 6 销售退货).
-- cnt and price are whole numbers of 0.0001 and 0.000001; `split` is 拆零; `content` is the hash of all
-- that was sent, for repeats; `particulars` the fields that only people read, without personal data.
CREATE TABLE stock_movement (
    institution TEXT NOT NULL,
    batch TEXT NOT NULL,
    kind BIGINT NOT NULL,
    med_list_codg TEXT NOT NULL,
    hilist_id TEXT NOT NULL,
    hilist_name TEXT NOT NULL,
    moved_at TEXT NOT NULL,
    cnt BIGINT NOT NULL,
    change_type TEXT NOT NULL,
    price BIGINT,
    psn_no TEXT NOT NULL,
    setl_id TEXT NOT NULL,
    mdtrt_sn TEXT NOT NULL,
    split BIGINT NOT NULL,
    particulars TEXT NOT NULL,
    msgid TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (institution, batch, kind)
);
CREATE INDEX stock_movement_article ON stock_movement (institution, med_list_codg, moved_at);
CREATE INDEX stock_movement_time ON stock_movement (moved_at);
-- 追溯码 of a record.
CREATE TABLE stock_trace (
    code TEXT NOT NULL,
    institution TEXT NOT NULL,
    batch TEXT NOT NULL,
    kind BIGINT NOT NULL,
    moved_at TEXT NOT NULL,
    PRIMARY KEY (code, institution, batch, kind)
);
CREATE INDEX stock_trace_record ON stock_trace (institution, batch, kind);
CREATE INDEX stock_trace_time ON stock_trace (moved_at);
-- 已删除 (3507): what was taken back, by whom and when.
CREATE TABLE stock_deleted (
    institution TEXT NOT NULL,
    batch TEXT NOT NULL,
    kind BIGINT NOT NULL,
    deleted_at TEXT NOT NULL,
    msgid TEXT NOT NULL,
    deleted_by TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (institution, batch, kind, msgid)
);
