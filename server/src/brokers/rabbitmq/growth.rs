//! Whether a queue has grown since the operator saw it, asked right before its messages are removed.

use std::time::Duration;

use lapin::{Channel, types::ShortString};
use tokio::time::sleep;
use weir_model::{Metric, QueueObservation};

use super::{RabbitMq, client::Tally, purge::ready};
use crate::brokers::BrokerError;

/// How often, and in what time, newer statistics are waited for: RabbitMQ writes them every 5 s.
const LOOKS: u32 = 3;
const BETWEEN: Duration = Duration::from_secs(2);

/// The messages of a queue right before an act.
pub(super) struct Waiting {
    /// Counted this moment.
    pub ready: i64,
    /// Of the newest statistics, which may be seconds old: AMQP tells ready messages only.
    pub unacknowledged: Option<i64>,
}

impl Waiting {
    fn depth(&self) -> i64 {
        self.ready.saturating_add(self.unacknowledged.unwrap_or(0))
    }
}

impl RabbitMq {
    /// Counts the messages; refuses where there are more than a tenth above `seen`, where that is given.
    ///
    /// A message that a consumer gave back since the last statistics is counted twice, as ready and as
    /// unacknowledged. So growth that ready messages alone don't show is believed only when newer statistics
    /// show it too.
    ///
    /// # Errors
    /// `Conflict` for a queue that has grown; else what kept the ready messages from being counted.
    pub(super) async fn not_grown(
        &self,
        channel: &Channel,
        name: &ShortString,
        queue: &QueueObservation,
        seen: Option<i64>,
    ) -> Result<Waiting, BrokerError> {
        let mut now = Waiting {
            ready: ready(channel, name).await?,
            unacknowledged: queue.value(Metric::Unacknowledged),
        };
        let Some(seen) = seen else { return Ok(now) };
        for _ in 0..LOOKS {
            check(seen, now.ready)?;
            if check(seen, now.depth()).is_ok() {
                break;
            }
            sleep(BETWEEN).await;
            let columns = "messages_unacknowledged";
            let newer =
                self.management.queue_columns(&queue.scope, &queue.name, columns, &Tally::default()).await;
            now = Waiting {
                ready: ready(channel, name).await?,
                unacknowledged: newer
                    .ok()
                    .and_then(|queue| queue.messages_unacknowledged)
                    .or(now.unacknowledged),
            };
        }
        check(seen, now.depth()).map(|()| now)
    }
}

fn check(seen: i64, now: i64) -> Result<(), BrokerError> {
    if now.saturating_sub(seen).saturating_mul(10) > seen {
        return Err(BrokerError::Conflict(format!(
            "nothing was removed: the queue has grown from {seen} to {now} messages; look again"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_growth_of_up_to_a_tenth_when_checked_then_the_purge_goes_on() {
        assert!(check(100, 110).is_ok() && check(100, 5).is_ok() && check(0, 0).is_ok());
        assert!(check(100, 111).is_err() && check(0, 1).is_err());
    }
}
