//! How something is listed that is not on the server now.

use weir_model::{Metric, QueueKind, QueueObservation, UnknownCode, unknown::unknown};

use super::key::Place;

/// Nothing is there, and so nothing waits.
pub(super) fn vanished(place: &Place) -> QueueObservation {
    because(
        place,
        match place.kind {
            QueueKind::RedisChannel => "Nobody subscribes to it now",
            QueueKind::RedisStream => "The stream is not there now",
            _ => "It is empty: Redis keeps no empty lists",
        },
    )
}

/// The key holds something else now.
pub(super) fn changed_type(place: &Place, type_name: &str) -> QueueObservation {
    match type_name {
        "none" => vanished(place),
        other => because(place, &format!("The key holds a {other} now, no {}", place.type_word())),
    }
}

fn because(place: &Place, note: &str) -> QueueObservation {
    let mut seen = match place.kind {
        QueueKind::RedisChannel => channel_counters(place.blank()).with(Metric::Consumers, Ok(0)),
        QueueKind::RedisStream => stream_counters(place.blank())
            .with(Metric::Depth, Ok(0))
            .with(Metric::Backlog, Ok(0))
            .with(Metric::Unacknowledged, Ok(0))
            .with(Metric::Consumers, Ok(0)),
        _ => list_counters(place.blank()).with(Metric::Depth, Ok(0)).with(Metric::Backlog, Ok(0)),
    };
    seen.vanished = true;
    seen.notes = vec![note.to_owned()];
    seen
}

/// What no list has a figure for, with the reason. Nothing in a list is ever delivered again: it has no such figure.
pub(super) fn list_counters(mut seen: QueueObservation) -> QueueObservation {
    for metric in [Metric::In, Metric::Delivered, Metric::Out, Metric::Ack] {
        seen = seen.with(metric, unknown(UnknownCode::NoCounter, "Redis keeps no counter for lists"));
    }
    seen.with(
        Metric::Consumers,
        unknown(UnknownCode::NoCounter, "Redis does not tell which clients wait for which list"),
    )
    .with(Metric::OldestAge, unknown(UnknownCode::NoCounter, "elements of a list carry no time"))
}

/// What no stream has a figure for, with the reason.
pub(super) fn stream_counters(mut seen: QueueObservation) -> QueueObservation {
    for metric in [Metric::Ack, Metric::Redelivered] {
        seen = seen.with(metric, unknown(UnknownCode::NoCounter, "Redis keeps no such counter for streams"));
    }
    seen
}

/// What no channel has a figure for, with the reason.
pub(super) fn channel_counters(mut seen: QueueObservation) -> QueueObservation {
    for metric in [Metric::In, Metric::Out] {
        seen = seen.with(metric, unknown(UnknownCode::NoCounter, "Redis keeps no counter for channels"));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_each_kind_when_it_vanished_then_what_it_held_is_zero_and_what_it_never_had_stays_unlisted() {
        let list = vanished(&Place::list(0, "a"));
        assert_eq!((list.value(Metric::Depth), list.vanished), (Some(0), true));
        let stream = vanished(&Place::stream(0, "a"));
        assert_eq!(stream.value(Metric::Depth), Some(0));
        let channel = vanished(&Place::channel("a"));
        assert!(!channel.figures.contains_key(&Metric::Depth));
        assert_eq!(channel.value(Metric::Consumers), Some(0));
    }

    #[test]
    fn given_a_key_of_another_type_when_listed_then_the_note_names_the_type() {
        assert_eq!(changed_type(&Place::list(0, "a"), "hash").notes, ["The key holds a hash now, no list"]);
    }
}
