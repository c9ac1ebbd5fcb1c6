-- 定点医药机构: dated rows of institutions, their departments, people and agreements.
CREATE TABLE provider_institution (
    code TEXT NOT NULL,
    begndate TEXT NOT NULL,
    enddate TEXT,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    area TEXT NOT NULL,
    chronic BIGINT NOT NULL,
    pooled BIGINT NOT NULL,
    beds BIGINT NOT NULL,
    PRIMARY KEY (code, begndate)
);
CREATE TABLE provider_department (
    institution TEXT NOT NULL,
    code TEXT NOT NULL,
    begndate TEXT NOT NULL,
    enddate TEXT,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    beds BIGINT NOT NULL,
    PRIMARY KEY (institution, code, begndate)
);
CREATE TABLE provider_practitioner (
    code TEXT NOT NULL PRIMARY KEY,
    begndate TEXT NOT NULL,
    enddate TEXT,
    name TEXT NOT NULL,
    institution TEXT NOT NULL,
    department TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL
);
CREATE TABLE provider_agreement (
    institution TEXT NOT NULL,
    number TEXT NOT NULL,
    begndate TEXT NOT NULL,
    enddate TEXT,
    status TEXT NOT NULL,
    PRIMARY KEY (institution, number, begndate)
);
CREATE TABLE provider_version (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO provider_version (id, version) VALUES (1, 0);
