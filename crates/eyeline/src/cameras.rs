//! `eyeline cameras`: which cameras this machine has, what they give, and what can be set.

use std::io::Write as _;

use anyhow::Context as _;
use eyeline_source::{Camera, CameraControl, CameraFormat};

use crate::cli::CamerasArgs;

/// Prints the cameras, for people or as JSON.
pub(crate) fn run(args: &CamerasArgs) -> anyhow::Result<()> {
    let cameras = eyeline_source::cameras();
    let text = if args.json {
        let shown = eyeline_web::cameras_json(&cameras);
        serde_json::to_string_pretty(&shown).context("the list cannot be written as JSON")? + "\n"
    } else if cameras.is_empty() {
        "This machine has no camera that can be opened.\n".to_owned()
    } else {
        cameras.iter().map(told).collect::<Vec<_>>().join("\n")
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .context("the list cannot be written")
}

fn told(camera: &Camera) -> String {
    let Camera {
        device,
        name,
        driver,
        bus,
        ..
    } = camera;
    let mut text = format!("{name}\n  eyeline v4l2:{device}\n  {driver}, {bus}\n\n");
    let (shown, others): (Vec<_>, Vec<_>) = camera.formats.iter().partition(|format| format.shown);
    for format in shown {
        text += &told_format(format);
    }
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|format| format.fourcc.as_str()).collect();
        text += &format!("  Not shown yet: {}\n", names.join(" "));
    }
    text += "\n";
    let mut group = "";
    for control in &camera.controls {
        if control.group != group {
            group = &control.group;
            text += &format!("  {group}\n");
        }
        text += &told_control(control);
    }
    text
}

fn told_format(format: &CameraFormat) -> String {
    let mut text = format!("  {}  {}\n", format.fourcc, format.name);
    for size in &format.sizes {
        let fps: Vec<_> = size.fps.iter().map(|fps| trimmed(*fps)).collect();
        text += &format!("    {:<22} {} fps\n", size.size, fps.join(", "));
    }
    text
}

/// So many choices of a menu are told; the rest is for `--json`.
const CHOICES: usize = 12;

fn told_control(control: &CameraControl) -> String {
    let value = match (control.value, control.kind) {
        (Some(value), _) => value.to_string(),
        (None, "button") => "push".to_owned(),
        (None, _) => "-".to_owned(),
    };
    let range = if control.choices.is_empty() {
        format!("{} to {}", control.minimum, control.maximum)
    } else {
        let choice = |(value, name): &(i64, String)| format!("{value} {name}");
        let mut choices: Vec<_> = control.choices.iter().take(CHOICES).map(choice).collect();
        if control.choices.len() > CHOICES {
            choices.push(format!("… {} in all", control.choices.len()));
        }
        choices.join(", ")
    };
    let state = match (control.read_only, control.inactive) {
        (true, _) => ", read only",
        (false, true) => ", inactive",
        (false, false) => "",
    };
    if control.kind == "button" {
        return format!("    {:<32} {value:>8}\n", control.id);
    }
    let (id, default) = (&control.id, control.default);
    format!("    {id:<32} {value:>8}  ({range}; default {default}{state})\n")
}

/// At most two digits behind the point.
fn trimmed(fps: f64) -> String {
    let text = format!("{fps:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use eyeline_source::CameraSize;

    use super::*;

    #[test]
    fn a_camera_is_told_with_what_it_gives_and_what_can_be_set() {
        let format = |fourcc: &str, shown| CameraFormat {
            fourcc: fourcc.into(),
            name: "Motion-JPEG".into(),
            compressed: true,
            shown,
            sizes: vec![CameraSize {
                size: "1280x720".into(),
                fps: vec![30.0, 29.97],
            }],
        };
        let camera = Camera {
            device: "/dev/video0".into(),
            name: "Webcam".into(),
            driver: "uvcvideo".into(),
            bus: "usb-1".into(),
            formats: vec![format("MJPG", true), format("H264", false)],
            controls: vec![CameraControl {
                id: "auto_exposure".into(),
                group: "Camera Controls".into(),
                name: "Auto Exposure".into(),
                kind: "menu",
                minimum: 0,
                maximum: 1,
                step: 1,
                default: 1,
                value: Some(0),
                choices: vec![(0, "Auto".into()), (1, "Manual".into())],
                inactive: true,
                read_only: false,
            }],
        };
        let expected = "Webcam\n  eyeline v4l2:/dev/video0\n  uvcvideo, usb-1\n\n  MJPG  Motion-JPEG\n    \
                        1280x720               30, 29.97 fps\n  Not shown yet: H264\n\n  \
                        Camera Controls\n    auto_exposure                           0  (0 Auto, 1 Manual; default 1, inactive)\n";
        assert_eq!(told(&camera), expected);
    }
}
