//! Somebody who keeps opening pages, looking at cards, reading rows and weighing the process, to the end.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use weir_tests::weir::queue_path;

use crate::stage::Kind;

/// Time between two looks.
const STEP: Duration = Duration::from_millis(500);
/// Messages per second that no queue of the workload comes near: an increase across an epoch would.
const SPIKE: f64 = 400.0;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Times to the last byte in milliseconds, of pages that may wait for a broker which suffers, and of all others.
    pub waiting_pages: Vec<f64>,
    pub pages: Vec<f64>,
    /// The slowest page that has no reason to wait, and during what.
    pub slowest: Option<(f64, String)>,
    /// Looks at brokers that are well: how much longer than its interval each was apart from the one before.
    pub late_seconds: Vec<f64>,
    pub latest: Option<(f64, String)>,
    /// Resident memory in bytes, once a minute.
    pub memory: Vec<f64>,
    /// Figures that can't be, and pages that were no pages.
    pub wrong: Vec<String>,
}

/// What happens now, and to whom.
#[derive(Clone, Debug, Default)]
struct Now {
    what: String,
    suffering: Vec<&'static str>,
}

#[derive(Default)]
struct Shared {
    now: Mutex<Now>,
    seen: Mutex<Seen>,
}

pub(crate) struct Witness {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Witness {
    pub(crate) fn start(url: &str, pid: u32) -> Self {
        let shared = Arc::new(Shared::default());
        let looking = Looking { url: url.to_owned(), client: client(), shared: Arc::clone(&shared) };
        let tasks = vec![tokio::spawn(looking.run()), tokio::spawn(weigh(pid, Arc::clone(&shared)))];
        Self { shared, tasks }
    }

    /// From now on this happens, to these brokers.
    pub(crate) fn during(&self, what: &str, suffering: &[&'static str]) {
        let now = Now { what: what.to_owned(), suffering: suffering.to_vec() };
        *lock(&self.shared.now) = now;
    }

    /// Minutes in which memory was weighed.
    pub(crate) fn minutes(&self) -> usize {
        lock(&self.shared.seen).memory.len()
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        lock(&self.shared.seen).clone()
    }

    /// Ends looking.
    pub(crate) async fn end(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await;
        }
    }
}

struct Looking {
    url: String,
    client: reqwest::Client,
    shared: Arc<Shared>,
}

impl Looking {
    async fn run(self) {
        let pages = pages();
        let mut paces = BTreeMap::new();
        for (path, broker) in pages.iter().cycle() {
            let before = lock(&self.shared.now).clone();
            for looked in
                [self.open(path, *broker, &before).await, self.pace(&mut paces).await, self.rates().await]
            {
                if let Err(error) = looked {
                    lock(&self.shared.seen).wrong.push(format!("{}: {error:#}", before.what));
                }
            }
            sleep(STEP).await;
        }
    }

    async fn open(&self, path: &str, broker: Option<&str>, before: &Now) -> Result<()> {
        let asked = Instant::now();
        let page = self.client.get(format!("{}{path}", self.url)).send().await?;
        let status = page.status();
        let html = page.text().await?;
        let took = asked.elapsed().as_secs_f64() * 1000.0;
        ensure!(status.is_success(), "{path}: {status} {html}");
        let suffering = [&before.suffering, &lock(&self.shared.now).suffering]
            .into_iter()
            .flatten()
            .any(|name| broker == Some(*name));
        let mut seen = lock(&self.shared.seen);
        if suffering {
            seen.waiting_pages.push(took);
        } else {
            seen.pages.push(took);
            if seen.slowest.as_ref().is_none_or(|(slowest, _)| took > *slowest) {
                seen.slowest = Some((took, format!("{path} during {}", before.what)));
            }
        }
        Ok(())
    }

    /// The brokers that are well are observed at their pace. Taken by this machine's clock that never steps.
    async fn pace(&self, paces: &mut BTreeMap<String, (String, Instant)>) -> Result<()> {
        let cards: Value =
            self.client.get(format!("{}/api/v1/brokers", self.url)).send().await?.json().await?;
        let Now { what, suffering } = lock(&self.shared.now).clone();
        for card in cards["items"].as_array().context("no cards")? {
            let (name, observed) = (text(&card["name"]), text(&card["observed_at"]));
            if suffering.iter().any(|broker| *broker == name) || card["status"] != "up" {
                paces.remove(&name);
                continue;
            }
            let interval = card["poll_interval_seconds"].as_f64().context("no interval")?;
            let (last, since) =
                paces.entry(name.clone()).or_insert_with(|| (observed.clone(), Instant::now()));
            let late = since.elapsed().as_secs_f64() - interval;
            let mut seen = lock(&self.shared.seen);
            if seen.latest.as_ref().is_none_or(|(latest, _)| late > *latest) {
                seen.latest = Some((late, format!("{name} at {interval} s during {what}")));
            }
            if *last != observed {
                seen.late_seconds.push(late);
                (*last, *since) = (observed, Instant::now());
            }
        }
        Ok(())
    }

    /// No rate is negative or a spike, no age negative, no depth below 0.
    async fn rates(&self) -> Result<()> {
        let page: Value =
            self.client.get(format!("{}/api/v1/queues?limit=1000", self.url)).send().await?.json().await?;
        for row in page["items"].as_array().context("no rows")? {
            for (name, most) in [
                ("in_rate", SPIKE),
                ("delivered_rate", SPIKE),
                ("out_rate", SPIKE),
                ("ack_rate", SPIKE),
                ("redelivered_rate", SPIKE),
                ("oldest_age_seconds", f64::INFINITY),
                ("depth", f64::INFINITY),
                ("lag", f64::INFINITY),
            ] {
                let value = row[name].as_f64();
                ensure!(
                    value.is_none_or(|value| (0.0..=most).contains(&value)),
                    "{} of {} on {} is {value:?}",
                    name,
                    row["name"],
                    row["broker"]
                );
            }
        }
        Ok(())
    }
}

/// Pages, and the broker that each has reason to wait for.
fn pages() -> Vec<(String, Option<&'static str>)> {
    let page = |broker: &'static str, parts: &[&str]| {
        (queue_path(broker, parts).replace("/api/v1", ""), Some(broker))
    };
    vec![
        ("/".to_owned(), None),
        ("/queues".to_owned(), None),
        page(Kind::RabbitMq.broker(), &["/", "orders"]),
        page(Kind::Redis.broker(), &["0", "stream", "shop:events"]),
        page(Kind::Kafka.broker(), &["orders"]),
    ]
}

/// Resident memory, once a minute.
async fn weigh(pid: u32, shared: Arc<Shared>) {
    loop {
        match resident(pid) {
            Ok(bytes) => lock(&shared.seen).memory.push(bytes),
            Err(error) => lock(&shared.seen).wrong.push(format!("the process is gone: {error:#}")),
        }
        sleep(Duration::from_secs(60)).await;
    }
}

fn resident(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
