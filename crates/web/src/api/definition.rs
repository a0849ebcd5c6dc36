//! What a client says of a stream, in JSON's words, and what the rest of the program
//! makes of it. The same words are kept in the store.

use eyeline_clock::SharedClock;
use eyeline_hub::{Fps, JpegQuality, Quality, Wish};
use eyeline_media::Resolution;
use eyeline_source::{Definition, Options, Origin, Spec};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::{said_whole, whole};
use crate::errors::Error;

/// Most characters of a name.
const NAME_CHARS: usize = 100;

/// A stream as a client defines it. Everything but the source may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where the pictures come from; several sources, separated by commas, are tried in order.
    #[schema(example = "test:?size=1280x720&fps=30")]
    pub(crate) source: String,
    /// A name for people; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub(crate) name: Option<String>,
    /// What viewers get who do not ask for a quality; `source` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quality: Option<QualityName>,
    /// Frames a second: asked of the source where it can choose, else pictures are left out.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(minimum = 1, maximum = 120)]
    pub(crate) fps: Option<u32>,
    /// Width and height: asked of the source where it can choose, else pictures are scaled
    /// down to that height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "1280x720", pattern = "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$")]
    pub(crate) size: Option<String>,
    /// JPEG quality of what is encoded, 1 (worst) to 100; the quality's own if left out.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) jpeg_quality: Option<u32>,
    /// Whether the source is open only while somebody looks; the source's own way if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_demand: Option<bool>,
}

/// Names of qualities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QualityName {
    /// At most 320 lines.
    Low,
    /// At most 480 lines.
    Medium,
    /// At most 720 lines.
    High,
    /// As the source gives it.
    Source,
}

/// What is to be changed; what is left out stays, `null` sets back to the default.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Change {
    /// Where the pictures come from.
    pub(crate) source: Option<String>,
    /// A name for people.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub(crate) name: Option<Option<String>>,
    /// What viewers get who do not ask for a quality.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<QualityName>)]
    pub(crate) quality: Option<Option<QualityName>>,
    /// Frames a second.
    #[serde(deserialize_with = "said_whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 120)]
    pub(crate) fps: Option<Option<u32>>,
    /// Width and height.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>, example = "1280x720", pattern = "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$")]
    pub(crate) size: Option<Option<String>>,
    /// JPEG quality of what is encoded.
    #[serde(deserialize_with = "said_whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(crate) jpeg_quality: Option<Option<u32>>,
    /// Whether the source is open only while somebody looks.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<bool>)]
    pub(crate) on_demand: Option<Option<bool>>,
}

/// Tells `null` from nothing said.
fn said<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl QualityName {
    fn quality(self) -> Quality {
        match self {
            Self::Low => Quality::Low,
            Self::Medium => Quality::Medium,
            Self::High => Quality::High,
            Self::Source => Quality::Source,
        }
    }

    pub(crate) fn of(quality: Quality) -> Self {
        match quality {
            Quality::Low => Self::Low,
            Quality::Medium => Self::Medium,
            Quality::High => Self::High,
            Quality::Source => Self::Source,
        }
    }
}

impl Settings {
    /// What is known of a running stream, passwords included: for the store, not for
    /// visitors.
    pub(crate) fn of(definition: &Definition) -> Self {
        let sources: Vec<_> = definition.specs.iter().map(Spec::text).collect();
        let wish = &definition.defaults;
        Self {
            source: sources.join(","),
            name: definition.name.clone(),
            quality: wish.quality.map(QualityName::of),
            fps: wish.fps.map(|fps| fps.get().into()),
            size: definition.size.map(|size| size.to_string()),
            jpeg_quality: wish.jpeg_quality.map(|quality| quality.get().into()),
            on_demand: definition.options.on_demand,
        }
    }

    /// What the program makes of it.
    ///
    /// # Errors
    /// Names the member and says what it accepts.
    pub(crate) fn define(&self, clock: &SharedClock, origin: Origin) -> Result<Definition, Error> {
        let mut options = Options::new(SharedClock::clone(clock));
        options.on_demand = self.on_demand;
        Ok(Definition {
            specs: Spec::parse_list(&self.source).map_err(Error::Source)?,
            options,
            name: name(self.name.as_deref())?,
            defaults: Wish {
                quality: self.quality.map(QualityName::quality),
                fps: self.fps.map(fps).transpose()?,
                jpeg_quality: self.jpeg_quality.map(jpeg_quality).transpose()?,
                ..Wish::default()
            },
            size: self.size.as_deref().map(size).transpose()?,
            origin,
        })
    }
}

impl Change {
    /// The definition with what is to be changed changed.
    ///
    /// # Errors
    /// Names the member and says what it accepts.
    pub(crate) fn apply(self, mut to: Definition) -> Result<Definition, Error> {
        if let Some(source) = self.source {
            to.specs = Spec::parse_list(&source).map_err(Error::Source)?;
            // What the new source says itself is not asked of it otherwise.
            if says(&source, "size") {
                to.size = None;
            }
            if says(&source, "fps") {
                to.defaults.fps = None;
            }
        }
        if let Some(said) = self.name {
            to.name = name(said.as_deref())?;
        }
        if let Some(said) = self.quality {
            to.defaults.quality = said.map(QualityName::quality);
        }
        if let Some(said) = self.fps {
            to.defaults.fps = said.map(fps).transpose()?;
        }
        if let Some(said) = self.size {
            to.size = said.as_deref().map(size).transpose()?;
        }
        if let Some(said) = self.jpeg_quality {
            to.defaults.jpeg_quality = said.map(jpeg_quality).transpose()?;
        }
        if let Some(said) = self.on_demand {
            to.options.on_demand = said;
        }
        Ok(to)
    }
}

/// Whether a source has this parameter in its text.
fn says(source: &str, parameter: &str) -> bool {
    let mut words = source.split(['?', '&', '#', ',']);
    words.any(|word| {
        word.split_once('=')
            .is_some_and(|(name, _)| name == parameter)
    })
}

fn fps(fps: u32) -> Result<Fps, Error> {
    Fps::new(fps).map_err(|error| Error::Member("fps", error.to_string()))
}

fn jpeg_quality(quality: u32) -> Result<JpegQuality, Error> {
    let found = u8::try_from(quality).ok().and_then(JpegQuality::new);
    let why = || format!("{quality} is out of range; use 1 to 100");
    found.ok_or_else(|| Error::Member("jpeg_quality", why()))
}

fn size(text: &str) -> Result<Resolution, Error> {
    text.parse()
        .map_err(|error: eyeline_media::InvalidResolution| {
            Error::Impossible("size", error.to_string())
        })
}

/// A name of nothing but spaces is none.
pub(crate) fn name(text: Option<&str>) -> Result<Option<String>, Error> {
    let name = text.unwrap_or_default();
    if name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        let why = format!("a name has at most {NAME_CHARS} characters, in one line");
        return Err(Error::Member("name", why));
    }
    let name = name.trim();
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

#[cfg(test)]
mod tests;
