#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use weir_kafka_admin::{GroupState, GroupType, Member};

use super::{super::groups::Group, *};

const TOPIC: &str = "orders";

fn place(partition: i32) -> TopicPartition {
    TopicPartition { topic: TOPIC.to_owned(), partition }
}

fn topic(leaders: &[Option<i32>]) -> Topic {
    let partition = |(n, leader): (usize, &Option<i32>)| Partition {
        id: n as i32,
        leader: *leader,
        ..Partition::default()
    };
    Topic { name: TOPIC.to_owned(), partitions: leaders.iter().enumerate().map(partition).collect() }
}

fn ends(of: &[(i32, i64, i64, i64)]) -> AllEnds {
    let one = |(partition, begin, end, stable): &(i32, i64, i64, i64)| {
        (place(*partition), Ends { begin: Ok(*begin), end: Ok(*end), stable_end: Ok(*stable) })
    };
    AllEnds { of: of.iter().map(one).collect(), requests: 3 }
}

fn group(name: &str, committed: &[(i32, i64)], reads: &[i32]) -> Group {
    let member = Member {
        id: "m-1".to_owned(),
        client_id: "worker".to_owned(),
        host: "/127.0.0.1".to_owned(),
        instance_id: None,
        assigned: reads.iter().map(|p| place(*p)).collect(),
    };
    Group {
        id: name.to_owned(),
        state: if reads.is_empty() { GroupState::Empty } else { GroupState::Stable },
        kind: GroupType::Classic,
        simple: false,
        members: Ok(if reads.is_empty() { Vec::new() } else { vec![member] }),
        committed: Ok(committed.iter().map(|(p, offset)| (place(*p), Ok(*offset))).collect()),
    }
}

fn see(topic: &Topic, ends: &AllEnds, groups: Vec<Group>) -> QueueObservation {
    let groups = Groups { groups, ..Groups::default() };
    let topology = Topology { cluster_id: "c".to_owned(), ..Topology::default() };
    let seen = Seen { topology: &topology, ends, groups: &groups, policies: &HashMap::new() };
    seen.topic(topic, &mut Sums::default())
}

fn code(queue: &QueueObservation, metric: Metric) -> UnknownCode {
    queue.figures[&metric].clone().unwrap_err().code
}

#[test]
fn given_two_groups_when_seen_then_backlog_is_the_slowest_ones_lag() {
    let quick = group("quick", &[(0, 10), (1, 20)], &[0, 1]);
    let slow = group("slow", &[(0, 4), (1, 20)], &[]);
    let queue = see(&topic(&[Some(1), Some(1)]), &ends(&[(0, 2, 10, 10), (1, 0, 20, 20)]), vec![quick, slow]);
    assert_eq!(queue.value(Metric::Depth), Some(28));
    assert_eq!(queue.value(Metric::In), Some(30));
    assert_eq!((queue.value(Metric::Backlog), queue.value(Metric::Lag)), (Some(6), Some(6)));
    assert_eq!(queue.value(Metric::Out), Some(24));
    assert_eq!(queue.value(Metric::Consumers), Some(1));
    let reader = &queue.groups[0].partitions[1];
    assert_eq!((reader.member.as_deref(), reader.host.as_deref()), (Some("worker"), Some("127.0.0.1")));
}

#[test]
fn given_no_group_when_seen_then_lag_is_unknown_and_not_the_end() {
    let queue = see(&topic(&[Some(1)]), &ends(&[(0, 0, 10, 10)]), vec![]);
    assert_eq!(queue.value(Metric::Depth), Some(10));
    assert_eq!(code(&queue, Metric::Backlog), UnknownCode::NoGroup);
    assert_eq!(code(&queue, Metric::Consumers), UnknownCode::NoGroup);
}

#[test]
fn given_a_partition_never_committed_when_seen_then_the_rest_is_summed_and_said_to_be_at_least() {
    let queue = see(
        &topic(&[Some(1), Some(1), Some(1)]),
        &ends(&[(0, 0, 10, 10), (1, 0, 50, 50), (2, 7, 7, 7)]),
        vec![group("g", &[(0, 4)], &[0, 1, 2])],
    );
    let seen = &queue.groups[0];
    let lags: Vec<Option<i64>> = seen.partitions.iter().map(|p| p.lag).collect();
    assert_eq!(lags, [Some(6), None, Some(0)]);
    assert_eq!(seen.figures[&Metric::Lag], Ok(6));
    assert!(seen.notes.iter().any(|n| n.contains("partition 1, never committed")), "{:?}", seen.notes);
}

#[test]
fn given_a_group_that_never_committed_when_seen_then_its_lag_is_not_yet_known() {
    let queue = see(&topic(&[Some(1)]), &ends(&[(0, 0, 10, 10)]), vec![group("g", &[], &[0])]);
    assert_eq!(queue.groups[0].figures[&Metric::Lag].clone().unwrap_err().code, UnknownCode::NotYet);
    assert_eq!(code(&queue, Metric::Backlog), UnknownCode::NotYet);
}

#[test]
fn given_an_offline_partition_when_seen_then_sums_are_unknown_and_not_smaller() {
    let queue =
        see(&topic(&[Some(1), None]), &ends(&[(0, 0, 10, 10)]), vec![group("g", &[(0, 4), (1, 4)], &[])]);
    for metric in [Metric::Depth, Metric::In, Metric::Backlog] {
        assert_eq!(code(&queue, metric), UnknownCode::PartitionOffline, "{metric:?}");
    }
    assert_eq!(queue.groups[0].partitions[0].lag, Some(6));
    let at_least = |reading: &Reading| reading.as_ref().err().and_then(|why| why.at_least);
    assert_eq!(at_least(&queue.figures[&Metric::Depth]), Some(10));
    assert_eq!(at_least(&queue.groups[0].figures[&Metric::Lag]), Some(6));
    assert_eq!(at_least(&queue.figures[&Metric::Backlog]), Some(6));
    assert_eq!(at_least(&queue.figures[&Metric::In]), None, "a counter without a part would fall");
}

#[test]
fn given_a_slowest_group_that_goes_when_seen_then_what_went_out_does_not_jump() {
    let (topic, ends, mut sums) = (topic(&[Some(1)]), ends(&[(0, 0, 1000, 1000)]), Sums::default());
    let mut out = |groups: Vec<Group>| {
        let groups = Groups { groups, ..Groups::default() };
        let topology = Topology::default();
        let seen = Seen { topology: &topology, ends: &ends, groups: &groups, policies: &HashMap::new() };
        seen.topic(&topic, &mut sums).value(Metric::Out)
    };
    let (slow, quick) = (group("slow", &[(0, 4)], &[]), group("quick", &[(0, 990)], &[]));
    assert_eq!(out(vec![quick.clone(), slow]), Some(4));
    assert_eq!(out(vec![quick.clone()]), None, "986 messages were read by nobody at that moment");
    assert_eq!(out(vec![quick]), Some(990));
}

#[test]
fn given_a_cleanup_policy_that_is_not_known_when_seen_then_it_is_not_taken_for_none() {
    let (topic, all) = (topic(&[Some(1)]), ends(&[(0, 0, 10, 10)]));
    let refused = Err(Unknown::new(UnknownCode::NoPermission, "not allowed"));
    let policies = HashMap::from([(TOPIC.to_owned(), refused)]);
    let groups = Groups::default();
    let topology = Topology::default();
    let seen = Seen { topology: &topology, ends: &all, groups: &groups, policies: &policies };
    let notes = seen.topic(&topic, &mut Sums::default()).notes;
    assert!(notes.iter().any(|note| note.starts_with("Whether it is compacted is not known")), "{notes:?}");
}

#[test]
fn given_an_open_transaction_when_seen_then_what_it_holds_is_said() {
    let queue = see(&topic(&[Some(1)]), &ends(&[(0, 0, 10, 3)]), vec![]);
    assert!(queue.notes.iter().any(|n| n.starts_with("7 messages are held")), "{:?}", queue.notes);
}

#[test]
fn given_a_commit_beyond_the_end_when_seen_then_lag_is_not_negative_and_the_note_tells() {
    let queue = see(&topic(&[Some(1)]), &ends(&[(0, 0, 5, 5)]), vec![group("g", &[(0, 100)], &[])]);
    assert_eq!(queue.value(Metric::Lag), Some(0));
    assert!(queue.groups[0].notes.iter().any(|n| n.starts_with("Committed beyond the end")));
}

#[test]
fn given_groups_that_could_not_be_listed_when_seen_then_nothing_is_said_of_them() {
    let reason = Unknown::new(UnknownCode::NoPermission, "no");
    let groups = Groups { unlisted: Some(reason), ..Groups::default() };
    let all = ends(&[(0, 0, 10, 10)]);
    let seen =
        Seen { topology: &Topology::default(), ends: &all, groups: &groups, policies: &HashMap::new() };
    let queue = seen.topic(&topic(&[Some(1)]), &mut Sums::default());
    for metric in [Metric::Backlog, Metric::Lag, Metric::Consumers, Metric::Out] {
        assert_eq!(code(&queue, metric), UnknownCode::NoPermission, "{metric:?}");
    }
}
