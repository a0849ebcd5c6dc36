//! `eyeline snapshot`: one picture of a source into a file.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use eyeline_clock::RealClock;
use eyeline_source::{Options, Spec};

use crate::cli::SnapshotArgs;

pub(crate) fn run(args: &SnapshotArgs) -> anyhow::Result<()> {
    let spec = Spec::parse(&args.source)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let picture = runtime.block_on(eyeline_source::snapshot(
        spec,
        Options::new(RealClock::shared()),
    ));
    runtime.shutdown_background();
    let picture = picture?;
    if args.output == Path::new("-") {
        return std::io::stdout()
            .write_all(&picture)
            .context("cannot write to standard output");
    }
    std::fs::write(&args.output, &picture)
        .with_context(|| format!("cannot write {}", args.output.display()))
}
