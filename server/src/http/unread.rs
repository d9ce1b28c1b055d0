//! Reads what a refused request is still sending, so that its client gets to see the answer.
//!
//! A client in the midst of writing is cut off when the server answers and closes: its system throws away what has
//! arrived. So the rest is read and thrown away first, within bounds.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};

use super::BODY_LIMIT;

/// Bytes thrown away at most: a body a few times too large.
const MOST_BYTES: usize = 4 * BODY_LIMIT;
/// A client that takes longer is answered while it still writes.
const WITHIN: Duration = Duration::from_secs(10);

/// Lets the request be answered, then reads what is left of its body, then gives the answer.
pub(crate) async fn read_to_the_end(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // Reading would ask such a client for the body that it offers.
    let offered = parts.headers.contains_key(header::EXPECT);
    let body = Shared(Arc::new(Mutex::new(State { body, read_from: false })));
    let response = next.run(Request::from_parts(parts, Body::new(body.clone()))).await;
    if body.read_from() || !offered {
        // When the time is over there is an answer, and perhaps a client that sees it.
        drop(tokio::time::timeout(WITHIN, body.drain()).await);
    }
    response
}

/// A request's body in two hands: the handler's, and ours when that one is done.
#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

struct State {
    body: Body,
    /// Whether anybody has asked for a byte.
    read_from: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_from(&self) -> bool {
        self.state().read_from
    }

    async fn drain(mut self) {
        let mut read = 0;
        while read <= MOST_BYTES && !self.is_end_stream() {
            let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await else { return };
            read += frame.data_ref().map_or(0, Bytes::len);
        }
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut state = self.state();
        state.read_from = true;
        Pin::new(&mut state.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.state().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.state().body.size_hint()
    }
}
