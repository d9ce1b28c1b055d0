//! Killed at any moment, Weir goes on where it was: nothing is corrupt, no more than five seconds are lost, and an act
//! without an outcome says so.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_model::Timestamp;
use weir_tests::weir::{WeirProcess, queue_path};

const CONFIG: &str = "[[brokers]]\nname = \"shop\"\nurl = \"demo://\"\npoll_interval = \"2s\"\n";
const SOON: Duration = Duration::from_secs(60);
/// What may be lost, and the interval at which the broker is observed.
const LOST_AT_MOST_MS: i64 = 5000;

fn observed_at(brokers: &Value) -> Option<Timestamp> {
    Timestamp::parse(brokers["items"][0]["observed_at"].as_str()?).ok()
}

/// Observations that are stored, by the broken database's own account.
async fn stored(weir: &WeirProcess) -> Result<(i64, i64, String)> {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(weir.data_dir().join("weir.db"));
    let mut db = options.connect().await?;
    let (last,): (i64,) = sqlx::query_as("select max(t) from observations").fetch_one(&mut db).await?;
    let (count,): (i64,) = sqlx::query_as("select count(*) from observations").fetch_one(&mut db).await?;
    let (sound,): (String,) = sqlx::query_as("pragma integrity_check").fetch_one(&mut db).await?;
    Ok((last, count, sound))
}

#[tokio::test]
async fn given_a_kill_while_writing_when_started_again_then_history_is_sound_and_goes_on() -> Result<()> {
    let mut weir = WeirProcess::start(CONFIG).await?;
    let orders = queue_path("shop", &["shop", "orders"]);
    let mut before = 0;
    for run in 0..3 {
        weir.until("the broker is observed", SOON, "/api/v1/brokers", observed_at).await?;
        let body = json!({ "body": { "data": "before the kill" } });
        weir.post(&format!("{orders}/messages"), &body).await?;
        tokio::time::sleep(Duration::from_millis(2300 + 700 * run)).await;
        let seen = observed_at(&weir.get("/api/v1/brokers").await?).context("an observation")?;
        weir.kill9().await?;

        let (last, count, sound) = stored(&weir).await?;
        ensure!(sound == "ok", "{sound}");
        ensure!(seen.0 - last <= LOST_AT_MOST_MS, "{} ms are lost", seen.0 - last);
        ensure!(count > before, "nothing was stored in run {run}");
        before = count;
        weir.start_again().await?;
    }
    weir.until("the broker is observed", SOON, "/api/v1/brokers", observed_at).await?;
    let to = Timestamp::now();
    let series = format!("{orders}/series?metric=in_rate&from={}&to={to}&points=61", to.plus_ms(-3_600_000));
    let rates = weir.get(&series).await?;
    let known: Vec<f64> =
        rates["points"].as_array().context("points")?.iter().filter_map(|p| p["max"].as_f64()).collect();
    ensure!(known.len() > 50 && known.iter().all(|rate| (0.0..20.0).contains(rate)), "{known:?}");
    let actions = weir.get("/api/v1/actions?broker=shop").await?;
    ensure!(actions["total"] == 3, "{actions}");
    Ok(())
}
