//! The text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;

/// Lines under the family that was named last.
#[derive(Debug, Default)]
pub(super) struct Text {
    written: String,
    family: &'static str,
}

impl Text {
    pub(super) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = writeln!(self.written, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(super) fn line(&mut self, labels: &[(&str, &str)], value: f64) {
        self.written.push_str(self.family);
        for (n, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.written, "{}{label}=\"{}\"", if n == 0 { "{" } else { "," }, escaped(text));
        }
        let _ = writeln!(self.written, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    pub(super) fn into_string(self) -> String {
        self.written
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_with_quotes_when_written_then_it_is_escaped() {
        let mut text = Text::default();
        text.family("a", "gauge", "Help.");
        text.line(&[("queue", "x\"\\\n"), ("kind", "k")], 1.5);
        text.line(&[], 3.0);
        let expected = "# HELP a Help.\n# TYPE a gauge\na{queue=\"x\\\"\\\\\\n\",kind=\"k\"} 1.5\na 3\n";
        assert_eq!(text.into_string(), expected);
    }
}
