//! What reading from and pushing to HTTP servers have in common: connections, TLS,
//! credentials, and errors in words.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper::body::Body;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::lookup_host;
use tower_service::Service;
use url::{Host, Url};

use crate::error::InputError;
use crate::reach::{OutOfReach, Reach};

/// How long a connection may take to come about.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a request goes, without its credentials, and these.
#[derive(Clone)]
pub(crate) struct Target {
    url: Url,
    /// What to send as `Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Target {
    /// Takes the credentials out of a URL; its fragment is dropped.
    ///
    /// # Errors
    /// In words: not a URL of HTTP, or without a host.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("the URL must begin with http:// or https://".to_owned());
        }
        let authorization = (!url.username().is_empty() || url.password().is_some())
            .then(|| basic(url.username(), url.password().unwrap_or_default()));
        // These fail only for URLs without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        Ok(Self { url, authorization })
    }

    /// The URL without credentials.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Replaces the path.
    pub(crate) fn with_path(mut self, path: &str) -> Self {
        self.url.set_path(path);
        self
    }

    /// With more behind the question mark.
    pub(crate) fn asking(mut self, more: &str) -> Self {
        let query = match self.url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{more}"),
            _ => more.to_owned(),
        };
        self.url.set_query(Some(&query));
        self
    }

    /// Where a `Location` leads. Credentials go along only to the same host and port.
    ///
    /// # Errors
    /// In words: no URL of HTTP.
    pub(crate) fn redirect(&self, location: &str) -> Result<Self, String> {
        let there = self
            .url
            .join(location)
            .map_err(|error| format!("{location:?}: {error}"))?;
        let same = there.origin() == self.url.origin();
        let mut target = Self::parse(there.as_str())?;
        if same && target.authorization.is_none() {
            target.authorization.clone_from(&self.authorization);
        }
        Ok(target)
    }

    /// Whether an address that stands in the URL is within reach.
    ///
    /// # Errors
    /// [`OutOfReach`] if it is not.
    pub(crate) fn check(&self, reach: Reach) -> Result<(), OutOfReach> {
        self.address()
            .map_or(Ok(()), |address| reach.check(address))
    }

    /// The address that stands in the URL, if it is no name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    pub(crate) fn uri(&self) -> Result<Uri, InputError> {
        let uri = self.url.as_str().parse();
        uri.map_err(|error| InputError::Http(format!("{}: {error}", self.url)))
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.url.authority()
    }
}

/// Bytes that may wait in the kernel when pushing: what is older than they are is sent
/// late, so there should not be many; enough for 10 Mbit/s at 100 ms.
const PUSH_SEND_BUFFER: usize = 128 * 1024;
/// Bytes that may wait in the HTTP library when pushing; its minimum.
const PUSH_WRITE_BUFFER: usize = 8 * 1024;

/// A client of this program's: it connects and does TLS, and keeps a connection open
/// between requests.
pub(crate) type HttpClient<B> = Client<Connector, B>;

type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// A client that reads.
pub(crate) fn reading_client<B>(target: &Target, reach: Reach) -> Result<HttpClient<B>, InputError>
where
    B: Body<Data: Send> + Send + Unpin + 'static,
{
    let connector = connector(target, reach, None)?;
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

/// A client that sends what must not age on the way.
pub(crate) fn pushing_client<B>(target: &Target) -> Result<HttpClient<B>, InputError>
where
    B: Body<Data: Send> + Send + Unpin + 'static,
{
    let connector = connector(target, Reach::Everywhere, Some(PUSH_SEND_BUFFER))?;
    let mut builder = Client::builder(TokioExecutor::new());
    Ok(builder
        .http1_max_buf_size(PUSH_WRITE_BUFFER)
        .build(connector))
}

fn connector(
    target: &Target,
    reach: Reach,
    send_buffer: Option<usize>,
) -> Result<Connector, InputError> {
    let mut connector = HttpConnector::new_with_resolver(Resolver { reach });
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_send_buffer_size(send_buffer);
    connector.set_nodelay(true);
    connector.enforce_http(false);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InputError::Http(format!("TLS: {error}")))?;
    let tls = if target.url.scheme() == "https" {
        tls.with_native_roots().map_err(|error| {
            InputError::Http(format!(
                "no certificates of authorities on this machine: {error}"
            ))
        })?
    } else {
        tls.with_root_certificates(RootCertStore::empty())
    };
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls.with_no_client_auth())
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector))
}

/// Finds the addresses of a name, and keeps those that are within reach. The connector asks
/// it each time it connects; of addresses that stand in the URL itself it does not ask,
/// so [`Target::check`] does.
#[derive(Clone)]
pub(crate) struct Resolver {
    reach: Reach,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let within = reach.among(found).map_err(io::Error::other)?;
            Ok(within.into_iter())
        })
    }
}

/// The deepest cause, which says what happened; the outer ones say where.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// Credentials by the Basic scheme (RFC 7617). The parts are percent-decoded.
fn basic(user: &str, password: &str) -> HeaderValue {
    let mut plain = percent_decode(user);
    plain.push(b':');
    plain.extend(percent_decode(password));
    secret(&format!("Basic {}", STANDARD.encode(plain)))
}

/// Credentials by the Bearer scheme (RFC 6750); `None` for what cannot stand in a header.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn secret(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("base64 is ASCII");
    value.set_sensitive(true);
    value
}

/// What a text of a URL stands for.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        let byte = hex
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, shown: &str, authorization: Option<&str>) {
        let target = Target::parse(url).unwrap();
        assert_eq!(target.url().as_str(), shown);
        let sent = target
            .authorization
            .as_ref()
            .map(|value| value.to_str().unwrap());
        assert_eq!(sent, authorization, "{url}");
    }

    #[test]
    fn credentials_leave_the_url_for_the_header() {
        check("http://cam/x?a=b#c", "http://cam/x?a=b", None);
        check("http://u:p@cam:81/", "http://cam:81/", Some("Basic dTpw"));
        check(
            "https://u:p%40%3a@cam/",
            "https://cam/",
            Some("Basic dTpwQDo="),
        );
        check("http://token@cam/", "http://cam/", Some("Basic dG9rZW46"));
    }

    #[test]
    fn credentials_follow_a_redirect_only_to_the_same_place() {
        let target = Target::parse("http://u:p@cam/a/b").unwrap();
        let check = |location: &str, url: &str, kept: bool| {
            let there = target.redirect(location).unwrap();
            assert_eq!(
                (there.url().as_str(), there.authorization.is_some()),
                (url, kept)
            );
        };
        check("c", "http://cam/a/c", true);
        check("http://cam/d", "http://cam/d", true);
        check("https://cam/d", "https://cam/d", false);
        check("http://other/d", "http://other/d", false);
        assert!(target.redirect("ftp://cam/").is_err());
    }
}
