//! `push:`: waits for others to publish, over `PUT|POST /streams/{id}/ingest`.

use std::sync::Arc;

use super::{Input, Risk, Run, Running};
use crate::session::Session;
use crate::sink::Event;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["push"],
    example: "push:",
    help: "Whoever publishes: programs that PUT or POST multipart MJPEG, JPEGs or raw pictures to \
           `/streams/NAME/ingest`, such as `eyeline push`, fragmented MP4 with H.264, or WebM, MPEG-TS \
           and other MP4 if the program `ffmpeg` is installed. One publisher at a time.",
    params: &[],
    wish: false,
    risk: Risk::None,
    parse,
};

struct Push;

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    if written.rest.is_empty() {
        Ok(Arc::new(Push))
    } else {
        Err(SpecError::Malformed(format!(
            "push: stands alone, {:?} cannot follow it; publishers say the format themselves",
            written.rest.chars().take(40).collect::<String>()
        )))
    }
}

impl Run for Push {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            session
                .sink
                .outlet
                .send(Event::Away("nobody publishes yet"))
                .await?;
            let _open = session.port.open(session.sink.clone());
            std::future::pending().await
        })
    }

    fn on_demand(&self, _: Option<bool>) -> bool {
        // A publisher comes when it wants to.
        false
    }

    fn takes_publishers(&self) -> bool {
        true
    }

    fn patient(&self) -> bool {
        // The publisher would be thrown out.
        true
    }
}
