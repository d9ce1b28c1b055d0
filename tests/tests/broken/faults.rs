//! What networks do: every fault between Weir and every kind of broker, one after the other, the kinds side by side.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, sleep};
use weir_model::Timestamp;
use weir_tests::proxy::Fault;

use crate::{
    house::{House, Kind, card, card_when, ensure_explained, heals_within, interval, shows_within},
    onlooker::Onlooker,
    truth::{history_truthful, marked_old, truthful},
};

/// A fault, and the steps of which one may be named for it, by kind in the order of [`Kind::ALL`].
struct Case {
    fault: Fault,
    steps: [&'static [&'static str]; 3],
}

const FAULTS: [Case; 6] = [
    Case { fault: Fault::Refuse, steps: [&["connect"], &["connect"], &["connect"]] },
    Case {
        fault: Fault::Freeze,
        steps: [&["read", "connect"], &["read", "authenticate"], &["connect", "read"]],
    },
    Case {
        fault: Fault::HalfOpen,
        steps: [&["read", "connect"], &["read", "authenticate"], &["connect", "read"]],
    },
    Case {
        fault: Fault::Garbage,
        steps: [
            &["read", "connect", "version"],
            &["read", "connect", "version"],
            &["read", "connect", "version"],
        ],
    },
    Case {
        fault: Fault::CutAfter(100),
        steps: [&["read", "connect"], &["read", "connect"], &["read", "connect", "version"]],
    },
    // The last: observing is dear then, and the intervals grow.
    Case {
        fault: Fault::Delay(Duration::from_secs(2)),
        steps: [&["read", "connect"], &["read", "authenticate"], &["connect", "read"]],
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_fault_before_each_kind_when_it_lasts_and_ends_then_it_is_said_and_heals_and_nobody_else_waits()
-> Result<()> {
    let house = House::alone().await?;
    let since = Timestamp::now();
    let mut pages = vec!["/".to_owned(), "/queues".to_owned()];
    for kind in Kind::ALL {
        pages.extend(
            [kind.direct(), kind.behind()].map(|name| format!("/brokers/{name}/queues/{}", kind.id())),
        );
    }
    let onlooker = Onlooker::start(house.weir.url(), &Kind::ALL.map(Kind::direct), pages);
    tokio::try_join!(
        suffers(&house, Kind::RabbitMq),
        suffers(&house, Kind::Redis),
        suffers(&house, Kind::Kafka)
    )?;
    onlooker.ensure_undisturbed("faults").await?;
    for kind in Kind::ALL {
        history_truthful(&house.weir, &kind.queue(kind.behind()), since).await?;
    }
    Ok(())
}

async fn suffers(house: &House, kind: Kind) -> Result<()> {
    for Case { fault, steps } in &FAULTS {
        let case = format!("{fault:?} before {}", kind.direct());
        let ended = once(house, kind, *fault, steps[kind as usize]).await;
        house.proxy(kind).set(Fault::None);
        ended.with_context(|| case.clone())?;
        heals(house, kind).await.with_context(|| case)?;
    }
    Ok(())
}

async fn once(house: &House, kind: Kind, fault: Fault, steps: &[&str]) -> Result<()> {
    let (weir, broker, queue) = (&house.weir, kind.behind(), kind.queue(kind.behind()));
    let within = shows_within(interval(weir, broker).await?);
    let began = Instant::now();
    house.proxy(kind).set(fault);
    let shown = card_when(weir, broker, "is down", within, |card| card["status"] == "down").await;
    if let Fault::Delay(_) = fault
        && shown.is_err()
    {
        eprintln!("broken: {fault:?} before {broker}: slow, but up");
        return truthful(&weir.get(&queue).await?);
    }
    let shown = shown?;
    eprintln!("broken: {fault:?} before {broker}: shown after {:?}: {}", began.elapsed(), shown["error"]);
    ensure_explained(&shown, steps)?;
    marked_old(&weir.get(&queue).await?)?;
    // It is tried again, and it is still said since when.
    sleep(Duration::from_secs(2)).await;
    let later = card(weir, broker).await?;
    ensure_explained(&later, steps)?;
    anyhow::ensure!(later["error"]["since"] == shown["error"]["since"], "{later:#}");
    marked_old(&weir.get(&queue).await?)
}

async fn heals(house: &House, kind: Kind) -> Result<()> {
    let within = heals_within(interval(&house.weir, kind.behind()).await?);
    let ended = Instant::now();
    let queue = kind.queue(kind.behind());
    card_when(&house.weir, kind.behind(), "is healed", within, |card| {
        card["status"] == "up" && card["error"].is_null()
    })
    .await?;
    let row = house.weir.get(&queue).await?;
    truthful(&row)?;
    anyhow::ensure!(row["stale"] == false, "{row:#}");
    eprintln!("broken: {} healed after {:?}", kind.behind(), ended.elapsed());
    Ok(())
}
