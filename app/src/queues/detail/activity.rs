//! What operators did with this queue.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use weir_model::{Action, ActionOutcome, Timestamp};

use super::{QueueContext, address::Address, texts};
use crate::{
    audit::api::{ActivityView, read_actions},
    ui::{Ago, Blank, Panel, Tone, address::with_query, ago, loaded, status_word, updated, visible},
};

#[component]
pub fn ActivityTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let query = use_query_map();
    let before = Memo::new(move |_| query.read().get_str("before").map(str::to_owned));
    let actions = Resource::new(
        move || (context.address.get(), before.get()),
        |(queue, before)| async move {
            read_actions(queue.broker.clone(), queue.id.clone(), before).await.map(|view| (queue, view))
        },
    );
    view! {
        <Panel title=texts::ACTIVITY sub=texts::ACTIVITY_SUB testid="activity">
            {loaded(actions, |(queue, view)| listed(&queue, view))}
        </Panel>
    }
}

fn listed(queue: &Address, view: ActivityView) -> AnyView {
    let ActivityView { now, page } = view;
    if page.items.is_empty() {
        return view! { <Blank good=true title=texts::NO_ACTIVITY_TITLE text=texts::NO_ACTIVITY_TEXT/> }
            .into_any();
    }
    let next = page.next.map(|before| {
        let href = with_query(&queue.tab("activity"), &[("before", Some(&before.to_string()))]);
        view! { <p class="panel-foot"><a class="link" href=href rel="next">"Older"</a></p> }
    });
    let rows = page.items.into_iter().map(|action| row(action, now)).collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="group" aria-label=texts::ACTIVITY>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Answer"</th>
                        <th scope="col">"Reason"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {next}
        <p class="panel-foot faint">{updated(now, now)}</p>
    }
    .into_any()
}

/// How it ended, in a word of its own: an act has no status.
fn outcome(outcome: ActionOutcome) -> (Tone, &'static str) {
    match outcome {
        ActionOutcome::Running => (Tone::Unknown, "running"),
        ActionOutcome::Done => (Tone::Ok, "done"),
        ActionOutcome::Dropped => (Tone::Warning, "dropped"),
        ActionOutcome::Refused => (Tone::Warning, "refused"),
        ActionOutcome::Failed => (Tone::Critical, "failed"),
        ActionOutcome::Unknown => (Tone::Unknown, "outcome unknown"),
    }
}

fn row(action: Action, now: Timestamp) -> impl IntoView {
    let (tone, word) = outcome(action.outcome);
    // Where a purge failed there is nothing in its copy that is not on the broker.
    let kept = matches!(action.outcome, ActionOutcome::Done | ActionOutcome::Unknown);
    let copy = action.copy.filter(|_| kept).map(|_| {
        let href = format!("/api/v1/actions/{}/copy", action.id);
        view! { <a class="link" href=href download="" rel="external" data-testid="copy-download">{texts::DOWNLOAD_COPY}</a> }
    });
    let verb = action.verb.as_str();
    // "purge what waits" begins with its verb.
    let intent = action.intent.strip_prefix(verb).map_or(action.intent.as_str(), str::trim_start);
    view! {
        <tr data-row="" tabindex="-1" data-testid="activity-row">
            <td>{ago(action.at, now, Ago::Past)}</td>
            <td data-testid="activity-outcome">{status_word(tone, word)}</td>
            <td class="wrap"><b>{verb}</b>" "{visible(intent)}</td>
            <td>{action.actor}</td>
            <td class="wrap">{visible(&action.detail.unwrap_or_default())}" "{copy}</td>
            <td class="wrap">{action.reason.unwrap_or_default()}</td>
        </tr>
    }
}
