//! The words of the settings.

pub const CONFIGURATION: &str = "Configuration";
pub const HEALTH: &str = "Health";
pub const HEALTH_FINE: &str = "nothing to report";
pub const CONNECTION: &str = "Connection";
pub const TEST: &str = "Test the connection";
pub const TEST_AGAIN: &str = "Test again";
pub const TEST_TEXT: &str =
    "Connects anew and says which step fails: resolve, connect, TLS, authenticate, permission, version.";
pub const NOT_REACHED: &str = "not reached";
pub const OBSERVE: &str = "Observe now";
pub const OBSERVED: &str = "Observed";
pub const ADD: &str = "Add a broker";
pub const READ_ONLY_TEXT: &str =
    "Its configuration says read_only = true. Take that line away and restart to allow changes.";
pub const CHANGES_ALLOWED: &str = "Publishing, purging and priced peeks are allowed.";
pub const CHANGES: &str = "Changes";
pub const NO_BROKER_TITLE: &str = "No broker is configured";
pub const NO_BROKER_TEXT: &str = "Three lines in weir.toml add one.";
pub const UP: &str = "up";
pub const DOWN: &str = "down";
pub const STARTING: &str = "not observed yet";
pub const ARMED: &str = "Changes are allowed";

/// The address asks to test none of the brokers that there are.
#[must_use]
pub fn no_such_broker(asked: &str, known: &[&str]) -> String {
    let known = if known.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    format!("no broker is called \"{asked}\"; {known}")
}
