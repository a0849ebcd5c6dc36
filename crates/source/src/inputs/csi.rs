//! `csi:`: a camera on a ribbon cable, read by the tool of whoever made the board.

use std::sync::Arc;

use eyeline_media::Resolution;
use eyeline_sys_process::Spec;

use super::{Input, Risk, Run, Running};
use crate::byte_stream::Content;
use crate::csi::{self, Control, KNOWN, Rotation, Tool, Wish};
use crate::error::InputError;
use crate::params::{Param, Params};
use crate::program;
use crate::session::Session;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["csi"],
    example: "csi:0?size=1280x720&fps=30",
    help: "A camera on a ribbon cable, by its number: of a Raspberry Pi by rpicam-vid (or \
           libcamera-vid), of a Jetson by gst-launch-1.0 with nvarguscamerasrc. Whichever is \
           installed is found by itself; it is stopped politely (SIGINT, SIGTERM, SIGKILL), so \
           that the driver is free for the next, even after a crash. Not every board has every \
           control.",
    params: PARAMS,
    wish: true,
    risk: Risk::None,
    parse,
};

const OWN_PARAMS: [Param; 8] = [
    Param {
        name: "size",
        value: "1280x720",
        help: "Width and height, 1280x720 if not given.",
    },
    Param {
        name: "fps",
        value: "30",
        help: "Frames a second, 30 if not given; 0.1 to 240.",
    },
    Param {
        name: "format",
        value: "mjpeg",
        help: "What the tool is to give: mjpeg.",
    },
    Param {
        name: "quality",
        value: "80",
        help: "JPEG quality, 80 if not given; 1 to 100.",
    },
    Param {
        name: "rotation",
        value: "180",
        help: "Turns pictures clockwise: 180, on a Jetson also 90 and 270.",
    },
    Param {
        name: "hflip",
        value: "",
        help: "Mirrors left to right.",
    },
    Param {
        name: "vflip",
        value: "",
        help: "Mirrors top to bottom.",
    },
    Param {
        name: "tool",
        value: "rpicam",
        help: "Takes only this tool: rpicam, libcamera or jetson.",
    },
];

const PARAMS: &[Param] = &csi::with_controls(OWN_PARAMS);

const DEFAULT_SIZE: (u32, u32) = (1280, 720);
const DEFAULT_FPS: f64 = 30.0;
const DEFAULT_QUALITY: u8 = 80;

struct Csi {
    tool: Option<Tool>,
    wish: Wish,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (camera, params) = split(written.rest)?;
    let tool = params.get::<Tool>("tool")?;
    let wish = read(camera, &params)?;
    csi::check(tool, &wish)?;
    Ok(Arc::new(Csi { tool, wish }))
}

/// The wish that stands behind `csi:`.
#[cfg(test)]
pub(crate) fn wish(rest: &str) -> Result<Wish, SpecError> {
    let (camera, params) = split(rest)?;
    read(camera, &params)
}

fn split(rest: &str) -> Result<(&str, Params<'_>), SpecError> {
    let (camera, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok((camera, Params::read(query, PARAMS)?))
}

fn read(camera: &str, params: &Params<'_>) -> Result<Wish, SpecError> {
    check_format(params)?;
    let (width, height) = DEFAULT_SIZE;
    let size = match params.get("size")? {
        Some(size) => size,
        None => Resolution::new(width, height)
            .map_err(|error| SpecError::Malformed(error.to_string()))?,
    };
    let quality = params.get::<u8>("quality")?;
    if let Some(quality) = quality.filter(|quality| !(1..=100).contains(quality)) {
        return Err(SpecError::BadValue {
            param: format!("quality={quality}"),
            why: "use a number from 1 to 100".to_owned(),
        });
    }
    Ok(Wish {
        camera: number(camera)?,
        size,
        fps: params.number("fps", 0.1..=240.0)?.unwrap_or(DEFAULT_FPS),
        quality: quality.unwrap_or(DEFAULT_QUALITY),
        rotation: params.get::<Rotation>("rotation")?.unwrap_or_default(),
        hflip: params.switch("hflip")?,
        vflip: params.switch("vflip")?,
        controls: Control::read(params)?,
    })
}

/// The number of the camera; nothing is the first.
fn number(text: &str) -> Result<u8, SpecError> {
    match text {
        "" => Ok(0),
        text => text.parse().map_err(|_| {
            SpecError::Malformed(
                "csi: takes the number of the camera: csi:0 is the first, csi:1 the second"
                    .to_owned(),
            )
        }),
    }
}

fn check_format(params: &Params<'_>) -> Result<(), SpecError> {
    let why = match params.get::<String>("format")?.as_deref() {
        None | Some("mjpeg") => return Ok(()),
        Some("h264") => "h264 is not shown yet; use mjpeg",
        Some(_) => "use mjpeg",
    };
    Err(SpecError::Malformed(format!("format: {why}")))
}

impl Run for Csi {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let found = csi::find(self.tool).await?;
            let arguments = found
                .tool
                .arguments(&self.wish)
                .map_err(InputError::Camera)?;
            let name = found.tool.program();
            let shown = format!("{name} {}", arguments.join(" "));
            let command = Spec::new(&found.program).args(arguments);
            // NVIDIA's library prints to standard output, too: what is no picture is passed over.
            let content = Content::typed(Some("image/jpeg"))?;
            let ended = program::run(&command, &shown, content, KNOWN, session).await?;
            Err(session.sink.ended(InputError::Tool {
                name,
                status: ended.status,
                last_words: ended.last_words,
            }))
        })
    }
}
