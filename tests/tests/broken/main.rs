//! A broken world: brokers that die, hang, lie and vanish, and a machine that gives Weir no disk.
//!
//! Whatever happens to one broker, the others are observed at their pace, pages answer, the card says which step failed
//! and since when, figures are marked old instead of being 0, and all heals by itself.
//!
//! Times are those of a debug build beside brokers on a busy machine: see [`onlooker`] for the bounds.

mod changes;
mod clock;
mod crowd;
mod faults;
mod house;
mod killed;
mod machine;
mod names;
mod onlooker;
mod truth;
