//! Where a pointer stands over a stack of charts.

#[cfg(feature = "hydrate")]
use wasm_bindgen::JsCast as _;

/// Where the pointer stands, as a part of the width of the plots: they are as wide as the layer of lines.
#[cfg(feature = "hydrate")]
pub(super) fn part_of_width(event: &leptos::ev::PointerEvent) -> Option<f64> {
    let stack = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let plots = stack.query_selector(".xlayer").ok()??.get_bounding_client_rect();
    let part = (f64::from(event.client_x()) - plots.left()) / plots.width();
    (plots.width() > 0.0).then(|| part.clamp(0.0, 1.0))
}

/// The same where the pointer was pressed to drag, and not to follow a link. From then on the stack gets what the
/// pointer does also where it leaves the stack.
#[cfg(feature = "hydrate")]
pub(super) fn pressed_part(event: &leptos::ev::PointerEvent) -> Option<f64> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let is_drag =
        event.button() == 0 && event.is_primary() && target.closest("a, summary, button").ok()?.is_none();
    if !is_drag {
        return None;
    }
    let stack = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    // Without capture a drag ends at the edge, no worse.
    let _ = stack.set_pointer_capture(event.pointer_id());
    part_of_width(event)
}

/// On the server there is no pointer.
#[cfg(not(feature = "hydrate"))]
pub(super) fn part_of_width(_event: &leptos::ev::PointerEvent) -> Option<f64> {
    None
}

/// On the server there is no pointer.
#[cfg(not(feature = "hydrate"))]
pub(super) fn pressed_part(_event: &leptos::ev::PointerEvent) -> Option<f64> {
    None
}
