//! `weir check`: one line per step and broker on standard output.

use std::{
    io::{Result as IoResult, Write, stdout},
    process::ExitCode,
};

use weir_model::CheckStep;

use super::failure::Failure;
use crate::{
    brokers,
    config::{BrokerConfig, Config, detect},
};

/// Exit code 1 where a step fails.
pub(super) async fn check(config: Config) -> Result<ExitCode, Failure> {
    let mut out = stdout();
    let configs = if config.brokers.is_empty() { found(&mut out).await? } else { config.brokers };
    let checks = configs.iter().map(|config| async {
        let broker = brokers::connect(config)?;
        Ok::<_, Failure>(broker.check().await)
    });
    let checks = futures::future::try_join_all(checks).await?;
    let mut passed = true;
    for (config, steps) in configs.iter().zip(&checks) {
        passed &= write_steps(&mut out, config, steps).map_err(Failure::running)?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn found(out: &mut impl Write) -> Result<Vec<BrokerConfig>, Failure> {
    let (found, detections) = detect::detect().await;
    let write = |out: &mut dyn Write| -> IoResult<()> {
        writeln!(out, "no broker is configured; on this machine:")?;
        for detection in &detections {
            let mark = if detection.found { "found" } else { "none " };
            writeln!(out, "  {mark} {} at {}: {}", detection.what, detection.address, detection.detail)?;
        }
        if found.is_empty() {
            writeln!(out, "weir serve would show the demonstration")?;
        }
        Ok(())
    };
    write(out).map_err(Failure::running)?;
    Ok(found)
}

/// Whether all steps passed.
fn write_steps(out: &mut impl Write, config: &BrokerConfig, steps: &[CheckStep]) -> IoResult<bool> {
    writeln!(out, "{} {}", config.name, config.display_url())?;
    for CheckStep { step, passed, detail } in steps {
        let word = match passed {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "not tried",
        };
        writeln!(out, "  {:<13} {word:<10} {detail}", step.to_string())?;
    }
    Ok(!steps.is_empty() && steps.iter().all(|step| step.passed == Some(true)))
}
