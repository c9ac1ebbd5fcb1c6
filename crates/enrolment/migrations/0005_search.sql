-- 查人: by the beginning of a name, and by employer.
CREATE INDEX enrolment_person_name ON enrolment_person (psn_name, psn_no);
CREATE INDEX enrolment_coverage_employer ON enrolment_coverage (emp_no, psn_no);
CREATE INDEX enrolment_employer_name ON enrolment_employer (emp_name)
