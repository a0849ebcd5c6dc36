//! `/api/cameras`: the cameras of this machine, as `eyeline cameras --json` lists them.

use axum::Json;
use eyeline_source as source;
use serde::Serialize;
use utoipa::ToSchema;

use super::TAG_SOURCES;
use crate::access::Admitted;

/// The cameras of this machine.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cameras {
    cameras: Vec<Camera>,
}

/// A camera, and what its driver says of it.
#[derive(Serialize, ToSchema)]
struct Camera {
    /// As it is written to make a stream of it.
    #[schema(example = "v4l2:/dev/video0")]
    source: String,
    #[schema(example = "/dev/video0")]
    device: String,
    name: String,
    #[schema(example = "uvcvideo")]
    driver: String,
    /// Where it is plugged in.
    bus: String,
    formats: Vec<Format>,
    controls: Vec<Control>,
}

/// What a camera gives in one format.
#[derive(Serialize, ToSchema)]
#[schema(as = CameraFormat)]
struct Format {
    /// The kernel's name.
    #[schema(example = "MJPG")]
    fourcc: String,
    /// The driver's name.
    name: String,
    /// Whether the camera compresses it.
    compressed: bool,
    /// Whether it can be shown.
    shown: bool,
    /// None when the driver does not say.
    sizes: Vec<Size>,
}

/// A size that a camera gives, or a range of them.
#[derive(Serialize, ToSchema)]
#[schema(as = CameraSize)]
struct Size {
    #[schema(example = "1280x720")]
    size: String,
    /// Frames a second, fastest first.
    fps: Vec<f64>,
}

/// Something that can be set on a camera.
#[derive(Serialize, ToSchema)]
#[schema(as = CameraControl)]
pub(super) struct Control {
    /// Its name for programs.
    #[schema(example = "brightness")]
    id: String,
    /// The driver's name.
    #[schema(example = "Brightness")]
    name: String,
    /// The driver's name of the group it belongs to; may be empty.
    #[schema(example = "User Controls")]
    group: String,
    /// `integer`, `boolean`, `menu`, `button` or `bitmask`.
    kind: &'static str,
    minimum: i64,
    maximum: i64,
    step: u64,
    default: i64,
    /// What it is now; `null` where there is nothing to read.
    value: Option<i64>,
    /// Of a menu.
    choices: Vec<Choice>,
    /// Without effect now, because another control is on automatic.
    inactive: bool,
    read_only: bool,
}

/// A choice of a menu.
#[derive(Serialize, ToSchema)]
#[schema(as = CameraChoice)]
struct Choice {
    value: i64,
    name: String,
}

/// List the cameras of this machine, what they give and what can be set on them.
#[utoipa::path(get, path = "/api/cameras", tag = TAG_SOURCES, operation_id = "list_cameras",
    responses((status = 200, body = Cameras)))]
pub(crate) async fn list(_admitted: Admitted) -> Json<Cameras> {
    // Drivers may take their time.
    let found = tokio::task::spawn_blocking(source::cameras).await;
    Json(Cameras::of(&found.unwrap_or_default()))
}

/// Cameras as `/api/cameras` lists them.
#[must_use]
pub fn cameras_json(cameras: &[source::Camera]) -> impl Serialize + use<> {
    Cameras::of(cameras)
}

impl Cameras {
    fn of(cameras: &[source::Camera]) -> Self {
        Self {
            cameras: cameras.iter().map(Camera::of).collect(),
        }
    }
}

impl Camera {
    fn of(camera: &source::Camera) -> Self {
        Self {
            source: format!("v4l2:{}", camera.device),
            device: camera.device.clone(),
            name: camera.name.clone(),
            driver: camera.driver.clone(),
            bus: camera.bus.clone(),
            formats: camera.formats.iter().map(Format::of).collect(),
            controls: camera.controls.iter().map(Control::of).collect(),
        }
    }
}

impl Format {
    fn of(format: &source::CameraFormat) -> Self {
        let size = |size: &source::CameraSize| Size {
            size: size.size.clone(),
            fps: size.fps.clone(),
        };
        Self {
            fourcc: format.fourcc.clone(),
            name: format.name.clone(),
            compressed: format.compressed,
            shown: format.shown,
            sizes: format.sizes.iter().map(size).collect(),
        }
    }
}

impl Control {
    pub(super) fn of(control: &source::CameraControl) -> Self {
        let choice = |(value, name): &(i64, String)| Choice {
            value: *value,
            name: name.clone(),
        };
        Self {
            id: control.id.clone(),
            name: control.name.clone(),
            group: control.group.clone(),
            kind: control.kind,
            minimum: control.minimum,
            maximum: control.maximum,
            step: control.step,
            default: control.default,
            value: control.value,
            choices: control.choices.iter().map(choice).collect(),
            inactive: control.inactive,
            read_only: control.read_only,
        }
    }
}
