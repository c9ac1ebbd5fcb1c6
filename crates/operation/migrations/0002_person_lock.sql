-- A deed takes the rows of the persons it touches, in order, before it reads their standing.
CREATE TABLE person_lock (
    psn_no TEXT PRIMARY KEY,
    touched BIGINT NOT NULL
);
