//! The body of an open message: as a tree, as text, as bytes. Always inert text.

use leptos::prelude::*;
use weir_model::message::{Body, Message};

use super::{
    body::{self, HexRow},
    json::{Node, check, tree},
    query::{BodyView, MessagesQuery},
    texts,
};
use crate::ui::{Choice, Segmented, format, told};

/// Values that a tree shows at most; a greater one is text.
const MOST_VALUES: usize = 2000;
/// Levels that are open at first.
const OPEN_LEVELS: usize = 3;

#[component]
pub fn BodySection(message: Message, query: MessagesQuery, path: String) -> impl IntoView {
    let Some(content) = message.body else {
        return view! { <section><p class="muted">{texts::TOMBSTONE_TEXT}</p></section> }.into_any();
    };
    let tree = body::text(&content).and_then(tree).filter(|node| node.size() <= MOST_VALUES);
    let what = match (&tree, body::text(&content)) {
        (Some(_), _) => "JSON",
        (None, Some(_)) => "text",
        (None, None) => "bytes",
    };
    // A word that is none is told; the body is shown all the same.
    let (asked, refused) = match query.body_view() {
        Ok(view) => (view, None),
        Err(problem) => (BodyView::default(), Some(problem)),
    };
    let refused = refused.map(|problem| view! { <p class="price-line" role="note">{told(&problem)}</p> });
    let shown = match (asked, &tree) {
        (BodyView::Tree, None) if what == "bytes" => BodyView::Hex,
        (BodyView::Tree, None) => BodyView::Text,
        (BodyView::Text, _) if what == "bytes" => BodyView::Hex,
        (asked, _) => asked,
    };
    let choice = |view: BodyView| {
        let other = MessagesQuery { view: Some(view.as_str().to_owned()), ..query.clone() };
        Choice { text: texts::body_view(view).to_owned(), href: other.href(&path), chosen: view == shown }
    };
    let choices = BodyView::ALL.map(choice).to_vec();
    let broken = broken_json(&content).map(|told| view! { <p class="price-line" role="note">{told}</p> });
    let truncated =
        content.truncated.then(|| view! { <p class="price-line" role="note">{texts::TRUNCATED}</p> });
    view! {
        <section data-testid="message-body">
            <header>
                <h3>{texts::BODY}</h3>
                <small>{format!("{what}, {}", format::bytes(message.size))}</small>
                <span class="grow"></span>
                <Segmented label=texts::SHOW_AS choices/>
            </header>
            {refused}
            {broken}
            {drawn(shown, tree, &content)}
            {truncated}
        </section>
    }
    .into_any()
}

/// Where a text that begins as JSON does breaks off being it. One that is cut may well be JSON.
fn broken_json(content: &Body) -> Option<String> {
    let text = body::text(content).filter(|_| !content.truncated)?;
    let begins = text.trim_start().starts_with(['{', '[']);
    check(text).err().filter(|_| begins).map(|reason| body::texts::broken_json(&reason))
}

fn drawn(view: BodyView, tree: Option<Node>, content: &Body) -> AnyView {
    if content.data.is_empty() {
        return view! { <p class="muted">{body::texts::EMPTY_TEXT}</p> }.into_any();
    }
    match (view, tree) {
        (BodyView::Tree, Some(node)) => {
            view! { <div class="json mono" data-testid="body-tree">{branch(None, node, 0)}</div> }.into_any()
        }
        (BodyView::Hex, _) => hex(content),
        _ => {
            let text = body::text(content).unwrap_or_default().to_owned();
            view! { <pre class="code wrap" tabindex="0" data-testid="body-text">{text}</pre> }.into_any()
        }
    }
}

/// A value and all below it; what holds others can be folded, without wasm too.
fn branch(name: Option<String>, node: Node, level: usize) -> AnyView {
    let key = name.map(|name| view! { <span class="jk">{name}</span> });
    let (open, close, children) = match node {
        Node::Plain(text) => {
            return view! { <div class="leaf">{key}<span class="jn">{text}</span></div> }.into_any();
        }
        Node::Text(text) => {
            return view! { <div class="leaf">{key}<span class="js">{format!("\"{text}\"")}</span></div> }
                .into_any();
        }
        Node::List(items) => ("[", "]", items.into_iter().map(|node| (None, node)).collect::<Vec<_>>()),
        Node::Object(entries) => {
            ("{", "}", entries.into_iter().map(|(name, node)| (Some(name), node)).collect())
        }
    };
    let count = texts::values(children.len(), open, close);
    let children: Vec<_> = children.into_iter().map(|(name, node)| branch(name, node, level + 1)).collect();
    view! {
        <details open=level < OPEN_LEVELS>
            <summary>{key}<span class="jb">{open}</span><span class="jf">{count}</span></summary>
            <div class="branch">{children}</div>
            <span class="jb">{close}</span>
        </details>
    }
    .into_any()
}

fn hex(content: &Body) -> AnyView {
    let (rows, whole) = body::hex(content);
    let row = |row: HexRow| view! { <span class="faint">{row.offset}</span>{format!("  {:<23}  {}\n", row.hex, row.text)} };
    let rest = (!whole).then_some(texts::MORE_BYTES);
    view! {
        <pre class="code" tabindex="0" data-testid="body-hex">{rows.into_iter().map(row).collect_view()}</pre>
        <p class="muted">{rest}</p>
    }
    .into_any()
}
