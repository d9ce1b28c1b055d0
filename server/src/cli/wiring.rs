//! Puts the parts together: history, brokers, features.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use weir_app::{overview::api::House, services::Services};

use super::failure::Failure;
use crate::{
    audit::AuditService,
    config::BrokerConfig,
    http::App,
    messages::{MessagesService, TapService},
    overview::OverviewService,
    poller::Fleet,
    queues::QueuesService,
    settings::{Armed, SettingsService},
    store::Store,
    views::ViewsService,
};

/// Everything that runs.
pub(super) struct Parts {
    app: App,
    store: Store,
}

impl Parts {
    /// Opens history and begins to observe.
    pub(super) async fn assemble(
        brokers: Vec<BrokerConfig>,
        house: House,
        folder: &Path,
        arm: bool,
        shutdown: &CancellationToken,
    ) -> Result<Self, Failure> {
        let armed = Armed::load(folder, arm)
            .with_context(|| format!("data_dir {}: the file armed can't be read", folder.display()))
            .map_err(Failure::Running)?;
        let armed = Arc::new(armed);
        let store = Store::open(&folder.join("weir.db"))
            .await
            .with_context(|| folder.display().to_string())
            .map_err(Failure::Running)?;
        let history = Arc::clone(&store.history);
        let fleet = Fleet::start(brokers, &|name| armed.contains(name), &history, shutdown)?;
        let queues = Arc::new(QueuesService::new(Arc::clone(&fleet), Arc::clone(&history)));
        let views = ViewsService::new(store.views.clone(), queues.clone(), store.actions.clone());
        let services = Services {
            overview: Arc::new(OverviewService::new(Arc::clone(&fleet), Arc::clone(&history), house)),
            queues,
            messages: Arc::new(MessagesService::new(fleet.clone(), store.actions.clone(), folder)),
            taps: Arc::new(TapService::new(fleet.clone(), store.actions.clone())),
            settings: Arc::new(SettingsService::new(Arc::clone(&fleet), armed, store.actions.clone())),
            audit: Arc::new(AuditService::new(store.actions.clone())),
            keys: Arc::new(store.keys.clone()),
            views: Arc::new(views),
        };
        let app = App { services, fleet, history, shutdown: shutdown.clone() };
        Ok(Self { app, store })
    }

    pub(super) fn app(&self) -> App {
        self.app.clone()
    }

    /// Ends after shutdown was cancelled: tasks first, then what they wrote.
    pub(super) async fn end(self) {
        self.app.fleet.stopped().await;
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the last observations could not be stored");
        }
    }
}
