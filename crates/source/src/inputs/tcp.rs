//! `tcp://host:port`: connects and reads pictures until the other end closes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::{Input, RAW_PARAMS, Risk, Run, Running};
use crate::byte_stream::{Content, RawFormat, Way, pump};
use crate::error::InputError;
use crate::params::Params;
use crate::session::Session;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["tcp"],
    example: "tcp://192.168.1.20:5000",
    help: "Connects to a port and reads what comes: JPEGs one after the other, multipart MJPEG, \
           H.264 (Annex B), MPEG-TS of H.264, or raw pictures with `?format=yuyv422&size=640x480`.",
    params: RAW_PARAMS,
    wish: false,
    risk: Risk::None,
    parse,
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

struct Tcp {
    /// Host and port.
    address: String,
    raw: Option<RawFormat>,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let example = INPUT.example;
    let (address, query) = written.rest.split_once('?').unwrap_or((written.rest, ""));
    let address = address
        .strip_prefix("//")
        .unwrap_or(address)
        .trim_end_matches('/');
    let port = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.is_empty())
        .map(|(_, port)| port);
    if !port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err(SpecError::Malformed(format!(
            "tcp: needs a host and a port, such as {example}; {address:?} is not that"
        )));
    }
    let raw = RawFormat::read(&Params::read(query, RAW_PARAMS)?)?;
    Ok(Arc::new(Tcp {
        address: address.to_owned(),
        raw,
    }))
}

impl Run for Tcp {
    fn address(&self) -> Option<IpAddr> {
        let (host, _) = self.address.rsplit_once(':')?;
        host.trim_matches(['[', ']']).parse().ok()
    }

    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let to = &self.address;
            let failed = |why: String| InputError::Connect {
                to: to.clone(),
                why,
            };
            let connecting = async {
                let found = lookup_host(to).await;
                let found = found.map_err(|error| failed(error.to_string()))?;
                let addresses = session.reach.among(found);
                let addresses = addresses.map_err(|error| failed(error.to_string()))?;
                let connected = TcpStream::connect(addresses.as_slice()).await;
                connected.map_err(|error| failed(error.to_string()))
            };
            let connected = timeout(CONNECT_TIMEOUT, connecting).await;
            let stream =
                connected.map_err(|_| InputError::connect_timeout(to, CONNECT_TIMEOUT))??;
            pump(
                stream,
                Way::Other,
                Content::of(self.raw)?,
                &mut session.sink,
            )
            .await?;
            Err(session.sink.ended(InputError::Closed(to.clone())))
        })
    }
}
