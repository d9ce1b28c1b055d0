//! Charts: one drawing code for the server and for the browser.
//!
//! A drawing has only marks (lines, areas, grid), in whole units, with classes instead of colours: one drawing fits
//! every width and both themes. Ticks, legend, crosshair and hatches are HTML placed in per cent around it, and
//! the drawing that can be downloaded has them as text.
//!
//! | module | what it does |
//! |---|---|
//! | [`chart`] | what a chart shows: lines of samples, unit, span |
//! | [`time_axis`], [`value_axis`] | where ticks stand and what they say |
//! | [`marks`] | draws lines and areas with plotters, on any of its backends |
//! | [`role`] | what marks are, and their classes |
//! | [`sentence`] | says in words what a chart shows |
//! | [`download`] | the same as a file that stands by itself |
//! | [`view`], [`plot`], [`crosshair`] | the HTML around the marks |

pub mod chart;
pub mod crosshair;
pub mod download;
pub mod marks;
pub mod plot;
pub mod role;
pub mod sentence;
mod shapes;
mod texts;
pub mod time_axis;
pub mod value_axis;
pub mod view;

pub use chart::{Chart, Hue, Line, Sample, Shape, Span, Unit, Weight};
pub use crosshair::Crosshair;
pub use download::series_svg;
pub use view::{ChartStack, Event, Hatch, Stack};
