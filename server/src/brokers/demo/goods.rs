//! Made-up messages: the same number gives the same message.

use serde_json::{Value, json};

/// What the messages of a queue are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goods {
    Order,
    Invoice,
    Export,
    Payment,
    Email,
    Thumbnail,
    View,
}

const CUSTOMERS: [&str; 8] = ["ada", "bela", "chen", "dora", "emre", "fatou", "grace", "hugo"];
const ARTICLES: [&str; 8] = ["kettle", "lamp", "desk", "rug", "mug", "clock", "chair", "vase"];

impl Goods {
    /// The body of message `n` of the queue with this seed.
    pub(super) fn body(self, seed: u64, n: u64) -> Value {
        let roll = |salt: u64, sides: u64| mixed(seed ^ mixed(n) ^ mixed(salt << 32)) % sides;
        let customer = CUSTOMERS[roll(1, 8) as usize];
        let article = ARTICLES[roll(2, 8) as usize];
        let amount = format!("{}.{:02}", 5 + roll(3, 400), roll(4, 100));
        match self {
            Self::Order => json!({
                "order": format!("A-{}", 100_000 + n % 900_000),
                "customer": customer,
                "lines": [{ "article": article, "quantity": 1 + roll(5, 4) }],
                "total": { "amount": amount, "currency": "EUR" },
            }),
            Self::Invoice => {
                json!({ "invoice": 70_000 + n % 900_000, "customer": customer, "amount": amount, "due_days": 14 })
            }
            Self::Export => {
                json!({ "export": n % 100_000, "format": "csv", "rows": 100 * (1 + roll(5, 90)) })
            }
            Self::Payment => {
                let method = ["card", "transfer", "wallet"][roll(5, 3) as usize];
                json!({ "payment": format!("P-{:08}", n % 100_000_000), "method": method, "amount": amount })
            }
            Self::Email => {
                let template = ["receipt", "shipped", "welcome", "reset-password"][roll(5, 4) as usize];
                json!({ "to": format!("{customer}@example.org"), "template": template, "article": article })
            }
            Self::Thumbnail => json!({ "image": format!("{article}-{}.jpg", roll(5, 900)), "width": 320 }),
            Self::View => {
                json!({ "page": format!("/articles/{article}"), "visitor": format!("{:08x}", roll(5, 1 << 32)) })
            }
        }
    }

    /// The key of message `n`, so that what belongs together shares a partition.
    pub(super) fn key(seed: u64, n: u64) -> &'static str {
        CUSTOMERS[(mixed(seed ^ mixed(n) ^ mixed(1 << 32)) % 8) as usize]
    }
}

/// Spreads a number over all bits (the finaliser of SplitMix64).
pub(super) fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
