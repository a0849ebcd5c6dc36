//! What an output is asked for.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use eyeline_clock::SharedClock;
use eyeline_hub::{InvalidWish, Stream, ViewerInfo, Wish};
use http::HeaderMap;

use crate::link::Link;
use crate::sent::Sent;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Address of the other end.
    pub remote: IpAddr,
    /// What the visitor's program says it is, if it does.
    pub agent: Option<String>,
}

impl Visitor {
    /// The visitor as a viewer who comes by this way.
    #[must_use]
    pub fn by(self, transport: &'static str) -> ViewerInfo {
        ViewerInfo {
            remote: self.remote,
            transport,
            agent: self.agent,
        }
    }
}

/// A request for an output of one stream.
pub struct Request {
    /// The stream.
    pub stream: Arc<Stream>,
    /// Which rendition of it, and how many pictures.
    pub wish: Wish,
    /// What stands in the path for the output's `{*file}`, if it has that; else nothing.
    pub file: String,
    /// The whole query.
    pub query: Query,
    /// The request's header fields.
    pub headers: HeaderMap,
    /// Whether only the head of the answer is wanted: nothing is started for it.
    pub head_only: bool,
    /// Who asks.
    pub visitor: Visitor,
    /// The way to them.
    pub link: Arc<Link>,
    /// Where to count what goes out.
    pub sent: Arc<Sent>,
    /// The clock of the hub.
    pub clock: SharedClock,
}

/// The parameters of a URL, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the `?` of a URL. Any text is some query.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into(), value.into());
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .map(owned)
                .collect(),
        )
    }

    /// With one more parameter, behind those that are there.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of the first parameter of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }

    /// Every parameter in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The wish among the parameters.
    ///
    /// # Errors
    /// [`InvalidWish`] naming the parameter and what it accepts.
    pub fn wish(&self) -> Result<Wish, InvalidWish> {
        Wish::from_pairs(self.pairs())
    }
}
