//! Tables as files (RFC 4180): a line of heads, then the rows; UTF-8, lines end with CR LF.

use std::fmt::Write as _;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    Text(&'a str),
    /// In full; empty where it is not known.
    Number(Option<f64>),
}

/// A table that grows row by row.
#[derive(Clone, Debug, Default)]
pub struct Csv(String);

impl Csv {
    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.0.push(',');
            }
            match cell {
                Cell::Text(text) => write_text(&mut self.0, text),
                // Rust writes the shortest digits that read back as the same number.
                Cell::Number(Some(number)) => drop(write!(self.0, "{number}")),
                Cell::Number(None) => {}
            }
        }
        self.0.push_str("\r\n");
    }

    /// The whole file.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Spreadsheets run what begins as a formula: names come from brokers, so such a text gets an apostrophe before it.
fn write_text(file: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        let _ = write!(file, "\"{}\"", text.replace('"', "\"\""));
    } else {
        file.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell<'_>]) -> String {
        let mut csv = Csv::default();
        csv.row(cells.to_vec());
        csv.into_text()
    }

    #[test]
    fn given_text_that_a_spreadsheet_would_run_when_written_then_it_stays_text() {
        assert_eq!(line(&[Cell::Text("=1+1"), Cell::Text("a-b")]), "'=1+1,a-b\r\n");
        assert_eq!(line(&[Cell::Text("@x,y")]), "\"'@x,y\"\r\n");
        assert_eq!(line(&[Cell::Text("\tx")]), "'\tx\r\n");
    }

    #[test]
    fn given_numbers_when_written_then_they_are_exact_and_the_unknown_is_empty() {
        let cells = [Cell::Number(Some(-0.1)), Cell::Number(None), Cell::Number(Some(48_213.0))];
        assert_eq!(line(&cells), "-0.1,,48213\r\n");
        assert_eq!(line(&[Cell::Text("say \"hi\"\n")]), "\"say \"\"hi\"\"\n\"\r\n");
    }
}
