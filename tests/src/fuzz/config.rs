//! Any weir.toml is understood, or refused with place, field and way out; and no password is shown.

use std::{fs, path::PathBuf, sync::LazyLock};

use weir::config::{Config, ConfigError, Environment, Overrides};

use crate::scratch::Scratch;

/// The value of `${PASSWORD}`: no host could be called so.
const OF_ENVIRONMENT: &str = "s3cr3t of the environment";
/// What stands for a password in the URLs of the corpus, and how it stands there.
const OF_URL: (&str, &str) = ("s3cr3t-of-the-url", "://weir:s3cr3t-of-the-url@");

static FOLDER: LazyLock<Scratch> = LazyLock::new(|| Scratch::new("fuzz").expect("a folder for weir.toml"));

/// Reads a config file.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = FOLDER.path().join("weir.toml");
    fs::write(&file, text).expect("writing weir.toml");
    let overrides =
        Overrides { config: Some(file), data_dir: Some(PathBuf::from("/nowhere")), ..Overrides::default() };
    let shown = match Config::load(&overrides, &Environment::of(&[("PASSWORD", OF_ENVIRONMENT)])) {
        Ok(config) => understood(&config),
        Err(error) => refused(&error, text),
    };
    assert!(text.contains(OF_ENVIRONMENT) || !shown.contains(OF_ENVIRONMENT), "{shown}");
    let only_in_urls = text.matches(OF_URL.0).count() == text.matches(OF_URL.1).count();
    assert!(!only_in_urls || !shown.contains(OF_URL.0), "{shown}");
}

/// What is shown of it.
fn understood(config: &Config) -> String {
    assert!(config.listen.ip().is_loopback());
    let mut names: Vec<&str> = config.brokers.iter().map(|broker| broker.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), config.brokers.len(), "names are unique");
    config.brokers.iter().map(|broker| format!("{} {}\n", broker.display_url(), broker.password)).collect()
}

fn refused(error: &ConfigError, text: &str) -> String {
    let ConfigError { place, field, problem, way_out } = error;
    assert!(![field, problem, way_out].iter().any(|part| part.trim().is_empty()), "{error:?}");
    let line = place.rsplit_once("weir.toml").map(|(_, line)| line.trim_start_matches(':'));
    if let Some(line) = line.filter(|line| !line.is_empty()) {
        let line: usize = line.parse().expect("the number of a line");
        assert!((1..=1 + text.matches('\n').count()).contains(&line), "{error}");
    }
    error.to_string()
}
