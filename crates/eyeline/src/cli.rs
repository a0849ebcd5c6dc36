//! The command line: what can be asked for, said so that a newcomer understands it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Door;

const EXAMPLES: &str = "\
Examples:
  eyeline                                         every camera on http://localhost:8000
  python3 app.py | eyeline serve -                frames that a program writes
  eyeline front=http://10.0.0.7/video lab=test:   two named streams
  python3 app.py | eyeline push - http://host:8000/streams/front
  eyeline snapshot test: -o picture.jpg
  eyeline v4l2:                                   the first camera of this machine

Then open http://localhost:8000 in a browser.";

/// Any camera, on any screen, as it happens.
#[derive(Debug, Parser)]
#[command(name = "eyeline", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve sources to browsers and programs (what `eyeline` alone does)
    #[command(after_help = crate::help::sources())]
    Serve(ServeArgs),
    /// Send a source to an Eyeline elsewhere
    Push(PushArgs),
    /// Save one picture of a source as a JPEG file
    Snapshot(SnapshotArgs),
    /// List the cameras of this machine, what they give and what can be set on them
    Cameras(CamerasArgs),
    /// Say what is wrong with a configuration, and where
    Check(CheckArgs),
    /// Make a configuration out of one for ffserver
    Import(ImportArgs),
}

#[derive(Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// What to serve: SOURCE or NAME=SOURCE, such as `-`, `test:`, `front=http://10.0.0.7/video`;
    /// AUTO stands for every camera of this machine [default: AUTO]
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// Configuration file [default: eyeline.toml, if there is one here]
    #[arg(long, value_name = "FILE", env = "EYELINE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port to listen on; may be given several times [default: 0.0.0.0:8000]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Vec<SocketAddr>,
    /// Address and port to listen on for RTMP, or `off`; may be given several times
    /// [default: port 1935 beside --listen]
    #[arg(long, value_name = "ADDR")]
    pub(crate) rtmp: Vec<Door>,
    /// Address and port to listen on for RTSP, or `off`; may be given several times
    /// [default: port 8554 beside --listen]
    #[arg(long, value_name = "ADDR")]
    pub(crate) rtsp: Vec<Door>,
    /// Let everybody in, without a token
    #[arg(long)]
    pub(crate) open: bool,
    /// Say more in the log; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Args)]
#[command(after_help = crate::help::sources())]
pub(crate) struct PushArgs {
    /// What to send, such as `-`, `test:`, `exec:COMMAND`
    pub(crate) source: String,
    /// Where to: http://host:8000/streams/NAME, with a token as http://any:TOKEN@host…
    pub(crate) url: String,
    /// The server's token, if it is not in the address
    #[arg(long, env = "EYELINE_PUSH_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = crate::help::sources())]
pub(crate) struct SnapshotArgs {
    /// What to take the picture of
    pub(crate) source: String,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CamerasArgs {
    /// As JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Configuration file [default: eyeline.toml]
    #[arg(long, value_name = "FILE", env = "EYELINE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The configuration of ffserver, such as /etc/ffserver.conf
    pub(crate) file: PathBuf,
    /// File to make, which must not be there yet [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The program's arguments. Standard input with parameters, `-?format=bgr24`, looks like
/// an option to a parser of options, so it is given by its long name.
pub(crate) fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os().map(long_name)
}

fn long_name(argument: OsString) -> OsString {
    let parameters = argument.to_str().and_then(|text| text.strip_prefix("-?"));
    parameters.map_or_else(|| argument.clone(), |rest| format!("stdin:?{rest}").into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sources_may_be_given_with_and_without_the_word_serve() {
        let check = |line: &[&str]| {
            let cli = Cli::parse_from(line);
            let serve = match cli.command {
                Some(Command::Serve(args)) => args,
                None => cli.serve,
                other => panic!("{other:?}"),
            };
            assert_eq!(serve.sources, ["a=test:", "-"]);
        };
        check(&["eyeline", "serve", "a=test:", "-"]);
        check(&["eyeline", "a=test:", "-"]);
    }

    #[test]
    fn standard_input_with_parameters_is_no_option() {
        let check =
            |argument: &str, expected: &str| assert_eq!(long_name(argument.into()), expected);
        check("-?format=gray8&size=2x2", "stdin:?format=gray8&size=2x2");
        check("-", "-");
        check("--open", "--open");
        check("cam=-?fps=5", "cam=-?fps=5");
    }
}
