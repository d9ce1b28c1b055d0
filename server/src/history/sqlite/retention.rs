//! Drops what is too old, a little at a time, so that no transaction is long.

use sqlx::SqliteConnection;

use super::{
    ledger::KEEP_MINUTES_MS,
    minute::{HOUR_MS, hour_of},
};

/// How long samples and observations are kept.
pub(super) const KEEP_SAMPLES_MS: i64 = 48 * HOUR_MS;
/// Rows that one step drops of each table. At a step a second it drops more than a thousand queues can write.
const ROWS_A_STEP: i64 = 4000;
/// Free pages that one step gives back to the file system.
const PAGES_A_STEP: &str = "pragma incremental_vacuum(500)";

/// One small step. What is kept ends at a whole hour: readers look back to one for unchanged values.
pub(super) async fn step(db: &mut SqliteConnection, now: i64) -> Result<(), sqlx::Error> {
    let samples_before = hour_of(now - KEEP_SAMPLES_MS);
    let minutes_before = hour_of(now - KEEP_MINUTES_MS);
    let mut dropped = 0;
    for (statement, before) in [
        (include_str!("queries/drop_old_samples.sql"), samples_before),
        (include_str!("queries/drop_old_observations.sql"), samples_before),
        (include_str!("queries/drop_old_rollups.sql"), minutes_before),
        (include_str!("queries/drop_old_packed_rollups.sql"), minutes_before),
        (include_str!("queries/drop_old_minutes.sql"), minutes_before),
    ] {
        let done = sqlx::query(statement).bind(before).bind(ROWS_A_STEP).execute(&mut *db).await?;
        dropped += done.rows_affected();
    }
    sqlx::query("delete from gaps where to_t < ?").bind(minutes_before).execute(&mut *db).await?;
    if dropped > 0 {
        sqlx::query(PAGES_A_STEP).execute(&mut *db).await?;
    }
    Ok(())
}
