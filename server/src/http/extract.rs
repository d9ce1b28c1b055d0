//! Reading requests strictly: what is not understood is refused and named, never clamped or ignored.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Path, Request,
        path::ErrorKind,
        rejection::{BytesRejection, FailedToBufferBody, PathRejection},
    },
    http::{HeaderMap, header, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded;
use weir_app::{access::Principal, idempotency::api::IdempotencyKey};
use weir_model::{Problem, ProblemKind, QueueId, Timestamp};

use super::{problem::Rejection, too_large};

/// The variable parts of an address.
pub(crate) struct At<T>(pub T);

/// `{broker}`
#[derive(Deserialize)]
pub(crate) struct BrokerPath {
    pub(crate) broker: String,
}

/// `{broker}` and `{id}`
#[derive(Deserialize)]
pub(crate) struct QueuePath {
    pub(crate) broker: String,
    pub(crate) id: QueueId,
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => Err(match error.into_kind() {
                ErrorKind::DeserializeError { key, value, message } => {
                    Problem::field(key, format!("\"{value}\" can't be read: {message}"))
                }
                ErrorKind::ParseErrorAtKey { key, value, .. } => {
                    Problem::field(key, format!("\"{value}\" is no whole number"))
                }
                // Only an id has words of its own for what is wrong with it.
                ErrorKind::Message(message) => Problem::field("id", message),
                other => Problem::field("path", other.to_string()),
            }
            .into()),
            Err(other) => Err(Problem::field("path", other.body_text()).into()),
        }
    }
}

/// The header `Idempotency-Key`, where there is one.
pub(crate) struct Key(pub Option<IdempotencyKey>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let mut given = parts.headers.get_all("idempotency-key").iter();
        let Some(value) = given.next() else { return Ok(Self(None)) };
        if given.next().is_some() {
            return Err(Problem::field("Idempotency-Key", "it is given twice: give it once").into());
        }
        let who = parts.extensions.get().cloned().unwrap_or_else(Principal::local_admin);
        Ok(Self(Some(IdempotencyKey::of_header(&who, value.to_str().unwrap_or_default())?)))
    }
}

/// A body in JSON.
pub(crate) struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        if !is_json(request.headers()) {
            let detail = "the body has to be JSON: send Content-Type: application/json";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail).into());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|error| unread(&error))?;
        Ok(Self(read_json(&bytes)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unread(error: &BytesRejection) -> Problem {
    match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => too_large(),
        other => Problem::field("body", format!("it did not arrive whole: {}", other.body_text())),
    }
}

/// Names the field by its path in the body.
fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde would take a list for an object whose fields come in order.
    if bytes.trim_ascii_start().first().is_some_and(|first| *first == b'[') {
        return Err(Problem::field("body", "it is a list: send an object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    reader.end().map_err(|error| explain(".", &error))?;
    Ok(value)
}

fn explain(path: &str, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        return Problem::field("body", format!("it is not JSON: {error}"));
    }
    let whole = error.to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    // serde names a field that is missing or unknown in its message only.
    let named = ["missing field `", "unknown field `"].iter().find_map(|begin| message.strip_prefix(begin));
    let named = named.and_then(|rest| rest.split('`').next());
    let field = match (path, named) {
        (".", None) => "body".to_owned(),
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if path.rsplit('.').next() != Some(name) => format!("{path}.{name}"),
        (path, _) => path.to_owned(),
    };
    Problem::field(field, message)
}

/// The parameters of a query.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Takes a query apart; `known` are the parameters there are.
    ///
    /// # Errors
    /// A parameter that is not known or that is given twice.
    pub(crate) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let there_are = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Problem::field(
                    name,
                    format!("there is no such parameter; there are: {there_are}"),
                ));
            }
            if pairs.iter().any(|(before, _)| *before == name) {
                return Err(Problem::field(name, "it is given twice: give it once"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A whole number.
    ///
    /// # Errors
    /// It is none, or too large or small for its type.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.parsed(name, "a whole number", |text| text.parse().ok())
    }

    /// A time in RFC 3339.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.parsed(name, "a time in RFC 3339 such as 2030-01-31T12:00:00Z", |text| {
            Timestamp::parse(text).ok()
        })
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// It is neither.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.parsed(name, "true or false", |text| text.parse().ok())
    }

    fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| Problem::field(name, format!("\"{text}\" is not {expected}")))
    }
}

#[cfg(test)]
mod tests {
    use weir_model::message::PublishRequest;

    use super::*;

    fn field_of(result: Result<PublishRequest, Problem>) -> String {
        result.expect_err("a problem").errors.remove(0).field
    }

    #[test]
    fn given_a_wrong_body_when_read_then_the_field_is_named() {
        for (body, field) in [
            ("{", "body"),
            ("[]", "body"),
            ("{} {}", "body"),
            (r#"{"bdy": null}"#, "bdy"),
            (r#"{"body": {"text": "x"}}"#, "body.text"),
            (r#"{"body": {}}"#, "body.data"),
            (r#"{"partition": "x"}"#, "partition"),
            (r#"{"headers": [{"name": "a", "value": 1}, {"name": 2}]}"#, "headers[1].name"),
            (r#"{"repeat": -1}"#, "repeat"),
            (r#"{"side": "top"}"#, "side"),
        ] {
            assert_eq!(field_of(read_json(body.as_bytes())), field, "{body}");
        }
    }

    #[test]
    fn given_a_wrong_query_when_read_then_the_parameter_is_named() {
        for (query, field) in [("x=1", "x"), ("points=1&points=2", "points")] {
            let problem = Params::read(Some(query), &["points", "from"]).expect_err(query);
            assert_eq!(problem.errors[0].field, field);
        }
        let params = Params::read(Some("points=many&from=yesterday"), &["points", "from"]).expect("known");
        assert!(params.number::<u32>("points").is_err() && params.time("from").is_err());
        assert_eq!(params.number::<u32>("to"), Ok(None));
    }
}
