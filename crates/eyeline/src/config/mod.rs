//! The configuration: one TOML file, every key of which an `EYELINE_…` variable can
//! set too. Strings become types here, once; what is wrong is said with its place.

mod diagnose;
mod environment;
mod load;
mod schema;

pub(crate) use diagnose::nearest;
pub(crate) use load::load;
pub(crate) use schema::{
    Config, Count, Door, EncoderFormat, LogFormat, Parsed, Rtmp, Rtsp, Stream,
};

#[cfg(test)]
mod tests;
