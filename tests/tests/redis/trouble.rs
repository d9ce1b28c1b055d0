//! Passwords, permissions, restarts, silence, and servers that are none.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use weir::{
    brokers::{self, BrokerError, ObserveContext},
    config::Secret,
};
use weir_model::{
    CheckStep, Metric, Outcome, Step, UnknownCode,
    message::{BodyInput, PublishRequest},
};
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients,
};

use crate::{House, config, find, ids, why};

fn soon() -> ObserveContext {
    ObserveContext { known: Vec::new(), budget: Duration::from_secs(1) }
}

/// Name and outcome of each step.
fn steps(checked: &[CheckStep]) -> Vec<(Step, Option<bool>)> {
    checked.iter().map(|step| (step.step, step.passed)).collect()
}

#[tokio::test]
async fn given_a_password_when_wrong_or_missing_then_the_step_is_authentication() -> Result<()> {
    let server = Redis::start_with(&["--requirepass", "secret"]).await?;
    for (password, words) in [("", "wants a password"), ("guess", "password is wrong")] {
        let mut config = config(server.port());
        config.password = Secret::new(password);
        let broker = brokers::connect(&config)?;
        let error = broker.observe(&soon()).await.expect_err("it is locked");
        assert_eq!(error.step(), Step::Authenticate, "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error:?}").contains("guess"), "the password is told: {error:?}");
        let checked = broker.check().await;
        assert_eq!(
            steps(&checked),
            [
                (Step::Resolve, Some(true)),
                (Step::Connect, Some(true)),
                (Step::Authenticate, Some(false)),
                (Step::Permission, None),
                (Step::Version, None)
            ]
        );
    }
    let mut config = config(server.port());
    config.password = Secret::new("secret");
    let broker = brokers::connect(&config)?;
    broker.observe(&soon()).await?;
    assert!(broker.check().await.iter().all(|step| step.passed == Some(true)));
    Ok(())
}

#[tokio::test]
async fn given_an_account_that_may_little_when_observed_then_the_rest_is_unknown_and_nothing_fails()
-> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 3).await?;
    clients::redis::add(&mut house.client, "s", 3).await?;
    house.run("ACL SETUSER watcher on >pw ~* &* -@all +llen +xlen +scan +type").await?;
    let mut config = config(house.server.port());
    (config.user, config.password) = (Some("watcher".to_owned()), Secret::new("pw"));
    let broker = brokers::connect(&config)?;
    let observation = broker.observe(&soon()).await?;
    assert_eq!(ids(&observation), ["0:list:q", "0:stream:s"]);
    assert_eq!(find(&observation, "0:list:q")?.value(Metric::Depth), Some(3));
    let stream = find(&observation, "0:stream:s")?;
    assert_eq!(stream.value(Metric::Depth), Some(3));
    for metric in [Metric::In, Metric::Backlog, Metric::Lag, Metric::Consumers, Metric::OldestAge] {
        assert_eq!(why(stream, metric), Some(UnknownCode::NoPermission), "{metric:?}");
    }
    let fact = observation.health.iter().find(|fact| fact.code == "no_permission");
    assert!(fact.is_some_and(|fact| fact.text.contains("INFO")), "{:?}", observation.health);
    let permission = broker.check().await.into_iter().find(|step| step.step == Step::Permission);
    assert!(permission.is_some_and(|step| step.passed == Some(true) && step.detail.contains("INFO")));
    Ok(())
}

#[tokio::test]
async fn given_an_account_that_may_not_search_when_observed_then_named_queues_are_still_there() -> Result<()>
{
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 3).await?;
    house.run("ACL SETUSER watcher on nopass ~* &* -@all +llen +type").await?;
    let mut config = config(house.server.port());
    (config.user, config.password) = (Some("watcher".to_owned()), Secret::new("x"));
    config.include = vec!["q".to_owned(), "queue:*".to_owned()];
    let observation = brokers::connect(&config)?.observe(&soon()).await?;
    assert_eq!(find(&observation, "0:list:q")?.value(Metric::Depth), Some(3));
    assert!(
        observation.health.iter().any(|fact| fact.code == "discovery_denied"),
        "{:?}",
        observation.health
    );
    Ok(())
}

#[tokio::test]
async fn given_a_server_that_restarts_when_observed_then_the_next_poll_succeeds() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 3).await?;
    let before = house.queue("0:stream:s").await?;
    house.server.kill9().await?;
    let error = house.broker.observe(&soon()).await.expect_err("nobody is there");
    assert_eq!(error.step(), Step::Connect, "{error:?}");
    house.server.start_again().await?;
    let after = house.queue("0:stream:s").await?;
    assert_eq!(after.value(Metric::In), Some(3));
    assert_ne!(before.epoch, after.epoch);
    house.server.stop().await?;
    house.server.start_again().await?;
    assert_eq!(house.queue("0:stream:s").await?.value(Metric::In), Some(3), "the kept connection is dead");
    Ok(())
}

#[tokio::test]
async fn given_a_server_that_is_silent_when_asked_then_everything_ends_in_time() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 3).await?;
    let queue = house.queue("0:list:q").await?;
    house.server.pause()?;
    for _ in 0..2 {
        // The first poll uses the kept connection, the second has to dial.
        let started = Instant::now();
        let error = house.broker.observe(&soon()).await.expect_err("it is silent");
        assert!(matches!(error, BrokerError::Timeout { outcome: Outcome::NotDone, .. }), "{error:?}");
        assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    }
    let body = BodyInput { encoding: Default::default(), data: "x".to_owned() };
    let request = PublishRequest { body: body.into(), ..PublishRequest::default() };
    let started = Instant::now();
    let error = house.broker.publish().expect("publish").publish(&queue, &request).await.expect_err("silent");
    assert!(matches!(error, BrokerError::Timeout { outcome: Outcome::NotDone, .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
    house.server.resume()?;
    house.observe().await?;
    Ok(())
}

#[tokio::test]
async fn given_something_else_at_the_address_when_observed_then_it_is_said() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let broker = brokers::connect(&config(port))?;
    let error = broker.observe(&soon()).await.expect_err("that is no Redis");
    assert!(error.to_string().contains("does not speak Redis"), "{error:?}");
    server.abort();
    Ok(())
}

#[tokio::test]
async fn given_a_name_that_does_not_exist_when_checked_then_resolving_fails_and_the_rest_is_not_tried()
-> Result<()> {
    let mut config = config(6379);
    config.hosts = vec![("no-such-host.invalid".to_owned(), 6379)];
    let checked = brokers::connect(&config)?.check().await;
    assert_eq!(checked[0].passed, Some(false), "{checked:?}");
    assert!(checked[1..].iter().all(|step| step.passed.is_none()), "{checked:?}");
    Ok(())
}

#[tokio::test]
async fn given_a_database_that_does_not_exist_when_observed_then_the_others_go_on() -> Result<()> {
    let mut house = House::with(&["--databases", "2"], |config| config.databases = vec![0, 7]).await?;
    house.run("RPUSH q 1").await?;
    let observation = house.observe().await?;
    assert_eq!(ids(&observation), ["0:list:q"]);
    assert!(
        observation.health.iter().any(|fact| fact.code == "discovery_failed"),
        "{:?}",
        observation.health
    );
    let permission = house.broker.check().await.into_iter().find(|step| step.step == Step::Permission);
    assert!(permission.is_some_and(|step| step.passed == Some(false) && step.detail.contains("database 7")));
    Ok(())
}

#[tokio::test]
async fn given_settings_that_can_not_be_when_connected_then_each_is_named() {
    let refused = |change: fn(&mut weir::config::BrokerConfig)| {
        let mut config = config(6379);
        change(&mut config);
        match brokers::connect(&config).map(|_| ()) {
            Err(BrokerError::Invalid(errors)) => errors[0].field.clone(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(refused(|c| c.path = Some("orders".to_owned())), "url");
    assert_eq!(refused(|c| c.hosts.push(("b".to_owned(), 1))), "url");
    assert_eq!(refused(|c| c.include = vec!["list:".to_owned()]), "include");
    assert_eq!(
        refused(|c| {
            c.scheme = "rediss".to_owned();
            c.tls_ca_file = Some("/no/such/file.pem".into());
        }),
        "tls_ca_file"
    );
}
