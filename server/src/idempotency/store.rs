//! The table of keys.

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use weir_app::idempotency::api::{Claim, IdempotencyKey, Keys};
use weir_model::{Problem, ProblemKind, Timestamp};

use crate::history::{StoreError, sqlite::Database};

/// How long a key is remembered: 24 hours.
const KEPT_MS: i64 = 24 * 3_600_000;

/// Keys in the database. Cheap to share.
#[derive(Clone, Debug)]
pub struct KeyStore {
    database: Database,
}

impl KeyStore {
    /// Opens the table; what was running when Weir stopped is now lost.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn open(database: Database) -> Result<Self, StoreError> {
        let mut writer = database.writer().await;
        sqlx::query("update idempotency_keys set state = 'lost' where state = 'running'")
            .execute(&mut *writer)
            .await?;
        drop(writer);
        Ok(Self { database })
    }

    async fn claim_at(
        &self,
        key: &IdempotencyKey,
        request: &[u8],
        now: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let digest = Sha256::digest(request).to_vec();
        let mut writer = self.database.writer().await;
        sqlx::query("delete from idempotency_keys where at <= ? and state <> 'running'")
            .bind(now.0 - KEPT_MS)
            .execute(&mut *writer)
            .await?;
        let claimed = sqlx::query(include_str!("queries/claim.sql"))
            .bind(&key.owner)
            .bind(&key.text)
            .bind(&digest)
            .bind(now.0)
            .execute(&mut *writer)
            .await?;
        if claimed.rows_affected() == 1 {
            return Ok(Some(Claim::New));
        }
        let (used_for, state, answer): (Vec<u8>, String, Option<String>) =
            sqlx::query_as("select request, state, answer from idempotency_keys where owner = ? and key = ?")
                .bind(&key.owner)
                .bind(&key.text)
                .fetch_one(&mut *writer)
                .await?;
        if used_for != digest {
            return Ok(None);
        }
        Ok(Some(match (state.as_str(), answer) {
            ("running", _) => Claim::Running,
            (_, Some(answer)) => Claim::Answered(answer),
            (_, None) => Claim::Lost,
        }))
    }

    async fn write(&self, query: &'static str, key: &IdempotencyKey, answer: Option<&str>) {
        let mut writer = self.database.writer().await;
        let query = sqlx::query(query).bind(&key.owner).bind(&key.text).bind(answer);
        // The key then stays claimed, and reads "lost" from the next start on: the act is not repeated.
        if let Err(error) = query.execute(&mut *writer).await {
            tracing::error!(%error, "what became of an idempotency key could not be noted");
        }
    }
}

#[async_trait]
impl Keys for KeyStore {
    async fn claim(&self, key: &IdempotencyKey, request: &[u8]) -> Result<Claim, Problem> {
        let claim = self.claim_at(key, request, Timestamp::now()).await.map_err(|error| {
            tracing::error!(%error, "an idempotency key could not be noted");
            let detail = "the Idempotency-Key could not be noted, so nothing was done; try again";
            Problem::new(ProblemKind::Unavailable, detail)
        })?;
        claim.ok_or_else(|| Problem::refused(USED))
    }

    async fn keep(&self, key: &IdempotencyKey, answer: &str) {
        self.write(
            "update idempotency_keys set state = 'answered', answer = ?3 where owner = ?1 and key = ?2",
            key,
            Some(answer),
        )
        .await;
    }

    async fn release(&self, key: &IdempotencyKey) {
        self.write("delete from idempotency_keys where owner = ?1 and key = ?2 and ?3 is null", key, None)
            .await;
    }
}

const USED: &str = "this Idempotency-Key was used for another request in the last 24 hours: nothing was done. \
                    Send each change with a key of its own";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

    use weir_app::access::Principal;

    use super::*;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::of_header(&Principal::local_admin(), text).unwrap()
    }

    async fn open(folder: &tempfile::TempDir) -> KeyStore {
        KeyStore::open(Database::open(&folder.path().join("weir.db")).await.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn given_a_key_when_claimed_again_then_it_runs_then_answers_and_another_request_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, a) = (open(&folder).await, key("a"));
        assert_eq!(keys.claim(&a, b"one").await, Ok(Claim::New));
        assert_eq!(keys.claim(&a, b"one").await, Ok(Claim::Running));
        keys.keep(&a, "7").await;
        assert_eq!(keys.claim(&a, b"one").await, Ok(Claim::Answered("7".to_owned())));
        let other = keys.claim(&a, b"two").await;
        assert!(other.is_err_and(|problem| problem.kind == ProblemKind::Refused));
        let ana = Principal { name: "ana".to_owned(), ..Principal::local_admin() };
        let hers = IdempotencyKey::of_header(&ana, "a").unwrap();
        assert_eq!(keys.claim(&hers, b"two").await, Ok(Claim::New));
    }

    #[tokio::test]
    async fn given_a_key_that_runs_when_weir_starts_again_then_it_is_lost_and_never_new() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open(&folder).await.claim(&key("a"), b"one").await, Ok(Claim::New));
        assert_eq!(open(&folder).await.claim(&key("a"), b"one").await, Ok(Claim::Lost));
    }

    #[tokio::test]
    async fn given_a_released_key_or_one_of_yesterday_when_claimed_then_it_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, a) = (open(&folder).await, key("a"));
        let now = Timestamp::now();
        assert_eq!(keys.claim(&a, b"one").await, Ok(Claim::New));
        keys.release(&a).await;
        assert_eq!(keys.claim(&a, b"two").await, Ok(Claim::New));
        keys.keep(&a, "7").await;
        let almost = keys.claim_at(&a, b"two", now.plus_ms(KEPT_MS - 1000)).await.unwrap();
        assert_eq!(almost, Some(Claim::Answered("7".to_owned())));
        let later = keys.claim_at(&a, b"three", now.plus_ms(KEPT_MS + 60_000)).await.unwrap();
        assert_eq!(later, Some(Claim::New));
    }

    #[tokio::test]
    async fn given_twenty_equal_claims_at_once_when_made_then_one_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let keys = open(&folder).await;
        let a = key("a");
        let claims = futures::future::join_all((0..20).map(|_| keys.claim(&a, b"one"))).await;
        assert_eq!(claims.iter().filter(|claim| **claim == Ok(Claim::New)).count(), 1);
    }
}
