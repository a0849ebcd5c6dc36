//! What encodes H.264: openh264, or a program that was configured in its place.
//!
//! Not here: what is encoded when (`h264`).

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use eyeline_media::Resolution;
use eyeline_sys_codec::{Coded, H264Encoder, H264Settings, Planes};

use crate::command::{Command, CommandEncoder};

/// Why an encoder cannot go on, in a sentence for people.
pub(crate) type Failed = String;

/// Whether a picture was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It will come out, after those before it.
    Yes,
    /// It will come out as a key picture; those before it that have not come out never will.
    Anew,
    /// No: too many are on their way.
    Busy,
}

/// Encodes pictures of one size, in 4:2:0 and the limited range.
pub(crate) trait Encode: Send {
    /// What it is, in one stable word.
    fn name(&self) -> &'static str;

    /// Takes a picture; as a key picture if that is asked for. Never waits for it to be encoded
    /// elsewhere.
    fn encode(&mut self, picture: &Planes, at_ms: u64, key: bool) -> Result<Taken, Failed>;

    /// Encodes from now on so, as far as that can be changed.
    fn set(&mut self, settings: H264Settings);

    /// What was encoded, in order.
    fn poll_coded(&mut self, cx: &mut Context<'_>) -> Poll<Result<Coded, Failed>>;
}

/// Makes encoders.
pub(crate) trait MakeEncoder: Send + Sync {
    /// An encoder for pictures of this size. `plain`: the one that can be relied on.
    fn make(
        &self,
        size: Resolution,
        settings: H264Settings,
        plain: bool,
    ) -> Result<Box<dyn Encode>, Failed>;
}

/// The encoders of this machine.
pub(crate) struct Encoders {
    /// The configured one.
    pub(crate) command: Option<Arc<Command>>,
}

impl MakeEncoder for Encoders {
    fn make(
        &self,
        size: Resolution,
        settings: H264Settings,
        plain: bool,
    ) -> Result<Box<dyn Encode>, Failed> {
        match &self.command {
            Some(command) if !plain => {
                let encoder = CommandEncoder::start(Arc::clone(command), size, settings)?;
                Ok(Box::new(encoder))
            }
            _ => Ok(Box::new(Software {
                encoder: H264Encoder::new(size, settings).map_err(|error| error.to_string())?,
                coded: VecDeque::with_capacity(1),
            })),
        }
    }
}

struct Software {
    encoder: H264Encoder,
    coded: VecDeque<Coded>,
}

impl Encode for Software {
    fn name(&self) -> &'static str {
        "openh264"
    }

    fn encode(&mut self, picture: &Planes, at_ms: u64, key: bool) -> Result<Taken, Failed> {
        let coded = self.encoder.encode(picture, at_ms, key);
        self.coded
            .push_back(coded.map_err(|error| error.to_string())?);
        Ok(Taken::Yes)
    }

    fn set(&mut self, settings: H264Settings) {
        if let Err(error) = self.encoder.set(settings) {
            tracing::debug!("an encoder goes on as it was: {error}");
        }
    }

    fn poll_coded(&mut self, _: &mut Context<'_>) -> Poll<Result<Coded, Failed>> {
        match self.coded.pop_front() {
            Some(coded) => Poll::Ready(Ok(coded)),
            None => Poll::Pending,
        }
    }
}
