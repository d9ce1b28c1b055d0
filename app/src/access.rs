//! Who is asking, and what they may do: one function, asked by every route and every server function.

use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::Problem;

/// Somebody who asks for something. Until there are users, everyone local is the admin.
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

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// See figures, configuration and activity.
    View,
    /// Read messages that cost nothing to read.
    Browse,
    /// Read messages at a price.
    Peek,
    Publish,
    Purge,
    /// Observe now, test a connection.
    Operate,
    /// Change what Weir may do.
    Administer,
}

/// On what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object<'a> {
    /// The installation as a whole.
    House,
    Broker(&'a str),
    Queue {
        broker: &'a str,
        id: &'a str,
    },
}

/// The one decision about permissions. Whether a broker may be changed at all (read-only) is the broker's own
/// affair and is asked after this.
///
/// # Errors
/// `Forbidden`, with the role that it takes.
#[cfg(feature = "ssr")]
pub fn authorise(who: &Principal, act: Act, _on: Object<'_>) -> Result<(), Problem> {
    let needed = match act {
        Act::View | Act::Browse => Role::Viewer,
        Act::Peek | Act::Publish | Act::Purge | Act::Operate => Role::Operator,
        Act::Administer => Role::Admin,
    };
    if who.role >= needed {
        return Ok(());
    }
    Err(Problem::forbidden(
        format!("needs the role {needed:?}; {} is {:?}", who.name, who.role).to_lowercase(),
    ))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn given_a_viewer_when_purging_then_it_is_forbidden_with_the_role_it_takes() {
        let who = Principal { name: "ana".to_owned(), role: Role::Viewer };
        let refused = authorise(&who, Act::Purge, Object::House);
        assert_eq!(refused.map_err(|p| p.detail), Err("needs the role operator; ana is viewer".to_owned()));
        assert_eq!(authorise(&who, Act::View, Object::House), Ok(()));
    }
}
