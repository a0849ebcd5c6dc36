//! The inputs there are, one file each.
//!
//! A new input is a file here, with its parameters, its help text and its `run`, and
//! one line in [`INPUTS`]. Supervision, slates and encoding are none of its business:
//! it gives pictures to the session's sink until it cannot, and says why.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

#[cfg(target_os = "linux")]
use crate::camera::Which;
use crate::error::InputError;
use tokio::sync::watch;

use crate::params::Param;
use crate::session::Session;
use crate::spec::{SpecError, Written};

pub mod csi;
pub mod exec;
pub mod file;
pub mod http;
pub mod push;
pub mod rtmp;
pub mod rtsp;
pub mod stdin;
pub mod tcp;
pub mod test;
pub mod udp;
#[cfg(target_os = "linux")]
pub mod v4l2;

/// Every input.
pub static INPUTS: &[Input] = &[
    test::INPUT,
    #[cfg(target_os = "linux")]
    v4l2::INPUT,
    csi::INPUT,
    stdin::INPUT,
    exec::INPUT,
    tcp::INPUT,
    udp::INPUT,
    http::INPUT,
    rtsp::INPUT,
    rtmp::INPUT,
    file::INPUT,
    push::INPUT,
];

/// A kind of source.
#[derive(Debug)]
pub struct Input {
    /// What a source of this kind begins with, before the colon; the first is the usual one.
    pub schemes: &'static [&'static str],
    /// A source of this kind that could be copied from the help.
    pub example: &'static str,
    /// What it is, in a few sentences, for `--help` and the documentation.
    pub help: &'static str,
    /// The parameters it takes.
    pub params: &'static [Param],
    /// Whether its parameters `size` and `fps` mean "make pictures like this", so that a
    /// stream's size and rate are asked of the source itself.
    pub wish: bool,
    /// What a source of this kind reaches on this machine.
    pub risk: Risk,
    pub(crate) parse: fn(&Written<'_>) -> Result<Arc<dyn Run>, SpecError>,
}

impl Input {
    /// Whether it has a parameter of this name.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.params.iter().any(|param| param.name == name)
    }
}

/// What a source reaches on this machine, beyond the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Nothing.
    None,
    /// It runs a command.
    Command,
    /// It reads files.
    File,
    /// It reads this program's own standard input.
    StandardInput,
}

/// What becomes of a run: it gives pictures until it ends, and says why it did.
pub(crate) type Running<'a> =
    Pin<Box<dyn Future<Output = Result<Infallible, InputError>> + Send + 'a>>;

/// A source that can be opened, again and again.
pub(crate) trait Run: Send + Sync + 'static {
    /// Opens the source and gives its pictures to the session's sink. Dropping the
    /// future closes the source; what must be closed politely is left in the session.
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a>;

    /// Whether it is open only while somebody looks, given what the operator asked for.
    fn on_demand(&self, asked: Option<bool>) -> bool {
        asked.unwrap_or(false)
    }

    /// Whether it waits for others to publish.
    fn takes_publishers(&self) -> bool {
        false
    }

    /// The camera of this machine that it is, whose controls can be set while it runs.
    #[cfg(target_os = "linux")]
    fn camera(&self) -> Option<Which> {
        None
    }

    /// Counts the moments at which opening it again may help, if there is a way to know.
    fn may_be_back(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// The address that stands in it, if one does: what a name means is only known when
    /// it connects.
    fn address(&self) -> Option<IpAddr> {
        None
    }

    /// Whether it is left alone when it is silent, because opening it anew would
    /// lose something.
    fn patient(&self) -> bool {
        false
    }
}

/// The parameters of inputs that may carry raw pictures.
pub(crate) const RAW_PARAMS: &[Param] = &[
    Param {
        name: "format",
        value: "bgr24",
        help: "The bytes are raw pictures of this format: bgr24, rgb24, gray8, yuyv422, nv12 or \
               yuv420p. Without it: JPEGs one after the other, or multipart MJPEG.",
    },
    Param {
        name: "size",
        value: "640x480",
        help: "Width and height of the raw pictures.",
    },
    Param {
        name: "fps",
        value: "30",
        help: "Frames a second. Pictures are shown as they come; only a regular file on \
               standard input is played at this rate.",
    },
];
