//! A web page elsewhere can't drive Weir.

use anyhow::{Result, ensure};
use reqwest::{Client, Method, RequestBuilder};

use crate::house::House;

async fn status(request: RequestBuilder) -> Result<u16> {
    Ok(request.send().await?.status().as_u16())
}

#[tokio::test]
async fn given_a_foreign_host_or_origin_when_calling_then_it_is_refused_everywhere() -> Result<()> {
    let house = House::shared().await?;
    let (url, client) = (house.weir.url(), house.weir.client());
    for path in ["/", "/queues", "/healthz", "/metrics", "/api/v1/brokers", "/ui/frame", "/favicon.ico"] {
        for (name, value) in [
            ("host", "weir.evil.example"),
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let got = status(client.get(format!("{url}{path}")).header(name, value)).await?;
            ensure!(got == 403, "{path} with {name}: {value} gave {got}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn given_a_form_elsewhere_when_it_posts_then_nothing_is_changed() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("forged", 2).await?;
    let purge = serde_json::json!({ "confirm": name });
    for (header, value) in [("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")] {
        let request = house.weir.client().post(format!("{}{path}/purge", house.weir.url()));
        let got = status(request.header(header, value).json(&purge)).await?;
        ensure!(got == 403, "{header}: {value} gave {got}");
    }
    ensure!(house.length(&name).await? == 2);
    Ok(())
}

#[tokio::test]
async fn given_a_link_in_a_chat_when_followed_then_the_page_opens() -> Result<()> {
    let house = House::shared().await?;
    let link = |path: &str| {
        house
            .weir
            .client()
            .get(format!("{}{path}", house.weir.url()))
            .header("sec-fetch-site", "cross-site")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
    };
    ensure!(status(link("/queues")).await? == 200);
    ensure!(status(link("/api/v1/queues")).await? == 403);
    Ok(())
}

#[tokio::test]
async fn given_a_page_when_read_then_its_policy_allows_no_inline_script_without_the_nonce() -> Result<()> {
    let house = House::shared().await?;
    let answer = house.weir.call(Method::GET, "/", None).await?;
    let headers = answer.headers().clone();
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let policy = header("content-security-policy");
    for part in
        ["'wasm-unsafe-eval'", "style-src-attr 'unsafe-inline'", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        ensure!(policy.contains(part), "{policy}");
    }
    for directive in policy.split(';').map(str::trim).filter(|d| !d.starts_with("style-src-attr")) {
        ensure!(!directive.contains("'unsafe-inline'"), "{policy}");
    }
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
    ensure!(nonce.len() >= 20, "{policy}");
    ensure!(header("referrer-policy") == "same-origin");
    ensure!(header("x-content-type-options") == "nosniff");
    let html = answer.text().await?;
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        ensure!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: <script{tag}>");
    }
    Ok(())
}

#[tokio::test]
async fn given_two_requests_when_answered_then_their_nonces_differ() -> Result<()> {
    let house = House::shared().await?;
    let policy = |client: &Client| client.get(format!("{}/", house.weir.url())).send();
    let first = policy(house.weir.client()).await?.headers()["content-security-policy"].clone();
    let second = policy(house.weir.client()).await?.headers()["content-security-policy"].clone();
    ensure!(first != second);
    Ok(())
}

#[tokio::test]
async fn given_bad_input_when_a_server_function_is_called_then_it_is_never_a_500() -> Result<()> {
    let house = House::shared().await?;
    for (body, expected) in [
        ("{", 400),
        ("[]", 400),
        (r#"{"query": {"limit": 0}}"#, 400),
        (r#"{"query": {"limit": "ten"}}"#, 400),
        (r#"{"query": {}}"#, 200),
    ] {
        let call = house.weir.client().post(format!("{}/ui/queues", house.weir.url()));
        let got = status(call.header("content-type", "application/json").body(body)).await?;
        ensure!(got == expected, "{body} gave {got}");
    }
    Ok(())
}
