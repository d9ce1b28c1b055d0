//! The fields of the publish form. What was typed before stands in them again.

use leptos::prelude::*;
use weir_model::message::{MessageShape, PublishReceipt};

use super::{
    ADD_HEADER,
    answer::Result,
    texts::{self, PROPERTY_FIELDS},
};
use crate::{
    error::ApiError,
    forms::Fields,
    ui::{Icon, icon},
};

type Answered = Signal<Option<Result<PublishReceipt>>>;

/// A line of text with its label, and what was wrong with it.
fn text_field(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: Option<String>,
    result: Answered,
) -> impl IntoView {
    let error = move || match result.get() {
        Some(Err(ApiError(problem))) => {
            problem.errors.into_iter().find(|e| e.field == name).map(|e| e.message)
        }
        _ => None,
    };
    let id = format!("publish-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="input" class:bad=move || error().is_some() id=id name=name value=value placeholder=hint data-testid=format!("publish-{name}")/>
            {move || error().map(|message| view! { <small class="bad">{message}</small> })}
        </div>
    }
}

/// What the kind of queue takes beside the body.
#[component]
pub fn KindFields(shape: MessageShape, typed: Fields, name: String, result: Answered) -> impl IntoView {
    let value = |field: &str| typed.raw(field).map(str::to_owned);
    match shape {
        MessageShape::Routed => {
            let key = value("routing_key").or(Some(name));
            view! {
                <div class="two">
                    {text_field("exchange", texts::EXCHANGE, texts::EXCHANGE_HINT, value("exchange"), result)}
                    {text_field("routing_key", texts::ROUTING_KEY, "", key, result)}
                </div>
                {properties(&typed, result)}
            }
            .into_any()
        }
        MessageShape::List => side(typed.text("side") == Some("left")).into_any(),
        MessageShape::Record => view! {
            <div class="three">
                {text_field("key", texts::KEY, texts::NO_KEY, value("key"), result)}
                {text_field("partition", texts::PARTITION, texts::PARTITION_HINT, value("partition"), result)}
                {text_field("timestamp", texts::TIMESTAMP, texts::TIMESTAMP_HINT, value("timestamp"), result)}
            </div>
            <label class="switchrow">
                <input class="check" type="checkbox" name="tombstone" checked=typed.has("tombstone") data-testid="publish-tombstone"/>
                {texts::TOMBSTONE}
            </label>
        }
        .into_any(),
        MessageShape::Entry | MessageShape::Plain => ().into_any(),
    }
}

fn properties(typed: &Fields, result: Answered) -> impl IntoView + use<> {
    let used = PROPERTY_FIELDS.iter().any(|(name, _, _)| typed.text(name).is_some());
    let fields: Vec<_> = PROPERTY_FIELDS
        .into_iter()
        .map(|(name, label, hint)| text_field(name, label, hint, typed.raw(name).map(str::to_owned), result))
        .collect();
    // A form that was sent has the box only where it was ticked; an untouched form has it ticked.
    let persistent = typed.has("persistent") || !typed.has("routing_key");
    view! {
        <label class="switchrow">
            <input class="check" type="checkbox" name="persistent" checked=persistent/>
            {texts::PERSISTENT}
        </label>
        <details class="fold" open=used>
            <summary>{texts::PROPERTIES}</summary>
            <div class="two">{fields}</div>
        </details>
    }
}

fn side(left: bool) -> impl IntoView {
    view! {
        <fieldset class="field">
            <legend class="label">{texts::SIDE}</legend>
            <div class="rowbtns">
                <label class="switchrow">
                    <input class="check" type="radio" name="side" value="left" checked=left/>
                    {texts::LEFT}
                </label>
                <label class="switchrow">
                    <input class="check" type="radio" name="side" value="right" checked=!left/>
                    {texts::RIGHT}
                </label>
            </div>
        </fieldset>
    }
}

/// The body, checked while it is typed. It is never required to be JSON.
#[component]
pub fn BodyField(shape: MessageShape, typed: Fields, result: Answered) -> impl IntoView {
    if shape == MessageShape::Entry {
        return ().into_any();
    }
    let before = typed.lines("body").unwrap_or_default();
    let text = RwSignal::new(before.clone());
    let is_base64 = RwSignal::new(typed.has("base64"));
    let told = move || text.with(|text| texts::body_check(text, is_base64.get()));
    let error = move || match result.get() {
        Some(Err(ApiError(problem))) => {
            problem.errors.into_iter().find(|e| e.field.starts_with("body")).map(|e| e.message)
        }
        _ => None,
    };
    view! {
        <div class="field">
            <div class="label-row">
                <label for="publish-body">{texts::BODY}</label>
                <label class="switchrow">
                    <input
                        class="check"
                        type="checkbox"
                        name="base64"
                        checked=is_base64.get_untracked()
                        on:change=move |event| is_base64.set(event_target_checked(&event))
                    />
                    {texts::BASE64}
                </label>
            </div>
            <textarea
                class="area"
                id="publish-body"
                name="body"
                rows="6"
                spellcheck="false"
                autofocus
                data-testid="publish-body"
                on:input=move |event| text.set(event_target_value(&event))
            >
                {before}
            </textarea>
            <small class="faint" data-testid="publish-body-check">{told}</small>
            {move || error().map(|message| view! { <small class="bad">{message}</small> })}
        </div>
    }
    .into_any()
}

/// Rows of names and values: headers, or the fields of an entry.
#[component]
pub fn Headers(shape: MessageShape, typed: Fields, rows: RwSignal<usize>) -> impl IntoView {
    let title = match shape {
        MessageShape::Entry => texts::FIELDS,
        _ if shape.has_headers() => texts::HEADERS,
        _ => return ().into_any(),
    };
    let before: Vec<(String, String)> = typed
        .all("header_name")
        .zip(typed.all("header_value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let asked = before.len() + usize::from(typed.has(ADD_HEADER));
    let list = move || {
        let row = |n: usize| {
            let (name, value) = before.get(n).cloned().unwrap_or_default();
            header_row(n, name, value)
        };
        (0..rows.get().max(asked)).map(row).collect_view()
    };
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        rows.update(|rows| *rows = (*rows).max(asked) + 1);
    };
    view! {
        <fieldset class="field">
            <legend class="label">{title}</legend>
            {list}
            <div>
                <button class="btn ghost sm" type="submit" name=ADD_HEADER value="1" formnovalidate on:click=add data-testid="add-header">
                    {icon(Icon::Plus)}
                    {texts::ADD}
                </button>
            </div>
        </fieldset>
    }
    .into_any()
}

fn header_row(n: usize, name: String, value: String) -> impl IntoView {
    let label = |what: &str| format!("{} {what}", n + 1);
    view! {
        <div class="hrow">
            <input class="input mono" name="header_name" value=name aria-label=label(texts::NAME) placeholder=texts::NAME/>
            <input class="input mono" name="header_value" value=value aria-label=label(texts::VALUE) placeholder=texts::VALUE/>
        </div>
    }
}

/// How often the message is sent.
#[component]
pub fn RepeatField(typed: Fields, result: Answered) -> impl IntoView {
    let value = typed.raw("repeat").map_or_else(|| "1".to_owned(), str::to_owned);
    view! { <div class="four">{text_field("repeat", texts::REPEAT, "1", Some(value), result)}</div> }
}
