//! A network or mounts of a test's own: this executable is started anew inside Linux namespaces, for one test.

use std::{
    env, fs,
    future::Future,
    os::unix::fs::MetadataExt as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

/// Set for the process that is inside.
const INSIDE: &str = "WEIR_TESTS_INSIDE";

/// What is the test's own inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// A network with nothing in it but loopback: there the brokers' standard ports are free, whatever runs on this
    /// machine.
    Network,
    /// Mounts: file systems may be mounted that nobody else sees.
    Mounts,
}

impl Own {
    fn flag(self) -> &'static str {
        match self {
            Self::Network => "--net",
            Self::Mounts => "--mount",
        }
    }

    /// The kernel ends the inner process when this one goes, however it goes.
    fn enter(self) -> &'static str {
        match self {
            Self::Network => r#"ip link set lo up && exec setpriv --pdeathsig KILL "$@""#,
            Self::Mounts => r#"exec setpriv --pdeathsig KILL "$@""#,
        }
    }
}

/// Runs the story of a test inside. `test` is the path of the test as the test runner lists it.
///
/// # Errors
/// The story failed, or this machine gives no namespaces. A test that can't run has not passed.
pub fn with(own: Own, test: &str, story: impl Future<Output = Result<()>>) -> Result<()> {
    if env::var_os(INSIDE).is_some() {
        return tokio::runtime::Runtime::new()?.block_on(story);
    }
    let mut entered = enter(own)?;
    let inside = entered
        .arg(env::current_exe()?)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        // What the story measures and how it fails goes to standard error, past the capture of the outer test.
        .stderr(Stdio::inherit())
        .output()?;
    let report = String::from_utf8_lossy(&inside.stdout).into_owned();
    ensure!(inside.status.success(), "inside its own {own:?}: {}{report}", inside.status);
    ensure!(report.contains("1 passed"), "the test {test} was not found: {report}");
    Ok(())
}

/// The beginning of a command line that runs the rest of it inside.
fn enter(own: Own) -> Result<Command> {
    let root = fs::metadata("/proc/self")?.uid() == 0;
    let mut flags = vec![own.flag()];
    if !root {
        flags.extend(["--user", "--map-root-user"]);
    }
    let command = || {
        let mut unshare = Command::new("unshare");
        unshare.args(&flags).args(["/bin/sh", "-c", own.enter(), "sh"]);
        unshare
    };
    let tried = command().arg("true").output().context("unshare: apt-get install util-linux iproute2")?;
    if !tried.status.success() {
        bail!(
            "this test needs namespaces: run it as root, allow user namespaces \
             (sysctl kernel.unprivileged_userns_clone=1), and have unshare, setpriv and ip \
             (apt-get install util-linux iproute2): {}",
            String::from_utf8_lossy(&tried.stderr).trim()
        );
    }
    Ok(command())
}
