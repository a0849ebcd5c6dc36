//! Which streams are to be served: those of the configuration, those of the command
//! line, or else every camera there is.

use anyhow::anyhow;
use eyeline_clock::SharedClock;
use eyeline_hub::Wish;
use eyeline_media::StreamId;
use eyeline_source::{Definition, Options, Origin, Spec};

use crate::cli::ServeArgs;
use crate::config::Config;

/// A stream to be served.
pub(crate) struct Planned {
    pub(crate) id: StreamId,
    pub(crate) definition: Definition,
}

/// Stands among the sources for every camera of this machine.
const AUTO: &str = "auto";

/// What is to be served.
pub(crate) struct Plan {
    /// The streams that are named.
    pub(crate) streams: Vec<Planned>,
    /// Whether every camera of this machine is a stream, too.
    pub(crate) auto: bool,
}

/// What the configuration and the command line say; every camera if they name nothing.
pub(crate) fn read(args: &ServeArgs, config: &Config, clock: &SharedClock) -> anyhow::Result<Plan> {
    let is_auto = |source: &&String| source.eq_ignore_ascii_case(AUTO);
    let streams = streams(args, config, clock)?;
    let auto = config.auto || args.sources.iter().any(|source| is_auto(&source));
    let auto = auto || streams.is_empty();
    Ok(Plan { streams, auto })
}

/// The test pattern, as a stream.
pub(crate) fn test_pattern(clock: &SharedClock) -> anyhow::Result<Planned> {
    let specs = vec![Spec::parse("test:")?];
    Ok(Planned {
        id: "test".parse()?,
        definition: configured(specs, Options::new(clock.clone())),
    })
}

fn streams(args: &ServeArgs, config: &Config, clock: &SharedClock) -> anyhow::Result<Vec<Planned>> {
    let mut planned: Vec<Planned> = Vec::new();
    for (id, stream) in &config.streams {
        let mut options = Options::new(clock.clone());
        options.on_demand = stream.on_demand;
        options.jpeg_quality = stream.jpeg_quality.unwrap_or(options.jpeg_quality);
        let controls = stream.controls.iter();
        options.controls = controls
            .map(|(id, value)| (id.clone(), (*value).into()))
            .collect();
        options.silence_timeout = stream.silence_timeout_s.unwrap_or(options.silence_timeout);
        planned.push(Planned {
            id: id.0.clone(),
            definition: Definition {
                name: stream.name.as_ref().map(|name| name.0.0.clone()),
                defaults: Wish {
                    quality: stream.quality.map(|quality| quality.0),
                    fps: stream.fps,
                    ..Wish::default()
                },
                size: stream.size.map(|size| size.0),
                ..configured(stream.source.0.clone(), options)
            },
        });
    }
    let named = args
        .sources
        .iter()
        .filter(|source| !source.eq_ignore_ascii_case(AUTO));
    for source in named {
        let (name, text) = split_name(source);
        let specs = Spec::parse_list(text)?;
        let taken = |id: &str| planned.iter().any(|plan| plan.id.as_str() == id);
        let id = match name {
            Some(id) if taken(id.as_str()) => return Err(anyhow!("two streams are named {id}")),
            Some(id) => id,
            None => free_name(specs.first().map_or("stream", default_name), taken)?,
        };
        let definition = configured(specs, Options::new(clock.clone()));
        planned.push(Planned { id, definition });
    }
    Ok(planned)
}

pub(crate) fn configured(specs: Vec<Spec>, options: Options) -> Definition {
    Definition::new(specs, options, Origin::Configuration)
}

/// `NAME=SOURCE` into its parts; an `=` further on belongs to the source.
fn split_name(text: &str) -> (Option<StreamId>, &str) {
    match text
        .split_once('=')
        .map(|(name, source)| (name.parse(), source))
    {
        Some((Ok(id), source)) => (Some(id), source),
        _ => (None, text),
    }
}

fn default_name(spec: &Spec) -> &'static str {
    spec.input()
        .schemes
        .first()
        .map_or("stream", |scheme| scheme)
}

pub(crate) fn free_name(base: &str, taken: impl Fn(&str) -> bool) -> anyhow::Result<StreamId> {
    let names = (1..).map(|n| {
        if n == 1 {
            base.to_owned()
        } else {
            format!("{base}-{n}")
        }
    });
    let name = names
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or_default();
    Ok(name.parse()?)
}

#[cfg(test)]
mod tests {
    use eyeline_clock::RealClock;

    use super::*;

    fn check(sources: &[&str], auto: bool, expected: &[(&str, &str)]) {
        let args = ServeArgs {
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            ..ServeArgs::default()
        };
        let plan = read(&args, &Config::default(), &RealClock::shared()).unwrap();
        let streams = plan.streams.iter();
        let named: Vec<_> = streams
            .map(|plan| (plan.id.to_string(), plan.definition.source()))
            .collect();
        let named: Vec<_> = named
            .iter()
            .map(|(id, source)| (id.as_str(), source.as_str()))
            .collect();
        assert_eq!(named, expected);
        assert_eq!(plan.auto, auto);
    }

    #[test]
    fn streams_are_named_by_the_user_or_by_their_kind() {
        check(
            &["front=test:", "test:", "test:"],
            false,
            &[("front", "test:"), ("test", "test:"), ("test-2", "test:")],
        );
    }

    #[test]
    fn an_equals_sign_within_a_source_names_nothing() {
        check(&["test:?fps=5"], false, &[("test", "test:?fps=5")]);
    }

    #[test]
    fn every_camera_is_served_if_nothing_is_named_or_it_is_asked_for() {
        check(&[], true, &[]);
        check(&["AUTO"], true, &[]);
        check(&["auto", "a=test:"], true, &[("a", "test:")]);
    }

    #[test]
    fn two_streams_of_one_name_are_refused() {
        let sources = vec!["a=test:".to_owned(), "a=test:".to_owned()];
        let args = ServeArgs {
            sources,
            ..ServeArgs::default()
        };
        assert!(read(&args, &Config::default(), &RealClock::shared()).is_err());
    }

    #[test]
    fn what_the_configuration_says_of_a_stream_is_what_it_is_to_be() {
        let text = "[streams.a]\nsource = \"push:\"\nname = \"A\"\nquality = \"low\"\nfps = 5\nsize = \"64x48\"\ncontrols = { gain = 3, hflip = true }";
        let config: Config = toml::from_str(text).unwrap();
        let planned = streams(&ServeArgs::default(), &config, &RealClock::shared()).unwrap();
        let definition = &planned[0].definition;
        assert_eq!(definition.name.as_deref(), Some("A"));
        assert_eq!(definition.size.map(|size| size.height()), Some(48));
        let wish = Wish::from_pairs([("quality", "low"), ("fps", "5")]).unwrap();
        assert_eq!(definition.defaults, wish);
        let controls = [("gain", 3), ("hflip", 1)].map(|(id, value)| (id.to_owned(), value));
        assert_eq!(definition.options.controls, controls.into());
    }
}
