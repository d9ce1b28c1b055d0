//! Names for the brokers that can be taken away: `/etc/hosts` of this process and its children alone.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// The names of the three brokers, all of this machine.
const NAMES: &str = "127.0.0.1 orders.test cache.test log.test\n";

pub(crate) struct Names {
    hosts: PathBuf,
    /// What stood there before.
    others: String,
}

impl Names {
    /// Puts the names in place.
    ///
    /// # Errors
    /// This process has no mounts of its own.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let (hosts, order) = (folder.join("hosts"), folder.join("nsswitch.conf"));
        let names = Self { hosts, others: fs::read_to_string("/etc/hosts")? };
        names.set(true)?;
        // Only the file is asked: a silent server for names would be a fault of its own.
        fs::write(&order, "hosts: files\n")?;
        for (file, over) in [(&names.hosts, "/etc/hosts"), (&order, "/etc/nsswitch.conf")] {
            let bound = Command::new("mount").arg("--bind").args([file.as_os_str(), over.as_ref()]).output();
            let bound = bound.context("mount")?;
            ensure!(
                bound.status.success(),
                "start it by scripts/soak.sh, which gives it mounts of its own: {}",
                String::from_utf8_lossy(&bound.stderr)
            );
        }
        Ok(names)
    }

    /// Whether the names lead anywhere.
    pub(crate) fn set(&self, there: bool) -> Result<()> {
        let names = if there { NAMES } else { "" };
        Ok(fs::write(&self.hosts, format!("{}\n{names}", self.others.trim_end()))?)
    }
}
