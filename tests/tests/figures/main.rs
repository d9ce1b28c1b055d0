//! What the running binary says, held against traffic of known size: the promises of docs/figures.md.

mod article;
mod durability;
mod exact;
mod restart;
mod support;
