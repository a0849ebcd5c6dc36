//! Runs QEMU: boots an image, passes on what the guest prints, and ends with it.
//!
//! Not here: what is in the image (`image`).

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::image::Image;
use super::visit::{self, Visit};

/// The first line of all: the image has been read.
const UP: &str = "eyeline-vm: up";
/// Before the exit status of the guest's command.
const EXIT: &str = "eyeline-vm: exit ";
/// Before a line of the kernel's log, of level error or worse.
const KERNEL: &str = "eyeline-vm: kernel: ";

/// `no_timer_check`: on a busy host the kernel finds the emulated timer too slow and panics.
const KERNEL_OPTIONS: &str = "console=ttyS0 quiet loglevel=3 panic=-1 no_timer_check";

/// What `vivid` itself is to blame for: it computes how long to wait for the next picture
/// from a clock that goes on meanwhile, and on a slow machine comes out below zero.
const NOT_OURS: &str = "schedule_timeout: wrong timeout value";

/// How the guest is run.
pub(super) struct Machine {
    pub(super) memory_mib: u32,
    /// The port on the host's loopback that leads to the guest's port 8000.
    pub(super) port: Option<u16>,
    /// `None`: as long as it runs.
    pub(super) time_limit: Option<Duration>,
    /// When it is over, the guest is given a line on its console.
    pub(super) visit: Option<Visit>,
}

/// How a run of the guest ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Of the command, as the guest's shell gives it.
    pub(super) status: u8,
    /// What the kernel complained about.
    pub(super) kernel: Vec<String>,
    /// Whether the visit succeeded; true if there was to be none.
    pub(super) visited: bool,
}

/// QEMU; killed when this is dropped, and by the kernel when this program dies.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Boots the image and waits for its end.
///
/// # Errors
/// When QEMU cannot be run, the guest ends without a word, or takes too long.
pub(super) fn run(image: &Image, machine: &Machine) -> anyhow::Result<Outcome> {
    let mut qemu = Running(
        command(image, machine)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run setpriv (util-linux)")?,
    );
    let console = qemu.0.stdout.take().context("QEMU has no console")?;
    let keyboard = qemu.0.stdin.take().context("QEMU has no console")?;
    let lines = lines_of(console);
    let visit = machine.visit.clone().map(|visit| visited(visit, keyboard));
    let began = now();
    let mut kernel = Vec::new();
    loop {
        let line = match machine.time_limit {
            None => lines.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(limit) => lines.recv_timeout(limit.saturating_sub(began.elapsed())),
        };
        match line {
            Ok(line) => {
                if let Some((before, status)) = line.split_once(EXIT) {
                    if !before.is_empty() {
                        print(before)?;
                    }
                    let status = status.trim().parse();
                    let status = status.with_context(|| format!("not a status: {line}"))?;
                    // Nothing has come yet if the guest ended before the visit did.
                    let visited = visit.is_none_or(|visit| visit.try_recv().unwrap_or(false));
                    return Ok(Outcome {
                        status,
                        kernel,
                        visited,
                    });
                }
                if line.starts_with(UP) {
                    image.forget();
                }
                print(&line)?;
                let complaint = line.strip_prefix(KERNEL);
                kernel.extend(
                    complaint
                        .filter(|text| !text.contains(NOT_OURS))
                        .map(str::to_owned),
                );
            }
            Err(RecvTimeoutError::Timeout) => bail!(
                "the guest did not end within {} s and was killed; --time-limit-s gives it longer",
                machine.time_limit.unwrap_or_default().as_secs()
            ),
            Err(RecvTimeoutError::Disconnected) => {
                bail!("the guest ended without an exit status: did its kernel panic?")
            }
        }
    }
}

/// Whether the visit succeeded, from threads of their own; the guest is told when it is over.
fn visited(visit: Visit, mut keyboard: ChildStdin) -> mpsc::Receiver<bool> {
    let (over, end) = mpsc::channel();
    let (sender, receiver) = mpsc::channel();
    visit::begin(visit, over);
    thread::spawn(move || {
        if let Ok(succeeded) = end.recv() {
            // In this order: the guest may end as soon as it has the line.
            let _ = sender.send(succeeded);
            let _ = keyboard.write_all(b"\n");
        }
    });
    receiver
}

fn command(image: &Image, machine: &Machine) -> Command {
    let mut network = String::from("user,id=net");
    if let Some(port) = machine.port {
        network.push_str(&format!(",hostfwd=tcp:127.0.0.1:{port}-:8000"));
    }
    // setpriv asks the kernel to kill QEMU with this program, however that ends.
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
        .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2"])
        .args(["-m", &format!("{}M", machine.memory_mib)])
        .args(["-nodefaults", "-display", "none", "-no-reboot"])
        .args(["-chardev", "stdio,id=console,signal=on"])
        .args(["-serial", "chardev:console"])
        .args(["-netdev", &network])
        .args(["-device", "virtio-net-pci,netdev=net,romfile="])
        .arg("-kernel")
        .arg(&image.kernel)
        .arg("-initrd")
        .arg(&image.initramfs)
        .args(["-append", KERNEL_OPTIONS]);
    command
}

/// The lines of the console, from a thread of their own, so that waiting can have an end.
fn lines_of(console: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(console).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line);
            if sender.send(line.trim_end_matches('\r').to_owned()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn print(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[expect(clippy::disallowed_methods, reason = "a chore has real time only")]
fn now() -> Instant {
    Instant::now()
}
