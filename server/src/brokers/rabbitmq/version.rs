//! Versions of RabbitMQ, where its behaviour depends on them.

/// Major and minor version; what can't be read counts as the oldest, whose rules are the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32);

impl Version {
    /// From here on quorum queues have a delivery limit of 20 by default, and a negative one means none.
    pub(super) const DEFAULT_DELIVERY_LIMIT: Self = Self(4, 0);
    /// From here on `basic.nack` on a quorum queue leaves the delivery count alone, and closing the channel does not.
    pub(super) const NACK_IS_FREE: Self = Self(4, 3);

    /// Reads `3.10.8` or `4.3.0-rc.1`.
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        Self(parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_versions_as_brokers_write_them_when_read_then_they_compare() {
        assert!(Version::parse("3.10.8") < Version::DEFAULT_DELIVERY_LIMIT);
        assert!(Version::parse("3.9.13") < Version::parse("3.10.8"));
        assert!(Version::parse("4.0.5") >= Version::DEFAULT_DELIVERY_LIMIT);
        assert!(Version::parse("4.3.0-rc.1") >= Version::NACK_IS_FREE);
        assert!(Version::parse("?") < Version::parse("3.0"));
    }
}
