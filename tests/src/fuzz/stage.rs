//! A broker that answers what it is told to, on one port for the life of its thread.

use std::sync::Arc;

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use weir::{brokers, config::BrokerConfig};

use super::{
    answers::{MadeUp, Script},
    look,
};

/// A made-up broker, and the runtime on which Weir looks at it.
pub(super) struct Stage {
    runtime: Runtime,
    script: Script,
    config: BrokerConfig,
}

impl Stage {
    /// Listens; each connection is `serve`d. `scheme` says what the broker is taken for.
    pub(super) fn new<F>(scheme: &str, script: Script, serve: fn(TcpStream, Script) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime of one thread");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("the port of a listener").port();
        let said = script.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Small answers must not wait for each other.
                stream.set_nodelay(true).expect("a socket without delay");
                tokio::spawn(serve(stream, said.clone()));
            }
        });
        let mut config = BrokerConfig::new("fuzzed", scheme, vec![("127.0.0.1".to_owned(), port)]);
        config.management_url = Some(format!("http://127.0.0.1:{port}"));
        Self { runtime, script, config }
    }

    /// Looks at the broker as the poller and the pages do, with one answer made up.
    pub(super) fn play(&self, made_up: MadeUp) {
        let broker = brokers::connect(&self.config).expect("a config that is right");
        self.runtime.block_on(look::look(&*broker, &self.script, &Arc::new(made_up)));
    }
}
