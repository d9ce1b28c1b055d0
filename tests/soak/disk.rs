//! A small disk for Weir alone, which can be filled.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use weir_tests::scratch::Scratch;

/// Room for hours of history.
const SIZE: &str = "size=1g";

pub(crate) struct Disk {
    folder: Scratch,
}

impl Disk {
    pub(crate) fn mount() -> Result<Self> {
        let folder = Scratch::new("disk")?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(folder.path())
            .output()
            .context("mount")?;
        ensure!(mounted.status.success(), "mount: {}", String::from_utf8_lossy(&mounted.stderr));
        Ok(Self { folder })
    }

    /// Weir's data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes until nothing more fits.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut file = File::create(self.filler())?;
        let mut size = 1 << 20;
        while size > 0 {
            if file.write_all(&vec![0; size]).is_err() {
                size /= 16;
            }
        }
        Ok(())
    }

    pub(crate) fn clear(&self) -> Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }
}
