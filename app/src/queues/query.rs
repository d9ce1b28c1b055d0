//! The state of the table in its address.

use leptos_router::params::ParamsMap;
use weir_model::Problem;

use super::api::QueueQuery;
use crate::ui::address::with_query;

/// The address of the table.
pub(crate) const PATH: &str = "/queues";

/// Reads the address. What a parameter may be is for the server to say, except where it is no number at all.
pub(crate) fn query_of(map: &ParamsMap) -> Result<QueueQuery, Problem> {
    let text = |name: &str| map.get(name).filter(|value| !value.is_empty());
    let limit = text("limit")
        .map(|l| {
            l.parse().map_err(|_| Problem::field("limit", format!("\"{l}\" is not a number from 1 to 1,000")))
        })
        .transpose()?;
    Ok(QueueQuery {
        broker: text("broker"),
        kind: text("kind"),
        q: text("q"),
        sort: text("sort"),
        order: text("order"),
        columns: columns_of(map),
        limit,
        cursor: text("cursor"),
    })
}

/// Boxes of a form come one by one.
fn columns_of(map: &ParamsMap) -> Option<String> {
    map.get_all("columns").map(|names| names.join(",")).filter(|names| !names.is_empty())
}

/// The address of a query: the inverse of [`query_of`].
pub(crate) fn address(query: &QueueQuery) -> String {
    let limit = query.limit.map(|l| l.to_string());
    with_query(
        PATH,
        &[
            ("broker", query.broker.as_deref()),
            ("kind", query.kind.as_deref()),
            ("q", query.q.as_deref()),
            ("sort", query.sort.as_deref()),
            ("order", query.order.as_deref()),
            ("columns", query.columns.as_deref()),
            ("limit", limit.as_deref()),
            ("cursor", query.cursor.as_deref()),
        ],
    )
}

/// The same table, sorted by a column: a second click turns the order round, a third gives the rank back.
pub(crate) fn sorted_by(query: &QueueQuery, column: &str, first: SortOrder) -> String {
    let (sort, order) = match (query.sort.as_deref() == Some(column), sort_order(query, first)) {
        (false, _) => (Some(column.to_owned()), None),
        (true, now) if now == first => (Some(column.to_owned()), Some(first.turned().as_str().to_owned())),
        (true, _) => (None, None),
    };
    address(&QueueQuery { sort, order, cursor: None, ..query.clone() })
}

/// The order that a query sorts its column in; `first` is the column's own.
pub(crate) fn sort_order(query: &QueueQuery, first: SortOrder) -> SortOrder {
    match query.order.as_deref() {
        Some("asc") => SortOrder::Ascending,
        Some("desc") => SortOrder::Descending,
        _ => first,
    }
}

/// A direction of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    Ascending,
    Descending,
}

impl SortOrder {
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }

    /// The word of `aria-sort`.
    pub(crate) fn aria(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_query_when_written_to_the_address_and_read_then_it_is_the_same() {
        let mut map = ParamsMap::new();
        for (name, value) in [("q", "depth>1"), ("sort", "depth"), ("columns", "name,in"), ("limit", "50")] {
            map.insert(name, value.to_owned());
        }
        let query = query_of(&map);
        assert_eq!(
            query.as_ref().map(address),
            Ok("/queues?q=depth%3E1&sort=depth&columns=name,in&limit=50".to_owned())
        );
        map.replace("limit", "many".to_owned());
        assert_eq!(query_of(&map).map_err(|p| p.errors[0].field.clone()), Err("limit".to_owned()));
    }

    #[test]
    fn given_a_column_when_clicked_three_times_then_the_rank_is_back() {
        let first = SortOrder::Descending;
        let mut query =
            QueueQuery { q: Some("x".to_owned()), cursor: Some("100".to_owned()), ..Default::default() };
        assert_eq!(sorted_by(&query, "depth", first), "/queues?q=x&sort=depth");
        query.sort = Some("depth".to_owned());
        assert_eq!(sorted_by(&query, "depth", first), "/queues?q=x&sort=depth&order=asc");
        query.order = Some("asc".to_owned());
        assert_eq!(sorted_by(&query, "depth", first), "/queues?q=x");
    }
}
