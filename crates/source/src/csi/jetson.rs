//! The command line of `gst-launch-1.0` with NVIDIA's elements. Pictures stay in the memory of the
//! hardware until they are coded.

use super::wish::{Coding, Rotation, Wish};

/// What to tell it: to be quiet on standard output, where the pictures go, and to end the stream well when it
/// is interrupted.
pub(super) fn arguments(wish: &Wish) -> Result<Vec<String>, String> {
    let flip = flip_method(wish);
    let turned = matches!(wish.rotation, Rotation::Quarter | Rotation::ThreeQuarters);
    let (width, height) = (wish.size.width(), wish.size.height());
    let captured = if turned {
        (height, width)
    } else {
        (width, height)
    };
    let mut line = vec![
        "-q".to_owned(),
        "-e".to_owned(),
        "nvarguscamerasrc".to_owned(),
    ];
    line.push(format!("sensor-id={}", wish.camera));
    for (control, value) in &wish.controls {
        line.push(property(control.name, value)?);
    }
    let caps = |(width, height)| format!("video/x-raw(memory:NVMM),width={width},height={height}");
    let mut link = |element: &[&str]| {
        line.push("!".to_owned());
        line.extend(element.iter().map(|word| (*word).to_owned()));
    };
    link(&[&format!(
        "{},framerate={}",
        caps(captured),
        fraction(wish.fps)
    )]);
    if flip != 0 {
        link(&["nvvidconv", &format!("flip-method={flip}")]);
        link(&[&caps((width, height))]);
    }
    match wish.coding {
        Coding::Mjpeg { quality } => link(&["nvjpegenc", &format!("quality={quality}")]),
        Coding::H264 {
            bitrate,
            key_interval,
        } => {
            let rate = format!("bitrate={bitrate}");
            let keys = [
                format!("iframeinterval={key_interval}"),
                format!("idrinterval={key_interval}"),
            ];
            link(&[
                "nvv4l2h264enc",
                &rate,
                &keys[0],
                &keys[1],
                "insert-sps-pps=true",
                "maxperf-enable=true",
            ]);
            // It puts parameter sets in front of every key frame, and delimiters nowhere.
            link(&["h264parse", "config-interval=-1"]);
            link(&["video/x-h264,stream-format=byte-stream"]);
        }
    }
    link(&["fdsink", "fd=1", "sync=false"]);
    Ok(line)
}

/// The property that a control is.
fn property(name: &str, value: &str) -> Result<String, String> {
    let within = |low: f64, high: f64| match value.parse() {
        Ok(number) if (low..=high).contains(&number) => Ok(value),
        _ => Err(format!(
            "{name}={value}: a Jetson's camera takes {low} to {high}"
        )),
    };
    let choice = |choices: &[(&str, u8)]| {
        let chosen = choices.iter().find(|(word, _)| *word == value);
        chosen.map(|(_, number)| *number).ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            format!(
                "{name}={value}: a Jetson's camera takes {}",
                words.join(", ")
            )
        })
    };
    Ok(match name {
        "saturation" => format!("saturation={}", within(0.0, 2.0)?),
        "ev" => format!("exposurecompensation={}", within(-2.0, 2.0)?),
        // A range for its own control of the gain; one without room is a fixed gain.
        "gain" => format!("gainrange={value} {value}"),
        "shutter" => {
            let micros: f64 = value.parse().unwrap_or_default();
            let nanos = micros * 1000.0;
            format!("exposuretimerange={nanos:.0} {nanos:.0}")
        }
        "awb" => {
            let modes = [
                ("auto", 1),
                ("incandescent", 2),
                ("fluorescent", 3),
                ("daylight", 5),
                ("cloudy", 6),
            ];
            format!("wbmode={}", choice(&modes)?)
        }
        "denoise" => format!(
            "tnr-mode={}",
            choice(&[("off", 0), ("fast", 1), ("hq", 2)])?
        ),
        "ae-lock" => "aelock=true".to_owned(),
        "awb-lock" => "awblock=true".to_owned(),
        _ => return Err(format!("a Jetson's camera has no {name}")),
    })
}

/// The number that `nvvidconv` gives to turning first and mirroring then: 1 and 3 turn left and right,
/// 2 turns around, 4 and 6 mirror, 5 and 7 mirror along a diagonal.
fn flip_method(wish: &Wish) -> u8 {
    match (wish.rotation, wish.hflip, wish.vflip) {
        (Rotation::None, false, false) | (Rotation::Half, true, true) => 0,
        (Rotation::None, true, true) | (Rotation::Half, false, false) => 2,
        (Rotation::None, true, false) | (Rotation::Half, false, true) => 4,
        (Rotation::None, false, true) | (Rotation::Half, true, false) => 6,
        (Rotation::Quarter, false, false) | (Rotation::ThreeQuarters, true, true) => 3,
        (Rotation::ThreeQuarters, false, false) | (Rotation::Quarter, true, true) => 1,
        (Rotation::Quarter, true, false) | (Rotation::ThreeQuarters, false, true) => 7,
        (Rotation::Quarter, false, true) | (Rotation::ThreeQuarters, true, false) => 5,
    }
}

/// A rate as GStreamer writes it: `30/1`, `29970/1000`.
fn fraction(fps: f64) -> String {
    if fps.fract() == 0.0 {
        format!("{fps}/1")
    } else {
        format!("{:.0}/1000", fps * 1000.0)
    }
}
