//! What the kernel says a process has used.

use std::fs;

use anyhow::{Context as _, Result};

use crate::machine::value_of;

/// The unit of times in `/proc/PID/stat`: `USER_HZ`, a hundred on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of CPU that a process has used in all its threads, its children left out.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid}"))?;
    // The name stands in brackets and may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat has no name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let (user, system): (f64, f64) = (fields[11].parse()?, fields[12].parse()?);
    Ok((user + system) / TICKS_PER_SECOND)
}

/// Memory in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident: shared pages in full.
    pub resident: f64,
    /// Proportional: shared pages by the number of those who share them.
    pub proportional: f64,
}

/// The memory of a process.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let file = format!("/proc/{pid}/smaps_rollup");
    let bytes = |name| -> Result<f64> {
        let kib: f64 = value_of(&file, name)?.trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1024.0)
    };
    Ok(Memory { resident: bytes("Rss")?, proportional: bytes("Pss")? })
}
