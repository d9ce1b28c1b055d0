//! Pages that were written by the server without an owner of their signals: where data was not there at the first
//! look, which is when many ask at once, the server panicked.

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use weir_tests::weir::WeirProcess;

use super::demo;

/// What stands at the end of each page's own part.
const PAGES: [(&str, &str); 4] = [
    ("/", "data-testid=\"chart-flow\""),
    ("/queues", "data-testid=\"rows-shown\""),
    ("/settings", "data-testid=\"test\""),
    ("/brokers/shop/queues/shop:orders/publish", "data-testid=\"publish-send\""),
];

#[tokio::test(flavor = "multi_thread")]
async fn given_many_readers_when_they_ask_at_once_then_each_page_is_whole() -> Result<()> {
    let weir = demo::house().await?;
    let weir = &weir;
    stream::iter(0..160)
        .map(|n| async move {
            let (path, end) = PAGES[n % PAGES.len()];
            let answer = weir.call(Method::GET, path, None).await?;
            let status = answer.status();
            let html = answer.text().await.with_context(|| format!("{path} broke off"))?;
            ensure!(status == 200, "{path} answers {status}");
            ensure!(html.contains(end), "{path} is not whole: {end} is missing");
            ensure!(html.contains("data-testid=\"rail-brokers\"><li>"), "{path}: the rail is empty");
            ensure!(!html.contains("class=\"skrows\""), "{path} shows a skeleton");
            Ok(())
        })
        .buffer_unordered(16)
        .try_collect::<()>()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_page_of_nothing_when_asked_for_then_its_status_says_so() -> Result<()> {
    let weir = demo::house().await?;
    for (path, expected) in [
        ("/", 200),
        ("/brokers/shop/queues/shop:orders", 200),
        ("/brokers/shop/queues/shop:none", 404),
        ("/brokers/shop/queues/shop:none/messages", 404),
        ("/brokers/shop/queues/shop:none/publish", 404),
        ("/brokers/shop/queues/no%20id", 404),
        ("/brokers/nobody/queues/shop:orders", 404),
        ("/nowhere", 404),
        ("/brokers/shop/queues/shop:orders/nowhere", 404),
        ("/queues?sort=nothing", 400),
        ("/queues?q=depth%3E", 400),
        ("/?range=2h", 400),
    ] {
        let status = weir.call(Method::GET, path, None).await?.status().as_u16();
        ensure!(status == expected, "{path} answers {status}, not {expected}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_broker_that_does_not_answer_when_its_pages_are_asked_for_then_they_are_pages() -> Result<()>
{
    let config = format!("{}[[brokers]]\nname = \"gone\"\nurl = \"redis://127.0.0.1:1\"\n", demo::CONFIG);
    let weir = WeirProcess::start(&config).await?;
    for path in ["/", "/queues?broker=gone", "/settings?test=gone"] {
        let status = weir.call(Method::GET, path, None).await?.status().as_u16();
        ensure!(status == 200, "{path} answers {status}");
    }
    Ok(())
}
