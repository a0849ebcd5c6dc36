//! Feeds: everything that flows. A feed has one publisher and any number of
//! cursors; it is lazy, bounded in bytes and time, and a cursor that falls behind
//! jumps to the newest item it can decode from. Around them: the registry of
//! streams, the renditions made of them, an account of every viewer, and a feed of
//! what happens to them.
//!
//! Not here: codecs, protocols, disk, HTTP, timers, any runtime. Time is asked of
//! the [`Clock`](eyeline_clock::Clock); waiting is a `poll_…` method or a future
//! that any executor can drive.

mod beside;
mod demand;
mod derived;
mod events;
mod feed;
mod flow;
mod limits;
mod numbers;
mod pace;
mod profile;
mod publisher;
mod rate;
mod registry;
mod rendition;
mod ring;
mod state;
mod stream;
mod stream_publisher;
mod subscriber;
mod sync;
mod view_error;
mod viewer;
mod wish;

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod model_tests;

pub use demand::{Demand, Wanted};
pub use events::{Event, What};
pub use feed::Feed;
pub use flow::{Chunk, Flow, Item};
pub use limits::{Limits, RingLimits};
pub use numbers::{Faults, StreamStats};
pub use pace::{Fps, InvalidFps, Pace};
pub use profile::Profile;
pub use publisher::Publisher;
pub use registry::{Hub, PublishError, Transcode};
pub use rendition::{Bitrate, Coding, InvalidBitrate, Making, RenditionKey, RenditionStats};
pub use state::State;
pub use stream::Stream;
pub use stream_publisher::StreamPublisher;
pub use subscriber::{End, Subscriber};
pub use view_error::ViewError;
pub use viewer::{Account, AccountId, Delivery, Feedback, ViewerInfo, ViewerStats};
pub use wish::{InvalidWish, JpegQuality, Quality, Wish};
