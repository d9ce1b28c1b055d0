//! The data folder, and its lock: one `weir serve` at a time writes there.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};

use super::failure::Failure;

/// A data folder that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct DataFolder {
    pub path: PathBuf,
    _lock: File,
    /// Removed when this is dropped, for demonstrations.
    _thrown_away: Option<tempfile::TempDir>,
}

impl DataFolder {
    /// Makes the folder if need be and takes its lock.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        // Message bodies never come here, but names of queues and what operators did: nobody else's business.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("data_dir {}: it can't be made; give --data-dir DIR", path.display()))
            .map_err(Failure::Running)?;
        let lock = lock(path).map_err(Failure::Running)?;
        Ok(Self { path: path.to_owned(), _lock: lock, _thrown_away: None })
    }

    /// A folder that is thrown away.
    pub(super) fn temporary() -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("weir-demo-").tempdir().map_err(Failure::running)?;
        let opened = Self::open(&path_of(&folder)?)?;
        Ok(Self { _thrown_away: Some(folder), ..opened })
    }
}

fn path_of(folder: &tempfile::TempDir) -> Result<PathBuf, Failure> {
    folder.path().canonicalize().map_err(Failure::running)
}

/// The system lets go of the lock when the process ends, however it ends.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("weir.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let unwritable = || format!("data_dir {}: it can't be written; give --data-dir DIR", folder.display());
    let file = file.with_context(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(anyhow!(
            "data_dir {}: another weir serves from it; stop that one, or give --data-dir DIR",
            folder.display()
        )),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_folder_in_use_when_opened_then_it_is_refused_until_let_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data");
        let first = DataFolder::open(&path).expect("a free folder");
        let refused = DataFolder::open(&path).map(|_| ()).expect_err("in use").to_string();
        assert!(refused.contains("another weir serves from it"), "{refused}");
        drop(first);
        assert!(DataFolder::open(&path).is_ok());
    }

    #[test]
    fn given_a_demonstration_when_it_ends_then_its_folder_is_gone() {
        let folder = DataFolder::temporary().expect("a folder");
        let path = folder.path.clone();
        assert!(path.join("weir.lock").exists());
        drop(folder);
        assert!(!path.exists());
    }
}
