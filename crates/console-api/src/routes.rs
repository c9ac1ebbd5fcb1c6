//! 接口目录: one file a topic, one line here.

use utoipa_axum::router::OpenApiRouter;

use crate::frame::Console;

mod access;
mod overview;
mod session;
mod settlements;

/// Every route under `/api/console/v1`.
pub(crate) fn all() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .merge(access::routes())
        .merge(overview::routes())
        .merge(session::routes())
        .merge(settlements::routes())
}
