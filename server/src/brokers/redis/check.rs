//! The connection test: the same steps as polling takes, one by one.

use std::time::Duration;

use redis::Cmd;
use tokio::time::Instant;
use weir_model::{CheckStep, Step};

use super::{super::BrokerError, connection::Connection, dial::Dialer, info::Info, observe::Scope, reply};

const TIME: Duration = Duration::from_secs(10);
/// A key that is most likely not there, to ask about.
const NO_KEY: &str = "weir:connection-test";

/// Connects anew and says of each step how it went.
pub(super) async fn check(dialer: &Dialer, scope: &Scope) -> Vec<CheckStep> {
    let mut passed = Vec::new();
    let failed = walk(dialer, scope, &mut passed).await.err();
    let steps =
        [Step::Resolve, Step::Connect, Step::Tls, Step::Authenticate, Step::Permission, Step::Version];
    let of = |step: Step| {
        let failure = failed.as_ref().filter(|error| listed(error.step()) == step);
        let success = passed.iter().find(|(done, _)| *done == step);
        let (passed, detail) = match (failure, success) {
            (Some(error), _) => (Some(false), error.to_string()),
            (None, Some((_, detail))) => (Some(true), detail.clone()),
            (None, None) => (None, "not tried".to_owned()),
        };
        CheckStep { step, passed, detail }
    };
    steps.into_iter().filter(|step| *step != Step::Tls || dialer.uses_tls()).map(of).collect()
}

/// The step under which a failure is listed.
fn listed(step: Step) -> Step {
    match step {
        Step::Read | Step::Write => Step::Permission,
        step => step,
    }
}

async fn walk(dialer: &Dialer, scope: &Scope, passed: &mut Vec<(Step, String)>) -> Result<(), BrokerError> {
    let deadline = Instant::now() + TIME;
    let addresses = dialer.resolve(deadline).await?;
    let list: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    passed.push((Step::Resolve, list.join(", ")));
    let stream = dialer.connect(&addresses, deadline).await?;
    passed
        .push((Step::Connect, stream.peer_addr().map_or_else(|_| "connected".to_owned(), |a| a.to_string())));
    let stream = dialer.secure(stream, deadline).await?;
    passed.push((Step::Tls, "the certificate is valid".to_owned()));
    let mut connection = dialer.greet(stream, deadline).await?;
    passed.push((Step::Authenticate, dialer.account()));
    passed.push((Step::Permission, permission(&mut connection, scope).await?));
    passed.push((Step::Version, version(&mut connection).await?));
    Ok(())
}

/// Tries what polling uses. Only when neither lists nor streams may be measured is that a failure.
async fn permission(connection: &mut Connection, scope: &Scope) -> Result<String, BrokerError> {
    let mut denied: Vec<&str> = Vec::new();
    for &db in &scope.databases {
        let (names, commands): (Vec<&str>, Vec<Cmd>) = questions().into_iter().unzip();
        for (name, answer) in names.into_iter().zip(connection.read(db, commands).await?) {
            match answer {
                Err(error) if denies_command(&error) && !denied.contains(&name) => denied.push(name),
                Err(error) if denies_database(&error) => {
                    let detail = format!("database {db} can't be used: {}", reply::said(&error));
                    return Err(BrokerError::failed_plainly(Step::Permission, detail));
                }
                _ => {}
            }
        }
    }
    match denied.as_slice() {
        [] => Ok("the account may ask for everything Weir shows".to_owned()),
        list if list.contains(&"LLEN") && list.contains(&"XLEN") => Err(BrokerError::failed_plainly(
            Step::Permission,
            format!("the account may not use {}: it can see neither lists nor streams", list.join(", ")),
        )),
        list => Ok(format!("the account may not use {}: what they tell stays unknown", list.join(", "))),
    }
}

fn questions() -> Vec<(&'static str, Cmd)> {
    let keyed = |words: &[&str]| {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]).arg(NO_KEY).take()
    };
    vec![
        ("INFO", redis::cmd("INFO").arg("server").take()),
        ("SCAN", redis::cmd("SCAN").arg(0).arg("COUNT").arg(1).arg("TYPE").arg("list").take()),
        ("TYPE", keyed(&["TYPE"])),
        ("LLEN", keyed(&["LLEN"])),
        ("XLEN", keyed(&["XLEN"])),
        ("XINFO GROUPS", keyed(&["XINFO", "GROUPS"])),
        ("XINFO STREAM", keyed(&["XINFO", "STREAM"])),
        ("PUBSUB", redis::cmd("PUBSUB").arg("NUMPAT").take()),
    ]
}

/// The test's own key being out of the account's reach says nothing about other keys.
fn denies_command(error: &redis::ServerError) -> bool {
    reply::is_denied(error) && error.details().is_some_and(|words| words.contains("command"))
}

fn denies_database(error: &redis::ServerError) -> bool {
    error.details().is_some_and(|words| words.contains("DB index") || words.contains("SELECT is not allowed"))
}

async fn version(connection: &mut Connection) -> Result<String, BrokerError> {
    let answer = connection.read_one(0, redis::cmd("INFO").arg("server").take()).await?;
    let info = answer.ok().and_then(reply::text).map(|text| Info::parse(&text)).unwrap_or_default();
    let version = info.version(&connection.identity);
    Ok(match version.chars().next() {
        None => "the server does not tell it to this account".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("Redis {version}"),
        Some(_) => version,
    })
}
