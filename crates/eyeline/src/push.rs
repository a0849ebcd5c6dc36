//! `eyeline push`: sends a source to an Eyeline elsewhere.

use eyeline_auth::Access;
use eyeline_clock::RealClock;
use eyeline_source::push::Destination;
use eyeline_source::{Options, Spec};
use tracing::Level;

use crate::cli::PushArgs;
use crate::config::LogFormat;
use crate::{logging, stop};

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
        let options = Options::new(RealClock::shared());
        let access = Access::by_configuration();
        eyeline_source::push::run(specs, destination, options, &access, stopped).await?;
        anyhow::Ok(())
    })
}
