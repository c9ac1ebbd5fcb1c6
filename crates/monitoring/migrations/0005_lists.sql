-- Lists of findings, the most money first.
CREATE INDEX monitoring_finding_money ON monitoring_finding (set_name, counted);
CREATE INDEX monitoring_finding_under ON monitoring_finding (under)
