//! What a stream is to be: its sources, what is said of it, and what its viewers get.
//!
//! Not here: how that is brought about (`supervise`), where definitions are kept.

use eyeline_hub::{Profile, Wish};
use eyeline_media::Resolution;

use crate::options::Options;
use crate::spec::Spec;

/// What a stream is to be.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Where the pictures come from, best first.
    pub specs: Vec<Spec>,
    /// How the sources are run.
    pub options: Options,
    /// A name for people.
    pub name: Option<String>,
    /// What viewers get who leave it to the stream. A source that can is asked for the
    /// rate and the JPEG quality; for others pictures are left out or encoded anew.
    pub defaults: Wish,
    /// The size of the pictures. A source that can is asked for it; pictures of others are
    /// scaled down to the height, never up.
    pub size: Option<Resolution>,
    /// Who wanted it.
    pub origin: Origin,
}

/// Who wanted a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration or the command line.
    Configuration,
    /// Somebody who used the API.
    Api,
    /// Somebody who published without asking before.
    Publisher,
}

/// What a definition comes to.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The sources to run: as they are written, with what is asked of them in particular.
    pub(crate) specs: Vec<Spec>,
    /// The sources as they may be shown.
    pub(crate) names: Vec<String>,
    pub(crate) options: Options,
    pub(crate) profile: Profile,
}

impl Definition {
    /// These sources, and nothing particular.
    #[must_use]
    pub fn new(specs: Vec<Spec>, options: Options, origin: Origin) -> Self {
        Self {
            specs,
            options,
            name: None,
            defaults: Wish::default(),
            size: None,
            origin,
        }
    }

    /// The sources as they may be shown: without passwords.
    #[must_use]
    pub fn source(&self) -> String {
        self.names().join(", ")
    }

    fn names(&self) -> Vec<String> {
        self.specs.iter().map(Spec::to_string).collect()
    }

    pub(crate) fn plan(&self) -> Plan {
        let (mut options, mut defaults) = (self.options.clone(), self.defaults);
        options.jpeg_quality = defaults.jpeg_quality.unwrap_or(options.jpeg_quality);
        let asked = self.specs.first().is_some_and(|spec| spec.input().wish);
        if asked {
            // The source sees to it.
            (defaults.fps, defaults.jpeg_quality) = (None, None);
        } else if let Some(size) = self.size {
            let height = defaults.height.into_iter().chain([size.height()]).min();
            defaults.height = height;
        }
        let profile = Profile {
            source: self.source(),
            name: self.name.clone(),
            defaults,
        };
        Plan {
            specs: self.specs.iter().map(|spec| self.asked_of(spec)).collect(),
            names: self.names(),
            options,
            profile,
        }
    }

    /// The source with what the stream asks of it in its parameters.
    fn asked_of(&self, spec: &Spec) -> Spec {
        let size = self.size.map(|size| ("size", size.to_string()));
        let fps = self.defaults.fps.map(|fps| ("fps", fps.to_string()));
        let quality = self.defaults.jpeg_quality;
        let quality = quality.filter(|_| spec.input().takes("quality"));
        let quality = quality.map(|quality| ("quality", quality.get().to_string()));
        let asked: Vec<_> = [size, fps, quality].into_iter().flatten().collect();
        if asked.is_empty() || !spec.input().wish {
            return spec.clone();
        }
        // What the input does not take is not asked of it.
        spec.with_params(&asked).unwrap_or_else(|_| spec.clone())
    }
}

#[cfg(test)]
mod tests {
    use eyeline_clock::RealClock;
    use eyeline_hub::{Fps, JpegQuality};

    use super::*;

    fn check(source: &str, run: &str, left: Wish) {
        let options = Options::new(RealClock::shared());
        let definition = Definition {
            size: Some("640x360".parse().unwrap()),
            defaults: Wish {
                fps: Fps::new(15).ok(),
                jpeg_quality: JpegQuality::new(60),
                ..Wish::default()
            },
            ..Definition::new(Spec::parse_list(source).unwrap(), options, Origin::Api)
        };
        let plan = definition.plan();
        let texts: Vec<_> = plan.specs.iter().map(Spec::text).collect();
        assert_eq!(texts.join(","), run);
        assert_eq!(plan.profile.defaults, left, "{source}");
        assert_eq!(plan.options.jpeg_quality.get(), 60);
        assert_eq!(plan.profile.source, definition.source());
    }

    #[test]
    fn a_source_that_can_is_asked_for_size_and_rate_and_others_are_scaled_and_thinned_out() {
        check("test:", "test:?size=640x360&fps=15", Wish::default());
        check(
            "test:?fps=50&size=1x1",
            "test:?fps=15&size=640x360",
            Wish::default(),
        );
        check(
            "csi:0",
            "csi:0?size=640x360&fps=15&quality=60",
            Wish::default(),
        );
        let left = Wish {
            fps: Fps::new(15).ok(),
            jpeg_quality: JpegQuality::new(60),
            height: Some(360),
            ..Wish::default()
        };
        check("push:", "push:", left);
        check("http://a/b?fps=1", "http://a/b?fps=1", left);
        check("push:,test:", "push:,test:?size=640x360&fps=15", left);
    }

    #[test]
    fn passwords_are_kept_and_not_shown() {
        let options = Options::new(RealClock::shared());
        let specs = vec![Spec::parse("http://u:secret@a/").unwrap()];
        let definition = Definition::new(specs, options, Origin::Api);
        assert_eq!(definition.specs[0].text(), "http://u:secret@a/");
        assert_eq!(definition.source(), "http://u:***@a/");
        assert!(!format!("{definition:?}").contains("secret"));
        assert!(!format!("{:?}", definition.plan()).contains("secret"));
    }
}
