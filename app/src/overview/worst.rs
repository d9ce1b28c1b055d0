//! The queues that are worst off.

use leptos::prelude::*;
use weir_model::QueueRow;

use super::{api::OverviewData, texts};
use crate::{
    queues::{LiveRows, cells, texts as columns},
    ui::{Ago, Blank, Icon, Panel, address::with_query, ago, icon},
};

/// A head, its class, and how its cells are drawn.
type Column = (&'static str, &'static str, fn(&QueueRow) -> AnyView);

const COLUMNS: [Column; 8] = [
    (columns::STATUS, "c-st", cells::status_cell),
    (columns::QUEUE, "c-name", cells::name_cell),
    (columns::BROKER, "hide-narrow", cells::broker_cell),
    (columns::BACKLOG, "num c-wait", cells::backlog_cell),
    (columns::IN, "num hide-narrow hide-mid", cells::in_cell),
    (columns::OUT, "num hide-narrow hide-mid", cells::out_cell),
    (columns::DRAIN, "num c-drain", cells::drain_cell),
    (columns::LAST_HOUR, "c-spark hide-narrow", cells::sparkline_cell),
];

/// Classes of the `<col>`s.
const WIDTHS: [&str; 8] = [
    "w-st",
    "",
    "hide-narrow w-broker",
    "w-wait",
    "hide-narrow hide-mid w-count",
    "hide-narrow hide-mid w-count",
    "w-drain",
    "hide-narrow w-spark",
];

#[component]
pub fn WorstPanel(data: ArcRwSignal<OverviewData>) -> impl IntoView {
    let tools = {
        let data = data.clone();
        move || data.with(head)
    };
    let empty = Memo::new({
        let data = data.clone();
        move |_| data.with(|data| data.worst.rows.is_empty())
    });
    // Fetched anew with every few looks: which queues are the worst may have changed with each.
    let of_rows = data.clone();
    let rows = LiveRows::following(
        move || of_rows.with(|data| data.worst.rows.clone()),
        |row| (row.broker.clone(), row.id.clone()),
    );
    let body = move || {
        if empty.get() {
            view! { <Blank good=true title=texts::WORST_NONE_TITLE text=texts::WORST_NONE_TEXT/> }.into_any()
        } else {
            table(rows.clone())
        }
    };
    let unranked = move || data.with(|data| unranked(&data.worst.unranked));
    view! {
        <Panel title=texts::WORST sub=texts::WORST_SUB class="worst" tools=move || tools.clone() testid="worst">
            {body}
            {unranked}
        </Panel>
    }
}

fn head(data: &OverviewData) -> AnyView {
    let updated = data.brokers.iter().filter_map(|card| card.observed_at).max();
    let now = data.now;
    view! {
        <span class="meta">{updated.map(|at| view! { {texts::UPDATED}{ago(at, now, Ago::Past)} })}</span>
        <a class="btn ghost sm" href="/queues">{texts::all(data.worst.total)}{icon(Icon::Right)}</a>
    }
    .into_any()
}

/// How many queues have no place in the ranking, and why.
fn unranked(reasons: &[(String, u32)]) -> Option<AnyView> {
    let show = with_query("/queues", &[("q", Some(texts::UNRANKED_FILTER))]);
    (!reasons.is_empty()).then(|| {
        view! {
            <footer class="panel-foot">
                {icon(Icon::Unknown)}
                <span>{texts::unranked(reasons)}</span>
                <a class="link" href=show>{texts::UNRANKED_SHOW}</a>
            </footer>
        }
        .into_any()
    })
}

fn table(rows: LiveRows) -> AnyView {
    crate::rows::find_again();
    let heads =
        COLUMNS.map(|(label, class, _)| view! { <th scope="col" class=class>{label}</th> }).collect_view();
    view! {
        <table class="table fixed">
            <colgroup>{WIDTHS.map(|class| view! { <col class=class/> }).collect_view()}</colgroup>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows.each(table_row)}</tbody>
        </table>
    }
    .into_any()
}

fn table_row(row: ArcRwSignal<QueueRow>) -> impl IntoView {
    let cells = COLUMNS
        .map(|(_, class, cell)| {
            let row = row.clone();
            view! { <td class=class>{move || row.with(cell)}</td> }
        })
        .collect_view();
    let id = row.with_untracked(|row| format!("{}/{}", row.broker, row.id));
    view! { <tr data-row=id tabindex="-1">{cells}</tr> }
}
