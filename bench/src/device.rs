//! `capture` of a true camera: the CPU time of the thread for each frame, the calls to the
//! driver included. Its memory may be uncached, so that the same work costs more there.
//!
//! Not here: choosing among what it can do (every known format and size is tried).

use std::io::pipe;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use eyeline_hub::JpegQuality;
use eyeline_media::{PixelFormat, Resolution, SampleRange, Timestamp};
use eyeline_source::camera::{Converter, Format};
use eyeline_sys_v4l2::{Capture, Device, FourCc, Frame, Ready};
use stats_alloc::Region;

use crate::capture::Held;
use crate::codec::thread_cpu;
use crate::report::{Spread, say, table};

const USUAL: &str = "/dev/video0";
const FORMATS: [(FourCc, Format); 5] = [
    (FourCc(*b"MJPG"), Format::Jpeg),
    (FourCc(*b"YUYV"), Format::Raw(PixelFormat::Yuyv422)),
    (FourCc(*b"NV12"), Format::Raw(PixelFormat::Nv12)),
    (FourCc(*b"NM12"), Format::Raw(PixelFormat::Nv12)),
    (FourCc(*b"YU12"), Format::Raw(PixelFormat::Yuv420p)),
];
const BUFFERS: u32 = 4;
/// Frames before the first that counts.
const WARM_UP: usize = 20;
/// A camera is slower than a loop: so many times fewer frames.
const FEWER: usize = 5;
const PATIENCE: Duration = Duration::from_secs(5);
const HEADS: &[&str] = &[
    "size",
    "frames",
    "kB in",
    "kB out",
    "CPU µs median",
    "p99",
    "allocations",
];

/// Measures a camera in each format and size that it can, and prints a table. Without a device
/// that is asked for, and without the usual one, nothing.
pub(crate) fn run(
    device: Option<&Path>,
    sizes: &[Resolution],
    runs: usize,
    quality: JpegQuality,
) -> anyhow::Result<()> {
    let usual = Path::new(USUAL);
    let path = match device {
        Some(path) => path,
        None if usual.exists() => usual,
        None => return say("\nno /dev/video0 here, so no camera is measured"),
    };
    let opened = Device::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let name = opened.info().card.clone();
    let known = opened.formats()?;
    drop(opened);
    let mut rows = Vec::new();
    for &size in sizes {
        for (fourcc, format) in FORMATS {
            if known.iter().any(|known| known.fourcc == fourcc) {
                rows.extend(measure(
                    path,
                    size,
                    (fourcc, format),
                    runs / FEWER,
                    quality,
                )?);
            }
        }
    }
    say(&format!(
        "\n{} ({name}), {} frames of each:\n",
        path.display(),
        runs / FEWER
    ))?;
    table(HEADS, &rows)
}

/// `None` when the camera has not this size.
fn measure(
    path: &Path,
    size: Resolution,
    (fourcc, format): (FourCc, Format),
    runs: usize,
    quality: JpegQuality,
) -> anyhow::Result<Option<Vec<String>>> {
    let device = Device::open(path)?;
    let set = device.set_format(fourcc, size.width(), size.height())?;
    if (set.fourcc, set.width, set.height) != (fourcc, size.width(), size.height()) {
        return Ok(None);
    }
    let strides = set.planes.iter().map(|plane| plane.bytes_per_line as usize);
    let mut converter = Converter::new(format, size, strides.collect(), SampleRange::Limited)?;
    let mut capture = Capture::start(device, BUFFERS)?;
    let (mut held, mut times) = (Held::default(), Vec::with_capacity(runs));
    let (never, _open) = pipe()?;
    let (mut len_in, mut len_out) = (0, 0);
    let mut region = Region::new(crate::ALLOCATOR);
    for run in 0..WARM_UP + runs {
        if run == WARM_UP {
            region.reset();
        }
        let ready = capture.wait(never.as_fd(), PATIENCE)?;
        anyhow::ensure!(ready == Ready::Picture, "the camera gives nothing");
        let before = thread_cpu();
        let Some(frame) = capture.frame()? else {
            continue;
        };
        let buffers: [&[u8]; 3] = std::array::from_fn(|index| Frame::plane(&frame, index));
        len_in = buffers.iter().map(|buffer| buffer.len()).sum::<usize>();
        let buffers = &buffers[..frame.planes().min(buffers.len())];
        let packet = converter.convert(buffers, Timestamp::default(), quality)?;
        drop(frame);
        if run >= WARM_UP {
            times.push(thread_cpu().saturating_sub(before));
        }
        len_out = packet.data.len();
        held.hold(packet);
    }
    let change = region.change();
    let allocations = change.allocations + change.reallocations;
    let spread = Spread::of(times);
    Ok(Some(vec![
        size.to_string(),
        fourcc.to_string(),
        (len_in / 1000).to_string(),
        (len_out / 1000).to_string(),
        format!("{:.1}", spread.p50 * 1e3),
        format!("{:.1}", spread.p99 * 1e3),
        format!("{:.3}", allocations as f64 / runs as f64),
    ]))
}
