//! Which queue a page is about.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
use weir_model::QueueRow;

/// Broker and id, as they stand in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub broker: String,
    /// Not checked: the server says what is wrong with it.
    pub id: String,
}

impl Address {
    /// The address of a row.
    #[must_use]
    pub fn of(row: &QueueRow) -> Self {
        Self { broker: row.broker.clone(), id: row.id.to_string() }
    }

    /// The page of the queue.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/brokers/{}/queues/{}", self.broker, self.id)
    }

    /// A tab or a form of that page.
    #[must_use]
    pub fn tab(&self, name: &str) -> String {
        format!("{}/{name}", self.path())
    }

    /// The same queue in the REST interface.
    #[must_use]
    pub fn rest(&self, rest: &str) -> String {
        format!("/api/v1{}/{rest}", self.path())
    }
}

/// The queue of the present page.
#[must_use]
pub fn use_address() -> Memo<Address> {
    let params = use_params_map();
    Memo::new(move |_| {
        let params = params.read();
        let text = |name: &str| params.get_str(name).unwrap_or_default().to_owned();
        Address { broker: text("broker"), id: text("id") }
    })
}
