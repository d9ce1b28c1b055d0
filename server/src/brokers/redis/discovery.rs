//! Finding lists and streams by `SCAN`, a little at each poll: the cursor is kept, a busy server is left alone.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use weir_model::{HealthFact, QueueKind, Severity};

use super::{
    super::BrokerError,
    connection::Connection,
    info::{Load, fact},
    key::Place,
    pattern::{Name, Pattern},
    reply,
};

/// Keys the server looks at in one call, well below a millisecond of its time.
const KEYS_PER_CALL: u32 = 1000;
/// Calls in one poll of a server that has time.
const CALLS: u32 = 50;
/// Calls in one poll of a server that works hard, and from how many commands per second on it does.
const CALLS_WHEN_BUSY: u32 = 5;
const BUSY_OPS: i64 = 20_000;
/// From here on the server is left alone.
const TOO_BUSY_OPS: i64 = 100_000;
/// A call that takes this much longer than the quickest shows a server in trouble.
const PATIENCE: Duration = Duration::from_millis(50);
/// Rest between passes over a keyspace so large that one took several polls.
const REST: Duration = Duration::from_secs(60);

/// One walk through a database for one type and pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pass {
    db: u32,
    kind: QueueKind,
    glob: Vec<u8>,
}

/// Where the search stands.
#[derive(Debug)]
pub(super) struct Discovery {
    passes: Vec<Pass>,
    /// The pass under way.
    current: usize,
    cursor: u64,
    polls_of_this_round: u32,
    rest_until: Option<Instant>,
    /// Every pass has been walked to its end at least once.
    complete: bool,
    halt: Option<HealthFact>,
    /// What was found and is still there.
    pub(super) found: BTreeSet<Place>,
}

impl Discovery {
    pub(super) fn new(databases: &[u32], patterns: &[Pattern]) -> Self {
        let mut passes = Vec::new();
        for &db in databases {
            for pattern in patterns {
                let Name::Glob(glob) = &pattern.name else { continue };
                for kind in [QueueKind::RedisList, QueueKind::RedisStream] {
                    if pattern.covers(kind) {
                        passes.push(Pass { db, kind, glob: glob.clone() });
                    }
                }
            }
        }
        Self {
            passes,
            current: 0,
            cursor: 0,
            polls_of_this_round: 0,
            rest_until: None,
            complete: false,
            halt: None,
            found: BTreeSet::new(),
        }
    }

    /// Begins again: cursors are worth nothing on another server.
    pub(super) fn restart(&mut self) {
        (self.current, self.cursor, self.polls_of_this_round, self.rest_until) = (0, 0, 0, None);
    }

    /// Walks on, for at most `slice`.
    pub(super) async fn advance(
        &mut self,
        connection: &mut Connection,
        load: Load,
        slice: Duration,
    ) -> Result<(), BrokerError> {
        if self.passes.is_empty() || self.rest_until.is_some_and(|end| Instant::now() < end) {
            return Ok(());
        }
        self.halt = None;
        self.polls_of_this_round += 1;
        let (start, mut quickest) = (Instant::now(), Duration::MAX);
        let calls = calls_allowed(load);
        if calls == 0 {
            self.halt = Some(paused("the server is busy with over 100,000 commands per second"));
        }
        for _ in 0..calls {
            let asked = Instant::now();
            let round_is_over = self.step(connection).await?;
            let took = asked.elapsed();
            quickest = quickest.min(took);
            if round_is_over || start.elapsed() > slice {
                break;
            }
            if took > quickest + PATIENCE {
                self.halt = Some(paused("the server answers slowly"));
                break;
            }
        }
        Ok(())
    }

    /// One call of `SCAN`. True when the last pass has come to its end.
    async fn step(&mut self, connection: &mut Connection) -> Result<bool, BrokerError> {
        let pass = self.passes[self.current].clone();
        let mut scan = redis::cmd("SCAN");
        scan.arg(self.cursor);
        if pass.glob != b"*" {
            scan.arg("MATCH").arg(&pass.glob);
        }
        scan.arg("COUNT").arg(KEYS_PER_CALL).arg("TYPE").arg(type_word(pass.kind));
        match connection.read_one(pass.db, scan).await? {
            Ok(answer) => {
                let mut parts = reply::items(answer).into_iter();
                let cursor = parts.next().and_then(reply::text).and_then(|text| text.parse().ok());
                for key in
                    parts.next().map(reply::items).unwrap_or_default().into_iter().filter_map(reply::bytes)
                {
                    self.found.insert(Place { db: pass.db, kind: pass.kind, key });
                }
                self.cursor = cursor.unwrap_or(0);
            }
            Err(error) => {
                self.cursor = 0;
                self.halt = Some(refused(&pass, &error));
            }
        }
        Ok(self.cursor == 0 && self.next_pass())
    }

    /// True where the pass that ended was the last.
    fn next_pass(&mut self) -> bool {
        self.current = (self.current + 1) % self.passes.len();
        if self.current > 0 {
            return false;
        }
        self.complete = true;
        self.rest_until = (self.polls_of_this_round > 1).then(|| Instant::now() + REST);
        self.polls_of_this_round = 0;
        true
    }

    /// What the operator should know about the search.
    pub(super) fn health(&self) -> Option<HealthFact> {
        if self.halt.is_some() {
            return self.halt.clone();
        }
        (!self.complete && !self.passes.is_empty()).then(|| {
            let text = "Weir is still looking through the keys: queues may be missing".to_owned();
            fact("discovery_running", Severity::Info, text)
        })
    }
}

fn calls_allowed(load: Load) -> u32 {
    match load.ops_per_second {
        Some(ops) if ops >= TOO_BUSY_OPS => 0,
        Some(ops) if ops >= BUSY_OPS => CALLS_WHEN_BUSY,
        _ => CALLS,
    }
}

fn type_word(kind: QueueKind) -> &'static str {
    match kind {
        QueueKind::RedisStream => "stream",
        _ => "list",
    }
}

fn paused(why: &str) -> HealthFact {
    let text =
        format!("The search for new queues pauses: {why}. Queues named in include are found without it");
    fact("discovery_paused", Severity::Info, text)
}

fn refused(pass: &Pass, error: &redis::ServerError) -> HealthFact {
    if reply::is_denied(error) {
        let text = "The account may not use SCAN: only queues named in include are listed".to_owned();
        return fact("discovery_denied", Severity::Warning, text);
    }
    let text = format!("The search for queues in database {} fails: {}", pass.db, reply::said(error));
    fact("discovery_failed", Severity::Warning, text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn given_patterns_when_passes_are_planned_then_each_glob_is_walked_for_the_types_it_may_match() {
        let patterns: Vec<_> = ["queue:*", "stream:s*", "exact", "channel:c*"]
            .iter()
            .map(|p| Pattern::parse(p).unwrap())
            .collect();
        let discovery = Discovery::new(&[0, 5], &patterns);
        let planned: Vec<_> =
            discovery.passes.iter().map(|p| (p.db, type_word(p.kind), p.glob.clone())).collect();
        let glob = |text: &str| text.as_bytes().to_vec();
        assert_eq!(
            planned,
            [
                (0, "list", glob("queue:*")),
                (0, "stream", glob("queue:*")),
                (0, "stream", glob("s*")),
                (5, "list", glob("queue:*")),
                (5, "stream", glob("queue:*")),
                (5, "stream", glob("s*")),
            ]
        );
    }

    #[test]
    fn given_a_busy_server_when_the_search_is_budgeted_then_it_shrinks_and_stops() {
        let calls = |ops| calls_allowed(Load { ops_per_second: ops });
        assert_eq!((calls(None), calls(Some(10)), calls(Some(20_000)), calls(Some(200_000))), (50, 50, 5, 0));
    }
}
