//! The queues that are worst off.

use leptos::prelude::*;
use weir_model::{QueueRow, Timestamp};

use super::{api::WorstBacklogs, texts};
use crate::{
    queues::{cells, live_rows, texts as columns},
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
pub fn WorstPanel(worst: WorstBacklogs, updated: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    let WorstBacklogs { rows, total, unranked } = worst;
    let tools = move || {
        view! {
            <span class="meta">{updated.map(|at| view! { {texts::UPDATED}{ago(at, now, Ago::Past)} })}</span>
            <a class="btn ghost sm" href="/queues">{texts::all(total)}{icon(Icon::Right)}</a>
        }
    };
    let body = if rows.is_empty() {
        view! { <Blank good=true title=texts::WORST_NONE_TITLE text=texts::WORST_NONE_TEXT/> }.into_any()
    } else {
        table(rows)
    };
    let unranked = (!unranked.is_empty()).then(|| {
        let show = with_query("/queues", &[("q", Some(texts::UNRANKED_FILTER))]);
        view! {
            <footer class="panel-foot">
                {icon(Icon::Unknown)}
                <span>{texts::unranked(&unranked)}</span>
                <a class="link" href=show>{texts::UNRANKED_SHOW}</a>
            </footer>
        }
    });
    view! {
        <Panel title=texts::WORST sub=texts::WORST_SUB class="worst" tools=tools testid="worst">
            {body}
            {unranked}
        </Panel>
    }
}

fn table(rows: Vec<QueueRow>) -> AnyView {
    let head =
        COLUMNS.map(|(label, class, _)| view! { <th scope="col" class=class>{label}</th> }).collect_view();
    let row = |row: ArcRwSignal<QueueRow>| {
        let cells = COLUMNS
            .map(|(_, class, cell)| {
                let row = row.clone();
                view! { <td class=class>{move || row.with(cell)}</td> }
            })
            .collect_view();
        let id = row.with_untracked(|row| format!("{}/{}", row.broker, row.id));
        view! { <tr data-row=id tabindex="-1">{cells}</tr> }
    };
    let rows = live_rows(rows).into_iter().map(row).collect_view();
    view! {
        <table class="table fixed">
            <colgroup>{WIDTHS.map(|class| view! { <col class=class/> }).collect_view()}</colgroup>
            <thead><tr>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
