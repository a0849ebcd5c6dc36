//! `rtsp://…`: H.264 from network cameras and RTSP servers.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Input, Risk, Run, Running};
use crate::params::{Param, Params};
use crate::rtsp::{Camera, Carrier};
use crate::session::Session;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["rtsp"],
    example: "rtsp://user:password@camera:554/stream1",
    help: "H.264 from a network camera, passed on as it is, with its sound if that is AAC or \
           G.711. The camera's own parameters stay in the URL; Eyeline's stand after a `#`: \
           `rtsp://camera/live?channel=1#transport=udp`. User and password are sent by the scheme \
           that the camera asks for, Digest or Basic.",
    params: PARAMS,
    wish: false,
    risk: Risk::None,
    parse,
};

const PARAMS: &[Param] = &[Param {
    name: "transport",
    value: "tcp",
    help: "How the pictures come: tcp, over the connection itself, through firewalls and without \
           loss; or udp, which loses packets instead of waiting for them. tcp if not given.",
}];

struct Rtsp {
    camera: Camera,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (url, fragment) = written.text.split_once('#').unwrap_or((written.text, ""));
    let carrier: Option<Carrier> = Params::read(fragment, PARAMS)?.get("transport")?;
    let camera = Camera::parse(url, carrier.unwrap_or_default())
        .map_err(|why| SpecError::Malformed(format!("{}: {why}", crate::redact(url))))?;
    Ok(Arc::new(Rtsp { camera }))
}

impl Run for Rtsp {
    fn address(&self) -> Option<IpAddr> {
        self.camera.address()
    }

    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(self.camera.play(session))
    }
}

#[cfg(test)]
mod tests {
    use crate::Spec;

    #[test]
    fn the_parameters_of_the_camera_stay_in_the_url() {
        let check = |text: &str, shown: &str| {
            assert_eq!(Spec::parse(text).unwrap().to_string(), shown);
        };
        check(
            "rtsp://a:b@cam/x?transport=none&channel=1#transport=udp",
            "rtsp://a:***@cam/x?transport=none&channel=1#transport=udp",
        );
        check("rtsp://cam", "rtsp://cam");
    }

    #[test]
    fn what_is_wrong_with_a_source_is_said_without_its_password() {
        let check = |text: &str, expected: &str| {
            let error = Spec::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        };
        check("rtsp://a:s3cret@cam/#transport=quic", "tcp or udp");
        check("rtsp://a:s3cret@cam/#fps=3", "it takes transport");
        check("rtsp://a:s3cret@cam:99999/", "port");
        check("rtsp:cam/live", "rtsp://");
        check("rtsp:///live", "host");
    }
}
