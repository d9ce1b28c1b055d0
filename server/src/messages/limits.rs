//! How long a broker may take before the operator is told that it did not answer.

use std::{future::Future, time::Duration};

use weir_model::{Outcome, Problem, Step};

use crate::brokers::BrokerError;

/// Reading figures of a price: one or two small requests.
pub(super) const PRICE: Duration = Duration::from_secs(5);
/// Reading a page or a body.
pub(super) const READ: Duration = Duration::from_secs(15);
pub(super) const PURGE: Duration = Duration::from_secs(30);
/// Purging by way of a copy; adapters stop reading after five minutes.
pub(super) const DRAIN: Duration = Duration::from_secs(600);
/// Publishing one message. Adapters give up after five seconds by themselves and know more; this is for one that hangs.
const PUBLISH: Duration = Duration::from_secs(8);
/// What each further message may take.
const PUBLISH_EACH: Duration = Duration::from_millis(3);

/// Publishing `repeat` messages.
pub(super) fn publish(repeat: u32) -> Duration {
    PUBLISH + PUBLISH_EACH * repeat
}

/// Waits for a broker's answer, but not for ever. `outcome`: what is known of the act when no answer came.
pub(super) async fn within<T>(
    time: Duration,
    (step, outcome): (Step, Outcome),
    answer: impl Future<Output = Result<T, BrokerError>>,
) -> Result<T, Problem> {
    match tokio::time::timeout(time, answer).await {
        Ok(result) => result.map_err(Problem::from),
        Err(_) => {
            let fate = match outcome {
                Outcome::NotDone => "nothing was changed",
                Outcome::Unknown => "whether it was done is unknown",
            };
            let detail = format!("the broker did not answer within {} s; {fate}", time.as_secs());
            Err(BrokerError::Timeout { step, outcome, detail }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_model::ProblemKind;

    use super::*;

    #[tokio::test]
    async fn given_a_broker_that_never_answers_when_waited_for_then_the_operator_hears_what_is_known() {
        let never = std::future::pending::<Result<(), BrokerError>>();
        let problem = within(Duration::from_millis(5), (Step::Write, Outcome::Unknown), never).await;
        assert_eq!(
            problem.map_err(|p| (p.kind, p.step, p.outcome)),
            Err((ProblemKind::BrokerTimeout, Some(Step::Write), Some(Outcome::Unknown)))
        );
    }
}
