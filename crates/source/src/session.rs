//! What one run of an input has: where its pictures go, and what must be closed
//! politely when it ends.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use eyeline_media::StreamId;
use eyeline_sys_process::{Child, Grace};

use crate::controls::ControlValues;
use crate::ingest::Port;
use crate::reach::Reach;
use crate::sink::Sink;

/// How long a program has to end after each step of being stopped: SIGINT, SIGTERM. One that reads a Jetson's
/// camera takes up to 3 s; all of it is less than what a server that is told to stop has.
const CHILD_GRACE: Grace = Grace {
    interrupt: Duration::from_secs(3),
    terminate: Duration::from_millis(750),
};

/// One run of an input.
pub(crate) struct Session {
    /// Takes the pictures.
    pub(crate) sink: Sink,
    /// The stream the pictures are for.
    pub(crate) stream: StreamId,
    /// Which addresses may be connected to.
    pub(crate) reach: Reach,
    /// What is set on a camera when it is opened.
    pub(crate) controls: ControlValues,
    /// Where others publish into the stream.
    pub(crate) port: Arc<Port>,
    /// The program that makes the pictures; stopped politely when the run has ended.
    pub(crate) child: Option<Child>,
    /// Waits for the thread that has the device open; the run has told it to end.
    pub(crate) thread: Option<Box<dyn FnOnce() + Send>>,
    /// Lets the other end know, when the run has ended; it is bounded in time.
    pub(crate) farewell: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Session {
    /// Closes what the run has left open.
    pub(crate) async fn close(self) {
        self.sink.encoder.close();
        if let Some(join) = self.thread {
            // Nobody may open the device before it is closed.
            let _ = tokio::task::spawn_blocking(join).await;
        }
        if let Some(farewell) = self.farewell {
            farewell.await;
        }
        let Some(child) = self.child else { return };
        let (stream, pid) = (&self.stream, child.pid());
        match child.stop(CHILD_GRACE).await {
            Ok(stopped) => {
                tracing::info!(%stream, pid, step = ?stopped.step, status = %stopped.status, "stopped");
            }
            Err(error) => tracing::warn!(%stream, pid, %error, "the command cannot be stopped"),
        }
    }
}
