//! What the adapter is built from: addresses, credentials and certificates.

use percent_encoding::percent_decode_str;

use crate::{
    brokers::{BrokerError, tls},
    config::{BrokerConfig, Secret},
};

/// A broker's settings with RabbitMQ's defaults filled in.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub user: String,
    pub password: Secret,
    /// The only vhost to look into; `None` = all that the account may see.
    pub vhost: Option<String>,
    /// The management API, without a trailing slash and without `/api`.
    pub management: String,
    pub files: tls::Files,
}

impl Settings {
    /// # Errors
    /// A setting that RabbitMQ has no use for, or that can't be read.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        let [(host, port)] = config.hosts.as_slice() else {
            return Err(BrokerError::field(
                "url",
                "give one host; a cluster's other nodes are found through it",
            ));
        };
        if !config.databases.is_empty() {
            return Err(BrokerError::field("databases", "RabbitMQ has no databases; leave it out"));
        }
        if !config.options.is_empty() {
            return Err(BrokerError::field("options", "these are Kafka client settings; leave them out"));
        }
        if !config.include.is_empty() {
            return Err(BrokerError::field("include", "RabbitMQ lists its queues by itself; leave it out"));
        }
        Ok(Self {
            host: host.clone(),
            port: *port,
            tls: config.tls(),
            user: config.user.clone().unwrap_or_else(|| "guest".to_owned()),
            password: if config.user.is_none() && config.password.is_empty() {
                Secret::new("guest")
            } else {
                config.password.clone()
            },
            vhost: vhost(config.path.as_deref())?,
            management: management(config, host)?,
            files: tls::Files::of(config)?,
        })
    }

    /// True where AMQP, the management API or both are encrypted.
    pub(super) fn any_tls(&self) -> bool {
        self.tls || self.management.starts_with("https://")
    }
}

fn vhost(path: Option<&str>) -> Result<Option<String>, BrokerError> {
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(None) };
    let name = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| BrokerError::field("url", "the vhost after the host is not UTF-8"))?;
    Ok(Some(name.into_owned()))
}

fn management(config: &BrokerConfig, host: &str) -> Result<String, BrokerError> {
    let Some(text) = &config.management_url else {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        return Ok(if config.tls() {
            format!("https://{host}:15671")
        } else {
            format!("http://{host}:15672")
        });
    };
    let url =
        url::Url::parse(text).map_err(|error| BrokerError::field("management_url", error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(BrokerError::field(
            "management_url",
            "it must begin with http:// or https:// and name a host",
        ));
    }
    Ok(text.trim_end_matches('/').trim_end_matches("/api").to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn config(scheme: &str) -> BrokerConfig {
        BrokerConfig::new("orders", scheme, vec![("mq.local".to_owned(), 5672)])
    }

    #[test]
    fn given_only_a_host_when_read_then_rabbitmqs_defaults_hold() {
        let settings = Settings::new(&config("amqp")).unwrap();
        assert_eq!(settings.management, "http://mq.local:15672");
        assert_eq!((settings.user.as_str(), settings.password.reveal()), ("guest", "guest"));
        assert_eq!(settings.vhost, None);
        assert_eq!(Settings::new(&config("amqps")).unwrap().management, "https://mq.local:15671");
    }

    #[test]
    fn given_a_vhost_and_a_management_url_when_read_then_both_are_taken() {
        let config = BrokerConfig {
            path: Some("shop%2Feu".to_owned()),
            management_url: Some("https://mq.local/rabbit/api/".to_owned()),
            ..config("amqp")
        };
        let settings = Settings::new(&config).unwrap();
        assert_eq!(settings.vhost.as_deref(), Some("shop/eu"));
        assert_eq!(settings.management, "https://mq.local/rabbit");
    }

    #[test]
    fn given_settings_of_other_kinds_when_read_then_the_field_is_named() {
        let error = Settings::new(&BrokerConfig { databases: vec![1], ..config("amqp") }).unwrap_err();
        assert!(error.to_string().starts_with("databases:"), "{error}");
        let error = Settings::new(&BrokerConfig {
            management_url: Some("localhost:15672".to_owned()),
            ..config("amqp")
        });
        assert!(error.unwrap_err().to_string().starts_with("management_url:"));
    }
}
