//! A network of the test's own with nothing in it but loopback: there the brokers' standard ports are free, whatever
//! runs on this machine.

use std::{
    env, fs,
    future::Future,
    os::unix::fs::MetadataExt as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

/// Set for the process that is inside.
const INSIDE: &str = "WEIR_TESTS_OWN_NETWORK";

/// The kernel ends the inner process when this one goes, however it goes.
const ENTER: &str = r#"ip link set lo up && exec setpriv --pdeathsig KILL "$@""#;

/// Runs the story of a test in a network of its own: this executable is started anew in there, for this one test.
///
/// # Errors
/// The story failed, or this machine gives no network namespaces. A test that can't run has not passed.
pub(crate) fn of_its_own(test: &str, story: impl Future<Output = Result<()>>) -> Result<()> {
    if env::var_os(INSIDE).is_some() {
        return tokio::runtime::Runtime::new()?.block_on(story);
    }
    let mut entered = enter()?;
    let inside = entered
        .arg(env::current_exe()?)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        // What the story measures and how it fails goes to standard error, past the capture of the outer test.
        .stderr(Stdio::inherit())
        .output()?;
    let report = String::from_utf8_lossy(&inside.stdout).into_owned();
    ensure!(inside.status.success(), "inside its own network: {}{report}", inside.status);
    ensure!(report.contains("1 passed"), "the test {test} was not found: {report}");
    Ok(())
}

/// The beginning of a command line that runs the rest of it inside.
fn enter() -> Result<Command> {
    let root = fs::metadata("/proc/self")?.uid() == 0;
    let flags = if root { vec!["--net"] } else { vec!["--user", "--map-root-user", "--net"] };
    let command = || {
        let mut unshare = Command::new("unshare");
        unshare.args(&flags).args(["/bin/sh", "-c", ENTER, "sh"]);
        unshare
    };
    let tried = command().arg("true").output().context("unshare: apt-get install util-linux iproute2")?;
    if !tried.status.success() {
        bail!(
            "this test needs a network namespace: run it as root, allow user namespaces \
             (sysctl kernel.unprivileged_userns_clone=1), and have unshare, setpriv and ip \
             (apt-get install util-linux iproute2): {}",
            String::from_utf8_lossy(&tried.stderr).trim()
        );
    }
    Ok(command())
}
