//! `cargo xtask vm`: a small virtual machine with cameras. It boots the distribution's
//! kernel with `vivid`, a driver of virtual V4L2 devices, under QEMU, with the program in
//! it, and runs the tests that need a driver, or a command, or serves: for people, or for a
//! script that visits its pages in a browser.
//!
//! Not here: what installs QEMU and the kernel (`scripts/setup vm`), the tests.

mod build;
mod cpio;
mod guest;
mod image;
mod visit;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

/// Two cameras, of which the second is multi-planar.
const CAMERAS: &str = "n_devs=2 node_types=0x1,0x1 multiplanar=1,2";

/// What is served when nothing is named.
const SOURCES: &[&str] = &["one=v4l2:/dev/video0", "two=v4l2:/dev/video1"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Serve the sources given instead, until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// Serve the sources given instead, run the script in Node.js with the address, and end
    /// with it
    #[arg(long, value_name = "SCRIPT", conflicts_with = "serve")]
    browser: Option<PathBuf>,
    /// The port on this machine that leads to the guest's port 8000; 0: any that is free
    /// [default: 8000; with --browser: 0]
    #[arg(long)]
    port: Option<u16>,
    /// Copy a file into the guest's /root; may be given several times
    #[arg(long, value_name = "PATH")]
    with: Vec<PathBuf>,
    /// Parameters of the driver, as insmod takes them
    #[arg(long, default_value = CAMERAS)]
    vivid: String,
    /// Take the program as it was built last
    #[arg(long)]
    no_build: bool,
    /// Fail when the kernel logs an error; target/vm/kernel-errors has them
    #[arg(long)]
    strict: bool,
    /// The guest's memory
    #[arg(long, default_value_t = 1024)]
    memory_mib: u32,
    /// Kill the guest after so long [default: 900; with --serve: never]
    #[arg(long)]
    time_limit_s: Option<u64>,
    /// What to run in the guest, by its shell; with --serve and --browser: sources
    #[arg(last = true)]
    command: Vec<String>,
}

/// Runs the tests, a command or the server in the guest, and ends as that does.
///
/// # Errors
/// When something does not build, is missing, or takes too long.
pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    set_up(&metadata)?;
    let program = if options.no_build {
        metadata.target_directory.join("debug/eyeline").into()
    } else {
        build::program(&metadata)?
    };
    let mut with = options.with;
    let mut port = None;
    let mut time_limit = options.time_limit_s;
    let command = if options.serve {
        let free = free_port(options.port.unwrap_or(8000))?;
        port = Some(free);
        say(&format!(
            "serving at http://127.0.0.1:{free}/ in some seconds; Ctrl-C ends it"
        ));
        format!("exec {}", serve_command(&options.command))
    } else {
        time_limit = time_limit.or(Some(900));
        if options.browser.is_some() {
            port = Some(free_port(options.port.unwrap_or(0))?);
            visited_command(&serve_command(&options.command))
        } else if options.command.is_empty() {
            let tests = build::tests(&metadata)?;
            ensure!(!tests.is_empty(), "there are no tests that need a driver");
            with.extend(tests.iter().cloned());
            test_command(&tests)?
        } else {
            options.command.join(" ")
        }
    };
    let folder = metadata.target_directory.join("vm");
    let image = image::write(&image::Contents {
        folder: folder.as_std_path(),
        program: &program,
        workspace: metadata.workspace_root.as_std_path(),
        with: &with,
        vivid: &options.vivid,
        command: &command,
    })?;
    let machine = guest::Machine {
        memory_mib: options.memory_mib,
        port,
        time_limit: time_limit.map(Duration::from_secs),
        visit: options
            .browser
            .zip(port)
            .map(|(script, port)| visit::Visit { script, port }),
    };
    // A run that breaks off must not leave the list of the one before.
    let errors = folder.join("kernel-errors");
    fs::write(&errors, "")?;
    let outcome = guest::run(&image, &machine)?;
    fs::write(&errors, outcome.kernel.join("\n"))?;
    if options.strict && !outcome.kernel.is_empty() {
        say("the kernel logged errors");
        return Ok(ExitCode::FAILURE);
    }
    if !outcome.visited {
        say("the visit failed");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::from(outcome.status))
}

/// QEMU and the kernel; only looks when they are there.
fn set_up(metadata: &Metadata) -> anyhow::Result<()> {
    let status = Command::new(metadata.workspace_root.join("scripts/setup"))
        .arg("vm")
        .status()
        .context("cannot run scripts/setup")?;
    ensure!(status.success(), "scripts/setup vm failed");
    Ok(())
}

/// Said before the guest takes half a minute to find out.
fn free_port(wanted: u16) -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", wanted))
        .with_context(|| format!("port {wanted} is taken; --port chooses another"))?;
    Ok(listener.local_addr()?.port())
}

/// Whoever comes from the host comes from another machine, hence `--open`.
fn serve_command(sources: &[String]) -> String {
    let mut command = String::from("eyeline serve --open --listen 0.0.0.0:8000");
    let given = sources.iter().map(String::as_str);
    let default = SOURCES.iter().copied().filter(|_| sources.is_empty());
    for source in given.chain(default) {
        command.push(' ');
        command.push_str(&quoted(source));
    }
    command
}

/// Serves until a line comes from the console, and ends as the server does then.
fn visited_command(serve: &str) -> String {
    format!("{serve} &\nserver=$!\nread -r _ </dev/console\nkill $server\nwait $server\n")
}

/// Runs each test, one at a time for they share the cameras, and fails if one failed. The
/// variable tells tests where they are; the program itself takes it for a mistake.
fn test_command(tests: &[PathBuf]) -> anyhow::Result<String> {
    let mut command = String::from("export EYELINE_VIVID=1\nstatus=0\n");
    for test in tests {
        let name = image::file_name(test)?;
        command.push_str(&format!(
            "./{} --test-threads=1 || status=1\n",
            quoted(&name)
        ));
    }
    command.push_str("exit $status\n");
    Ok(command)
}

/// One word for the shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn say(words: &str) {
    use std::io::Write as _;
    // Who cannot be told need not be.
    let _ = writeln!(std::io::stderr(), "eyeline-vm: {words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_reach_the_guests_shell_as_they_are() {
        let given = ["a=exec:echo 'x' $HOME".to_owned()];
        assert_eq!(
            serve_command(&given),
            r"eyeline serve --open --listen 0.0.0.0:8000 'a=exec:echo '\''x'\'' $HOME'"
        );
        assert!(serve_command(&[]).ends_with(" 'two=v4l2:/dev/video1'"));
    }

    #[test]
    fn tests_run_all_and_one_failure_is_enough() {
        let tests = [PathBuf::from("/x/vivid-1"), PathBuf::from("/x/other-2")];
        assert_eq!(
            test_command(&tests).unwrap(),
            "export EYELINE_VIVID=1\n\
             status=0\n\
             ./'vivid-1' --test-threads=1 || status=1\n\
             ./'other-2' --test-threads=1 || status=1\n\
             exit $status\n"
        );
    }
}
