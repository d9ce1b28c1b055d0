//! A proxy that does to a broker's connections what networks and sick machines do.
//!
//! It runs on a thread of its own, so that it serves tests of several runtimes, and Weir, alike.

use std::{io, net::SocketAddr, thread, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::ports;

/// What goes wrong between a client and its broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Nobody listens, and open connections are closed.
    Refuse,
    /// Connections are accepted and nothing is ever said on them, also after the fault has ended: the peer is gone and
    /// nobody told.
    HalfOpen,
    /// Nothing moves, and everything moves on when the fault has ended.
    Freeze,
    /// What the broker says arrives this much later.
    Delay(Duration),
    /// Instead of what the broker says, as many bytes without a meaning arrive.
    Garbage,
    /// After so many bytes of what the broker says the connection is closed.
    CutAfter(usize),
    /// The first text stands as the second, of equal length, in what the broker says.
    Say(&'static str, &'static str),
}

/// Listens on a port of 127.0.0.1 and leads to another. Ends when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    fault: watch::Sender<Fault>,
    upstream: watch::Sender<u16>,
}

impl FaultProxy {
    /// Begins to listen. It leads nowhere before [`lead_to`](Self::lead_to).
    ///
    /// # Errors
    /// No port, or no thread, is free.
    pub fn start() -> Result<Self> {
        let [port] = ports::free()?;
        let (fault, faults) = watch::channel(Fault::None);
        let (upstream, upstreams) = watch::channel(0);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = std::net::TcpListener::bind(address).context("the port of the proxy")?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("fault-proxy".to_owned())
            .spawn(move || runtime.block_on(serve(listener, faults, upstreams)))?;
        Ok(Self { port, fault, upstream })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where new connections lead from now on.
    pub fn lead_to(&self, port: u16) {
        self.upstream.send_replace(port);
    }

    /// What goes wrong from now on, on open connections too.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Closes the connections that are open; new ones are as before.
    pub async fn cut(&self) {
        let before = self.fault.send_replace(Fault::Refuse);
        sleep(Duration::from_millis(100)).await;
        self.set(before);
    }
}

/// Until the [`FaultProxy`] is dropped.
async fn serve(
    listener: std::net::TcpListener,
    mut faults: watch::Receiver<Fault>,
    upstreams: watch::Receiver<u16>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut listener = Some(TcpListener::from_std(listener)?);
    loop {
        let fault = *faults.borrow_and_update();
        if fault == Fault::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = Some(TcpListener::bind(address).await?);
        }
        tokio::select! {
            changed = faults.changed() => if changed.is_err() { return Ok(()) },
            accepted = accept(listener.as_ref()) => {
                let upstream = *upstreams.borrow();
                tokio::spawn(carry(accepted, upstream, faults.clone()));
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            return stream;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// One connection, until either side or a fault ends it.
async fn carry(client: TcpStream, upstream: u16, mut faults: watch::Receiver<Fault>) {
    if *faults.borrow() == Fault::HalfOpen {
        return hold(client, faults).await;
    }
    let Ok(broker) = TcpStream::connect(("127.0.0.1", upstream)).await else { return };
    let (_, _) = (client.set_nodelay(true), broker.set_nodelay(true));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_broker, mut to_broker) = broker.into_split();
    let (asked, answered, mut gone) = (faults.clone(), faults.clone(), faults.clone());
    let half_open = tokio::select! {
        _ = ask(&mut from_client, &mut to_broker, asked) => false,
        _ = answer(&mut from_broker, &mut to_client, answered) => false,
        _ = faults.wait_for(|fault| *fault == Fault::Refuse) => false,
        _ = gone.wait_for(|fault| *fault == Fault::HalfOpen) => true,
    };
    if half_open && let Ok(client) = from_client.reunite(to_client) {
        hold(client, faults).await;
    }
}

/// Keeps a connection open on which nothing is ever said, until the client closes it or a [`Fault::Refuse`] comes.
async fn hold(client: TcpStream, mut faults: watch::Receiver<Fault>) {
    let (mut from_client, _open) = client.into_split();
    let mut nowhere = tokio::io::sink();
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut nowhere) => {}
        _ = faults.wait_for(|fault| *fault == Fault::Refuse) => {}
    }
}

/// Carries what the client says.
async fn ask(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut faults: watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        thawed(&mut faults).await;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}

/// Carries what the broker says, or what a fault makes of it.
async fn answer(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut faults: watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut told_under_cut = 0;
    loop {
        let count = from.read(&mut buffer).await?;
        let arrived = Instant::now();
        if count == 0 {
            return Ok(());
        }
        thawed(&mut faults).await;
        let said = &mut buffer[..count];
        let fault = *faults.borrow();
        match fault {
            Fault::Delay(time) => sleep_until(arrived + time).await,
            Fault::Garbage => said.fill_with(rand::random),
            Fault::Say(this, that) => replace(said, this.as_bytes(), that.as_bytes()),
            Fault::CutAfter(most) => {
                let left = most.saturating_sub(told_under_cut).min(count);
                to.write_all(&said[..left]).await?;
                told_under_cut += left;
                if told_under_cut >= most {
                    return Ok(());
                }
                continue;
            }
            _ => {}
        }
        to.write_all(said).await?;
    }
}

async fn thawed(faults: &mut watch::Receiver<Fault>) {
    // An error says that the proxy is gone: its connections go with it.
    let _ = faults.wait_for(|fault| *fault != Fault::Freeze).await;
}

fn replace(text: &mut [u8], this: &[u8], that: &[u8]) {
    assert_eq!(this.len(), that.len(), "lengths in an answer must stay true");
    let mut at = 0;
    while at + this.len() <= text.len() {
        if text[at..].starts_with(this) {
            text[at..at + this.len()].copy_from_slice(that);
            at += this.len();
        } else {
            at += 1;
        }
    }
}
