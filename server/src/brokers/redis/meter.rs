//! Counts what comes in over a connection, and cuts it off where an answer grows beyond what was allowed.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a connection has received so far, shared with the task that reads from it.
#[derive(Debug, Default)]
pub(super) struct Meter {
    received: AtomicU64,
    /// Received bytes at which the connection ends; 0 = without limit.
    ceiling: AtomicU64,
    /// The first byte that came; 0 = none yet.
    first: AtomicU8,
}

impl Meter {
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// From now on at most `more` bytes may come, then the connection breaks; `None` lifts the limit.
    pub(super) fn allow(&self, more: Option<u64>) {
        let ceiling = more.map_or(0, |more| self.received() + more.max(1));
        self.ceiling.store(ceiling, Ordering::Relaxed);
    }

    /// True where something came that no Redis server begins with.
    pub(super) fn is_foreign(&self) -> bool {
        !matches!(
            self.first.load(Ordering::Relaxed),
            0 | b'+' | b'-' | b':' | b'$' | b'*' | b'%' | b'>' | b'_'
        )
    }

    fn count(&self, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        let received = self.received.fetch_add(length, Ordering::Relaxed) + length;
        if let Some(first) = bytes.first().filter(|_| received == length) {
            self.first.store(*first, Ordering::Relaxed);
        }
        let ceiling = self.ceiling.load(Ordering::Relaxed);
        if ceiling > 0 && received > ceiling {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the answer was larger than allowed",
            ));
        }
        Ok(())
    }
}

/// A byte stream that is metered.
pub(super) struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = polled {
            self.meter.count(&buffer.filled()[before..])?;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
