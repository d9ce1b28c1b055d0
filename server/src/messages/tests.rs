//! The order of things, and what is told when they fail, over a broker that only pretends.

#![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use weir_app::{
    access::{Principal, Role},
    audit::api::{ActionQuery, Audit},
    messages::api::Messages,
};
use weir_model::{
    Action, ActionOutcome, ActionVerb, BrokerKind, CheckStep, Observation, Outcome, Problem, ProblemKind,
    QueueId, QueueKind, QueueObservation, Step,
    message::{
        BodyEncoding, BodyInput, BrowseRequest, MessagePage, MessageShape, PeekRequest, Price, PricedEffect,
        PublishReceipt, PublishRequest, PurgeReceipt, PurgeRequest, StopReason,
    },
    queue::{Abilities, Ability, QueueDescription},
};

use super::{MessagesService, Resolver, check::MOST_BODY_BYTES};
use crate::{
    audit::{ActionLog, AuditService},
    brokers::{Broker, BrokerError, ObserveContext, Peek, Peeked, Publish, Purge, bare_message},
    history::sqlite::Database,
    poller::Target,
};

/// A classic queue that takes everything, or fails as it is told.
#[derive(Default)]
struct Pretender {
    acts: AtomicU32,
    fails: Mutex<Option<BrokerError>>,
    /// Rows of the list of actions while it acts.
    during: Mutex<Vec<Action>>,
    log: Mutex<Option<ActionLog>>,
}

impl Pretender {
    async fn act<T>(&self, answer: T) -> Result<T, BrokerError> {
        self.acts.fetch_add(1, Ordering::Relaxed);
        let log = self.log.lock().unwrap().clone().unwrap();
        let rows = listed(&log).await;
        *self.during.lock().unwrap() = rows;
        self.fails.lock().unwrap().take().map_or(Ok(answer), Err)
    }
}

#[async_trait]
impl Broker for Pretender {
    fn kind(&self) -> BrokerKind {
        BrokerKind::Rabbitmq
    }

    async fn observe(&self, _cx: &ObserveContext) -> Result<Observation, BrokerError> {
        Ok(Observation::default())
    }

    async fn describe(&self, _queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        Ok(QueueDescription::default())
    }

    fn abilities(&self, queue: &QueueObservation) -> Abilities {
        let classic = queue.kind == QueueKind::RabbitmqClassic;
        let or_not = |reason| if classic { Ability::yes() } else { Ability::no(reason) };
        Abilities {
            browse: Ability::no("reading has a price"),
            peek: or_not("it has none"),
            tap: Ability::no("it keeps its messages"),
            publish: Ability::yes(),
            purge: or_not("a stream can't be purged"),
        }
    }

    async fn check(&self) -> Vec<CheckStep> {
        Vec::new()
    }

    fn vanished(&self, before: &QueueObservation) -> QueueObservation {
        before.clone()
    }

    fn peek(&self) -> Option<&dyn Peek> {
        Some(self)
    }

    fn publish(&self) -> Option<&dyn Publish> {
        Some(self)
    }

    fn purge(&self) -> Option<&dyn Purge> {
        Some(self)
    }
}

#[async_trait]
impl Peek for Pretender {
    async fn price(&self, _queue: &QueueObservation) -> Result<Price, BrokerError> {
        Ok(Price {
            effects: vec![PricedEffect::Redelivered],
            delivery_limit: None,
            text: vec!["The next consumer sees the redelivered flag.".to_owned()],
            refused: None,
        })
    }

    async fn peek(&self, _queue: &QueueObservation, _request: &PeekRequest) -> Result<Peeked, BrokerError> {
        let page = MessagePage {
            items: vec![bare_message("0")],
            stopped: StopReason::End,
            stopped_detail: None,
            next: None,
            peek_id: None,
            notes: Vec::new(),
        };
        self.act(Peeked { page, bodies: vec![b"{\"n\":1}".to_vec()] }).await
    }
}

#[async_trait]
impl Publish for Pretender {
    fn shape(&self, _queue: &QueueObservation) -> MessageShape {
        MessageShape::Routed
    }

    async fn publish(
        &self,
        _queue: &QueueObservation,
        _request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        let text = "confirmed".to_owned();
        self.act(PublishReceipt { published: 1, text, ..PublishReceipt::default() }).await
    }
}

#[async_trait]
impl Purge for Pretender {
    async fn purge(
        &self,
        _queue: &QueueObservation,
        _request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError> {
        let notes = vec!["2 unacknowledged messages stay".to_owned()];
        self.act(PurgeReceipt { removed: Some(7), left: Some(2), notes, ..PurgeReceipt::default() }).await
    }
}

/// One queue of each name: `hello` classic, `log` a stream, and one whose name can't be typed.
struct Queues {
    broker: Arc<Pretender>,
    read_only: Option<String>,
}

impl Resolver for Queues {
    fn resolve(&self, _broker: &str, id: &QueueId) -> Result<Target, Problem> {
        let name = id.part_text(1).unwrap();
        let kind = match name.as_str() {
            "log" => QueueKind::RabbitmqStream,
            "missing" => return Err(Problem::not_found("no such queue")),
            _ => QueueKind::RabbitmqClassic,
        };
        let queue = QueueObservation::new(id.clone(), kind, name, "/");
        Ok(Target { broker: Arc::clone(&self.broker) as _, queue, read_only: self.read_only.clone() })
    }
}

struct Bench {
    service: MessagesService,
    broker: Arc<Pretender>,
    log: ActionLog,
    _folder: tempfile::TempDir,
}

async fn bench(read_only: Option<&str>) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let log = ActionLog::open(Database::open(&folder.path().join("weir.db")).await.unwrap()).await.unwrap();
    let broker = Arc::new(Pretender::default());
    *broker.log.lock().unwrap() = Some(log.clone());
    let queues = Queues { broker: Arc::clone(&broker), read_only: read_only.map(str::to_owned) };
    let service = MessagesService::new(Arc::new(queues), log.clone(), folder.path());
    Bench { service, broker, log, _folder: folder }
}

async fn listed(log: &ActionLog) -> Vec<Action> {
    AuditService::new(log.clone()).actions(&ActionQuery::default()).await.unwrap().items
}

fn admin() -> Principal {
    Principal::local_admin()
}

fn queue(name: &str) -> QueueId {
    QueueId::from_parts(&["/", name])
}

fn text(body: &str) -> PublishRequest {
    let body = BodyInput { encoding: BodyEncoding::Utf8, data: body.to_owned() };
    PublishRequest { body: body.into(), ..PublishRequest::default() }
}

fn confirming(name: &str) -> PurgeRequest {
    PurgeRequest {
        confirm: name.to_owned(),
        seen_depth: Some(9),
        reason: Some("stale".to_owned()),
        ..PurgeRequest::default()
    }
}

impl Bench {
    /// Nothing was noted and nothing reached the broker.
    async fn is_untouched(&self) -> bool {
        listed(&self.log).await.is_empty() && self.broker.acts.load(Ordering::Relaxed) == 0
    }
}

#[tokio::test]
async fn given_a_purge_when_done_then_the_intent_stood_before_the_act_and_the_outcome_after() {
    let bench = bench(None).await;
    let done = bench.service.purge(&admin(), "orders", &queue("hello"), &confirming("hello")).await.unwrap();
    assert_eq!((done.removed, done.left), (Some(7), Some(2)));
    let during = bench.broker.during.lock().unwrap()[0].clone();
    assert_eq!((during.outcome, during.verb), (ActionOutcome::Running, ActionVerb::Purge));
    assert_eq!(
        (during.intent.as_str(), during.reason.as_deref()),
        ("purge what waits, 9 messages when it was looked at", Some("stale"))
    );
    let after = &listed(&bench.log).await[0];
    assert_eq!(after.outcome, ActionOutcome::Done);
    assert_eq!(after.detail.as_deref(), Some("removed 7, 2 left; 2 unacknowledged messages stay"));
}

#[tokio::test]
async fn given_the_wrong_name_when_purging_then_it_is_a_conflict_and_nothing_is_noted_or_done() {
    let bench = bench(None).await;
    for wrong in ["", "Hello", "hello ", "~2f:hello"] {
        let answer = bench.service.purge(&admin(), "orders", &queue("hello"), &confirming(wrong)).await;
        assert_eq!(answer.map_err(|p| p.kind), Err(ProblemKind::Conflict), "{wrong}");
    }
    assert!(bench.is_untouched().await);
}

#[tokio::test]
async fn given_a_name_that_cannot_be_typed_when_purging_then_the_id_confirms() {
    let bench = bench(None).await;
    for id in [QueueId::from_parts(&[b"/".as_slice(), b"a\xff"]), queue("a\nb")] {
        let purge = |confirm: String| PurgeRequest { confirm, ..PurgeRequest::default() };
        let by_name = purge(id.part_text(1).unwrap());
        assert!(bench.service.purge(&admin(), "orders", &id, &by_name).await.is_err());
        assert!(bench.service.purge(&admin(), "orders", &id, &purge(id.to_string())).await.is_ok());
    }
}

#[tokio::test]
async fn given_a_read_only_broker_when_changed_then_it_is_forbidden_with_the_reason_after_the_input_is_checked()
 {
    let bench = bench(Some("it was found, not configured")).await;
    let forbidden = |p: Problem| (p.kind, p.detail);
    let expected = (ProblemKind::Forbidden, "it was found, not configured".to_owned());
    let (service, who, id) = (&bench.service, admin(), queue("hello"));
    let peek = PeekRequest { limit: 1, accept: vec![PricedEffect::Redelivered] };
    assert_eq!(
        service.publish(&who, "orders", &id, &text("x")).await.map_err(forbidden),
        Err(expected.clone())
    );
    assert_eq!(service.peek(&who, "orders", &id, &peek).await.map_err(forbidden), Err(expected.clone()));
    let purge = service.purge(&who, "orders", &id, &confirming("hello")).await;
    assert_eq!(purge.map_err(forbidden), Err(expected));
    let wrong = service.purge(&who, "orders", &id, &confirming("nope")).await;
    assert_eq!(wrong.map_err(|p| p.kind), Err(ProblemKind::Conflict));
    assert!(bench.is_untouched().await);
}

#[tokio::test]
async fn given_a_viewer_when_publishing_then_it_is_forbidden_before_the_queue_is_even_looked_for() {
    let bench = bench(None).await;
    let ana = Principal { name: "ana".to_owned(), role: Role::Viewer };
    let answer = bench.service.publish(&ana, "orders", &queue("missing"), &text("x")).await;
    assert_eq!(answer.map_err(|p| p.kind), Err(ProblemKind::Forbidden));
    let answer = bench.service.publish(&admin(), "orders", &queue("missing"), &text("x")).await;
    assert_eq!(answer.map_err(|p| p.kind), Err(ProblemKind::NotFound));
}

#[tokio::test]
async fn given_a_kind_that_cannot_when_purged_then_it_is_refused_with_the_reason() {
    let bench = bench(None).await;
    let answer = bench.service.purge(&admin(), "orders", &queue("log"), &confirming("log")).await;
    let expected = (ProblemKind::Refused, "a stream can't be purged".to_owned());
    assert_eq!(answer.map_err(|p| (p.kind, p.detail)), Err(expected));
    assert!(bench.is_untouched().await);
}

#[tokio::test]
async fn given_requests_out_of_bounds_when_made_then_each_names_its_field() {
    let bench = bench(None).await;
    let refused = |request: PublishRequest| {
        let service = &bench.service;
        async move {
            let answer = service.publish(&admin(), "orders", &queue("hello"), &request).await;
            let problem = answer.err().unwrap();
            (problem.kind.status(), problem.errors.first().map(|e| e.field.clone()).unwrap_or_default())
        }
    };
    let field = |name: &str| (400, name.to_owned());
    assert_eq!(refused(PublishRequest { repeat: Some(0), ..text("x") }).await, field("repeat"));
    assert_eq!(refused(PublishRequest { repeat: Some(10_001), ..text("x") }).await, field("repeat"));
    assert_eq!(refused(PublishRequest { partition: Some(-1), ..text("x") }).await, field("partition"));
    let broken = BodyInput { encoding: BodyEncoding::Base64, data: "***".to_owned() };
    assert_eq!(refused(PublishRequest { body: broken.into(), ..text("") }).await, field("body.data"));
    let large = "x".repeat(MOST_BODY_BYTES);
    assert_eq!(refused(PublishRequest { repeat: Some(100), ..text(&large) }).await, field("repeat"));
    assert_eq!(refused(text(&format!("{large}x"))).await.0, 413);
    let huge = BodyInput { encoding: BodyEncoding::Base64, data: "A".repeat(MOST_BODY_BYTES * 2) };
    assert_eq!(refused(PublishRequest { body: huge.into(), ..text("") }).await.0, 413);
    for limit in [0, 1_000_000] {
        let request = BrowseRequest { from: None, limit, partition: None, read_committed: false };
        let problem = bench.service.browse("orders", &queue("hello"), &request).await.err().unwrap();
        assert_eq!((problem.kind.status(), problem.errors[0].field.as_str()), (400, "limit"));
    }
    assert!(bench.is_untouched().await);
    assert!(bench.service.publish(&admin(), "orders", &queue("hello"), &text(&large)).await.is_ok());
}

#[tokio::test]
async fn given_a_queue_whose_reading_has_a_price_when_browsed_then_the_conflict_names_it() {
    let bench = bench(None).await;
    let request = BrowseRequest { from: None, limit: 10, partition: None, read_committed: false };
    let problem = bench.service.browse("orders", &queue("hello"), &request).await.err().unwrap();
    assert_eq!(problem.kind, ProblemKind::Conflict);
    assert!(problem.detail.contains("redelivered flag"), "{problem}");
    let problem = bench.service.body("orders", &queue("log"), "0").await.err().unwrap();
    assert_eq!(problem.kind, ProblemKind::Refused);
}

#[tokio::test]
async fn given_a_price_when_not_accepted_then_nothing_is_taken_and_when_accepted_the_page_is_kept() {
    let bench = bench(None).await;
    let (service, who, id) = (&bench.service, admin(), queue("hello"));
    let stingy = PeekRequest { limit: 5, accept: Vec::new() };
    let problem = service.peek(&who, "orders", &id, &stingy).await.err().unwrap();
    assert_eq!(problem.kind, ProblemKind::Conflict);
    assert!(problem.detail.contains("\"redelivered\""), "{problem}");
    assert!(bench.is_untouched().await);
    let paying = PeekRequest { limit: 5, accept: vec![PricedEffect::Redelivered] };
    let page = service.peek(&who, "orders", &id, &paying).await.unwrap();
    let peek_id = page.peek_id.clone().unwrap();
    assert_eq!(service.peeked("orders", &id, &peek_id), Ok(page));
    let body = service.peeked_body("orders", &id, &peek_id, 0).unwrap();
    assert_eq!((body.file_name.as_str(), body.bytes.as_slice()), ("hello-0.json", b"{\"n\":1}".as_slice()));
    assert_eq!(bench.broker.acts.load(Ordering::Relaxed), 1, "looking again is free");
    assert_eq!(listed(&bench.log).await[0].detail.as_deref(), Some("read 1 message"));
}

#[tokio::test]
async fn given_a_broker_that_refuses_when_published_to_then_the_row_says_refused_and_the_caller_why() {
    let bench = bench(None).await;
    *bench.broker.fails.lock().unwrap() = Some(BrokerError::Refused("there is no exchange \"x\"".to_owned()));
    let problem = bench.service.publish(&admin(), "orders", &queue("hello"), &text("x")).await.err().unwrap();
    assert_eq!(problem.kind, ProblemKind::Refused);
    let row = &listed(&bench.log).await[0];
    assert_eq!(
        (row.outcome, row.detail.as_deref()),
        (ActionOutcome::Refused, Some("there is no exchange \"x\""))
    );
}

#[tokio::test]
async fn given_a_broker_that_falls_silent_when_published_to_then_the_outcome_is_unknown() {
    let bench = bench(None).await;
    let (step, outcome, detail) = (Step::Write, Outcome::Unknown, "no confirm within 5 s".to_owned());
    *bench.broker.fails.lock().unwrap() = Some(BrokerError::Timeout { step, outcome, detail });
    let problem = bench.service.publish(&admin(), "orders", &queue("hello"), &text("x")).await.err().unwrap();
    assert_eq!((problem.kind.status(), problem.outcome), (504, Some(Outcome::Unknown)));
    assert_eq!(listed(&bench.log).await[0].outcome, ActionOutcome::Unknown);
}
