//! Ids and lists of byte strings are one to one.

use weir_model::{IdError, QueueId};

/// The first byte parts the others into what an id is made of; the input as it stands is read as an id.
pub fn queue_id(data: &[u8]) {
    if let Some((separator, rest)) = data.split_first() {
        write(&rest.split(|byte| byte == separator).collect::<Vec<_>>());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
}

fn write(parts: &[&[u8]]) {
    let id = QueueId::from_parts(parts);
    assert_eq!(id.parts(), parts, "{id}");
    if parts == [b""] {
        assert_eq!(id.as_str().parse::<QueueId>(), Err(IdError::Empty));
        return;
    }
    assert_eq!(id.as_str().parse(), Ok(id.clone()));
    let json = serde_json::to_string(&id).expect("an id is a text");
    assert_eq!(serde_json::from_str::<QueueId>(&json).expect("its own JSON"), id);
}

fn read(text: &str) {
    match text.parse::<QueueId>() {
        Ok(id) => {
            assert_eq!(id.as_str(), text);
            assert_eq!(QueueId::from_parts(&id.parts()), id, "a second spelling was read");
        }
        Err(IdError::Empty) => assert!(text.is_empty()),
        Err(IdError::BadByte { at } | IdError::NotCanonical { at, .. }) => {
            assert!(
                at == 0 || text[..at].parse::<QueueId>().is_ok(),
                "the first wrong byte of {text:?} is before {at}"
            );
        }
    }
}
