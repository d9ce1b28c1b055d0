//! Publishing by AMQP: mandatory, with publisher confirms.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lapin::{
    Channel, Confirmation, Connection, ErrorKind, ExchangeKind, PublisherConfirm,
    options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions},
    types::FieldTable,
};
use tokio::{
    sync::Mutex,
    time::{timeout, timeout_at},
};
use weir_model::{
    Outcome, QueueObservation, Step,
    message::{MessageShape, PublishReceipt, PublishRequest},
};

use super::{
    RabbitMq,
    amqp::{self, Amqp},
    client::Tally,
    health,
    outgoing::Outgoing,
};
use crate::brokers::{BrokerError, Publish};

/// How long nothing may be confirmed before the outcome is called unknown.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(4);

/// How long many messages may take altogether.
const BATCH_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the question for alarms may take; without an answer the broker itself tells by blocking.
const ALARM_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait for another publish on the same vhost to end.
const TURN_TIMEOUT: Duration = Duration::from_secs(4);

/// Messages on their way at a time, and their bytes: more would wait in memory here.
const WINDOW: usize = 256;
const WINDOW_BYTES: usize = 16 * 1024 * 1024;

/// One connection for each vhost that was published to. They stay open, since a channel that lives for less than
/// a statistics interval may lose its counts for good.
#[derive(Default)]
pub(super) struct Publisher {
    lines: Mutex<HashMap<String, Turn>>,
}

/// One publish at a time for each vhost: a returned message is matched to its publish by order alone.
type Turn = Arc<Mutex<Option<Line>>>;

/// An open channel in confirm mode.
struct Line {
    connection: Connection,
    channel: Channel,
}

/// What the broker said to the messages of one request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answers {
    routed: u32,
    rejected: u32,
    returned: u32,
    return_reason: Option<String>,
}

#[async_trait]
impl Publish for RabbitMq {
    fn shape(&self, _queue: &QueueObservation) -> MessageShape {
        MessageShape::Routed
    }

    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        let outgoing = Outgoing::new(queue, request)?;
        let tally = Tally::default();
        if let Ok(Ok(alarms)) = timeout(ALARM_TIMEOUT, self.management.alarms(&tally)).await
            && let Some(reason) = health::publishers_blocked(&alarms)
        {
            return Err(blocked(&reason));
        }
        let turn = self.publisher.turn(&queue.scope).await;
        let Ok(mut line) = timeout(TURN_TIMEOUT, turn.lock()).await else {
            let detail =
                "nothing was sent: another publish on this vhost is still waiting for RabbitMQ".to_owned();
            return Err(BrokerError::Timeout { step: Step::Write, outcome: Outcome::NotDone, detail });
        };
        let outcome = match line.as_ref().filter(|line| line.usable()) {
            Some(open) => open.publish(&outgoing).await,
            None => {
                *line = None;
                let open = line.insert(Line::open(&self.amqp, &queue.scope).await?);
                open.publish(&outgoing).await
            }
        };
        if outcome.is_err() {
            // A message that got stuck must not go out with the next request's.
            *line = None;
        }
        receipt(&outcome?, &outgoing)
    }
}

impl Publisher {
    async fn turn(&self, vhost: &str) -> Turn {
        self.lines.lock().await.entry(vhost.to_owned()).or_default().clone()
    }
}

impl Line {
    async fn open(amqp: &Amqp, vhost: &str) -> Result<Self, BrokerError> {
        let connection = amqp.open(vhost, "publish").await?;
        let channel = amqp::channel(&connection).await?;
        let confirms = channel.confirm_select(ConfirmSelectOptions::default());
        amqp::answered(Step::Connect, "publisher confirms", confirms).await?;
        Ok(Self { connection, channel })
    }

    fn usable(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    async fn publish(&self, outgoing: &Outgoing) -> Result<Answers, BrokerError> {
        if self.connection.status().blocked() {
            return Err(blocked("it has blocked Weir's connection"));
        }
        self.find_exchange(outgoing).await?;
        self.send(outgoing).await
    }

    /// Looks for the exchange on a channel of its own, since a miss closes the channel.
    async fn find_exchange(&self, outgoing: &Outgoing) -> Result<(), BrokerError> {
        let exchange = &outgoing.exchange;
        if exchange.as_str().is_empty() {
            return Ok(());
        }
        let channel = amqp::channel(&self.connection).await?;
        let options = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let looking =
            channel.exchange_declare(exchange.clone(), ExchangeKind::Direct, options, FieldTable::default());
        match amqp::answered(Step::Write, "looking for the exchange", looking).await {
            Ok(()) => {
                amqp::close_channel(&channel).await;
                Ok(())
            }
            Err(BrokerError::NotFound(_)) => {
                Err(BrokerError::Refused(format!("nothing was sent: there is no exchange \"{exchange}\"")))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends all copies, with as many on their way as the window allows.
    async fn send(&self, outgoing: &Outgoing) -> Result<Answers, BrokerError> {
        let deadline = Instant::now() + BATCH_TIMEOUT;
        let window = WINDOW.min(WINDOW_BYTES / outgoing.body.len().max(1)).max(1);
        let mut pending = VecDeque::with_capacity(window);
        let mut answers = Answers::default();
        for _ in 0..outgoing.repeat {
            if pending.len() == window {
                self.settle(&mut pending, &mut answers, deadline).await?;
            }
            let sending = self.channel.basic_publish(
                outgoing.exchange.clone(),
                outgoing.routing_key.clone(),
                BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() },
                &outgoing.body,
                outgoing.properties.clone(),
            );
            pending.push_back(sending.await.map_err(|error| self.broken(error, &answers))?);
        }
        while !pending.is_empty() {
            self.settle(&mut pending, &mut answers, deadline).await?;
        }
        Ok(answers)
    }

    /// Waits for the answer to the oldest message on its way.
    async fn settle(
        &self,
        pending: &mut VecDeque<PublisherConfirm>,
        answers: &mut Answers,
        deadline: Instant,
    ) -> Result<(), BrokerError> {
        let Some(confirm) = pending.pop_front() else { return Ok(()) };
        let until = deadline.min(Instant::now() + CONFIRM_TIMEOUT);
        match timeout_at(until.into(), confirm).await {
            Ok(Ok(confirmation)) => {
                answers.add(confirmation);
                Ok(())
            }
            Ok(Err(error)) => Err(self.broken(error, answers)),
            Err(_) => {
                let why = if self.connection.status().blocked() {
                    "RabbitMQ blocks publishers"
                } else {
                    "no answer"
                };
                Err(unknown(format!("sent, but not confirmed in time ({why}); {}", answers.so_far())))
            }
        }
    }

    /// The channel or the connection ended before the answer.
    fn broken(&self, error: lapin::Error, answers: &Answers) -> BrokerError {
        match error.kind() {
            ErrorKind::ProtocolError(_) if answers.total() == 0 => {
                match amqp::refusal(Step::Write, "publish", error) {
                    BrokerError::NotFound(text) => BrokerError::Refused(text),
                    other => other,
                }
            }
            ErrorKind::ProtocolError(_) => BrokerError::Refused(format!(
                "RabbitMQ refused the rest: {}; {}",
                amqp::words(&error),
                answers.so_far()
            )),
            _ => unknown(format!("the connection broke before the confirm: {error}; {}", answers.so_far())),
        }
    }
}

impl Answers {
    fn add(&mut self, confirmation: Confirmation) {
        if confirmation.is_nack() {
            self.rejected += 1;
        } else if let Some(returned) = confirmation.take_message() {
            self.returned += 1;
            self.return_reason = Some(format!("{} {}", returned.reply_code, returned.reply_text));
        } else {
            self.routed += 1;
        }
    }

    fn total(&self) -> u32 {
        self.routed + self.rejected + self.returned
    }

    fn so_far(&self) -> String {
        format!("{} confirmed before", self.routed + self.returned)
    }
}

fn blocked(reason: &str) -> BrokerError {
    BrokerError::Refused(format!("nothing was sent: RabbitMQ blocks publishers ({reason})"))
}

fn unknown(detail: String) -> BrokerError {
    BrokerError::Timeout { step: Step::Write, outcome: Outcome::Unknown, detail }
}

fn receipt(answers: &Answers, outgoing: &Outgoing) -> Result<PublishReceipt, BrokerError> {
    let messages = |n: u32| if n == 1 { "1 message".to_owned() } else { format!("{n} messages") };
    let target = match outgoing.exchange.as_str() {
        "" => format!("queue \"{}\"", outgoing.routing_key),
        exchange => format!("exchange \"{exchange}\" with routing key \"{}\"", outgoing.routing_key),
    };
    if answers.rejected == answers.total() {
        return Err(BrokerError::Refused(format!(
            "RabbitMQ rejected {} for {target}: a queue there is full and rejects (x-overflow), or is unavailable",
            messages(answers.rejected)
        )));
    }
    let mut text = Vec::new();
    // The confirm of a message that reached no queue says nothing of the target.
    if answers.routed > 0 {
        text.push(format!("{} confirmed by {target}", messages(answers.routed)));
    }
    if answers.returned > 0 {
        text.push(format!("{} dropped as unroutable: {}", messages(answers.returned), unroutable(outgoing)));
    }
    if answers.rejected > 0 {
        text.push(format!("{} rejected", messages(answers.rejected)));
    }
    Ok(PublishReceipt {
        published: answers.routed,
        confirmed: Some(answers.rejected == 0),
        routed: Some(answers.returned == 0),
        return_reason: answers.return_reason.clone(),
        text: text.join("; "),
        ..PublishReceipt::default()
    })
}

/// Why no queue got it.
fn unroutable(outgoing: &Outgoing) -> String {
    let key = outgoing.routing_key.as_str();
    match outgoing.exchange.as_str() {
        "" => format!("there is no queue \"{key}\""),
        exchange => format!("exchange \"{exchange}\" leads \"{key}\" to no queue"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use lapin::BasicProperties;

    use super::*;

    fn outgoing() -> Outgoing {
        Outgoing {
            exchange: "".into(),
            routing_key: "hello".into(),
            properties: BasicProperties::default(),
            body: Vec::new(),
            repeat: 1,
        }
    }

    #[test]
    fn given_all_confirmed_when_told_then_the_receipt_says_where() {
        let receipt = receipt(&Answers { routed: 1, ..Answers::default() }, &outgoing()).unwrap();
        assert_eq!((receipt.published, receipt.confirmed, receipt.routed), (1, Some(true), Some(true)));
        assert_eq!(receipt.text, "1 message confirmed by queue \"hello\"");
    }

    #[test]
    fn given_a_returned_message_when_told_then_it_is_not_counted_as_published() {
        let answers =
            Answers { returned: 1, return_reason: Some("312 NO_ROUTE".to_owned()), ..Answers::default() };
        let receipt = receipt(&answers, &outgoing()).unwrap();
        assert_eq!((receipt.published, receipt.confirmed, receipt.routed), (0, Some(true), Some(false)));
        assert_eq!(receipt.return_reason.as_deref(), Some("312 NO_ROUTE"));
        assert_eq!(receipt.text, "1 message dropped as unroutable: there is no queue \"hello\"");
    }

    #[test]
    fn given_only_rejections_when_told_then_it_is_refused() {
        assert!(matches!(
            receipt(&Answers { rejected: 3, ..Answers::default() }, &outgoing()),
            Err(BrokerError::Refused(_))
        ));
        let some = Answers { routed: 1, rejected: 2, ..Answers::default() };
        assert_eq!(receipt(&some, &outgoing()).unwrap().confirmed, Some(false));
    }
}
