//! Encrypted and guarded brokers: certificates, passwords, and what an account may do.

mod cards;
mod house;
mod permissions;
mod sasl;
mod tls;
