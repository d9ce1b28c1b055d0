//! Forms that work with and without wasm.
//!
//! Without wasm a form is posted to the address of its own page; the server then writes that page again, with the
//! form in context, and the page does what was asked and shows the answer beside everything that was typed. With
//! wasm the same text goes to a server function, and the page stays.

use std::collections::VecDeque;

/// The body of the form that was posted to the page that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted(pub String);

/// The form that was posted to this page; there is none in the browser.
#[must_use]
pub fn posted() -> Option<String> {
    leptos::prelude::use_context::<Posted>().map(|form| form.0)
}

/// Names and values of a form, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`. Anything reads as some fields; bytes that are no text are lossy.
    #[must_use]
    pub fn parse(form: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        Self(form.split('&').filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// The first value of a name, as it was typed.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name without the space around it; `None` where the field was left empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// All values of a name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// True where a box was ticked or a button pressed.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// A text of several lines: browsers send each line end as CR LF, whatever was typed.
    #[must_use]
    pub fn lines(&self, name: &str) -> Option<String> {
        self.raw(name).map(|text| text.replace("\r\n", "\n"))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest: VecDeque<u8> = text.bytes().collect();
    while let Some(byte) = rest.pop_front() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match (hex(rest.front()), hex(rest.get(1))) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest.drain(..2);
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    char::from(*digit?).to_digit(16).map(|value| value as u8)
}

/// The content of the form that is being submitted, as a browser would post it.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn content_of(event: &leptos::ev::SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast as _;

    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let pairs = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(String::from(pairs.to_string()))
}

/// On the server nothing is submitted by events.
#[cfg(not(feature = "hydrate"))]
#[must_use]
pub fn content_of(_event: &leptos::ev::SubmitEvent) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn given_a_form_when_read_then_order_repeats_and_escapes_are_kept() {
        let form = Fields::parse("name=a&value=1+2&name=b%26%C3%A4&flag=on&empty=&bad=%zz");
        assert_eq!(form.all("name").collect::<Vec<_>>(), ["a", "b&ä"]);
        assert_eq!(form.text("value"), Some("1 2"));
        assert!(form.has("flag") && !form.has("other"));
        assert_eq!(form.text("empty"), None);
        assert_eq!(form.raw("bad"), Some("%zz"));
    }

    #[test]
    fn given_lines_when_read_then_they_end_as_they_were_typed() {
        assert_eq!(Fields::parse("body=a%0D%0Ab").lines("body").as_deref(), Some("a\nb"));
    }

    proptest! {
        #[test]
        fn given_any_text_when_read_then_nothing_panics(text in ".{0,80}") {
            let _ = Fields::parse(&text).all("a").count();
        }
    }
}
