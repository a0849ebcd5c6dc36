//! Stopping: the first SIGINT or SIGTERM asks everything to end well, the second ends
//! it at once.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Everything has ended, or is left to its fate, this long after the signal.
pub(crate) const DEADLINE: Duration = Duration::from_millis(4_500);

/// Exit status after a second signal, as shells give for an interrupted program.
const INTERRUPTED: i32 = 130;

/// Turns true at the first signal.
///
/// # Errors
/// The signals cannot be listened for.
pub(crate) fn signalled() -> std::io::Result<watch::Receiver<bool>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            }
        };
        let name = next().await;
        tracing::info!("{name}: stopping; once more to stop at once");
        stop.send_replace(true);
        next().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(stopped)
}
