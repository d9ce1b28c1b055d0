//! Publishing: LPUSH or RPUSH, XADD, PUBLISH.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::Cmd;
use tokio::time::Instant;
use weir_model::{
    FieldError, QueueKind, QueueObservation,
    message::{BodyEncoding, BodyInput, PublishReceipt, PublishRequest, Side},
};

use super::{
    super::BrokerError,
    connection::Connection,
    dial::Dialer,
    key::Place,
    reply::{self, Reply},
};

/// Time for the way there, and then for each batch.
const TIME: Duration = Duration::from_secs(5);
/// The field that holds a body published to a stream without `fields`.
const BODY_FIELD: &str = "body";
const MOST_REPEATS: u32 = 10_000;
/// A batch holds this many commands or bytes at most.
const BATCH_COMMANDS: usize = 500;
const BATCH_BYTES: usize = 1024 * 1024;

/// A request that has been found fit for its kind.
#[derive(Debug)]
struct Draft {
    command: Cmd,
    repeat: u32,
    /// What the receipt begins with.
    told: &'static str,
}

/// Publishes and waits for the server's answers.
///
/// Without `side` a list is pushed to at the left, as LPUSH and most job frameworks do. A stream takes `fields`, or a
/// `body`, which becomes its one field `body`. Pushing to a list that vanished creates it again.
pub(super) async fn publish(
    dialer: &Dialer,
    queue: &QueueObservation,
    request: &PublishRequest,
) -> Result<PublishReceipt, BrokerError> {
    let place = Place::of(queue)?;
    let draft = Draft::new(&place, request)?;
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    let size = draft.command.get_packed_command().len();
    let batch = (BATCH_BYTES / size.max(1)).clamp(1, BATCH_COMMANDS);
    let mut receipt = PublishReceipt::default();
    while receipt.published < draft.repeat {
        let left = (draft.repeat - receipt.published) as usize;
        connection.deadline = Instant::now() + TIME;
        let answers = connection
            .write(place.db, vec![draft.command.clone(); left.min(batch)])
            .await
            .map_err(|error| cut_short(error, &receipt, draft.repeat))?;
        for answer in answers {
            if let Err(error) = note(&mut receipt, &place, answer) {
                return Err(refused(&mut connection, &place, &receipt, draft.repeat, &error).await);
            }
        }
    }
    receipt.text = text(&place, &receipt, draft.told);
    Ok(receipt)
}

impl Draft {
    fn new(place: &Place, request: &PublishRequest) -> Result<Self, BrokerError> {
        let mut errors = foreign_fields(place.kind, request);
        let repeat = request.repeat.unwrap_or(1);
        if !(1..=MOST_REPEATS).contains(&repeat) {
            errors.push(wrong("repeat", format!("write a number from 1 to {MOST_REPEATS}")));
        }
        let composed = match place.kind {
            QueueKind::RedisStream => entry(place, request),
            QueueKind::RedisChannel => body(request)
                .map(|body| (redis::cmd("PUBLISH").arg(&place.key).arg(body).take(), "Published")),
            _ => push(place, request),
        };
        match composed {
            Ok((command, told)) if errors.is_empty() => Ok(Self { command, repeat, told }),
            Ok(_) => Err(BrokerError::Invalid(errors)),
            Err(error) => {
                errors.push(error);
                Err(BrokerError::Invalid(errors))
            }
        }
    }
}

fn push(place: &Place, request: &PublishRequest) -> Result<(Cmd, &'static str), FieldError> {
    let (command, told) = match request.side {
        None => ("LPUSH", "Pushed at the left, the default"),
        Some(Side::Left) => ("LPUSH", "Pushed at the left"),
        Some(Side::Right) => ("RPUSH", "Pushed at the right"),
    };
    Ok((redis::cmd(command).arg(&place.key).arg(body(request)?).take(), told))
}

fn entry(place: &Place, request: &PublishRequest) -> Result<(Cmd, &'static str), FieldError> {
    let mut command = redis::cmd("XADD");
    command.arg(&place.key).arg("*");
    match (&request.fields, request.body.body()) {
        (Some(_), Some(_)) => {
            return Err(wrong("fields", "an entry is made of fields or of a body, not both: leave one out"));
        }
        (None, None) => {
            return Err(wrong(
                "fields",
                "an entry needs at least one field (or a body, which becomes its field body)",
            ));
        }
        (Some(fields), None) if fields.is_empty() => {
            return Err(wrong("fields", "an entry needs at least one field"));
        }
        (Some(fields), None) => {
            for field in fields {
                command.arg(&field.name).arg(&field.value);
            }
        }
        (None, Some(input)) => {
            command.arg(BODY_FIELD).arg(decode(input)?);
        }
    }
    Ok((command, "Added"))
}

fn body(request: &PublishRequest) -> Result<Vec<u8>, FieldError> {
    let missing =
        || wrong("body", "it is missing: Redis has no messages without a body (an empty text is one)");
    decode(request.body.body().ok_or_else(missing)?)
}

fn decode(input: &BodyInput) -> Result<Vec<u8>, FieldError> {
    match input.encoding {
        BodyEncoding::Utf8 => Ok(input.data.clone().into_bytes()),
        BodyEncoding::Base64 => STANDARD.decode(&input.data).map_err(|e| {
            wrong("body.data", format!("it is not base64 ({e}): mend it, or set encoding to utf-8"))
        }),
    }
}

/// Fields that only other kinds have: refused, never ignored.
fn foreign_fields(kind: QueueKind, request: &PublishRequest) -> Vec<FieldError> {
    let given = [
        ("headers", !request.headers.is_empty()),
        ("key", request.key.is_some()),
        ("partition", request.partition.is_some()),
        ("timestamp", request.timestamp.is_some()),
        ("routing_key", request.routing_key.is_some()),
        ("exchange", request.exchange.is_some()),
        ("properties", request.properties.is_some()),
        ("side", request.side.is_some() && kind != QueueKind::RedisList),
        ("fields", request.fields.is_some() && kind != QueueKind::RedisStream),
    ];
    let message = format!("a {} has no such field: leave it out", kind.title());
    given.into_iter().filter(|(_, given)| *given).map(|(field, _)| wrong(field, message.clone())).collect()
}

fn wrong(field: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), message: message.into() }
}

/// Counts one answer.
fn note(receipt: &mut PublishReceipt, place: &Place, answer: Reply) -> Result<(), redis::ServerError> {
    let value = answer?;
    receipt.published += 1;
    match place.kind {
        QueueKind::RedisStream => receipt.entry_id = reply::text(value),
        QueueKind::RedisChannel => receipt.receivers = reply::int(&value),
        _ => receipt.length = reply::int(&value),
    }
    Ok(())
}

async fn refused(
    connection: &mut Connection,
    place: &Place,
    receipt: &PublishReceipt,
    repeat: u32,
    error: &redis::ServerError,
) -> BrokerError {
    let mut reason = match reply::is_wrong_type(error) {
        false => reply::refusal(error, "the message").to_string(),
        true => {
            let answer = connection.read_one(place.db, redis::cmd("TYPE").arg(&place.key).take()).await;
            let type_name = answer.ok().and_then(Result::ok).and_then(reply::text);
            let holds = type_name.unwrap_or_else(|| "value of another type".to_owned());
            format!("the key holds a {holds} now, no {}", place.type_word())
        }
    };
    if receipt.published > 0 {
        reason = format!("{} of {repeat} were published, then: {reason}", receipt.published);
    }
    BrokerError::Refused(reason)
}

/// Says how far it came before the answers stopped.
fn cut_short(error: BrokerError, receipt: &PublishReceipt, repeat: u32) -> BrokerError {
    match error {
        BrokerError::Timeout { step, outcome, detail } if receipt.published > 0 => BrokerError::Timeout {
            step,
            outcome,
            detail: format!("{} of {repeat} were published, then: {detail}", receipt.published),
        },
        other => other,
    }
}

fn text(place: &Place, receipt: &PublishReceipt, told: &str) -> String {
    let times = match receipt.published {
        1 => String::new(),
        n => format!(" {n} times"),
    };
    match (place.kind, receipt.receivers) {
        (QueueKind::RedisStream, _) => {
            format!("{told}{times}; the last entry is {}", receipt.entry_id.as_deref().unwrap_or("unknown"))
        }
        (QueueKind::RedisChannel, Some(0)) => format!("{told}{times}; nobody listened, so it is gone"),
        (QueueKind::RedisChannel, Some(1)) => format!("{told}{times}; 1 client received it"),
        (QueueKind::RedisChannel, n) => {
            format!("{told}{times}; {} clients received it", n.unwrap_or_default())
        }
        _ => format!("{told}{times}; the list holds {} now", receipt.length.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use weir_model::message::Field;

    use super::*;

    fn with_body() -> PublishRequest {
        let body = BodyInput { encoding: BodyEncoding::Utf8, data: "hello".to_owned() };
        PublishRequest { body: body.into(), ..PublishRequest::default() }
    }

    fn packed(place: &Place, request: &PublishRequest) -> String {
        let draft = Draft::new(place, request).map(|draft| draft.command.get_packed_command());
        draft.map_or_else(|e| e.to_string(), |bytes| String::from_utf8_lossy(&bytes).replace("\r\n", " "))
    }

    fn wrong_fields(place: &Place, request: &PublishRequest) -> Vec<String> {
        match Draft::new(place, request) {
            Err(BrokerError::Invalid(errors)) => errors.into_iter().map(|e| e.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn given_a_side_when_pushed_then_it_is_that_one_and_the_left_without() {
        let list = Place::list(0, "k");
        let right = PublishRequest { side: Some(Side::Right), ..with_body() };
        assert_eq!(packed(&list, &with_body()), "*3 $5 LPUSH $1 k $5 hello ");
        assert_eq!(packed(&list, &right), "*3 $5 RPUSH $1 k $5 hello ");
    }

    #[test]
    fn given_fields_or_a_body_when_added_to_a_stream_then_order_and_duplicates_stay() {
        let stream = Place::stream(0, "k");
        let field = |name: &str, value: &str| Field { name: name.to_owned(), value: value.to_owned() };
        let fields = Some(vec![field("b", "1"), field("a", "2"), field("b", "3")]);
        let request = PublishRequest { fields, ..PublishRequest::default() };
        assert_eq!(packed(&stream, &request), "*9 $4 XADD $1 k $1 * $1 b $1 1 $1 a $1 2 $1 b $1 3 ");
        assert_eq!(packed(&stream, &with_body()), "*5 $4 XADD $1 k $1 * $4 body $5 hello ");
    }

    #[test]
    fn given_fields_of_other_kinds_when_published_then_each_is_named() {
        let request = PublishRequest {
            key: Some("k".to_owned()),
            routing_key: Some("r".to_owned()),
            fields: Some(Vec::new()),
            repeat: Some(10_001),
            ..with_body()
        };
        let list = Place::list(0, "k");
        assert_eq!(wrong_fields(&list, &request), ["key", "routing_key", "fields", "repeat"]);
    }

    #[test]
    fn given_nothing_to_send_when_published_then_the_missing_field_is_named() {
        let nothing = PublishRequest::default();
        assert_eq!(wrong_fields(&Place::list(0, "k"), &nothing), ["body"]);
        assert_eq!(wrong_fields(&Place::channel("k"), &nothing), ["body"]);
        assert_eq!(wrong_fields(&Place::stream(0, "k"), &nothing), ["fields"]);
    }

    #[test]
    fn given_a_body_that_is_no_base64_when_published_then_it_is_refused() {
        let body = BodyInput { encoding: BodyEncoding::Base64, data: "%%".to_owned() };
        let request = PublishRequest { body: body.into(), ..PublishRequest::default() };
        assert_eq!(wrong_fields(&Place::channel("k"), &request), ["body.data"]);
    }
}
