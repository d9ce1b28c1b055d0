//! Consumer groups of a log, and its partitions.

use leptos::prelude::*;
use weir_model::{
    PartitionObservation, QueueDetail, Trend, Unknown, UnknownCode, observation::GroupPartition,
    queue::GroupRow,
};

use super::texts;
use crate::ui::{Blank, Panel, Shown, count_figure, duration_figure, figure, format, rate_figure};

#[component]
pub fn GroupsPanel(groups: Vec<GroupRow>) -> impl IntoView {
    let content = if groups.is_empty() {
        view! { <Blank title=texts::NO_GROUPS_TITLE text=texts::NO_GROUPS_TEXT/> }.into_any()
    } else {
        let notes: Vec<_> = groups
            .iter()
            .flat_map(|group| group.notes.iter().map(|note| format!("{}: {note}", group.name)))
            .map(|note| view! { <li>{note}</li> })
            .collect();
        let rows = groups.into_iter().map(group_row).collect_view();
        view! {
            <div class="scroll-x" tabindex="0" role="region" aria-label=texts::GROUPS>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Group"</th>
                            <th scope="col" class="hide-narrow">"State"</th>
                            <th scope="col" class="num">"Lag"</th>
                            <th scope="col" class="num">"Time to drain"</th>
                            <th scope="col" class="num hide-narrow">"Oldest"</th>
                            <th scope="col" class="num hide-narrow">"Out/s"</th>
                            <th scope="col" class="num hide-narrow">"Unacked"</th>
                            <th scope="col" class="num hide-narrow">"Members"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <ul class="notes inset">{notes}</ul>
        }
        .into_any()
    };
    view! { <Panel title=texts::GROUPS testid="groups">{content}</Panel> }
}

fn group_row(group: GroupRow) -> impl IntoView {
    let why = &group.unknown;
    let drain = match group.trend {
        Trend::Draining => figure(duration_figure(group.drain_seconds, "drain_seconds", why)),
        Trend::Growing => view! { <span class="growing warn">{texts::NOT_DRAINING}</span> }.into_any(),
        Trend::Steady => view! { <span>{texts::STEADY}</span> }.into_any(),
        Trend::Unknown => figure(Shown::missing("drain_seconds", why)),
    };
    view! {
        <tr data-row="" tabindex="-1" data-testid="group-row">
            <td><b>{group.name.clone()}</b></td>
            <td class="hide-narrow">{group.state.clone().unwrap_or_default()}</td>
            <td class="num">{figure(count_figure(group.lag, "lag", "messages", why))}</td>
            <td class="num">{drain}</td>
            <td class="num hide-narrow">
                {figure(duration_figure(group.oldest_age_seconds, "oldest_age_seconds", why))}
            </td>
            <td class="num hide-narrow">{figure(rate_figure(group.out_rate, "out_rate", why))}</td>
            <td class="num hide-narrow">
                {figure(count_figure(group.unacknowledged, "unacknowledged", "messages", why))}
            </td>
            <td class="num hide-narrow">{figure(count_figure(group.members, "members", "members", why))}</td>
        </tr>
    }
}

/// The partitions with the position of each group.
#[component]
pub fn PartitionsPanel(detail: QueueDetail) -> impl IntoView {
    let names: Vec<String> = detail.groups.iter().map(|group| group.name.clone()).collect();
    let heads = names
        .iter()
        .map(|name| view! { <th scope="col" class="num">{format!("{name}: lag")}</th> })
        .collect_view();
    let rows =
        detail.partitions.iter().map(|partition| partition_row(partition, &detail.groups)).collect_view();
    view! {
        <Panel title=texts::PARTITIONS testid="partitions">
            <div class="scroll-x" tabindex="0" role="region" aria-label=texts::PARTITIONS>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Partition"</th>
                            <th scope="col">"Leader"</th>
                            <th scope="col">"In sync"</th>
                            <th scope="col" class="num">"Begin"</th>
                            <th scope="col" class="num">"End"</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Panel>
    }
}

fn partition_row(partition: &PartitionObservation, groups: &[GroupRow]) -> impl IntoView + use<> {
    let offline = || Shown::Unknown { reason: "the partition has no leader".to_owned() };
    let offset = |value: Option<i64>| figure(value.map_or_else(offline, |n| plain(n, "offset")));
    let leader = match partition.leader {
        Some(node) => view! { <span>{node}</span> }.into_any(),
        None => view! { <span class="status crit">"none"</span> }.into_any(),
    };
    let in_sync = format!("{} of {}", partition.in_sync.len(), partition.replicas.len());
    let number = partition.partition;
    let lags = groups.iter().map(|group| {
        let place = group.partitions.iter().find(|place| place.partition == number);
        view! { <td class="num">{figure(lag_of(place))}</td> }
    });
    view! {
        <tr data-testid="partition-row">
            <td>{number}</td>
            <td>{leader}</td>
            <td>{in_sync}</td>
            <td class="num">{offset(partition.begin)}</td>
            <td class="num">{offset(partition.end)}</td>
            {lags.collect::<Vec<_>>()}
        </tr>
    }
}

fn plain(n: i64, what: &str) -> Shown {
    Shown::Known { text: format::exact(n), title: format!("{what} {n}"), mark: crate::ui::Mark::Exact }
}

/// Where a group stands: with who reads it on hover, or why its lag is not known.
fn lag_of(place: Option<&GroupPartition>) -> Shown {
    let never = Unknown::new(UnknownCode::NoGroup, "never committed here");
    let Some(place) = place else { return Shown::Unknown { reason: never.detail } };
    let reader = match (&place.member, &place.host) {
        (Some(member), Some(host)) => format!("read by {member} at {host}"),
        (Some(member), None) => format!("read by {member}"),
        _ => "read by nobody".to_owned(),
    };
    match (place.lag, place.committed) {
        (Some(lag), _) => {
            Shown::Known { text: format::exact(lag), title: reader, mark: crate::ui::Mark::Exact }
        }
        (None, None) => Shown::Unknown { reason: never.detail },
        (None, Some(at)) => Shown::Unknown { reason: format!("committed {at}; the end offset is not known") },
    }
}
