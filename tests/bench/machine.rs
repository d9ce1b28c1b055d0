//! The machine on which the figures were taken.

use std::fs;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// What it is, and how busy it was just before the measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub cores: usize,
    pub memory_gib: u64,
    pub cpu: String,
    pub kernel: String,
    /// Processes that wanted a core, on average over the last minute.
    pub load: f64,
}

impl Machine {
    /// Asks the kernel.
    pub(crate) fn now() -> Result<Self> {
        let cpu = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|_| "unknown".to_owned());
        let memory = value_of("/proc/meminfo", "MemTotal")?;
        let kib: u64 = memory.trim_end_matches(" kB").parse()?;
        let load = fs::read_to_string("/proc/loadavg")?;
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kib.div_ceil(1024 * 1024),
            cpu,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load: load.split(' ').next().context("/proc/loadavg is empty")?.parse()?,
        })
    }

    /// Others were at work beside the measure: times are too long then.
    pub(crate) fn busy(&self) -> bool {
        self.load > self.cores as f64 / 2.0
    }
}

/// The value behind `name:` in a file of lines.
pub(crate) fn value_of(file: &str, name: &str) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    value.with_context(|| format!("{file} has no {name}"))
}
