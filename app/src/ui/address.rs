//! Links whose state stands in the query.

use std::fmt::Write as _;

/// A path with the parameters that are set and not empty, escaped the same way on the server and in the browser.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut address = path.to_owned();
    let mut joint = '?';
    for (name, value) in parameters {
        let Some(value) = value.filter(|v| !v.is_empty()) else { continue };
        let _ = write!(address, "{joint}{name}=");
        escape_into(&mut address, value);
        joint = '&';
    }
    address
}

/// The page of a queue, or a tab of it.
#[must_use]
pub fn queue_path(broker: &str, id: &weir_model::QueueId) -> String {
    format!("/brokers/{broker}/queues/{id}")
}

fn escape_into(address: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b',') {
            address.push(char::from(byte));
        } else if byte == b' ' {
            address.push('+');
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_parameters_when_written_then_unset_ones_are_left_out_and_the_rest_is_escaped() {
        let address =
            with_query("/queues", &[("q", Some("depth>1k -name~ü")), ("sort", None), ("kind", Some(""))]);
        assert_eq!(address, "/queues?q=depth%3E1k+-name~%C3%BC");
        assert_eq!(with_query("/queues", &[]), "/queues");
    }
}
