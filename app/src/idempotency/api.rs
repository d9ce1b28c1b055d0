//! What changes ask of the server, so that none is done twice.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, sleep};
use weir_model::{Outcome, Problem, ProblemKind, Step};

use super::FIELD;
use crate::{access::Principal, forms::Fields};

/// Characters of a key at most.
const LONGEST: usize = 255;
/// How long the second of two clicks waits for the answer of the first.
const CLICKED_TWICE: Duration = Duration::from_secs(20);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A caller's own word for one change. Each principal has keys of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub owner: String,
    pub text: String,
    /// How long to wait for the answer where the same request is still running.
    patience: Duration,
}

impl IdempotencyKey {
    /// The key of a request by a program, which is told at once where the same request is still running.
    ///
    /// # Errors
    /// It is empty, longer than 255 characters, or has others than the visible ones of ASCII.
    pub fn of_header(who: &Principal, text: &str) -> Result<Self, Problem> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            let message =
                format!("a key has 1 to {LONGEST} visible ASCII characters, such as those of a UUID");
            return Err(Problem::field("Idempotency-Key", message));
        }
        Ok(Self { owner: who.name.clone(), text: text.to_owned(), patience: Duration::ZERO })
    }

    /// The key of a form's field, which a double click or a reload sends again; the second waits for the first's answer.
    ///
    /// # Errors
    /// It is none.
    pub fn of_field(who: &Principal, text: &str) -> Result<Self, Problem> {
        Ok(Self { patience: CLICKED_TWICE, ..Self::of_header(who, text)? })
    }

    /// The key among a form's fields, where it has one.
    ///
    /// # Errors
    /// As [`IdempotencyKey::of_field`].
    pub fn of_form(who: &Principal, form: &str) -> Result<Option<Self>, Problem> {
        let fields = Fields::parse(form);
        fields.text(FIELD).map(|text| Self::of_field(who, text)).transpose()
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new, and now the caller's: act, then keep the answer or release the key.
    New,
    /// The same request is running.
    Running,
    /// The same request was answered with this.
    Answered(String),
    /// Weir stopped while the same request was running.
    Lost,
}

/// Remembers keys for 24 hours, also over a restart.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Claims a key for a request, before the act begins; of equal calls at one time exactly one gets
    /// [`Claim::New`].
    ///
    /// # Errors
    /// `Refused` where another request used the key; `Unavailable` where it can't be noted, so that nothing may be
    /// done.
    async fn claim(&self, key: &IdempotencyKey, request: &[u8]) -> Result<Claim, Problem>;

    /// Keeps the answer of a claimed key.
    async fn keep(&self, key: &IdempotencyKey, answer: &str);

    /// Forgets a claimed key: nothing was done, so it may be tried again.
    async fn release(&self, key: &IdempotencyKey);
}

/// Does a change once: the same key and request get the first answer again. Without a key it is just done. Either way
/// it goes on to its end where the caller goes away: else nobody would learn its outcome.
///
/// `request` is everything that makes one request differ from another.
///
/// # Errors
/// The change's own; a conflict where it is still running; `Refused` where the key was used for another request; an
/// unknown outcome where Weir stopped in the middle of it.
pub async fn once<T>(
    keys: Arc<dyn Keys>,
    key: Option<IdempotencyKey>,
    request: &impl Serialize,
    change: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem>
where
    T: Serialize + DeserializeOwned + Send + 'static,
{
    let Some(key) = key else { return to_its_end(change).await };
    let request = serde_json::to_vec(request).map_err(|_| bug())?;
    to_its_end(async move {
        match claim(keys.as_ref(), &key, &request).await? {
            Claim::New => {
                let result = to_its_end(change).await;
                match kept(&result) {
                    Some(answer) => keys.keep(&key, &answer).await,
                    None => keys.release(&key).await,
                }
                result
            }
            Claim::Running => Err(Problem::conflict(RUNNING)),
            Claim::Answered(answer) => again(&answer),
            Claim::Lost => Err(lost()),
        }
    })
    .await
}

const RUNNING: &str = "the same request with this Idempotency-Key is still running: ask again in a moment";
const NOT_REPEATED: &str = "it was not repeated: look at the queue, and use another key to do it again";

async fn claim(keys: &dyn Keys, key: &IdempotencyKey, request: &[u8]) -> Result<Claim, Problem> {
    let until = Instant::now() + key.patience;
    loop {
        match keys.claim(key, request).await? {
            Claim::Running if Instant::now() < until => sleep(LOOK_EVERY).await,
            other => return Ok(other),
        }
    }
}

/// What to keep of a result; `None` where the key may be used again.
fn kept<T: Serialize>(result: &Result<T, Problem>) -> Option<String> {
    let free = result.as_ref().is_err_and(nothing_was_done);
    // An answer that can't be written reads "outcome unknown" the next time: better than the act again.
    (!free).then(|| serde_json::to_string(result).unwrap_or_default())
}

/// Problems after which the same request may be tried anew. Where there is doubt, the answer is no.
fn nothing_was_done(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::BrokerTimeout => problem.outcome == Some(Outcome::NotDone),
        ProblemKind::BrokerFailed => {
            matches!(
                problem.step,
                Some(Step::Resolve | Step::Connect | Step::Tls | Step::Authenticate | Step::Version)
            )
        }
        ProblemKind::Refused | ProblemKind::Internal => false,
        _ => problem.outcome != Some(Outcome::Unknown),
    }
}

/// The answer that was kept.
fn again<T: DeserializeOwned>(answer: &str) -> Result<T, Problem> {
    let kept: Result<T, Problem> = serde_json::from_str(answer).map_err(|_| lost())?;
    kept.map_err(|problem| match problem.outcome {
        Some(Outcome::Unknown) => {
            Problem { detail: format!("{}; {NOT_REPEATED}", problem.detail), ..problem }
        }
        _ => problem,
    })
}

fn lost() -> Problem {
    let detail = format!("Weir stopped before the outcome was known; {NOT_REPEATED}");
    Problem { outcome: Some(Outcome::Unknown), ..Problem::new(ProblemKind::BrokerTimeout, detail) }
}

async fn to_its_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(change).await.unwrap_or_else(|_| Err(bug()))
}

/// A fault of Weir's own, in the middle of something.
fn bug() -> Problem {
    let detail = "a bug of Weir's: the log of the server tells more; whether it was done is unknown";
    Problem { outcome: Some(Outcome::Unknown), ..Problem::new(ProblemKind::Internal, detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_key_when_read_then_only_visible_characters_are_taken() {
        let who = Principal::local_admin();
        for wrong in ["", " ", "a b", "ä", &"x".repeat(256)] {
            let refused = IdempotencyKey::of_header(&who, wrong);
            assert!(refused.is_err_and(|p| p.errors[0].field == "Idempotency-Key"), "{wrong}");
        }
        assert!(IdempotencyKey::of_header(&who, &"x".repeat(255)).is_ok());
        assert_eq!(IdempotencyKey::of_form(&who, "body=x"), Ok(None));
        let form = IdempotencyKey::of_form(&who, "body=x&idempotency_key=k1");
        assert!(form.is_ok_and(|key| key.is_some_and(|key| key.text == "k1")));
    }

    #[test]
    fn given_a_problem_when_it_leaves_a_doubt_then_the_key_is_not_free_again() {
        let of = |kind, step, outcome| Problem { step, outcome, ..Problem::new(kind, "x") };
        for (kind, step, outcome, free) in [
            (ProblemKind::Conflict, None, None, true),
            (ProblemKind::Unavailable, None, None, true),
            (ProblemKind::BrokerFailed, Some(Step::Connect), None, true),
            (ProblemKind::BrokerTimeout, Some(Step::Write), Some(Outcome::NotDone), true),
            (ProblemKind::BrokerTimeout, Some(Step::Write), Some(Outcome::Unknown), false),
            (ProblemKind::BrokerFailed, Some(Step::Write), None, false),
            (ProblemKind::BrokerFailed, Some(Step::Read), None, false),
            (ProblemKind::Refused, None, None, false),
            (ProblemKind::Internal, None, None, false),
        ] {
            assert_eq!(nothing_was_done(&of(kind, step, outcome)), free, "{kind:?} {step:?} {outcome:?}");
        }
    }

    #[test]
    fn given_an_unknown_outcome_when_answered_again_then_it_says_that_it_was_not_repeated() {
        let silent = Problem {
            outcome: Some(Outcome::Unknown),
            ..Problem::new(ProblemKind::BrokerTimeout, "no answer within 5 s")
        };
        let kept = serde_json::json!({ "Err": silent }).to_string();
        let problem = again::<u32>(&kept).map_err(|problem| problem.detail);
        assert_eq!(problem, Err(format!("no answer within 5 s; {NOT_REPEATED}")));
        assert_eq!(again::<u32>("{\"Ok\":7}"), Ok(7));
    }
}
