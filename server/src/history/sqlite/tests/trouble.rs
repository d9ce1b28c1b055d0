//! A disk that takes nothing for a while.

use super::*;

const REFUSE: &str = "create trigger refuse before insert on observations begin
                      select raise(abort, 'no space left'); end";

async fn run(history: &SqliteHistory, statement: &'static str) {
    sqlx::query(statement).execute(&mut *history.database.writer().await).await.unwrap();
}

#[tokio::test]
async fn given_writes_that_fail_when_they_succeed_again_then_there_is_a_gap_that_says_why_and_no_spike() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    let append = async |n: i64| {
        let seen = observation(start + n * POLL_MS, "a", Some(n), Some(n * 500));
        history.append(BROKER, &seen).await.unwrap();
        history.flush().await
    };
    append(0).await.unwrap();
    append(1).await.unwrap();
    assert_eq!(history.trouble(), None);

    run(&history, REFUSE).await;
    for n in 2..5 {
        let lost = append(n).await.unwrap_err().to_string();
        assert!(lost.contains("no space left"), "{lost}");
        assert!(history.trouble().is_some_and(|trouble| trouble.reason.contains("no space left")));
    }
    run(&history, "drop trigger refuse").await;
    append(5).await.unwrap();
    append(6).await.unwrap();
    assert_eq!(history.trouble(), None);

    let (from, to) = (Timestamp(start), Timestamp(start + 6 * POLL_MS));
    let gaps = history.unobserved(BROKER, from, to).await.unwrap();
    let hole = UnobservedSpan {
        from: Timestamp(start + POLL_MS),
        to: Timestamp(start + 5 * POLL_MS),
        reason: writer::NOT_WRITTEN.to_owned(),
    };
    assert_eq!(gaps, [hole]);
    let rates = history.range(&key(Metric::In), span(from.0, to.0 + POLL_MS, 7), POLL_MS).await.unwrap();
    assert!(rates.points.iter().filter_map(|p| p.max).all(|rate| rate <= 100.0), "{rates:?}");
}
