//! The RTMP server among the others: where it listens, by the configuration.

use std::net::{IpAddr, SocketAddr};

use anyhow::bail;
use tokio::net::TcpListener;

use crate::config::{Door, Rtmp};

const PORT: u16 = 1_935;

/// Listens where it was asked for, or else on the usual port of `ips`. Of those one that is in use is done
/// without: HTTP is served all the same.
pub(crate) async fn open(
    asked: &[Door],
    config: &Rtmp,
    ips: &[IpAddr],
) -> anyhow::Result<Vec<TcpListener>> {
    let asked = if asked.is_empty() {
        &config.listen[..]
    } else {
        asked
    };
    let addresses: Vec<SocketAddr> = match asked {
        [] => ips.iter().map(|ip| SocketAddr::new(*ip, PORT)).collect(),
        doors => doors.iter().filter_map(|door| door.0).collect(),
    };
    let mut listeners = Vec::new();
    for address in addresses {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                tracing::info!(address = %listener.local_addr()?, "RTMP is served");
                listeners.push(listener);
            }
            Err(error) if asked.is_empty() => {
                tracing::warn!(%address, %error, "RTMP is not served");
            }
            Err(error) => {
                bail!(
                    "cannot listen on {address} for RTMP: {error}; choose another with --rtmp, or off"
                )
            }
        }
    }
    Ok(listeners)
}

/// Where players find it, with the scheme.
pub(crate) fn addresses(listeners: &[TcpListener]) -> Vec<(&'static str, SocketAddr)> {
    let address = |listener: &TcpListener| Some(("rtmp", listener.local_addr().ok()?));
    listeners.iter().filter_map(address).collect()
}

/// What it serves: the same as HTTP.
pub(crate) fn app(web: &eyeline_web::App) -> eyeline_rtmp::App {
    eyeline_rtmp::App {
        hub: web.hub.clone(),
        policy: web.policy.clone(),
        streams: web.streams.clone(),
        traffic: web.traffic.clone(),
        limits: eyeline_rtmp::Limits::default(),
    }
}
