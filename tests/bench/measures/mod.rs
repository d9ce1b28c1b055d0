//! One module, one line of the table.

mod assets;
mod binary;
mod broker_cost;
mod cpu;
mod first_byte;
mod memory;
mod month;
mod range;
mod start;
mod storage;

use crate::measure::Measure;

/// In the order of the table.
pub(crate) const ALL: [&dyn Measure; 9] = [
    &start::Start,
    &memory::IdleMemory,
    &binary::BinarySize,
    &assets::AssetSize,
    &first_byte::FirstByte,
    &cpu::Cpu,
    &broker_cost::BrokerCost,
    &range::Range,
    &storage::Storage,
];
