//! What the operator configured: flags over `WEIR_*` over `weir.toml` over what is found on this machine.

mod broker;
mod broker_url;
mod check;
pub mod detect;
mod duration;
mod error;
mod file;
mod place;
mod scheme;
mod secret;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

pub use broker::BrokerConfig;
pub(crate) use duration::format as format_duration;
pub use error::ConfigError;
use error::Fault;
pub use place::Environment;
pub use secret::Secret;

/// Where Weir listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9347);

/// Where an address stands that is not in a file.
const SAID_LISTEN: &str = "--listen or WEIR_LISTEN";

/// What was said on the command line or in the environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub listen: Option<String>,
    pub data_dir: Option<PathBuf>,
}

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// A loopback address.
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    /// Empty where none is configured: then brokers are looked for ([`detect`]).
    pub brokers: Vec<BrokerConfig>,
    /// The file in use, if there is one.
    pub file: Option<PathBuf>,
}

impl Config {
    /// The address alone, for what needs no config file.
    ///
    /// # Errors
    /// It is none, or no loopback address.
    pub fn listen(overrides: &Overrides) -> Result<SocketAddr, ConfigError> {
        overrides.listen.as_deref().map_or(Ok(DEFAULT_LISTEN), |text| {
            read_listen(text).map_err(|fault| fault.at(SAID_LISTEN, "listen"))
        })
    }

    /// Reads and checks everything, without reaching for a broker.
    ///
    /// # Errors
    /// The first setting that can't be used, with the way out.
    pub fn load(overrides: &Overrides, env: &Environment) -> Result<Self, ConfigError> {
        let found = file::find(overrides.config.as_ref(), env).map(file::load).transpose()?;
        let (mut listen, mut data_dir, mut brokers) = (None, None, Vec::new());
        if let Some((source, file)) = &found {
            let place = |span| source.place(Some(span));
            listen = file.listen.as_ref().map(|l| (l.get_ref().clone(), place(l.span())));
            data_dir = file.data_dir.as_ref().map(|dir| source.beside(dir));
            brokers = check::brokers(&file.brokers, source, env)?;
        }
        let said = overrides.listen.clone().map(|l| (l, SAID_LISTEN.to_owned()));
        let listen = match said.or(listen) {
            None => DEFAULT_LISTEN,
            Some((text, place)) => read_listen(&text).map_err(|fault| fault.at(place, "listen"))?,
        };
        let data_dir = match overrides.data_dir.clone().or(data_dir) {
            Some(folder) => folder,
            None => default_data_dir(env)?,
        };
        Ok(Self { listen, data_dir, brokers, file: found.map(|(source, _)| source.path) })
    }
}

/// An address with a port; loopback only, as long as there are no users.
fn read_listen(text: &str) -> Result<SocketAddr, Fault> {
    let way_out = "write 127.0.0.1:9347, or port 0 for any free port";
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| Fault::new(format!("\"{text}\" is no address with a port"), way_out))?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(Fault::new(
        format!("{} can be reached from other machines, and Weir has no users yet", address.ip()),
        "listen on a loopback address such as 127.0.0.1:9347 and reach it by ssh -L 9347:127.0.0.1:9347 HOST",
    ))
}

fn default_data_dir(env: &Environment) -> Result<PathBuf, ConfigError> {
    env.folder("XDG_DATA_HOME", ".local/share").map(|folder| folder.join("weir")).ok_or_else(|| {
        Fault::new("there is no home folder to keep history in", "give --data-dir DIR")
            .at("default", "data_dir")
    })
}

#[cfg(test)]
mod tests;
