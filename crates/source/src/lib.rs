//! Inputs, one file each, and the supervision that keeps them running.
//!
//! A [`Spec`] is a source as the user writes it (`exec:python3 app.py`). [`supervise`]
//! runs a list of them into a stream of the hub for as long as the stream is to live:
//! it reopens what ends, falls back along the list, and shows a slate in between.
//! [`Ingests`] lets others publish into a stream (`push:`), and [`push`] publishes
//! into somebody else's.
//!
//! Not here: outputs, renditions, HTTP servers, configuration files.

mod byte_stream;
mod encoder;
mod error;
mod http_client;
mod ingest;
pub mod inputs;
mod local;
mod options;
pub mod paint;
mod params;
pub mod push;
mod redact;
mod session;
mod sink;
mod snapshot;
mod spec;
mod supervise;

pub use error::InputError;
pub use ingest::{Accepted, IngestError, Ingests, RawFormat};
pub use local::LocalError;
pub use options::Options;
pub use params::Param;
pub use redact::redact;
pub use snapshot::{SnapshotError, snapshot};
pub use spec::{Spec, SpecError};
pub use supervise::supervise;
