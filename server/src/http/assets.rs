//! The files a browser loads: style sheet, script, wasm, icon. They are inside the binary, compressed, under names
//! that change with their content, so a browser keeps them for good.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use weir_app::document::Assets;

/// One file with its compressed forms.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    hash: &'static str,
    raw: &'static [u8],
    br: &'static [u8],
    gz: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets/assets.rs"));

/// Where the pages find their files.
#[must_use]
pub fn assets() -> Assets {
    Assets { css: CSS.unwrap_or_default(), icon: ICON.unwrap_or_default(), scripts: JS.zip(WASM) }
}

/// `GET /assets/…` and `GET /favicon.ico`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let icon = || async { Redirect::permanent(ICON.unwrap_or("/")) };
    ASSETS.iter().fold(Router::new().route("/favicon.ico", get(icon)), |router, asset| {
        router.route(asset.path, get(move |headers: HeaderMap| async move { serve(asset, &headers) }))
    })
}

fn serve(asset: &'static Asset, request: &HeaderMap) -> Response {
    let (body, encoding) = choose(asset, request.get(header::ACCEPT_ENCODING));
    let tag = format!("\"{}{}\"", asset.hash, encoding.map_or(String::new(), |e| format!("-{e}")));
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    if matches(request.get(header::IF_NONE_MATCH), &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, body).into_response()
}

/// The smallest form that the browser takes.
fn choose(asset: &'static Asset, accept: Option<&HeaderValue>) -> (&'static [u8], Option<&'static str>) {
    let accept = accept.and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accepts(accept, "br") {
        (asset.br, Some("br"))
    } else if accepts(accept, "gzip") {
        (asset.gz, Some("gzip"))
    } else {
        (asset.raw, None)
    }
}

/// Whether an `Accept-Encoding` names a coding without refusing it by `q=0`.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next() == Some(coding)
            && !parts.any(|p| p.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0))
    })
}

fn matches(if_none_match: Option<&HeaderValue>, tag: &str) -> bool {
    if_none_match.and_then(|v| v.to_str().ok()).is_some_and(|tags| {
        tags.split(',').map(|t| t.trim().trim_start_matches("W/")).any(|t| t == "*" || t == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_list_of_codings_when_one_is_refused_then_it_is_not_taken() {
        assert!(accepts("gzip, deflate, br;q=1.0", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn given_the_tag_a_browser_has_when_it_asks_again_then_nothing_is_sent() {
        let Some(asset) = ASSETS.first() else { panic!("the style sheet is always there") };
        let mut request = HeaderMap::new();
        request.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br"));
        let first = serve(asset, &request);
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers().get(header::CONTENT_ENCODING), Some(&HeaderValue::from_static("br")));
        if let Some(tag) = first.headers().get(header::ETAG) {
            request.insert(header::IF_NONE_MATCH, tag.clone());
        }
        assert_eq!(serve(asset, &request).status(), StatusCode::NOT_MODIFIED);
    }
}
