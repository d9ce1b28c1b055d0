//! Which topics are listed.

/// Patterns of topic names with `*` and `?`.
pub(super) struct Selection(Vec<String>);

impl Selection {
    pub(super) fn new(patterns: &[String]) -> Self {
        Self(patterns.to_vec())
    }

    /// Without patterns everything but Kafka's own bookkeeping; with patterns what they match.
    pub(super) fn lists(&self, topic: &str, internal: bool) -> bool {
        if self.0.is_empty() {
            return !internal;
        }
        self.0.iter().any(|pattern| matches(pattern.as_bytes(), topic.as_bytes()))
    }
}

/// Goes back to the last star where the rest does not fit: linear in practice, never exponential.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, n) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_patterns_when_matched_then_stars_take_any_run_of_characters() {
        for (pattern, name, fits) in [
            ("orders*", "orders.eu", true),
            ("*.dlq", "orders.dlq", true),
            ("*.dlq", "orders.dlq.old", false),
            ("a*b*c", "axxbyyc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn given_no_patterns_when_listing_then_only_bookkeeping_is_left_out() {
        let all = Selection::new(&[]);
        assert!(all.lists("orders", false) && !all.lists("__consumer_offsets", true));
        assert!(Selection::new(&["__*".to_owned()]).lists("__consumer_offsets", true));
    }
}
