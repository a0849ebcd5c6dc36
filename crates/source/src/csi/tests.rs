//! What each tool is told for a source, and what is said of a source that makes no sense.

use crate::csi::Tool;
use crate::spec::Spec;

/// What the tool is told for this source, or why it is told nothing.
fn told(tool: Tool, source: &str) -> String {
    let wish = crate::inputs::csi::wish(source).unwrap();
    match tool.arguments(&wish) {
        Ok(arguments) => arguments.join(" "),
        Err(why) => why,
    }
}

#[track_caller]
fn check(tool: Tool, source: &str, expected: &str) {
    assert_eq!(told(tool, source), expected, "{source}");
}

/// The method that turns and mirrors so, on a Jetson.
#[track_caller]
fn check_flip(query: &str, method: Option<u8>) {
    let told = told(Tool::Jetson, &format!("0?{query}"));
    let found = told.split_once("flip-method=").map(|(_, rest)| rest);
    let found = found.map(|rest| rest.split(' ').next().unwrap().parse().unwrap());
    assert_eq!(found, method, "{query}");
}

#[track_caller]
fn check_refused(source: &str, says: &[&str]) {
    let error = Spec::parse(source).unwrap_err().to_string();
    for part in says {
        assert!(
            error.contains(part),
            "{source}: {error:?} does not say {part:?}"
        );
    }
}

#[test]
fn a_raspberry_pis_tool_is_told_size_rate_and_controls() {
    let fixed = "--timeout 0 --nopreview --codec mjpeg --flush";
    check(
        Tool::Rpicam,
        "",
        &format!(
            "{fixed} --camera 0 --width 1280 --height 720 --framerate 30 --quality 80 --output -"
        ),
    );
    check(
        Tool::Libcamera,
        "1?size=640x480&fps=12.5&quality=50&rotation=180&hflip&ev=-1",
        &format!(
            "{fixed} --camera 1 --width 640 --height 480 --framerate 12.5 --quality 50 --rotation 180 \
             --ev=-1 --hflip --output -"
        ),
    );
    let told = told(
        Tool::Rpicam,
        "?denoise=hq&roi=0,0.5,0.5,0.5&shutter=8000&lens-position=2",
    );
    for part in [
        "--denoise=cdn_hq",
        "--roi=0,0.5,0.5,0.5",
        "--shutter=8000",
        "--lens-position=2",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn each_tool_is_told_how_to_code_h264_with_parameter_sets_before_key_frames() {
    check(
        Tool::Rpicam,
        "?format=h264&size=640x480&bitrate=1500000&key-interval=10",
        "--timeout 0 --nopreview --codec h264 --flush --camera 0 --width 640 --height 480 --framerate 30 \
         --bitrate 1500000 --intra 10 --profile baseline --inline --output -",
    );
    check(
        Tool::Jetson,
        "?format=h264&fps=25",
        "-q -e nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM),width=1280,height=720,framerate=25/1 \
         ! nvv4l2h264enc bitrate=3340800 iframeinterval=50 idrinterval=50 insert-sps-pps=true maxperf-enable=true \
         ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream ! fdsink fd=1 sync=false",
    );
}

#[test]
fn a_jetsons_tool_is_told_a_pipeline_that_stays_in_the_hardware() {
    check(
        Tool::Jetson,
        "",
        "-q -e nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM),width=1280,height=720,framerate=30/1 \
         ! nvjpegenc quality=80 ! fdsink fd=1 sync=false",
    );
    check(
        Tool::Jetson,
        "1?size=480x640&fps=29.97&rotation=270&gain=4&shutter=8000&awb=cloudy&denoise=off&ev=-2&ae-lock",
        "-q -e nvarguscamerasrc sensor-id=1 exposurecompensation=-2 gainrange=4 4 \
         exposuretimerange=8000000 8000000 wbmode=6 tnr-mode=0 aelock=true \
         ! video/x-raw(memory:NVMM),width=640,height=480,framerate=29970/1000 \
         ! nvvidconv flip-method=1 ! video/x-raw(memory:NVMM),width=480,height=640 \
         ! nvjpegenc quality=80 ! fdsink fd=1 sync=false",
    );
}

/// Turned first, mirrored then: on a sheet of paper with an F.
#[test]
fn turning_and_mirroring_are_one_method() {
    check_flip("rotation=0", None);
    check_flip("rotation=180&hflip&vflip", None);
    check_flip("rotation=90", Some(3));
    check_flip("rotation=180", Some(2));
    check_flip("rotation=270", Some(1));
    check_flip("hflip", Some(4));
    check_flip("vflip", Some(6));
    check_flip("rotation=90&hflip", Some(7));
    check_flip("rotation=90&vflip", Some(5));
    check_flip("rotation=90&hflip&vflip", Some(1));
}

#[test]
fn what_a_tool_cannot_do_is_said() {
    check(
        Tool::Rpicam,
        "?rotation=90",
        "a Raspberry Pi's camera can be turned by 180 degrees only",
    );
    check(
        Tool::Rpicam,
        "?awb-lock",
        "a Raspberry Pi's camera has no awb-lock",
    );
    check(
        Tool::Jetson,
        "?brightness=0",
        "a Jetson's camera has no brightness",
    );
    check(
        Tool::Jetson,
        "?saturation=3",
        "saturation=3: a Jetson's camera takes 0 to 2",
    );
    check_refused(
        "csi:?tool=jetson&sharpness=1",
        &["a Jetson's camera has no sharpness"],
    );
    check_refused("csi:?tool=rpicam&rotation=270", &["180 degrees only"]);
    // No board has both.
    check_refused("csi:?ae-lock&sharpness=1", &["has no"]);
    Spec::parse("csi:?sharpness=1").unwrap();
    Spec::parse("csi:?ae-lock&rotation=90").unwrap();
}

#[test]
fn what_is_written_wrongly_is_said() {
    check_refused("csi:front", &["number of the camera", "csi:0"]);
    check_refused("csi:-1", &["number of the camera"]);
    check_refused("csi:0?format=yuv420", &["use mjpeg or h264"]);
    check_refused("csi:0?format=h264&quality=80", &["quality", "mjpeg"]);
    check_refused("csi:0?bitrate=1000000", &["bitrate", "h264"]);
    check_refused("csi:0?key-interval=5", &["key-interval", "h264"]);
    check_refused(
        "csi:0?format=h264&bitrate=5",
        &["bitrate=5", "100000 to 100000000"],
    );
    check_refused("csi:0?quality=0", &["quality=0", "1 to 100"]);
    check_refused("csi:0?rotation=45", &["rotation=45", "90, 180"]);
    check_refused("csi:0?brightness=2", &["brightness=2", "-1 to 1"]);
    check_refused("csi:0?fps=0", &["fps=0", "0.1 to 240"]);
    check_refused("csi:0?awb=bright", &["awb=bright", "daylight"]);
    check_refused("csi:0?roi=0.5,0.5,0.6,0.5", &["roi=", "0.25,0.25,0.5,0.5"]);
    check_refused("csi:0?roi=NaN,0,1,1", &["roi="]);
    check_refused("csi:0?tool=ffmpeg", &["rpicam, libcamera or jetson"]);
    check_refused("csi:0?iso=100", &["iso", "gain"]);
}
