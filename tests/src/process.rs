//! Child processes that end with the test process, however it ends.
//!
//! Rust drops no statics, and a killed process drops nothing at all. So each child stands under a small shell that
//! holds the read end of a pipe: when the test process goes, the kernel closes the pipe and the shell kills the
//! child's whole process group. Its folder is guarded apart: see [`crate::scratch`].

use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::wait;

/// `$1` takes standard output, `$2` standard error.
///
/// The child gets a session of its own, so that its number is its group's too, and pausing it leaves the shell awake.
/// `kill -s` with `--` is the one form that every `sh` takes for a group.
/// The child tells its number itself, once it leads that group: before, a signal to the group would reach nobody.
const SUPERVISOR: &str = r#"
out=$1 err=$2; shift 2
exec 3<&0 4>&1 >/dev/null
setsid sh -c 'echo "$$" >&4; exec 4>&- "$@"' child "$@" </dev/null >>"$out" 2>>"$err" 3<&- &
child=$!
exec 4>&-
( read -r _ <&3; trap '' TERM; kill -s KILL -- "-$child" ) &
watcher=$!
wait "$child"
code=$?
kill -s KILL -- "-$child"
kill -s TERM "$watcher"
exit "$code"
"#;

/// What to start, and where its traces go.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<(String, String)>,
    /// The working folder, where the logs lie too.
    pub folder: PathBuf,
    /// Name of the log files in `folder`: `NAME.out` and `NAME.log`.
    pub name: &'static str,
}

impl Launch {
    /// What the child wrote on standard output.
    #[must_use]
    pub fn stdout_path(&self) -> PathBuf {
        self.folder.join(format!("{}.out", self.name))
    }

    /// What the child wrote on standard error.
    #[must_use]
    pub fn stderr_path(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    /// The last lines the child wrote, for the message of a failed test.
    #[must_use]
    pub fn log_tail(&self) -> String {
        [self.stdout_path(), self.stderr_path()].iter().map(|path| tail(path, 40)).collect()
    }
}

/// Signals a test sends.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    /// Ask it to stop.
    Term,
    /// What Ctrl C sends.
    Int,
    /// End it without a chance to write anything.
    Kill,
    /// Pause it: connections stay open, nothing answers.
    Stop,
    /// Let it go on.
    Cont,
}

/// A running child with its process group. Dropping it kills the group.
#[derive(Debug)]
pub struct Supervised {
    shell: Child,
    /// Held open while the child may live; the supervisor reads its end.
    alive: Option<ChildStdin>,
    /// Number of the child and of its process group.
    pid: u32,
}

impl Supervised {
    /// Starts the child.
    ///
    /// # Errors
    /// The program or its folder is missing.
    pub fn spawn(launch: &Launch) -> Result<Self> {
        fs::create_dir_all(&launch.folder)?;
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .args([launch.stdout_path(), launch.stderr_path()])
            .arg(&launch.program)
            .args(&launch.args)
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&launch.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Away from the terminal's group: Ctrl C reaches the test process, and the closing pipe does the rest.
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", launch.program.display()))?;
        let alive = shell.stdin.take().context("the supervisor has no standard input")?;
        let out = shell.stdout.take().context("the supervisor has no standard output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let pid = line.trim().parse().with_context(|| format!("the supervisor said {line:?}"))?;
        Ok(Self { shell, alive: Some(alive), pid })
    }

    /// Number of the child, which leads its process group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal to the child and all it has started.
    ///
    /// # Errors
    /// It has ended already.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let name = match signal {
            Signal::Term => "TERM",
            Signal::Int => "INT",
            Signal::Kill => "KILL",
            Signal::Stop => "STOP",
            Signal::Cont => "CONT",
        };
        let sent = Command::new("/bin/sh")
            .args(["-c", r#"kill -s "$1" -- "-$2" 2>/dev/null"#, "kill", name, &self.pid.to_string()])
            .status()?;
        if sent.success() { Ok(()) } else { Err(anyhow!("process {} has ended", self.pid)) }
    }

    /// Closes the pipe, as the kernel does when the test process goes.
    pub fn abandon(&mut self) {
        self.alive = None;
    }

    /// The exit code if it has ended; 128 + n where signal n ended it.
    ///
    /// # Errors
    /// The operating system does not say.
    pub fn exit_code(&mut self) -> Result<Option<i32>> {
        Ok(self.shell.try_wait()?.and_then(|status| status.code()))
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// It still runs after `within`.
    pub async fn ended(&mut self, within: Duration) -> Result<i32> {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            if let Some(code) = self.exit_code()? {
                return Ok(code);
            }
            if tokio::time::Instant::now() >= deadline {
                bail!("process {} still runs after {within:?}", self.pid);
            }
            tokio::time::sleep(wait::STEP).await;
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // These fail only where the child has ended by itself, which is what is wanted.
        let _ = self.signal(Signal::Kill);
        let _ = self.shell.wait();
    }
}

/// The last `lines` lines of a file under its name, or nothing where there is none.
#[must_use]
pub fn tail(path: &Path, lines: usize) -> String {
    let Ok(bytes) = fs::read(path) else { return String::new() };
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let shown = &all[all.len().saturating_sub(lines)..];
    if shown.is_empty() { String::new() } else { format!("\n--- {}\n{}", path.display(), shown.join("\n")) }
}
