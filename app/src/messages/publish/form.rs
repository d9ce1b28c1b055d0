//! The request that a publish form means, by the shape of the queue's messages.

use weir_model::{
    FieldError, Problem, ProblemKind, Timestamp,
    message::{
        BodyEncoding, BodyInput, Field, HeaderInput, MessageShape, Payload, Properties, PublishRequest, Side,
    },
};

use crate::forms::Fields;

/// Reads the form for messages of this shape. Fields that the shape has not are not in its form.
///
/// # Errors
/// Every field that is wrong, with what it wants.
pub fn publish_request(shape: MessageShape, form: &str) -> Result<PublishRequest, Problem> {
    let mut reader = Reader { fields: Fields::parse(form), errors: Vec::new() };
    let mut request = PublishRequest { repeat: reader.number("repeat"), ..PublishRequest::default() };
    if shape != MessageShape::Entry {
        request.body = reader.body();
    }
    if shape.has_headers() {
        request.headers = reader.headers();
    }
    match shape {
        MessageShape::Routed => {
            // An exchange without a name is the default one, so an empty field is a value.
            request.exchange = reader.fields.raw("exchange").map(|text| text.trim().to_owned());
            request.routing_key = reader.fields.raw("routing_key").map(str::to_owned);
            request.properties = Some(reader.properties());
        }
        MessageShape::List => request.side = Some(reader.side()),
        MessageShape::Entry => request.fields = Some(reader.entry()),
        MessageShape::Plain => {}
        MessageShape::Record => {
            request.key = reader.fields.raw("key").filter(|key| !key.is_empty()).map(str::to_owned);
            request.partition = reader.number("partition");
            request.timestamp = reader.time("timestamp");
        }
    }
    reader.end(request)
}

/// Reads fields and remembers what is wrong.
struct Reader {
    fields: Fields,
    errors: Vec<FieldError>,
}

impl Reader {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    fn end(self, request: PublishRequest) -> Result<PublishRequest, Problem> {
        if self.errors.is_empty() {
            return Ok(request);
        }
        let lines: Vec<String> = self.errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect();
        Err(Problem { errors: self.errors, ..Problem::new(ProblemKind::Invalid, lines.join("; ")) })
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.fields.text(name)?.to_owned();
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, format!("\"{text}\" is no whole number in its range"));
        }
        number
    }

    fn time(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.fields.text(name)?.to_owned();
        let time = Timestamp::parse(&text).ok();
        if time.is_none() {
            self.wrong(name, format!("\"{text}\" is no time: write 2030-01-31T12:00:00Z"));
        }
        time
    }

    fn body(&self) -> Payload {
        if self.fields.has("tombstone") {
            return Payload::Tombstone;
        }
        let encoding = if self.fields.has("base64") { BodyEncoding::Base64 } else { BodyEncoding::Utf8 };
        BodyInput { encoding, data: self.fields.lines("body").unwrap_or_default() }.into()
    }

    /// Names and values of rows; a row without a name is no header, unless it has a value.
    fn rows(&mut self, names: &str, values: &str) -> Vec<(String, String)> {
        let pairs: Vec<(String, String)> = self
            .fields
            .all(names)
            .zip(self.fields.all(values))
            .map(|(name, value)| (name.trim().to_owned(), value.replace("\r\n", "\n")))
            .filter(|(name, value)| !name.is_empty() || !value.is_empty())
            .collect();
        if let Some((_, value)) = pairs.iter().find(|(name, _)| name.is_empty()) {
            self.wrong(names, format!("the name of the value \"{value}\" is missing"));
        }
        pairs
    }

    fn headers(&mut self) -> Vec<HeaderInput> {
        let header = |(name, value): (String, String)| HeaderInput {
            name,
            kind: "string".to_owned(),
            value: serde_json::Value::String(value),
        };
        self.rows("header_name", "header_value").into_iter().map(header).collect()
    }

    fn entry(&mut self) -> Vec<Field> {
        let fields = self.rows("header_name", "header_value");
        if fields.is_empty() {
            self.wrong("header_name", "an entry has at least one field");
        }
        fields.into_iter().map(|(name, value)| Field { name, value }).collect()
    }

    fn side(&mut self) -> Side {
        match self.fields.text("side").unwrap_or("right").to_owned().as_str() {
            "left" => Side::Left,
            "right" => Side::Right,
            other => {
                self.wrong("side", format!("\"{other}\" is none of left, right"));
                Side::Right
            }
        }
    }

    fn properties(&mut self) -> Properties {
        let text = |fields: &Fields, name: &str| fields.text(name).map(str::to_owned);
        let priority = self.number("priority");
        let fields = &self.fields;
        Properties {
            content_type: text(fields, "content_type"),
            delivery_mode: Some(if fields.has("persistent") { 2 } else { 1 }),
            priority,
            correlation_id: text(fields, "correlation_id"),
            reply_to: text(fields, "reply_to"),
            expiration: text(fields, "expiration"),
            message_id: text(fields, "message_id"),
            kind: text(fields, "type"),
            ..Properties::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't unwrap fails, as it should")]

    use super::*;

    #[test]
    fn given_a_form_for_a_queue_when_read_then_the_default_exchange_is_an_empty_name() {
        let form = "exchange=&routing_key=hello&body=%7B%7D%0D%0A&persistent=on&priority=3\
            &header_name=x-a&header_value=1&header_name=&header_value=&repeat=10";
        let request = publish_request(MessageShape::Routed, form).unwrap();
        assert_eq!(request.exchange.as_deref(), Some(""));
        assert_eq!(request.routing_key.as_deref(), Some("hello"));
        assert_eq!(request.body.body().unwrap().data, "{}\n");
        assert_eq!(request.headers.len(), 1);
        assert_eq!(request.repeat, Some(10));
        let properties = request.properties.unwrap();
        assert_eq!((properties.delivery_mode, properties.priority), (Some(2), Some(3)));
    }

    #[test]
    fn given_a_form_for_a_topic_when_it_is_a_tombstone_then_there_is_no_body() {
        let form = "key=k&partition=2&timestamp=1970-01-01T00:00:01Z&tombstone=on&body=left+over";
        let request = publish_request(MessageShape::Record, form).unwrap();
        assert_eq!(request.body, Payload::Tombstone);
        assert_eq!((request.key.as_deref(), request.partition), (Some("k"), Some(2)));
        assert_eq!(request.timestamp, Some(Timestamp(1_000)));
        assert_eq!(request.properties, None);
    }

    #[test]
    fn given_a_form_for_redis_when_read_then_only_what_the_kind_has_is_in_the_request() {
        let list = publish_request(MessageShape::List, "side=left&body=a&exchange=x").unwrap();
        assert_eq!((list.side, list.exchange), (Some(Side::Left), None));
        let form = "header_name=id&header_value=7&header_name=id&header_value=8";
        let entry = publish_request(MessageShape::Entry, form).unwrap();
        assert!(entry.body.is_absent());
        assert_eq!(entry.fields.unwrap().len(), 2);
    }

    #[test]
    fn given_several_wrong_fields_when_read_then_each_is_named() {
        let form = "partition=x&timestamp=noon&repeat=-1&header_name=&header_value=v";
        let problem = publish_request(MessageShape::Record, form).unwrap_err();
        let fields: Vec<&str> = problem.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["repeat", "header_name", "partition", "timestamp"]);
        assert!(publish_request(MessageShape::Entry, "").is_err());
    }
}
