//! Eyeline: any camera, on any screen, as it happens. The command line, the
//! configuration and the wiring of the other crates; nothing is below this one.

mod auto;
mod banner;
mod cameras;
mod check;
mod cli;
mod config;
mod help;
mod import;
mod logging;
mod plan;
mod push;
mod rtmp;
mod rtsp;
mod serve;
mod snapshot;
mod stop;
mod tcp;
mod token;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

fn main() -> ExitCode {
    // Two crypto providers may be compiled in; this one is meant. Failing means that
    // one is installed already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse_from(cli::arguments());
    let done = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Push(args)) => push::run(&args),
        Some(Command::Snapshot(args)) => snapshot::run(&args),
        Some(Command::Cameras(args)) => cameras::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Import(args)) => import::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With its causes, without a backtrace: it is for whoever typed the command.
            let _ = writeln!(std::io::stderr(), "eyeline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
