//! Who may do what. The rule stands beside the pages, since server functions ask it too.

pub use weir_app::access::{Act, Object, Principal, Role, authorise};
