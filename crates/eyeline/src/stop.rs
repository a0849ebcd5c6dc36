//! Stopping: the first SIGINT or SIGTERM asks everything to end well, the second ends
//! it at once.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use tokio::runtime::Runtime;
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

/// Panics on SIGUSR2, so that tests can see what a crash leaves behind. Only in debug builds.
pub(crate) async fn crash_when_told() -> Infallible {
    #[cfg(debug_assertions)]
    if let Ok(mut told) = signal(SignalKind::user_defined2())
        && told.recv().await.is_some()
    {
        panic!("SIGUSR2: to see what a crash leaves behind");
    }
    std::future::pending().await
}

/// Runs a future to its end, and waits for nothing else: some blocking calls, such as reading
/// standard input, end never, and a panic would wait for them, too.
pub(crate) fn block_on<T>(runtime: Runtime, future: impl Future<Output = T>) -> T {
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(future)));
    runtime.shutdown_background();
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}
