//! `weir.toml` as it is written.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;
use toml::{Spanned, Value};

use super::{
    error::{ConfigError, Fault},
    place::{Environment, Source},
};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub listen: Option<Spanned<String>>,
    pub data_dir: Option<PathBuf>,
    #[serde(default)]
    pub brokers: Vec<BrokerEntry>,
}

/// One `[[brokers]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrokerEntry {
    pub name: Spanned<String>,
    pub url: Spanned<String>,
    pub password_file: Option<Spanned<PathBuf>>,
    pub management_url: Option<Spanned<String>>,
    pub databases: Option<Spanned<Vec<u32>>>,
    pub include: Option<Spanned<Vec<String>>>,
    pub options: Option<Spanned<BTreeMap<String, Value>>>,
    pub poll_interval: Option<Spanned<String>>,
    #[serde(default)]
    pub read_only: bool,
    pub tls_ca_file: Option<Spanned<PathBuf>>,
    pub tls_cert_file: Option<Spanned<PathBuf>>,
    pub tls_key_file: Option<Spanned<PathBuf>>,
    pub forget_after: Option<Spanned<String>>,
}

/// The file in use: the one that was asked for, else `weir.toml` here, else in the XDG config folder.
pub(super) fn find(asked: Option<&PathBuf>, env: &Environment) -> Option<PathBuf> {
    if let Some(path) = asked {
        return Some(path.clone());
    }
    let here = PathBuf::from("weir.toml");
    let at_home = env.folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("weir/weir.toml"));
    [Some(here), at_home].into_iter().flatten().find(|path| path.is_file())
}

/// Reads a file's text.
pub(super) fn load(path: PathBuf) -> Result<(Source, ConfigFile), ConfigError> {
    let text = fs::read_to_string(&path).map_err(|error| {
        let fault = Fault::new(format!("it can't be read: {error}"), "give the path of a readable weir.toml");
        fault.at(path.display().to_string(), "config")
    })?;
    let source = Source { path, text };
    let file = toml::from_str(&source.text).map_err(|error| explain(&source, &error))?;
    Ok((source, file))
}

/// Says what a parser's error means for the operator.
fn explain(source: &Source, error: &toml::de::Error) -> ConfigError {
    let message = error.message().trim();
    // serde's own wording: unknown field `a`, expected one of `b`, `c`
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let (fault, field) = if message.starts_with("unknown field") {
        let field = quoted.next().filter(|key| !key.is_empty()).unwrap_or_else(|| "\"\"".to_owned());
        (unknown_key(&field, &quoted.collect::<Vec<_>>()), field)
    } else if message.starts_with("missing field") {
        let field = quoted.next().unwrap_or_default();
        (Fault::new("it is missing", format!("every [[brokers]] needs {field} = \"…\"")), field)
    } else {
        let first_line = message.lines().next().unwrap_or("it is not TOML");
        let key = source.key_at(error.span()).unwrap_or_else(|| "config".to_owned());
        (Fault::new(first_line, "weir.example.toml shows every setting"), key)
    };
    fault.at(source.place(error.span()), field)
}

fn unknown_key(key: &str, known: &[String]) -> Fault {
    if key == "password" || key == "user" || key == "username" {
        let way_out = "the account stands in the url (amqp://user:password@host), a password also in \
                       password_file = \"…\" or as ${NAME} in the url";
        return Fault::new("there is no such key", way_out);
    }
    let near =
        known.iter().max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    let all = known.join(", ");
    let way_out = match near.filter(|near| strsim::jaro_winkler(near, key) > 0.7) {
        Some(near) => format!("did you mean {near}? known are {all}"),
        None => format!("known are {all}"),
    };
    Fault::new("there is no such key", way_out)
}
