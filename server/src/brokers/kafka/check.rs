//! The connection test, step by step.

use std::{collections::BTreeMap, time::Duration};

use tokio::net::{TcpStream, lookup_host};
use weir_model::{CheckStep, Step};

use super::{Kafka, connection::Connection, topology::Topology, version};
use crate::brokers::BrokerError;

/// Time for each step.
const STEP_TIME: Duration = Duration::from_secs(4);

/// The steps in the order they are taken.
const ORDER: [Step; 6] =
    [Step::Resolve, Step::Connect, Step::Tls, Step::Authenticate, Step::Permission, Step::Version];

/// What became of the steps so far.
#[derive(Default)]
struct Report(BTreeMap<usize, CheckStep>);

impl Report {
    fn note(&mut self, step: Step, passed: bool, detail: impl Into<String>) {
        self.0.insert(place(step), CheckStep { step, passed: Some(passed), detail: detail.into() });
    }

    /// All steps; those that were not taken say so.
    fn finish(mut self) -> Vec<CheckStep> {
        for step in ORDER {
            let not_tried = CheckStep { step, passed: None, detail: "not tried".to_owned() };
            self.0.entry(place(step)).or_insert(not_tried);
        }
        self.0.into_values().collect()
    }
}

fn place(step: Step) -> usize {
    ORDER.iter().position(|other| *other == step).unwrap_or(ORDER.len())
}

impl Kafka {
    pub(super) async fn steps(&self) -> Vec<CheckStep> {
        let mut report = Report::default();
        if self.reach(&mut report).await.is_some() {
            self.talk(&mut report).await;
        }
        report.finish()
    }

    /// Resolve and connect, as far as the first address of the configuration that answers.
    async fn reach(&self, report: &mut Report) -> Option<()> {
        let mut faults = Vec::new();
        for (host, port) in &self.dialer.settings.hosts {
            match reach_one(host, *port).await {
                Ok(found) => {
                    report.note(Step::Resolve, true, format!("{host} is {found}"));
                    report.note(Step::Connect, true, format!("{host}:{port} answers"));
                    return Some(());
                }
                Err(fault) => faults.push(fault),
            }
        }
        let furthest = faults.iter().map(|(step, _)| place(*step)).max().unwrap_or(0);
        if furthest > 0 {
            report.note(Step::Resolve, true, "the name resolves");
        }
        let words: Vec<String> = faults.into_iter().map(|(_, words)| words).collect();
        report.note(ORDER[furthest.min(1)], false, words.join("; "));
        None
    }

    /// The rest by a client of its own, so that nothing is taken from earlier success.
    async fn talk(&self, report: &mut Report) {
        let settings = &self.dialer.settings;
        let connection = match self.dialer.dial().await {
            Ok(connection) => connection,
            Err(error) => {
                let step = if settings.tls { Step::Tls } else { Step::Authenticate };
                report.note(step, false, error.to_string());
                return;
            }
        };
        match connection.topology(STEP_TIME).await {
            Ok(topology) => {
                self.note_secured(report, place(Step::Permission));
                self.permission(report, &connection, &topology).await;
            }
            Err(error) => self.note_failure(report, &error),
        }
    }

    /// Notes TLS and authentication as passed, as far as they come before `end`.
    fn note_secured(&self, report: &mut Report, end: usize) {
        let settings = &self.dialer.settings;
        if place(Step::Tls) < end {
            let words = if settings.tls { "encrypted" } else { "none: the connection is not encrypted" };
            report.note(Step::Tls, true, words);
        }
        if place(Step::Authenticate) < end {
            let words = settings.sasl.clone().unwrap_or_else(|| "none asked for".to_owned());
            report.note(Step::Authenticate, true, words);
        }
    }

    fn note_failure(&self, report: &mut Report, error: &BrokerError) {
        let settings = &self.dialer.settings;
        // The address answered, so a connection that breaks breaks in what comes next.
        let step = match error.step() {
            Step::Connect | Step::Resolve | Step::Read if settings.tls => Step::Tls,
            Step::Connect | Step::Resolve | Step::Read if settings.sasl.is_some() => Step::Authenticate,
            Step::Connect | Step::Resolve | Step::Read => Step::Version,
            step => step,
        };
        self.note_secured(report, place(step));
        report.note(step, false, error.to_string());
    }

    async fn permission(&self, report: &mut Report, connection: &Connection, topology: &Topology) {
        let listed = match connection.admin() {
            Ok(admin) => admin.list_consumer_groups(STEP_TIME).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match listed {
            Ok(groups) => {
                report.note(Step::Permission, true, sees(topology.topics.len(), groups.groups.len()));
            }
            Err(words) => {
                report.note(Step::Permission, false, format!("can't list consumer groups: {words}"));
                return;
            }
        }
        report.note(Step::Version, true, self.version_words(topology).await);
    }

    async fn version_words(&self, topology: &Topology) -> String {
        let brokers = topology.brokers.len();
        let cluster = format!(
            "cluster {}, {brokers} broker{}",
            topology.cluster_id,
            if brokers == 1 { "" } else { "s" }
        );
        match version::release(&self.dialer.settings, STEP_TIME).await {
            Some(release) => format!("Kafka {release}, {cluster}"),
            None => format!("Kafka of a version it does not tell, {cluster}"),
        }
    }
}

/// Kafka keeps quiet about what an account may not describe.
fn sees(topics: usize, groups: usize) -> String {
    let counted = |n: usize, what: &str| match n {
        0 => format!("no {what} (there is none, or the account lacks Describe on it)"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    format!("sees {} and {}", counted(topics, "topic"), counted(groups, "consumer group"))
}

/// The address that answers, or the step that failed and why.
async fn reach_one(host: &str, port: u16) -> Result<String, (Step, String)> {
    let addresses = tokio::time::timeout(STEP_TIME, lookup_host((host, port))).await;
    let addresses: Vec<_> = match addresses {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err((Step::Resolve, format!("{host}: {error}"))),
        Err(_) => return Err((Step::Resolve, format!("{host}: no answer within {} s", STEP_TIME.as_secs()))),
    };
    let mut words = format!("{host} has no address");
    for address in addresses {
        match tokio::time::timeout(STEP_TIME, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(address.ip().to_string()),
            Ok(Err(error)) => words = format!("{address}: {error}"),
            Err(_) => words = format!("{address}: no answer within {} s", STEP_TIME.as_secs()),
        }
    }
    Err((Step::Connect, words))
}
