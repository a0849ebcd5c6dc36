//! What the server works with.

use eyeline_auth::Policy;
use eyeline_hub::Hub;
use eyeline_output::Traffic;
use eyeline_source::Streams;

use crate::datagrams::Datagrams;

/// What the server works with.
pub struct App {
    /// The streams that can be looked at.
    pub hub: Hub,
    /// Where streams are published.
    pub streams: Streams,
    /// Who is let in.
    pub policy: Policy,
    /// Where to count what goes out.
    pub traffic: Traffic,
    /// Our ports for datagrams; without them packets go over connections only.
    pub datagrams: Option<Datagrams>,
}
