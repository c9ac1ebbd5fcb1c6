-- Lists of an institution, the latest first.
CREATE INDEX clearing_list_of_institution ON clearing_list (fixmedins_code, sent_at)
