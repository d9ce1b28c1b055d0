//! The columns of the table: what each is called, how wide it is, and when there is no room for it.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use weir_model::Problem;
use weir_model::QueueRow;

use super::{cells, query::SortOrder, texts};

/// One column.
pub struct Column {
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

impl Column {
    /// The name in addresses.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.sort.is_empty() { LAST_HOUR } else { self.sort }
    }

    /// True for the column that a row can't be without.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.sort == NAME
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// The column of names.
const NAME: &str = "name";
/// The column that nothing can be sorted by.
const LAST_HOUR: &str = "hour";

/// The columns of names that the server has checked, in the order of the table; without names all of them.
#[must_use]
pub fn shown(names: Option<&str>) -> Vec<&'static Column> {
    let is_wanted = |column: &Column| {
        names.is_none_or(|names| column.is_always() || names.split(',').any(|name| name == column.name()))
    };
    COLUMNS.iter().filter(|column| is_wanted(column)).collect()
}

/// The same of names that somebody wrote.
///
/// # Errors
/// A name is none of a column: those there are are named.
#[cfg(feature = "ssr")]
pub fn chosen(names: Option<&str>) -> Result<Vec<&'static Column>, Problem> {
    let known = COLUMNS.iter().map(Column::name).collect::<Vec<_>>();
    let wanted = names.into_iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    for name in wanted {
        if !known.contains(&name) {
            let detail = format!("\"{name}\" is no column; there are {}", known.join(", "));
            return Err(Problem::field("columns", detail));
        }
    }
    Ok(shown(names))
}

/// Their names, as in the address.
#[cfg(feature = "ssr")]
#[must_use]
pub fn joined(columns: &[&'static Column]) -> String {
    columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(",")
}

/// The cookie that holds the columns somebody chose last.
#[cfg(feature = "ssr")]
const COOKIE: &str = "weir_columns";

/// The columns that the browser of this request remembers; those of an older version count for nothing.
#[cfg(feature = "ssr")]
pub(super) fn remembered() -> Option<String> {
    let request = use_context::<axum::http::request::Parts>()?;
    let cookies = request.headers.get_all(axum::http::header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, names) = pairs.find(|(name, _)| *name == COOKIE)?;
    chosen(Some(names)).ok().map(|columns| joined(&columns))
}

/// Has the browser of this request remember columns, or forget them.
#[cfg(feature = "ssr")]
pub(crate) fn remember(names: Option<&str>) {
    const YEAR_SECONDS: u32 = 31_536_000;
    let age = if names.is_some() { YEAR_SECONDS } else { 0 };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax", names.unwrap_or_default());
    if let (Some(response), Ok(value)) = (use_context::<leptos_axum::ResponseOptions>(), cookie.parse()) {
        response.append_header(axum::http::header::SET_COOKIE, value);
    }
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
pub const COLUMNS: [Column; 14] = [
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn given_names_when_chosen_then_they_stand_in_the_order_of_the_table_and_the_queue_is_never_missing() {
        assert_eq!(chosen(Some("in,depth")).map(|c| joined(&c)), Ok("name,depth,in".to_owned()));
        assert_eq!(chosen(Some("")).map(|c| joined(&c)), Ok("name".to_owned()));
        assert_eq!(chosen(None).map(|c| c.len()), Ok(COLUMNS.len()));
        let unknown = chosen(Some("name,colour")).map(|c| c.len()).map_err(|p| p.errors[0].message.clone());
        assert!(unknown.is_err_and(|why| why.starts_with("\"colour\" is no column; there are status, name")));
    }
}
