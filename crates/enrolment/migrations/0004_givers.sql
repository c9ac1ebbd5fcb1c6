-- Whom a person lets use their account.
CREATE INDEX enrolment_mutual_aid_of_giver ON enrolment_mutual_aid (giver)
