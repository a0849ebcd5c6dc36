//! The headers of one part, of which three matter.

use eyeline_media::Timestamp;

/// What the headers of a part say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartHeaders {
    /// Header lines seen, of any name.
    pub(super) lines: usize,
    pub(super) content_length: Option<u64>,
    /// Without parameters, in lower case.
    pub(super) content_type: Option<String>,
    pub(super) captured: Option<Timestamp>,
}

/// A `Content-Length` that cannot be used: what it says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLength(pub(super) String);

impl PartHeaders {
    /// Takes in one line, without its end. A line that is no header is ignored;
    /// so are headers that do not matter and values that make no sense, except
    /// for `Content-Length`: nothing can be read past a wrong one.
    pub(super) fn read_line(&mut self, line: &[u8]) -> Result<(), BadLength> {
        self.lines += 1;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Ok(());
        };
        let (name, value) = (&line[..colon], String::from_utf8_lossy(&line[colon + 1..]));
        let value = value.trim();
        if name.eq_ignore_ascii_case(b"content-length") {
            let bad = || BadLength(value.chars().take(40).collect());
            // `parse` alone would take a plus sign.
            if !value.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(bad());
            }
            let length = value.parse().map_err(|_| bad())?;
            if self.content_length.is_some_and(|other| other != length) {
                return Err(bad());
            }
            self.content_length = Some(length);
        } else if name.eq_ignore_ascii_case(b"content-type") {
            let essence = value.split(';').next().unwrap_or_default();
            self.content_type = Some(essence.trim().to_ascii_lowercase());
        } else if name.eq_ignore_ascii_case(b"x-timestamp") {
            self.captured = Timestamp::parse_secs(value);
        }
        Ok(())
    }
}
