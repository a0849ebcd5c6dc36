//! The RTSP server among the others: where it listens, by the configuration.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, bail};
use eyeline_rtsp::{Datagrams, Tls};
use tokio::net::TcpListener;

use crate::config::{Door, Rtsp};

const PORT: u16 = 8_554;
const TLS_PORT: u16 = 8_322;

/// What was opened for RTSP.
#[derive(Default)]
pub(crate) struct Doors {
    pub(crate) listeners: Vec<(TcpListener, Option<Tls>)>,
    pub(crate) datagrams: Option<Datagrams>,
    /// Addresses that players are told, each with its scheme.
    pub(crate) addresses: Vec<(&'static str, SocketAddr)>,
}

/// Listens where it was asked for, or else on the usual ports of `ips`. Of those one that is in
/// use is done without: HTTP is served all the same.
pub(crate) async fn open(asked: &[Door], config: &Rtsp, ips: &[IpAddr]) -> anyhow::Result<Doors> {
    let asked = if asked.is_empty() {
        &config.listen[..]
    } else {
        asked
    };
    let tls = tls(config)?;
    let mut doors = Doors::default();
    doors.listen("rtsp", asked, (ips, PORT), None).await?;
    if let Some(tls) = tls {
        doors
            .listen("rtsps", &config.tls_listen, (ips, TLS_PORT), Some(&tls))
            .await?;
    }
    if let Some((_, address)) = doors.addresses.first() {
        let port = config.udp_port.unwrap_or(0);
        match Datagrams::bind(address.ip(), port).await {
            Ok(datagrams) => doors.datagrams = Some(datagrams),
            Err(error) if port != 0 => {
                let next = port.saturating_add(1);
                bail!("cannot take the UDP ports {port} and {next} (rtsp.udp_port): {error}")
            }
            Err(error) => tracing::warn!(%error, "RTSP goes over TCP only"),
        }
    }
    Ok(doors)
}

/// What it serves: the same as HTTP.
pub(crate) fn app(web: &eyeline_web::App, datagrams: Option<Datagrams>) -> eyeline_rtsp::App {
    eyeline_rtsp::App {
        hub: web.hub.clone(),
        streams: web.streams.clone(),
        policy: web.policy.clone(),
        traffic: web.traffic.clone(),
        datagrams,
    }
}

fn tls(config: &Rtsp) -> anyhow::Result<Option<Tls>> {
    let read = |certificate: &Path, key: &Path| {
        let tls = Tls::from_files(certificate, key);
        tls.map(Some).context("rtsp.certificate and rtsp.key")
    };
    match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => read(certificate, key),
        (None, None) if config.tls_listen.is_empty() => Ok(None),
        _ => bail!("rtsps needs both rtsp.certificate and rtsp.key"),
    }
}

impl Doors {
    async fn listen(
        &mut self,
        scheme: &'static str,
        asked: &[Door],
        (ips, port): (&[IpAddr], u16),
        tls: Option<&Tls>,
    ) -> anyhow::Result<()> {
        let usual = || ips.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        let addresses: Vec<_> = match asked {
            [] => usual(),
            doors => doors.iter().filter_map(|door| door.0).collect(),
        };
        for address in addresses {
            let listener = match TcpListener::bind(address).await {
                Ok(listener) => listener,
                Err(error) if asked.is_empty() => {
                    tracing::warn!(%address, %error, "{scheme} is not served");
                    continue;
                }
                Err(error) => {
                    bail!(
                        "cannot listen on {address} for {scheme}: {error}; choose another with rtsp.listen, or off"
                    )
                }
            };
            self.addresses.push((scheme, listener.local_addr()?));
            self.listeners.push((listener, tls.cloned()));
        }
        Ok(())
    }
}
