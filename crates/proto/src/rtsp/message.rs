//! Requests and answers (RFC 2326, 6 and 7).

use std::fmt::Write as _;

use super::error::Error;
use super::limits::MAX_FIELDS;

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standard's")]
pub enum Method {
    Options,
    Describe,
    Announce,
    Setup,
    Play,
    Pause,
    Record,
    Teardown,
    GetParameter,
    SetParameter,
    /// One that there is, but not for clients to use, or not at all.
    Other,
}

impl Method {
    const NAMES: [(&'static str, Self); 10] = [
        ("OPTIONS", Self::Options),
        ("DESCRIBE", Self::Describe),
        ("ANNOUNCE", Self::Announce),
        ("SETUP", Self::Setup),
        ("PLAY", Self::Play),
        ("PAUSE", Self::Pause),
        ("RECORD", Self::Record),
        ("TEARDOWN", Self::Teardown),
        ("GET_PARAMETER", Self::GetParameter),
        ("SET_PARAMETER", Self::SetParameter),
    ];

    fn of(name: &str) -> Self {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map_or(Self::Other, |(_, method)| *method)
    }

    /// The methods there are, for `Public` and `Allow`.
    #[must_use]
    pub fn all() -> String {
        Self::NAMES.map(|(name, _)| name).join(", ")
    }
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it wants.
    pub method: Method,
    /// The method as it was written, which a digest is made of.
    pub method_name: String,
    /// Of what.
    pub uri: String,
    /// Header fields in order.
    pub fields: Vec<(String, String)>,
    /// What follows the head.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads the head; the empty line at its end may be there or not. `None` of an answer.
    pub(super) fn parse(head: &str) -> Result<Option<Self>, Error> {
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let fields = lines.filter(|line| !line.trim().is_empty()).map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| Error::Field(line.chars().take(80).collect()))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        });
        let fields: Vec<_> = fields.take(MAX_FIELDS + 1).collect::<Result<_, Error>>()?;
        if fields.len() > MAX_FIELDS {
            return Err(Error::TooManyFields);
        }
        if first.starts_with("RTSP/1.") {
            return Ok(None);
        }
        let mut words = first.split_ascii_whitespace();
        let parts = (words.next(), words.next(), words.next(), words.next());
        let (Some(method), Some(uri), Some("RTSP/1.0"), None) = parts else {
            return Err(Error::NotRtsp(first.chars().take(80).collect()));
        };
        Ok(Some(Self {
            method: Method::of(method),
            method_name: method.to_owned(),
            uri: uri.to_owned(),
            fields,
            body: Vec::new(),
        }))
    }

    /// The value of a header field; names are compared without regard to case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }
}

pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    fields: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// An answer of this status.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: String::new(),
        }
    }

    /// All is well.
    #[must_use]
    pub const fn ok() -> Self {
        Self::new(200)
    }

    /// With a header field; line breaks in the value are left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into();
        let value = value.chars().filter(|c| !c.is_control()).collect();
        self.fields.push((name, value));
        self
    }

    /// With a body of this type.
    #[must_use]
    pub fn with_body(mut self, content_type: &'static str, body: impl Into<String>) -> Self {
        self = self.with("Content-Type", content_type);
        self.body = body.into();
        self
    }

    /// With a sentence that says what is wrong.
    #[must_use]
    pub fn because(self, reason: impl std::fmt::Display) -> Self {
        self.with_body("text/plain; charset=utf-8", format!("{reason}\r\n"))
    }

    /// A header field of it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The answer to a request of that number (`CSeq`).
    #[must_use]
    pub fn to_bytes(&self, cseq: Option<&str>) -> Vec<u8> {
        let mut text = format!("RTSP/1.0 {} {}\r\n", self.status, reason(self.status));
        if let Some(cseq) = cseq {
            let _ = write!(text, "CSeq: {cseq}\r\n");
        }
        text.push_str("Server: Eyeline\r\n");
        for (name, value) in &self.fields {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            let _ = write!(text, "Content-Length: {}\r\n", self.body.len());
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        text.into_bytes()
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        453 => "Not Enough Bandwidth",
        454 => "Session Not Found",
        455 => "Method Not Valid in This State",
        459 => "Aggregate Operation Not Allowed",
        461 => "Unsupported Transport",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        551 => "Option Not Supported",
        _ => "Error",
    }
}
