//! Names as they can be read: what can't be seen, or turns the letters around it, is written out.

use weir_model::is_hidden;

/// The text with each control, invisible and bidirectional formatting character written as `\u{202e}`: a name that
/// ends in one must not read as another.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_that_turns_its_letters_round_when_shown_then_the_override_is_written_out() {
        assert_eq!(visible("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(visible("tab\tnul\0"), "tab\\u{9}nul\\u{0}");
        assert_eq!(visible("\u{200b}"), "\\u{200b}");
    }

    #[test]
    fn given_names_in_any_script_when_shown_then_they_stay_as_they_are() {
        for name in ["orders.v2", "日本語", "größe", "صف", "emoji 🐇"] {
            assert_eq!(visible(name), name);
        }
    }
}
