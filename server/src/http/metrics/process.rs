//! What this process uses, under the names that Prometheus' own clients use.

use std::fs;

use super::text::Text;

/// Kernel ticks per second: fixed at 100 on Linux for what user space sees.
const TICKS_PER_SECOND: f64 = 100.0;

/// Writes what /proc tells; nothing where there is no /proc.
pub(super) fn write(text: &mut Text) {
    let mut gauge = |name, kind, help, value: Option<f64>| {
        if let Some(value) = value {
            text.family(name, kind, help);
            text.line(&[], value);
        }
    };
    gauge("process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    gauge("process_cpu_seconds_total", "counter", "Processor time, user and system.", cpu_seconds());
    gauge("process_open_fds", "gauge", "Open file descriptors.", open_files());
}

fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / TICKS_PER_SECOND)
}

fn open_files() -> Option<f64> {
    fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as f64)
}
