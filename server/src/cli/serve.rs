//! `weir serve` and `weir demo`: from the config to a clean stop.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use serde_json::json;
use tokio::net::TcpListener;
use weir_app::overview::api::{Detection, House};

use super::{failure::Failure, folder::DataFolder, stop, wiring::Parts};
use crate::{
    config::{BrokerConfig, Config, Overrides, detect},
    http,
};

/// Open requests get this long to end once Weir is told to stop; all of the stop stays within 10 s.
const REQUESTS_END_WITHIN: Duration = Duration::from_secs(4);
const TASKS_END_WITHIN: Duration = Duration::from_secs(4);

/// What is served, and from where.
struct Plan {
    listen: SocketAddr,
    brokers: Vec<BrokerConfig>,
    folder: DataFolder,
    house: House,
    arm: bool,
}

/// Serves what is configured, else what is found, else the demonstration, until a signal.
pub(super) async fn serve(config: Config, arm: bool) -> Result<(), Failure> {
    let (brokers, detections) = if config.brokers.is_empty() {
        let (found, detections) = detect::detect().await;
        log(&detections);
        (found, detections)
    } else {
        (config.brokers, Vec::new())
    };
    let nothing = brokers.is_empty();
    let (brokers, folder) = if nothing {
        (vec![detect::demo()], DataFolder::temporary()?)
    } else {
        (brokers, DataFolder::open(&config.data_dir)?)
    };
    let config_file = config.file.map(|file| file.display().to_string());
    let house = house(nothing, detections, config_file);
    run(Plan { listen: config.listen, brokers, folder, house, arm }).await
}

/// Serves the demonstration alone.
pub(super) async fn demo(overrides: &Overrides) -> Result<(), Failure> {
    let listen = Config::listen(overrides)?;
    let folder = DataFolder::temporary()?;
    run(Plan {
        listen,
        brokers: vec![detect::demo()],
        folder,
        house: house(true, Vec::new(), None),
        arm: false,
    })
    .await
}

fn house(demo: bool, detections: Vec<Detection>, config_file: Option<String>) -> House {
    House { version: env!("CARGO_PKG_VERSION").to_owned(), demo, detections, config_file }
}

fn log(detections: &[Detection]) {
    tracing::info!("no broker is configured: looking for brokers on this machine");
    for Detection { what, address, found, detail } in detections {
        tracing::info!(broker.kind = %what, %address, found, "{detail}");
    }
}

async fn run(plan: Plan) -> Result<(), Failure> {
    let shutdown = stop::on_signals().map_err(Failure::running)?;
    let listener = TcpListener::bind(plan.listen)
        .await
        .with_context(|| format!("listen {}: give --listen 127.0.0.1:0 for any free port", plan.listen));
    let listener = listener.map_err(Failure::Running)?;
    let url = format!("http://{}", listener.local_addr().map_err(Failure::running)?);
    let parts = Parts::assemble(plan.brokers, plan.house, &plan.folder.path, plan.arm, &shutdown).await?;
    announce(&url).map_err(Failure::running)?;
    tracing::info!(%url, data_dir = %plan.folder.path.display(), "listening");

    let mut server = tokio::spawn(http::serve(listener, parts.app()));
    let served = tokio::select! {
        served = &mut server => served.map_err(Failure::running)?.context("serving").map_err(Failure::Running),
        () = shutdown.cancelled() => {
            // Requests that are still open then are cut off.
            let _ = tokio::time::timeout(REQUESTS_END_WITHIN, &mut server).await;
            server.abort();
            Ok(())
        }
    };
    shutdown.cancel();
    if tokio::time::timeout(TASKS_END_WITHIN, parts.end()).await.is_err() {
        tracing::warn!("not everything ended in time; history is whole up to its last write");
    }
    tracing::info!("stopped");
    served
}

/// One line of JSON for scripts, once the port is open.
fn announce(url: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "event": "listening", "url": url }))?;
    out.flush()
}
