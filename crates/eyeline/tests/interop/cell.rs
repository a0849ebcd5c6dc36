//! A cell of the table: a program, a protocol, and whether it plays or publishes.

use std::fmt;
use std::time::Duration;

use crate::run::{self, Form};
use crate::stage::Stage;

/// What a program and Eyeline speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    RtspTcp,
    RtspUdp,
    Rtmp,
    Hls,
    LlHls,
    Dash,
    TsHttp,
    TsUdp,
    Mp4,
    Mse,
    Mjpeg,
    AnnexB,
    AnnexBHttp,
}

impl Protocol {
    /// The columns of the table, in their order.
    pub(crate) const ALL: [Self; 13] = [
        Self::RtspTcp,
        Self::RtspUdp,
        Self::Rtmp,
        Self::Hls,
        Self::LlHls,
        Self::Dash,
        Self::TsHttp,
        Self::TsUdp,
        Self::Mp4,
        Self::Mse,
        Self::Mjpeg,
        Self::AnnexB,
        Self::AnnexBHttp,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RtspTcp => "RTSP, TCP",
            Self::RtspUdp => "RTSP, UDP",
            Self::Rtmp => "RTMP",
            Self::Hls => "HLS",
            Self::LlHls => "LL-HLS",
            Self::Dash => "DASH",
            Self::TsHttp => "MPEG-TS, HTTP",
            Self::TsUdp => "MPEG-TS, UDP",
            Self::Mp4 => "MP4, HTTP",
            Self::Mse => "MP4, WebSocket",
            Self::Mjpeg => "MJPEG, HTTP",
            Self::AnnexB => "Annex B, TCP",
            Self::AnnexBHttp => "Annex B, HTTP",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Player,
    Publisher,
}

/// Where in the document a cell stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) role: Role,
    pub(crate) program: &'static str,
    pub(crate) protocol: Protocol,
}

pub(crate) enum Cell {
    Player(Player),
    Publisher(Publisher),
}

/// A program that shows the stream `cam`.
pub(crate) struct Player {
    pub(crate) program: &'static str,
    pub(crate) protocol: Protocol,
    /// For a shell.
    pub(crate) line: String,
    /// What it writes.
    pub(crate) form: Form,
    /// What it says when it hears AAC; `None` if it cannot be known, or nothing is carried.
    pub(crate) hears: Option<&'static str>,
}

/// A program that publishes a stream of its own.
pub(crate) struct Publisher {
    pub(crate) program: &'static str,
    pub(crate) protocol: Protocol,
    /// For a shell.
    pub(crate) line: String,
    /// The stream that it becomes.
    pub(crate) stream: String,
}

/// What was seen when it worked.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// From joining, or from the start of the publisher, to the first picture.
    pub(crate) first: Duration,
    /// How far behind the camera what is shown is, two seconds later.
    pub(crate) behind: Option<Duration>,
    /// Whether AAC came along.
    pub(crate) sound: bool,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.first.as_secs_f64())?;
        if let Some(behind) = self.behind {
            // Nobody wants to know single milliseconds, which are others at every run.
            write!(f, ", {} ms", (behind.as_millis() + 5) / 10 * 10)?;
        }
        if self.sound {
            write!(f, ", AAC")?;
        }
        Ok(())
    }
}

impl Cell {
    pub(crate) fn place(&self) -> Place {
        let (role, program, protocol) = match self {
            Self::Player(it) => (Role::Player, it.program, it.protocol),
            Self::Publisher(it) => (Role::Publisher, it.program, it.protocol),
        };
        Place {
            role,
            program,
            protocol,
        }
    }

    pub(crate) fn run(&self, stage: &Stage) -> Result<Outcome, String> {
        match self {
            Self::Player(player) => player.run(),
            Self::Publisher(publisher) => publisher.run(stage),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        let does = match place.role {
            Role::Player => "plays",
            Role::Publisher => "publishes",
        };
        write!(f, "{} {does} {}", place.program, place.protocol.name())
    }
}

impl Player {
    fn run(&self) -> Result<Outcome, String> {
        let watched = run::watch(&self.line, self.form)?;
        let sound = self.hears.is_some_and(|word| watched.said.contains(word));
        Ok(Outcome {
            first: watched.first,
            behind: watched.behind,
            sound,
        })
    }
}

impl Publisher {
    fn run(&self, stage: &Stage) -> Result<Outcome, String> {
        let _listening = stage.listen(&self.stream);
        let began = run::now();
        let mut program = run::start(&self.line);
        let result = stage
            .serves(&self.stream, began)
            .and_then(|()| stage.see(&self.stream, began));
        let said = program.end();
        result.map_err(|why| format!("{why}: {}", run::tail(&said)))
    }
}
