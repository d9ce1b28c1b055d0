//! What the shop writes: orders, payments, events.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

const GOODS: [(&str, &str, u32); 6] = [
    ("TEA-0417", "Sencha, 100 g", 1290),
    ("CUP-0033", "Porcelain cup", 2450),
    ("POT-0102", "Cast-iron pot, 0.8 l", 8900),
    ("TIN-0008", "Tea tin, cherry bark", 5600),
    ("WSK-0021", "Matcha whisk", 1850),
    ("BAG-0300", "Paper filters, 100", 490),
];
const CITIES: [(&str, &str); 5] =
    [("Zürich", "CH"), ("Kraków", "PL"), ("Porto", "PT"), ("京都", "JP"), ("Rotterdam", "NL")];

/// An order of one customer with one to three lines.
#[derive(Debug)]
pub(super) struct Order {
    pub id: String,
    pub customer: String,
    total_cents: u32,
    lines: Vec<Value>,
}

impl Order {
    pub(super) fn next() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(100_000);

        let mut total_cents = 0;
        let lines = (0..rand::random_range(1..=3))
            .map(|_| {
                let (sku, name, price_cents) = pick(&GOODS);
                let quantity = rand::random_range(1..=4);
                total_cents += price_cents * quantity;
                json!({"sku": sku, "name": name, "quantity": quantity, "price_cents": price_cents})
            })
            .collect();
        Self {
            id: format!("O-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
            customer: format!("C-{:04}", rand::random_range(1..500)),
            total_cents,
            lines,
        }
    }

    pub(super) fn body(&self) -> String {
        let (city, country) = pick(&CITIES);
        json!({
            "order_id": self.id,
            "customer_id": self.customer,
            "placed_at": now(),
            "currency": "EUR",
            "total_cents": self.total_cents,
            "lines": self.lines,
            "ship_to": {"city": city, "country": country, "express": rand::random_bool(0.1)},
        })
        .to_string()
    }

    pub(super) fn payment(&self) -> String {
        json!({
            "payment_id": uuid::Uuid::new_v4(),
            "order_id": self.id,
            "amount": {"cents": self.total_cents, "currency": "EUR"},
            "method": pick(&["card", "invoice", "transfer"]),
            "authorised_at": now(),
        })
        .to_string()
    }
}

/// One thing that happened in the shop, as its name and its details.
pub(super) fn event() -> (&'static str, String) {
    let name = pick(&["basket.filled", "order.placed", "parcel.sent", "parcel.returned", "stock.low"]);
    let (sku, ..) = pick(&GOODS);
    (name, json!({"event": name, "sku": sku, "at": now(), "warehouse": rand::random_range(1..4)}).to_string())
}

/// A visit to a page of the shop.
pub(super) fn page_view() -> String {
    let (sku, ..) = pick(&GOODS);
    json!({"path": format!("/goods/{sku}"), "at": now(), "milliseconds": rand::random_range(20..900)})
        .to_string()
}

/// A mail to be sent.
pub(super) fn mail() -> String {
    let order = Order::next();
    json!({"to": format!("{}@example.org", order.customer.to_lowercase()), "template": "thanks", "order_id": order.id})
        .to_string()
}

fn pick<T: Copy>(choices: &[T]) -> T {
    choices[rand::random_range(0..choices.len())]
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}
