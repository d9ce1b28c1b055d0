//! From what is written to what an adapter is built from.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use toml::{Spanned, Value};

use super::{
    BrokerConfig, Secret,
    broker_url::{self, BrokerUrl},
    duration,
    error::{ConfigError, Fault},
    file::BrokerEntry,
    place::{Environment, Source},
    scheme::PARTICULAR,
};

/// Checks all entries, also against one another.
pub(super) fn brokers(
    entries: &[BrokerEntry],
    source: &Source,
    env: &Environment,
) -> Result<Vec<BrokerConfig>, ConfigError> {
    let mut checked: Vec<BrokerConfig> = Vec::with_capacity(entries.len());
    for (n, entry) in entries.iter().enumerate() {
        let reader = EntryReader { source, env, n };
        let config = reader.broker(entry)?;
        if let Some(first) = checked.iter().position(|c| c.name == config.name) {
            let problem = format!("brokers[{first}] is called \"{}\" too", config.name);
            let fault = Fault::new(problem, "give each broker a name of its own");
            return Err(reader.located(fault, "name", &entry.name));
        }
        checked.push(config);
    }
    Ok(checked)
}

struct EntryReader<'a> {
    source: &'a Source,
    env: &'a Environment,
    /// Which `[[brokers]]` it is, from 0.
    n: usize,
}

impl EntryReader<'_> {
    fn broker(&self, entry: &BrokerEntry) -> Result<BrokerConfig, ConfigError> {
        self.read("name", &entry.name, |name| check_name(name))?;
        let url = self.read("url", &entry.url, |url| broker_url::parse(url, self.env))?;
        self.refuse_foreign_settings(entry, &url)?;
        let mut config = BrokerConfig::new(entry.name.get_ref().as_str(), url.scheme.name, url.hosts.clone());
        config.password = self.password(entry, &url)?;
        config.management_url = self.read_some("management_url", &entry.management_url, |u| check_web(u))?;
        config.databases = self.databases(entry, &url)?;
        config.include = entry.include.as_ref().map(|i| i.get_ref().clone()).unwrap_or_default();
        let options = self.read_some("options", &entry.options, |map| self.options(map))?;
        config.options = options.unwrap_or_default();
        if let Some(interval) = self.read_some("poll_interval", &entry.poll_interval, |t| poll_interval(t))? {
            config.poll_interval = interval;
        }
        if let Some(span) = self.read_some("forget_after", &entry.forget_after, |t| duration::parse(t))? {
            config.forget_after = span;
        }
        config.read_only = entry.read_only;
        config.tls_ca_file = self.file("tls_ca_file", &entry.tls_ca_file)?;
        config.tls_cert_file = self.file("tls_cert_file", &entry.tls_cert_file)?;
        config.tls_key_file = self.file("tls_key_file", &entry.tls_key_file)?;
        self.check_key_pair(entry)?;
        (config.user, config.path) = (url.user, url.path);
        Ok(config)
    }

    fn password(&self, entry: &BrokerEntry, url: &BrokerUrl) -> Result<Secret, ConfigError> {
        let Some(path) = &entry.password_file else { return Ok(url.password.clone()) };
        if !url.password.is_empty() {
            let fault = Fault::new("the url has a password too", "leave one of the two out");
            return Err(self.located(fault, "password_file", path));
        }
        let read = |path: &PathBuf| {
            fs::read_to_string(self.source.beside(path))
                .map(|text| Secret::new(text.trim_end_matches(['\r', '\n'])))
                .map_err(|error| unreadable(path, &error))
        };
        self.read("password_file", path, read)
    }

    /// Redis: as listed, else the one of the URL, else 0.
    fn databases(&self, entry: &BrokerEntry, url: &BrokerUrl) -> Result<Vec<u32>, ConfigError> {
        if !url.scheme.takes.contains(&"databases") {
            return Ok(Vec::new());
        }
        let of_url = match &url.path {
            None => None,
            Some(path) => Some(path.parse().map_err(|_| {
                let fault = Fault::new("what stands behind the host is no number of a database", "write /0");
                self.located(fault, "url", &entry.url)
            })?),
        };
        match (&entry.databases, of_url) {
            (None, db) => Ok(vec![db.unwrap_or(0)]),
            (Some(listed), Some(_)) => {
                let fault = Fault::new("the url names a database too", "leave one of the two out");
                Err(self.located(fault, "databases", listed))
            }
            (Some(listed), None) if listed.get_ref().is_empty() => {
                let fault = Fault::new("it is an empty list", "list the databases, as [0], or leave it out");
                Err(self.located(fault, "databases", listed))
            }
            (Some(listed), None) => Ok(listed.get_ref().clone()),
        }
    }

    fn options(&self, map: &BTreeMap<String, Value>) -> Result<BTreeMap<String, String>, Fault> {
        let text_of = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => self.env.expand(text)?,
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => number.to_string(),
                Value::Boolean(flag) => flag.to_string(),
                _ => {
                    let problem = format!("{name} is neither text nor number nor true or false");
                    return Err(Fault::new(problem, "write \"name\" = \"value\""));
                }
            };
            Ok((name.clone(), text))
        };
        map.iter().map(text_of).collect()
    }

    /// A setting that the scheme has no use for is a mistake, never ignored.
    fn refuse_foreign_settings(&self, entry: &BrokerEntry, url: &BrokerUrl) -> Result<(), ConfigError> {
        for setting in PARTICULAR {
            if url.scheme.takes.contains(&setting) {
                continue;
            }
            if let Some(span) = span_of(entry, setting) {
                let fault =
                    Fault::new(format!("{}:// has no use for it", url.scheme.name), way_out(setting, url));
                let place = self.source.place(Some(span));
                return Err(fault.at(place, format!("brokers[{}].{setting}", self.n)));
            }
        }
        Ok(())
    }

    fn check_key_pair(&self, entry: &BrokerEntry) -> Result<(), ConfigError> {
        let (given, missing, at) = match (&entry.tls_cert_file, &entry.tls_key_file) {
            (Some(at), None) => ("tls_cert_file", "tls_key_file", at),
            (None, Some(at)) => ("tls_key_file", "tls_cert_file", at),
            _ => return Ok(()),
        };
        Err(self.located(Fault::new(format!("{missing} is missing"), "give both or none"), given, at))
    }

    /// A file that has to be readable.
    fn file(&self, field: &str, path: &Option<Spanned<PathBuf>>) -> Result<Option<PathBuf>, ConfigError> {
        self.read_some(field, path, |path| {
            let whole = self.source.beside(path);
            fs::File::open(&whole).map(|_| whole).map_err(|error| unreadable(path, &error))
        })
    }

    fn read<T, V>(
        &self,
        field: &str,
        value: &Spanned<T>,
        read: impl FnOnce(&T) -> Result<V, Fault>,
    ) -> Result<V, ConfigError> {
        read(value.get_ref()).map_err(|fault| self.located(fault, field, value))
    }

    fn read_some<T, V>(
        &self,
        field: &str,
        value: &Option<Spanned<T>>,
        read: impl FnOnce(&T) -> Result<V, Fault>,
    ) -> Result<Option<V>, ConfigError> {
        value.as_ref().map(|value| self.read(field, value, read)).transpose()
    }

    fn located<T>(&self, fault: Fault, field: &str, value: &Spanned<T>) -> ConfigError {
        fault.at(self.source.place(Some(value.span())), format!("brokers[{}].{field}", self.n))
    }
}

fn span_of(entry: &BrokerEntry, setting: &str) -> Option<std::ops::Range<usize>> {
    fn span<T>(value: &Option<Spanned<T>>) -> Option<std::ops::Range<usize>> {
        value.as_ref().map(Spanned::span)
    }
    match setting {
        "management_url" => span(&entry.management_url),
        "databases" => span(&entry.databases),
        "include" => span(&entry.include),
        "options" => span(&entry.options),
        "password_file" => span(&entry.password_file),
        "tls_ca_file" => span(&entry.tls_ca_file),
        "tls_cert_file" => span(&entry.tls_cert_file),
        _ => span(&entry.tls_key_file),
    }
}

fn way_out(setting: &str, url: &BrokerUrl) -> String {
    if setting.starts_with("tls_") && url.scheme.port.is_some() {
        return format!("use {}s:// for TLS, or leave it out", url.scheme.name);
    }
    "leave it out".to_owned()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(
        format!("{} can't be read: {error}", path.display()),
        "give a readable file; a relative path begins at the folder of weir.toml",
    )
}

fn check_name(name: &str) -> Result<(), Fault> {
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits {
        return Ok(());
    }
    let way_out = "a name stands in addresses: 1 to 40 of a-z, 0-9 and -";
    Err(Fault::new(format!("\"{name}\" is no name for a broker"), way_out))
}

fn check_web(text: &str) -> Result<String, Fault> {
    let example = "write http://host:15672 or https://host:15671";
    let url = url::Url::parse(text).map_err(|error| Fault::new(format!("it is no URL: {error}"), example))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Fault::new("it is neither http:// nor https://", example));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::new("it holds an account", "leave that out: the account of url is used"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn poll_interval(text: &str) -> Result<std::time::Duration, Fault> {
    let (shortest, longest) = BrokerConfig::POLL_INTERVALS;
    let interval = duration::parse(text)?;
    if (shortest..=longest).contains(&interval) {
        return Ok(interval);
    }
    Err(Fault::new(format!("\"{text}\" is out of range"), "give 2s to 5m (default 5s)"))
}
