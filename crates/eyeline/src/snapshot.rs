//! `eyeline snapshot`: one picture of a source into a file.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use eyeline_auth::Access;
use eyeline_clock::RealClock;
use eyeline_source::{Options, Spec};
use eyeline_transcode::Transcoder;

use crate::cli::SnapshotArgs;
use crate::stop;

pub(crate) fn run(args: &SnapshotArgs) -> anyhow::Result<()> {
    let specs = Spec::parse_list(&args.source)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let clock = RealClock::shared();
    let transcoder = Box::new(Transcoder::new(clock.clone(), Duration::ZERO));
    let (options, access) = (Options::new(clock), Access::by_configuration());
    let taken = eyeline_source::snapshot(specs, options, &access, transcoder);
    let picture = stop::block_on(runtime, taken)?;
    if args.output == Path::new("-") {
        return std::io::stdout()
            .write_all(&picture)
            .context("cannot write to standard output");
    }
    std::fs::write(&args.output, &picture)
        .with_context(|| format!("cannot write {}", args.output.display()))
}
