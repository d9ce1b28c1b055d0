//! Packs the roll-ups of past hours, a little at a time, so that no transaction is long.

use std::collections::HashMap;

use sqlx::{Connection as _, SqliteConnection};

use super::{
    changes::insert,
    minute::{HOUR_MS, hour_of},
    packed::pack,
    rollups::{StoredMinute, in_order, minute_from, unpacked},
};

/// Hours that began longer ago are packed: nobody writes into them any more, and what is read at a start is younger.
const PACKED_AFTER_MS: i64 = 12 * HOUR_MS;
/// Rows that one step packs at most; many times those of one series and hour.
const ROWS_A_STEP: usize = 4000;

/// One small step; true where there is more to pack.
pub(super) async fn step(db: &mut SqliteConnection, now: i64) -> Result<bool, sqlx::Error> {
    let oldest: (Option<i64>,) = sqlx::query_as("select min(hour) from rollups").fetch_one(&mut *db).await?;
    let Some(hour) = oldest.0.filter(|hour| *hour < hour_of(now - PACKED_AFTER_MS)) else { return Ok(false) };
    let rows: Vec<StoredMinute> = sqlx::query_as(include_str!("queries/rollups_of_hour.sql"))
        .bind(hour)
        .bind(ROWS_A_STEP as i64)
        .fetch_all(&mut *db)
        .await?;
    let mut transaction = db.begin_with("begin immediate").await?;
    replace(&mut transaction, hour, whole_series(&rows)).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Where the limit cut a series off, it is for the next step.
fn whole_series(rows: &[StoredMinute]) -> &[StoredMinute] {
    match rows.last() {
        Some(last) if rows.len() == ROWS_A_STEP => &rows[..rows.partition_point(|row| row.0 < last.0)],
        _ => rows,
    }
}

/// Puts packed rows in place of the roll-ups of some series of an hour, which come in the order of their ids.
async fn replace(db: &mut SqliteConnection, hour: i64, rows: &[StoredMinute]) -> Result<(), sqlx::Error> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
    let (first, last) = (first.0, last.0);
    let former: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select series, minutes from packed_rollups where hour = ? and series between ? and ?",
    )
    .bind(hour)
    .bind(first)
    .bind(last)
    .fetch_all(&mut *db)
    .await?;
    let mut former: HashMap<i64, Vec<u8>> = former.into_iter().collect();
    let mut packed = Vec::new();
    for of_series in rows.chunk_by(|a, b| a.0 == b.0) {
        let series = of_series[0].0;
        let mut minutes = unpacked(hour, &former.remove(&series).unwrap_or_default())?;
        minutes.extend(of_series.iter().copied().map(minute_from));
        packed.push((series, pack(hour, &in_order(minutes))));
    }
    let head = "insert or replace into packed_rollups (hour, series, minutes) ";
    insert(db, head, &packed, |row, (series, minutes)| {
        row.push_bind(hour).push_bind(*series).push_bind(minutes.clone());
    })
    .await?;
    let packed_away = sqlx::query("delete from rollups where hour = ? and series between ? and ?");
    packed_away.bind(hour).bind(first).bind(last).execute(&mut *db).await?;
    Ok(())
}
