//! Reading, publishing and purging.

mod forms;
mod publish;
mod read;
mod tap;

pub use forms::{BrowseStart, Forms, MessageShape};
pub use publish::{
    BodyEncoding, BodyInput, CopyFile, Field, HeaderInput, Payload, Properties, PublishReceipt,
    PublishRequest, PurgeReceipt, PurgeRequest, Side,
};
pub use read::{
    Body, BrowseFrom, BrowseRequest, Header, Message, MessagePage, PeekRequest, Price, PricedEffect,
    StopReason, UnknownStart,
};
pub use tap::{TapEvent, TapReport};
