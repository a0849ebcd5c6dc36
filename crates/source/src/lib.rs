//! Inputs, one file each, and the supervision that keeps them running.
//!
//! A [`Spec`] is a source as the user writes it (`exec:python3 app.py`). [`Streams`] runs
//! lists of them into streams of the hub: it reopens what ends, falls back along the
//! list, shows a slate in between, and changes what runs while viewers look. It also lets
//! others publish into a stream (`push:`, [`Producer`]), and [`push`] publishes into
//! somebody else's.
//!
//! Not here: outputs, renditions, HTTP servers, configuration files.

mod allow;
mod byte_stream;
#[cfg(target_os = "linux")]
pub mod camera;
mod container;
mod controls;
mod csi;
mod definition;
mod encoder;
mod error;
mod hls;
mod http_client;
mod ingest;
pub mod inputs;
mod last_words;
mod local;
mod machine;
mod options;
pub mod paint;
mod params;
mod program;
pub mod push;
mod reach;
mod recording;
mod redact;
mod rtsp;
mod session;
mod sink;
mod snapshot;
mod spec;
mod streams;
mod supervise;
mod tracks;

pub use allow::{Allow, NotAllowed, UnknownPermission};
pub use controls::{ControlChanges, ControlError, ControlValues, Controls, Setting};
pub use definition::{Definition, Origin};
pub use error::{InputError, PictureError};
pub use ingest::{Accepted, Content, Demand, IngestError, Producer, RawFormat, Settings};
pub use inputs::Risk;
pub use local::LocalError;
pub use machine::{
    Camera, CameraControl, CameraFormat, CameraSize, MachineCamera, MachineSource, camera_changes,
    cameras, machine_cameras, machine_sources,
};
pub use options::Options;
pub use params::Param;
pub use reach::{OutOfReach, Reach};
pub use redact::redact;
pub use snapshot::{SnapshotError, snapshot};
pub use spec::{Spec, SpecError};
pub use streams::{ChangeError, Streams};
pub use tracks::Times;
