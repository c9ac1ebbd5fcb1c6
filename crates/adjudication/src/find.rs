//! 查找: rows of a person's record, and segments of coverage.

use std::cmp::Ordering;

use policy::{FindSource, ItField};
use terms::{Date, Exact, Period};

use crate::PolicyError;
use crate::env::{Env, read_kept};
use crate::facts::{Coverage, Filing, Identity, PastSettlement, Visit};
use crate::value::V;

/// A row of one of the person's lists, with its place in the order of registration.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowRef<'a> {
    Coverage(usize, &'a Coverage),
    Identity(usize, &'a Identity),
    Filing(usize, &'a Filing),
    Visit(usize, &'a Visit),
    Settlement(usize, &'a PastSettlement, &'a Visit),
}

impl<'a> RowRef<'a> {
    fn order(self) -> usize {
        match self {
            RowRef::Coverage(n, _)
            | RowRef::Identity(n, _)
            | RowRef::Filing(n, _)
            | RowRef::Visit(n, _)
            | RowRef::Settlement(n, ..) => n,
        }
    }

    fn period(self) -> Option<Period> {
        match self {
            RowRef::Coverage(_, row) => Some(row.period),
            RowRef::Identity(_, row) => Some(row.period),
            RowRef::Filing(_, row) => Some(row.period),
            RowRef::Visit(_, visit) | RowRef::Settlement(_, _, visit) => {
                Some(Period { begin: visit.request.begntime.date(), end: visit.endtime.map(|time| time.date()) })
            }
        }
    }

    fn visit(self) -> Option<&'a Visit> {
        match self {
            RowRef::Visit(_, visit) | RowRef::Settlement(_, _, visit) => Some(visit),
            _ => None,
        }
    }

    fn text(self, name: &str) -> &'a str {
        let visit_text = |visit: &'a Visit| -> &'a str {
            match name {
                "mdtrt_id" => visit.mdtrt_id.as_str(),
                "fixmedins_code" => visit.request.fixmedins_code.as_str(),
                "med_type" => &visit.request.med_type,
                "insutype" => &visit.request.insutype,
                "label" => &visit.request.label,
                other => visit.request.fields.get(other).map_or("", String::as_str),
            }
        };
        match self {
            RowRef::Coverage(_, row) => match name {
                "insutype" => &row.insutype,
                "psn_type" => &row.psn_type,
                "cvlserv_flag" => &row.cvlserv_flag,
                "psn_insu_stas" => &row.psn_insu_stas,
                other => row.fields.get(other).map_or("", String::as_str),
            },
            RowRef::Identity(_, row) => &row.psn_idet_type,
            RowRef::Filing(_, row) => match name {
                "filing_id" => row.filing_id.as_str(),
                "kind" => &row.kind,
                "dise_codg" => row.dise_codg.as_deref().unwrap_or(""),
                _ => row.admdvs.as_deref().unwrap_or(""),
            },
            RowRef::Settlement(_, settlement, _) if name == "setl_id" => settlement.setl_id.as_str(),
            RowRef::Visit(_, visit) | RowRef::Settlement(_, _, visit) => visit_text(visit),
        }
    }
}

/// 参保段: the segment that covers the policy's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub begin: Date,
    /// Days without coverage before it; `None` when no other segment began earlier.
    pub gap_days: Option<i64>,
}

impl<'a> Env<'a> {
    /// What `[[find]]` number n finds: the row chosen and how many fit.
    pub(crate) fn find(&mut self, n: usize) -> Result<(Option<RowRef<'a>>, usize), PolicyError> {
        if let Some(known) = self.found[n] {
            return Ok(known);
        }
        let find = &self.law.finds[n];
        let before = self.row.take();
        let mut best: Option<(RowRef<'a>, Vec<V<'a>>)> = None;
        let mut count = 0;
        for place in 0..self.row_count(find.source) {
            let Some(row) = self.row_at(find.source, place) else { continue };
            self.row = Some(row);
            if !self.flag(&find.condition)? {
                continue;
            }
            count += 1;
            let by = if find.last_by.is_empty() { &find.first_by } else { &find.last_by };
            let rank = by.iter().map(|by| self.eval(&by.expr)).collect::<Result<Vec<V<'a>>, _>>()?;
            let better = match &best {
                None => true,
                Some((_, other)) => {
                    let order =
                        rank.iter().zip(other).map(|(a, b)| a.order(b).unwrap_or(Ordering::Equal)).find(|o| o.is_ne());
                    order == Some(if find.last_by.is_empty() { Ordering::Less } else { Ordering::Greater })
                }
            };
            if better {
                best = Some((row, rank));
            }
        }
        self.row = before;
        let found = (best.map(|(row, _)| row), count);
        self.found[n] = Some(found);
        Ok(found)
    }

    /// How many rows a list has; [`Env::row_at`] may leave some of them out.
    fn row_count(&self, source: FindSource) -> usize {
        match source {
            FindSource::Coverage => self.dossier.person.insu.len(),
            FindSource::Identities => self.dossier.person.idents.len(),
            FindSource::Filings => self.dossier.filings.len(),
            FindSource::Visits => self.dossier.visits.len(),
            FindSource::Settlements => self.dossier.settlements.len(),
        }
    }

    /// Row `n` of a list; none for a cancelled filing or a reversed settlement.
    fn row_at(&self, source: FindSource, n: usize) -> Option<RowRef<'a>> {
        let dossier = self.dossier;
        match source {
            FindSource::Coverage => Some(RowRef::Coverage(n, &dossier.person.insu[n])),
            FindSource::Identities => Some(RowRef::Identity(n, &dossier.person.idents[n])),
            FindSource::Filings => {
                Some(&dossier.filings[n]).filter(|row| !row.cancelled).map(|row| RowRef::Filing(n, row))
            }
            FindSource::Visits => Some(RowRef::Visit(n, &dossier.visits[n])),
            FindSource::Settlements => {
                let settlement = Some(&dossier.settlements[n]).filter(|settlement| !settlement.reversed)?;
                let visit = dossier.visits.iter().find(|visit| visit.mdtrt_id == settlement.mdtrt_id)?;
                Some(RowRef::Settlement(n, settlement, visit))
            }
        }
    }

    pub(crate) fn row_field(
        &mut self,
        row: Option<RowRef<'a>>,
        count: usize,
        field: &'a ItField,
    ) -> Result<V<'a>, PolicyError> {
        match field {
            ItField::Exists => return Ok(V::Flag(row.is_some())),
            ItField::Count => return Ok(V::Number(Exact::whole(count as i64))),
            _ => {}
        }
        let Some(row) = row else {
            return Ok(match field {
                ItField::Text(_) => V::text(""),
                ItField::Flag(_) | ItField::Covers(_) => V::Flag(false),
                _ => V::Missing,
            });
        };
        Ok(match field {
            ItField::Exists | ItField::Count => unreachable!("answered above"),
            ItField::Order => V::Number(Exact::whole(row.order() as i64)),
            ItField::Begin => V::date(row.period().map(|period| period.begin)),
            ItField::End => V::date(row.period().and_then(|period| period.end)),
            ItField::BeginTime => V::time(row.visit().map(|visit| visit.request.begntime)),
            ItField::EndTime => V::time(row.visit().and_then(|visit| visit.endtime)),
            ItField::SettleTime => match row {
                RowRef::Settlement(_, settlement, _) => V::Time(settlement.setl_time),
                _ => V::Missing,
            },
            ItField::Text(name) => V::text(row.text(name)),
            ItField::Declared(name, kind) => read_kept(row.text(name), *kind),
            ItField::Flag(name) => V::Flag(row.visit().is_some_and(|visit| match name.as_str() {
                "discharged" => visit.endtime.is_some(),
                "settled" => visit.settled.is_some(),
                _ => self.visit.is_some_and(|current| current.mdtrt_id == visit.mdtrt_id),
            })),
            ItField::Kept(n) => match row {
                RowRef::Settlement(_, settlement, _) => {
                    let keep = &self.law.keeps[*n];
                    read_kept(settlement.kept.get(&keep.id).map_or("", String::as_str), keep.value.kind)
                }
                _ => V::Missing,
            },
            ItField::Covers(day) => {
                let day = self.eval(day)?;
                V::Flag(matches!((row.period(), day), (Some(period), V::Date(day)) if period.covers(day)))
            }
        })
    }

    /// The segment of normal coverage in the visit's scheme that covers the policy's date.
    pub(crate) fn current_segment(&mut self) -> Result<Option<Segment>, PolicyError> {
        if let Some(known) = self.segment {
            return Ok(known);
        }
        let Some(rule) = &self.law.segments else {
            return Err(PolicyError::new("segment.… is asked for, but the policy has no [segments]"));
        };
        let day = self.date(&rule.on)?;
        let scheme = self.request.map(|request| request.insutype.as_str());
        let mut segments: Vec<(&str, Period)> = Vec::new();
        let mut rows: Vec<&Coverage> = self
            .dossier
            .person
            .insu
            .iter()
            .filter(|row| rule.status.contains(&row.psn_insu_stas) && rule.schemes.contains(&row.insutype))
            .collect();
        rows.sort_by(|a, b| (&a.insutype, a.period.begin).cmp(&(&b.insutype, b.period.begin)));
        for row in rows {
            match segments.last_mut() {
                Some((of, last))
                    if *of == row.insutype
                        && last.end.is_none_or(|end| crate::functions::days_between(end, row.period.begin) <= 1) =>
                {
                    last.end = match (last.end, row.period.end) {
                        (Some(a), Some(b)) => Some(a.max(b)),
                        _ => None,
                    };
                }
                _ => segments.push((&row.insutype, row.period)),
            }
        }
        let current = segments
            .iter()
            .find(|(of, period)| Some(*of) == scheme && day.is_some_and(|day| period.covers(day)))
            .map(|(_, period)| {
                let begin = period.begin;
                let earlier: Vec<&Period> =
                    segments.iter().map(|(_, period)| period).filter(|other| other.begin < begin).collect();
                let gap_days = match earlier.iter().any(|other| other.end.is_none()) {
                    true => Some(0),
                    false => earlier
                        .iter()
                        .filter_map(|other| other.end)
                        .max()
                        .map(|end| (crate::functions::days_between(end, begin) - 1).max(0)),
                };
                Segment { begin, gap_days }
            });
        self.segment = Some(current);
        Ok(current)
    }
}
