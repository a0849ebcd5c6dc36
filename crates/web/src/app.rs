//! What the server serves, and what its handlers share.

use std::sync::Arc;

use eyeline_auth::Policy;
use eyeline_hub::Hub;
use eyeline_output::Traffic;
use eyeline_source::{Allow, Streams};
use eyeline_store::Store;
use tokio::sync::{Mutex, watch};

use crate::compat::ustreamer;
use crate::connections::Connections;
use crate::limits::Limits;
use crate::metrics::Metrics;

/// What the server serves.
#[derive(Clone)]
pub struct App {
    /// The streams.
    pub hub: Hub,
    /// Who is let in.
    pub policy: Policy,
    /// The streams' sources, and those who publish.
    pub streams: Streams,
    /// What went out of the streams, by whichever door.
    pub traffic: Traffic,
    /// What sources may be asked for over the API.
    pub allow: Allow,
    /// Where streams made over the API are kept; `None` forgets them at the end.
    pub store: Option<Store>,
    /// The limits.
    pub limits: Limits,
}

/// What the handlers share.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) connections: Arc<Connections>,
    pub(crate) metrics: Metrics,
    /// Those who look as programs for µStreamer do.
    pub(crate) ustreamer: ustreamer::Clients,
    /// Held by whoever makes, changes or ends a stream.
    pub(crate) managing: Mutex<()>,
    /// Becomes true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Server {
    pub(crate) fn new(app: App, stopping: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Self {
            connections: Connections::new(app.limits.connections),
            metrics: Metrics::default(),
            ustreamer: ustreamer::Clients::default(),
            managing: Mutex::default(),
            stopping,
            app,
        })
    }
}
