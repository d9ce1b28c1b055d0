//! Widgets that know nothing of queues' pages: they are handed what they show.
//!
//! Leaves are plain functions, what holds children is a component. None of them reads the time, the language or
//! anything else that the server and the browser could see differently.

pub mod address;
mod ago;
pub mod band;
pub mod blank;
pub mod dialog;
mod figure;
pub mod format;
mod gauge;
mod icon;
mod keyed;
mod loaded;
pub mod panel;
mod problem;
pub mod range;
pub mod segmented;
mod sparkline;
mod status;
pub mod tabs;
pub mod toast;
mod visible;

pub use ago::{Ago, ago, updated};
pub use band::{Band, BandTone};
pub use blank::{Blank, Failure, Overdue, Retry, Skeleton};
pub use dialog::Dialog;
pub use figure::{Mark, Shown, count_figure, duration_figure, figure, rate_figure};
pub use gauge::{GaugeTone, gauge};
pub use icon::{Icon, icon, mark, sprite};
pub use keyed::Keyed;
pub use loaded::{Fetched, kept, kept_or, kept_quietly, loaded, once};
pub use panel::Panel;
pub use problem::{may_pass, told};
pub use segmented::{Choice, Segmented};
pub use sparkline::{card_sparkline, sparkline};
pub use status::{Tone, broker_tone, dot, pill, status, status_icon, status_word, tone_of};
pub use tabs::{Tab, Tabs};
pub use toast::{Toast, ToastList, Toasts, provide_toasts};
pub use visible::visible;
