//! Copies of what a purge removes: JSON Lines in the data folder, on the disk before anything is removed.
//!
//! The first line is a header; each further one is a message as the interface shows it, with its whole body.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use serde::Serialize;
use tokio::{
    fs::{DirBuilder, File, OpenOptions},
    io::{AsyncWriteExt as _, BufWriter},
};
use weir_model::{
    Problem, QueueId, QueueKind, QueueObservation, Timestamp,
    message::{CopyFile, Message, PurgeReceipt},
};

use crate::brokers::{BrokerError, CopySink};

/// Letters of a queue's name in the name of its copy.
const LONGEST_NAME: usize = 80;
const BUFFER: usize = 256 * 1024;

/// The folder of the copies.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    folder: PathBuf,
}

/// The first line of a copy.
#[derive(Serialize)]
struct Header<'a> {
    /// Tells these files from others.
    format: &'static str,
    broker: &'a str,
    queue: &'a QueueId,
    name: &'a str,
    kind: QueueKind,
    at: Timestamp,
}

impl Copies {
    pub(super) fn new(data_folder: &Path) -> Self {
        Self { folder: data_folder.join("copies") }
    }

    /// A name that any file system takes, which sorts by time.
    pub(super) fn file_name(broker: &str, queue: &QueueObservation, now: Timestamp) -> String {
        let time: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
        let name: String = queue.name.chars().map(plain).take(LONGEST_NAME).collect();
        format!("{time}-{broker}-{name}.jsonl")
    }

    /// Makes the file.
    ///
    /// # Errors
    /// `NotKept`: the folder or the file can't be made or written.
    pub(super) async fn begin(
        &self,
        file: &str,
        broker: &str,
        queue: &QueueObservation,
    ) -> Result<OpenCopy, BrokerError> {
        let path = self.folder.join(file);
        let made = async {
            // Message bodies are nobody else's business.
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).await?;
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await
        };
        let made = made.await.map_err(|error| not_kept(&path, &error))?;
        let writer = BufWriter::with_capacity(BUFFER, made);
        let mut copy = OpenCopy { writer, path, file: file.to_owned(), messages: 0, bytes: 0, synced: false };
        let header = Header {
            format: "weir-copy-1",
            broker,
            queue: &queue.id,
            name: &queue.name,
            kind: queue.kind,
            at: Timestamp::now(),
        };
        if let Err(error) = copy.line(&header).await {
            copy.discard().await;
            return Err(error);
        }
        Ok(copy)
    }

    /// A copy of old, for reading.
    pub(super) async fn open(&self, file: &str) -> io::Result<File> {
        File::open(self.folder.join(file)).await
    }
}

/// A copy that is being written.
#[derive(Debug)]
pub(super) struct OpenCopy {
    writer: BufWriter<File>,
    path: PathBuf,
    file: String,
    messages: u64,
    bytes: u64,
    synced: bool,
}

impl OpenCopy {
    async fn line(&mut self, value: &impl Serialize) -> Result<(), BrokerError> {
        let mut line = serde_json::to_vec(value).map_err(|error| not_kept(&self.path, &error.into()))?;
        line.push(b'\n');
        self.writer.write_all(&line).await.map_err(|error| not_kept(&self.path, &error))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Says in the answer where the copy is; takes it away where there is nothing in it, or nothing was removed.
    pub(super) async fn conclude(
        self,
        drained: Result<PurgeReceipt, Problem>,
    ) -> Result<PurgeReceipt, Problem> {
        if !self.synced || self.messages == 0 {
            self.discard().await;
            return drained;
        }
        let copy = CopyFile { file: self.file, messages: self.messages, bytes: self.bytes };
        match drained {
            Ok(receipt) => Ok(PurgeReceipt { copy: Some(copy), ..receipt }),
            Err(problem) => Err(Problem {
                detail: format!("{}; {copy} holds all that may have been removed", problem.detail),
                ..problem
            }),
        }
    }

    async fn discard(self) {
        drop(self.writer);
        if let Err(error) = tokio::fs::remove_file(&self.path).await {
            tracing::warn!(path = %self.path.display(), %error, "a copy that is of no use stays");
        }
    }
}

#[async_trait]
impl CopySink for OpenCopy {
    async fn write(&mut self, message: &Message) -> Result<(), BrokerError> {
        self.line(message).await?;
        self.messages += 1;
        Ok(())
    }

    async fn sync(&mut self) -> Result<(), BrokerError> {
        let synced = async {
            self.writer.flush().await?;
            self.writer.get_ref().sync_all().await?;
            // Its name is in the folder, and the folder's in the one above.
            for folder in self.path.ancestors().skip(1).take(2) {
                File::open(folder).await?.sync_all().await?;
            }
            Ok::<(), io::Error>(())
        };
        synced.await.map_err(|error| not_kept(&self.path, &error))?;
        self.synced = true;
        Ok(())
    }
}

fn not_kept(path: &Path, error: &io::Error) -> BrokerError {
    BrokerError::NotKept(format!(
        "the copy {} can't be written, so nothing was removed: {error}. Make room or mend the folder, or purge without a \
         copy",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

    use super::*;
    use crate::brokers::bare_message;

    fn queue() -> QueueObservation {
        let id = QueueId::from_parts(&["/", "a/../b"]);
        QueueObservation::new(id, QueueKind::RabbitmqClassic, "a/../b".to_owned(), "/".to_owned())
    }

    async fn written(folder: &Path, messages: usize, sync: bool) -> OpenCopy {
        let mut copy = Copies::new(folder).begin("x.jsonl", "orders", &queue()).await.unwrap();
        for n in 0..messages {
            copy.write(&bare_message(n.to_string())).await.unwrap();
        }
        if sync {
            copy.sync().await.unwrap();
        }
        copy
    }

    #[tokio::test]
    async fn given_messages_when_synced_then_the_file_has_a_header_and_a_line_for_each() {
        let folder = tempfile::tempdir().unwrap();
        let copy = written(folder.path(), 3, true).await;
        let text = std::fs::read_to_string(folder.path().join("copies/x.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["name"]), (4, &serde_json::json!("a/../b")));
        assert_eq!(lines[3]["position"], "2");
        let told = copy.conclude(Ok(PurgeReceipt::default())).await.unwrap().copy.unwrap();
        assert_eq!((told.messages, told.bytes), (3, text.len() as u64));
    }

    #[tokio::test]
    async fn given_a_failure_before_the_sync_when_concluded_then_no_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let failed = Err(Problem::refused("no"));
        assert_eq!(written(folder.path(), 3, false).await.conclude(failed.clone()).await, failed);
        assert!(!folder.path().join("copies/x.jsonl").exists());
        let failed = written(folder.path(), 3, true).await.conclude(failed).await.unwrap_err();
        assert!(failed.detail.contains("x.jsonl"), "{failed}");
        assert!(folder.path().join("copies/x.jsonl").exists());
    }

    #[tokio::test]
    async fn given_a_folder_that_can_not_be_made_when_begun_then_the_error_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("copies"), "a file").unwrap();
        let error = Copies::new(folder.path()).begin("x.jsonl", "orders", &queue()).await.unwrap_err();
        assert!(error.to_string().contains("nothing was removed"), "{error}");
    }

    #[tokio::test]
    async fn given_a_full_disk_when_synced_then_the_error_says_that_nothing_was_removed() {
        let full = OpenOptions::new().write(true).open("/dev/full").await.unwrap();
        let mut copy = OpenCopy {
            writer: BufWriter::new(full),
            path: "/nowhere/copies/x.jsonl".into(),
            file: "x.jsonl".to_owned(),
            messages: 0,
            bytes: 0,
            synced: false,
        };
        copy.write(&bare_message("0")).await.unwrap();
        let error = copy.sync().await.unwrap_err().to_string();
        assert!(error.contains("No space left") && error.contains("nothing was removed"), "{error}");
    }

    #[test]
    fn given_an_odd_name_when_a_copy_is_named_then_it_is_plain() {
        let name = Copies::file_name("orders", &queue(), Timestamp(0));
        assert_eq!(name, "19700101T000000000Z-orders-a____b.jsonl");
    }
}
