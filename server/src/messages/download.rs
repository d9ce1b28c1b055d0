//! Names of files that bodies are downloaded as.

use weir_app::messages::api::RawBody;

/// Letters of a name at most, its ending left out.
const LONGEST_NAME: usize = 100;

/// The bytes with a name that any file system takes and that no header has to escape.
pub(super) fn raw_body(queue: &str, position: &str, bytes: Vec<u8>) -> RawBody {
    let name: String = format!("{queue}-{position}").chars().map(plain).take(LONGEST_NAME).collect();
    let name = name.trim_matches(['.', '-', '_']);
    let name = if name.is_empty() { "message" } else { name };
    RawBody { file_name: format!("{name}.{}", ending(&bytes)), bytes }
}

fn plain(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') { letter } else { '_' }
}

fn ending(bytes: &[u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Err(_) => "bin",
        Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "json",
        Ok(_) => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_odd_names_when_downloaded_then_the_file_name_is_plain() {
        assert_eq!(raw_body("../orders/ä\"b", "3:17", b"{}".to_vec()).file_name, "orders___b-3_17.json");
        assert_eq!(raw_body("\n", "/", b"plain text".to_vec()).file_name, "message.txt");
        assert_eq!(raw_body(&"x".repeat(500), "1", vec![255]).file_name.len(), LONGEST_NAME + 4);
    }
}
