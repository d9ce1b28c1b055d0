//! A folder that is removed when it is dropped, and also when the test process is killed.

use std::{
    fs,
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// Waits for the end of its input. Told `done`, it has nothing to do. Otherwise the test process was killed, and its
/// children are dying: some write a last file, so the folder counts as removed once it has been gone for a second.
const GUARD: &str = r#"
read -r word
if [ "$word" = done ]; then exit; fi
for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1"
    sleep 1
    [ -e "$1" ] || exit
done
"#;

/// A folder of `/tmp` under the eye of a small shell that outlives the test process.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    guard: Child,
}

impl Scratch {
    /// Makes a folder whose name begins with `weir-` and `what`. Short, since Unix sockets and Erlang dislike long
    /// paths.
    ///
    /// # Errors
    /// The folder or its guard can't be made.
    pub fn new(what: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("weir-{what}-")).tempdir()?;
        let guard = Command::new("/bin/sh")
            .args(["-c", GUARD, "guard"])
            .arg(folder.path())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl C in the terminal is for the test process.
            .process_group(0)
            .spawn()
            .context("starting the guard of a folder")?;
        Ok(Self { folder, guard })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the guard's input, as the kernel does when the test process is killed.
    pub fn abandon(&mut self) {
        self.guard.stdin = None;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where something can't be removed now, the guard tries again.
        if fs::remove_dir_all(self.folder.path()).is_ok()
            && let Some(mut input) = self.guard.stdin.take()
            && input.write_all(b"done\n").is_ok()
        {
            drop(input);
            let _ = self.guard.wait();
        }
    }
}
