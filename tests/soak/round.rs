//! Every fault once, with healing and a comparison after each.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    counted::Counted,
    report::{Event, Facts},
    rest, say,
    stage::{Kind, Stage},
    trouble::{Trouble, says_not_written},
    witness::Witness,
};

/// A look that was under way may use up its budget, and RabbitMQ reports its queues up to 15 s after it answers.
const HEALS_WITHIN: Duration = Duration::from_secs(40);

/// The first round is whole however long it takes, a later one ends with the time.
///
/// # Errors
/// The brokers or their clients failed, not Weir.
pub(crate) async fn run(
    stage: &mut Stage,
    counted: &mut Counted,
    witness: &Witness,
    troubles: &[Trouble],
    until: Instant,
    facts: &mut Facts,
) -> Result<()> {
    for trouble in troubles {
        if facts.rounds > 0 && Instant::now() >= until {
            break;
        }
        let victim = trouble.victim(facts.rounds);
        let what = victim.map_or_else(
            || trouble.name().to_owned(),
            |kind| format!("{}: {}", kind.broker(), trouble.name()),
        );
        let suffering: Vec<&str> = victim.map(Kind::broker).into_iter().collect();
        witness.during(&what, &suffering);
        let began = Instant::now();
        let said = trouble.happen(stage, victim.unwrap_or(Kind::RabbitMq)).await;
        let ended = Instant::now();
        let healed = heals(stage).await;
        let healed_after = ended.elapsed();
        witness.during(&format!("after {what}"), &[]);
        let mut wrong: Vec<String> =
            [said.err(), healed.err()].into_iter().flatten().map(|error| format!("{error:#}")).collect();
        wrong.extend(counted.check(stage).await?);
        say(&format!(
            "{what}: lasted {:.0} s, healed after {:.1} s{}",
            (ended - began).as_secs_f64(),
            healed_after.as_secs_f64(),
            if wrong.is_empty() { String::new() } else { format!(", WRONG: {wrong:#?}") }
        ));
        facts.findings.extend(wrong.into_iter().map(|text| format!("{what}: {text}")));
        facts.events.push(Event { what, healed_after_seconds: healed_after.as_secs_f64() });
    }
    witness.during("the shop rests", &[]);
    let different = rest::compare(stage).await?;
    facts.findings.extend(different.into_iter().map(|text| format!("at rest: {text}")));
    facts.rounds += 1;
    facts.memory_after_rounds.push(witness.minutes());
    say(&format!("round {} has ended, {} findings so far", facts.rounds, facts.findings.len()));
    Ok(())
}

/// Each broker is up, without an error, and its history is written.
async fn heals(stage: &Stage) -> Result<()> {
    for kind in Kind::ALL {
        let well =
            |card: &Value| card["status"] == "up" && card["error"].is_null() && !says_not_written(card);
        stage.card_when(kind.broker(), "is healed", HEALS_WITHIN, well).await?;
    }
    Ok(())
}
