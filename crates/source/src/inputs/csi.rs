//! `csi:`: a camera on a ribbon cable, read by the tool of whoever made the board.

use std::ops::RangeInclusive;
use std::sync::Arc;

use eyeline_media::Resolution;
use eyeline_sys_process::Spec;

use super::{Input, Risk, Run, Running};
use crate::byte_stream::Content;
use crate::csi::{self, Coding, Control, KNOWN, Rotation, Tool, Wish};
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

const OWN_PARAMS: [Param; 10] = [
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
        help: "What the tool is to give: mjpeg, which is what is taken if it is not given, or h264.",
    },
    Param {
        name: "quality",
        value: "80",
        help: "JPEG quality, 80 if not given; 1 to 100.",
    },
    Param {
        name: "bitrate",
        value: "4000000",
        help: "Of H.264, bits a second; 100000 to 100000000. If not given, what suits size and rate.",
    },
    Param {
        name: "key-interval",
        value: "60",
        help: "Of H.264, pictures from one key frame to the next, two seconds of them if not given; 1 to 10000.",
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
/// What an encoder in the hardware needs for a picture without visible blocks: 4 Mbit/s at
/// 1280x720 and 30 frames a second.
const BITS_PER_PIXEL: f64 = 0.145;
/// From one key frame to the next, if nothing else is wished.
const KEY_EVERY_S: f64 = 2.0;

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
    let (width, height) = DEFAULT_SIZE;
    let size = match params.get("size")? {
        Some(size) => size,
        None => Resolution::new(width, height)
            .map_err(|error| SpecError::Malformed(error.to_string()))?,
    };
    let fps = params.number("fps", 0.1..=240.0)?.unwrap_or(DEFAULT_FPS);
    Ok(Wish {
        camera: number(camera)?,
        size,
        fps,
        coding: coding(params, size, fps)?,
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

fn coding(params: &Params<'_>, size: Resolution, fps: f64) -> Result<Coding, SpecError> {
    let quality = within(params, "quality", 1..=100)?;
    let bitrate = within(params, "bitrate", 100_000..=100_000_000)?;
    let key_interval = within(params, "key-interval", 1..=10_000)?;
    let only = |name: &str, format: &str| {
        Err(SpecError::Malformed(format!(
            "{name} is only for format={format}"
        )))
    };
    match params.get::<String>("format")?.as_deref() {
        None | Some("mjpeg") => match (bitrate, key_interval) {
            (Some(_), _) => only("bitrate", "h264"),
            (_, Some(_)) => only("key-interval", "h264"),
            (None, None) => Ok(Coding::Mjpeg {
                quality: quality.map_or(DEFAULT_QUALITY, |quality| quality as u8),
            }),
        },
        Some("h264") if quality.is_some() => only("quality", "mjpeg"),
        Some("h264") => {
            let suits = size.pixels() as f64 * fps * BITS_PER_PIXEL;
            Ok(Coding::H264 {
                bitrate: bitrate.unwrap_or((suits as u32).clamp(100_000, 100_000_000)),
                key_interval: key_interval.unwrap_or(((fps * KEY_EVERY_S) as u32).max(1)),
            })
        }
        Some(_) => Err(SpecError::Malformed("format: use mjpeg or h264".to_owned())),
    }
}

fn within(
    params: &Params<'_>,
    name: &str,
    range: RangeInclusive<u32>,
) -> Result<Option<u32>, SpecError> {
    let number = params.get::<u32>(name)?;
    if let Some(number) = number.filter(|number| !range.contains(number)) {
        let (low, high) = range.into_inner();
        return Err(SpecError::BadValue {
            param: format!("{name}={number}"),
            why: format!("use a number from {low} to {high}"),
        });
    }
    Ok(number)
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
            let content = match self.wish.coding {
                Coding::Mjpeg { .. } => Content::typed(Some("image/jpeg"))?,
                Coding::H264 { .. } => Content::H264,
            };
            let ended = program::run(&command, &shown, content, KNOWN, session).await?;
            Err(session.sink.ended(InputError::Tool {
                name,
                status: ended.status,
                last_words: ended.last_words,
            }))
        })
    }
}
