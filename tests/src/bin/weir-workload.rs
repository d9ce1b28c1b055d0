//! `make demo`: private brokers, the shop's traffic on them, and Weir on top. Ctrl C ends all of it.

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use serde_json::json;
use tokio::{
    io::AsyncReadExt as _,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tracing_subscriber::EnvFilter;
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

/// All that runs, in the order in which it is to end.
struct House {
    weir: WeirProcess,
    _actors: JoinSet<()>,
    _servers: Vec<Box<dyn BrokerServer>>,
}

#[tokio::main]
async fn main() -> Result<()> {
    // The clients' own complaints, mostly about brokers that end before them, are no news here.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("weir_tests=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let args = Args::parse();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut house = tokio::select! {
        house = start(&args) => house?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = input_ends(), if args.for_tests => {}
    }
    house.weir.stop().await?;
    Ok(())
}

async fn start(args: &Args) -> Result<House> {
    let (addresses, servers) = brokers(args).await?;
    let actors = workload::start(&addresses);
    let weir = weir(&addresses, args.for_tests).await?;
    announce(&addresses, &weir, args.for_tests);
    Ok(House { weir, _actors: actors, _servers: servers })
}

async fn input_ends() -> Result<()> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
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
fn announce(addresses: &Addresses, weir: &WeirProcess, for_tests: bool) {
    let Addresses { amqp, management, redis, kafka } = addresses;
    if for_tests {
        let line = json!({
            "weir": weir.url(), "amqp": amqp, "management": management, "redis": redis, "kafka": kafka,
        });
        println!("{line}");
        return;
    }
    eprintln!(
        "\n  Weir      {}\n  RabbitMQ  {amqp}  management {management} (guest, guest)\n  Redis     {redis}\n  \
         Kafka     {kafka}\n\nCtrl C ends all of it.",
        weir.url()
    );
}
