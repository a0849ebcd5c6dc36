//! `eyeline push`: sends a source to an Eyeline elsewhere.

use std::time::Duration;

use eyeline_auth::Access;
use eyeline_clock::RealClock;
use eyeline_source::push::Destination;
use eyeline_source::{Options, Spec};
use eyeline_transcode::Transcoder;
use tracing::Level;

use crate::cli::PushArgs;
use crate::config::LogFormat;
use crate::{logging, stop};

/// How long pictures are still re-encoded when a connection was lost: until the next is tried.
const RENDITION_GRACE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &PushArgs) -> anyhow::Result<()> {
    logging::start(Level::INFO, LogFormat::Text);
    let specs = Spec::parse_list(&args.source)?;
    let destination = Destination::parse(&args.url, args.token.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    stop::block_on(runtime, async {
        let stopped = stop::signalled()?;
        let clock = RealClock::shared();
        let transcoder = Box::new(Transcoder::new(clock.clone(), RENDITION_GRACE));
        let (options, access) = (Options::new(clock), Access::by_configuration());
        eyeline_source::push::run(specs, destination, options, &access, transcoder, stopped)
            .await?;
        anyhow::Ok(())
    })
}
