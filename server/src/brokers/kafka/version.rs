//! Which version a broker is.
//!
//! No request of Kafka's asks for it and librdkafka does not tell, but the answer to ApiVersions, which every broker
//! gives to everybody before anything else, holds the highest metadata version that its software knows.

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use super::settings::Settings;

/// ApiVersions, version 3, correlation id 1, client id and software name `weir`, software version `1`.
const REQUEST: &[u8] = b"\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04weir\x00\x05weir\x021\x00";

/// An answer is about 700 bytes; more than this is no Kafka broker.
const LONGEST: u32 = 64 * 1024;

/// The first metadata version of each release, newest first (KIP-584, `MetadataVersion.java`).
const RELEASES: [(i16, &str); 13] = [
    (28, "4.2"),
    (26, "4.1"),
    (22, "4.0"),
    (21, "3.9"),
    (20, "3.8"),
    (15, "3.7"),
    (12, "3.6"),
    (9, "3.5"),
    (8, "3.4"),
    (4, "3.3"),
    (3, "3.2"),
    (2, "3.1"),
    (1, "3.0"),
];

/// The last metadata version of the newest release above.
const NEWEST: i16 = 29;

/// The release that a broker is of, such as `4.1`; `None` where it does not tell (with ZooKeeper, or before 3.3).
pub(super) async fn release(settings: &Settings, within: Duration) -> Option<String> {
    for (host, port) in &settings.hosts {
        if let Ok(Ok(answer)) = tokio::time::timeout(within, reach(settings, host, *port)).await {
            return metadata_version(&answer).map(name_of);
        }
    }
    None
}

async fn reach(settings: &Settings, host: &str, port: u16) -> std::io::Result<Vec<u8>> {
    let stream = TcpStream::connect((host, port)).await?;
    if !settings.tls {
        return ask(stream).await;
    }
    let connector = settings.files.connector().map_err(std::io::Error::other)?;
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    ask(connector.connect(name, stream).await?).await
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<Vec<u8>> {
    stream.write_u32(REQUEST.len() as u32).await?;
    stream.write_all(REQUEST).await?;
    let length = stream.read_u32().await?;
    if length > LONGEST {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut answer = vec![0; length as usize];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn name_of(level: i16) -> String {
    let release = RELEASES.iter().find(|(first, _)| *first <= level).map_or("3.0", |(_, name)| name);
    if level > NEWEST { format!("{release} or newer") } else { release.to_owned() }
}

/// The highest `metadata.version` that the broker's software supports.
fn metadata_version(answer: &[u8]) -> Option<i16> {
    let mut wire = Wire(answer);
    let (_correlation, error) = (wire.take(4)?, wire.int16()?);
    if error != 0 {
        return None;
    }
    for _ in 1..wire.varint()? {
        wire.take(6)?;
        wire.skip_tags()?;
    }
    let _throttle_ms = wire.take(4)?;
    for _ in 0..wire.varint()? {
        let (tag, length) = (wire.varint()?, wire.varint()?);
        let field = wire.take(length)?;
        if tag == 0 {
            return supported(Wire(field));
        }
    }
    None
}

/// Reads the list of features that the software supports.
fn supported(mut wire: Wire<'_>) -> Option<i16> {
    for _ in 1..wire.varint()? {
        let length = wire.varint()?.checked_sub(1)?;
        let name = wire.take(length)?;
        let (_lowest, highest) = (wire.int16()?, wire.int16()?);
        wire.skip_tags()?;
        if name == b"metadata.version" {
            return Some(highest);
        }
    }
    None
}

/// What is left of an answer to read.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn int16(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    /// Seven bits a byte, lowest first.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = *self.take(1)?.first()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn skip_tags(&mut self) -> Option<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.varint()?;
            self.take(length)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shape of Kafka 4.1's answer, with one API and two features.
    const ANSWER: &[u8] = b"\0\0\0\x01\0\0\x02\0\x12\0\0\0\x04\0\0\0\0\0\x01\x00\x27\x03\
        \x0egroup.version\0\0\0\x01\0\x11metadata.version\0\x07\0\x1b\0";

    #[test]
    fn given_the_answer_of_a_broker_when_read_then_its_release_is_known() {
        let mut answer = ANSWER.to_vec();
        let start = answer.iter().position(|b| *b == 0x27).unwrap_or_default();
        answer[start] = (answer.len() - start - 1) as u8;
        assert_eq!(metadata_version(&answer), Some(27));
        assert_eq!(name_of(27), "4.1");
        assert_eq!(name_of(33), "4.2 or newer");
    }

    #[test]
    fn given_an_answer_cut_anywhere_when_read_then_nothing_is_claimed() {
        for end in 0..ANSWER.len() - 1 {
            assert_eq!(metadata_version(&ANSWER[..end]), None);
        }
    }
}
