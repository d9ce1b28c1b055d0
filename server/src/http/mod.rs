//! What Weir says over HTTP.

pub mod assets;
pub mod pages;
