//! What of a text can't be read as it stands.

/// True for a character that can't be seen or typed, or that turns the letters around it: controls, zero-width and
/// bidirectional formatting characters.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width and directional marks, line and
            // paragraph separators, embeddings and overrides, word joiner and isolates, byte order mark, annotations.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}
