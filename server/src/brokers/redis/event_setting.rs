//! Whether the server tells who pushes to a list and who takes: its setting `notify-keyspace-events`.

use weir_model::{Unknown, UnknownCode};

use super::reply::{self, Reply};

/// The name of the setting.
const NAME: &str = "notify-keyspace-events";

/// The server's setting, as `CONFIG GET` gave it.
pub(super) struct Setting(Result<String, Unknown>);

impl Setting {
    /// The command that asks for it.
    pub(super) fn question() -> redis::Cmd {
        redis::cmd("CONFIG").arg("GET").arg(NAME).take()
    }

    /// Reads the answer; `None` = none came.
    pub(super) fn read(answer: Option<Reply>) -> Self {
        let silent =
            || Unknown::new(UnknownCode::Unsupported, format!("the server does not tell its {NAME}"));
        Self(match answer {
            Some(Ok(value)) => {
                let found = reply::pairs(value).into_iter().find(|(name, _)| name == NAME);
                found.and_then(|(_, flags)| reply::text(flags)).ok_or_else(silent)
            }
            Some(Err(error)) => Err(reply::unknown(&error, "CONFIG GET")),
            None => Err(silent()),
        })
    }

    /// Commands on lists are told under the names of their keys.
    ///
    /// # Errors
    /// They are not, with the command that changes it and what it costs.
    pub(super) fn lists_are_told(&self) -> Result<(), Unknown> {
        let flags = self.0.as_ref().map_err(Clone::clone)?;
        let missing = missing(flags);
        if missing.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "keyspace events of lists are off, so nobody counts what comes and goes. CONFIG SET {NAME} {flags}{missing} \
             switches them on until the server restarts; in redis.conf they stay on. Each command on a list then costs \
             the server about a microsecond more"
        );
        Err(Unknown::new(UnknownCode::StatisticsOff, detail))
    }
}

/// The flags that lack: `K` for channels by key, `l` for lists (which `A` stands for too).
fn missing(flags: &str) -> String {
    let by_key = if flags.contains('K') { "" } else { "K" };
    let lists = if flags.contains(['l', 'A']) { "" } else { "l" };
    format!("{by_key}{lists}")
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::*;

    fn set_to(flags: &str) -> Setting {
        let bulk = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        Setting::read(Some(Ok(Value::Array(vec![bulk(NAME), bulk(flags)]))))
    }

    #[test]
    fn given_flags_that_tell_of_lists_by_key_when_read_then_they_are_told() {
        for flags in ["Kl", "AKE", "lK", "KEl$"] {
            assert_eq!(set_to(flags).lists_are_told(), Ok(()), "{flags}");
        }
    }

    #[test]
    fn given_flags_that_lack_something_when_read_then_the_command_keeps_what_there_is() {
        for (flags, wanted) in [("", "Kl"), ("Ex", "ExKl"), ("AE", "AEK"), ("K$", "K$l"), ("El", "ElK")] {
            let reason = set_to(flags).lists_are_told().expect_err(flags);
            assert_eq!(reason.code, UnknownCode::StatisticsOff);
            assert!(reason.detail.contains(&format!("CONFIG SET {NAME} {wanted} ")), "{}", reason.detail);
        }
    }

    #[test]
    fn given_a_server_that_hides_its_settings_when_read_then_it_is_not_taken_for_off() {
        let hidden = Setting::read(Some(Ok(Value::Array(Vec::new()))));
        assert_eq!(hidden.lists_are_told().map_err(|reason| reason.code), Err(UnknownCode::Unsupported));
    }
}
