//! Answers that are files: bodies, copies and tables are saved by the browser and never opened by it; a drawing may be
//! looked at.

use std::io;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
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

/// A table in CSV; `name` is without its ending.
pub(super) fn table(name: &str, csv: String) -> Response {
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named(&format!("{name}.csv")))], csv)
        .into_response()
}

/// A drawing, under a name without its ending where it is to be saved. It may use nothing but its own style sheet.
pub(super) fn drawing(name: Option<&str>, svg: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CONTENT_SECURITY_POLICY, policy(&svg)),
    ];
    let disposition = name.map(|name| [(header::CONTENT_DISPOSITION, named(&format!("{name}.svg")))]);
    match disposition {
        Some(disposition) => (headers, disposition, svg).into_response(),
        None => (headers, svg).into_response(),
    }
}

/// Nothing but the drawing's own style sheet, by its hash.
fn policy(svg: &str) -> HeaderValue {
    let style = svg.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let hash = STANDARD.encode(Sha256::digest(style.map_or("", |(style, _)| style)));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; sandbox");
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn saved(name: &str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, named(name)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}

/// To be saved under this name (RFC 6266).
fn named(name: &str) -> HeaderValue {
    let name = utf8_percent_encode(name, PLAIN);
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}
