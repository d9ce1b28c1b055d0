//! A machine that breaks under a program: its clock steps, its disk takes nothing. A library between the program and the
//! C library plays it, so that the program is the real one.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::scratch::Scratch;

/// What a program on the machine sees. Well in all ways at first.
#[derive(Debug)]
pub struct Machine {
    folder: Scratch,
    orders: File,
}

impl Machine {
    /// Compiles the library.
    ///
    /// # Errors
    /// There is no C compiler.
    pub fn new() -> Result<Self> {
        let folder = Scratch::new("machine")?;
        let source = folder.path().join("machine.c");
        fs::write(&source, include_str!("machine.c"))?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([library(folder.path()), source])
            .output()
            .context("cc: apt-get install build-essential")?;
        ensure!(compiled.status.success(), "cc: {}", String::from_utf8_lossy(&compiled.stderr));
        fs::write(orders(folder.path()), [0; 16])?;
        let orders = File::options().write(true).open(orders(folder.path()))?;
        Ok(Self { folder, orders })
    }

    /// What a program must find in its environment to be on this machine. Its files are those below `files`.
    #[must_use]
    pub fn env(&self, files: &Path) -> Vec<(String, String)> {
        let path = self.folder.path();
        [
            ("LD_PRELOAD", library(path)),
            ("WEIR_TESTS_ORDERS", orders(path)),
            ("WEIR_TESTS_FOLDER", files.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value.display().to_string()))
        .to_vec()
    }

    /// Sets the clock that many milliseconds before the true time, or behind it. Clocks that only measure durations go on
    /// as before, as they do when an operator sets the time.
    ///
    /// # Errors
    /// The order can't be written.
    pub fn set_clock_ahead(&self, ms: i64) -> Result<()> {
        Ok(self.orders.write_all_at(&ms.to_ne_bytes(), 0)?)
    }

    /// From now on no file of the program can be written, or each can again.
    ///
    /// # Errors
    /// The order can't be written.
    pub fn set_read_only(&self, read_only: bool) -> Result<()> {
        Ok(self.orders.write_all_at(&i64::from(read_only).to_ne_bytes(), 8)?)
    }
}

fn library(folder: &Path) -> std::path::PathBuf {
    folder.join("machine.so")
}

fn orders(folder: &Path) -> std::path::PathBuf {
    folder.join("orders")
}
