//! The English words of listening.

use weir_model::message::TapReport;

use crate::ui::format;

pub(super) const TITLE: &str = "Listen";
pub(super) const SUB: &str = "messages as they pass; nothing is kept";
pub(super) const START: &str = "Start listening";
pub(super) const STOP: &str = "Stop";
pub(super) const STARTING: &str = "Subscribing …";
pub(super) const NEEDS_SCRIPTS: &str =
    "Listening on this page needs its scripts, which have not run (yet). In a terminal: ";
pub(super) const NONE_TITLE: &str = "Nothing was heard yet";
pub(super) const NONE_TEXT: &str = "The broker keeps nothing of a channel: what passed before, or passes while nobody listens here, can't be seen.";
pub(super) const QUIET_TITLE: &str = "Listening";
pub(super) const QUIET_TEXT: &str = "Nothing has passed so far.";
pub(super) const NUMBER: &str = "No.";
pub(super) const TIME: &str = "Received";
pub(super) const SIZE: &str = "Size";
pub(super) const BODY: &str = "Body";
#[cfg(feature = "hydrate")]
pub(super) const LOST: &str = "the connection to Weir ended, or Weir refused";

pub(super) fn idle(note: Option<&str>) -> String {
    let price = note.map(|note| format!(" {}.", capitalised(note))).unwrap_or_default();
    format!("Not listening.{price} It is noted in the activity, and ends when this page is left.")
}

/// "1,204 messages in 35s, 34.4/s, 96 kB; 1,004 of them were too quick to be shown."
pub(super) fn running(report: &TapReport) -> String {
    format!("{}, {}/s now.", heard(report), format::rate(report.rate))
}

pub(super) fn over(report: &TapReport, reason: Option<&str>) -> String {
    let why = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    format!("Stopped{why}. {}.", heard(report))
}

/// The command that listens without a browser.
pub(super) fn command(path: &str) -> String {
    format!("curl -N http://127.0.0.1:9347{path}")
}

pub(super) fn cut(size: u64) -> String {
    format!("The beginning of {}.", format::bytes(size))
}

fn heard(report: &TapReport) -> String {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let messages = format::counted(count(report.messages), "message", "messages");
    let (size, lasted) = (format::bytes(report.bytes), format::duration(report.seconds));
    let dropped = match report.dropped {
        0 => String::new(),
        n => format!(", {} of them too quick to be shown", format::exact(count(n))),
    };
    format!("{messages} ({size}) in {lasted}{dropped}")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_report_when_told_then_what_is_not_shown_is_said() {
        let report =
            TapReport { seconds: 35.0, messages: 1204, bytes: 96_000, rate: 34.4, ..TapReport::default() };
        assert_eq!(running(&report), "1,204 messages (96 kB) in 35s, 34.4/s now.");
        let report = TapReport { dropped: 1004, ..report };
        assert!(
            over(&report, Some("why"))
                .starts_with("Stopped: why. 1,204 messages (96 kB) in 35s, 1,004 of them")
        );
    }
}
