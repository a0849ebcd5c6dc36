//! What a request is about: the stream, and perhaps one of its tracks.

/// The name of our tracks in URLs.
const TRACK: &str = "trackID=";

/// The URL of a request, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Host and port, as they are written.
    pub authority: String,
    /// The path without the slashes around it, and without the track.
    pub path: String,
    /// The query, without the track.
    pub query: String,
    /// The track.
    pub track: Option<usize>,
}

impl Target {
    /// Takes a URL apart; `None` if it is none of RTSP.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if !["rtsp", "rtspu", "rtsps"]
            .iter()
            .any(|s| scheme.eq_ignore_ascii_case(s))
        {
            return None;
        }
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // Players put the track behind everything, also behind a query.
        let (path, track) = without_track(path);
        let (query, behind) = without_track(query);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        Some(Self {
            authority: authority.to_owned(),
            path: path.trim_matches('/').to_owned(),
            query: query.trim_end_matches('/').to_owned(),
            track: track.or(behind),
        })
    }

    /// What a track of the stream at this URL is controlled by: relative to it, unless a query
    /// stands in the way.
    #[must_use]
    pub fn control(url: &str, track: usize) -> String {
        match url.split_once('?') {
            None => format!("{TRACK}{track}"),
            Some((base, query)) => {
                let (base, query) = (base.trim_end_matches('/'), query.trim_end_matches('/'));
                format!("{base}/{TRACK}{track}?{query}")
            }
        }
    }
}

fn without_track(text: &str) -> (&str, Option<usize>) {
    let (before, last) = text.rsplit_once('/').unwrap_or(("", text));
    match last.strip_prefix(TRACK).map(str::parse) {
        Some(Ok(track)) => (before, Some(track)),
        _ => (text, None),
    }
}
