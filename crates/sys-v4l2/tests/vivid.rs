//! The fence against a true driver: the kernel's own virtual camera, `vivid`, in the machine
//! that `cargo xtask vm` makes. Its first device has one plane, its second several.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::io::pipe;
use std::os::fd::AsFd as _;
use std::time::Duration;

use eyeline_sys_v4l2::{
    Capture, Device, Format, FourCc, Interval, Intervals, Kind, Ready, Sizes, paths,
};

const YUYV: FourCc = FourCc(*b"YUYV");
const NV12: FourCc = FourCc(*b"NV12");
/// NV12 with its planes in buffers of their own.
const NM12: FourCc = FourCc(*b"NM12");
const PATIENCE: Duration = Duration::from_secs(30);
const BUFFERS: u32 = 4;

fn open(number: usize) -> Device {
    let devices = paths().unwrap().into_iter();
    let mut cameras = devices.filter_map(|path| Device::open(&path).ok());
    cameras.nth(number).expect("a camera of vivid's")
}

/// So many frames, each looked at.
fn capture(device: Device, count: usize, mut look: impl FnMut(&eyeline_sys_v4l2::Frame<'_>)) {
    let (never, _writer) = pipe().unwrap();
    let mut capture = Capture::start(device, BUFFERS).unwrap();
    let mut seen = 0;
    while seen < count {
        assert_eq!(
            capture.wait(never.as_fd(), PATIENCE).unwrap(),
            Ready::Picture
        );
        while let Some(frame) = capture.frame().unwrap() {
            look(&frame);
            seen += 1;
        }
    }
}

fn check_size(device: usize, fourcc: FourCc, size: (u32, u32), planes: &[u32]) {
    let device = open(device);
    let format: Format = device.set_format(fourcc, size.0, size.1).unwrap();
    assert_eq!(
        (format.fourcc, format.width, format.height),
        (fourcc, size.0, size.1)
    );
    let sizes: Vec<_> = format.planes.iter().map(|plane| plane.size).collect();
    assert_eq!(sizes, planes);
    let mut last = None;
    capture(device, 5, |frame| {
        for (index, &len) in planes.iter().enumerate() {
            let bytes = frame.plane(index);
            assert_eq!(bytes.len(), len as usize);
            assert!(bytes.iter().any(|&byte| byte != bytes[0]), "a picture");
        }
        assert!(frame.plane(planes.len()).is_empty());
        assert!(!frame.is_damaged());
        assert!(frame.age().unwrap() < PATIENCE);
        assert!(last.is_none_or(|last| frame.sequence() > last));
        last = Some(frame.sequence());
    });
}

#[test]
fn a_camera_says_what_it_is_and_what_it_can() {
    for number in 0..2 {
        let device = open(number);
        assert_eq!(device.info().driver, "vivid");
        assert!(
            device.info().bus.starts_with("platform:vivid"),
            "{:?}",
            device.info()
        );
        let formats = device.formats().unwrap();
        let yuyv = formats.iter().find(|format| format.fourcc == YUYV).unwrap();
        assert!(!yuyv.compressed && yuyv.name.contains("YUYV"), "{yuyv:?}");
        let sizes = device.sizes(YUYV).unwrap();
        let vga = Sizes::One {
            width: 640,
            height: 480,
        };
        assert!(
            sizes
                .iter()
                .any(|&size| size == vga || matches!(size, Sizes::Range { .. })),
            "{sizes:?}"
        );
        let intervals = device.intervals(YUYV, 640, 360).unwrap();
        assert!(
            intervals.iter().any(|intervals| match *intervals {
                Intervals::One(interval) => interval.fps() > 10.0,
                Intervals::Range { shortest, longest } => shortest.fps() >= longest.fps(),
            }),
            "{intervals:?}"
        );
    }
}

#[test]
fn pictures_with_one_plane_come_at_every_size() {
    for (width, height) in [(320, 180), (640, 360), (1280, 720)] {
        check_size(0, YUYV, (width, height), &[width * height * 2]);
        check_size(0, NV12, (width, height), &[width * height * 3 / 2]);
    }
}

#[test]
fn pictures_with_several_planes_come_at_every_size() {
    for (width, height) in [(320, 180), (640, 360), (1280, 720)] {
        check_size(1, YUYV, (width, height), &[width * height * 2]);
        check_size(
            1,
            NM12,
            (width, height),
            &[width * height, width * height / 2],
        );
    }
}

#[test]
fn a_rate_is_kept_as_near_as_the_driver_can() {
    let device = open(0);
    device.set_format(YUYV, 320, 180).unwrap();
    let fifteen = Interval {
        numerator: 1,
        denominator: 15,
    };
    let set = device.set_interval(fifteen).unwrap().unwrap();
    assert!((set.fps() - 15.0).abs() < 0.1, "{set:?}");
}

#[test]
fn every_control_is_read_and_set_to_its_bounds_and_back() {
    let device = open(0);
    let controls = device.controls().unwrap();
    assert!(controls.iter().any(|control| control.name == "Brightness"));
    assert!(
        controls
            .iter()
            .any(|control| control.kind == Kind::Menu && control.menu.len() > 1)
    );
    assert!(controls.iter().any(|control| control.kind == Kind::Boolean));
    // Those of pictures; the others inject faults.
    let user = |id: u32| id & 0x0fff_0000 == 0x0098_0000 && id < 0x0098_f000;
    for control in controls.iter().filter(|control| user(control.id)) {
        if control.read_only || control.write_only || control.inactive || control.volatile {
            continue;
        }
        let before = device.get(control).unwrap();
        for value in [control.minimum, control.maximum, control.default] {
            let known =
                control.menu.is_empty() || control.menu.iter().any(|item| item.value == value);
            if control.kind == Kind::Button || !known {
                continue;
            }
            device.set(control, value).unwrap();
            assert_eq!(device.get(control).unwrap(), value, "{control:?}");
        }
        device.set(control, before).unwrap();
        if control.kind == Kind::Integer {
            let beyond = device.set(control, i64::MAX).unwrap_err();
            assert_eq!(beyond.number(), Some(34), "{beyond} (ERANGE)");
        }
    }
}

#[test]
fn brightness_is_seen_in_the_picture() {
    let device = open(0);
    device.set_format(YUYV, 320, 180).unwrap();
    let controls = device.controls().unwrap();
    let brightness = controls
        .iter()
        .find(|control| control.name == "Brightness")
        .unwrap();
    let means = [brightness.minimum, brightness.maximum].map(|value| {
        let device = open(0);
        device.set(brightness, value).unwrap();
        let mut mean = 0;
        capture(device, 3, |frame| {
            let luma = frame.plane(0).iter().step_by(2);
            mean = luma.map(|&luma| u64::from(luma)).sum::<u64>() / (320 * 180);
        });
        mean
    });
    device.set(brightness, brightness.default).unwrap();
    assert!(means[0] + 20 < means[1], "{means:?}");
}

#[test]
fn a_camera_is_of_one_program_at_a_time_and_free_when_it_was_let_go() {
    let device = open(0);
    device.set_format(YUYV, 320, 180).unwrap();
    let first = Capture::start(device, BUFFERS).unwrap();
    let second = open(0);
    let busy = second.set_format(YUYV, 640, 360).unwrap_err();
    assert!(busy.is_busy(), "{busy}");
    drop(first);
    second.set_format(YUYV, 640, 360).unwrap();
    capture(second, 2, |frame| assert_eq!(frame.planes(), 1));
}

#[test]
fn what_is_no_camera_says_so() {
    let error = Device::open("/dev/null".as_ref()).unwrap_err();
    assert!(!error.is_busy() && !error.is_forbidden(), "{error}");
    let error = Device::open("/dev/video999".as_ref()).unwrap_err();
    assert!(error.is_gone(), "{error}");
}
