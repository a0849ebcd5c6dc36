//! Where an RTSP server is: its URL without the credentials, these, and the addresses that
//! may be connected to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use retina::client::Credentials;
use tokio::net::lookup_host;
use url::{Host, Url};

use super::Carrier;
use crate::error::InputError;
use crate::http_client::percent_decode;
use crate::reach::Reach;
use crate::redact::redact;

const DEFAULT_PORT: u16 = 554;

/// A camera, as its source is written.
pub(crate) struct Camera {
    /// Without credentials.
    pub(super) url: Url,
    pub(super) credentials: Option<Credentials>,
    pub(super) carrier: Carrier,
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Camera").field(&self.shown()).finish()
    }
}

impl Camera {
    /// Takes the credentials out of a URL.
    ///
    /// # Errors
    /// In words: not a URL of RTSP, or without a host.
    pub(crate) fn parse(text: &str, carrier: Carrier) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        if url.scheme() != "rtsp" || url.cannot_be_a_base() {
            return Err("the URL must begin with rtsp://".to_owned());
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("there is no host in it".to_owned());
        }
        let decoded = |text: &str| String::from_utf8_lossy(&percent_decode(text)).into_owned();
        let named = !url.username().is_empty() || url.password().is_some();
        let credentials = named.then(|| Credentials {
            username: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
        });
        // These fail only for URLs without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        Ok(Self {
            url,
            credentials,
            carrier,
        })
    }

    /// The URL as it may be shown: some cameras want the password among its parameters.
    pub(super) fn shown(&self) -> String {
        redact(self.url.as_str())
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.url.authority()
    }

    /// The address that stands in the URL, if it is no name. URLs of this scheme do not tell
    /// IPv4 addresses from names.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(text) => text.parse().ok(),
        }
    }

    /// The URLs to ask at, in this order. Where not everything may be reached, the addresses
    /// that were looked at stand in place of the name, which could mean others the next moment.
    pub(super) async fn urls_within(&self, reach: Reach) -> Result<Vec<Url>, InputError> {
        if reach == Reach::Everywhere {
            return Ok(vec![self.url.clone()]);
        }
        let port = self.url.port().unwrap_or(DEFAULT_PORT);
        let found: Vec<SocketAddr> = match self.address() {
            Some(address) => vec![(address, port).into()],
            None => {
                let host = self.url.host_str().unwrap_or_default();
                let found = lookup_host((host, port)).await;
                found
                    .map_err(|error| self.unreachable(error.to_string()))?
                    .collect()
            }
        };
        let within = reach.among(found);
        let within = within.map_err(|error| self.unreachable(error.to_string()))?;
        let pinned = within.into_iter().filter_map(|address| {
            let mut url = self.url.clone();
            url.set_ip_host(address.ip()).ok()?;
            Some(url)
        });
        Ok(pinned.collect())
    }

    pub(super) fn unreachable(&self, why: String) -> InputError {
        InputError::Connect {
            to: self.authority().to_owned(),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(url: &str) -> Camera {
        Camera::parse(url, Carrier::Tcp).unwrap()
    }

    #[test]
    fn credentials_leave_the_url() {
        let check = |url: &str, shown: &str, expected: Option<(&str, &str)>| {
            let camera = camera(url);
            assert_eq!(camera.url.as_str(), shown);
            let given = camera.credentials.as_ref();
            let given = given.map(|c| (c.username.as_str(), c.password.as_str()));
            assert_eq!(given, expected, "{url}");
            let debug = format!("{camera:?}");
            assert!(!debug.contains("p@:"), "{debug}");
        };
        check("rtsp://cam/a?b=c", "rtsp://cam/a?b=c", None);
        check(
            "rtsp://u:p%40%3a@cam:8554/",
            "rtsp://cam:8554/",
            Some(("u", "p@:")),
        );
        check("rtsp://u@cam", "rtsp://cam", Some(("u", "")));
        let shown = camera("rtsp://cam/live?user=u&password=p").shown();
        assert_eq!(shown, "rtsp://cam/live?user=u&password=***");
    }

    #[test]
    fn addresses_are_told_from_names() {
        let check = |url: &str, expected: Option<&str>| {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(camera(url).address(), expected, "{url}");
        };
        check("rtsp://10.0.0.1:554/x", Some("10.0.0.1"));
        check("rtsp://[::1]/x", Some("::1"));
        check("rtsp://camera.local/x", None);
    }

    #[tokio::test]
    async fn a_source_reaches_no_further_than_it_may() {
        async fn check(url: &str, reach: Reach, expected: Result<&[&str], &str>) {
            let urls = camera(url).urls_within(reach).await;
            match (urls, expected) {
                (Ok(urls), Ok(expected)) => {
                    let urls: Vec<_> = urls.iter().map(Url::as_str).collect();
                    assert_eq!(urls, expected);
                }
                (Err(error), Err(expected)) => {
                    assert!(error.to_string().contains(expected), "{error}");
                }
                (urls, _) => panic!("{url}: {urls:?}"),
            }
        }
        let private = Err("not a public address");
        check(
            "rtsp://localhost/x",
            Reach::Everywhere,
            Ok(&["rtsp://localhost/x"]),
        )
        .await;
        check("rtsp://8.8.8.8/x", Reach::Public, Ok(&["rtsp://8.8.8.8/x"])).await;
        check("rtsp://10.0.0.1/x", Reach::Public, private).await;
        check("rtsp://[::ffff:10.0.0.1]:8/", Reach::Public, private).await;
        check("rtsp://localhost:8554/x", Reach::Public, private).await;
        // As the system's resolver reads numbers.
        check("rtsp://127.1/x", Reach::Public, private).await;
        let one = Reach::Only("127.0.0.1".parse().unwrap());
        check(
            "rtsp://localhost:8554/x",
            one,
            Ok(&["rtsp://127.0.0.1:8554/x"]),
        )
        .await;
    }
}
