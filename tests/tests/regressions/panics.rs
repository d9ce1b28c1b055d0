//! A panic while a request was answered closed its connection without a word.

use anyhow::Result;
use axum::{Router, body::Body, middleware, routing::get};
use tokio::{net::TcpListener, sync::OnceCell};
use weir::http::panics::catch_panics;

/// A server of which one address panics at once and one after a wait, as a page does that was waiting for its data.
async fn server() -> Result<&'static str> {
    static SERVER: OnceCell<String> = OnceCell::const_new();
    SERVER
        .get_or_try_init(|| async {
            let router = Router::new()
                .route("/well", get(|| async { "well" }))
                .route("/at-once", get(|| async { broken() }))
                .route(
                    "/later",
                    get(|| async {
                        tokio::task::yield_now().await;
                        broken()
                    }),
                )
                .layer(middleware::from_fn(catch_panics));
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            let url = format!("http://{}", listener.local_addr()?);
            // A runtime of its own, since each test ends its own.
            std::thread::spawn(move || -> Result<()> {
                let runtime =
                    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
                runtime.block_on(async { Ok(axum::serve(TcpListener::from_std(listener)?, router).await?) })
            });
            Ok(url)
        })
        .await
        .map(String::as_str)
}

fn broken() -> Body {
    panic!("a reactive value was disposed")
}

async fn ask(path: &str, accept: &str) -> Result<(u16, String, String)> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.get(format!("{}{path}", server().await?)).header("accept", accept).send().await?;
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_owned();
    Ok((answer.status().as_u16(), kind, answer.text().await?))
}

#[tokio::test]
async fn given_a_request_that_panics_when_a_program_asks_then_it_gets_a_problem() -> Result<()> {
    for path in ["/at-once", "/later"] {
        let (status, kind, body) = ask(path, "application/json").await?;
        assert_eq!((status, kind.as_str()), (500, "application/problem+json"), "{path}");
        assert!(body.contains("urn:weir:problem:internal"), "{body}");
        assert!(!body.contains("disposed"), "what panicked is for the log: {body}");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_request_that_panics_when_a_browser_asks_then_it_gets_a_page() -> Result<()> {
    let (status, kind, body) = ask("/later", "text/html,application/xhtml+xml,*/*;q=0.8").await?;
    assert_eq!(status, 500);
    assert!(kind.starts_with("text/html") && body.contains("Internal error"), "{kind}: {body}");
    Ok(())
}

#[tokio::test]
async fn given_many_requests_that_panic_when_another_comes_then_it_is_answered() -> Result<()> {
    for _ in 0..20 {
        assert_eq!(ask("/at-once", "*/*").await?.0, 500);
    }
    let (status, _, body) = ask("/well", "*/*").await?;
    assert_eq!((status, body.as_str()), (200, "well"));
    Ok(())
}
