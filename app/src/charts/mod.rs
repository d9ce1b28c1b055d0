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
//! | [`sheet`], [`table`], [`file`] | the same as files that stand by themselves: a drawing, a table |
//! | [`menu`] | the links to them, and pictures made of the drawing |
//! | [`view`], [`stage`], [`plot`], [`crosshair`] | the HTML around the marks |
//! | [`window`], [`steps`], [`compare`] | which stretch of time is shown, and the ways to others |

pub mod chart;
pub mod compare;
pub mod crosshair;
pub mod file;
pub mod marks;
pub mod menu;
mod picture;
pub mod plot;
mod pointer;
pub mod role;
pub mod sentence;
mod shapes;
#[cfg(feature = "ssr")]
pub mod sheet;
pub mod stage;
pub mod steps;
#[cfg(feature = "ssr")]
pub mod table;
mod texts;
pub mod time_axis;
pub mod value_axis;
pub mod view;
pub mod window;

pub use chart::{Chart, Hue, Line, Sample, Shape, Span, Unit, Weight};
pub use compare::Compare;
pub use crosshair::Crosshair;
pub use file::{ChartFile, file_name};
pub use menu::Downloads;
#[cfg(feature = "ssr")]
pub use sheet::{Sheet, series_svg};
pub use stage::ChartStage;
pub use steps::TimeSteps;
#[cfg(feature = "ssr")]
pub use table::chart_csv;
pub use view::{ChartStack, Event, Hatch, Stack};
pub use window::{WindowQuery, use_compare_choices, use_range_choices, use_window, use_zoom};
