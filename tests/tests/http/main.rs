//! The HTTP interface of the real binary over a real Redis: who may call, bad input, the shapes of answers, and how
//! the process starts and stops.

mod house;
mod input;
mod live;
mod process;
mod schema;
mod security;
mod shapes;
