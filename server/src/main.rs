//! The `weir` binary.

use std::process::ExitCode;

/// Each look at a broker makes and drops an observation of every queue. glibc's allocator keeps what that took; this one
/// gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    weir::cli::main()
}
