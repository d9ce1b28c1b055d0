//! The built `weir` binary as a child process, with a data folder and a config of its own.
//!
//! `make test` builds the binary before the tests. Run by hand, a test takes the one that was built last:
//! `cargo build -p weir` first, or name one by `WEIR_BIN`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    machine::Machine,
    process::{Launch, Signal, Supervised},
    scratch::Scratch,
    wait,
};

/// The time in which it must listen. It serves before any broker has answered.
const LISTENS_WITHIN: Duration = Duration::from_secs(20);

/// A running `weir serve`.
#[derive(Debug)]
pub struct WeirProcess {
    launch: Launch,
    process: Supervised,
    /// Holds its config and its log.
    _folder: Scratch,
    data_dir: PathBuf,
    url: String,
    client: reqwest::Client,
}

impl WeirProcess {
    /// Starts it with the text of a `weir.toml` and waits until it listens.
    ///
    /// # Errors
    /// It ended or did not listen; the tail of its log is in the text.
    pub async fn start(config: &str) -> Result<Self> {
        Self::start_with(config, &[]).await
    }

    /// Starts it with more arguments, such as `["--arm"]`.
    ///
    /// # Errors
    /// It ended or did not listen; the tail of its log is in the text.
    pub async fn start_with(config: &str, args: &[&str]) -> Result<Self> {
        Self::start_at("127.0.0.1:0", config, args).await
    }

    /// Starts it on an address of the caller's choice, such as `127.0.0.1:9347`.
    ///
    /// # Errors
    /// It ended or did not listen; the tail of its log is in the text.
    pub async fn start_at(listen_on: &str, config: &str, args: &[&str]) -> Result<Self> {
        Self::begin(listen_on, Some(config), None, args, None).await
    }

    /// Starts it on a data folder of the caller's choice, which may be one that can't be written.
    ///
    /// # Errors
    /// It ended or did not listen; its exit code and the tail of its log are in the text.
    pub async fn start_in(data_dir: &Path, config: &str) -> Result<Self> {
        Self::begin("127.0.0.1:0", Some(config), Some(data_dir), &[], None).await
    }

    /// Starts it on a machine that will break, with a data folder of the caller's choice.
    ///
    /// # Errors
    /// It ended or did not listen; its exit code and the tail of its log are in the text.
    pub async fn start_on(machine: &Machine, data_dir: &Path, config: &str) -> Result<Self> {
        Self::begin("127.0.0.1:0", Some(config), Some(data_dir), &[], Some(machine)).await
    }

    /// Starts it without any config: it looks for brokers at this machine's standard ports.
    ///
    /// # Errors
    /// It ended or did not listen; the tail of its log is in the text.
    pub async fn start_unconfigured(args: &[&str]) -> Result<Self> {
        Self::begin("127.0.0.1:0", None, None, args, None).await
    }

    async fn begin(
        listen_on: &str,
        config: Option<&str>,
        data_dir: Option<&Path>,
        args: &[&str],
        machine: Option<&Machine>,
    ) -> Result<Self> {
        let folder = Scratch::new("server")?;
        let data_dir = data_dir.map_or_else(|| folder.path().join("data"), Path::to_owned);
        let mut launch = launch(folder.path(), &data_dir, listen_on, args)?;
        launch.env.extend(machine.map(|machine| machine.env(&data_dir)).into_iter().flatten());
        if let Some(config) = config {
            let file = folder.path().join("weir.toml");
            fs::write(&file, config)?;
            launch.args.extend(["--config".into(), file.into()]);
        }
        let (process, url) = listen(&launch).await?;
        // No connection is kept: it would belong to the runtime of one test, and others share the process.
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { launch, process, _folder: folder, data_dir, url, client })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end. Another one after [`start_again`](Self::start_again).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Number of its process. Another one after [`start_again`](Self::start_again).
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone()
    }

    /// The client that the calls here use.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Any call; `path` begins with a slash.
    ///
    /// # Errors
    /// No answer came. A refusal is an answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.with_context(|| format!("{method} {path}{}", self.launch.log_tail()))
    }

    /// The JSON of a `GET` that must succeed.
    ///
    /// # Errors
    /// It does not succeed; the answer is in the text.
    pub async fn get(&self, path: &str) -> Result<Value> {
        success(path, self.call(Method::GET, path, None).await?).await
    }

    /// The JSON of a `POST` that must succeed.
    ///
    /// # Errors
    /// It does not succeed; the answer is in the text.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        success(path, self.call(Method::POST, path, Some(body)).await?).await
    }

    /// Status and JSON of any call, also of a refusal.
    ///
    /// # Errors
    /// No answer came.
    pub async fn answer(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let answer = self.call(method, path, body).await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_str(&answer.text().await?).unwrap_or(Value::Null)))
    }

    /// Asks again and again until `look` finds in the JSON what it looks for.
    ///
    /// # Errors
    /// It does not find it within `within`; the last answer and the tail of the log are in the text.
    pub async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        path: &str,
        look: impl Fn(&Value) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + within;
        loop {
            let answer = self.get(path).await;
            if let Some(found) = answer.as_ref().ok().and_then(&look) {
                return Ok(found);
            }
            if Instant::now() >= deadline {
                bail!("{what}: not within {within:?}; {path} gave {answer:#?}{}", self.launch.log_tail());
            }
            tokio::time::sleep(wait::STEP).await;
        }
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// The log can't be read.
    pub fn log(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.launch.stderr_path())?).into_owned())
    }

    /// Sends SIGTERM and gives the exit code.
    ///
    /// # Errors
    /// It still runs after 10 s, which is what it promises.
    pub async fn stop(&mut self) -> Result<i32> {
        self.process.signal(Signal::Term)?;
        let ended = self.process.ended(Duration::from_secs(10)).await;
        ended.with_context(|| format!("SIGTERM{}", self.launch.log_tail()))
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// It has ended already.
    pub async fn kill9(&mut self) -> Result<()> {
        self.process.signal(Signal::Kill)?;
        self.process.ended(Duration::from_secs(5)).await.map(drop)
    }

    /// Starts it again on the same data after [`stop`](Self::stop) or [`kill9`](Self::kill9).
    ///
    /// # Errors
    /// It ended or did not listen.
    pub async fn start_again(&mut self) -> Result<()> {
        (self.process, self.url) = listen(&self.launch).await?;
        Ok(())
    }
}

/// The path of a queue in the REST interface.
#[must_use]
pub fn queue_path(broker: &str, parts: &[&str]) -> String {
    format!("/api/v1/brokers/{broker}/queues/{}", weir_model::QueueId::from_parts(parts))
}

/// The binary under test: `WEIR_BIN`, else the one beside this executable.
///
/// # Errors
/// There is none.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WEIR_BIN") {
        return Ok(path.into());
    }
    let exe = std::env::current_exe()?;
    let found = exe.ancestors().skip(1).take(2).map(|folder| folder.join("weir")).find(|path| path.is_file());
    found.with_context(|| format!("no weir beside {}: run `cargo build -p weir`", exe.display()))
}

fn launch(folder: &Path, data_dir: &Path, listen_on: &str, args: &[&str]) -> Result<Launch> {
    let mut all: Vec<std::ffi::OsString> = ["serve", "--listen", listen_on].map(Into::into).to_vec();
    all.extend(["--data-dir".into(), data_dir.into()]);
    all.extend(args.iter().map(Into::into));
    Ok(Launch {
        program: binary()?,
        args: all,
        env: vec![
            ("XDG_CONFIG_HOME".to_owned(), folder.display().to_string()),
            ("RUST_LOG".to_owned(), std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned())),
        ],
        folder: folder.to_owned(),
        name: "weir",
    })
}

/// Starts it and reads its one line on standard output, `{"event":"listening","url":"…"}`.
async fn listen(launch: &Launch) -> Result<(Supervised, String)> {
    // The file is appended to: what a former run said must not be taken for this one's.
    match fs::remove_file(launch.stdout_path()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut process = Supervised::spawn(launch)?;
    let deadline = Instant::now() + LISTENS_WITHIN;
    loop {
        if let Some(url) = announced(&launch.stdout_path()) {
            return Ok((process, url));
        }
        let ended = process.exit_code()?;
        if ended.is_some() || Instant::now() >= deadline {
            return Err(anyhow!("weir does not listen; exit code {ended:?}{}", launch.log_tail()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn announced(stdout: &Path) -> Option<String> {
    let text = fs::read_to_string(stdout).ok()?;
    let line: Value = serde_json::from_str(text.lines().next()?).ok()?;
    (line["event"] == "listening").then(|| line["url"].as_str().map(str::to_owned)).flatten()
}

async fn success(path: &str, answer: Response) -> Result<Value> {
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("{path}: {status} {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("{path} answered {text:?}"))
}
