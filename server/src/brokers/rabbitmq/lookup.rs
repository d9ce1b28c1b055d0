//! Queues, exchanges and what belongs to them, by name.
//!
//! `.` and `..` are names in RabbitMQ, but no segments of an address: HTTP clients and servers resolve them away,
//! however they are encoded. What is so named is picked from a list that is a step shorter.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    client::{Management, Tally},
    wire::{Binding, Consumer, Exchange, Queue, StreamConsumer},
};
use crate::brokers::BrokerError;

impl Management {
    /// A queue with what its configuration says, its consumers included where the broker lists them.
    ///
    /// # Errors
    /// `NotFound`, or the step that failed.
    pub(super) async fn queue(&self, vhost: &str, name: &str, tally: &Tally) -> Result<Queue, BrokerError> {
        if let Some(path) = path_of("queues", vhost, name) {
            return self.get(&path, tally).await;
        }
        let queues: Vec<Queue> = self.get(&path_in("queues", vhost), tally).await?;
        let mut queue = pick(queues, vhost, name)?;
        // Consumers are not in the list. Like with one queue, there are none to see while statistics are off.
        let consumers: Result<Vec<Consumer>, _> = self.get(&path_in("consumers", vhost), tally).await;
        queue.consumer_details = consumers
            .ok()
            .map(|all| all.into_iter().filter(|c| c.queue.name == name && c.queue.vhost == vhost).collect());
        Ok(queue)
    }

    /// A queue with the named columns alone.
    ///
    /// # Errors
    /// As [`Management::queue`].
    pub(super) async fn queue_columns(
        &self,
        vhost: &str,
        name: &str,
        columns: &str,
        tally: &Tally,
    ) -> Result<Queue, BrokerError> {
        match path_of("queues", vhost, name) {
            Some(path) => self.get(&format!("{path}?columns={columns}"), tally).await,
            None => {
                let path = format!("{}?columns=name,vhost,{columns}", path_in("queues", vhost));
                pick(self.get(&path, tally).await?, vhost, name)
            }
        }
    }

    /// The bindings that lead to a queue.
    ///
    /// # Errors
    /// The step that failed.
    pub(super) async fn bindings_to_queue(
        &self,
        vhost: &str,
        name: &str,
        tally: &Tally,
    ) -> Result<Vec<Binding>, BrokerError> {
        if let Some(path) = path_of("queues", vhost, name) {
            return self.get(&format!("{path}/bindings"), tally).await;
        }
        let mut bindings: Vec<Binding> = self.get(&path_in("bindings", vhost), tally).await?;
        bindings.retain(|b| b.vhost == vhost && b.destination_type == "queue" && b.destination == name);
        Ok(bindings)
    }

    /// An exchange's type.
    ///
    /// # Errors
    /// `NotFound`, or the step that failed.
    pub(super) async fn exchange(
        &self,
        vhost: &str,
        name: &str,
        tally: &Tally,
    ) -> Result<Exchange, BrokerError> {
        match path_of("exchanges", vhost, name) {
            Some(path) => self.get(&format!("{path}?columns=name,vhost,type"), tally).await,
            None => {
                let path = format!("{}?columns=name,vhost,type", path_in("exchanges", vhost));
                pick(self.get(&path, tally).await?, vhost, name)
            }
        }
    }

    /// The bindings that lead away from an exchange.
    ///
    /// # Errors
    /// The step that failed.
    pub(super) async fn bindings_from_exchange(
        &self,
        vhost: &str,
        name: &str,
        tally: &Tally,
    ) -> Result<Vec<Binding>, BrokerError> {
        if let Some(path) = path_of("exchanges", vhost, name) {
            return self.get(&format!("{path}/bindings/source"), tally).await;
        }
        let mut bindings: Vec<Binding> = self.get(&path_in("bindings", vhost), tally).await?;
        bindings.retain(|b| b.vhost == vhost && b.source == name);
        Ok(bindings)
    }

    /// The consumers of a stream that speak the stream protocol.
    ///
    /// # Errors
    /// `NotFound` where the plugin that lists them is off, or the step that failed.
    pub(super) async fn stream_consumers(
        &self,
        vhost: &str,
        name: &str,
        tally: &Tally,
    ) -> Result<Vec<StreamConsumer>, BrokerError> {
        // The address of one stream's consumers answers 400 on 3.10, that of a vhost's does not.
        let mut consumers: Vec<StreamConsumer> = self.get(&path_in("stream/consumers", vhost), tally).await?;
        consumers.retain(|consumer| consumer.queue.name == name && consumer.queue.vhost == vhost);
        Ok(consumers)
    }
}

/// The path of all of a vhost, or of all of the broker where the vhost can't stand in a path.
pub(super) fn path_in(what: &str, vhost: &str) -> String {
    if addressable(vhost) { format!("{what}/{}", segment(vhost)) } else { what.to_owned() }
}

/// The path of one thing, where its names can stand in a path.
fn path_of(what: &str, vhost: &str, name: &str) -> Option<String> {
    (addressable(vhost) && addressable(name)).then(|| format!("{what}/{}/{}", segment(vhost), segment(name)))
}

fn addressable(name: &str) -> bool {
    !matches!(name, "." | "..")
}

/// A vhost or a name as one segment of a path.
fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// What has a name within a vhost.
trait Named {
    fn is(&self, vhost: &str, name: &str) -> bool;
}

impl Named for Queue {
    fn is(&self, vhost: &str, name: &str) -> bool {
        self.vhost == vhost && self.name == name
    }
}

impl Named for Exchange {
    fn is(&self, vhost: &str, name: &str) -> bool {
        self.vhost == vhost && self.name == name
    }
}

fn pick<T: Named>(all: Vec<T>, vhost: &str, name: &str) -> Result<T, BrokerError> {
    let missing = || BrokerError::NotFound(format!("RabbitMQ has no \"{name}\" in vhost \"{vhost}\""));
    all.into_iter().find(|one| one.is(vhost, name)).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_with_anything_in_it_when_addressed_then_it_is_one_segment() {
        let path = path_of("queues", "/", "a/b:c \"d\" é");
        assert_eq!(path.as_deref(), Some("queues/%2F/a%2Fb%3Ac%20%22d%22%20%C3%A9"));
        assert!(path_of("queues", "/", "...").is_some());
    }

    #[test]
    fn given_names_of_dots_when_addressed_then_a_list_is_asked_that_holds_them() {
        for (vhost, name, list) in [("/", "..", "queues/%2F"), ("..", "a", "queues"), (".", ".", "queues")] {
            assert_eq!(path_of("queues", vhost, name), None);
            assert_eq!(path_in("queues", vhost), list);
        }
    }
}
