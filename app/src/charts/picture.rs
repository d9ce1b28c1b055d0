//! A drawing of the server as a picture, made by the browser.

#[cfg(feature = "hydrate")]
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};

/// Dots per unit of the drawing: sharp on a screen of double density, and on paper.
#[cfg(feature = "hydrate")]
const DENSITY: f64 = 2.0;

/// Fetches a drawing, paints it and has the browser save it as `NAME.png`.
#[cfg(feature = "hydrate")]
pub(super) fn save(svg: &str, name: String, failed: impl Fn() + Copy + 'static) {
    let Ok(image) = web_sys::HtmlImageElement::new() else { return failed() };
    let drawn = image.clone();
    let painted = Closure::once_into_js(move || {
        if paint(&drawn, &name).is_err() {
            failed();
        }
    });
    image.set_onload(Some(painted.unchecked_ref()));
    image.set_onerror(Some(Closure::once_into_js(failed).unchecked_ref()));
    image.set_src(svg);
}

#[cfg(feature = "hydrate")]
fn paint(image: &web_sys::HtmlImageElement, name: &str) -> Result<(), JsValue> {
    let document = leptos::prelude::document();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    let (width, height) =
        (f64::from(image.natural_width()) * DENSITY, f64::from(image.natural_height()) * DENSITY);
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: web_sys::CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)?;
    let link: web_sys::HtmlElement = document.create_element("a")?.unchecked_into();
    link.set_attribute("href", &canvas.to_data_url()?)?;
    link.set_attribute("download", &format!("{name}.png"))?;
    link.click();
    Ok(())
}

/// On the server nothing is painted.
#[cfg(not(feature = "hydrate"))]
pub(super) fn save(_svg: &str, _name: String, _failed: impl Fn() + Copy + 'static) {}
