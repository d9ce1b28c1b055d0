//! A way to look at the table of queues, kept under a name for the whole team.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Filter, sorting and columns of the table; what is `null` is as the table comes by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewQuery {
    pub broker: Option<String>,
    pub kind: Option<String>,
    /// The filter language: `kind:stream depth>1000 -name~test`.
    pub q: Option<String>,
    pub sort: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Names of columns, with commas.
    pub columns: Option<String>,
}

/// A view that was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// 1 to 60 characters, unique whatever their case.
    pub name: String,
    pub query: ViewQuery,
    pub saved_at: Timestamp,
    /// Who saved it last.
    pub saved_by: String,
}
