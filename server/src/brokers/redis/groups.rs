//! What a consumer group still has to read. Pure rules, since the server's own `lag` can't always be believed:
//! after unread entries were trimmed, Redis 7 and Valkey 8 count them for ever (docs/figures.md, "XINFO lag lies").

use redis::Value;

use super::{entry_id::EntryId, reply};

/// A group as `XINFO GROUPS` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: Vec<u8>,
    pub(super) consumers: i64,
    /// Entries handed out and not acknowledged.
    pub(super) pending: i64,
    pub(super) last_delivered: EntryId,
    /// `None`: the server can't tell, or is older than 7.0.
    pub(super) entries_read: Option<i64>,
    /// As the server reckons it; `None` likewise.
    pub(super) lag: Option<i64>,
}

impl Group {
    pub(super) fn read(value: Value) -> Self {
        let mut group = Self::default();
        for (name, value) in reply::pairs(value) {
            match name.as_str() {
                "name" => group.name = reply::bytes(value).unwrap_or_default(),
                "consumers" => group.consumers = reply::int(&value).unwrap_or_default(),
                "pending" => group.pending = reply::int(&value).unwrap_or_default(),
                "last-delivered-id" => group.last_delivered = EntryId::from_value(value).unwrap_or_default(),
                "entries-read" => group.entries_read = reply::int(&value),
                "lag" => group.lag = reply::int(&value),
                _ => {}
            }
        }
        group
    }
}

/// The stream at the same moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub(super) length: i64,
    /// First and last entry; `None`: empty, or not looked at this time.
    pub(super) edges: Option<(EntryId, EntryId)>,
    /// Entries ever added, from 7.0 on.
    pub(super) added: Option<i64>,
    /// Since the last look entries went from behind the first one, or somebody set the counters (`XSETID`).
    pub(super) unsettled: bool,
}

/// Whether the server's own lag of a group may be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trust {
    /// Not compared with the truth yet.
    #[default]
    Unproven,
    /// Since it was last compared unread entries may have gone, or somebody set the group's place or a counter.
    Doubted,
    /// It was right when last compared.
    Proven,
    /// It was too much when last compared.
    Broken,
}

/// What can be said about a group's lag without reading entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Known for certain; so many entries went before the group read them.
    Exact { lag: i64, lost: i64 },
    /// The server's figure, believed.
    Reported(i64),
    /// Entries have to be counted. Where they are too many, `otherwise` stands in, if anything does.
    Count { otherwise: Option<i64> },
}

/// Judges a group's lag.
pub(super) fn judge(view: &View, group: &Group, trust: Trust) -> Verdict {
    if view.length == 0 {
        return Verdict::Exact { lag: 0, lost: lost(view, group) };
    }
    match view.edges {
        Some((_, last)) if group.last_delivered >= last => Verdict::Exact { lag: 0, lost: 0 },
        Some((first, _)) if group.last_delivered < first => {
            Verdict::Exact { lag: view.length, lost: lost(view, group) }
        }
        // At least the first entry was read.
        Some(_) => match group.lag.filter(|lag| *lag < view.length) {
            Some(lag) if trust == Trust::Proven => Verdict::Reported(lag),
            Some(lag) if trust == Trust::Unproven => Verdict::Count { otherwise: Some(lag) },
            _ => Verdict::Count { otherwise: None },
        },
        // Without the edges, the length alone tells a lie: no more can be unread.
        None => match group.lag.filter(|lag| *lag <= view.length) {
            Some(lag) if matches!(trust, Trust::Proven | Trust::Unproven) => Verdict::Reported(lag),
            _ => Verdict::Count { otherwise: None },
        },
    }
}

/// Entries that were trimmed or deleted before the group read them, by the server's own counts; of a group that is
/// behind the first entry.
fn lost(view: &View, group: &Group) -> i64 {
    let by_lag = group.lag.map_or(0, |lag| lag.saturating_sub(view.length));
    let by_position = view
        .added
        .zip(group.entries_read)
        .map_or(0, |(added, read)| added.saturating_sub(read).saturating_sub(view.length));
    by_lag.max(by_position).max(0)
}

/// What a true lag says about the server's own. A smaller one may mean no more than that entries came in between the
/// two: it proves nothing.
pub(super) fn compare(group: &Group, truth: i64, before: Trust) -> Trust {
    match group.lag {
        Some(reported) if reported > truth => Trust::Broken,
        Some(reported) if reported == truth => Trust::Proven,
        _ => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ms: u64) -> EntryId {
        EntryId { ms, seq: 1 }
    }

    fn view(length: i64, first: u64, last: u64, added: i64) -> View {
        View { length, edges: Some((id(first), id(last))), added: Some(added), unsettled: false }
    }

    fn group(last_delivered: u64, entries_read: Option<i64>, lag: Option<i64>) -> Group {
        Group { last_delivered: id(last_delivered), entries_read, lag, ..Group::default() }
    }

    #[test]
    fn given_two_of_ten_read_and_trimmed_to_three_when_judged_then_the_lag_is_three_and_five_are_lost() {
        // Measured: 7.0.15 and Valkey 8.1 say 8, 8.0.2 says 3.
        for reported in [8, 3] {
            let verdict = judge(&view(3, 8, 10, 10), &group(2, Some(2), Some(reported)), Trust::Proven);
            assert_eq!(verdict, Verdict::Exact { lag: 3, lost: 5 }, "{reported}");
        }
    }

    #[test]
    fn given_a_group_at_the_end_when_the_server_still_says_five_then_the_lag_is_zero_and_trust_is_broken() {
        // Measured on 7.0.15: after the trimming above and reading all, lag stays 5.
        let group = group(10, Some(5), Some(5));
        assert_eq!(judge(&view(3, 8, 10, 10), &group, Trust::Proven), Verdict::Exact { lag: 0, lost: 0 });
        assert_eq!(compare(&group, 0, Trust::Proven), Trust::Broken);
    }

    #[test]
    fn given_a_lag_as_large_as_the_stream_though_an_entry_was_read_when_judged_then_it_is_counted() {
        // Measured on 7.0.15: last-delivered 8-1 is the first entry of three, the server says 7.
        let verdict = judge(&view(3, 8, 10, 10), &group(8, Some(3), Some(7)), Trust::Proven);
        assert_eq!(verdict, Verdict::Count { otherwise: None });
    }

    #[test]
    fn given_counts_at_the_edge_of_their_range_when_judged_then_none_are_called_lost() {
        let group = group(2, Some(i64::MAX), Some(i64::MIN));
        let verdict = judge(&view(i64::MAX, 8, 10, i64::MIN), &group, Trust::Proven);
        assert_eq!(verdict, Verdict::Exact { lag: i64::MAX, lost: 0 });
    }

    #[test]
    fn given_no_lag_from_the_server_when_judged_then_it_is_counted() {
        let verdict = judge(&view(10, 1, 10, 10), &group(4, None, None), Trust::Proven);
        assert_eq!(verdict, Verdict::Count { otherwise: None });
    }

    #[test]
    fn given_a_plain_group_when_judged_then_the_first_look_counts_and_later_ones_believe() {
        let (view, group) = (view(10, 1, 10, 10), group(4, Some(4), Some(6)));
        assert_eq!(judge(&view, &group, Trust::Unproven), Verdict::Count { otherwise: Some(6) });
        assert_eq!(compare(&group, 6, Trust::Unproven), Trust::Proven);
        assert_eq!(judge(&view, &group, Trust::Proven), Verdict::Reported(6));
        for trust in [Trust::Doubted, Trust::Broken] {
            assert_eq!(judge(&view, &group, trust), Verdict::Count { otherwise: None });
        }
    }

    #[test]
    fn given_a_count_above_the_servers_lag_when_compared_then_nothing_is_proven() {
        let group = group(4, Some(4), Some(6));
        assert_eq!(compare(&group, 8, Trust::Doubted), Trust::Doubted);
        assert_eq!(compare(&group, 8, Trust::Unproven), Trust::Unproven);
    }

    #[test]
    fn given_a_new_group_at_the_start_when_judged_then_all_is_unread_and_nothing_lost() {
        let fresh = Group { entries_read: Some(0), lag: Some(10), ..Group::default() };
        assert_eq!(judge(&view(10, 1, 10, 10), &fresh, Trust::Unproven), Verdict::Exact { lag: 10, lost: 0 });
    }

    #[test]
    fn given_a_stream_trimmed_to_nothing_when_judged_then_nothing_is_unread() {
        let empty = View { length: 0, edges: None, added: Some(10), unsettled: false };
        assert_eq!(
            judge(&empty, &group(2, Some(2), Some(8)), Trust::Proven),
            Verdict::Exact { lag: 0, lost: 8 }
        );
        assert_eq!(
            judge(&empty, &group(10, Some(10), Some(0)), Trust::Proven),
            Verdict::Exact { lag: 0, lost: 0 }
        );
    }

    #[test]
    fn given_a_stream_not_looked_into_when_judged_then_a_lag_above_its_length_is_not_believed() {
        let closed = View { length: 3, ..View::default() };
        let judged = |lag| judge(&closed, &group(2, Some(2), Some(lag)), Trust::Proven);
        assert_eq!(judged(3), Verdict::Reported(3));
        assert_eq!(judged(8), Verdict::Count { otherwise: None });
    }
}
