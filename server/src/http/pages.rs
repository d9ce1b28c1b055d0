//! The pages, and the server functions that they call.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    routing::post,
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list};
use weir_app::{access::Principal, app::App, document::document, live::Told};

use super::{assets::assets, forms};

/// Pages and server functions. An address that is no page is answered with the page that says so.
pub fn router(app: &super::App) -> Router {
    let options = LeptosOptions::builder().output_name("weir").build();
    let context = {
        let (services, fleet) = (app.services.clone(), Arc::clone(&app.fleet));
        move || {
            // Before anything of the page is read: what is told from here on, the page may lack.
            provide_context(Told(fleet.told().to_string()));
            provide_context(services.clone());
            provide_context(Principal::local_admin());
        }
    };
    let page = || {
        set_content_security_policy();
        document(assets())
    };
    // A form without wasm is posted to its own page, which is then written with the form in context.
    let forms = {
        let context = context.clone();
        move |request: Request| forms::answer(request, context.clone(), page)
    };
    Router::new()
        .route("/queues", post(forms.clone()))
        .route("/brokers/{broker}/queues/{id}/messages", post(forms.clone()))
        .route("/brokers/{broker}/queues/{id}/publish", post(forms.clone()))
        .route("/brokers/{broker}/queues/{id}/purge", post(forms))
        .leptos_routes_with_context(&options, generate_route_list(App), context.clone(), page)
        .fallback(leptos_axum::render_app_async_with_context(context, page))
        .with_state(options)
}

/// Only our own scripts, and the inline ones that carry the nonce of this answer. Style attributes hold positions.
fn set_content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}
