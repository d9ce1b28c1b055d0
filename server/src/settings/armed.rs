//! Which auto-detected brokers may be changed: a file in the data folder with a name a line.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The brokers that an operator armed, over restarts.
pub struct Armed {
    file: PathBuf,
    /// `--arm`: all of them, for this run.
    all: bool,
    names: Mutex<BTreeSet<String>>,
}

impl Armed {
    /// Reads what is kept in the data folder.
    ///
    /// # Errors
    /// The file is there and can't be read.
    pub fn load(data_dir: &Path, all: bool) -> io::Result<Self> {
        let file = data_dir.join("armed");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { file, all, names: Mutex::new(text.lines().map(str::to_owned).collect()) })
    }

    /// Whether a broker is armed.
    #[must_use]
    pub fn contains(&self, broker: &str) -> bool {
        self.all || self.names.lock().unwrap_or_else(PoisonError::into_inner).contains(broker)
    }

    /// Arms a broker and keeps it; a crash leaves the file as it was or as it is to be.
    pub(super) fn add(&self, broker: &str) -> io::Result<()> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = names.clone();
        next.insert(broker.to_owned());
        let lines: String = next.iter().map(|name| format!("{name}\n")).collect();
        let beside = self.file.with_extension("new");
        fs::write(&beside, lines)?;
        fs::rename(&beside, &self.file)?;
        *names = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_armed_broker_when_loaded_again_then_it_is_still_armed() {
        let folder = tempfile::tempdir().expect("a folder");
        let armed = Armed::load(folder.path(), false).expect("nothing yet");
        assert!(!armed.contains("redis"));
        armed.add("redis").expect("a writable folder");
        let again = Armed::load(folder.path(), false).expect("a file");
        assert!(again.contains("redis") && !again.contains("kafka"));
        assert!(Armed::load(folder.path(), true).expect("a file").contains("kafka"));
    }
}
