//! Messages that an interrupted purge set aside: they can be given back.

use leptos::prelude::*;

use super::texts;
use crate::{
    idempotency::{KeyField, renewed_by},
    messages::api::RestoreMessages,
    queues::detail::address::Address,
    settings::arm::tell_outcome,
    ui::{Icon, icon},
};

/// Says what these messages are, with the button that gives them back. A plain form, so it works before wasm arrives.
#[component]
pub fn GiveBack(address: Address) -> impl IntoView {
    let restore = ServerAction::<RestoreMessages>::new();
    tell_outcome(restore.value(), texts::GIVEN_BACK);
    let key = renewed_by(restore.value());
    view! {
        <div class="dialog-body" data-testid="give-back">
            <p>{texts::ASIDE}</p>
            <ActionForm action=restore>
                <KeyField key/>
                <input type="hidden" name="broker" value=address.broker/>
                <input type="hidden" name="id" value=address.id/>
                <button class="btn" type="submit" data-testid="give-back-send">
                    {icon(Icon::Ok)}
                    {texts::GIVE_BACK}
                </button>
            </ActionForm>
        </div>
    }
}
