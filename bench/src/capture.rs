//! `capture`: what one picture of a camera costs: CPU time, and how often memory is asked for.
//! Beside it the floor: copying the same bytes, or compressing planes that are ready.
//!
//! Not here: reading a true camera (`device`), and what viewers cost.

use std::collections::VecDeque;
use std::hint::black_box;
use std::path::PathBuf;

use clap::Args;
use eyeline_hub::JpegQuality;
use eyeline_media::{Packet, PixelFormat, Resolution, SampleRange, Timestamp};
use eyeline_source::camera::{Converter, Format};
use stats_alloc::Region;

use crate::codec::thread_cpu;
use crate::device;
use crate::picture::{self, Camera};
use crate::report::{Spread, say, table};

/// Buffers that a driver fills in turn.
const BUFFERS: usize = 4;
/// Pictures that are held at a time: what a feed does at 30 a second.
const HELD: usize = 16;
/// Pictures before the first that counts.
const WARM_UP: usize = 50;
/// Pixels to one byte of a JPEG, about, as webcams have it.
const PIXELS_PER_BYTE: usize = 9;

pub(crate) const HEADS: &[&str] = &[
    "size",
    "frames",
    "kB in",
    "kB out",
    "CPU µs median",
    "p99",
    "floor median",
    "to floor",
    "allocations",
];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many pictures of each kind
    #[arg(long, default_value_t = 300)]
    runs: usize,
    /// Sizes
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "640x480,1280x720,1920x1080"
    )]
    sizes: Vec<Resolution>,
    /// JPEG quality of what is encoded
    #[arg(long, default_value = "85")]
    quality: JpegQuality,
    /// A camera to measure, too [default: /dev/video0 if there is one]
    #[arg(long)]
    device: Option<PathBuf>,
}

/// Measures and prints tables.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for &size in &options.sizes {
        for kind in kinds(size)? {
            rows.push(kind.measure(size, options)?);
        }
    }
    say(&format!(
        "{} pictures of each, quality {}, {HELD} held at a time; CPU time of the thread:\n",
        options.runs,
        options.quality.get()
    ))?;
    table(HEADS, &rows)?;
    device::run(
        options.device.as_deref(),
        &options.sizes,
        options.runs,
        options.quality,
    )
}

/// Frames of one kind.
struct Kind {
    name: &'static str,
    format: Format,
    frames: Vec<Vec<u8>>,
    floor: Floor,
}

/// The least that there is to do.
enum Floor {
    /// Copying the bytes.
    Copy,
    /// Compressing these planes.
    Compress(turbojpeg::Subsamp, Vec<Vec<u8>>),
}

fn kinds(size: Resolution) -> anyhow::Result<Vec<Kind>> {
    let mut camera = Camera::new(size, size.pixels() / PIXELS_PER_BYTE)?;
    let (mut jpegs, mut planar) = (Vec::new(), Vec::new());
    for second in 0..BUFFERS as u64 {
        let jpeg = camera.take(Timestamp::from_micros(
            1_700_000_000_000_000 + second * 1_000_000,
        ))?;
        jpegs.push(jpeg.to_vec());
        planar.push(picture::coloured(size, camera.samples()));
    }
    let all = |frames: &[Vec<u8>], change: &dyn Fn(&[u8]) -> Vec<u8>| {
        frames.iter().map(|frame| change(frame)).collect::<Vec<_>>()
    };
    let to_yuyv = |frame: &[u8]| picture::to_yuyv(size, frame);
    let to_nv12 = |frame: &[u8]| picture::to_nv12(size, frame);
    let bare = all(&jpegs, &|jpeg| picture::without_huffman_tables(jpeg));
    let (yuyv, nv12) = (all(&planar, &to_yuyv), all(&planar, &to_nv12));
    let planar_422 = all(&planar, &|frame| picture::to_422(size, frame));
    let of_420 = || Floor::Compress(turbojpeg::Subsamp::Sub2x2, planar.clone());
    let of_422 = Floor::Compress(turbojpeg::Subsamp::Sub2x1, planar_422);
    let raw = Format::Raw;
    let kinds = [
        ("MJPEG", Format::Jpeg, jpegs, Floor::Copy),
        (
            "MJPEG without Huffman tables",
            Format::Jpeg,
            bare,
            Floor::Copy,
        ),
        ("YUYV", raw(PixelFormat::Yuyv422), yuyv, of_422),
        ("NV12", raw(PixelFormat::Nv12), nv12, of_420()),
        ("YU12", raw(PixelFormat::Yuv420p), planar.clone(), of_420()),
    ];
    let kind = |(name, format, frames, floor)| Kind {
        name,
        format,
        frames,
        floor,
    };
    Ok(kinds.map(kind).into())
}

impl Kind {
    fn measure(&self, size: Resolution, options: &Options) -> anyhow::Result<Vec<String>> {
        let mut converter = Converter::new(self.format, size, vec![0], SampleRange::Limited)?;
        let mut held = Held::default();
        let mut out = 0;
        let (taken, allocations) = timed(options.runs, |run| {
            let frame = black_box(&self.frames[run % BUFFERS][..]);
            let packet = converter.convert(&[frame], Timestamp::default(), options.quality)?;
            out = packet.data.len();
            held.hold(packet);
            Ok(())
        })?;
        let floor = match &self.floor {
            Floor::Copy => copying(&self.frames, options.runs)?,
            Floor::Compress(subsamp, planes) => {
                compressing(*subsamp, planes, size, options.runs, options.quality)?
            }
        };
        Ok(vec![
            size.to_string(),
            self.name.to_owned(),
            (self.frames[0].len() / 1000).to_string(),
            (out / 1000).to_string(),
            format!("{:.1}", taken.p50 * 1e3),
            format!("{:.1}", taken.p99 * 1e3),
            format!("{:.1}", floor.p50 * 1e3),
            format!("{:.2}", taken.p50 / floor.p50),
            format!("{allocations:.3}"),
        ])
    }
}

/// The pictures that viewers have not let go of.
#[derive(Default)]
pub(crate) struct Held(VecDeque<Packet>);

impl Held {
    pub(crate) fn hold(&mut self, packet: Packet) {
        if self.0.len() == HELD {
            self.0.pop_front();
        }
        self.0.push_back(packet);
    }
}

/// CPU time of each run, and allocations of all, a run.
fn timed(
    runs: usize,
    mut work: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<(Spread, f64)> {
    let mut times = Vec::with_capacity(runs);
    for run in 0..WARM_UP {
        work(run)?;
        // Asked for the first time, the clock allocates.
        thread_cpu();
    }
    let region = Region::new(crate::ALLOCATOR);
    for run in 0..runs {
        let before = thread_cpu();
        work(run)?;
        times.push(thread_cpu().saturating_sub(before));
    }
    let change = region.change();
    let count = change.allocations + change.reallocations;
    Ok((Spread::of(times), count as f64 / runs as f64))
}

fn copying(frames: &[Vec<u8>], runs: usize) -> anyhow::Result<Spread> {
    let longest = frames.iter().map(Vec::len).max().unwrap_or_default();
    let mut to = vec![vec![0; longest]; HELD];
    let (spread, _) = timed(runs, |run| {
        let frame = black_box(&frames[run % BUFFERS][..]);
        black_box(&mut to[run % HELD])[..frame.len()].copy_from_slice(frame);
        Ok(())
    })?;
    Ok(spread)
}

fn compressing(
    subsamp: turbojpeg::Subsamp,
    planes: &[Vec<u8>],
    size: Resolution,
    runs: usize,
    quality: JpegQuality,
) -> anyhow::Result<Spread> {
    let (width, height) = (size.width() as usize, size.height() as usize);
    let mut to = vec![0; turbojpeg::compressed_buf_len(width, height, subsamp)?];
    let mut compressor = turbojpeg::Compressor::new()?;
    compressor.set_quality(quality.get().into())?;
    let (spread, _) = timed(runs, |run| {
        let image = turbojpeg::YuvImage {
            pixels: black_box(&planes[run % BUFFERS][..]),
            width,
            align: 1,
            height,
            subsamp,
        };
        compressor.compress_yuv_to_slice(image, &mut to)?;
        Ok(())
    })?;
    Ok(spread)
}
