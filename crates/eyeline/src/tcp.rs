//! Streams' own TCP ports among the other doors: where they are open, by the configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use eyeline_annexb::{App, Port};
use eyeline_auth::Policy;
use eyeline_media::StreamId;
use eyeline_tcp::Patience;
use tokio::net::TcpListener;

use crate::config::{Parsed, Stream};

/// Opens the ports of the streams that have one. Unlike the usual ports of RTSP and RTMP, one that is in
/// use is an error: it was asked for by number.
pub(crate) async fn open(
    streams: &BTreeMap<Parsed<StreamId>, Stream>,
    policy: &Policy,
) -> anyhow::Result<Vec<Port>> {
    let mut ports = Vec::new();
    for (Parsed(id), stream) in streams {
        let Some(address) = stream.tcp.map(|tcp| tcp.0) else {
            continue;
        };
        let key = format!("streams.{id}.tcp");
        let mut policy = policy.clone();
        if stream.tcp_open {
            policy.token = None;
        }
        if policy.token.is_some() && !address.ip().is_loopback() {
            bail!(
                "{key}: others can reach {address}, and could bring no token there; use 127.0.0.1:{}, or \
                 let everybody watch who can connect, with tcp_open = true beside it",
                address.port()
            );
        }
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("{key}: cannot listen on {address}; choose another port, or leave the key out")
        })?;
        let address = listener.local_addr()?;
        tracing::info!(%address, stream = %id, "H.264 is served over TCP");
        ports.push(Port {
            listener,
            stream: id.clone(),
            policy,
        });
    }
    Ok(ports)
}

/// Where each stream is to be had.
pub(crate) fn addresses(ports: &[Port]) -> Vec<(StreamId, SocketAddr)> {
    let address = |port: &Port| Some((port.stream.clone(), port.listener.local_addr().ok()?));
    ports.iter().filter_map(address).collect()
}

/// What they serve: the same as HTTP.
pub(crate) fn app(web: &eyeline_web::App) -> App {
    App {
        hub: web.hub.clone(),
        traffic: web.traffic.clone(),
        patience: Patience::default(),
    }
}
