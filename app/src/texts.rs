//! Every English word of the frame, the widgets and the shared parts, in one place so that a second language can
//! follow. A page keeps its own words in a module of its folder called `texts`.

pub const WEIR: &str = "Weir";
pub const SKIP: &str = "Skip to the content";
pub const SECTIONS: &str = "Sections";
pub const SECTIONS_AND_BROKERS: &str = "Sections and brokers";
pub const OVERVIEW: &str = "Overview";
pub const QUEUES: &str = "Queues";
pub const SETTINGS: &str = "Settings";
pub const BROKERS: &str = "Brokers";
pub const MENU: &str = "Menu";
pub const SEARCH: &str = "Search queues, pages and commands";
pub const SEARCH_EXAMPLE: &str = "Search or go to\u{2026}";
pub const SEARCH_KEY: &str = "Ctrl K";
pub const SEARCH_RESULTS: &str = "What was found";
/// What the palette says of a page.
pub const PLACE: &str = "page";
pub const RANGE: &str = "Time range of the charts";
pub const ZOOMED: &str = "Zoomed in";
pub const LIVE: &str = "Live";
pub const PAUSED: &str = "Paused";
pub const LIVE_TITLE: &str = "Figures arrive as they are observed. Press to pause (P)";
pub const PAUSED_TITLE: &str = "Figures stand still. Press to go on (P)";
pub const THEME: &str = "Switch between light and dark";
pub const KEYS: &str = "Keys";
pub const KEYS_TITLE: &str = "Keys (?)";
pub const TOASTS: &str = "Messages to you";

pub const STATUS_OK: &str = "ok";
pub const STATUS_WARNING: &str = "warning";
pub const STATUS_CRITICAL: &str = "critical";
pub const UNKNOWN: &str = "unknown";
pub const NONE: &str = "none";
pub const NO_REASON: &str = "the server gave no reason";
pub const PER_SECOND: &str = "/s";

pub const LOADING: &str = "Loading";
pub const RETRY: &str = "Retry";
/// Before the time for which something has failed.
pub const SINCE: &str = "It has failed ";
pub const OVERDUE: &str = "These figures could not be read anew.";
pub const WITHOUT: &str = "Open the page without it";
pub const UPDATED: &str = "updated ";
pub const CLOSE: &str = "Close";
pub const DISMISS: &str = "Dismiss";

pub const NOT_FOUND_TITLE: &str = "There is no such page";
pub const NOT_FOUND_TEXT: &str = "The address may be mistyped, or the page has gone.";
pub const NOT_FOUND_BACK: &str = "To the overview";

pub const DEMO_TITLE: &str = "Demonstration.";
pub const DEMO_TEXT: &str =
    "Every broker, queue and figure here is made up. A real broker takes three lines in weir.toml.";
pub const DEMO_HOW: &str = "How to add one";
pub const LOST_TITLE: &str = "The connection to Weir is lost.";
pub const LOST_TEXT: &str = "Figures stand still until it is back; trying again by itself.";

/// The keys and what they do, for the list under `?`.
pub const KEY_LIST: [(&str, &str); 10] = [
    ("Ctrl K or /", "search queues, go to a page, act on this queue"),
    ("F", "filter the table"),
    ("J K", "next and previous row, or open message"),
    ("\u{2193} \u{2191}", "the same, once the table has the focus"),
    ("Enter", "open the row"),
    ("Ctrl Enter", "send the form of a dialog"),
    ("P", "pause the figures, or go on"),
    ("G then O, Q, S", "go to overview, queues, settings"),
    ("Esc", "close what lies on top"),
    ("?", "this list"),
];

/// Pages that the palette leads to.
pub const PLACES: [(&str, &str); 3] = [(OVERVIEW, "/"), (QUEUES, "/queues"), (SETTINGS, "/settings")];

/// What the palette does with the queue of the page, and the part of its page where that is.
pub const QUEUE_COMMANDS: [(&str, &str); 7] = [
    ("Read messages", "messages"),
    ("Publish a message", "publish"),
    ("Purge", "purge"),
    ("Charts", ""),
    ("Consumers and groups", "consumers"),
    ("Configuration", "configuration"),
    ("Activity", "activity"),
];

/// The queues of one broker.
#[must_use]
pub fn queues_of(broker: &str) -> String {
    format!("Queues of {broker}")
}

/// The queues of a view of the table.
#[must_use]
pub fn queues_that(view: &str) -> String {
    format!("Queues: {}", view.to_lowercase())
}

/// The search found none.
#[must_use]
pub fn search_nothing(words: &str) -> String {
    format!("No queue and no command matches \u{201c}{words}\u{201d}.")
}

/// The label of a field of a request; a row of headers or fields by its number. `None` where the page has no such
/// field.
#[must_use]
pub fn field(name: &str) -> Option<String> {
    const LABELS: [(&str, &str); 32] = [
        ("q", "Filter"),
        ("broker", "Broker"),
        ("kind", "Kind"),
        ("sort", "Sorting"),
        ("order", "Order"),
        ("cursor", "Page"),
        ("range", "Range"),
        ("to", "To"),
        ("compare", "Compare with"),
        ("from", "Start from"),
        ("at", "Offset, id or time"),
        ("limit", "At most"),
        ("view", "Shown as"),
        ("before", "Page"),
        ("test", "Broker to test"),
        ("partition", "Partition"),
        ("accept", "Price"),
        ("confirm", "Name of the queue"),
        ("seen_depth", "Depth that was seen"),
        ("reason", "Reason"),
        ("exchange", "Exchange"),
        ("routing_key", "Routing key"),
        ("key", "Key"),
        ("timestamp", "Timestamp"),
        ("repeat", "Repeat"),
        ("body", "Body"),
        ("headers", "Headers"),
        ("fields", "Fields"),
        ("header_name", "Name of the row"),
        ("header_value", "Value of the row"),
        ("expiration", "Expires after"),
        ("priority", "Priority"),
    ];
    let whole = name.trim_start_matches("properties.");
    let stem = whole.split(['.', '[']).next().unwrap_or(whole);
    let row = whole.split_once('[').and_then(|(_, rest)| rest.split(']').next()?.parse::<usize>().ok());
    match (stem, row) {
        ("headers", Some(n)) => return Some(format!("Header {}", n + 1)),
        ("fields", Some(n)) => return Some(format!("Field {}", n + 1)),
        _ => {}
    }
    LABELS.iter().find(|(name, _)| *name == stem).map(|(_, label)| (*label).to_owned())
}

#[must_use]
pub fn ago(age: &str) -> String {
    format!("{age} ago")
}

#[must_use]
pub fn lasting(age: &str) -> String {
    format!("for {age}")
}

#[must_use]
pub fn rate_title(per_second: f64) -> String {
    format!("{per_second:.2} messages per second, over one minute")
}

/// A page's title in the browser's tab.
///
/// On the server leptos_meta writes it into the document as it is, so it is escaped here: a queue may be called
/// `</title><script>`. In the browser it becomes text by itself.
#[must_use]
pub fn page_title(page: &str) -> String {
    let title = format!("{} · {WEIR}", crate::ui::visible(page));
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;") } else { title }
}

/// The span up to now that charts show.
#[must_use]
pub fn last(range: &str) -> String {
    format!("Last {range}")
}
