//! Consumer groups of a log, and its partitions.

use leptos::prelude::*;
use weir_model::{
    PartitionObservation, QueueDetail, Trend, Unknown, UnknownCode, observation::GroupPartition,
    queue::GroupRow,
};

use super::{part, texts};
use crate::{
    queues::{api::QueueView, cells::sure},
    ui::{
        Blank, Keyed, Panel, Shown, count_figure, duration_figure, figure, format, rate_figure, status,
        tone_of, updated, visible,
    },
};

#[component]
pub fn GroupsPanel(queue: ArcRwSignal<QueueView>) -> impl IntoView {
    let told = part(&queue, notes);
    let age = age(&queue);
    let groups: Keyed<GroupRow, String> = Keyed::following(
        move || queue.with(|queue| by_lag(&queue.detail.groups)),
        |group| group.name.clone(),
    );
    let rows = groups.clone();
    let is_empty = Memo::new(move |_| groups.is_empty());
    let content = move || {
        if is_empty.get() {
            view! { <Blank title=texts::NO_GROUPS_TITLE text=texts::NO_GROUPS_TEXT/> }.into_any()
        } else {
            table(&rows, told)
        }
    };
    view! { <Panel title=texts::GROUPS tools=move || age.clone() testid="groups">{content}</Panel> }
}

/// The slowest first, those of which it is not known last.
fn by_lag(groups: &[GroupRow]) -> Vec<GroupRow> {
    let mut groups = groups.to_vec();
    groups.sort_by_key(|group| std::cmp::Reverse(group.lag));
    groups
}

/// When the groups and partitions were observed.
fn age(queue: &ArcRwSignal<QueueView>) -> impl Fn() -> Option<AnyView> + Clone + use<> {
    let queue = queue.clone();
    move || queue.with(|queue| queue.detail.row.observed_at.map(|at| updated(at, queue.now).into_any()))
}

fn notes(detail: &QueueDetail) -> Vec<String> {
    let of_group = |group: &GroupRow| {
        group.notes.iter().map(|note| format!("{}: {note}", visible(&group.name))).collect::<Vec<_>>()
    };
    detail.groups.iter().flat_map(of_group).collect()
}

fn table(groups: &Keyed<GroupRow, String>, notes: Memo<Vec<String>>) -> AnyView {
    let notes = move || notes.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="group" aria-label=texts::GROUPS>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Group"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="hide-narrow">"State"</th>
                        <th scope="col" class="num">"Lag"</th>
                        <th scope="col" class="num">"Time to drain"</th>
                        <th scope="col" class="num hide-narrow">"Oldest"</th>
                        <th scope="col" class="num hide-narrow">"Out/s"</th>
                        <th scope="col" class="num hide-narrow">"Unacked"</th>
                        <th scope="col" class="num hide-narrow">"Members"</th>
                    </tr>
                </thead>
                <tbody>{groups.each(group_row)}</tbody>
            </table>
        </div>
        <ul class="notes inset">{notes}</ul>
    }
    .into_any()
}

fn group_row(group: ArcRwSignal<GroupRow>) -> impl IntoView {
    view! { <tr data-row="" tabindex="-1" data-testid="group-row">{move || group.with(group_cells)}</tr> }
}

fn group_cells(group: &GroupRow) -> impl IntoView + use<> {
    let why = &group.unknown;
    let drain = match group.trend {
        Trend::Draining => figure(duration_figure(group.drain_seconds, "drain_seconds", why)),
        Trend::Growing => view! { <span class="growing warn">{texts::NOT_DRAINING}</span> }.into_any(),
        Trend::Steady => view! { <span>{texts::STEADY}</span> }.into_any(),
        Trend::Unknown => figure(Shown::missing("drain_seconds", why)),
    };
    view! {
        <td><b>{visible(&group.name)}</b></td>
        <td>{status(tone_of(group.status), group.status_reason.clone())}</td>
        <td class="hide-narrow">{group.state.clone().unwrap_or_default()}</td>
        <td class="num">{figure(count_figure(group.lag, "lag", "messages", why))}</td>
        <td class="num">{drain}</td>
        <td class="num hide-narrow">
            {figure(oldest(group))}
        </td>
        <td class="num hide-narrow">{figure(rate_figure(group.out_rate, "out_rate", why))}</td>
        <td class="num hide-narrow">
            {figure(count_figure(group.unacknowledged, "unacknowledged", "messages", why))}
        </td>
        <td class="num hide-narrow">{figure(count_figure(group.members, "members", "members", why))}</td>
    }
}

fn oldest(group: &GroupRow) -> Shown {
    let age = duration_figure(group.oldest_age_seconds, "oldest_age_seconds", &group.unknown);
    sure(age, group.oldest_age_estimate.as_deref(), group.oldest_age_at_least)
}

/// The partitions with the position of each group.
#[component]
pub fn PartitionsPanel(queue: ArcRwSignal<QueueView>) -> impl IntoView {
    let names =
        part(&queue, |detail| detail.groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>());
    let head = |name: &String| view! { <th scope="col" class="num">{format!("{}: lag", visible(name))}</th> };
    let heads = move || names.with(|names| names.iter().map(head).collect_view());
    let age = age(&queue);
    let rows = move || queue.with(|queue| partition_rows(&queue.detail));
    view! {
        <Panel title=texts::PARTITIONS tools=move || age.clone() testid="partitions">
            <div class="scroll-x" tabindex="0" role="group" aria-label=texts::PARTITIONS>
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

fn partition_rows(detail: &QueueDetail) -> impl IntoView + use<> {
    detail.partitions.iter().map(|partition| partition_row(partition, &detail.groups)).collect_view()
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
        <tr data-row="" tabindex="-1" data-testid="partition-row">
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
