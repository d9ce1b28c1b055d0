//! The `url` of a broker: `scheme://user:password@host:port,host:port/path`.
//!
//! No URL library is used since Kafka's lists of hosts are none that they read. Parts are percent-decoded, and
//! `${NAME}` in a part stands for the environment variable of that name.

use percent_encoding::percent_decode_str;

use super::{
    Secret,
    error::Fault,
    place::Environment,
    scheme::{self, Scheme},
};

/// A URL in its parts.
#[derive(Debug)]
pub(super) struct BrokerUrl {
    pub scheme: &'static Scheme,
    pub hosts: Vec<(String, u16)>,
    pub user: Option<String>,
    pub password: Secret,
    pub path: Option<String>,
}

/// Reads a broker's URL. No fault repeats more of it than a host or a port.
pub(super) fn parse(text: &str, env: &Environment) -> Result<BrokerUrl, Fault> {
    let whole = if is_one_variable(text) { env.expand(text)? } else { text.to_owned() };
    let (name, rest) = whole.split_once("://").ok_or_else(|| {
        Fault::new("it has no scheme", "write for example amqp://127.0.0.1:5672, redis://127.0.0.1:6379")
    })?;
    let scheme = scheme::find(name)?;
    if let Some(at) = rest.find(['?', '#']) {
        let problem = format!("what stands behind {} is not read", &rest[at..=at]);
        return Err(Fault::new(problem, "leave it out, or write the character as %3F or %23"));
    }
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path).filter(|p| !p.is_empty())),
        None => (rest, None),
    };
    let (account, hosts) = match authority.rsplit_once('@') {
        Some((account, hosts)) => (Some(account), hosts),
        None => (None, authority),
    };
    let (user, password) = read_account(account, scheme, env)?;
    if path.is_some() && !scheme.path {
        let problem = format!("{}:// has nothing behind its hosts", scheme.name);
        return Err(Fault::new(problem, "leave out what stands behind the slash"));
    }
    let path = path.map(|p| decoded(p, "the path", env)).transpose()?;
    Ok(BrokerUrl { scheme, hosts: read_hosts(hosts, scheme, env)?, user, password, path })
}

fn is_one_variable(text: &str) -> bool {
    text.starts_with("${") && text.find('}') == Some(text.len() - 1)
}

fn read_account(
    account: Option<&str>,
    scheme: &Scheme,
    env: &Environment,
) -> Result<(Option<String>, Secret), Fault> {
    let Some(account) = account else { return Ok((None, Secret::default())) };
    if scheme.port.is_none() {
        return Err(Fault::new(
            format!("{}:// has no account", scheme.name),
            "leave out what stands before @",
        ));
    }
    let (user, password) = account.split_once(':').unwrap_or((account, ""));
    let user = decoded(user, "the user", env)?;
    let password = decoded(password, "the password", env)?;
    Ok(((!user.is_empty()).then_some(user), Secret::new(password)))
}

fn read_hosts(text: &str, scheme: &Scheme, env: &Environment) -> Result<Vec<(String, u16)>, Fault> {
    let Some(port) = scheme.port else {
        return if text.is_empty() {
            Ok(Vec::new())
        } else {
            Err(Fault::new(format!("{}:// has no host", scheme.name), format!("write {}://", scheme.name)))
        };
    };
    let hosts: Vec<(String, u16)> =
        text.split(',').map(|host| read_host(host, port, env)).collect::<Result<_, _>>()?;
    if hosts.len() > 1 && !scheme.many_hosts {
        let way_out = "give one host here, and the others as [[brokers]] of their own";
        return Err(Fault::new(format!("{}:// takes one host, not {}", scheme.name, hosts.len()), way_out));
    }
    Ok(hosts)
}

/// `host`, `host:port`, `[::1]` or `[::1]:port`.
fn read_host(text: &str, default_port: u16, env: &Environment) -> Result<(String, u16), Fault> {
    let text = env.expand(text)?;
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
        None => text.split_once(':').map_or((text.as_str(), None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Err(Fault::new("a host is missing", format!("write host:port, as 127.0.0.1:{default_port}")));
    }
    if let Some(odd) =
        host.chars().find(|c| c.is_whitespace() || c.is_control() || "\"'<>\\^`{|}".contains(*c))
    {
        return Err(Fault::new(format!("a host has the character {odd:?}"), "write host:port"));
    }
    let port = match port {
        None => default_port,
        Some(port) => port.parse().ok().filter(|p| *p > 0).ok_or_else(|| {
            Fault::new(format!("the port of host {host} is no number from 1 to 65535"), "write host:port")
        })?,
    };
    Ok((host.to_owned(), port))
}

fn decoded(text: &str, part: &str, env: &Environment) -> Result<String, Fault> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| {
        Fault::new(format!("{part} is not UTF-8 once its %hh are decoded"), "write a percent sign as %25")
    })?;
    env.expand(&decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<BrokerUrl, Fault> {
        parse(url, &Environment::of(&[("PASSWORD", "p@ss/w:rd"), ("URL", "redis://10.0.0.7")]))
    }

    #[test]
    fn given_an_account_when_read_then_it_is_percent_decoded() {
        let url = read("amqp://m%40e:s%2Fe%3Ac@h:1/%2f").expect("a URL");
        assert_eq!(
            (url.user.as_deref(), url.password.reveal(), url.path.as_deref()),
            (Some("m@e"), "s/e:c", Some("/"))
        );
        assert_eq!(url.hosts, [("h".to_owned(), 1)]);
    }

    #[test]
    fn given_several_hosts_when_the_scheme_is_kafka_then_they_keep_their_order() {
        let url = read("kafka://b:9094,[::1]:9093,a").expect("a URL");
        let hosts: Vec<(&str, u16)> = url.hosts.iter().map(|(h, p)| (h.as_str(), *p)).collect();
        assert_eq!(hosts, [("b", 9094), ("::1", 9093), ("a", 9092)]);
        assert!(read("redis://a,b").is_err_and(|f| f.problem.contains("takes one host")));
    }

    #[test]
    fn given_variables_when_read_then_they_stand_for_whole_parts() {
        let url = read("redis://:${PASSWORD}@h").expect("a URL");
        assert_eq!((url.user, url.password.reveal()), (None, "p@ss/w:rd"));
        assert_eq!(read("${URL}").expect("a URL").hosts, [("10.0.0.7".to_owned(), 6379)]);
        assert!(read("redis://:${MISSING}@h").is_err_and(|f| f.problem.contains("MISSING")));
    }

    #[test]
    fn given_a_bad_url_when_refused_then_no_secret_is_repeated() {
        for url in [
            "amq://u:hunter2@h",
            "u:hunter2@h://x",
            "amqp://u:hunter2@",
            "amqp://u:hunter2@h:port",
            "amqp://u:hunter2@h?x",
            "kafka://u:hunter2@h:x",
            "demo://hunter2@",
            "hunter2",
            "redis://h:0",
            "kafka://h/topic",
            "redis://a b",
        ] {
            let fault = read(url).expect_err(url);
            assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
            assert!(!fault.way_out.is_empty());
        }
    }
}
