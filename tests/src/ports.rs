//! Free ports of this machine.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

/// `N` different free ports of 127.0.0.1.
///
/// They lie below the range from which the kernel gives ports to outgoing connections: a client that keeps knocking at
/// a stopped broker's port must never be given that very port as its own, and then talk to itself.
///
/// # Errors
/// None is free.
pub fn free<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    for _ in 0..N {
        held.push(hold_one()?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

fn hold_one() -> Result<TcpListener> {
    (0..200)
        .find_map(|_| TcpListener::bind(("127.0.0.1", rand::random_range(20_000..32_000))).ok())
        .context("no free port between 20000 and 32000")
}
