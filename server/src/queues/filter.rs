//! The filter language of the table.
//!
//! ```text
//! filter = term { " " term }                    all must hold
//! term   = [ "-" ] ( key operator values | word )
//! values = value { "," value }                  one must hold; a value with spaces stands in "quotes"
//! word   = the name contains it
//! ```
//! Keys and their operators are in [`KEYS`]. A figure that is unknown matches no comparison, only `key:unknown`.

mod matching;

use std::sync::Arc;

use weir_model::{Problem, QueueKind, QueueRow};

pub(super) use self::matching::kind_is;
use self::matching::{holds, kind_matches};
use super::value::{duration, number};

/// A key of the language, what it takes, and what it means.
pub struct Key {
    pub name: &'static str,
    pub takes: Takes,
    pub meaning: &'static str,
}

/// What may stand after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `:` exact, `~` contains.
    Text,
    /// `:` or `=`, `<`, `<=`, `>`, `>=` and a number, or `:unknown`.
    Number,
    /// The same with a duration.
    Duration,
}

/// All keys, in the order in which they are offered.
pub const KEYS: [Key; 18] = [
    key("name", Takes::Text, "~ contains; name:exact for the whole name"),
    key("broker", Takes::Text, "the broker's name"),
    key("kind", Takes::Text, "quorum, classic, stream, list, channel, topic"),
    key("scope", Takes::Text, "the vhost, or db 0"),
    key("status", Takes::Text, "critical, warning, ok, unknown"),
    key("trend", Takes::Text, "growing, steady, draining, unknown"),
    key("depth", Takes::Number, "messages, as 1000, 10k, 2M"),
    key("backlog", Takes::Number, "messages that wait"),
    key("unacknowledged", Takes::Number, "messages handed out and not acknowledged"),
    key("lag", Takes::Number, "of the slowest group"),
    key("consumers", Takes::Number, "a number; 0 finds queues nobody reads"),
    key("in", Takes::Number, "messages in per second"),
    key("out", Takes::Number, "messages out per second"),
    key("push_commands", Takes::Number, "commands per second that push to a list: at least so many come in"),
    key("take_commands", Takes::Number, "commands per second that take from a list: at least so many go out"),
    key("growth", Takes::Number, "change of the backlog per second"),
    key("age", Takes::Duration, "oldest message is older than 5m, 1h, 2d"),
    key("drain", Takes::Duration, "time to drain"),
];

const fn key(name: &'static str, takes: Takes, meaning: &'static str) -> Key {
    Key { name, takes, meaning }
}

/// A filter that was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    key: &'static str,
    tests: Vec<Test>,
    /// It reads like `key:value`, with a key that there is not: a name such as `queue:email`, or a mistake.
    unknown_key: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Is(String),
    Contains(String),
    Compare(Comparison, f64),
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Names the term that is not understood, and what would be.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let words = split(text)?;
        let terms: Result<_, _> = words.iter().map(|word| term(word)).collect();
        terms.map(|terms| Self { terms }).map_err(|message| Problem::field("q", message))
    }

    /// Refuses what can match nothing: a broker that there is not, and a key that there is not, unless a queue is called so.
    ///
    /// # Errors
    /// Names the word, and what is known.
    pub fn check(&self, brokers: &[&str], rows: &[Arc<QueueRow>]) -> Result<(), Problem> {
        for term in &self.terms {
            let values = term.tests.iter().filter_map(|test| match test {
                Test::Is(value) if term.key == "broker" => Some(value),
                _ => None,
            });
            if let Some(value) = values.into_iter().find(|value| !brokers.contains(&value.as_str())) {
                let message = format!("\"{value}\" is no broker; there are {}", brokers.join(", "));
                return Err(Problem::field("q", message));
            }
            if let Some(key) = &term.unknown_key
                && !rows.iter().any(|row| term.tests.iter().any(|test| holds(term.key, test, row)))
            {
                let keys = KEYS.map(|key| key.name).join(", ");
                let message = format!("\"{key}\" is no key, and no queue is called so; there are {keys}");
                return Err(Problem::field("q", message));
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn matches(&self, row: &QueueRow) -> bool {
        self.terms.iter().all(|term| term.tests.iter().any(|test| holds(term.key, test, row)) != term.negated)
    }
}

/// Splits at spaces outside quotes; the quotes are taken away.
fn split(text: &str) -> Result<Vec<String>, Problem> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err(Problem::field("q", "a quotation mark is not closed: write name:\"two words\""));
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

fn term(word: &str) -> Result<Term, String> {
    let (negated, rest) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let Some(at) = rest.find([':', '~', '<', '>', '=']).filter(|at| *at > 0) else {
        if rest.is_empty() {
            return Err("a minus needs a term behind it, as -name~test".to_owned());
        }
        return Ok(Term {
            negated,
            key: "name",
            tests: vec![Test::Contains(rest.to_lowercase())],
            unknown_key: None,
        });
    };
    let name = &rest[..at];
    let Some(key) = KEYS.iter().find(|k| k.name == name) else {
        // A name such as `queue:email` is looked for as it stands, unless it is a slip of the finger.
        let near =
            KEYS.iter().filter(|k| strsim::damerau_levenshtein(k.name, name) <= 2).map(|k| k.name).next();
        return match near {
            Some(near) => {
                Err(format!("\"{name}\" is no key; did you mean {near}? To look for the text: name~{rest}"))
            }
            None => Ok(Term {
                negated,
                key: "name",
                tests: vec![Test::Contains(rest.to_lowercase())],
                unknown_key: Some(name.to_owned()),
            }),
        };
    };
    let operator_end = if rest[at + 1..].starts_with('=') { at + 2 } else { at + 1 };
    let (operator, values) = (&rest[at..operator_end], &rest[operator_end..]);
    if values.is_empty() {
        return Err(format!("{name}{operator} needs a value behind it"));
    }
    let tests: Result<_, _> = values.split(',').map(|value| test(key, operator, value)).collect();
    Ok(Term { negated, key: key.name, tests: tests?, unknown_key: None })
}

fn test(key: &Key, operator: &str, value: &str) -> Result<Test, String> {
    if key.takes == Takes::Text {
        return match operator {
            ":" | "=" => word_of(key.name, value).map(Test::Is),
            "~" => Ok(Test::Contains(value.to_lowercase())),
            _ => Err(format!("{} takes : or ~, not {operator}", key.name)),
        };
    }
    if value == "unknown" && matches!(operator, ":" | "=") {
        return Ok(Test::Unknown);
    }
    let comparison = match operator {
        ":" | "=" => Comparison::Equal,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return Err(format!("{} takes : < <= > or >=, not {operator}", key.name)),
    };
    let (parsed, example) = match key.takes {
        Takes::Duration => (duration(value), "5m, 1h or 2d"),
        _ => (number(value), "1000, 10k or 2M"),
    };
    parsed
        .map(|number| Test::Compare(comparison, number))
        .ok_or_else(|| format!("\"{value}\" after {}{operator} is no number such as {example}", key.name))
}

/// Words of closed lists are checked, so that a typing error does not read as "nothing found".
fn word_of(key: &str, value: &str) -> Result<String, String> {
    let list: &[&str] = match key {
        "kind" => {
            let kinds = QueueKind::ALL.map(QueueKind::as_str);
            let known = kinds.iter().any(|kind| kind_matches(kind, value));
            let wrong = || format!("\"{value}\" is no kind; there are {}", kinds.join(", "));
            return if known { Ok(value.to_owned()) } else { Err(wrong()) };
        }
        "status" => &["critical", "warning", "ok", "unknown"],
        "trend" => &["growing", "steady", "draining", "unknown"],
        _ => return Ok(value.to_owned()),
    };
    if list.contains(&value) {
        return Ok(value.to_owned());
    }
    Err(format!("\"{value}\" is no {key}; there are {}", list.join(", ")))
}

#[cfg(test)]
mod tests {
    use weir_model::{Unknown, UnknownCode};

    use super::*;
    use crate::queues::sort::tests::row;

    fn matches(filter: &str, row: &QueueRow) -> bool {
        Filter::parse(filter).expect("a filter").matches(row)
    }

    #[test]
    fn given_the_example_of_the_interface_when_matched_then_all_terms_must_hold() {
        let mut orders = row("prod", "orders.events");
        orders.kind = QueueKind::RedisStream;
        orders.depth = Some(1500);
        orders.oldest_age_seconds = Some(600.0);
        assert!(matches("kind:stream broker:prod depth>1000 age>5m name~orders", &orders));
        assert!(!matches("kind:stream broker:prod depth>2k", &orders));
        assert!(!matches("-name~orders", &orders));
        assert!(matches("broker:test,prod status:ok,warning", &orders));
    }

    /// The row with a reason why it has not this figure.
    fn without(mut row: QueueRow, name: &str, code: UnknownCode) -> QueueRow {
        row.unknown.insert(name.to_owned(), Unknown::new(code, "why not"));
        row
    }

    #[test]
    fn given_an_unknown_figure_when_compared_then_it_matches_unknown_alone() {
        let queue = without(row("a", "b"), "depth", UnknownCode::NoPermission);
        assert!(!matches("depth<1000000", &queue) && !matches("depth>=0", &queue));
        assert!(matches("depth:unknown", &queue));
    }

    #[test]
    fn given_a_kind_that_has_no_such_figure_when_compared_then_it_is_not_unknown() {
        let channel = without(row("cache", "news"), "backlog", UnknownCode::NotApplicable);
        assert!(!matches("backlog:unknown", &channel) && !matches("backlog<1", &channel));
        assert!(!matches("drain:unknown", &channel), "what does not drain has no time to drain");
    }

    #[test]
    fn given_commands_on_a_list_when_compared_then_they_are_figures_of_their_own() {
        let jobs = row("cache", "jobs");
        let off = without(jobs.clone(), "push_commands_rate", UnknownCode::StatisticsOff);
        let off = without(off, "take_commands_rate", UnknownCode::StatisticsOff);
        assert!(matches("push_commands:unknown take_commands:unknown", &off));
        let mut list =
            without(without(jobs, "in_rate", UnknownCode::NoCounter), "out_rate", UnknownCode::NoCounter);
        (list.push_commands_rate, list.take_commands_rate) = (Some(12.0), Some(0.0));
        assert!(matches("push_commands>10 take_commands:0 in:unknown out:unknown", &list));
        assert!(!matches("take_commands>0", &list) && !matches("push_commands:unknown", &list));
    }

    #[test]
    fn given_a_slip_when_parsed_then_the_error_names_the_way_out() {
        for (filter, part) in [
            ("dpth>1", "did you mean depth"),
            ("depth>many", "is no number"),
            ("status:bad", "there are critical"),
            ("depth~1", "takes :"),
            ("name:\"a", "not closed"),
            ("depth>", "needs a value"),
        ] {
            let error = Filter::parse(filter).expect_err(filter);
            assert!(error.detail.contains(part), "{filter}: {}", error.detail);
        }
    }

    #[test]
    fn given_a_word_that_can_match_nothing_when_checked_then_it_is_named_with_what_is_known() {
        let rows = [Arc::new(row("a", "queue:email"))];
        let check = |filter: &str| {
            let parsed = Filter::parse(filter)?;
            parsed.check(&["a", "b"], &rows)
        };
        for (filter, part) in [
            ("foo:bar", "\"foo\" is no key"),
            ("foo>>", "\"foo\" is no key"),
            ("kind:banana", "rabbitmq-classic"),
            ("-broker:zzz", "there are a, b"),
        ] {
            let error = check(filter).expect_err(filter);
            assert!(error.detail.contains(part), "{filter}: {}", error.detail);
        }
        for filter in ["queue:email", "broker:a,b kind:stream", "nothing", ""] {
            assert_eq!(check(filter), Ok(()), "{filter}");
        }
    }

    #[test]
    fn given_a_name_with_a_colon_when_looked_for_then_it_is_a_word() {
        assert!(matches("queue:email", &row("a", "queue:email")));
    }
}
