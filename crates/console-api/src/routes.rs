//! 接口目录: one file a topic, one line here.

use utoipa_axum::router::OpenApiRouter;

use crate::frame::Console;

mod access;
mod accounts;
mod admin;
mod applications;
mod cases;
mod clearing;
mod credential;
mod filings;
mod findings;
mod grouping;
mod hospital;
mod manual_claims;
mod me;
mod oidc;
mod overview;
mod password;
mod persons;
mod policy;
mod reversals;
mod rules;
mod services;
mod session;
mod settlements;
mod visits;
mod workorders;

/// Every route under `/api/console/v1`.
pub(crate) fn all() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .merge(access::routes())
        .merge(accounts::routes())
        .merge(admin::routes())
        .merge(cases::routes())
        .merge(oidc::routes())
        .merge(password::routes())
        .merge(persons::routes())
        .merge(policy::routes())
        .merge(reversals::routes())
        .merge(rules::routes())
        .merge(clearing::routes())
        .merge(credential::routes())
        .merge(filings::routes())
        .merge(findings::routes())
        .merge(grouping::routes())
        .merge(hospital::routes())
        .merge(manual_claims::routes())
        .merge(me::routes())
        .merge(overview::routes())
        .merge(services::routes())
        .merge(session::routes())
        .merge(settlements::routes())
        .merge(visits::routes())
        .merge(workorders::routes())
}
