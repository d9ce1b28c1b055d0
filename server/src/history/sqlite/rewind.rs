//! The clock of this machine was set back: what is stored of the time that is yet to come was stamped wrongly and would
//! lie among what comes. It goes, and a gap tells why.

use sqlx::SqliteConnection;

use super::minute::{hour_of, minute_of};

/// The reason of the gap.
pub(super) const SET_BACK: &str = "the clock of this machine was set back";

/// Drops what is stored of a broker from `t` on, and begins a gap that its next observation ends. The caller holds the
/// transaction, and reads the ledger anew.
pub(super) async fn rewind(db: &mut SqliteConnection, broker: i64, t: i64) -> Result<(), sqlx::Error> {
    let minute = minute_of(t);
    for statement in [
        "delete from observations where broker = ?1 and t >= ?2",
        "delete from observed_minutes where broker = ?1 and t >= ?3",
        "delete from gaps where broker = ?1 and from_t >= ?2",
        "update gaps set to_t = ?2 where broker = ?1 and coalesce(to_t, ?2 + 1) > ?2",
        "delete from samples where minute >= ?3 and t >= ?2 \
         and series in (select id from series where broker = ?1)",
        "delete from rollups where hour >= ?4 and t >= ?3 \
         and series in (select id from series where broker = ?1)",
        "update brokers set rolled_until = min(rolled_until, ?3) where id = ?1",
    ] {
        let statement = sqlx::query(statement).bind(broker).bind(t).bind(minute).bind(hour_of(t));
        statement.execute(&mut *db).await?;
    }
    let gap = "insert or replace into gaps (broker, from_t, to_t, reason)
               select ?1, coalesce(max(t), ?2), null, ?3 from observations where broker = ?1 and ok = 1 and t < ?2";
    sqlx::query(gap).bind(broker).bind(t).bind(SET_BACK).execute(db).await?;
    Ok(())
}
