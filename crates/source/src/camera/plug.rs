//! Notices that cameras come and go.
//!
//! Not here: which ones (`which`): whoever is told looks for himself.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use tokio::sync::watch;

/// Where devices appear.
const DEVICES: &str = "/dev";
/// After a device has appeared, its links and permissions are being made: look again then.
const AGAIN: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_secs(1),
];

/// Counts how often video devices may have come, gone or become accessible. The first to ask
/// starts the thread that watches, one for all.
pub(crate) fn changes() -> watch::Receiver<u64> {
    static CHANGES: OnceLock<watch::Sender<u64>> = OnceLock::new();
    let changes = CHANGES.get_or_init(|| {
        let sender = watch::Sender::new(0);
        let told = sender.clone();
        let thread = std::thread::Builder::new().name("cameras".to_owned());
        let watched = thread.spawn(move || {
            if let Err(error) = follow(&told) {
                tracing::warn!(%error, "{DEVICES} cannot be watched; cameras that come back are found more slowly");
            }
        });
        if let Err(error) = watched {
            tracing::warn!(%error, "no thread to watch {DEVICES}");
        }
        sender
    });
    changes.subscribe()
}

fn follow(changes: &watch::Sender<u64>) -> io::Result<()> {
    let events = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
    // Devices get their group and mode after they were made.
    let kinds =
        inotify::WatchFlags::CREATE | inotify::WatchFlags::ATTRIB | inotify::WatchFlags::DELETE;
    inotify::add_watch(&events, DEVICES, kinds)?;
    let mut buffer = [MaybeUninit::uninit(); 4096];
    loop {
        wait(&events, None)?;
        if !concerns_video(&events, &mut buffer)? {
            continue;
        }
        count(changes);
        for pause in AGAIN {
            wait(&events, Some(pause))?;
            concerns_video(&events, &mut buffer)?;
            count(changes);
        }
    }
}

fn count(changes: &watch::Sender<u64>) {
    changes.send_modify(|count| *count += 1);
}

fn wait(events: &OwnedFd, most: Option<Duration>) -> io::Result<()> {
    let most = most.and_then(|most| Timespec::try_from(most).ok());
    match poll(&mut [PollFd::new(events, PollFlags::IN)], most.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether one of the events that wait is about a video device; takes them all.
fn concerns_video(events: &OwnedFd, buffer: &mut [MaybeUninit<u8>]) -> io::Result<bool> {
    let mut reader = inotify::Reader::new(events, buffer);
    let mut video = false;
    loop {
        match reader.next() {
            Ok(event) => {
                let name = event.file_name().map(|name| name.to_bytes());
                video |= name.is_some_and(|name| name.starts_with(b"video"));
            }
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(video),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
