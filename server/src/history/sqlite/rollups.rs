//! Roll-ups as they lie on disk: a row for each minute that differs, and for what is older, a row for an hour.

use sqlx::SqlitePool;

use super::{minute::Minute, packed::unpack};

/// One row of the table `rollups`, its hour left out: series, minute, and the numbers.
pub(super) type StoredMinute = (i64, i64, Option<i64>, Option<i64>, Option<i64>, i64, Option<i64>, i64, i64);

/// The roll-ups of a series in the hours from `from` to before `to`, in their order.
pub(super) async fn of_series(
    readers: &SqlitePool,
    series: i64,
    from: i64,
    to: i64,
) -> Result<Vec<Minute>, sqlx::Error> {
    // In this order: what is packed in between is seen twice, and not missed.
    let rows: Vec<StoredMinute> = sqlx::query_as(include_str!("queries/rollups_of_series.sql"))
        .bind(series)
        .bind(from)
        .bind(to)
        .fetch_all(readers)
        .await?;
    let packed: Vec<(i64, Vec<u8>)> = sqlx::query_as(include_str!("queries/packed_of_series.sql"))
        .bind(series)
        .bind(from)
        .bind(to)
        .fetch_all(readers)
        .await?;
    let mut minutes = Vec::with_capacity(rows.len() + 60 * packed.len());
    for (hour, bytes) in packed {
        minutes.extend(unpacked(hour, &bytes)?);
    }
    minutes.extend(rows.into_iter().map(minute_from));
    Ok(in_order(minutes))
}

/// Minutes by time. Of two for the same time the one that came later holds.
pub(super) fn in_order(mut minutes: Vec<Minute>) -> Vec<Minute> {
    // Stable, and quick where they are in order already.
    minutes.sort_by_key(|minute| minute.t);
    minutes.dedup_by(|later, kept| {
        let same = later.t == kept.t;
        if same {
            *kept = *later;
        }
        same
    });
    minutes
}

/// A packed hour's minutes.
pub(super) fn unpacked(hour: i64, bytes: &[u8]) -> Result<Vec<Minute>, sqlx::Error> {
    unpack(hour, bytes).map_err(|damaged| sqlx::Error::Decode(Box::new(damaged)))
}

pub(super) fn minute_from(row: StoredMinute) -> Minute {
    let (_, t, min, max, sum, count, last, increase, covered_ms) = row;
    Minute { t, min, max, sum, count, last, increase, covered_ms }
}
