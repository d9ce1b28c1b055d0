//! A body as text, as bytes, as a first line. Bodies are shown, never interpreted.

pub(super) mod texts;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use weir_model::message::{Body, BodyEncoding};

/// Bytes of a hex view at most; the rest is in the download.
const HEX_BYTES: usize = 8192;
/// Fits a phone, and the drawer beside the table.
const HEX_ROW: usize = 8;
/// Letters of a first line.
const LINE: usize = 160;

/// The bytes that were sent to the screen.
#[must_use]
pub fn bytes(body: &Body) -> Vec<u8> {
    match body.encoding {
        BodyEncoding::Utf8 => body.data.clone().into_bytes(),
        // The server encoded it; what can't be read shows as nothing.
        BodyEncoding::Base64 => STANDARD.decode(&body.data).unwrap_or_default(),
    }
}

/// The text, where the body is one.
#[must_use]
pub fn text(body: &Body) -> Option<&str> {
    (body.encoding == BodyEncoding::Utf8).then_some(body.data.as_str())
}

/// What fits a table row: the first line, with signs for what can't be seen.
#[must_use]
pub fn first_line(body: &Body) -> String {
    let Some(text) = text(body) else {
        return bytes(body).iter().take(24).map(|byte| format!("{byte:02x} ")).collect::<String>();
    };
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = text.trim_start().chars().take(LINE).map(visible).collect();
    if text.chars().nth(LINE).is_some() { format!("{line}…") } else { line }
}

/// One row of a hex view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexRow {
    pub offset: String,
    pub hex: String,
    pub text: String,
}

/// The bytes, eight a row; `false` where there are more than are shown.
#[must_use]
pub fn hex(body: &Body) -> (Vec<HexRow>, bool) {
    let bytes = bytes(body);
    let shown = &bytes[..bytes.len().min(HEX_BYTES)];
    let row = |(n, row): (usize, &[u8])| HexRow {
        offset: format!("{:06x}", n * HEX_ROW),
        hex: row.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
        text: row.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '.' }).collect(),
    };
    (shown.chunks(HEX_ROW).enumerate().map(row).collect(), shown.len() == bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(encoding: BodyEncoding, data: &str) -> Body {
        Body { encoding, data: data.to_owned(), truncated: false }
    }

    #[test]
    fn given_bytes_when_shown_as_hex_then_each_row_says_where_it_stands() {
        let (rows, whole) = hex(&body(BodyEncoding::Base64, "AP9BQg=="));
        assert!(whole);
        let row =
            HexRow { offset: "000000".to_owned(), hex: "00 ff 41 42".to_owned(), text: "..AB".to_owned() };
        assert_eq!(rows, [row]);
    }

    #[test]
    fn given_a_long_text_when_shown_in_a_row_then_it_is_cut_and_has_no_line_ends() {
        let long = body(BodyEncoding::Utf8, &format!("a\nb\u{1b}{}", "x".repeat(400)));
        let line = first_line(&long);
        assert!(
            line.starts_with("a b x") && line.ends_with('…') && line.chars().count() == LINE + 1,
            "{line}"
        );
        assert_eq!(first_line(&body(BodyEncoding::Base64, "AP8=")), "00 ff ");
    }

    #[test]
    fn given_more_bytes_than_fit_when_shown_as_hex_then_it_says_so() {
        let (rows, whole) = hex(&body(BodyEncoding::Utf8, &"x".repeat(HEX_BYTES + 1)));
        assert_eq!((rows.len(), whole), (HEX_BYTES / HEX_ROW, false));
    }
}
