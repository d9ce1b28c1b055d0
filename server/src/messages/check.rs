//! Requests are checked before anything is noted or sent. What a kind of queue can't take is the adapter's to say.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use weir_model::{
    FieldError, Problem, ProblemKind, QueueObservation,
    message::{BodyEncoding, BodyInput, BrowseRequest, PeekRequest, Price, PublishRequest, PurgeRequest},
};

/// The largest message that can be published: body, key, headers and fields together. 20 MiB.
pub const MOST_BODY_BYTES: usize = 20 * 1024 * 1024;
/// What one request may send in all, repeated as often as it asks. 256 MiB.
const MOST_BYTES_SENT: usize = 256 * 1024 * 1024;
/// Messages of one page, at most.
const MOST_MESSAGES: u32 = 1000;
/// How often one request may publish its message.
const MOST_REPEATS: u32 = 10_000;
/// Letters of an operator's reason, at most.
const LONGEST_REASON: usize = 500;

pub(super) fn browse(request: &BrowseRequest) -> Result<(), Problem> {
    limit(request.limit)?;
    partition(request.partition)
}

pub(super) fn peek(request: &PeekRequest) -> Result<(), Problem> {
    limit(request.limit)
}

/// All that a peek does to the messages has to be accepted.
pub(super) fn accepted(request: &PeekRequest, price: &Price) -> Result<(), Problem> {
    if let Some(reason) = &price.refused {
        return Err(Problem::refused(reason.clone()));
    }
    let missing: Vec<String> = price
        .effects
        .iter()
        .filter(|effect| !request.accept.contains(effect))
        .map(|effect| serde_json::json!(effect).to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(Problem::conflict(format!("{} To read all the same, accept {missing}", price.text.join(" "))))
}

pub(super) fn publish(request: &PublishRequest) -> Result<(), Problem> {
    let repeat = request.repeat.unwrap_or(1);
    if repeat == 0 || repeat > MOST_REPEATS {
        return Err(Problem::field("repeat", format!("{repeat} is not between 1 and {MOST_REPEATS}")));
    }
    partition(request.partition)?;
    if let Some(n) = request.headers.iter().position(|header| header.name.is_empty()) {
        return Err(Problem::field(format!("headers[{n}].name"), "it is empty"));
    }
    let size = size(request)?;
    if size > MOST_BODY_BYTES {
        let detail = format!("the message has {size} bytes; at most {MOST_BODY_BYTES} can be published");
        return Err(Problem::new(ProblemKind::TooLarge, detail));
    }
    let sent = size.saturating_mul(repeat as usize);
    if sent > MOST_BYTES_SENT {
        let message =
            format!("{repeat} times {size} bytes are {sent}; one request sends at most {MOST_BYTES_SENT}");
        return Err(Problem::field("repeat", message));
    }
    Ok(())
}

pub(super) fn purge(queue: &QueueObservation, request: &PurgeRequest) -> Result<(), Problem> {
    if request.seen_depth.is_some_and(|depth| depth < 0) {
        return Err(Problem::field("seen_depth", "it is negative"));
    }
    if request.reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(Problem::field("reason", format!("it is longer than {LONGEST_REASON} letters")));
    }
    let expected = PurgeRequest::confirmation(&queue.name, &queue.id);
    if request.confirm == expected {
        return Ok(());
    }
    let detail =
        format!("confirm is \"{}\", and the queue is \"{expected}\": nothing was purged", request.confirm);
    let message = format!("\"{}\" is not \"{expected}\": nothing was purged", request.confirm);
    let errors = vec![FieldError { field: "confirm".to_owned(), message }];
    Err(Problem { errors, ..Problem::conflict(detail) })
}

fn limit(limit: u32) -> Result<(), Problem> {
    if limit == 0 || limit > MOST_MESSAGES {
        return Err(Problem::field("limit", format!("{limit} is not between 1 and {MOST_MESSAGES}")));
    }
    Ok(())
}

fn partition(partition: Option<i32>) -> Result<(), Problem> {
    match partition {
        Some(negative) if negative < 0 => {
            Err(Problem::field("partition", format!("{negative} is no partition: they begin at 0")))
        }
        _ => Ok(()),
    }
}

/// Bytes of one message as it will be sent.
fn size(request: &PublishRequest) -> Result<usize, Problem> {
    let body = request.body.body().map_or(Ok(0), body_size)?;
    let headers: usize =
        request.headers.iter().map(|header| header.name.len() + header.value.to_string().len()).sum();
    let fields: usize =
        request.fields.iter().flatten().map(|field| field.name.len() + field.value.len()).sum();
    Ok(body + headers + fields + request.key.as_ref().map_or(0, String::len))
}

fn body_size(body: &BodyInput) -> Result<usize, Problem> {
    match body.encoding {
        BodyEncoding::Utf8 => Ok(body.data.len()),
        // Too long to be worth decoding: it is refused by its size.
        BodyEncoding::Base64 if body.data.len() / 4 * 3 > MOST_BODY_BYTES + 2 => Ok(body.data.len() / 4 * 3),
        BodyEncoding::Base64 => STANDARD
            .decode(&body.data)
            .map(|bytes| bytes.len())
            .map_err(|error| Problem::field("body.data", format!("it is not base64: {error}"))),
    }
}
