//! A broker's config for the screen: every setting with where it comes from, without secrets.

use weir_model::queue::Fact;

use crate::config::{BrokerConfig, format_duration};

const HIDDEN: &str = "•••";

/// Every setting that has a meaning for this broker.
pub(super) fn facts(config: &BrokerConfig) -> Vec<Fact> {
    let written = Some(if config.auto_detected { "auto-detection" } else { "weir.toml" });
    let mut facts = vec![Fact::new("url", config.display_url(), written)];
    let mut add = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| Fact::new(name, value, written)));
    };
    add("user", config.user.clone());
    add("password", (!config.password.is_empty()).then(|| HIDDEN.to_owned()));
    add("path", config.path.clone());
    add("management_url", config.management_url.clone());
    add("databases", listed(config.databases.iter().map(u32::to_string)));
    add("include", listed(config.include.iter().cloned()));
    for (name, value) in &config.options {
        add(&format!("options.{name}"), Some(option_value(name, value)));
    }
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.display().to_string());
    add("tls_ca_file", path(&config.tls_ca_file));
    add("tls_cert_file", path(&config.tls_cert_file));
    add("tls_key_file", path(&config.tls_key_file));
    let default = BrokerConfig::new("", "", Vec::new());
    let mut with_default = |name: &str, value: String, is_default: bool| {
        facts.push(Fact::new(name, value, if is_default { Some("default") } else { written }));
    };
    let interval = config.poll_interval;
    with_default("poll_interval", format_duration(interval), interval == default.poll_interval);
    let forget = config.forget_after;
    with_default("forget_after", format_duration(forget), forget == default.forget_after);
    with_default("read_only", config.read_only.to_string(), !config.read_only);
    facts
}

fn listed(values: impl Iterator<Item = String>) -> Option<String> {
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// An option whose name speaks of a secret is hidden, whatever it holds.
fn option_value(name: &str, value: &str) -> String {
    let is_secret = ["password", "secret", "token", "key.pem", "jaas", "oauthbearer.config"]
        .iter()
        .any(|word| name.contains(word));
    if is_secret { HIDDEN.to_owned() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn given_secrets_when_shown_then_they_are_hidden() {
        let mut config = BrokerConfig::new("a", "kafka", vec![("h".to_owned(), 1)]);
        config.password = Secret::new("hunter2");
        for name in
            ["sasl.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret"]
        {
            config.options.insert(name.to_owned(), "hunter2".to_owned());
        }
        config.options.insert("client.id".to_owned(), "weir".to_owned());
        let shown = format!("{:?}", facts(&config));
        assert!(!shown.contains("hunter2") && shown.contains("\"weir\""), "{shown}");
    }
}
