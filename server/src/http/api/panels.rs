//! The charts of the pages as files: a table or a drawing of what is shown, comparison and gaps included.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use serde::Deserialize;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    charts::{Sheet, Stack, WindowQuery, chart_csv, file_name},
    overview::charts as overview,
    queues::{api::charts_view, detail::charts as queue},
};
use weir_model::{Problem, QueueId, Timestamp};

use super::download::{drawing, table};
use crate::http::{
    App,
    extract::{At, Params},
    problem::{Answer, ProblemBody},
};

/// Buckets of a chart that names none.
const POINTS: u32 = 300;

/// `{file}` of the overview
#[derive(Deserialize)]
pub(crate) struct HousePath {
    file: String,
}

/// `{broker}` and `{file}`
#[derive(Deserialize)]
pub(crate) struct BrokerPath {
    broker: String,
    file: String,
}

/// `{broker}`, `{id}` and `{file}`
#[derive(Deserialize)]
pub(crate) struct QueuePath {
    broker: String,
    id: QueueId,
    file: String,
}

/// A chart of the overview as a file: `backlog.csv`, `backlog.svg`.
#[utoipa::path(get, path = "/api/v1/panels/{file}", tag = "overview",
    params(
        ("file" = String, Path, example = "backlog.csv"),
        ("range" = Option<String>, Query, description = "`15m`, `1h`, `6h`, `24h`, `7d`, `30d` up to now; default `1h`"),
        ("from" = Option<String>, Query, description = "RFC 3339, in place of `range`"),
        ("to" = Option<String>, Query, description = "RFC 3339; default: now"),
        ("points" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "buckets at most, default 300"),
    ),
    responses(
        (status = 200, description = "a table or a drawing", body = String, content_type = "text/csv"),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such chart", body = ProblemBody),
    ))]
pub(crate) async fn of_house(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(HousePath { file }): At<HousePath>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::House)?;
    Ok(overview_file(&app, None, &file, query.as_deref()).await?)
}

/// What comes in and goes out of a broker, as a file: `flow.csv`, `flow.svg`.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/panels/{file}", tag = "overview",
    params(
        ("broker" = String, Path),
        ("file" = String, Path, example = "flow.csv"),
        ("range" = Option<String>, Query, description = "`15m`, `1h`, `6h`, `24h`, `7d`, `30d` up to now; default `1h`"),
        ("from" = Option<String>, Query, description = "RFC 3339, in place of `range`"),
        ("to" = Option<String>, Query, description = "RFC 3339; default: now"),
        ("points" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "buckets at most, default 300"),
    ),
    responses(
        (status = 200, description = "a table or a drawing", body = String, content_type = "text/csv"),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such broker or chart", body = ProblemBody),
    ))]
pub(crate) async fn of_broker(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(BrokerPath { broker, file }): At<BrokerPath>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::Broker(&broker))?;
    Ok(overview_file(&app, Some(&broker), &file, query.as_deref()).await?)
}

/// A chart of a queue's page as a file: `depth`, `flow`, `commands`, `lag`, `age`, `consumers` with `.csv` or `.svg`.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/panels/{file}", tag = "queues",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("file" = String, Path, example = "depth.csv"),
        ("range" = Option<String>, Query, description = "`15m`, `1h`, `6h`, `24h`, `7d`, `30d` up to now; default `1h`"),
        ("from" = Option<String>, Query, description = "RFC 3339, in place of `range`"),
        ("to" = Option<String>, Query, description = "RFC 3339; default: now"),
        ("compare" = Option<String>, Query, description = "`yesterday` or `last-week`: the same stretch then, beside it"),
        ("points" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "buckets at most, default 300"),
    ),
    responses(
        (status = 200, description = "a table or a drawing", body = String, content_type = "text/csv"),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such broker, queue or chart", body = ProblemBody),
    ))]
pub(crate) async fn of_queue(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id, file }): At<QueuePath>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::Queue { broker: &broker, id: id.as_str() })?;
    let (panel, ending) = parts_of(&file)?;
    let params = Params::read(query.as_deref(), &["range", "from", "to", "compare", "points"])?;
    let points = params.number("points")?.unwrap_or(POINTS);
    let window = window_of(&params).window(Timestamp::now())?;
    let view = charts_view(&app.services, &broker, &id, window, points).await?;
    let names = Names { file: &view.row.name, title: &view.row.name };
    Ok(written(names, queue::stack(&view), panel, ending)?)
}

async fn overview_file(
    app: &App,
    broker: Option<&str>,
    file: &str,
    query: Option<&str>,
) -> Result<Response, Problem> {
    let (panel, ending) = parts_of(file)?;
    let params = Params::read(query, &["range", "from", "to", "points"])?;
    let points = params.number("points")?.unwrap_or(POINTS);
    let span = window_of(&params).window(Timestamp::now())?.span;
    let data = app.services.overview.overview(span.from, span.to, points).await?;
    if let Some(name) = broker.filter(|name| !data.brokers.iter().any(|card| card.name == **name)) {
        return Err(Problem::not_found(format!("there is no broker \"{name}\"")));
    }
    let names = Names { file: broker.unwrap_or("brokers"), title: broker.unwrap_or_default() };
    written(names, overview::stack_of(&data, broker), panel, ending)
}

fn window_of(params: &Params) -> WindowQuery {
    WindowQuery {
        range: params.owned("range"),
        from: params.owned("from"),
        to: params.owned("to"),
        compare: params.owned("compare"),
    }
}

/// What a file is.
#[derive(Clone, Copy)]
enum Ending {
    Csv,
    Svg,
}

/// `depth.csv`: the chart and what it is written as.
fn parts_of(file: &str) -> Result<(&str, Ending), Problem> {
    match file.rsplit_once('.') {
        Some((panel, "csv")) => Ok((panel, Ending::Csv)),
        Some((panel, "svg")) => Ok((panel, Ending::Svg)),
        _ => Err(Problem::not_found(format!(
            "there is no file \"{file}\": a chart's ends in .csv or .svg, as depth.csv"
        ))),
    }
}

/// Whose figures they are, in the file's name and in the drawing's title.
struct Names<'a> {
    file: &'a str,
    title: &'a str,
}

fn written(of: Names<'_>, stack: Stack, panel: &str, ending: Ending) -> Result<Response, Problem> {
    let Stack { charts, span, hatches, notes, .. } = stack;
    let panels: Vec<&str> = charts.iter().map(weir_app::charts::Chart::panel).collect();
    let Some(at) = panels.iter().position(|name| *name == panel) else {
        let there_are = if panels.is_empty() { "none".to_owned() } else { panels.join(", ") };
        return Err(Problem::not_found(format!(
            "there is no chart \"{panel}\" here; there are: {there_are}"
        )));
    };
    let name = file_name(of.file, panel, span);
    Ok(match ending {
        Ending::Csv => table(&name, chart_csv(&charts[at], &hatches)),
        Ending::Svg => {
            let sheet =
                Sheet { of: of.title, chart: charts[at].clone(), span, hatches: &hatches, notes: &notes };
            drawing(Some(&name), sheet.svg())
        }
    })
}
