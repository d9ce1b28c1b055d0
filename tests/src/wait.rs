//! Waiting for something to become true.

use std::{fmt::Debug, future::Future, time::Duration};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// Time between two looks.
pub const STEP: Duration = Duration::from_millis(100);

/// Looks again and again until `look` gives `Some`, and gives that.
///
/// # Errors
/// Nothing came within `within`; `what` says what was waited for.
pub async fn until<T, F, Fut>(what: &str, within: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            bail!("{what}: not within {within:?}");
        }
        sleep(STEP).await;
    }
}

/// Looks until `look` gives `expected`; the error names what it gave last.
///
/// # Errors
/// It gave something else, or failed, to the end.
pub async fn until_eq<T, F, Fut>(what: &str, within: Duration, expected: T, mut look: F) -> Result<()>
where
    T: PartialEq + Debug,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        let found = look().await;
        if matches!(&found, Ok(value) if *value == expected) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("{what}: wanted {expected:?} within {within:?}, last was {found:?}");
        }
        sleep(STEP).await;
    }
}
