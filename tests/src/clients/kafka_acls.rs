//! Kafka's `CreateAcls`, as bytes: the client library has no call for it, and Kafka's own tool takes seconds for each.

use anyhow::{Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What somebody may do with something, in the words of `kafka-acls.sh`.
#[derive(Clone, Copy, Debug)]
pub struct Acl<'a> {
    /// `Read`, `Write`, `Delete`, `Describe` or `DescribeConfigs`.
    pub operation: &'a str,
    /// `Topic` or `Group`.
    pub resource: &'a str,
    /// `*` is every one.
    pub name: &'a str,
}

/// Allows a user all of these, from everywhere.
///
/// # Errors
/// The broker refuses, or a word is not known here.
pub async fn allow(bootstrap: &str, user: &str, acls: &[Acl<'_>]) -> Result<()> {
    let mut request = Vec::new();
    // Header: CreateAcls, version 1, a correlation id, no client id.
    request.extend([0, 30, 0, 1, 0, 0, 0, 1, 0xff, 0xff]);
    request.extend(u32::try_from(acls.len())?.to_be_bytes());
    for acl in acls {
        request.push(resource(acl.resource)?);
        text(&mut request, acl.name)?;
        request.push(LITERAL);
        text(&mut request, &format!("User:{user}"))?;
        text(&mut request, "*")?;
        request.extend([operation(acl.operation)?, ALLOW]);
    }
    let mut stream = TcpStream::connect(bootstrap).await?;
    stream.write_u32(u32::try_from(request.len())?).await?;
    stream.write_all(&request).await?;
    let mut answer = vec![0; stream.read_u32().await? as usize];
    stream.read_exact(&mut answer).await?;
    // Correlation id, throttle time and a count, then an error code and a text for each.
    let mut rest = answer.get(12..).unwrap_or_default();
    for acl in acls {
        let [high, low, length_high, length_low, after @ ..] = rest else { bail!("the answer is cut short") };
        ensure!([*high, *low] == [0, 0], "{acl:?}: error {}", i16::from_be_bytes([*high, *low]));
        let length = i16::from_be_bytes([*length_high, *length_low]).max(0);
        rest = after.get(usize::try_from(length)?..).unwrap_or_default();
    }
    Ok(())
}

const LITERAL: u8 = 3;
const ALLOW: u8 = 3;

fn resource(word: &str) -> Result<u8> {
    Ok(match word {
        "Topic" => 2,
        "Group" => 3,
        other => bail!("{other} is no resource that is known here"),
    })
}

fn operation(word: &str) -> Result<u8> {
    Ok(match word {
        "Read" => 3,
        "Write" => 4,
        "Delete" => 6,
        "Describe" => 8,
        "DescribeConfigs" => 10,
        other => bail!("{other} is no operation that is known here"),
    })
}

fn text(into: &mut Vec<u8>, text: &str) -> Result<()> {
    into.extend(u16::try_from(text.len())?.to_be_bytes());
    into.extend(text.as_bytes());
    Ok(())
}
