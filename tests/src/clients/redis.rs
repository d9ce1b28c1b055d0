//! Redis: a connection, and lists, streams and channels with known contents.

use std::time::Duration;

use anyhow::Result;
use redis::{AsyncCommands as _, AsyncConnectionConfig, aio::MultiplexedConnection};

/// Connects to an address such as `redis://127.0.0.1:6379`.
///
/// # Errors
/// The server refuses.
pub async fn connect(url: &str) -> Result<MultiplexedConnection> {
    // The client's own half a second is too short for large bodies on a busy machine.
    let patient = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(30)));
    Ok(redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&patient).await?)
}

/// Appends `message 0`, `message 1`, … to the right end of a list.
///
/// # Errors
/// The key holds something else, or the server refuses.
pub async fn push(connection: &mut MultiplexedConnection, list: &str, count: usize) -> Result<()> {
    for n in 0..count {
        let _: u64 = connection.rpush(list, format!("message {n}")).await?;
    }
    Ok(())
}

/// Appends entries with the fields `n` and `body` to a stream.
///
/// # Errors
/// The key holds something else, or the server refuses.
pub async fn add(connection: &mut MultiplexedConnection, stream: &str, count: usize) -> Result<()> {
    for n in 0..count {
        let fields = [("n", n.to_string()), ("body", format!("message {n}"))];
        let _: String = connection.xadd(stream, "*", &fields).await?;
    }
    Ok(())
}

/// Makes a group that reads a stream from its beginning.
///
/// # Errors
/// It exists already, or the server refuses.
pub async fn create_group(connection: &mut MultiplexedConnection, stream: &str, group: &str) -> Result<()> {
    let _: () = connection.xgroup_create_mkstream(stream, group, "0").await?;
    Ok(())
}

/// Reads `count` entries as a consumer of a group, and acknowledges the first `acknowledge` of them.
///
/// # Errors
/// The group is missing, or the server refuses.
pub async fn read_group(
    connection: &mut MultiplexedConnection,
    stream: &str,
    group: &str,
    count: usize,
    acknowledge: usize,
) -> Result<usize> {
    let options = redis::streams::StreamReadOptions::default().group(group, "weir-tests").count(count);
    let reply: redis::streams::StreamReadReply =
        connection.xread_options(&[stream], &[">"], &options).await?;
    let ids: Vec<String> = reply.keys.into_iter().flat_map(|key| key.ids).map(|entry| entry.id).collect();
    if acknowledge > 0 {
        let _: u64 = connection.xack(stream, group, &ids[..acknowledge.min(ids.len())]).await?;
    }
    Ok(ids.len())
}
