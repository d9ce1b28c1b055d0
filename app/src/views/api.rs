//! What the saved views, and the forms above the table, ask of the server.

use leptos::prelude::*;
use weir_model::SavedView;
#[cfg(feature = "ssr")]
use weir_model::{Problem, ViewQuery};

#[cfg(feature = "ssr")]
use crate::access::Principal;
use crate::{error::ApiError, queues::api::QueueQuery};

/// The server's side of the saved views.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Views: Send + Sync {
    /// All of them, by name.
    async fn views(&self) -> Result<Vec<SavedView>, Problem>;

    /// Keeps a view, also in the place of one of the same name where `overwrite` is set.
    ///
    /// # Errors
    /// The name or a part of the query is wrong and named; a conflict where the name is taken.
    async fn save(
        &self,
        who: &Principal,
        name: &str,
        query: &ViewQuery,
        overwrite: bool,
    ) -> Result<SavedView, Problem>;

    /// Takes a view away.
    ///
    /// # Errors
    /// Not found where there is none of the name.
    async fn delete(&self, who: &Principal, name: &str) -> Result<(), Problem>;
}

/// The views there are.
#[server(prefix = "/ui", endpoint = "views")]
pub async fn read_views() -> Result<Vec<SavedView>, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::House)?;
    Ok(services.views.views().await?)
}

/// What a form above the table asks for: columns to show and to remember, a view to keep or to take away. Leads back
/// to the table. The forms are posted to the page itself, with and without wasm.
#[server(prefix = "/ui", endpoint = "table", input = server_fn::codec::Json)]
pub async fn change_table(query: QueueQuery, form: String) -> Result<(), ApiError> {
    use crate::{
        access::{Act, Object},
        forms::Fields,
        queues::{columns, query::address},
        services::caller,
    };

    let fields = Fields::parse(&form);
    let name = fields.raw("name").unwrap_or_default();
    let mut there = QueueQuery { cursor: None, ..query };
    match fields.text("act") {
        Some("columns") => {
            caller(Act::View, Object::House)?;
            let names = fields.all("column").collect::<Vec<_>>().join(",");
            let names = columns::joined(&columns::chosen(Some(&names))?);
            columns::remember(Some(&names));
            there.columns = Some(names);
        }
        Some("all-columns") => {
            caller(Act::View, Object::House)?;
            columns::remember(None);
            there.columns = None;
        }
        Some("save") => {
            let (services, who) = caller(Act::Operate, Object::House)?;
            services.views.save(&who, name, &view_of(&there), fields.has("overwrite")).await?;
        }
        Some("delete") => {
            let (services, who) = caller(Act::Operate, Object::House)?;
            services.views.delete(&who, name).await?;
        }
        _ => return Err(Problem::field("act", "it is columns, all-columns, save or delete").into()),
    }
    leptos_axum::redirect(&address(&there));
    Ok(())
}

/// What of a query is kept: all but which page of it.
#[cfg(feature = "ssr")]
fn view_of(query: &QueueQuery) -> ViewQuery {
    let QueueQuery { broker, kind, q, sort, order, columns, .. } = query.clone();
    ViewQuery { broker, kind, q, sort, order, columns }
}
