//! The command line of `rpicam-vid`, which is also that of `libcamera-vid`.

use super::wish::{Coding, Rotation, Wish};

/// What to tell it: pictures on standard output until it is interrupted, and no window.
pub(super) fn arguments(wish: &Wish) -> Result<Vec<String>, String> {
    let codec = match wish.coding {
        Coding::Mjpeg { .. } => "mjpeg",
        Coding::H264 { .. } => "h264",
    };
    let fixed = ["--timeout", "0", "--nopreview", "--codec", codec, "--flush"];
    let mut arguments: Vec<String> = fixed.map(str::to_owned).into();
    let mut say = |name: &str, value: &dyn std::fmt::Display| {
        arguments.extend([format!("--{name}"), value.to_string()]);
    };
    say("camera", &wish.camera);
    say("width", &wish.size.width());
    say("height", &wish.size.height());
    say("framerate", &wish.fps);
    match wish.coding {
        Coding::Mjpeg { quality } => say("quality", &quality),
        Coding::H264 {
            bitrate,
            key_interval,
        } => {
            say("bitrate", &bitrate);
            say("intra", &key_interval);
            say("profile", &"baseline");
        }
    }
    match wish.rotation {
        Rotation::None => {}
        Rotation::Half => say("rotation", &180),
        Rotation::Quarter | Rotation::ThreeQuarters => {
            return Err("a Raspberry Pi's camera can be turned by 180 degrees only".to_owned());
        }
    }
    for (control, value) in &wish.controls {
        let value = match (control.name, value.as_str()) {
            ("ae-lock" | "awb-lock", _) => {
                return Err(format!("a Raspberry Pi's camera has no {}", control.name));
            }
            ("denoise", "fast") => "cdn_fast",
            ("denoise", "hq") => "cdn_hq",
            (_, value) => value,
        };
        // One word, so that a value with a minus is no option.
        arguments.push(format!("--{}={value}", control.name));
    }
    if let Coding::H264 { .. } = wish.coding {
        // Parameter sets before every key frame.
        arguments.push("--inline".to_owned());
    }
    for (wished, name) in [(wish.hflip, "--hflip"), (wish.vflip, "--vflip")] {
        if wished {
            arguments.push(name.to_owned());
        }
    }
    arguments.extend(["--output", "-"].map(str::to_owned));
    Ok(arguments)
}
