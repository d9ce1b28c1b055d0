//! Who takes messages out: groups with their partitions where there are groups, and the single consumers.

use std::collections::BTreeMap;

use leptos::prelude::*;
use weir_model::queue::ConsumerRow;

use super::{
    QueueContext, as_of,
    groups::{GroupsPanel, PartitionsPanel},
    part, texts,
};
use crate::{
    queues::api::QueueView,
    ui::{Blank, Panel, count_figure, duration_figure, figure, kept, updated},
};

#[component]
pub fn ConsumersTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    kept(context.view, |queue| {
        let is_log = part(&queue, |detail| detail.row.kind.is_log());
        let is_divided = part(&queue, |detail| !detail.partitions.is_empty());
        let (of_groups, of_partitions) = (queue.clone(), queue.clone());
        let groups = move || is_log.get().then(|| view! { <GroupsPanel queue=of_groups.clone()/> });
        let partitions =
            move || is_divided.get().then(|| view! { <PartitionsPanel queue=of_partitions.clone()/> });
        view! {
            {groups}
            <ConsumersPanel queue/>
            {partitions}
        }
        .into_any()
    })
}

/// Drawn anew only when other consumers are there.
#[component]
fn ConsumersPanel(queue: ArcRwSignal<QueueView>) -> impl IntoView {
    let described = part(&queue, |detail| match &detail.description {
        Some(described) => {
            let notes = described.consumers_note.iter().cloned().chain(as_of(detail));
            Ok((described.consumers.clone(), notes.collect::<Vec<_>>()))
        }
        None => Err(detail.description_error.clone().unwrap_or_default()),
    });
    let read = move || {
        queue.with(|queue| updated(queue.detail.description_at.unwrap_or(queue.now), queue.now).into_any())
    };
    let content = move || match described.get() {
        Err(why) => view! { <Blank title=texts::NOT_DESCRIBED text=why/> }.into_any(),
        Ok((consumers, _)) if consumers.is_empty() => {
            view! { <Blank title=texts::NO_CONSUMERS_TITLE text=texts::NO_CONSUMERS_TEXT/> }.into_any()
        }
        Ok((consumers, _)) => table(consumers),
    };
    let notes = move || described.get().map(|(_, notes)| notes).unwrap_or_default();
    view! {
        <Panel title=texts::CONSUMERS tools=move || read.clone() testid="consumers">
            {content}
            {move || notes().into_iter().map(|note| view! { <p class="panel-foot">{note}</p> }).collect_view()}
        </Panel>
    }
}

fn table(consumers: Vec<ConsumerRow>) -> AnyView {
    let counts_pending = consumers.iter().any(|consumer| consumer.pending.is_some());
    let row = |consumer: ConsumerRow| {
        let held = counts_pending.then(|| held(&consumer));
        let facts: Vec<String> = consumer.facts.iter().map(|f| format!("{} {}", f.name, f.value)).collect();
        view! {
            <tr data-row="" tabindex="-1" data-testid="consumer-row">
                <td class="mono">{consumer.name}</td>
                <td class="hide-narrow">{consumer.group.unwrap_or_default()}</td>
                <td class="hide-narrow">{consumer.host.unwrap_or_default()}</td>
                {held}
                <td class="wrap">{facts.join(", ")}</td>
            </tr>
        }
    };
    let heads = counts_pending.then(|| {
        view! {
            <th scope="col" class="num" title=texts::PENDING_TITLE>{texts::PENDING}</th>
            <th scope="col" class="num" title=texts::IDLE_TITLE>{texts::IDLE}</th>
        }
    });
    view! {
        <div class="scroll-x" tabindex="0" role="group" aria-label=texts::CONSUMERS>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="hide-narrow">"Group"</th>
                        <th scope="col" class="hide-narrow">"From"</th>
                        {heads}
                        <th scope="col">"Facts"</th>
                    </tr>
                </thead>
                <tbody>{consumers.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What a consumer was given and has not acknowledged, and since when it has asked for nothing.
fn held(consumer: &ConsumerRow) -> impl IntoView + use<> {
    let none = BTreeMap::new();
    view! {
        <td class="num" data-testid="consumer-pending">
            {figure(count_figure(consumer.pending, "pending", "pending", &none))}
        </td>
        <td class="num" data-testid="consumer-idle">
            {figure(duration_figure(consumer.idle_seconds, "idle", &none))}
        </td>
    }
}
