//! Playlists as text, taken apart.

use std::collections::BTreeMap;

/// The attributes of a tag (4.2), values without their quotes.
pub type Attributes = BTreeMap<String, String>;

/// A part of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Where it is.
    pub uri: String,
    /// In seconds.
    pub duration: f64,
    /// Whether decoding can start in it.
    pub independent: bool,
}

/// What decoding of a segment needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Where it is.
    pub uri: String,
}

/// A segment; without an address it is being made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// Where it is.
    pub uri: Option<String>,
    /// In seconds.
    pub duration: Option<f64>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// When it was captured, as it is written.
    pub captured: Option<String>,
    /// Whether it does not go on where the one before ends.
    pub discontinuity: bool,
    /// Whether it cannot be played.
    pub gap: bool,
    /// What is in force from it on, if it says so.
    pub map: Option<Map>,
}

/// A media playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    /// `EXT-X-VERSION`.
    pub version: Option<u32>,
    /// `EXT-X-TARGETDURATION` in seconds.
    pub target_duration: Option<u64>,
    /// `PART-TARGET` in seconds.
    pub part_target: Option<f64>,
    /// `EXT-X-SERVER-CONTROL`.
    pub control: Option<Attributes>,
    /// `EXT-X-MEDIA-SEQUENCE`.
    pub media_sequence: u64,
    /// `EXT-X-DISCONTINUITY-SEQUENCE`.
    pub discontinuity_sequence: u64,
    /// Segments that were left out.
    pub skipped: Option<u64>,
    /// The segments; the last may be one that is being made.
    pub segments: Vec<Segment>,
    /// The address of `EXT-X-PRELOAD-HINT`.
    pub hint: Option<String>,
    /// `EXT-X-RENDITION-REPORT`s.
    pub reports: Vec<Attributes>,
    /// Whether it ends here.
    pub ended: bool,
}

/// A multivariant playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variants {
    /// `EXT-X-MEDIA`.
    pub media: Vec<Attributes>,
    /// `EXT-X-STREAM-INF`, each with its address.
    pub variants: Vec<(Attributes, String)>,
}

impl Playlist {
    /// Reads a media playlist.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut playlist = Self::default();
        let mut segment = Segment::default();
        let mut first = true;
        for line in lines(text)? {
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            let number = || {
                value
                    .parse::<u64>()
                    .map_err(|_| format!("no number: {line}"))
            };
            match tag {
                "#EXT-X-VERSION" => playlist.version = Some(number()? as u32),
                "#EXT-X-TARGETDURATION" => playlist.target_duration = Some(number()?),
                "#EXT-X-PART-INF" => {
                    playlist.part_target = Some(decimal(&attributes(value)?, "PART-TARGET")?);
                }
                "#EXT-X-SERVER-CONTROL" => playlist.control = Some(attributes(value)?),
                "#EXT-X-MEDIA-SEQUENCE" if first => playlist.media_sequence = number()?,
                "#EXT-X-DISCONTINUITY-SEQUENCE" if first => {
                    playlist.discontinuity_sequence = number()?;
                }
                "#EXT-X-SKIP" if first => {
                    let skipped = attributes(value)?.remove("SKIPPED-SEGMENTS");
                    let skipped = skipped.and_then(|text| text.parse().ok());
                    playlist.skipped = Some(skipped.ok_or_else(|| line.to_owned())?);
                }
                "#EXT-X-INDEPENDENT-SEGMENTS" | "#EXTM3U" => {}
                "#EXT-X-MAP" => {
                    let uri = text_of(&attributes(value)?, "URI")?;
                    (segment.map, first) = (Some(Map { uri }), false);
                }
                "#EXT-X-DISCONTINUITY" => (segment.discontinuity, first) = (true, false),
                "#EXT-X-GAP" => segment.gap = true,
                "#EXT-X-PROGRAM-DATE-TIME" => segment.captured = Some(value.to_owned()),
                "#EXT-X-PART" => segment.parts.push(part(&attributes(value)?)?),
                "#EXTINF" => {
                    let duration = value.split(',').next().and_then(|text| text.parse().ok());
                    segment.duration = Some(duration.ok_or_else(|| line.to_owned())?);
                }
                "#EXT-X-PRELOAD-HINT" => {
                    playlist.hint = Some(text_of(&attributes(value)?, "URI")?);
                }
                "#EXT-X-RENDITION-REPORT" => playlist.reports.push(attributes(value)?),
                "#EXT-X-ENDLIST" => playlist.ended = true,
                _ if !line.starts_with('#') => {
                    segment.uri = Some(line.to_owned());
                    segment
                        .duration
                        .ok_or_else(|| format!("no EXTINF: {line}"))?;
                    playlist.push(std::mem::take(&mut segment));
                    first = false;
                }
                _ => return Err(format!("unknown or in the wrong place: {line}")),
            }
        }
        if !segment.parts.is_empty() {
            playlist.push(segment);
        }
        Ok(playlist)
    }

    fn push(&mut self, mut segment: Segment) {
        let before = self.skipped.unwrap_or_default() + self.segments.len() as u64;
        segment.number = self.media_sequence + before;
        self.segments.push(segment);
    }

    /// A number of `EXT-X-SERVER-CONTROL`.
    #[must_use]
    pub fn control(&self, name: &str) -> Option<f64> {
        self.control.as_ref()?.get(name)?.parse().ok()
    }

    /// The number of the last segment and how many parts of it there are, with what to ask for
    /// to get the next: `_HLS_msn=…&_HLS_part=…`.
    #[must_use]
    pub fn next_query(&self) -> String {
        let end = self.media_sequence + self.skipped.unwrap_or_default();
        let (number, part) = match self.segments.last() {
            Some(last) if last.uri.is_none() => (last.number, last.parts.len()),
            Some(last) => (last.number + 1, 0),
            None => (end, 0),
        };
        format!("_HLS_msn={number}&_HLS_part={part}")
    }

    /// What a client has that had `before` and got this, in which something may be left out.
    #[must_use]
    pub fn over(mut self, before: &Self) -> Self {
        if let Some(skipped) = self.skipped.take() {
            let known = self.media_sequence..self.media_sequence + skipped;
            let kept = before
                .segments
                .iter()
                .filter(|segment| known.contains(&segment.number));
            self.segments = kept.cloned().chain(self.segments).collect();
        }
        self
    }
}

impl Variants {
    /// Reads a multivariant playlist.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut variants = Self::default();
        let mut variant = None;
        for line in lines(text)? {
            match line.split_once(':').unwrap_or((line, "")) {
                ("#EXT-X-MEDIA", value) => variants.media.push(attributes(value)?),
                ("#EXT-X-STREAM-INF", value) => variant = Some(attributes(value)?),
                ("#EXTM3U" | "#EXT-X-VERSION" | "#EXT-X-INDEPENDENT-SEGMENTS", _) => {}
                _ if !line.starts_with('#') => {
                    let variant = variant
                        .take()
                        .ok_or_else(|| format!("no variant: {line}"))?;
                    variants.variants.push((variant, line.to_owned()));
                }
                _ => return Err(format!("unknown or in the wrong place: {line}")),
            }
        }
        Ok(variants)
    }
}

/// The lines that say something (4.1).
fn lines(text: &str) -> Result<impl Iterator<Item = &str>, String> {
    if !text.starts_with("#EXTM3U\n") {
        return Err("4.4.1.1: the first line is not #EXTM3U".to_owned());
    }
    let says =
        |line: &&str| !line.is_empty() && (!line.starts_with('#') || line.starts_with("#EXT"));
    Ok(text.lines().filter(says))
}

fn part(attributes: &Attributes) -> Result<Part, String> {
    Ok(Part {
        uri: text_of(attributes, "URI")?,
        duration: decimal(attributes, "DURATION")?,
        independent: attributes
            .get("INDEPENDENT")
            .is_some_and(|value| value == "YES"),
    })
}

fn text_of(attributes: &Attributes, name: &str) -> Result<String, String> {
    attributes
        .get(name)
        .cloned()
        .ok_or_else(|| format!("no {name} in {attributes:?}"))
}

fn decimal(attributes: &Attributes, name: &str) -> Result<f64, String> {
    let text = text_of(attributes, name)?;
    text.parse()
        .map_err(|_| format!("{name} is no number: {text}"))
}

fn attributes(list: &str) -> Result<Attributes, String> {
    let mut attributes = Attributes::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| format!("no value: {rest}"))?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = quoted
                    .split_once('"')
                    .ok_or_else(|| format!("no end: {rest}"))?;
                (value, after.strip_prefix(',').unwrap_or(after))
            }
            None => after.split_once(',').unwrap_or((after, "")),
        };
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(format!("no name of an attribute: {name}"));
        }
        if attributes
            .insert(name.to_owned(), value.to_owned())
            .is_some()
        {
            return Err(format!("4.2: {name} is there twice"));
        }
        rest = after;
    }
    Ok(attributes)
}
