//! `make demo`: private brokers, the shop's traffic on them, and Weir on top. Ctrl C ends all of it.

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use serde_json::json;
use tokio::{
    io::AsyncReadExt as _,
    signal::unix::{SignalKind, signal},
};
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    weir::WeirProcess,
    workload::{self, Addresses},
};

/// Where Weir serves unless another has taken it.
const HOME: &str = "127.0.0.1:9347";

#[derive(Parser)]
#[command(
    about = "RabbitMQ, Redis and Kafka with a busy shop on them, and Weir on top. Ctrl C ends all of it."
)]
struct Args {
    /// A RabbitMQ that runs already; then the other three are needed too
    #[arg(long, requires_all = ["management", "redis", "kafka"])]
    amqp: Option<String>,
    /// Its management API
    #[arg(long, requires = "amqp")]
    management: Option<String>,
    /// A Redis that runs already
    #[arg(long, requires = "amqp")]
    redis: Option<String>,
    /// The host:port of a Kafka that runs already
    #[arg(long, requires = "amqp")]
    kafka: Option<String>,
    /// Serve on any free port, say where in one JSON line, and end with standard input
    #[arg(long)]
    for_tests: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = run(&args) => done,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
    // All that was started stands in values that are dropped by now; a process that is dropped is killed.
}

async fn run(args: &Args) -> Result<()> {
    let (addresses, _servers) = brokers(args).await?;
    let mut actors = workload::start(&addresses);
    let weir = weir(&addresses, args.for_tests).await?;
    announce(&addresses, &weir, args.for_tests)?;
    if args.for_tests {
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        return Ok(());
    }
    // The traffic never ends by itself.
    while actors.join_next().await.is_some() {}
    Ok(())
}

/// The given brokers, or three of our own.
async fn brokers(args: &Args) -> Result<(Addresses, Vec<Box<dyn BrokerServer>>)> {
    if let Args {
        amqp: Some(amqp),
        management: Some(management),
        redis: Some(redis),
        kafka: Some(kafka),
        ..
    } = args
    {
        let (amqp, management) = (amqp.clone(), management.clone());
        return Ok((Addresses { amqp, management, redis: redis.clone(), kafka: kafka.clone() }, Vec::new()));
    }
    eprintln!("starting RabbitMQ, Redis and Kafka …");
    let (rabbitmq, redis, kafka) = tokio::try_join!(RabbitMq::start(), Redis::start(), Kafka::start())?;
    let addresses = Addresses {
        amqp: rabbitmq.url(),
        management: rabbitmq.management_url(),
        redis: redis.url(),
        kafka: kafka.bootstrap(),
    };
    Ok((addresses, vec![Box::new(rabbitmq), Box::new(redis), Box::new(kafka)]))
}

/// Weir at its usual address, or anywhere where that is taken or tests run.
async fn weir(addresses: &Addresses, anywhere: bool) -> Result<WeirProcess> {
    let taken = std::net::TcpListener::bind(HOME).is_err();
    let listen_on = if anywhere || taken { "127.0.0.1:0" } else { HOME };
    let weir = WeirProcess::start_at(listen_on, &addresses.config(), &[]).await?;
    weir.until("Weir has looked at every broker", Duration::from_secs(60), "/api/v1/brokers", |answer| {
        let brokers = answer["items"].as_array()?;
        brokers.iter().all(|broker| broker["status"] == "up").then_some(())
    })
    .await?;
    Ok(weir)
}

#[expect(clippy::print_stdout, reason = "the tests read the line from standard output")]
fn announce(addresses: &Addresses, weir: &WeirProcess, for_tests: bool) -> Result<()> {
    let Addresses { amqp, management, redis, kafka } = addresses;
    if for_tests {
        let line = json!({
            "weir": weir.url(), "amqp": amqp, "management": management, "redis": redis, "kafka": kafka,
        });
        println!("{line}");
        return Ok(());
    }
    eprintln!(
        "\n  Weir      {}\n  RabbitMQ  {amqp}  management {management} (guest, guest)\n  Redis     {redis}\n  \
         Kafka     {kafka}\n\nCtrl C ends all of it.",
        weir.url()
    );
    Ok(())
}
