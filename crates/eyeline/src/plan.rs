//! Which streams are to be served: those of the configuration, those of the command
//! line, or else the test pattern.

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

/// The streams of the configuration and of the command line, or the test pattern.
pub(crate) fn streams(
    args: &ServeArgs,
    config: &Config,
    clock: &SharedClock,
) -> anyhow::Result<Vec<Planned>> {
    let mut planned: Vec<Planned> = Vec::new();
    for (id, stream) in &config.streams {
        let mut options = Options::new(clock.clone());
        options.on_demand = stream.on_demand;
        options.jpeg_quality = stream.jpeg_quality.unwrap_or(options.jpeg_quality);
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
    for source in &args.sources {
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
    if planned.is_empty() {
        let specs = vec![Spec::parse("test:")?];
        planned.push(Planned {
            id: "test".parse()?,
            definition: configured(specs, Options::new(clock.clone())),
        });
    }
    Ok(planned)
}

fn configured(specs: Vec<Spec>, options: Options) -> Definition {
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

fn free_name(base: &str, taken: impl Fn(&str) -> bool) -> anyhow::Result<StreamId> {
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

    fn check(sources: &[&str], expected: &[(&str, &str)]) {
        let args = ServeArgs {
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            ..ServeArgs::default()
        };
        let planned = streams(&args, &Config::default(), &RealClock::shared()).unwrap();
        let named: Vec<_> = planned
            .iter()
            .map(|plan| (plan.id.to_string(), plan.definition.source()))
            .collect();
        let named: Vec<_> = named
            .iter()
            .map(|(id, source)| (id.as_str(), source.as_str()))
            .collect();
        assert_eq!(named, expected);
    }

    #[test]
    fn streams_are_named_by_the_user_or_by_their_kind() {
        check(&[], &[("test", "test:")]);
        check(
            &["front=test:", "test:", "test:"],
            &[("front", "test:"), ("test", "test:"), ("test-2", "test:")],
        );
    }

    #[test]
    fn an_equals_sign_within_a_source_names_nothing() {
        check(&["test:?fps=5"], &[("test", "test:?fps=5")]);
    }

    #[test]
    fn two_streams_of_one_name_are_refused() {
        let sources = vec!["a=test:".to_owned(), "a=test:".to_owned()];
        let args = ServeArgs {
            sources,
            ..ServeArgs::default()
        };
        assert!(streams(&args, &Config::default(), &RealClock::shared()).is_err());
    }

    #[test]
    fn what_the_configuration_says_of_a_stream_is_what_it_is_to_be() {
        let text = "[streams.a]\nsource = \"push:\"\nname = \"A\"\nquality = \"low\"\nfps = 5\nsize = \"64x48\"";
        let config: Config = toml::from_str(text).unwrap();
        let planned = streams(&ServeArgs::default(), &config, &RealClock::shared()).unwrap();
        let definition = &planned[0].definition;
        assert_eq!(definition.name.as_deref(), Some("A"));
        assert_eq!(definition.size.map(|size| size.height()), Some(48));
        let wish = Wish::from_pairs([("quality", "low"), ("fps", "5")]).unwrap();
        assert_eq!(definition.defaults, wish);
    }
}
