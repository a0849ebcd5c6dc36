//! What may be wrong with an RTSP camera, in words that say what to do.

use retina::client::Stream;

use super::target::Camera;
use super::{Carrier, FIRST_TIMEOUT};
use crate::error::InputError;
use crate::redact::redact;

/// How much of what a camera says is repeated.
const MAX_SAID_CHARS: usize = 200;

/// What was asked when something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Describe,
    Setup,
    Play,
}

/// Which of the media is the one to play.
pub(super) fn video(url: &str, media: &[Stream]) -> Result<usize, InputError> {
    let offered: Vec<_> = media
        .iter()
        .map(|media| (media.media(), media.encoding_name()))
        .collect();
    choose(&offered).map_err(|why| InputError::Rtsp(format!("{url} {why}")))
}

/// The first H.264 of media, each with its kind and encoding; or why there is none.
fn choose(offered: &[(&str, &str)]) -> Result<usize, String> {
    let is_h264 = |(kind, encoding): &(&str, &str)| *kind == "video" && *encoding == "h264";
    if let Some(at) = offered.iter().position(is_h264) {
        return Ok(at);
    }
    let video = offered.iter().find(|(kind, _)| *kind == "video");
    Err(match video {
        Some((_, encoding)) => format!(
            "sends {}, which is not shown yet; switch the camera to H.264",
            encoding.to_ascii_uppercase()
        ),
        None if offered.is_empty() => {
            "offers nothing to play; look up the camera's RTSP path".into()
        }
        None => "sends no video; look up the path of the camera's video stream".into(),
    })
}

impl Camera {
    /// Why the camera does not play.
    pub(super) fn failed(&self, asked: Asked, error: &retina::Error) -> InputError {
        let said = error.to_string();
        let said = first_line(&said);
        if let Some(why) = said.strip_prefix("Unable to connect to RTSP server: ") {
            return self.unreachable(why.to_owned());
        }
        if said.contains("EOF while expecting response") {
            return InputError::Closed(self.authority().to_owned());
        }
        let url = &self.shown();
        InputError::Rtsp(match error.status_code() {
            Some(status) if status >= 300 => {
                let named = self.credentials.is_some();
                refused(url, status, named, self.carrier)
            }
            None if asked == Asked::Describe && said.starts_with("RTSP framing error") => format!(
                "{} does not speak RTSP; look up the camera's RTSP port, which is 554 on most",
                self.authority()
            ),
            _ if asked == Asked::Play => format!("{} broke off: {said}", self.authority()),
            _ => format!("{url} cannot be played: {said}"),
        })
    }

    /// It has agreed to play, and nothing comes.
    pub(super) fn silent(&self) -> InputError {
        let (to, secs) = (self.authority(), FIRST_TIMEOUT.as_secs());
        InputError::Rtsp(match self.carrier {
            Carrier::Tcp => format!("{to} plays, but sends no picture within {secs} s"),
            Carrier::Udp => format!(
                "{to} plays, but no picture comes over UDP within {secs} s; a firewall may hold it \
                 back: write #transport=tcp"
            ),
        })
    }

    /// Where UDP goes is what the server says, whatever its address.
    pub(super) fn udp_leads_anywhere(&self) -> InputError {
        InputError::Rtsp(
            "UDP may lead to any address, and sources made over the API may only connect to public \
             ones; leave #transport=udp out, or add \"private\" to api.allow in the configuration"
                .to_owned(),
        )
    }

    pub(super) fn unknown_name(&self) -> InputError {
        self.unreachable("its name has no address".to_owned())
    }
}

/// What an answer means that refuses.
fn refused(url: &str, status: u16, named: bool, carrier: Carrier) -> String {
    match (status, carrier) {
        (401, _) if named => format!("{url} does not accept this user and password"),
        (401, _) => format!("{url} wants a user and a password: write rtsp://user:password@host/…"),
        (403, _) => format!("{url} is forbidden to this user"),
        (404, _) => format!("{url} is not found there (404); look up the camera's RTSP path"),
        (453 | 503, _) => {
            format!("{url} has no room for another viewer ({status}); close one of the others")
        }
        (461, Carrier::Tcp) => format!("{url} does not send over TCP; write #transport=udp"),
        (461, Carrier::Udp) => format!("{url} does not send over UDP; leave #transport=udp out"),
        _ => format!("{url} answers {status}"),
    }
}

/// The rest is for who looks at the bytes on the wire.
fn first_line(said: &str) -> String {
    let line = said.lines().next().unwrap_or_default();
    let line = redact(line);
    let clean = line.chars().filter(|c| !c.is_control());
    clean.take(MAX_SAID_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_h264_is_found_or_what_there_is_instead_is_said() {
        let check = |offered: &[(&str, &str)], expected: Result<usize, &str>| match (
            choose(offered),
            expected,
        ) {
            (Ok(at), Ok(expected)) => assert_eq!(at, expected),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (chosen, _) => panic!("{offered:?}: {chosen:?}"),
        };
        check(&[("audio", "pcma"), ("video", "h264")], Ok(1));
        check(&[("video", "h265"), ("video", "h264")], Ok(1));
        check(
            &[("video", "h265")],
            Err("sends H265, which is not shown yet"),
        );
        check(&[("audio", "pcma")], Err("no video"));
        check(&[], Err("nothing to play"));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let url = "rtsp://cam/x";
        let check = |status: u16, named: bool, expected: &str| {
            let said = refused(url, status, named, Carrier::Udp);
            assert!(
                said.starts_with("rtsp://cam/x ") && said.contains(expected),
                "{said}"
            );
        };
        check(401, true, "does not accept this user and password");
        check(401, false, "rtsp://user:password@host");
        check(404, true, "look up the camera's RTSP path");
        check(453, true, "no room");
        check(461, true, "leave #transport=udp out");
        check(500, true, "answers 500");
    }
}
