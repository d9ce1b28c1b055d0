//! AMQP's typed values as JSON, and back.
//!
//! Types are named as in the AMQP 0-9-1 documents of RabbitMQ. A table or an array in JSON loses the exact types
//! of what it holds: whole numbers become `long`, others `double`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lapin::types::{AMQPValue, ByteArray, DecimalValue, FieldArray, FieldTable, LongString, ShortString};
use serde_json::{Number, Value, json};
use weir_model::{Timestamp, message::Header};

/// The names that [`from_json`] knows, for the operator.
const TYPES: [&str; 17] = [
    "string",
    "bool",
    "byte",
    "unsigned-byte",
    "short",
    "unsigned-short",
    "int",
    "unsigned-int",
    "long",
    "float",
    "double",
    "decimal",
    "timestamp",
    "bytes",
    "array",
    "table",
    "void",
];

/// Whether a type is called so.
pub(super) fn is_type(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// A header or property for the screen.
pub(super) fn header(name: &str, value: &AMQPValue) -> Header {
    let (kind, value) = to_json(value);
    Header { name: name.to_owned(), kind: kind.to_owned(), value }
}

/// The type's name and the value as JSON. Bytes that are no text are base64.
pub(super) fn to_json(value: &AMQPValue) -> (&'static str, Value) {
    match value {
        AMQPValue::Boolean(v) => ("bool", json!(v)),
        AMQPValue::ShortShortInt(v) => ("byte", json!(v)),
        AMQPValue::ShortShortUInt(v) => ("unsigned-byte", json!(v)),
        AMQPValue::ShortInt(v) => ("short", json!(v)),
        AMQPValue::ShortUInt(v) => ("unsigned-short", json!(v)),
        AMQPValue::LongInt(v) => ("int", json!(v)),
        AMQPValue::LongUInt(v) => ("unsigned-int", json!(v)),
        AMQPValue::LongLongInt(v) => ("long", json!(v)),
        AMQPValue::Float(v) => ("float", float(f64::from(*v))),
        AMQPValue::Double(v) => ("double", float(*v)),
        AMQPValue::DecimalValue(v) => ("decimal", json!(decimal_text(*v))),
        AMQPValue::ShortString(v) => ("string", json!(v.as_str())),
        AMQPValue::LongString(v) => match std::str::from_utf8(v.as_bytes()) {
            Ok(text) => ("string", json!(text)),
            Err(_) => ("bytes", json!(STANDARD.encode(v.as_bytes()))),
        },
        AMQPValue::ByteArray(v) => ("bytes", json!(STANDARD.encode(v.as_slice()))),
        AMQPValue::Timestamp(v) => ("timestamp", json!(moment(*v))),
        AMQPValue::FieldArray(v) => {
            ("array", Value::Array(v.as_slice().iter().map(|item| to_json(item).1).collect()))
        }
        AMQPValue::FieldTable(v) => {
            let entries = v.inner().iter().map(|(name, value)| (name.to_string(), to_json(value).1));
            ("table", Value::Object(entries.collect()))
        }
        AMQPValue::Void => ("void", Value::Null),
    }
}

/// Reads a value of the named type.
///
/// # Errors
/// What the type wants, as a sentence for the operator.
pub(super) fn from_json(kind: &str, value: &Value) -> Result<AMQPValue, String> {
    let whole = || value.as_i64().ok_or_else(|| format!("a {kind} is a whole number"));
    let wide = |n: i64| format!("{n} does not fit a {kind}");
    match kind {
        "string" => Ok(AMQPValue::LongString(text(kind, value)?.into())),
        "bool" => value.as_bool().map(AMQPValue::Boolean).ok_or_else(|| "a bool is true or false".to_owned()),
        "byte" => whole().and_then(|n| n.try_into().map(AMQPValue::ShortShortInt).map_err(|_| wide(n))),
        "unsigned-byte" => {
            whole().and_then(|n| n.try_into().map(AMQPValue::ShortShortUInt).map_err(|_| wide(n)))
        }
        "short" => whole().and_then(|n| n.try_into().map(AMQPValue::ShortInt).map_err(|_| wide(n))),
        "unsigned-short" => whole().and_then(|n| n.try_into().map(AMQPValue::ShortUInt).map_err(|_| wide(n))),
        "int" => whole().and_then(|n| n.try_into().map(AMQPValue::LongInt).map_err(|_| wide(n))),
        "unsigned-int" => whole().and_then(|n| n.try_into().map(AMQPValue::LongUInt).map_err(|_| wide(n))),
        "long" => whole().map(AMQPValue::LongLongInt),
        #[expect(clippy::cast_possible_truncation, reason = "a float is what was asked for")]
        "float" => number(kind, value).map(|n| AMQPValue::Float(n as f32)),
        "double" => number(kind, value).map(AMQPValue::Double),
        "decimal" => decimal(text(kind, value)?).map(AMQPValue::DecimalValue),
        "timestamp" => timestamp(value).map(AMQPValue::Timestamp),
        "bytes" => STANDARD
            .decode(text(kind, value)?)
            .map(|bytes| AMQPValue::ByteArray(ByteArray::from(bytes)))
            .map_err(|error| format!("bytes are written as base64: {error}")),
        "array" if value.is_array() => untyped(value),
        "array" => Err("an array is a JSON array".to_owned()),
        "table" if value.is_object() => untyped(value),
        "table" => Err("a table is a JSON object".to_owned()),
        "void" if value.is_null() => Ok(AMQPValue::Void),
        "void" => Err("a void is null".to_owned()),
        other => Err(format!("\"{other}\" is no type of AMQP; known are {}", TYPES.join(", "))),
    }
}

/// A whole number of any width.
pub(super) fn whole(value: &AMQPValue) -> Option<i64> {
    Some(match value {
        AMQPValue::ShortShortInt(n) => i64::from(*n),
        AMQPValue::ShortShortUInt(n) => i64::from(*n),
        AMQPValue::ShortInt(n) => i64::from(*n),
        AMQPValue::ShortUInt(n) => i64::from(*n),
        AMQPValue::LongInt(n) => i64::from(*n),
        AMQPValue::LongUInt(n) => i64::from(*n),
        AMQPValue::LongLongInt(n) => *n,
        _ => return None,
    })
}

/// Seconds since 1970 as a moment; the latest that there is for what lies beyond.
pub(super) fn moment(seconds: u64) -> Timestamp {
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000))
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| json!(value.to_string()), Value::Number)
}

fn text<'a>(kind: &str, value: &'a Value) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("a {kind} is written as a text"))
}

fn number(kind: &str, value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("a {kind} is a number"))
}

/// RFC 3339, or seconds since 1970.
fn timestamp(value: &Value) -> Result<u64, String> {
    let wrong = || "a timestamp is RFC 3339 text, or seconds since 1970".to_owned();
    match value {
        Value::String(text) => {
            let moment = Timestamp::parse(text).map_err(|_| wrong())?;
            u64::try_from(moment.0.div_euclid(1000)).map_err(|_| "AMQP has no time before 1970".to_owned())
        }
        _ => value.as_u64().ok_or_else(wrong),
    }
}

fn decimal(text: &str) -> Result<DecimalValue, String> {
    let wrong = || "a decimal is a text such as \"12.34\", not negative".to_owned();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = fraction.len().try_into().map_err(|_| wrong())?;
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    Ok(DecimalValue { scale, value: digits.parse().map_err(|_| wrong())? })
}

fn decimal_text(decimal: DecimalValue) -> String {
    let scale = usize::from(decimal.scale);
    let digits = format!("{:0>width$}", decimal.value, width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// JSON without named types, as it stands inside tables and arrays.
fn untyped(value: &Value) -> Result<AMQPValue, String> {
    Ok(match value {
        Value::Null => AMQPValue::Void,
        Value::Bool(v) => AMQPValue::Boolean(*v),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => AMQPValue::LongLongInt(n),
            (None, Some(n)) => AMQPValue::Double(n),
            (None, None) => return Err(format!("{n} fits no number of AMQP")),
        },
        Value::String(text) => AMQPValue::LongString(LongString::from(text.as_str())),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(untyped).collect();
            AMQPValue::FieldArray(FieldArray::from(items?))
        }
        Value::Object(entries) => {
            let mut table = FieldTable::default();
            for (name, value) in entries {
                let key = ShortString::try_new(name.as_str())
                    .map_err(|_| format!("the name {name} in a table is longer than 255 bytes"))?;
                table.insert(key, untyped(value)?);
            }
            AMQPValue::FieldTable(table)
        }
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn given_a_value_of_each_type_when_shown_and_sent_again_then_it_is_the_same() {
        let values = [
            ("string", json!("grün")),
            ("bool", json!(true)),
            ("byte", json!(-128)),
            ("unsigned-byte", json!(255)),
            ("short", json!(-32768)),
            ("unsigned-short", json!(65535)),
            ("int", json!(-2_147_483_648)),
            ("unsigned-int", json!(4_294_967_295_u32)),
            ("long", json!(i64::MIN)),
            ("float", json!(1.5)),
            ("double", json!(0.1)),
            ("decimal", json!("0.05")),
            ("timestamp", json!("2026-11-23T10:00:00.000Z")),
            ("bytes", json!("AP8=")),
            ("array", json!(["a", 1, 2.5, null])),
            ("table", json!({"a": {"b": [true]}})),
            ("void", Value::Null),
        ];
        for (kind, value) in values {
            assert_eq!(to_json(&from_json(kind, &value).unwrap()), (kind, value), "{kind}");
        }
    }

    #[test]
    fn given_a_value_that_does_not_fit_when_read_then_the_type_says_what_it_wants() {
        let wrong = [
            ("byte", json!(128)),
            ("unsigned-int", json!(-1)),
            ("bool", json!("yes")),
            ("long", json!(1.5)),
            ("timestamp", json!("yesterday")),
            ("timestamp", json!("1969-12-31T00:00:00Z")),
            ("bytes", json!("not base64!")),
            ("decimal", json!("-1.0")),
            ("table", json!([])),
            ("uuid", json!("x")),
        ];
        for (kind, value) in wrong {
            assert!(from_json(kind, &value).is_err(), "{kind} {value}");
        }
        assert!(from_json("uuid", &json!("x")).unwrap_err().contains("known are string"));
    }

    #[test]
    fn given_bytes_that_are_no_text_when_shown_then_they_are_base64() {
        let value = AMQPValue::LongString(LongString::from(vec![0, 255]));
        assert_eq!(to_json(&value), ("bytes", json!("AP8=")));
    }
}
