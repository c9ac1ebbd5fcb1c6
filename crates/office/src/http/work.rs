//! The work behind the routes: plain functions of a request's body.

use grouping::{Grouper, Scratch};
use listing::quality::Severity;

use super::answer::{
    FieldOut, FindingOut, GroupOut, GroupResponse, PlanOut, PriceOut, PriceResponse, PricedOut, QcOut, QcResponse,
    RefusalOut, SchemeName, SchemeOut, SchemesResponse, UncheckedOut, WhatIfOut,
};
use super::request::{Asked, GroupRequest, GroupedAs, PriceRequest, QcRequest, read, stays};
use super::{Limits, Trouble, lists};
use crate::shelf::Shelf;

pub(super) fn group(shelf: &Shelf, limits: &Limits, body: &[u8]) -> Result<GroupResponse, Trouble> {
    let request: GroupRequest = read(body)?;
    let installed = shelf.scheme(request.scheme.as_deref()).map_err(|error| Trouble::unknown("scheme", &error))?;
    let asked = stays(request.cases, request.lists, installed, limits)?;
    let mut scratch = Scratch::default();
    let grouper = &installed.grouper;
    let answer = |(at, asked): (usize, &Asked)| {
        let answer = grouper.group(&asked.case, &mut scratch);
        let mut out = GroupOut::of(grouper, &asked.case, &answer, at + 1, &mut scratch);
        if request.explain {
            out.why = grouper.explain(&asked.case).to_string().lines().map(str::to_owned).collect();
        }
        if request.what_if {
            out.what_if = what_if(grouper, &asked.case);
        }
        out
    };
    let answers = asked.iter().enumerate().map(answer).collect();
    Ok(GroupResponse { scheme: SchemeName::of(grouper.scheme()), answers })
}

fn what_if(grouper: &Grouper, case: &grouping::Case) -> Vec<WhatIfOut> {
    let out = |shown: grouping::WhatIf| {
        let groups = grouper.groups(&shown.answer);
        WhatIfOut {
            diagnosis: case.diagnoses[shown.diagnosis].clone(),
            status: shown.answer.status.into(),
            group: groups.group.to_owned(),
            name: groups.name.to_owned(),
        }
    };
    grouper.what_if(case).into_iter().map(out).collect()
}

pub(super) fn qc(shelf: &Shelf, limits: &Limits, body: &[u8]) -> Result<QcResponse, Trouble> {
    let request: QcRequest = read(body)?;
    limits.check(request.lists.len())?;
    let none = "no quality rules are at hand: open this interface with a region";
    let quality = shelf.quality.as_ref();
    let quality =
        quality.ok_or_else(|| Trouble::new(axum::http::StatusCode::NOT_FOUND, "没有质控规则 no rules", none))?;
    let mut faults = Vec::new();
    let lists = lists::read_all(request.lists, &mut faults);
    if !faults.is_empty() {
        return Err(Trouble::of_faults(faults));
    }
    let knowledge = quality.knowledge();
    let report = |(at, list): (usize, &listing::SettlementList)| {
        let report = quality.rules.check(list, &knowledge);
        let finding = |finding: &listing::quality::Finding| FindingOut {
            rule: finding.rule.clone(),
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            field: finding.field.to_string(),
            row: finding.row,
            value: finding.value.clone(),
            message: finding.message.clone(),
            english: finding.english.clone(),
        };
        QcOut {
            row: at + 1,
            record_no: list.basic.record_no.clone().unwrap_or_default(),
            acceptable: report.acceptable(),
            findings: report.findings.iter().map(finding).collect(),
            unchecked: report
                .unchecked
                .into_iter()
                .map(|unchecked| UncheckedOut {
                    rule: unchecked.rule,
                    missing: unchecked.missing.iter().map(ToString::to_string).collect(),
                })
                .collect(),
        }
    };
    Ok(QcResponse { reports: lists.iter().enumerate().map(report).collect() })
}

pub(super) fn price(shelf: &Shelf, limits: &Limits, body: &[u8]) -> Result<PriceResponse, Trouble> {
    let request: PriceRequest = read(body)?;
    let installed = shelf.scheme(request.scheme.as_deref()).map_err(|error| Trouble::unknown("scheme", &error))?;
    let plan = installed.plan(request.payment.as_deref()).map_err(|error| Trouble::unknown("payment", &error))?;
    let asked = stays(request.cases, request.lists, installed, limits)?;
    let mut scratch = Scratch::default();
    let grouper = &installed.grouper;
    let answer = |(at, asked): (usize, &Asked)| {
        let answer = grouper.group(&asked.case, &mut scratch);
        let grouped = GroupOut::of(grouper, &asked.case, &answer, at + 1, &mut scratch);
        let met = &grouped.auxiliary;
        let facts = GroupedAs { installed, status: answer.status, group: &grouped.group, auxiliary: met };
        let priced = match asked.to_price(&facts, plan) {
            Ok(case) => plan.price(&case).map_err(|refusal| (refusal.code().to_owned(), refusal.to_string())),
            Err(missing) => Err(("missing_fact".to_owned(), missing)),
        };
        let (price, refusal) = match priced {
            Ok(priced) => (Some(PriceOut::of(&priced, request.explain)), None),
            Err((code, message)) => (None, Some(RefusalOut { code, message })),
        };
        PricedOut { grouped, price, refusal }
    };
    Ok(PriceResponse {
        scheme: SchemeName::of(grouper.scheme()),
        plan: plan.id.clone(),
        plan_hash: plan.hash.to_string(),
        answers: asked.iter().enumerate().map(answer).collect(),
    })
}

pub(super) fn schemes(shelf: &Shelf) -> SchemesResponse {
    let plan = |plan: &payment::PaymentFile| PlanOut {
        id: plan.id.clone(),
        title: plan.title.clone(),
        from: plan.from.to_string(),
        until: plan.until.map(|day| day.to_string()),
        hash: plan.hash.to_string(),
    };
    let scheme = |installed: &crate::shelf::Installed| {
        let scheme = installed.grouper.scheme();
        SchemeOut {
            id: scheme.id.clone(),
            version: scheme.version.clone(),
            title: scheme.title.clone(),
            source: scheme.source.clone(),
            diagnoses: scheme.code_systems.diagnoses.clone(),
            procedures: scheme.code_systems.procedures.clone(),
            levels: scheme.levels.iter().map(|level| level.name.clone()).collect(),
            fields: scheme
                .fields
                .iter()
                .map(|field| FieldOut {
                    name: field.name.clone(),
                    title: field.title.clone(),
                    number: field.kind == grouping::FieldKind::Number,
                })
                .collect(),
            plans: installed.plans.iter().map(plan).collect(),
        }
    };
    SchemesResponse { schemes: shelf.schemes.iter().map(scheme).collect(), quality: shelf.quality.is_some() }
}
