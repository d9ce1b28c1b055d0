//! Purging: a list is unlinked, a stream trimmed up to the last entry seen.

use std::time::Duration;

use redis::{Cmd, Value};
use tokio::time::Instant;
use weir_model::{
    QueueKind, QueueObservation,
    message::{PurgeReceipt, PurgeRequest},
};

use super::{
    super::BrokerError,
    abilities::abilities,
    connection::Connection,
    dial::Dialer,
    entry_id::EntryId,
    groups::Group,
    key::Place,
    reply::{self, Reply},
};

pub(super) const TIME: Duration = Duration::from_secs(10);
/// A list that changes between the look and the act is looked at again this often.
pub(super) const ATTEMPTS: u32 = 3;

/// Removes what waits. `removed` is exact.
pub(super) async fn purge(
    dialer: &Dialer,
    queue: &QueueObservation,
    request: &PurgeRequest,
) -> Result<PurgeReceipt, BrokerError> {
    let place = Place::of(queue)?;
    let ability = abilities(queue).purge;
    if !ability.allowed {
        return Err(BrokerError::Refused(ability.reason.unwrap_or_default()));
    }
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    match place.kind {
        QueueKind::RedisStream => stream(&mut connection, &place, request.seen_depth).await,
        _ => list(&mut connection, &place, request.seen_depth).await,
    }
}

/// Watches the list, so that what is counted is what is removed.
async fn list(
    connection: &mut Connection,
    place: &Place,
    seen_depth: Option<i64>,
) -> Result<PurgeReceipt, BrokerError> {
    for _ in 0..ATTEMPTS {
        let look = vec![on("WATCH", place), on("TYPE", place), on("LLEN", place)];
        let mut answers = connection.read(place.db, look).await?.into_iter();
        let mut answer = |command| accept(answers.next(), command);
        answer("WATCH")?;
        let type_name = reply::text(answer("TYPE")?).unwrap_or_default();
        if type_name == "none" {
            return Ok(PurgeReceipt { removed: Some(0), left: Some(0), ..PurgeReceipt::default() });
        }
        if type_name != "list" {
            return Err(BrokerError::Conflict(format!(
                "the key holds a {type_name} now, no list: nothing was removed"
            )));
        }
        refuse_growth(reply::int(&answer("LLEN")?), seen_depth)?;
        let act = vec![on("LLEN", place), on("UNLINK", place)];
        if let Some(removed) = transaction(connection, place, act).await? {
            return Ok(PurgeReceipt { removed: Some(removed), left: Some(0), ..PurgeReceipt::default() });
        }
    }
    Err(BrokerError::Conflict(
        "the list changed each of three times between the look and the act: nothing was removed. Stop its consumers \
         or producers for a moment, or try again"
            .to_owned(),
    ))
}

/// Does all of `act` or nothing, and gives the first answer, a number; `None` where it was aborted since something
/// that is watched has changed.
///
/// `MULTI` goes ahead alone: were it refused to the account, what follows would be done at once, and unwatched.
pub(super) async fn transaction(
    connection: &mut Connection,
    place: &Place,
    mut act: Vec<Cmd>,
) -> Result<Option<i64>, BrokerError> {
    accept(connection.write(place.db, vec![redis::cmd("MULTI")]).await?.pop(), "MULTI")?;
    act.push(redis::cmd("EXEC"));
    executed(connection.write(place.db, act).await?)
}

fn executed(answers: Vec<Reply>) -> Result<Option<i64>, BrokerError> {
    let mut result = Value::Nil;
    for answer in answers {
        result = answer.map_err(|error| reply::refusal(&error, "the transaction"))?;
    }
    Ok(reply::items(result).first().and_then(reply::int))
}

async fn stream(
    connection: &mut Connection,
    place: &Place,
    seen_depth: Option<i64>,
) -> Result<PurgeReceipt, BrokerError> {
    match look_at_stream(connection, place, seen_depth).await? {
        Some(look) => trim(connection, place, &look).await,
        None => Ok(PurgeReceipt { removed: Some(0), left: Some(0), ..PurgeReceipt::default() }),
    }
}

/// A stream as it is about to be purged.
pub(super) struct StreamLook {
    /// The newest entry.
    pub(super) last: EntryId,
    groups: Vec<Group>,
}

/// What is there; `None` for an empty stream.
///
/// # Errors
/// The key holds none, or it has grown since the operator saw it.
pub(super) async fn look_at_stream(
    connection: &mut Connection,
    place: &Place,
    seen_depth: Option<i64>,
) -> Result<Option<StreamLook>, BrokerError> {
    let newest = redis::cmd("XREVRANGE").arg(&place.key).arg("+").arg("-").arg("COUNT").arg(1).take();
    let groups = redis::cmd("XINFO").arg("GROUPS").arg(&place.key).take();
    let mut answers = connection.read(place.db, vec![on("XLEN", place), newest, groups]).await?.into_iter();
    let length = match answers.next() {
        Some(Err(error)) if reply::is_wrong_type(&error) => {
            return Err(BrokerError::Conflict("the key holds no stream now: nothing was removed".to_owned()));
        }
        answer => reply::int(&accept(answer, "XLEN")?),
    };
    refuse_growth(length, seen_depth)?;
    let newest = reply::items(accept(answers.next(), "XREVRANGE")?).into_iter().next();
    let last = newest.and_then(|entry| reply::items(entry).into_iter().next()).and_then(EntryId::from_value);
    let groups: Vec<Group> = match answers.next() {
        Some(Ok(groups)) => reply::items(groups).into_iter().map(Group::read).collect(),
        _ => Vec::new(),
    };
    Ok(last.map(|last| StreamLook { last, groups }))
}

/// Trims with the successor of the last id, so that what comes in meanwhile stays.
pub(super) async fn trim(
    connection: &mut Connection,
    place: &Place,
    look: &StreamLook,
) -> Result<PurgeReceipt, BrokerError> {
    let mut trim = redis::cmd("XTRIM");
    trim.arg(&place.key);
    match look.last.successor() {
        Some(next) => trim.arg("MINID").arg(next.to_string()),
        None => trim.arg("MAXLEN").arg(0),
    };
    let mut answers = connection.write(place.db, vec![trim, on("XLEN", place)]).await?.into_iter();
    let removed = reply::int(&accept(answers.next(), "XTRIM")?);
    let left = answers.next().and_then(Result::ok).as_ref().and_then(reply::int);
    Ok(PurgeReceipt { removed, left, notes: what_stays(&look.groups), ..PurgeReceipt::default() })
}

fn what_stays(groups: &[Group]) -> Vec<String> {
    let mut notes = Vec::new();
    match groups.len() {
        0 => {}
        1 => notes.push("Its group stays".to_owned()),
        n => notes.push(format!("Its {n} groups stay")),
    }
    let pending: i64 = groups.iter().map(|group| group.pending).sum();
    if pending > 0 {
        notes.push(format!(
            "{pending} pending entries stay listed in the groups, though their content is gone: XACK or XAUTOCLAIM \
             clears them"
        ));
    }
    notes
}

pub(super) fn on(command: &str, place: &Place) -> Cmd {
    redis::cmd(command).arg(&place.key).take()
}

pub(super) fn accept(answer: Option<Reply>, command: &str) -> Result<Value, BrokerError> {
    answer.unwrap_or(Ok(Value::Nil)).map_err(|error| reply::refusal(&error, command))
}

/// Grown by more than a tenth is not what the operator agreed to lose.
pub(super) fn refuse_growth(length: Option<i64>, seen_depth: Option<i64>) -> Result<(), BrokerError> {
    match (length, seen_depth) {
        (Some(length), Some(seen)) if length.saturating_mul(10) > seen.saturating_mul(11) => {
            Err(BrokerError::Conflict(format!(
                "it held {seen} when you looked and holds {length} now, more than a tenth above: nothing was removed. \
                 Look again"
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_growth_when_purged_then_a_tenth_is_let_pass_and_more_is_not() {
        let passes = |length, seen| refuse_growth(Some(length), Some(seen)).is_ok();
        assert!(passes(110, 100));
        assert!(!passes(111, 100));
        assert!(passes(5, 100));
        assert!(!passes(1, 0));
        assert!(refuse_growth(Some(1), None).is_ok());
    }

    #[test]
    fn given_an_aborted_transaction_when_read_then_nothing_was_removed() {
        let queued = || Ok(Value::SimpleString("QUEUED".to_owned()));
        let aborted = vec![queued(), queued(), Ok(Value::Nil)];
        assert!(matches!(executed(aborted), Ok(None)));
        let done = Ok(Value::Array(vec![Value::Int(7), Value::Int(1)]));
        assert!(matches!(executed(vec![queued(), queued(), done]), Ok(Some(7))));
    }
}
