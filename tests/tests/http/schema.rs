//! Holds an answer against a schema of the OpenAPI document.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

/// Says where `value` is not as the schema named `name` has it: a field missing, unknown or of another type.
pub(crate) fn matches(document: &Value, name: &str, value: &Value) -> Result<()> {
    let schema = &document["components"]["schemas"][name];
    ensure!(schema.is_object(), "no schema {name}");
    check(document, schema, value, name)
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<()> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/components/schemas/");
        return matches(document, name, value).with_context(|| at.to_owned());
    }
    for (word, any) in [("oneOf", true), ("anyOf", true), ("allOf", false)] {
        let Some(choices) = schema[word].as_array() else { continue };
        if word == "allOf" {
            return check_all(document, choices, value, at);
        }
        let fits = |choice: &Value| check(document, choice, value, at).is_ok();
        ensure!(any && choices.iter().any(fits), "{at}: {value} fits none of {schema}");
    }
    check_type(schema, value, at)?;
    if let Some(words) = schema["enum"].as_array() {
        ensure!(words.contains(value), "{at}: {value} is none of {words:?}");
    }
    match value {
        Value::Object(fields) => check_fields(document, schema, fields, at),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| check(document, &schema["items"], item, &format!("{at}[{n}]"))),
        _ => Ok(()),
    }
}

/// A flattened object: every part holds, and together they know every field.
fn check_all(document: &Value, parts: &[Value], value: &Value, at: &str) -> Result<()> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts {
        let part = match part["$ref"].as_str() {
            Some(name) => {
                &document["components"]["schemas"][name.trim_start_matches("#/components/schemas/")]
            }
            None => part,
        };
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let whole = serde_json::json!({ "type": "object", "properties": properties, "required": required });
    check(document, &whole, value, at)
}

fn check_type(schema: &Value, value: &Value, at: &str) -> Result<()> {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let fits = types.iter().any(|wanted| match *wanted {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    });
    if fits { Ok(()) } else { bail!("{at}: {value} is no {types:?}") }
}

fn check_fields(document: &Value, schema: &Value, fields: &Map<String, Value>, at: &str) -> Result<()> {
    let Some(properties) = schema["properties"].as_object() else {
        let each = &schema["additionalProperties"];
        return fields
            .iter()
            .try_for_each(|(name, value)| check(document, each, value, &format!("{at}.{name}")));
    };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        ensure!(fields.contains_key(name), "{at}: {name} is missing");
    }
    for (name, value) in fields {
        let property = properties.get(name).with_context(|| format!("{at}: {name} is not documented"))?;
        check(document, property, value, &format!("{at}.{name}"))?;
    }
    Ok(())
}
