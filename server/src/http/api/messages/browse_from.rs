//! The parameter `from` of reading.

use weir_model::{Problem, Timestamp, message::BrowseFrom};

/// Reads `oldest`, `newest`, `left`, `right`, `offset:N`, `id:ID` or `time:RFC3339`.
pub(super) fn read(text: &str) -> Result<BrowseFrom, Problem> {
    let wrong = |problem: String| Problem::field("from", problem);
    Ok(match text.split_once(':') {
        None => match text {
            "oldest" => BrowseFrom::Oldest,
            "newest" => BrowseFrom::Newest,
            "left" => BrowseFrom::Left,
            "right" => BrowseFrom::Right,
            _ => return Err(wrong(not_understood(text))),
        },
        Some(("offset", offset)) => BrowseFrom::Offset(
            offset
                .parse()
                .ok()
                .filter(|offset| *offset >= 0)
                .ok_or_else(|| wrong(format!("\"{offset}\" is no offset: write offset:0 or more")))?,
        ),
        Some(("id", "")) => return Err(wrong("the id is missing: write id:1700000000000-0".to_owned())),
        Some(("id", id)) => BrowseFrom::Id(id.to_owned()),
        Some(("time", time)) => BrowseFrom::Time(
            Timestamp::parse(time)
                .map_err(|_| wrong(format!("\"{time}\" is no time: write time:2030-01-31T12:00:00Z")))?,
        ),
        Some(_) => return Err(wrong(not_understood(text))),
    })
}

fn not_understood(text: &str) -> String {
    format!("\"{text}\" is none of oldest, newest, left, right, offset:N, id:ID, time:RFC3339")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_words_of_the_interface_when_read_then_they_are_understood() {
        assert_eq!(read("newest"), Ok(BrowseFrom::Newest));
        assert_eq!(read("offset:7"), Ok(BrowseFrom::Offset(7)));
        assert_eq!(read("id:1-0"), Ok(BrowseFrom::Id("1-0".to_owned())));
        assert_eq!(read("time:1970-01-01T00:00:01Z"), Ok(BrowseFrom::Time(Timestamp(1000))));
        for bad in ["", "middle", "offset:-1", "offset:x", "id:", "time:noon", "page:2"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
