//! Peeking and purging as their forms say.

use weir_model::{
    Problem,
    message::{PeekRequest, PricedEffect, PurgeRequest},
};

use crate::forms::Fields;

/// Reads the form with the price.
///
/// # Errors
/// The number of messages is none, or an effect is not known.
pub(super) fn peek_request(form: &str) -> Result<PeekRequest, Problem> {
    let fields = Fields::parse(form);
    let limit = fields.text("limit").unwrap_or("10");
    let wrong = || Problem::field("limit", format!("\"{limit}\" is no whole number from 1 to 1000"));
    Ok(PeekRequest {
        limit: limit.parse().map_err(|_| wrong())?,
        accept: fields.all("accept").map(effect).collect::<Result<_, _>>()?,
    })
}

fn effect(word: &str) -> Result<PricedEffect, Problem> {
    match word {
        "redelivered" => Ok(PricedEffect::Redelivered),
        "delivery_count" => Ok(PricedEffect::DeliveryCount),
        _ => Err(Problem::field("accept", format!("\"{word}\" is none of redelivered, delivery_count"))),
    }
}

/// Reads the form of a purge.
///
/// # Errors
/// The depth that was seen is no number.
pub(super) fn purge_request(form: &str) -> Result<PurgeRequest, Problem> {
    let fields = Fields::parse(form);
    let wrong = |text: &str| Problem::field("seen_depth", format!("\"{text}\" is no whole number"));
    let seen = fields.text("seen_depth").map(|text| text.parse().map_err(|_| wrong(text))).transpose()?;
    Ok(PurgeRequest {
        // A name may begin or end with a space.
        confirm: fields.raw("confirm").unwrap_or_default().to_owned(),
        seen_depth: seen,
        reason: fields.text("reason").map(str::to_owned),
        copy: fields.has("copy"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_form_of_a_peek_when_read_then_each_ticked_effect_is_accepted() {
        let request = peek_request("accept=redelivered&accept=delivery_count&limit=7");
        let accept = vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount];
        assert_eq!(request, Ok(PeekRequest { limit: 7, accept }));
        assert!(peek_request("limit=many").is_err_and(|p| p.errors[0].field == "limit"));
        assert!(peek_request("accept=all").is_err_and(|p| p.errors[0].field == "accept"));
    }

    #[test]
    fn given_the_form_of_a_purge_when_read_then_the_name_is_taken_as_typed() {
        let request = purge_request("confirm=+a+&seen_depth=9103&reason=+&copy=on");
        let expected =
            PurgeRequest { confirm: " a ".to_owned(), seen_depth: Some(9103), reason: None, copy: true };
        assert_eq!(request, Ok(expected));
    }
}
