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
