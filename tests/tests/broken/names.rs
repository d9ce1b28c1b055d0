//! Names that lead nowhere, and names that stop leading anywhere.

use std::{fs, process::Command, time::Duration};

use anyhow::{Result, ensure};
use weir_tests::{
    brokers::Redis,
    namespace::{self, Own},
    proxy::FaultProxy,
    weir::WeirProcess,
};

use crate::{
    house::{card_when, ensure_explained, heals_within, shows_within},
    onlooker::Onlooker,
};

/// The system's resolver may ask a silent server for the name before it gives up.
const RESOLVER_GIVES_UP: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_secs(2);
/// The demo begins with hours of made-up history.
const MAKES_ITS_PAST_WITHIN: Duration = Duration::from_secs(40);

#[tokio::test]
async fn given_a_name_that_leads_nowhere_when_observed_then_the_step_is_resolve() -> Result<()> {
    let config: String = [("a", "amqp"), ("r", "redis"), ("k", "kafka")]
        .map(|(name, scheme)| {
            format!("[[brokers]]\nname = \"{name}\"\nurl = \"{scheme}://no-such-host.invalid\"\n")
        })
        .concat();
    let weir = WeirProcess::start(&config).await?;
    for broker in ["a", "r", "k"] {
        let within = RESOLVER_GIVES_UP + shows_within(INTERVAL);
        let card = card_when(&weir, broker, "is down", within, |card| card["status"] == "down").await?;
        eprintln!("broken: no such host: {}", card["error"]);
        ensure_explained(&card, &["resolve"])?;
        ensure!(
            card["error"]["detail"].as_str().is_some_and(|detail| detail.contains("no-such-host")),
            "{card:#}"
        );
    }
    Ok(())
}

#[test]
fn given_a_name_when_it_stops_resolving_then_the_step_is_resolve_and_it_heals() -> Result<()> {
    let test = "names::given_a_name_when_it_stops_resolving_then_the_step_is_resolve_and_it_heals";
    namespace::with(Own::Mounts, test, async {
        let folder = tempfile::tempdir()?;
        let (hosts, order) = (folder.path().join("hosts"), folder.path().join("nsswitch.conf"));
        let known = "127.0.0.1 localhost broker.test\n";
        fs::write(&hosts, known)?;
        fs::write(&order, "hosts: files\n")?;
        for (file, over) in [(&hosts, "/etc/hosts"), (&order, "/etc/nsswitch.conf")] {
            let bound =
                Command::new("mount").arg("--bind").args([file.as_os_str(), over.as_ref()]).status()?;
            ensure!(bound.success(), "mount --bind over {over}");
        }
        let (redis, proxy) = (Redis::start().await?, FaultProxy::start()?);
        proxy.lead_to(redis.port());
        let entry = |name: &str| {
            let port = proxy.port();
            format!(
                "[[brokers]]\nname = \"{name}\"\nurl = \"redis://{name}.test:{port}\"\npoll_interval = \"2s\"\n"
            )
        };
        let weir = WeirProcess::start(&format!(
            "{}[[brokers]]\nname = \"demo\"\nurl = \"demo://\"\n",
            entry("broker")
        ))
        .await?;
        card_when(&weir, "broker", "is up", shows_within(INTERVAL), |card| card["status"] == "up").await?;
        card_when(&weir, "demo", "is up", MAKES_ITS_PAST_WITHIN, |card| card["status"] == "up").await?;

        let onlooker = Onlooker::start(weir.url(), &["demo"], vec!["/".to_owned()]);
        fs::write(&hosts, "127.0.0.1 localhost\n")?;
        proxy.cut().await;
        let card =
            card_when(&weir, "broker", "is down", shows_within(INTERVAL), |card| card["status"] == "down")
                .await?;
        ensure_explained(&card, &["resolve"])?;
        fs::write(&hosts, known)?;
        card_when(&weir, "broker", "is healed", heals_within(INTERVAL), |card| card["status"] == "up")
            .await?;
        onlooker.ensure_undisturbed("a name is gone").await
    })
}
