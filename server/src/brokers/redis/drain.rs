//! Purging by way of a copy. A list is renamed aside, read and unlinked; a stream is read up to an id and trimmed to
//! it.
//!
//! What is aside stands under a key of Weir's own. If Weir is killed meanwhile it is found there, is listed as a
//! queue, and can be given back or purged.

use std::time::Duration;

use redis::{Cmd, Value};
use tokio::time::Instant;
use weir_model::{
    QueueKind, QueueObservation,
    message::{MessagePage, PurgeReceipt, PurgeRequest},
};

use super::{
    super::{BrokerError, CopySink},
    browse::{Reader, read_page},
    browse_list::ListReader,
    browse_stream::StreamReader,
    connection::Connection,
    dial::Dialer,
    entry_id::EntryId,
    key::Place,
    purge::{ATTEMPTS, TIME, accept, look_at_stream, on, refuse_growth, transaction, trim},
    reply,
};

/// Messages of one page.
const PAGE: u32 = 10_000;
/// Elements that are given back in one go.
const MOVED: usize = 500;
/// Giving back may take this long.
const RESTORE_WITHIN: Duration = Duration::from_secs(60);

/// Writes what waits to the copy, and removes it.
pub(super) async fn drain(
    dialer: &Dialer,
    queue: &QueueObservation,
    request: &PurgeRequest,
    copy: &mut dyn CopySink,
) -> Result<PurgeReceipt, BrokerError> {
    let place = Place::of(queue)?;
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    match place.kind {
        QueueKind::RedisStream => stream(dialer, connection, &place, request, copy).await,
        _ if place.original().is_some() => {
            let there = length(&mut connection, &place).await?;
            refuse_growth(Some(there), request.seen_depth)?;
            list(dialer, &place, there, copy).await
        }
        _ => {
            let Some(there) = set_aside(&mut connection, &place, request.seen_depth).await? else {
                return Ok(PurgeReceipt { removed: Some(0), left: Some(0), ..PurgeReceipt::default() });
            };
            let done = list(dialer, &place.aside(), there, copy).await;
            match done {
                Err(error) if !unlinking_failed(&error) => Err(back(dialer, &place, error).await),
                done => done,
            }
        }
    }
}

/// Renames the list, so that nobody else takes from it. `None`: there is none. Its length otherwise.
async fn set_aside(
    connection: &mut Connection,
    place: &Place,
    seen_depth: Option<i64>,
) -> Result<Option<i64>, BrokerError> {
    let aside = place.aside();
    for _ in 0..ATTEMPTS {
        let watch = redis::cmd("WATCH").arg(&place.key).arg(&aside.key).take();
        let look = vec![watch, on("TYPE", place), on("LLEN", place), on("EXISTS", &aside)];
        let mut answers = connection.read(place.db, look).await?.into_iter();
        let mut answer = |command| accept(answers.next(), command);
        answer("WATCH")?;
        let type_name = reply::text(answer("TYPE")?).unwrap_or_default();
        match type_name.as_str() {
            "none" => return Ok(None),
            "list" => {}
            other => {
                let detail = format!("the key holds a {other} now, no list: nothing was removed");
                return Err(BrokerError::Conflict(detail));
            }
        }
        refuse_growth(reply::int(&answer("LLEN")?), seen_depth)?;
        if reply::int(&answer("EXISTS")?) != Some(0) {
            return Err(BrokerError::Conflict(already_aside(&aside)));
        }
        let rename = redis::cmd("RENAMENX").arg(&place.key).arg(&aside.key).take();
        let act = vec![on("LLEN", place), rename];
        if let Some(length) = transaction(connection, place, act).await? {
            return Ok(Some(length));
        }
    }
    Err(BrokerError::Conflict(
        "the list changed each of three times between the look and the act: nothing was removed. Try again"
            .to_owned(),
    ))
}

fn already_aside(aside: &Place) -> String {
    format!(
        "an interrupted purge left messages aside in {}: restore or purge that list first; nothing was removed",
        aside.name()
    )
}

/// Copies a list that nobody else takes from, and unlinks it.
async fn list(
    dialer: &Dialer,
    aside: &Place,
    there: i64,
    copy: &mut dyn CopySink,
) -> Result<PurgeReceipt, BrokerError> {
    let mut reader = ListReader::new(aside, None)?.whole();
    let mut written = 0;
    loop {
        let page = next_page(dialer, aside, &mut reader).await?;
        for message in &page.items {
            copy.write(message).await?;
            written += 1;
        }
        if page.next.is_none() {
            break;
        }
    }
    if written != there {
        return Err(BrokerError::Conflict(format!(
            "{written} of {there} messages could be read, since somebody changed {}: nothing was removed",
            aside.name()
        )));
    }
    copy.sync().await?;
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    accept(connection.write(aside.db, vec![on("UNLINK", aside)]).await?.pop(), "UNLINK")?;
    Ok(PurgeReceipt { removed: Some(written), left: Some(0), ..PurgeReceipt::default() })
}

/// Each page has a connection of its own: reading within a budget may cut one off.
async fn next_page(
    dialer: &Dialer,
    place: &Place,
    reader: &mut dyn Reader,
) -> Result<MessagePage, BrokerError> {
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    read_page(dialer, &mut connection, place, reader, PAGE).await
}

async fn length(connection: &mut Connection, place: &Place) -> Result<i64, BrokerError> {
    let answer = connection.read_one(place.db, on("LLEN", place)).await?;
    let answer = answer.map_err(|error| reply::refusal(&error, "LLEN"))?;
    Ok(reply::int(&answer).unwrap_or(0))
}

/// After the copy was synced there is nothing to give back: the list is unlinked, or that is unknown.
fn unlinking_failed(error: &BrokerError) -> bool {
    matches!(error, BrokerError::Timeout { step: weir_model::Step::Write, .. })
}

/// Gives the messages back after a failure, and says in the error where they are if that fails too.
async fn back(dialer: &Dialer, place: &Place, error: BrokerError) -> BrokerError {
    let Err(again) = give_back(dialer, place).await else { return error };
    let detail = format!(
        "{error}. The messages are not lost: they stand aside in {} and could not be given back ({again}); restore \
         that list",
        place.aside().name()
    );
    match error {
        BrokerError::NotKept(_) => BrokerError::NotKept(detail),
        _ => BrokerError::failed(weir_model::Step::Write, detail, error),
    }
}

/// Gives back what was set aside of a list.
///
/// # Errors
/// Nothing is aside; or Redis failed, and what is not given back is still aside.
pub(super) async fn restore(dialer: &Dialer, queue: &QueueObservation) -> Result<PurgeReceipt, BrokerError> {
    let place = Place::of(queue)?;
    let place = place.original().unwrap_or(place);
    give_back(dialer, &place).await
}

/// By renaming it; where there is a new list of the name, element by element to its right end, where those stand that
/// are pushed at the left and wait longest.
async fn give_back(dialer: &Dialer, place: &Place) -> Result<PurgeReceipt, BrokerError> {
    let aside = place.aside();
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    connection.deadline = Instant::now() + RESTORE_WITHIN;
    let there = length(&mut connection, &aside).await?;
    if there == 0 {
        return Err(BrokerError::Conflict(format!("nothing of {} is set aside", place.name())));
    }
    let rename = redis::cmd("RENAMENX").arg(&aside.key).arg(&place.key).take();
    let renamed = accept(connection.write(place.db, vec![rename]).await?.pop(), "RENAMENX")?;
    let mut notes = Vec::new();
    if reply::int(&renamed) != Some(1) {
        notes.push("The list had new messages: the others stand at its right end now".to_owned());
        move_all(&mut connection, &aside, place).await?;
    }
    let left = length(&mut connection, place).await.ok();
    Ok(PurgeReceipt { removed: Some(there), left, notes, ..PurgeReceipt::default() })
}

async fn move_all(connection: &mut Connection, from: &Place, to: &Place) -> Result<(), BrokerError> {
    let one = || -> Cmd { redis::cmd("LMOVE").arg(&from.key).arg(&to.key).arg("LEFT").arg("RIGHT").take() };
    loop {
        for answer in connection.write(from.db, vec![one(); MOVED]).await? {
            if accept(Some(answer), "LMOVE")? == Value::Nil {
                return Ok(());
            }
        }
    }
}

/// Reads up to the id that was the last, and trims with its successor, so that what comes in meanwhile stays.
async fn stream(
    dialer: &Dialer,
    mut connection: Connection,
    place: &Place,
    request: &PurgeRequest,
    copy: &mut dyn CopySink,
) -> Result<PurgeReceipt, BrokerError> {
    let Some(look) = look_at_stream(&mut connection, place, request.seen_depth).await? else {
        return Ok(PurgeReceipt { removed: Some(0), left: Some(0), ..PurgeReceipt::default() });
    };
    let mut reader = StreamReader::new(place, Some(&weir_model::message::BrowseFrom::Oldest))?.whole();
    loop {
        let page = next_page(dialer, place, &mut reader).await?;
        let within = |id: &str| id.parse::<EntryId>().is_ok_and(|id| id <= look.last);
        let inside = page.items.iter().take_while(|message| within(&message.position));
        let mut written = 0;
        for message in inside {
            copy.write(message).await?;
            written += 1;
        }
        if page.next.is_none() || written < page.items.len() {
            break;
        }
    }
    copy.sync().await?;
    trim(&mut dialer.dial(Instant::now() + TIME).await?, place, &look).await
}
