//! Multivariant playlists (4.4.6): which playlists there are of a stream.

use std::fmt::{self, Write as _};

/// A variant (4.4.6.2): its own pictures, and the sound of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Where its playlist is.
    pub uri: String,
    /// Bits a second at most.
    pub peak_bps: u64,
    /// Bits a second.
    pub average_bps: u64,
    /// All codecs in it, such as `avc1.64001f,mp4a.40.2`.
    pub codecs: String,
    /// Width and height of its pictures in pixels.
    pub resolution: (u32, u32),
    /// Pictures a second.
    pub fps: f64,
}

/// Sound in a playlist of its own (4.4.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// Where its playlist is.
    pub uri: String,
    /// Channels.
    pub channels: u8,
}

/// A multivariant playlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Multivariant {
    /// The first is what players begin with.
    pub variants: Vec<Variant>,
    /// The sound of all variants.
    pub audio: Option<Rendition>,
}

impl Multivariant {
    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(512);
        // A String takes all that is written.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS"
        )?;
        if let Some(Rendition { uri, channels }) = &self.audio {
            writeln!(
                out,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"sound\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"{channels}\",URI=\"{uri}\""
            )?;
        }
        let audio = if self.audio.is_some() {
            ",AUDIO=\"audio\""
        } else {
            ""
        };
        for variant in &self.variants {
            let (width, height) = variant.resolution;
            writeln!(
                out,
                "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={width}x{height},FRAME-RATE={:.3}{audio}\n{}",
                variant.peak_bps, variant.average_bps, variant.codecs, variant.fps, variant.uri
            )?;
        }
        Ok(())
    }
}
