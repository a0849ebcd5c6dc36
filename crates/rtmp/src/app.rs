//! What the server serves.

use eyeline_auth::Policy;
use eyeline_hub::Hub;
use eyeline_output::Traffic;
use eyeline_source::Streams;

use crate::limits::Limits;

/// What the server serves.
#[derive(Clone)]
pub struct App {
    /// The streams.
    pub hub: Hub,
    /// Who is let in.
    pub policy: Policy,
    /// Those who publish.
    pub streams: Streams,
    /// What went out of the streams, by whichever door.
    pub traffic: Traffic,
    /// The limits.
    pub limits: Limits,
}
