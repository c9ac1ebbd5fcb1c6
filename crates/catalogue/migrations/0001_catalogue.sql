-- 目录: dated rows of items and of code lists. Ratios and ceilings are JSON objects by
-- key, since each region has its own keys.
CREATE TABLE catalogue_item (
    code TEXT NOT NULL,
    begndate TEXT NOT NULL,
    enddate TEXT,
    name TEXT NOT NULL,
    list_type TEXT NOT NULL,
    charge_type TEXT NOT NULL,
    level TEXT NOT NULL,
    self_pay TEXT NOT NULL,
    ceilings TEXT NOT NULL,
    restricted BIGINT NOT NULL,
    quota_per TEXT,
    quota_count BIGINT,
    account_payable BIGINT NOT NULL,
    dosage_form TEXT NOT NULL,
    specification TEXT NOT NULL,
    unit TEXT NOT NULL,
    typical_price BIGINT,
    PRIMARY KEY (code, begndate)
);
CREATE INDEX catalogue_item_by_list ON catalogue_item (list_type, code, begndate);
CREATE TABLE catalogue_term (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    begndate TEXT NOT NULL,
    enddate TEXT,
    name TEXT NOT NULL,
    filed_under TEXT NOT NULL,
    PRIMARY KEY (kind, code, begndate)
);
CREATE TABLE catalogue_version (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO catalogue_version (id, version) VALUES (1, 0);
