//! `v4l2:`: a camera of this machine, read on a thread of its own.

use std::io::{PipeWriter, pipe};
use std::sync::Arc;

use eyeline_media::Resolution;
use tokio::sync::{oneshot, watch};

use super::{Input, Risk, Run, Running};
use crate::camera::{Format, Reader, Which, Wish, changes};
use crate::error::InputError;
use crate::params::{Param, Params};
use crate::session::Session;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["v4l2"],
    example: "v4l2:/dev/video0?size=1280x720&fps=30",
    help: "A camera of this machine (Video4Linux): a webcam, a capture card. By its device, by its \
           number (`v4l2:0`), or the first there is (`v4l2:`). JPEGs that it makes itself are shown \
           untouched; other formats are encoded once. It gives the size and the rate nearest to \
           those that are asked for.",
    params: PARAMS,
    wish: true,
    risk: Risk::None,
    parse,
};

const PARAMS: &[Param] = &[
    Param {
        name: "size",
        value: "1280x720",
        help: "Width and height; if not given, the largest up to 1280x720.",
    },
    Param {
        name: "fps",
        value: "30",
        help: "Frames a second, 30 if not given; 0.1 to 240.",
    },
    Param {
        name: "format",
        value: "mjpeg",
        help: "What the camera is to give: mjpeg, h264, yuyv422, nv12, yuv420p, bgr24, rgb24 or \
               gray8. Without it: mjpeg if it can, else the cheapest.",
    },
];

struct Camera {
    which: Which,
    wish: Wish,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (device, query) = written.rest.split_once('?').unwrap_or((written.rest, ""));
    let which = device.parse().map_err(SpecError::Malformed)?;
    let params = Params::read(query, PARAMS)?;
    let wish = Wish {
        size: params.get::<Resolution>("size")?,
        fps: params.number("fps", 0.1..=240.0)?,
        format: params.get::<Format>("format")?,
    };
    Ok(Arc::new(Camera { which, wish }))
}

impl Run for Camera {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let (done, ended) = oneshot::channel();
            let (wake, stop) = pipe()?;
            let reader = Reader {
                which: self.which.clone(),
                wish: self.wish,
                sink: session.sink.clone(),
                wake,
                controls: std::mem::take(&mut session.controls),
            };
            let thread = std::thread::Builder::new().name("camera".to_owned());
            let thread = thread.spawn(move || done.send(reader.read()))?;
            session.thread = Some(Box::new(move || drop(thread.join())));
            let _stops: PipeWriter = stop;
            Err(ended
                .await
                .unwrap_or(InputError::Broken("the reader of the camera has died")))
        })
    }

    fn camera(&self) -> Option<Which> {
        Some(self.which.clone())
    }

    fn may_be_back(&self) -> Option<watch::Receiver<u64>> {
        Some(changes())
    }
}
