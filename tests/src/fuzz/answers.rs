//! What a broker is asked, what a true one answered, and what is answered instead.

use std::{
    cmp::Reverse,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};

use super::edits::edited;

/// The answers of a real broker: the question, and the answer as JSON.
pub(super) type Answers = Vec<(String, Value)>;

/// An answer in the broker's own form.
pub(super) type Bytes = Arc<[u8]>;

/// Reads a file of recorded answers. Of two questions that fit, the longer one is meant and comes first.
pub(super) fn recorded(json: &str) -> Answers {
    let read: Map<String, Value> = serde_json::from_str(json).expect("answers in JSON");
    let mut answers: Answers = read.into_iter().collect();
    answers.sort_by_key(|(asked, _)| Reverse(asked.len()));
    answers
}

/// What an input makes of one answer.
pub(super) struct MadeUp {
    /// Which of the questions is answered so.
    pub(super) asked: usize,
    pub(super) answer: Bytes,
    /// The third byte of the input, for what a kind of broker has beside.
    pub(super) flags: u8,
    /// Only from the second look on, so that what was true before is compared with it.
    pub(super) later: bool,
}

impl MadeUp {
    /// The first byte names the question, the second says how the rest is meant: as it stands, as a text, or as edits of
    /// the true answer. `None` for an input too short.
    pub(super) fn of(data: &[u8], answers: &Answers, written: fn(&Value) -> Vec<u8>) -> Option<Self> {
        let [asked, how, flags, rest @ ..] = data else { return None };
        let asked = usize::from(*asked) % answers.len();
        let answer = match how & 3 {
            0 => rest.to_vec(),
            1 => written(&Value::from(String::from_utf8_lossy(rest))),
            _ => written(&edited(answers[asked].1.clone(), rest)),
        };
        Some(Self { asked, answer: answer.into(), flags: *flags, later: how & 4 != 0 })
    }
}

/// What is answered now.
#[derive(Clone)]
pub(super) struct Script {
    truth: Arc<[(String, Bytes)]>,
    made_up: Arc<Mutex<Option<Arc<MadeUp>>>>,
}

impl Script {
    pub(super) fn new(answers: &Answers, written: fn(&Value) -> Vec<u8>) -> Self {
        let truth =
            answers.iter().map(|(asked, answer)| (asked.clone(), Bytes::from(written(answer)))).collect();
        Self { truth, made_up: Arc::default() }
    }

    /// From now on one answer is made up, or none.
    pub(super) fn say(&self, made_up: Option<Arc<MadeUp>>) {
        *self.made_up.lock().unwrap_or_else(PoisonError::into_inner) = made_up;
    }

    /// The answer to the first question that fits, and what made it up where it is not true; `None` for a question that
    /// nobody recorded.
    pub(super) fn answer(&self, fits: impl Fn(&str) -> bool) -> Option<(Bytes, Option<Arc<MadeUp>>)> {
        let at = self.truth.iter().position(|(asked, _)| fits(asked))?;
        let made_up = self.made_up.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(match made_up.filter(|made_up| made_up.asked == at) {
            Some(made_up) => (Arc::clone(&made_up.answer), Some(made_up)),
            None => (Arc::clone(&self.truth[at].1), None),
        })
    }
}
