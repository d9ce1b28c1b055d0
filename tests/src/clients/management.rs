//! RabbitMQ's own figures and its administration, by the management API.

use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::Value;

/// The management API as the user guest, or another.
#[derive(Debug)]
pub struct Management {
    client: reqwest::Client,
    url: String,
    user: String,
    password: String,
}

impl Management {
    /// As guest.
    ///
    /// # Errors
    /// The HTTP client can't be made.
    pub fn new(url: &str) -> Result<Self> {
        Self::with_user(url, "guest", "guest")
    }

    /// As a user of one's own.
    ///
    /// # Errors
    /// The HTTP client can't be made.
    pub fn with_user(url: &str, user: &str, password: &str) -> Result<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build()?;
        Ok(Self { client, url: url.to_owned(), user: user.to_owned(), password: password.to_owned() })
    }

    /// `GET` of a path such as `/api/queues/%2f/hello`.
    ///
    /// # Errors
    /// The answer is not a success.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// A queue of the vhost `/`.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn queue(&self, name: &str) -> Result<Value> {
        self.get(&format!("/api/queues/%2f/{name}")).await
    }

    /// Any call; `PUT` of users, permissions, policies and vhosts.
    ///
    /// # Errors
    /// The answer is not a success; the text has what the broker said.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url));
        request = request.basic_auth(&self.user, Some(&self.password));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{method} {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}
