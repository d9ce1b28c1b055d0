//! The connection test: every step on the way, in order.

use weir_model::{CheckStep, Step};

use super::{
    RabbitMq, amqp,
    client::{CONNECT_TIMEOUT, Management, Tally},
    probe,
    wire::{Overview, WhoAmI},
};
use crate::brokers::BrokerError;

const OVERVIEW: &str = "overview?columns=rabbitmq_version";

const ORDER: [Step; 6] =
    [Step::Resolve, Step::Connect, Step::Tls, Step::Authenticate, Step::Permission, Step::Version];

/// The vhost to log in to where none is configured.
const DEFAULT_VHOST: &str = "/";

impl RabbitMq {
    /// Connects anew by AMQP and by the management API.
    pub(super) async fn check_steps(&self) -> Vec<CheckStep> {
        let mut steps = Steps::default();
        let outcome = self.walk(&mut steps).await;
        steps.finish(outcome, self.settings.any_tls())
    }

    async fn walk(&self, steps: &mut Steps) -> Result<(), BrokerError> {
        let (host, port) = probe::management_address(&self.settings);
        let amqp_at = probe::resolve(&self.settings.host, self.settings.port).await?;
        let management_at = probe::resolve(&host, port).await?;
        steps.pass(Step::Resolve, format!("{} is {}", self.settings.host, amqp_at[0].ip()));

        let refused =
            |what: &str, why: String| BrokerError::failed_plainly(Step::Connect, format!("{what}: {why}"));
        let (amqp_host, amqp_port) = (&self.settings.host, self.settings.port);
        probe::connect(&amqp_at, CONNECT_TIMEOUT)
            .await
            .map_err(|why| refused(&format!("no AMQP on {amqp_host}:{amqp_port}"), why))?;
        probe::connect(&management_at, CONNECT_TIMEOUT).await.map_err(|why| {
            let what = format!(
                "AMQP answers on {amqp_host}:{amqp_port}, but no management API on {host}:{port}; {}",
                probe::ENABLE_MANAGEMENT
            );
            refused(&what, why)
        })?;
        steps.pass(
            Step::Connect,
            format!("AMQP on {amqp_host}:{amqp_port} and the management API on {host}:{port} answer"),
        );

        // A new client, so that the test does not lean on a connection that is open already.
        let (management, tally) = (Management::new(self.settings.clone()), Tally::default());
        let whoami: WhoAmI = management.get("whoami", &tally).await?;
        let vhost = self.settings.vhost.as_deref().unwrap_or(DEFAULT_VHOST);
        let connection = self.amqp.open(vhost, "connection test").await?;
        if self.settings.any_tls() {
            steps.pass(Step::Tls, "what the server shows is trusted".to_owned());
        }
        steps.pass(Step::Authenticate, format!("user \"{}\", tags {}", whoami.name, tags(&whoami)));

        let channel = amqp::channel(&connection).await;
        amqp::close(&connection).await;
        channel?;
        steps.pass(Step::Permission, format!("vhost \"{vhost}\" may be used"));

        let overview: Overview = management.get(OVERVIEW, &tally).await?;
        steps.pass(Step::Version, format!("RabbitMQ {}", overview.rabbitmq_version.unwrap_or_default()));
        Ok(())
    }
}

/// The steps taken so far.
#[derive(Default)]
struct Steps(Vec<CheckStep>);

impl Steps {
    fn pass(&mut self, step: Step, detail: String) {
        self.0.push(CheckStep { step, passed: Some(true), detail });
    }

    /// Lists all steps in order. Those before a failed one passed, since it could not be reached without them.
    fn finish(self, outcome: Result<(), BrokerError>, tls: bool) -> Vec<CheckStep> {
        let order: Vec<Step> = ORDER.into_iter().filter(|step| tls || *step != Step::Tls).collect();
        let taken = |step: Step| self.0.iter().find(|taken| taken.step == step);
        let failure = outcome.err().map(|error| {
            let named = order.iter().position(|step| *step == error.step());
            let next = || order.iter().position(|step| taken(*step).is_none());
            (named.or_else(next).unwrap_or(order.len() - 1), error.to_string())
        });
        let line = |(n, step): (usize, &Step)| match &failure {
            Some((failed, detail)) if n == *failed => (Some(false), detail.clone()),
            Some((failed, _)) if n > *failed => (None, "not tried".to_owned()),
            _ => (Some(true), taken(*step).map_or_else(|| "passed".to_owned(), |taken| taken.detail.clone())),
        };
        order
            .iter()
            .enumerate()
            .map(|(n, step)| {
                let (passed, detail) = line((n, step));
                CheckStep { step: *step, passed, detail }
            })
            .collect()
    }
}

fn tags(whoami: &WhoAmI) -> String {
    match &whoami.tags {
        serde_json::Value::Array(tags) => {
            tags.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::String(tags) => tags.clone(),
        _ => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_wrong_password_when_listed_then_earlier_steps_passed_and_later_ones_were_not_tried() {
        let mut steps = Steps::default();
        steps.pass(Step::Resolve, "mq is 10.0.0.1".to_owned());
        let error = BrokerError::failed_plainly(Step::Authenticate, "wrong password");
        let listed = steps.finish(Err(error), true);
        let passed: Vec<_> = listed.iter().map(|step| step.passed).collect();
        assert_eq!(passed, [Some(true), Some(true), Some(true), Some(false), None, None]);
        assert_eq!(listed[3].detail, "wrong password");
    }

    #[test]
    fn given_an_error_of_no_step_of_the_list_when_listed_then_the_first_step_not_taken_failed() {
        let mut steps = Steps::default();
        steps.pass(Step::Resolve, "mq is 10.0.0.1".to_owned());
        let listed = steps.finish(Err(BrokerError::failed_plainly(Step::Read, "not JSON")), false);
        assert_eq!((listed[1].step, listed[1].passed), (Step::Connect, Some(false)));
        assert_eq!(listed.len(), 5);
    }
}
