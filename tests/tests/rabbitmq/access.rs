//! Accounts, switches and addresses that hide something: each is seen and said.

use anyhow::Result;
use weir::{
    brokers::{self, BrokerError, ObserveContext},
    config::BrokerConfig,
};
use weir_model::{Metric, Step, UnknownCode};
use weir_tests::{brokers::RabbitMq, unique};

use crate::support::{Client, adapter, config, config_as, look_at, look_until, observe};

async fn observe_error(config: &BrokerConfig) -> Result<BrokerError> {
    let broker = brokers::connect(config)?;
    Ok(broker.observe(&ObserveContext::default()).await.err().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_sort_of_account_when_observed_then_the_failing_step_or_what_is_hidden_is_told()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let (client, name) = (Client::connect(node).await?, unique("access"));
    client.declare(&name, &[]).await?;
    let user = |tag: &str| {
        let user = unique(tag);
        node.ctl(&["add_user", &user, "secret"])?;
        node.ctl(&["set_user_tags", &user, tag])?;
        anyhow::Ok(user)
    };
    let (monitor, plain, manager) = (user("monitoring")?, user("none")?, user("management")?);
    node.ctl(&["set_permissions", &manager, "", "", ".*"])?;

    let hidden = observe(&brokers::connect(&config_as(node, &monitor, "secret"))?).await?;
    assert!(hidden.queues.is_empty() && hidden.hidden_queues.is_some_and(|n| n >= 1));
    assert!(hidden.health.iter().any(|fact| fact.code == "hidden_queues"), "{:?}", hidden.health);

    let partly = observe(&brokers::connect(&config_as(node, &manager, "secret"))?).await?;
    assert!(partly.queues.iter().any(|queue| queue.name == name));
    assert!(partly.health.iter().any(|fact| fact.code == "nodes_hidden"), "{:?}", partly.health);

    let wrong = observe_error(&config_as(node, &monitor, "wrong")).await?;
    assert_eq!(wrong.step(), Step::Authenticate, "{wrong}");
    assert!(!format!("{wrong:?}").contains("wrong\""), "no password in an error");
    let untagged = observe_error(&config_as(node, &plain, "secret")).await?;
    assert_eq!(untagged.step(), Step::Permission, "{untagged}");
    assert!(untagged.to_string().contains("set_user_tags"));

    let steps = brokers::connect(&config_as(node, &monitor, "secret"))?.check().await;
    let failed = steps.iter().find(|step| step.passed == Some(false)).unwrap();
    assert_eq!(failed.step, Step::Permission, "no permission on the vhost: {steps:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_addresses_that_do_not_serve_when_checked_then_the_step_and_the_way_out_are_named() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let passed = adapter(node)?.check().await;
    assert!(passed.iter().all(|step| step.passed == Some(true)), "{passed:?}");

    let no_plugin = BrokerConfig { management_url: Some("http://127.0.0.1:1".to_owned()), ..config(node) };
    let error = observe_error(&no_plugin).await?;
    assert_eq!(error.step(), Step::Connect);
    assert!(error.to_string().contains("rabbitmq-plugins enable rabbitmq_management"), "{error}");
    let steps = brokers::connect(&no_plugin)?.check().await;
    assert!(
        steps.iter().any(|s| s.passed == Some(false) && s.detail.contains("rabbitmq-plugins")),
        "{steps:?}"
    );

    let nothing = BrokerConfig::new("x", "amqp", vec![("127.0.0.1".to_owned(), 1)]);
    let nothing = BrokerConfig { management_url: Some("http://127.0.0.1:1".to_owned()), ..nothing };
    let error = observe_error(&nothing).await?;
    assert!(error.step() == Step::Connect && !error.to_string().contains("plugins"), "{error}");

    let unknown =
        BrokerConfig { management_url: Some("http://no-such-host.invalid:15672".to_owned()), ..config(node) };
    assert_eq!(observe_error(&unknown).await?.step(), Step::Resolve);

    let amqp_port = format!("http://127.0.0.1:{}", node.amqp_port());
    let wrong_port = BrokerConfig { management_url: Some(amqp_port), ..config(node) };
    let error = observe_error(&wrong_port).await?;
    assert!(
        error.step() == Step::Connect && error.to_string().contains("does not answer by HTTP"),
        "{error}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_statistics_off_when_observed_then_depths_are_known_and_rates_are_not_zero() -> Result<()> {
    for setting in ["management.rates_mode = none", "management_agent.disable_metrics_collector = true"] {
        let node = RabbitMq::start_with(setting).await?;
        let (broker, client) = (adapter(&node)?, Client::connect(&node).await?);
        client.declare("silent", &[]).await?;
        client.publish("silent", 7).await?;
        let seven = |q: &weir_model::QueueObservation| q.value(Metric::Depth) == Some(7);
        let seen = look_until(&broker, "silent", "the depth is known", seven).await?;
        for metric in [Metric::In, Metric::Out, Metric::Ack, Metric::Delivered, Metric::Redelivered] {
            let code = seen.figures[&metric].as_ref().unwrap_err().code;
            assert_eq!(code, UnknownCode::StatisticsOff, "{setting} {metric:?}");
        }
        let observation = observe(&broker).await?;
        assert!(observation.health.iter().any(|fact| fact.code == "statistics_off"), "{setting}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_vhost_in_the_address_when_observed_then_only_that_one_is_listed() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (client, name, vhost) = (Client::connect(node).await?, unique("elsewhere"), "shop/eu: ü");
    client.declare(&name, &[]).await?;
    node.ctl(&["add_vhost", vhost])?;
    node.ctl(&["set_permissions", "-p", vhost, "guest", ".*", ".*", ".*"])?;
    let one =
        brokers::connect(&BrokerConfig { path: Some("shop%2Feu%3A%20%C3%BC".to_owned()), ..config(node) })?;
    assert!(observe(&one).await?.queues.is_empty());
    assert!(look_at(&adapter(node)?, &name).await.is_ok());
    let steps = one.check().await;
    assert!(steps.iter().all(|step| step.passed == Some(true)), "{steps:?}");
    Ok(())
}
