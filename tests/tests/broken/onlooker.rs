//! Someone who keeps opening pages and looking at the other brokers' cards while one of them suffers.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{sync::Notify, task::JoinHandle, time::Instant};

/// Time between two looks.
const STEP: Duration = Duration::from_millis(250);
/// How much longer than its interval a look may let wait for itself: what it takes, on a machine that is busy.
const LATE: f64 = 3.0;
/// What a page takes as a rule. The aim is 100 ms, and 20 to 80 ms were measured on two quiet cores; a debug build
/// beside brokers and other tests is given more (the list with hundreds of vanished queues took 200 ms there).
const USUALLY_WITHIN: Duration = Duration::from_millis(400);
/// No page ever waits for a broker, nor for the disk. What is left is a machine on which all of this runs at once.
const ALWAYS_WITHIN: Duration = Duration::from_secs(2);

pub(crate) struct Onlooker {
    stop: Arc<Notify>,
    looking: JoinHandle<Result<Seen>>,
}

/// What was seen of the others.
#[derive(Default)]
pub(crate) struct Seen {
    /// By broker: its longest time between two looks, its slowest interval, and when it was observed. Taken by the one
    /// clock that never steps.
    paces: BTreeMap<String, Pace>,
    /// By path: the time to the last byte.
    pages: BTreeMap<String, Vec<Duration>>,
    lasted: Duration,
}

#[derive(Default)]
struct Pace {
    latest: f64,
    interval: f64,
    observed: Vec<String>,
    last: Option<Instant>,
}

impl Onlooker {
    /// Begins to look at `others` and to open `pages`.
    pub(crate) fn start(url: &str, others: &[&str], pages: Vec<String>) -> Self {
        let stop = Arc::new(Notify::new());
        let others: Vec<String> = others.iter().map(|&name| name.to_owned()).collect();
        let looking = tokio::spawn(look(url.to_owned(), others, pages, Arc::clone(&stop)));
        Self { stop, looking }
    }

    /// Ends looking; the others must have been observed at their pace, and every page answered.
    ///
    /// # Errors
    /// Something waited.
    pub(crate) async fn ensure_undisturbed(self, during: &str) -> Result<()> {
        self.stop.notify_one();
        let seen = self.looking.await??;
        seen.report(during);
        for (broker, pace) in &seen.paces {
            let wanted = (seen.lasted.as_secs_f64() / (pace.interval + LATE)).floor() as usize;
            ensure!(
                pace.latest <= pace.interval + LATE && pace.observed.len() >= wanted,
                "{during}: {broker} lost its pace: {:.1} s without a look at an interval of {} s, observed {} times in {:?}",
                pace.latest,
                pace.interval,
                pace.observed.len(),
                seen.lasted
            );
        }
        for (path, times) in &seen.pages {
            let (usual, worst) = (times[times.len() / 2], times[times.len() - 1]);
            ensure!(usual <= USUALLY_WITHIN, "{during}: {path} takes {usual:?} as a rule");
            ensure!(worst <= ALWAYS_WITHIN, "{during}: {path} once took {worst:?}");
        }
        Ok(())
    }
}

impl Seen {
    fn report(&self, during: &str) {
        for (broker, Pace { latest, interval, observed, .. }) in &self.paces {
            eprintln!(
                "broken: {during}: {broker} observed {} times in {:.0} s, at most {latest:.1} s apart (interval {interval} s)",
                observed.len(),
                self.lasted.as_secs_f64()
            );
        }
        for (path, times) in &self.pages {
            eprintln!(
                "broken: {during}: {path} usually {:?}, at worst {:?} of {}",
                times[times.len() / 2],
                times[times.len() - 1],
                times.len()
            );
        }
    }

    fn note(&mut self, card: &Value) -> Result<()> {
        let name = card["name"].as_str().context("a card without a name")?;
        let observed = card["observed_at"].as_str().with_context(|| format!("never observed: {card:#}"))?;
        let pace = self.paces.entry(name.to_owned()).or_default();
        let last = *pace.last.get_or_insert_with(Instant::now);
        pace.latest = pace.latest.max(last.elapsed().as_secs_f64());
        pace.interval = pace.interval.max(card["poll_interval_seconds"].as_f64().context("no interval")?);
        if pace.observed.last().is_none_or(|last| last != observed) {
            pace.observed.push(observed.to_owned());
            pace.last = Some(Instant::now());
        }
        ensure!(card["status"] == "up", "one of the others is not up: {card:#}");
        Ok(())
    }
}

async fn look(url: String, others: Vec<String>, pages: Vec<String>, stop: Arc<Notify>) -> Result<Seen> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let (mut seen, began) = (Seen::default(), Instant::now());
    let mut paths = pages.iter().cycle();
    loop {
        let cards = client.get(format!("{url}/api/v1/brokers")).send().await?.json::<Value>().await?;
        for card in cards["items"].as_array().context("no cards")? {
            if others.iter().any(|other| card["name"] == **other) {
                seen.note(card)?;
            }
        }
        if let Some(path) = paths.next() {
            let asked = Instant::now();
            let page = client.get(format!("{url}{path}")).send().await?;
            let status = page.status();
            let html = page.text().await?;
            ensure!(status.is_success(), "{path}: {status} {html}");
            seen.pages.entry(path.clone()).or_default().push(asked.elapsed());
        }
        tokio::select! {
            () = stop.notified() => break,
            () = tokio::time::sleep(STEP) => {}
        }
    }
    seen.pages.values_mut().for_each(|times| times.sort_unstable());
    seen.lasted = began.elapsed();
    Ok(seen)
}
