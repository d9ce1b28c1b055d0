//! The contract suite: one body of tests, run for each kind of broker against the real server.
//!
//! A kind joins with a [`subject::Subject`] and one line of [`suite!`].

#![expect(unreachable_pub, reason = "modules of one test binary share with each other")]

mod connecting;
mod demo;
mod kafka;
mod messages;
mod observing;
mod purging;
mod rabbitmq;
mod redis;
mod subject;

/// The suite of one kind.
macro_rules! suite {
    ($name:ident, $subject:ty, [$($area:ident :: $case:ident),+ $(,)?]) => {
        mod $name {
            use $crate::subject::Subject;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() -> anyhow::Result<()> {
                    $crate::$area::$case(&<$subject>::open().await?).await
                }
            )+
        }
    };
    ($name:ident, $subject:ty) => {
        suite!($name, $subject, [
            observing::given_messages_when_observed_then_depth_and_identity_are_right,
            observing::given_odd_names_when_observed_then_they_come_back,
            observing::given_every_figure_when_observed_then_unknown_has_a_reason,
            observing::given_a_queue_when_described_then_its_configuration_is_told,
            observing::given_a_queue_that_is_not_there_when_described_then_it_is_not_found,
            messages::given_any_bytes_when_published_then_they_are_read_back_exactly,
            messages::given_a_repeat_when_published_then_all_are_held,
            messages::given_a_field_of_another_kind_when_published_then_it_is_named_and_nothing_is_sent,
            messages::given_a_start_that_is_offered_when_read_from_then_messages_come,
            messages::given_more_than_a_page_when_browsed_then_pages_hold_each_message_once,
            purging::given_messages_when_purged_then_the_count_is_exact_or_the_reason_is_told,
            purging::given_a_stale_depth_when_purged_then_nothing_is_lost,
            purging::given_messages_when_drained_then_exactly_what_was_copied_is_removed,
            purging::given_a_copy_that_fails_when_drained_then_nothing_is_removed,
            connecting::given_a_good_config_when_checked_then_every_step_passes,
            connecting::given_a_wrong_password_when_observed_then_authentication_is_named,
            connecting::given_nothing_that_listens_when_observed_then_connecting_is_named,
            connecting::given_a_server_that_never_answers_when_observed_then_it_ends_in_time,
        ]);
    };
}

suite!(on_rabbitmq, crate::rabbitmq::RabbitMqSubject);
suite!(on_redis, crate::redis::RedisSubject);
suite!(on_kafka, crate::kafka::KafkaSubject);
suite!(
    on_demo,
    crate::demo::DemoSubject,
    [
        observing::given_every_figure_when_observed_then_unknown_has_a_reason,
        observing::given_a_queue_when_described_then_its_configuration_is_told,
        messages::given_any_bytes_when_published_then_they_are_read_back_exactly,
        messages::given_a_field_of_another_kind_when_published_then_it_is_named_and_nothing_is_sent,
        connecting::given_a_good_config_when_checked_then_every_step_passes,
    ]
);
