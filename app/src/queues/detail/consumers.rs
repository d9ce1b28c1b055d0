//! Who takes messages out: groups with their partitions where there are groups, and the single consumers.

use leptos::prelude::*;
use weir_model::{QueueDetail, queue::ConsumerRow};

use super::{
    QueueContext,
    groups::{GroupsPanel, PartitionsPanel},
    texts,
};
use crate::ui::{Blank, Panel, loaded};

#[component]
pub fn ConsumersTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    loaded(context.view, |queue| {
        let detail = queue.detail;
        let is_log = detail.row.kind.is_log();
        let groups = is_log.then(|| view! { <GroupsPanel groups=detail.groups.clone()/> });
        let partitions =
            (!detail.partitions.is_empty()).then(|| view! { <PartitionsPanel detail=detail.clone()/> });
        view! {
            {groups}
            <ConsumersPanel detail/>
            {partitions}
        }
        .into_any()
    })
}

#[component]
fn ConsumersPanel(detail: QueueDetail) -> impl IntoView {
    let note = detail.description.as_ref().and_then(|d| d.consumers_note.clone());
    let content = match detail.description {
        None => view! {
            <Blank title=texts::NOT_DESCRIBED text=detail.description_error.unwrap_or_default()/>
        }
        .into_any(),
        Some(description) if description.consumers.is_empty() => {
            view! { <Blank title=texts::NO_CONSUMERS_TITLE text=texts::NO_CONSUMERS_TEXT/> }.into_any()
        }
        Some(description) => table(description.consumers),
    };
    view! {
        <Panel title=texts::CONSUMERS testid="consumers">
            {content}
            {note.map(|note| view! { <p class="panel-foot">{note}</p> })}
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
