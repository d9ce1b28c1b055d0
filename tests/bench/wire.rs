//! One kept connection that speaks just enough HTTP to tell when the first byte of an answer came. It is as quick in a
//! debug build as in any other, so that the client's own time does not count.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

/// What browsers say that they take.
pub(crate) const LIKE_A_BROWSER: &str = "gzip, deflate, br, zstd";

/// A connection that stays open.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

/// An answer, and when it came.
pub(crate) struct Answer {
    pub first_byte: Duration,
    pub whole: Duration,
    /// As sent: compressed, where that was asked for.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to `http://host:port`.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).with_context(|| url.to_owned())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), host })
    }

    /// Asks for a page that must be there.
    pub(crate) fn get(&mut self, path: &str, accept_encoding: &str) -> Result<Answer> {
        let host = &self.host;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {accept_encoding}\r\n\r\n");
        let begun = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.stream.fill_buf()?;
        let first_byte = begun.elapsed();
        let status = self.line()?;
        ensure!(status.split(' ').nth(1) == Some("200"), "{path}: {status}");
        let body = match self.length()? {
            Some(length) => self.bytes(length)?,
            None => self.chunks()?,
        };
        Ok(Answer { first_byte, whole: begun.elapsed(), body })
    }

    /// Reads the headers; the body's length, where it is told and not in chunks.
    fn length(&mut self) -> Result<Option<usize>> {
        let mut length = None;
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse()?);
                }
                Some(_) => {}
                None if line.is_empty() => return Ok(length),
                None => bail!("{line:?} is no header"),
            }
        }
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).context("the size of a chunk")?;
            body.extend(self.bytes(size)?);
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
