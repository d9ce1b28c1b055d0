//! Who is asking. Until there are users, everyone local is the admin.

use serde::{Deserialize, Serialize};

/// Somebody who asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The name in the list of actions.
    pub name: String,
    pub role: Role,
}

impl Principal {
    /// The only principal of an installation without users.
    #[must_use]
    pub fn local_admin() -> Self {
        Self { name: "local admin".to_owned(), role: Role::Admin }
    }
}

/// What a principal may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Operator,
    Admin,
}
