//! How packets are to be carried (RFC 2326, 12.39).

use super::limits::MAX_TRANSPORTS;

/// What carries the packets of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The connection itself, on a pair of channels.
    Interleaved {
        /// For packets and for reports; to be chosen if the client leaves it open.
        channels: Option<(u8, u8)>,
    },
    /// Datagrams, to these ports of the client.
    Datagrams {
        /// For packets and for reports.
        client_ports: (u16, u16),
    },
}

/// One way that a client would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// What carries the packets.
    pub carrier: Carrier,
    /// Whether the client is to send.
    pub record: bool,
}

impl Transport {
    /// The ways that a client names and that there are here, in its order.
    #[must_use]
    pub fn parse(field: &str) -> Vec<Self> {
        field
            .split(',')
            .take(MAX_TRANSPORTS)
            .filter_map(Self::one)
            .collect()
    }

    fn one(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let protocol = parts.next()?.to_ascii_uppercase();
        let interleaved = match protocol.as_str() {
            "RTP/AVP" | "RTP/AVP/UDP" => false,
            "RTP/AVP/TCP" => true,
            _ => return None,
        };
        let (mut channels, mut ports, mut record) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.to_ascii_lowercase().as_str() {
                "multicast" => return None,
                "interleaved" => channels = Some(pair(value)?),
                "client_port" => ports = Some(pair(value)?),
                "mode" => record = !value.trim_matches('"').eq_ignore_ascii_case("PLAY"),
                _ => {}
            }
        }
        let carrier = if interleaved {
            let byte = |number| u8::try_from(number).ok();
            let channels = match channels {
                None => None,
                Some((one, other)) => Some((byte(one)?, byte(other)?)),
            };
            Carrier::Interleaved { channels }
        } else {
            // Ports below belong to services, which nobody may have us send to.
            let client_ports = ports.filter(|(one, other)| *one >= 1024 && *other >= 1024)?;
            Carrier::Datagrams { client_ports }
        };
        Some(Self { carrier, record })
    }
}

/// `5000-5001`, or the first of two.
fn pair(text: &str) -> Option<(u16, u16)> {
    let (first, second) = match text.split_once('-') {
        Some((first, second)) => (first.trim().parse().ok()?, second.trim().parse().ok()?),
        None => {
            let first: u16 = text.trim().parse().ok()?;
            (first, first.checked_add(1)?)
        }
    };
    (first != second).then_some((first, second))
}
