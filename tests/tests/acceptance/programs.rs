//! The article's programs, run by Python with the ordinary clients: pika, redis-py, kafka-python.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use tokio::time::Instant;
use weir_tests::{
    process::{Launch, Signal, Supervised},
    scratch::Scratch,
    wait,
};

/// In which a program must have said or done something. Python takes a second to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the programs run, and where they write what they say.
pub(crate) struct Programs {
    python: PathBuf,
    folder: Scratch,
}

/// A program that may still run.
pub(crate) struct Running {
    launch: Launch,
    process: Supervised,
}

impl Programs {
    /// # Errors
    /// The Python that has the clients is missing.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { python: python()?, folder: Scratch::new("programs")? })
    }

    /// Starts `tests/article/NAME.py`.
    pub(crate) fn start(&self, name: &'static str, args: &[&str]) -> Result<Running> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("article").join(name).with_extension("py");
        ensure!(script.is_file(), "{} is missing", script.display());
        let launch = Launch {
            program: self.python.clone(),
            args: [script.into_os_string()].into_iter().chain(args.iter().map(Into::into)).collect(),
            env: Vec::new(),
            // One of its own for each run: what a former one said must not be taken for this one's.
            folder: tempfile::tempdir_in(self.folder.path())?.keep(),
            name,
        };
        let process = Supervised::spawn(&launch)?;
        Ok(Running { launch, process })
    }

    /// Runs one to its end, which must be a good one.
    pub(crate) async fn run(&self, name: &'static str, args: &[&str]) -> Result<()> {
        self.start(name, args)?.ends().await
    }
}

impl Running {
    /// Waits until it has said `words` `times` times; gives the moment.
    pub(crate) async fn says(&self, words: &str, times: usize) -> Result<Instant> {
        let said = || async {
            let said = fs::read_to_string(self.launch.stdout_path()).ok()?;
            (said.matches(words).count() >= times).then(Instant::now)
        };
        let heard = wait::until(&format!("{} says {words:?}", self.launch.name), PATIENCE, said).await;
        heard.with_context(|| self.launch.log_tail())
    }

    /// Waits for its good end.
    pub(crate) async fn ends(mut self) -> Result<()> {
        let code = self.process.ended(PATIENCE).await?;
        ensure!(code == 0, "{}: exit code {code}{}", self.launch.name, self.launch.log_tail());
        Ok(())
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.process.signal(Signal::Term)?;
        self.process.ended(PATIENCE).await.map(drop)
    }
}

/// `WEIR_PYTHON`, else the one in the target folder of this executable.
fn python() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WEIR_PYTHON") {
        return Ok(path.into());
    }
    let exe = std::env::current_exe()?;
    let found = exe.ancestors().map(|folder| folder.join("python/bin/python")).find(|path| path.is_file());
    found.context(
        "no Python with pika, redis-py and kafka-python: scripts/test.sh makes one, or name one by WEIR_PYTHON",
    )
}
