//! `codec`: CPU time of encoding, decoding and scaling one picture, and of making it
//! into messages.
//!
//! Not here: how the work is spread over threads.

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use eyeline_media::{PixelFormat, Resolution, SampleRange, Timestamp};
use eyeline_proto::h264::{AccessUnit, Demux, Limits};
use eyeline_proto::websocket::picture::{self, Meta};
use eyeline_sys_codec::{
    Bridge, Decoder, Encoder, H264Decoder, H264Encoder, H264Settings, Planes, Transcoder,
};
use rustix::time::{ClockId, clock_gettime};

use crate::Shape;
use crate::picture::Camera;
use crate::report::{Spread, say, table};

/// JPEG quality where none is told.
const QUALITY: u8 = 85;

/// Bits a second of H.264.
const H264_BPS: u32 = 4_000_000;

/// Bits a second of the H.264 that is encoded here.
const ENCODED_BPS: u32 = 3_000_000;

/// What is told of a picture in its messages.
const META: Meta<'_> = Meta {
    stream_id: "bench",
    timestamp: Timestamp::from_micros(1_700_000_000_000_000),
    frame_number: 1_000,
    quality: "auto",
    slate: false,
};

/// A picture made into a message.
type Make = fn(Meta<'_>, &[u8]) -> Bytes;
const MESSAGES: [(&str, Make); 2] = [("binary", picture::binary), ("JSON", picture::json)];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often each is done
    #[arg(long, default_value_t = 200)]
    runs: usize,
    #[command(flatten)]
    shape: Shape,
}

/// Measures and prints a table.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let size = options.shape.size;
    let mut camera = Camera::new(size, options.shape.bytes)?;
    let jpeg = camera.take(Timestamp::from_micros(1_700_000_000_000_000))?;
    let yuv = camera.samples().to_vec();
    let bgr: Vec<u8> = yuv[..size.pixels()]
        .iter()
        .flat_map(|luma| [*luma; 3])
        .collect();
    let mut encoder = Encoder::new()?;
    let mut decoder = Decoder::new();
    let mut transcoder = Transcoder::new()?;
    let mut planes = Planes::new(size, eyeline_sys_codec::Subsampling::Yuv420);
    let mut rows = Vec::new();
    let mut measure = |name: String, work: &mut dyn FnMut() -> anyhow::Result<()>| {
        let spread = cpu_of(options.runs, work)?;
        rows.push(vec![
            name,
            format!("{:.3}", spread.p50),
            format!("{:.3}", spread.p99),
        ]);
        anyhow::Ok(())
    };

    for (format, samples) in [(PixelFormat::Yuv420p, &yuv), (PixelFormat::Bgr24, &bgr)] {
        measure(format!("encode {format}, quality {QUALITY}"), &mut || {
            encoder.encode_raw(format, size, samples, QUALITY)?;
            Ok(())
        })?;
    }
    measure("decode".to_owned(), &mut || {
        Ok(decoder.decode(&jpeg, &mut planes)?)
    })?;
    for part in [2, 4, 8] {
        let target = Resolution::new(size.width() / part, size.height() / part)?;
        measure(format!("decode to {target} (1/{part})"), &mut || {
            decoder.decode_scaled(&jpeg, target, &mut planes)?;
            Ok(())
        })?;
    }
    for (height, quality) in [(320, 50), (480, 70)] {
        let target = size.at_height(height);
        measure(
            format!("transcode to {target}, quality {quality}"),
            &mut || {
                transcoder.transcode(&jpeg, target, quality)?;
                Ok(())
            },
        )?;
    }
    let units = h264(size)?;
    measure_h264(size, &units, &mut measure)?;
    measure_encoding(&jpeg, &units, &mut measure)?;
    for (format, make) in MESSAGES {
        measure(format!("WebSocket message, {format}"), &mut || {
            black_box(make(META, black_box(&jpeg)));
            Ok(())
        })?;
    }
    say(&format!(
        "{size}, {} kB, CPU time of one thread, {} times:\n",
        jpeg.len() / 1000,
        options.runs
    ))?;
    table(&["work", "median ms", "p99 ms"], &rows)
}

/// Takes the name of some work, and measures it.
type Measure<'a> =
    dyn FnMut(String, &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> + 'a;

fn measure_h264(
    size: Resolution,
    units: &[AccessUnit],
    measure: &mut Measure<'_>,
) -> anyhow::Result<()> {
    let (mut bridge, mut next) = (Bridge::new()?, units.iter().cycle());
    let name = format!("decode H.264, {} Mbit/s", H264_BPS / 1_000_000);
    measure(name, &mut || {
        let unit = next.next().context("an access unit")?;
        bridge.decode(&unit.data)?;
        Ok(())
    })?;
    measure(format!("H.264 to JPEG, quality {QUALITY}"), &mut || {
        let unit = next.next().context("an access unit")?;
        let decoded = bridge.decode(&unit.data)?;
        black_box(bridge.encode(decoded.unwrap_or(size), QUALITY)?);
        Ok(())
    })
}

/// Encoding H.264 of the pictures in these access units, and of one JPEG again and again.
fn measure_encoding(
    jpeg: &[u8],
    units: &[AccessUnit],
    measure: &mut Measure<'_>,
) -> anyhow::Result<()> {
    let mut decoder = H264Decoder::new()?;
    decoder.set_range(SampleRange::Limited);
    let mut pictures = Vec::new();
    for unit in units.iter().take(20) {
        let mut picture = Planes::default();
        if decoder.decode(&unit.data, &mut picture)? {
            pictures.push(picture);
        }
    }
    let size = pictures.first().context("a picture")?.size();
    for hasty in [false, true] {
        let settings = H264Settings {
            bitrate_bps: ENCODED_BPS,
            fps: 30.0,
            hasty,
        };
        let mut encoder = H264Encoder::new(size, settings)?;
        // There and back, as a jump is no picture of a camera.
        let order = (0..pictures.len()).chain((0..pictures.len()).rev());
        let (mut order, mut at_ms) = (order.cycle(), 0);
        let how = if hasty { ", in haste" } else { "" };
        let name = format!("encode H.264, {} Mbit/s{how}", ENCODED_BPS / 1_000_000);
        measure(name, &mut || {
            let picture = &pictures[order.next().unwrap_or_default()];
            at_ms += 33;
            black_box(encoder.encode(picture, at_ms, false)?);
            Ok(())
        })?;
    }
    let (mut decoder, mut planes) = (Decoder::new(), Planes::default());
    measure("JPEG to pictures for H.264".to_owned(), &mut || {
        decoder.decode_yuv420(jpeg, size, &mut planes)?;
        planes.squeeze();
        Ok(())
    })
}

/// Two seconds of a moving picture as a camera codes it, by `ffmpeg`.
fn h264(size: Resolution) -> anyhow::Result<Vec<AccessUnit>> {
    let line = format!(
        "-nostdin -loglevel error -f lavfi -i testsrc2=size={size}:rate=30:duration=2 -pix_fmt yuv420p \
         -c:v libx264 -preset veryfast -bf 0 -g 60 -b:v {H264_BPS} -f h264 -"
    );
    let made = Command::new("ffmpeg").args(line.split(' ')).output();
    let made = made.context("cannot run ffmpeg, which makes the H.264")?;
    let mut demux = Demux::new(Limits::default());
    demux.push(&made.stdout);
    let mut units = Vec::new();
    while let Some(unit) = demux.access_unit()? {
        units.push(unit);
    }
    let said = String::from_utf8_lossy(&made.stderr);
    anyhow::ensure!(!units.is_empty(), "ffmpeg made no H.264: {said}");
    Ok(units)
}

/// CPU time of making one text message of a picture, as each is made for all viewers.
pub(crate) fn json_message(shape: &Shape) -> anyhow::Result<Spread> {
    let jpeg = vec![0x5A; shape.bytes];
    cpu_of(200, &mut || {
        black_box(picture::json(META, black_box(&jpeg)));
        Ok(())
    })
}

fn cpu_of(runs: usize, work: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<Spread> {
    work()?; // Buffers are allocated once.
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let before = thread_cpu();
        work()?;
        times.push(thread_cpu().saturating_sub(before));
    }
    Ok(Spread::of(times))
}

/// CPU time of this thread so far.
pub(crate) fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // CPU time is never negative.
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}
