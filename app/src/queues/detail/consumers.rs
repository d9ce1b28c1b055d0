//! Who takes messages out: groups with their partitions where there are groups, and the single consumers.

use leptos::prelude::*;
use weir_model::queue::ConsumerRow;

use super::{
    QueueContext,
    groups::{GroupsPanel, PartitionsPanel},
    part, texts,
};
use crate::{
    queues::api::QueueView,
    ui::{Blank, Panel, kept},
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
        Some(described) => Ok((described.consumers.clone(), described.consumers_note.clone())),
        None => Err(detail.description_error.clone().unwrap_or_default()),
    });
    let content = move || match described.get() {
        Err(why) => view! { <Blank title=texts::NOT_DESCRIBED text=why/> }.into_any(),
        Ok((consumers, _)) if consumers.is_empty() => {
            view! { <Blank title=texts::NO_CONSUMERS_TITLE text=texts::NO_CONSUMERS_TEXT/> }.into_any()
        }
        Ok((consumers, _)) => table(consumers),
    };
    let note = move || described.get().ok().and_then(|(_, note)| note);
    view! {
        <Panel title=texts::CONSUMERS testid="consumers">
            {content}
            {move || note().map(|note| view! { <p class="panel-foot">{note}</p> })}
        </Panel>
    }
}

fn table(consumers: Vec<ConsumerRow>) -> AnyView {
    let row = |consumer: ConsumerRow| {
        let facts: Vec<String> = consumer.facts.iter().map(|f| format!("{} {}", f.name, f.value)).collect();
        view! {
            <tr data-row="" tabindex="-1" data-testid="consumer-row">
                <td class="mono">{consumer.name}</td>
                <td class="hide-narrow">{consumer.group.unwrap_or_default()}</td>
                <td class="hide-narrow">{consumer.host.unwrap_or_default()}</td>
                <td class="wrap">{facts.join(", ")}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=texts::CONSUMERS>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="hide-narrow">"Group"</th>
                        <th scope="col" class="hide-narrow">"From"</th>
                        <th scope="col">"Facts"</th>
                    </tr>
                </thead>
                <tbody>{consumers.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
