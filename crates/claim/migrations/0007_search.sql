-- 查就诊: by its number alone, and all of them by time.
CREATE INDEX claim_visit_number ON claim_visit (mdtrt_id);
CREATE INDEX claim_visit_time ON claim_visit (begntime, mdtrt_id);
-- 病历资料 of a visit.
CREATE INDEX claim_document_visit ON claim_document (psn_no, mdtrt_id)
