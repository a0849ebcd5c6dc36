//! Reads a description.

use super::{MAX_BYTES, MAX_LINES, MAX_MEDIA};

/// What there is in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// What the whole session is controlled by (RFC 2326, C.1.1).
    pub control: Option<String>,
    /// Its media, in order.
    pub media: Vec<Media>,
}

/// One medium, as its first payload type has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// `video`, `audio` or another.
    pub kind: String,
    /// The type of its packets.
    pub payload_type: u8,
    /// The name of its encoding in capitals, such as `H264`; empty if nothing says it.
    pub encoding: String,
    /// Ticks of its clock in a second; 0 if nothing says it.
    pub clock_rate: u32,
    /// Channels of sound; 1 unless it is said.
    pub channels: u8,
    /// Parameters of the format, as they stand there.
    pub parameters: String,
    /// What it is controlled by.
    pub control: Option<String>,
}

/// Why a description cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is too long.
    #[error("the description (SDP) is longer than the limit of {MAX_BYTES} bytes")]
    TooLong,
    /// It is no text.
    #[error("the description (SDP) is not in UTF-8 from byte {0} on")]
    NoText(usize),
    /// It has too many lines or media.
    #[error("the description (SDP) has more than {MAX_LINES} lines or {MAX_MEDIA} media")]
    TooMuch,
    /// A line makes no sense.
    #[error("line {line} of the description (SDP) cannot be read: {what}")]
    Line {
        /// Which, counted from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|e| Error::NoText(e.valid_up_to()))?;
        let mut found = Self::default();
        for (at, line) in text.lines().enumerate() {
            if at >= MAX_LINES {
                return Err(Error::TooMuch);
            }
            let line = line.trim_end();
            let wrong = |what| Error::Line { line: at + 1, what };
            match line.split_once('=') {
                _ if line.is_empty() => {}
                None => return Err(wrong("there is no `=`")),
                Some(("m", value)) if found.media.len() < MAX_MEDIA => {
                    let media = Media::parse(value).ok_or_else(|| wrong("it names no format"))?;
                    found.media.push(media);
                }
                Some(("m", _)) => return Err(Error::TooMuch),
                Some(("a", value)) => found.attribute(value),
                Some(_) => {}
            }
        }
        Ok(found)
    }

    fn attribute(&mut self, text: &str) {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let Some(media) = self.media.last_mut() else {
            if name == "control" {
                self.control = Some(value.trim().to_owned());
            }
            return;
        };
        match name {
            "control" => media.control = Some(value.trim().to_owned()),
            "rtpmap" => media.map(value),
            "fmtp" => {
                if let Some(parameters) = media.own(value) {
                    media.parameters = parameters.to_owned();
                }
            }
            _ => {}
        }
    }
}

impl Media {
    /// `video 0 RTP/AVP 96 97`
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let kind = words.next()?.to_owned();
        let payload_type = words.nth(2)?.parse().ok().filter(|n| *n < 128)?;
        // Types that mean something without being said (RFC 3551, 6).
        let (encoding, clock_rate) = match payload_type {
            0 => ("PCMU", 8_000),
            8 => ("PCMA", 8_000),
            26 => ("JPEG", 90_000),
            _ => ("", 0),
        };
        Some(Self {
            kind,
            payload_type,
            encoding: encoding.to_owned(),
            clock_rate,
            channels: 1,
            ..Self::default()
        })
    }

    /// `96 opus/48000/2`
    fn map(&mut self, text: &str) {
        let Some(text) = self.own(text) else { return };
        let mut parts = text.split('/');
        let encoding = parts.next().unwrap_or_default().trim();
        let rate = parts.next().and_then(|rate| rate.trim().parse().ok());
        let channels = parts.next().and_then(|count| count.trim().parse().ok());
        self.encoding = encoding.to_ascii_uppercase();
        self.clock_rate = rate.unwrap_or(self.clock_rate);
        self.channels = channels.unwrap_or(1);
    }

    /// What is said of this payload type.
    fn own<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (number, rest) = text.trim().split_once(' ')?;
        (number.parse() == Ok(self.payload_type)).then_some(rest.trim())
    }

    /// The value of a parameter of the format; names are compared without regard to case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.parameters.split(';');
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}
