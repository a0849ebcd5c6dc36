//! Playlists of variants: the same in several qualities.

use eyeline_media::Resolution;

use super::attributes::Attributes;
use super::error::Error;
use super::limits::MAX_VARIANTS;
use super::tag;

/// A playlist of variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Master {
    /// In the order of the playlist.
    pub variants: Vec<Variant>,
}

/// One quality.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its playlist, relative to this one.
    pub uri: String,
    /// Most bits a second.
    pub bandwidth: u64,
    /// How it is coded, as RFC 6381 says it; `None` if that is left open.
    pub codecs: Option<String>,
    /// Size of its pictures, if that is said.
    pub resolution: Option<Resolution>,
    /// Whether its sound is in a playlist of its own.
    pub audio_apart: bool,
}

impl Master {
    pub(super) fn read<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut variants = Vec::new();
        let mut apart = Vec::new();
        let mut next: Option<Attributes<'_>> = None;
        for (_, line) in lines {
            if let Some(said) = tag(line, "#EXT-X-STREAM-INF") {
                next = Some(Attributes(said));
            } else if let Some(said) = tag(line, "#EXT-X-MEDIA").map(Attributes) {
                let is_audio = said.get("TYPE") == Some("AUDIO") && said.get("URI").is_some();
                apart.extend(said.get("GROUP-ID").filter(|_| is_audio));
            } else if !line.starts_with('#')
                && let Some(said) = next.take()
                && variants.len() < MAX_VARIANTS
            {
                let number = |name| said.get(name)?.parse().ok();
                let resolution = said.get("RESOLUTION").and_then(|text| text.parse().ok());
                variants.push((
                    said.get("AUDIO"),
                    Variant {
                        uri: line.to_owned(),
                        bandwidth: number("BANDWIDTH").unwrap_or(0),
                        codecs: said.get("CODECS").map(str::to_owned),
                        resolution,
                        audio_apart: false,
                    },
                ));
            }
        }
        // Groups may stand behind the variants that name them.
        let variants = variants.into_iter().map(|(group, variant)| Variant {
            audio_apart: group.is_some_and(|group| apart.contains(&group)),
            ..variant
        });
        Self {
            variants: variants.collect(),
        }
    }

    /// The best variant that is H.264, or may be.
    ///
    /// # Errors
    /// [`Error::NoH264`] if there is none.
    pub fn best(&self) -> Result<&Variant, Error> {
        let best = self.variants.iter().filter(|v| v.may_be_h264());
        best.max_by_key(|variant| {
            let pixels = variant
                .resolution
                .map_or(0, |size| u64::from(size.width()) * u64::from(size.height()));
            // Of equals that with its sound in it.
            (pixels, !variant.audio_apart, variant.bandwidth)
        })
        .ok_or_else(|| {
            let codecs = self.variants.iter().filter_map(|v| v.codecs.as_deref());
            let codecs: Vec<_> = codecs.take(4).collect();
            Error::NoH264 {
                codecs: codecs.join("; "),
            }
        })
    }
}

impl Variant {
    fn may_be_h264(&self) -> bool {
        let Some(codecs) = &self.codecs else {
            return true;
        };
        let mut codecs = codecs.split(',').map(str::trim);
        codecs.any(|codec| codec.starts_with("avc1") || codec.starts_with("avc3"))
    }
}
