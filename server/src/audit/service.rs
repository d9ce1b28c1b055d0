//! The activity lists.

use async_trait::async_trait;
use weir_app::audit::api::{ActionPage, ActionQuery, Audit};
use weir_model::{Problem, ProblemKind};

use super::ActionLog;
use crate::history::StoreError;

/// Actions of a page unless asked otherwise, and at most.
const LIMITS: (u32, u32) = (100, 1000);

/// Answers from the list of actions.
#[derive(Clone, Debug)]
pub struct AuditService {
    log: ActionLog,
}

impl AuditService {
    #[must_use]
    pub fn new(log: ActionLog) -> Self {
        Self { log }
    }
}

#[async_trait]
impl Audit for AuditService {
    async fn actions(&self, query: &ActionQuery) -> Result<ActionPage, Problem> {
        let (default, most) = LIMITS;
        let limit = query.limit.unwrap_or(default);
        if limit == 0 || limit > most {
            return Err(Problem::field("limit", format!("{limit} is not between 1 and {most}")));
        }
        if query.queue.is_some() && query.broker.is_none() {
            return Err(Problem::field("broker", "a queue's id needs the broker it is of"));
        }
        let mut items = self.log.list(query, limit).await.map_err(unavailable)?;
        let total = self.log.count(query).await.map_err(unavailable)?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|action| action.id);
        Ok(ActionPage { items, next, total })
    }
}

fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "the list of actions could not be read");
    Problem::new(ProblemKind::Unavailable, "the list of actions can't be read now; try again")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

    use weir_model::{ActionOutcome, ActionVerb, Outcome, QueueId, Timestamp};

    use super::*;
    use crate::{
        audit::{Ending, Intent},
        history::sqlite::Database,
    };

    fn intent(queue: &str) -> Intent {
        Intent {
            actor: "local admin".to_owned(),
            verb: ActionVerb::Purge,
            broker: "orders".to_owned(),
            queue: Some((QueueId::from_parts(&["/", queue]), queue.to_owned())),
            text: format!("purge {queue}"),
            reason: Some("test".to_owned()),
            copy: None,
        }
    }

    async fn open(folder: &tempfile::TempDir) -> ActionLog {
        ActionLog::open(Database::open(&folder.path().join("weir.db")).await.unwrap()).await.unwrap()
    }

    async fn listed(log: &ActionLog) -> Vec<weir_model::Action> {
        AuditService::new(log.clone()).actions(&ActionQuery::default()).await.unwrap().items
    }

    #[tokio::test]
    async fn given_an_act_when_performed_then_its_intent_stands_before_and_its_outcome_after() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        let during = log.clone();
        let act = async move {
            assert_eq!(listed(&during).await[0].outcome, ActionOutcome::Running);
            Ok(7)
        };
        assert_eq!(log.perform(intent("hello"), act, |n| Ending::done(format!("removed {n}"))).await, Ok(7));
        let rows = listed(&log).await;
        assert_eq!((rows[0].outcome, rows[0].detail.as_deref()), (ActionOutcome::Done, Some("removed 7")));
        assert!(rows[0].finished_at.is_some());
    }

    #[tokio::test]
    async fn given_an_act_without_an_answer_when_performed_then_its_outcome_is_unknown_and_a_refusal_is_told_from_a_failure()
     {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        let silent = Problem {
            outcome: Some(Outcome::Unknown),
            ..Problem::new(ProblemKind::BrokerTimeout, "no answer within 5 s")
        };
        let down = Problem::new(ProblemKind::BrokerFailed, "connection refused");
        for problem in [silent, Problem::refused("a stream can't be purged"), down] {
            let act = std::future::ready(Err::<(), _>(problem.clone()));
            assert_eq!(
                log.perform(intent("hello"), act, |()| Ending::done(String::new())).await,
                Err(problem)
            );
        }
        let outcomes: Vec<ActionOutcome> = listed(&log).await.iter().map(|action| action.outcome).collect();
        assert_eq!(outcomes, [ActionOutcome::Failed, ActionOutcome::Refused, ActionOutcome::Unknown]);
    }

    #[tokio::test]
    async fn given_a_caller_that_goes_away_when_an_act_runs_then_it_ends_and_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let act = async move {
            gone.await.unwrap();
            Ok(())
        };
        let caller = tokio::spawn({
            let log = log.clone();
            async move { log.perform(intent("hello"), act, |()| Ending::done("done".to_owned())).await }
        });
        while listed(&log).await.is_empty() {
            tokio::task::yield_now().await;
        }
        caller.abort();
        go.send(()).unwrap();
        while listed(&log).await[0].outcome == ActionOutcome::Running {
            tokio::task::yield_now().await;
        }
        assert_eq!(listed(&log).await[0].outcome, ActionOutcome::Done);
    }

    #[tokio::test]
    async fn given_a_caller_that_goes_away_when_the_intent_is_being_noted_then_the_act_ends_and_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("weir.db")).await.unwrap();
        let log = ActionLog::open(database.clone()).await.unwrap();
        let busy = database.writer().await;
        let act = std::future::ready(Ok(()));
        let mut caller = Box::pin(log.perform(intent("hello"), act, |()| Ending::done("done".to_owned())));
        assert!(futures::poll!(&mut caller).is_pending());
        drop(caller);
        drop(busy);
        while listed(&log).await.first().is_none_or(|action| action.outcome == ActionOutcome::Running) {
            tokio::task::yield_now().await;
        }
        assert_eq!(listed(&log).await[0].outcome, ActionOutcome::Done);
    }

    #[tokio::test]
    async fn given_an_act_that_panics_when_performed_then_its_outcome_is_unknown_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        let act = async { panic!("a bug") };
        let problem = log.perform(intent("hello"), act, |()| Ending::done(String::new())).await.unwrap_err();
        assert_eq!(problem.outcome, Some(Outcome::Unknown));
        assert_eq!(listed(&log).await[0].outcome, ActionOutcome::Unknown);
    }

    #[tokio::test]
    async fn given_a_crash_between_intent_and_outcome_when_opened_again_then_the_outcome_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        let done = log.begin(&intent("a")).await.unwrap();
        log.finish(done, Ending { outcome: ActionOutcome::Done, detail: "removed 7".to_owned() })
            .await
            .unwrap();
        log.begin(&intent("b")).await.unwrap();
        let rows = listed(&open(&folder).await).await;
        assert_eq!((rows[0].outcome, rows[1].outcome), (ActionOutcome::Unknown, ActionOutcome::Done));
        assert!(rows[0].detail.as_deref().unwrap().contains("stopped"));
    }

    #[tokio::test]
    async fn given_many_actions_when_paged_then_each_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(&folder).await;
        for n in 0..5 {
            log.begin(&intent(if n % 2 == 0 { "a" } else { "b" })).await.unwrap();
        }
        let service = AuditService::new(log);
        let mut query = ActionQuery {
            broker: Some("orders".to_owned()),
            queue: Some("~2f:a".to_owned()),
            limit: Some(2),
            ..ActionQuery::default()
        };
        let first = service.actions(&query).await.unwrap();
        query.before = first.next;
        let second = service.actions(&query).await.unwrap();
        let ids: Vec<i64> = first.items.iter().chain(&second.items).map(|action| action.id).collect();
        assert_eq!((ids, first.total, second.next), (vec![5, 3, 1], 3, None));
        let later = ActionQuery { from: Some(Timestamp::now().plus_ms(60_000)), ..ActionQuery::default() };
        assert_eq!(service.actions(&later).await.unwrap().total, 0);
        let until_now = ActionQuery { to: Some(Timestamp::now()), ..ActionQuery::default() };
        assert_eq!(service.actions(&until_now).await.unwrap().items.len(), 5);
        assert!(service.actions(&ActionQuery { limit: Some(0), ..ActionQuery::default() }).await.is_err());
        let no_broker = ActionQuery { queue: Some("~2f:a".to_owned()), ..ActionQuery::default() };
        assert!(service.actions(&no_broker).await.is_err());
    }
}
