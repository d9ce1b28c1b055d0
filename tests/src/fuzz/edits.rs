//! Answers made up by editing true ones, which leads deeper than bytes at random do.

use serde_json::{Value, json};

/// Replaces values of an answer. Each edit takes three bytes: which value in the order of the text, and by what.
pub(super) fn edited(mut answer: Value, edits: &[u8]) -> Value {
    for edit in edits.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % count(&answer);
        let odd = odd_values();
        let by = odd[usize::from(edit[2]) % odd.len()].clone();
        if let Some(value) = nth(&mut answer, &mut { at }) {
            *value = by;
        }
    }
    answer
}

/// What a figure, a name or a list might be by mistake, or at the edge of its range.
fn odd_values() -> [Value; 24] {
    [
        json!(null),
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(1_000_000_000_000_i64),
        json!(i64::MAX),
        json!(i64::MAX - 1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(true),
        json!(""),
        json!("0"),
        json!("-9223372036854775808"),
        json!("9223372036854775807"),
        json!("18446744073709551615-18446744073709551615"),
        json!("1795455595330-0"),
        json!("stream"),
        json!("ä\u{0}\u{1b}[2J\"/:~"),
        json!([]),
        json!({}),
        json!({"error": "NOPERM this user has no permissions to run the 'xinfo|stream' command"}),
    ]
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn count(value: &Value) -> usize {
    1 + children(value).map(count).sum::<usize>()
}

/// The value at a place in the order of the text, which is counted down.
fn nth<'a>(value: &'a mut Value, at: &mut usize) -> Option<&'a mut Value> {
    if *at == 0 {
        return Some(value);
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, at)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, at)),
        _ => None,
    }
}
