//! The way to the server, step by step: resolve, connect, TLS, greet and authenticate.

use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Cmd, ProtocolVersion, PushInfo, RedisConnectionInfo, ServerError, Value,
    aio::MultiplexedConnection,
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use weir_model::{Outcome, Step};

use super::{
    super::{BrokerError, tls},
    connection::{Connection, Identity},
    meter::{Meter, Metered},
    reply,
};
use crate::config::{BrokerConfig, Secret};

/// The name Weir gives its connections, to be seen in `CLIENT LIST`.
const CLIENT_NAME: &str = "weir";

/// A Redis without TLS takes the handshake for the beginning of a long command, and waits for the rest.
const HANDSHAKE: Duration = Duration::from_secs(4);

/// How to reach one server.
pub(super) struct Dialer {
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    files: tls::Files,
    user: Option<String>,
    password: Secret,
}

/// A stream of bytes, with or without TLS.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

impl Dialer {
    /// # Errors
    /// A setting that can't be used, named.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        let [(host, port)] = config.hosts.as_slice() else {
            return Err(BrokerError::field(
                "url",
                "a Redis broker has one host and port: list each server as its own",
            ));
        };
        let files = tls::Files::of(config)?;
        Ok(Self {
            host: host.clone(),
            port: *port,
            tls: config.tls().then(|| files.connector()).transpose()?,
            files,
            user: config.user.clone().filter(|user| !user.is_empty()),
            password: config.password.clone(),
        })
    }

    /// As whom Weir speaks to the server, for the screen.
    pub(super) fn account(&self) -> String {
        match (&self.user, self.authenticates()) {
            (Some(user), _) => format!("as user {user}"),
            (None, true) => "with the password of the default user".to_owned(),
            (None, false) => "without a password, as the default user".to_owned(),
        }
    }

    pub(super) fn uses_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// All steps, until `deadline`, which then holds for what is asked over the connection.
    pub(super) async fn dial(&self, deadline: Instant) -> Result<Connection, BrokerError> {
        let addresses = self.resolve(deadline).await?;
        let stream = self.connect(&addresses, deadline).await?;
        let stream = self.secure(stream, deadline).await?;
        self.greet(stream, deadline).await
    }

    pub(super) async fn resolve(&self, deadline: Instant) -> Result<Vec<SocketAddr>, BrokerError> {
        let found = in_time(Step::Resolve, deadline, lookup_host((self.host.as_str(), self.port))).await?;
        let addresses: Vec<_> = found
            .map_err(|e| {
                BrokerError::failed(Step::Resolve, format!("{} can't be resolved: {e}", self.host), e)
            })?
            .collect();
        if addresses.is_empty() {
            let detail = format!("{} has no address", self.host);
            return Err(BrokerError::failed_plainly(Step::Resolve, detail));
        }
        Ok(addresses)
    }

    pub(super) async fn connect(
        &self,
        addresses: &[SocketAddr],
        deadline: Instant,
    ) -> Result<TcpStream, BrokerError> {
        let stream = in_time(Step::Connect, deadline, TcpStream::connect(addresses)).await?.map_err(|e| {
            BrokerError::failed(
                Step::Connect,
                format!("{}:{} can't be reached: {e}", self.host, self.port),
                e,
            )
        })?;
        // Small commands must not wait for each other; where that can't be set they only do.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        deadline: Instant,
    ) -> Result<Box<dyn ByteStream>, BrokerError> {
        let Some(connector) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(self.host.clone())
            .map_err(|e| BrokerError::failed(Step::Tls, format!("{} is no name for TLS", self.host), e))?;
        let deadline = deadline.min(Instant::now() + HANDSHAKE);
        let Ok(shaken) = timeout_at(deadline, connector.connect(name, stream)).await else {
            let detail = format!(
                "{}:{} does not answer the TLS handshake: does this port speak TLS?",
                self.host, self.port
            );
            return Err(BrokerError::Timeout { step: Step::Tls, outcome: Outcome::NotDone, detail });
        };
        let stream = shaken.map_err(|error| {
            let why = tls::explain(&error, &self.host, &self.files).unwrap_or_else(|| error.to_string());
            self.insecure(&why, error)
        })?;
        Ok(Box::new(stream))
    }

    /// All steps to a connection that can listen: what is told on it goes to `told`, which must not wait.
    pub(super) async fn listen(
        &self,
        deadline: Instant,
        told: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Connection, BrokerError> {
        let addresses = self.resolve(deadline).await?;
        let stream = self.connect(&addresses, deadline).await?;
        let stream = self.secure(stream, deadline).await?;
        let mut settings = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
        // In this version of the protocol the client greets by itself, with the password.
        if self.authenticates() {
            settings = settings.set_password(self.password.reveal());
        }
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        let push = move |info: PushInfo| {
            told(info);
            Ok::<(), Infallible>(())
        };
        let config = AsyncConnectionConfig::new().set_push_sender(push);
        in_time(Step::Authenticate, deadline, self.speak(stream, deadline, settings, config)).await?
    }

    /// TLS failed in the handshake, or right after it.
    fn insecure(&self, why: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BrokerError {
        BrokerError::failed(Step::Tls, format!("no TLS with {}:{}: {why}", self.host, self.port), cause)
    }

    /// Speaks first: password, identity, the connection's name, and that reading must not disturb what is evicted.
    pub(super) async fn greet(
        &self,
        stream: Box<dyn ByteStream>,
        deadline: Instant,
    ) -> Result<Connection, BrokerError> {
        self.speak(stream, deadline, RedisConnectionInfo::default(), AsyncConnectionConfig::new()).await
    }

    async fn speak(
        &self,
        stream: Box<dyn ByteStream>,
        deadline: Instant,
        settings: RedisConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> Result<Connection, BrokerError> {
        let meter = Arc::new(Meter::default());
        let (settings, config) = (settings.set_skip_set_lib_name(), config.set_response_timeout(None));
        let metered = Metered::new(stream, Arc::clone(&meter));
        let (client, driver) = MultiplexedConnection::new_with_config(&settings, metered, config)
            .await
            .map_err(|e| BrokerError::failed(Step::Connect, format!("the connection broke: {e}"), e))?;
        let driver = AbortOnDropHandle::new(tokio::spawn(driver));
        let mut connection = Connection::new(client, Arc::clone(&meter), driver, deadline);
        let answers = connection.greeting(self.greeting()).await;
        let mut answers = match answers {
            Ok(answers) => answers.into_iter(),
            Err(error) => return Err(self.ungreeted(error, &meter).await),
        };
        if self.authenticates()
            && let Some(Err(error)) = answers.next()
        {
            return Err(unauthenticated(&error));
        }
        // The rest may be refused to the account or unknown to an old server: nothing depends on it.
        match answers.next() {
            Some(Ok(hello)) => connection.identity = Identity::read(hello),
            Some(Err(error)) if is_locked_out(&error) => return Err(unauthenticated(&error)),
            _ => {}
        }
        Ok(connection)
    }

    /// What a greeting without an answer tells about who is there.
    async fn ungreeted(&self, error: BrokerError, meter: &Meter) -> BrokerError {
        // A server of TLS 1.3 refuses a client's certificate, or misses it, only now.
        if self.tls.is_some()
            && let Some(why) = tls::fault(&self.host, self.port, &self.files).await
        {
            return self.insecure(&why, error);
        }
        match error {
            BrokerError::Failed { source, .. } if meter.is_foreign() => BrokerError::Failed {
                step: Step::Version,
                detail: "what answers there does not speak Redis".to_owned(),
                source,
            },
            BrokerError::Failed { source, detail, .. } => BrokerError::Failed {
                step: Step::Connect,
                detail: format!(
                    "{detail} while greeting: does Redis answer at this port, and with or without TLS?"
                ),
                source,
            },
            BrokerError::Timeout { outcome, .. } => BrokerError::Timeout {
                step: Step::Authenticate,
                outcome,
                detail: "the connection stands, but no answer came in time".to_owned(),
            },
            other => other,
        }
    }

    fn authenticates(&self) -> bool {
        !self.password.is_empty() || self.user.is_some()
    }

    fn greeting(&self) -> Vec<Cmd> {
        let mut commands = Vec::new();
        if self.authenticates() {
            let mut auth = redis::cmd("AUTH");
            if let Some(user) = &self.user {
                auth.arg(user);
            }
            commands.push(auth.arg(self.password.reveal()).take());
        }
        commands.push(redis::cmd("HELLO"));
        commands.push(redis::cmd("CLIENT").arg("SETNAME").arg(CLIENT_NAME).take());
        commands.push(redis::cmd("CLIENT").arg("NO-TOUCH").arg("ON").take());
        commands
    }
}

/// Runs a step until the deadline.
async fn in_time<F: Future>(step: Step, deadline: Instant, work: F) -> Result<F::Output, BrokerError> {
    timeout_at(deadline, work).await.map_err(|_| BrokerError::Timeout {
        step,
        outcome: Outcome::NotDone,
        detail: format!("no answer in time (step {step})"),
    })
}

fn is_locked_out(error: &ServerError) -> bool {
    matches!(error.code(), "NOAUTH" | "DENIED" | "WRONGPASS")
}

fn unauthenticated(error: &ServerError) -> BrokerError {
    let detail = match error.code() {
        "NOAUTH" => "the server wants a password and none is configured".to_owned(),
        "WRONGPASS" => "user or password is wrong".to_owned(),
        "DENIED" => {
            "the server is in protected mode: it takes connections from its own machine only, until it has a password"
                .to_owned()
        }
        _ => format!("the server refused the password: {}", reply::said(error)),
    };
    BrokerError::failed_plainly(Step::Authenticate, detail)
}

impl Identity {
    /// Reads the answer to `HELLO`.
    fn read(hello: Value) -> Self {
        let mut identity = Self::default();
        for (name, value) in reply::pairs(hello) {
            match name.as_str() {
                "server" => identity.server = reply::text(value),
                "version" => identity.version = reply::text(value),
                "role" => identity.role = reply::text(value),
                _ => {}
            }
        }
        identity
    }
}
