//! `INFO`: what the server tells of itself, and what of that an operator has to know.

use std::collections::HashMap;

use weir_model::{HealthFact, Severity, Timestamp};

use super::connection::Identity;

/// The answer to `INFO`, by field. Empty where the account may not ask: every fact is unknown then.
#[derive(Clone, Debug, Default)]
pub(super) struct Info {
    fields: HashMap<String, String>,
}

/// How busy the server is with others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Load {
    /// Commands per second just now; `None` = not told.
    pub(super) ops_per_second: Option<i64>,
}

impl Info {
    pub(super) fn parse(text: &str) -> Self {
        let field = |line: &str| {
            let (name, value) = line.trim_end().split_once(':')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self { fields: text.lines().filter(|line| !line.starts_with('#')).filter_map(field).collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// The version, with the product's name where it is not Redis: `7.0.15`, `Valkey 8.1.1`.
    pub(super) fn version(&self, identity: &Identity) -> String {
        if let Some(version) = self.get("valkey_version") {
            return format!("Valkey {version}");
        }
        if let Some(version) = self.get("dragonfly_version") {
            return format!("Dragonfly {version}");
        }
        match (self.get("redis_version"), identity.server.as_deref(), identity.version.as_deref()) {
            (Some(version), ..) => version.to_owned(),
            (None, Some("valkey"), Some(version)) => format!("Valkey {version}"),
            (None, _, Some(version)) => version.to_owned(),
            _ => String::new(),
        }
    }

    /// The server's own clock, which entry ids are of; Weir's where it is not told.
    pub(super) fn clock(&self) -> Timestamp {
        self.number("server_time_usec").map_or_else(Timestamp::now, |us| Timestamp(us / 1000))
    }

    /// Changes when the server starts anew.
    pub(super) fn run_id(&self) -> &str {
        self.get("run_id").unwrap_or_default()
    }

    pub(super) fn load(&self) -> Load {
        Load { ops_per_second: self.number("instantaneous_ops_per_sec") }
    }

    /// Why writes are refused now.
    pub(super) fn publishers_blocked(&self) -> Option<String> {
        self.memory_is_full()
            .then(|| "memory is full (maxmemory) and the policy noeviction refuses writes".to_owned())
    }

    /// What to know about the server's health, worst first.
    pub(super) fn health(&self, identity: &Identity) -> Vec<HealthFact> {
        let mut facts = Vec::new();
        self.memory(&mut facts);
        self.persistence(&mut facts);
        self.clients(&mut facts);
        self.role(identity, &mut facts);
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.severity));
        facts
    }

    fn memory(&self, facts: &mut Vec<HealthFact>) {
        let limit = self.number("maxmemory").unwrap_or(0);
        let policy = self.get("maxmemory_policy").unwrap_or("noeviction");
        if let Some(reason) = self.publishers_blocked() {
            facts.push(fact("memory_full", Severity::Critical, format!("Publishing fails: {reason}")));
        } else if limit > 0 && self.used_memory() > limit / 10 * 9 {
            let text = format!("Memory is over nine tenths of maxmemory ({limit} bytes)");
            facts.push(fact("memory_high", Severity::Warning, text));
        }
        if policy != "noeviction" && limit > 0 {
            let text = format!(
                "maxmemory-policy is {policy}: when memory is full, queues may be evicted, not refused"
            );
            facts.push(fact("eviction_policy", Severity::Warning, text));
        } else if policy != "noeviction" {
            let text = format!("maxmemory-policy is {policy}, but without maxmemory nothing is evicted");
            facts.push(fact("eviction_policy", Severity::Info, text));
        }
        if let Some(evicted) = self.number("evicted_keys").filter(|n| *n > 0) {
            let text =
                format!("{evicted} keys were evicted since the server started; queues may be among them");
            facts.push(fact("evicted_keys", Severity::Warning, text));
        }
    }

    fn persistence(&self, facts: &mut Vec<HealthFact>) {
        if self.number("loading") == Some(1) {
            facts.push(fact("loading", Severity::Critical, "The server is loading its data".to_owned()));
        }
        if self.get("aof_last_write_status").is_some_and(|s| s != "ok") {
            let text = "The last write to the append-only file failed".to_owned();
            facts.push(fact("aof_write_failed", Severity::Critical, text));
        }
        if self.get("aof_last_bgrewrite_status").is_some_and(|s| s != "ok") {
            let text = "The last rewrite of the append-only file failed".to_owned();
            facts.push(fact("aof_rewrite_failed", Severity::Warning, text));
        }
        if self.get("rdb_last_bgsave_status").is_some_and(|s| s != "ok") {
            let text = "The last snapshot to disk failed; by default Redis then refuses writes".to_owned();
            facts.push(fact("rdb_save_failed", Severity::Warning, text));
        }
    }

    fn clients(&self, facts: &mut Vec<HealthFact>) {
        if let Some(rejected) = self.number("rejected_connections").filter(|n| *n > 0) {
            let text = format!("{rejected} connections were rejected since the server started (maxclients)");
            facts.push(fact("rejected_connections", Severity::Warning, text));
        }
        if let Some(blocked) = self.number("blocked_clients").filter(|n| *n > 0) {
            let text = format!("{blocked} clients wait in blocking commands, as idle consumers of lists do");
            facts.push(fact("blocked_clients", Severity::Info, text));
        }
    }

    fn role(&self, identity: &Identity, facts: &mut Vec<HealthFact>) {
        let role = self.get("role").or(identity.role.as_deref());
        if matches!(role, Some("slave" | "replica")) {
            let master = self.get("master_host").zip(self.get("master_port"));
            let of = master.map_or_else(String::new, |(host, port)| format!(" of {host}:{port}"));
            let text = format!("This is a read-only replica{of}: its figures trail the master's");
            facts.push(fact("replica", Severity::Info, text));
        }
        if self.get("master_link_status").is_some_and(|s| s != "up") {
            let text = "The link to the master is down: the figures stand still".to_owned();
            facts.push(fact("master_link_down", Severity::Warning, text));
        }
        if self.get("redis_mode") == Some("cluster") {
            let text = "A node of a cluster: only what stands on this node is listed".to_owned();
            facts.push(fact("cluster_node", Severity::Warning, text));
        }
    }

    fn memory_is_full(&self) -> bool {
        let limit = self.number("maxmemory").unwrap_or(0);
        limit > 0 && self.get("maxmemory_policy") == Some("noeviction") && self.used_memory() > limit
    }

    /// What counts towards maxmemory: buffers of replicas and the append-only file don't.
    fn used_memory(&self) -> i64 {
        let uncounted = self.number("mem_not_counted_for_evict").unwrap_or(0);
        self.number("used_memory").unwrap_or(0).saturating_sub(uncounted)
    }
}

pub(super) fn fact(code: &str, severity: Severity, text: String) -> HealthFact {
    HealthFact { code: code.to_owned(), severity, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        Info::parse(text).health(&Identity::default()).into_iter().map(|f| f.code).collect()
    }

    #[test]
    fn given_the_answer_of_a_redis_when_parsed_then_fields_are_found_by_name() {
        let info = Info::parse(
            "# Server\r\nredis_version:7.0.15\r\nserver_time_usec:1795429762132688\r\n\r\n# X\r\n",
        );
        assert_eq!(info.version(&Identity::default()), "7.0.15");
        assert_eq!(info.clock(), Timestamp(1_795_429_762_132));
        assert_eq!(info.get("nope"), None);
    }

    #[test]
    fn given_a_valkey_when_asked_for_its_version_then_it_is_named() {
        let info = Info::parse("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.1.1\n");
        assert_eq!(info.version(&Identity::default()), "Valkey 8.1.1");
    }

    #[test]
    fn given_no_permission_for_info_when_asked_for_the_version_then_the_greeting_tells() {
        let identity = Identity { version: Some("7.0.15".to_owned()), ..Identity::default() };
        assert_eq!(Info::default().version(&identity), "7.0.15");
        assert!(Info::default().health(&identity).is_empty());
    }

    #[test]
    fn given_a_healthy_server_when_judged_then_there_is_nothing_to_say() {
        let text = "role:master\nmaxmemory:0\nmaxmemory_policy:noeviction\nevicted_keys:0\nloading:0\n\
                    rdb_last_bgsave_status:ok\naof_last_write_status:ok\nblocked_clients:0\nrejected_connections:0\n";
        assert_eq!(codes(text), Vec::<String>::new());
    }

    #[test]
    fn given_trouble_when_judged_then_the_worst_stands_first() {
        let text = "maxmemory:100\nused_memory:50\nmaxmemory_policy:allkeys-lru\nevicted_keys:3\naof_last_write_status:err\n\
                    role:slave\nmaster_host:a\nmaster_port:1\n";
        assert_eq!(codes(text), ["aof_write_failed", "eviction_policy", "evicted_keys", "replica"]);
    }

    #[test]
    fn given_full_memory_without_eviction_when_judged_then_publishers_are_blocked() {
        let full = Info::parse("maxmemory:100\nused_memory:120\nmaxmemory_policy:noeviction\n");
        assert!(full.publishers_blocked().is_some());
        let uncounted = Info::parse(
            "maxmemory:100\nused_memory:120\nmem_not_counted_for_evict:40\nmaxmemory_policy:noeviction\n",
        );
        assert_eq!(uncounted.publishers_blocked(), None);
        let edge = Info::parse(
            "maxmemory:100\nused_memory:-9223372036854775808\nmem_not_counted_for_evict:40\nmaxmemory_policy:noeviction\n",
        );
        assert_eq!(edge.publishers_blocked(), None);
    }
}
