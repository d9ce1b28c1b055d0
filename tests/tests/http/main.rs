//! The HTTP interface of the real binary over real brokers: who may call, bad input, the shapes of answers, and how
//! the process starts and stops.

mod bytes;
mod catalogue;
mod charts;
mod house;
mod hundred;
mod idempotency;
mod input;
mod kinds;
mod large;
mod leaving;
mod lists;
mod live;
mod process;
mod schema;
mod security;
mod shapes;
mod tap;
mod views;
