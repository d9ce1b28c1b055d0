//! What the running binary says, held against traffic of known size: the promises of docs/figures.md.

mod article;
mod causes;
mod durability;
mod epochs;
mod exact;
mod restart;
mod resumed;
mod support;
mod uncounted;
