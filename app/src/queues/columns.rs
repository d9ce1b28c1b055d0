//! The columns of the table: what each is called, how wide it is, and when there is no room for it.

use leptos::prelude::*;
use weir_model::QueueRow;

use super::{cells, query::SortOrder, texts};

/// One column.
pub(super) struct Column {
    pub label: &'static str,
    /// Said on hover of the head.
    pub title: &'static str,
    /// The name in `sort=`; empty where sorting makes no sense.
    pub sort: &'static str,
    pub first: SortOrder,
    /// Classes of head and cells.
    pub class: &'static str,
    /// Class of the `<col>`.
    pub col: &'static str,
    pub cell: fn(&QueueRow) -> AnyView,
}

const fn words(
    label: &'static str,
    sort: &'static str,
    class: &'static str,
    col: &'static str,
    cell: fn(&QueueRow) -> AnyView,
) -> Column {
    Column { label, title: "", sort, first: SortOrder::Ascending, class, col, cell }
}

const fn number(
    label: &'static str,
    title: &'static str,
    sort: &'static str,
    class: &'static str,
    col: &'static str,
    cell: fn(&QueueRow) -> AnyView,
) -> Column {
    Column { label, title, sort, first: SortOrder::Descending, class, col, cell }
}

/// All columns, from left to right.
pub(super) const COLUMNS: [Column; 14] = [
    Column {
        label: texts::STATUS,
        title: "",
        sort: "status",
        first: SortOrder::Descending,
        class: "c-st",
        col: "w-st",
        cell: cells::status_cell,
    },
    words(texts::QUEUE, "name", "c-name", "", cells::name_cell),
    words(texts::BROKER, "broker", "hide-narrow", "hide-narrow w-broker", cells::broker_cell),
    words(texts::KIND, "kind", "hide-narrow hide-mid", "hide-narrow hide-mid w-kind", cells::kind_cell),
    number(texts::BACKLOG, texts::BACKLOG_TITLE, "backlog", "num c-depth", "w-depth", cells::backlog_cell),
    number(
        texts::DEPTH,
        texts::DEPTH_TITLE,
        "depth",
        "num hide-narrow",
        "hide-narrow w-count",
        cells::depth_cell,
    ),
    number(
        texts::UNACKED,
        texts::UNACKED_TITLE,
        "unacknowledged",
        "num hide-narrow hide-mid",
        "hide-narrow hide-mid w-unacked",
        cells::unacknowledged_cell,
    ),
    number(
        texts::LAG,
        texts::LAG_TITLE,
        "lag",
        "num hide-narrow hide-mid hide-wide",
        "hide-narrow hide-mid hide-wide w-count",
        cells::lag_cell,
    ),
    number(
        texts::OLDEST,
        texts::OLDEST_TITLE,
        "age",
        "num hide-narrow hide-mid",
        "hide-narrow hide-mid w-age",
        cells::oldest_cell,
    ),
    number(texts::IN, texts::IN_TITLE, "in", "num hide-narrow", "hide-narrow w-count", cells::in_cell),
    number(texts::OUT, texts::OUT_TITLE, "out", "num hide-narrow", "hide-narrow w-count", cells::out_cell),
    number(texts::DRAIN, texts::DRAIN_TITLE, "drain", "num c-drain", "w-drain", cells::drain_cell),
    number(
        texts::CONSUMERS,
        "",
        "consumers",
        "num hide-narrow hide-mid",
        "hide-narrow hide-mid w-consumers",
        cells::consumers_cell,
    ),
    Column {
        label: texts::LAST_HOUR,
        title: texts::LAST_HOUR_TITLE,
        sort: "",
        first: SortOrder::Descending,
        class: "c-spark hide-narrow",
        col: "hide-narrow w-spark",
        cell: cells::sparkline_cell,
    },
];
