//! Message bodies and copies as files: saved by the browser, never opened by it.

use std::io;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::{fs::File, io::AsyncReadExt as _};
use weir_app::messages::api::RawBody;

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Bytes that are read of a file at a time.
const CHUNK: usize = 64 * 1024;

pub(super) fn attachment(body: RawBody) -> Response {
    saved(&body.file_name, Body::from(body.bytes))
}

/// A file of any size, read as it is sent.
pub(super) fn file(name: &str, file: File) -> Response {
    let chunks = stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let length = file.read(&mut chunk).await?;
        chunk.truncate(length);
        Ok::<_, io::Error>((length > 0).then_some((chunk, file)))
    });
    saved(name, Body::from_stream(chunks))
}

fn saved(name: &str, body: Body) -> Response {
    let name = utf8_percent_encode(name, PLAIN);
    let disposition = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}
