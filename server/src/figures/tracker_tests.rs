use super::*;

fn sample(seconds: i64, arrived: i64, out: i64, backlog: i64) -> Sample {
    Sample {
        t: Timestamp(seconds * 1000),
        arrived: Some(arrived),
        out: Some(out),
        backlog: Some(backlog),
        depth: Some(backlog),
        ..Sample::default()
    }
}

#[test]
fn given_a_counter_that_fell_when_pushed_then_a_new_epoch_begins() {
    let mut tracker = BacklogTracker::default();
    tracker.push(sample(0, 100, 90, 10), "a", 0);
    tracker.push(sample(5, 0, 0, 0), "a", 0);
    assert_eq!(tracker.window.last().map(|s| s.epoch), Some(1));
    tracker.push(sample(10, 5, 5, 0), "b", 0);
    assert_eq!(tracker.window.last().map(|s| s.epoch), Some(2));
}

/// `XSETID` sets a stream's counter to any number.
#[test]
fn given_numbers_at_the_end_of_their_range_when_pushed_then_nothing_breaks() {
    let ends = [0, i64::MAX, i64::MIN, i64::MAX - 1, 1, i64::MIN + 1];
    let mut tracker = BacklogTracker::default();
    for n in 0..200_usize {
        let at = |step: usize| ends[(n * step + n / 7) % ends.len()];
        tracker.push(sample(n as i64 * 5, at(1), at(2), at(3)), "a", 5000);
        let now = Timestamp(n as i64 * 5000);
        drop((tracker.growth(), tracker.age(now), tracker.uncounted(5000), tracker.sparkline(now)));
    }
    assert!(tracker.window.last().is_some());
}

#[test]
fn given_a_clock_that_was_set_back_when_pushed_then_rates_begin_anew_and_nothing_lies_in_the_future() {
    let mut tracker = BacklogTracker::default();
    for n in 0..100 {
        tracker.push(sample(10_000 + n * 5, n * 50, 0, n * 50), "a", 0);
    }
    for n in 0..20 {
        tracker.push(sample(9_000 + n * 5, 5_000 + n * 10, 0, 5_000 + n * 10), "a", 0);
        let now = Timestamp(9_000_000 + n * 5_000);
        let rate = increase(&tracker.window, 60_000, |s| s.arrived).map(|i| i.messages as f64 / i.seconds);
        assert!(rate.is_none_or(|rate| (rate - 2.0).abs() < 0.01), "{rate:?}");
        assert!(tracker.growing_since().is_none_or(|since| since.t <= now));
        assert!(tracker.last_arrival().is_none_or(|t| t <= now));
        assert!(tracker.age(now).is_none_or(|age| age.seconds >= 0.0));
        assert!(tracker.sparkline(now).len() <= 3);
    }
    assert_eq!(tracker.window.recent(i64::MAX).count(), 20);
}

#[test]
fn given_growth_after_calm_when_it_is_noticed_then_its_start_is_the_end_of_the_calm() {
    let mut tracker = BacklogTracker::default();
    for n in 0..30 {
        let backlog = if n < 12 { 0 } else { (n - 11) * 50 };
        tracker.push(sample(n * 10, n * 100, n * 100 - backlog, backlog), "a", 0);
    }
    assert_eq!(tracker.growing_since(), Some(Since { t: Timestamp(110_000), at_least: false }));
}

#[test]
fn given_messages_without_a_consumer_when_noted_then_it_is_known_since_when() {
    let unread = |seconds| Sample { consumers: Some(0), ..sample(seconds, 1, 0, 1) };
    let mut tracker = BacklogTracker::default();
    tracker.push(unread(5), "a", 0);
    tracker.push(unread(10), "a", 0);
    assert_eq!(tracker.unread_since(), Some(Since { t: Timestamp(5_000), at_least: true }));
    tracker.push(Sample { consumers: Some(1), ..sample(15, 1, 0, 1) }, "a", 0);
    assert_eq!(tracker.unread_since(), None);
    tracker.push(unread(20), "a", 0);
    assert_eq!(tracker.unread_since(), Some(Since { t: Timestamp(20_000), at_least: false }));
}

#[test]
fn given_a_dead_letter_queue_without_counters_when_it_fills_then_its_age_is_known() {
    let mut tracker = BacklogTracker::default();
    for n in 0..=20 {
        tracker.push(sample(n * 5, 0, 0, n), "a", 5000);
    }
    let age = tracker.age(Timestamp(100_000)).expect("something waits");
    assert!((age.seconds - 95.0).abs() <= 10.0, "{age:?}");
}

fn gone(depth: Option<i64>) -> QueueObservation {
    let kind = weir_model::QueueKind::RedisList;
    let id = weir_model::QueueId::from_parts(&["0", "list", "jobs"]);
    let seen = QueueObservation::new(id, kind, "jobs".to_owned(), "0".to_owned());
    let depth = depth.ok_or_else(|| weir_model::Unknown::new(weir_model::UnknownCode::NotApplicable, "gone"));
    QueueObservation { vanished: true, ..seen.with(Metric::Depth, depth) }
}

#[test]
fn given_a_queue_that_was_deleted_when_pushed_then_only_its_hour_is_remembered() {
    let mut tracker = QueueTracker::new(gone(Some(7)), Timestamp(0));
    for minute in 0..10 {
        let there = QueueObservation { vanished: false, ..gone(Some(7)) };
        tracker.push(there, Timestamp(minute * 60_000), 5000);
    }
    tracker.push(gone(None), Timestamp(600_000), 5000);
    assert_eq!(tracker.queue.window.recent(i64::MAX).count(), 1);
    assert_eq!(tracker.queue.sparkline(Timestamp(600_000)).len(), 11);
}

#[test]
fn given_a_list_that_is_empty_when_pushed_then_its_samples_stay_as_long_as_rules_look_at_them() {
    let mut tracker = QueueTracker::new(gone(Some(0)), Timestamp(0));
    for minute in 0..=11 {
        tracker.push(gone(Some(0)), Timestamp(minute * 60_000), 5000);
    }
    assert_eq!(tracker.queue.window.recent(i64::MAX).count(), 12);
    tracker.push(gone(Some(0)), Timestamp(12 * 60_000), 5000);
    assert_eq!(tracker.queue.window.recent(i64::MAX).count(), 1);
}
