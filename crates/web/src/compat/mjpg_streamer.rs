//! mjpg-streamer's `/?action=stream` and `/?action=snapshot`, and `…_1` for the second
//! camera and so on. Without an action the address is that of the wall.
//!
//! Programs put all kinds of things behind the action so that nothing is cached, even a
//! second question mark (`/?action=stream?dummy=param.mjpg`).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use eyeline_output::{MJPEG, Output, Query, SNAPSHOT};

use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::pages;
use crate::streams::{Asked, watch};

const PARAMETER: &str = "action";

/// Whether a query asks for an action, so that the answer is no page.
pub(crate) fn is_action(query: Option<&str>) -> bool {
    query.is_some_and(|query| Query::parse(query).get(PARAMETER).is_some())
}

/// `GET /`
pub(crate) async fn root(
    State(server): State<Arc<Server>>,
    asked: Asked,
) -> Result<Response, Error> {
    let Some(action) = asked.query.get(PARAMETER) else {
        return Ok(pages::wall(Admitted(asked.access)).await.into_response());
    };
    let (output, number) = parse(action)?;
    let id = match (number, asked.query.get(super::STREAM)) {
        (Some(number), _) => super::nth(&server, number)?,
        (None, name) => super::some(&server, name)?,
    };
    watch(output, &server, &id, asked).await
}

/// The output that an action asks for, and the number of the camera.
fn parse(action: &str) -> Result<(&'static Output, Option<usize>), Error> {
    let action = action.split('?').next().unwrap_or_default();
    let (name, number) = match action.split_once('_') {
        Some((name, number)) => (name, Some(number)),
        None => (action, None),
    };
    let output = match name {
        "stream" => &MJPEG,
        "snapshot" => &SNAPSHOT,
        "command" => {
            let why = "camera controls are not to be had by this server's API yet";
            return Err(Error::NotAvailable("action=command", why));
        }
        _ => return Err(unknown(action)),
    };
    let number = number.map(|number| number.parse().map_err(|_| unknown(action)));
    Ok((output, number.transpose()?))
}

fn unknown(action: &str) -> Error {
    let action: String = action.chars().take(20).collect();
    let why = format!("{action:?} is unknown; use stream or snapshot, or stream_1 for the second");
    Error::Member(PARAMETER, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_as_programs_write_them() {
        let check = |action: &str, expected: Option<(&str, Option<usize>)>| {
            let parsed = parse(action).ok().map(|(output, n)| (output.name, n));
            assert_eq!(parsed, expected, "{action}");
        };
        check("stream", Some(("mjpeg", None)));
        check("snapshot", Some(("snapshot", None)));
        check("stream_0", Some(("mjpeg", Some(0))));
        check("snapshot_12", Some(("snapshot", Some(12))));
        check("stream?dummy=param.mjpg", Some(("mjpeg", None)));
        check("stream_1?1700000000", Some(("mjpeg", Some(1))));
        for wrong in ["", "streams", "stream_", "stream_x", "take", "command"] {
            check(wrong, None);
        }
    }

    #[test]
    fn only_an_action_makes_the_wall_something_else() {
        let check = |query: &str, expected: bool| {
            assert_eq!(is_action(Some(query)), expected, "{query}");
        };
        check("action=stream", true);
        check("token=x&action=snapshot", true);
        check("token=x", false);
        check("actions=stream", false);
        assert!(!is_action(None));
    }
}
