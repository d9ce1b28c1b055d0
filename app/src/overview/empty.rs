//! An installation without a broker: what was looked for, where, and the three lines that add one.

use leptos::prelude::*;

use super::{
    api::{Detection, House},
    texts,
};
use crate::{
    frame::FrameResource,
    ui::{Icon, icon, kept_quietly, mark},
};

#[component]
pub fn EmptyHouse() -> impl IntoView {
    view! {
        <section class="panel p-6 grid justify-items-center" data-testid="empty-house">
            <div class="emptyhouse">
                {mark(36)}
                <h2>{texts::EMPTY_TITLE}</h2>
                <p class="muted">{texts::EMPTY_TEXT}</p>
                <AddBroker/>
            </div>
        </section>
    }
}

/// What was tried, and what to write.
#[component]
pub fn AddBroker() -> impl IntoView {
    let frame = expect_context::<FrameResource>();
    kept_quietly(frame, |data| {
        let house = Memo::new(move |_| data.with(|data| data.house.clone()));
        (move || two_columns(house.get())).into_any()
    })
}

fn two_columns(house: House) -> impl IntoView {
    let file = house.config_file.unwrap_or_else(|| texts::ADD_FILE.to_owned());
    // Where brokers are configured nothing was looked for.
    let tried = (!house.detections.is_empty()).then(|| {
        let rows = house.detections.into_iter().map(tried_row).collect_view();
        view! { <div><h3>{texts::TRIED}</h3><table class="tried"><tbody>{rows}</tbody></table></div> }
    });
    let line = |(name, value): (&'static str, &'static str)| {
        if value.is_empty() {
            view! { <span class="jb">{name}</span>"\n" }.into_any()
        } else {
            view! { <span class="jk2">{name}</span>" = "<span class="js">{value}</span>"\n" }.into_any()
        }
    };
    view! {
        <div class="twocol">
            {tried}
            <div>
                <h3>{texts::ADD}" "<small>{file.clone()}</small></h3>
                <pre class="code" tabindex="0" aria-label=file>
                    <code>{texts::ADD_LINES.map(line).collect_view()}</code>
                </pre>
                <p class="faint">{texts::ADD_OTHERS}</p>
            </div>
        </div>
    }
}

fn tried_row(tried: Detection) -> impl IntoView {
    let (class, sign) = if tried.found { ("outcome ok", Icon::Check) } else { ("outcome", Icon::Close) };
    view! {
        <tr>
            <td><b>{tried.what}</b><span class="mono">{tried.address}</span></td>
            <td><span class=class>{icon(sign)}{tried.detail}</span></td>
        </tr>
    }
}
