//! Keeps web pages of others from driving Weir through the operator's browser.
//!
//! There are no users yet: who reaches the port is the admin. So a request has to be addressed to this machine
//! (a foreign `Host` is DNS rebinding), and has to come from Weir's own pages or from no page at all (cross-site
//! request forgery). Links from elsewhere may open a page: nothing happens by looking at it.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use weir_model::Problem;

use super::problem::Rejection;

/// Lets a request through, or refuses it with 403.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            // Not a warning: a page elsewhere could fill the log with them.
            tracing::debug!(http.path = request.uri().path(), detail = %problem.detail, "a request was refused");
            Rejection(problem).into_response()
        }
    }
}

fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let host = own_host(uri, headers)?;
    check_origin(&host, headers)?;
    check_site(method, uri, headers)
}

/// The authority that the request is addressed to, if it means this machine.
fn own_host(uri: &Uri, headers: &HeaderMap) -> Result<String, Problem> {
    let foreign = || {
        Problem::forbidden(
            "the Host of this request is not this machine: open Weir as http://127.0.0.1 or localhost",
        )
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(foreign()) };
    let host = host.to_str().map_err(|_| foreign())?.to_ascii_lowercase();
    let authority: Authority = host.parse().map_err(|_| foreign())?;
    let addressed = uri.authority().is_none_or(|a| a.as_str().eq_ignore_ascii_case(&host));
    if addressed && is_loopback(authority.host()) { Ok(host) } else { Err(foreign()) }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn check_origin(host: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host);
    if own {
        return Ok(());
    }
    Err(Problem::forbidden(
        "the request comes from a page that is not Weir's own (Origin): use Weir's own pages",
    ))
}

fn check_site(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let value = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match value("sec-fetch-site") {
        None | Some("same-origin" | "none") => return Ok(()),
        Some(_) => {}
    }
    let navigation =
        value("sec-fetch-mode") == Some("navigate") && value("sec-fetch-dest") == Some("document");
    if navigation && method == Method::GET && is_page(uri.path()) {
        return Ok(());
    }
    Err(Problem::forbidden("the request comes from a page elsewhere (Sec-Fetch-Site): open Weir itself"))
}

/// Whether an address is a page, and not part of the interface.
fn is_page(path: &str) -> bool {
    !["/api", "/ui", "/metrics", "/healthz", "/readyz"]
        .iter()
        .any(|part| path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, path: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        check(&method, &path.parse().expect("a path"), &map).is_ok()
    }

    #[test]
    fn given_hosts_when_checked_then_only_this_machine_passes() {
        for host in ["127.0.0.1:9347", "localhost", "LocalHost:80", "[::1]:9347", "127.8.8.8"] {
            assert!(request(Method::GET, "/", &[("host", host)]), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "", "a@localhost x"]
        {
            assert!(!request(Method::GET, "/", &[("host", host)]), "{host}");
        }
        assert!(!request(Method::GET, "/", &[]));
        assert!(!request(Method::GET, "/", &[("host", "localhost"), ("host", "evil.example")]));
        assert!(!request(Method::GET, "http://evil.example/", &[("host", "localhost")]));
    }

    #[test]
    fn given_origins_when_checked_then_only_our_own_passes() {
        let from =
            |origin| request(Method::POST, "/api/v1/x", &[("host", "localhost:9347"), ("origin", origin)]);
        assert!(from("http://localhost:9347"));
        for origin in ["null", "http://localhost:3000", "http://evil.example", "", "http://localhost"] {
            assert!(!from(origin), "{origin}");
        }
    }

    #[test]
    fn given_a_page_elsewhere_when_it_links_then_only_pages_open() {
        let from = |method, path, site, mode, dest| {
            let headers = [
                ("host", "localhost"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            request(method, path, &headers)
        };
        assert!(from(Method::GET, "/queues?q=a", "cross-site", "navigate", "document"));
        assert!(!from(Method::GET, "/queues", "cross-site", "navigate", "iframe"));
        assert!(!from(Method::GET, "/queues", "cross-site", "no-cors", "image"));
        assert!(!from(Method::POST, "/queues", "cross-site", "navigate", "document"));
        assert!(!from(Method::GET, "/api/v1/queues", "cross-site", "navigate", "document"));
        assert!(!from(Method::POST, "/ui/purge", "same-site", "cors", "empty"));
        assert!(from(Method::POST, "/ui/purge", "same-origin", "cors", "empty"));
        assert!(from(Method::GET, "/api/v1/queues", "none", "navigate", "document"));
    }
}
