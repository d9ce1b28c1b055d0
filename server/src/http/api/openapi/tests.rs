use std::collections::BTreeSet;

use super::*;
use crate::http::api::routes;

#[test]
fn given_the_routes_when_compared_with_the_document_then_each_has_its_path_and_none_has_more() {
    let process = ["/healthz", "/readyz", "/metrics"].map(str::to_owned);
    let served: BTreeSet<String> =
        routes().into_iter().map(|(path, _)| path.to_owned()).chain(process).collect();
    let documented: BTreeSet<String> = Document::openapi().paths.paths.into_keys().collect();
    assert_eq!(served, documented);
}

/// `GET /healthz` and the like, as the table of calls in docs/api.md has them; `…` stands for a queue's broker.
fn calls_in_words() -> BTreeSet<String> {
    let words = include_str!("../../../../../docs/api.md");
    let rows = words.lines().filter(|line| line.starts_with("| `GET ") || line.starts_with("| `POST "));
    let mut calls = BTreeSet::new();
    for row in rows {
        let cell = row.split('|').nth(1).unwrap_or_default();
        let mut method = "";
        for span in cell.split('`').skip(1).step_by(2) {
            let (verb, path) = span.split_once(' ').unwrap_or((method, span));
            method = verb;
            let path = path.split('?').next().unwrap_or_default();
            calls.insert(format!("{method} {}", path.replace('…', "/api/v1/brokers/{broker}/queues")));
        }
    }
    calls
}

#[test]
fn given_the_calls_in_words_when_compared_with_the_document_then_they_are_the_same() {
    let document = serde_json::to_value(Document::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let calls = |(path, item): (&String, &serde_json::Value)| {
        let methods: Vec<String> =
            item.as_object().into_iter().flat_map(|item| item.keys().cloned()).collect();
        let path = path.clone();
        methods.into_iter().map(move |method| format!("{} {path}", method.to_uppercase()))
    };
    let documented: BTreeSet<String> = paths.iter().flat_map(calls).collect();
    assert_eq!(calls_in_words(), documented);
}

#[test]
fn given_the_document_when_read_then_every_schema_it_names_is_in_it() {
    let document = serde_json::to_value(Document::openapi()).expect("JSON");
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let text = document.to_string();
    let named = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in named {
        assert!(schemas.contains_key(name), "{name}");
    }
}
