//! The key in a form: a double click, a reload or a lost answer sends it again, and the change is done once.

use leptos::prelude::*;
use weir_model::ProblemKind;

use crate::error::ApiError;

/// The name of the field.
pub const FIELD: &str = "idempotency_key";

/// The hidden field with the form's key.
#[component]
pub fn KeyField(key: RwSignal<String>) -> impl IntoView {
    // autocomplete: a browser that restores forms would restore a used key.
    view! { <input type="hidden" name=FIELD value=key autocomplete="off"/> }
}

/// A key that changes whenever the server has answered: what is sent after that is another change. Where no answer
/// came the key stays, so that sending again can't do it twice.
#[must_use]
pub fn renewed_by<T>(answer: impl Get<Value = Option<Result<T, ApiError>>> + 'static) -> RwSignal<String>
where
    T: 'static,
{
    let key = RwSignal::new(fresh());
    Effect::new(move |_| {
        if answer.get().is_some_and(|answer| came(&answer)) {
            key.set(fresh());
        }
    });
    key
}

/// What a browser calls unavailable is a connection that broke, or a Weir that did nothing.
fn came<T>(answer: &Result<T, ApiError>) -> bool {
    !matches!(answer, Err(ApiError(problem)) if problem.kind == ProblemKind::Unavailable)
}

/// On the server: the page's own.
#[cfg(feature = "ssr")]
fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// In the browser: the time and chance. It has to differ, not to be secret.
#[cfg(not(feature = "ssr"))]
fn fresh() -> String {
    #[cfg(feature = "hydrate")]
    return format!(
        "{:x}-{:x}",
        js_sys::Date::now() as u64,
        (js_sys::Math::random() * 2_f64.powi(53)) as u64
    );
    #[cfg(not(feature = "hydrate"))]
    String::new()
}
