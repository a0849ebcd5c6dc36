//! User control messages (RTMP 1.0, 6.2 and 7.1.7): events of streams, and pings.

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// A stream can be read from now on.
    StreamBegin(u32),
    /// No more comes of a stream.
    StreamEnd(u32),
    /// The reader keeps so many milliseconds of a stream.
    BufferLength(u32, u32),
    /// Is the other end there?
    Ping(u32),
    /// It is.
    Pong(u32),
    /// Anything else.
    Other,
}

impl Control {
    pub(super) fn read(payload: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = payload.get(at..)?.first_chunk::<4>()?;
            Some(u32::from_be_bytes(*bytes))
        };
        let (Some(kind), Some(first)) = (payload.first_chunk::<2>(), number(2)) else {
            return Self::Other;
        };
        match u16::from_be_bytes(*kind) {
            0 => Self::StreamBegin(first),
            1 => Self::StreamEnd(first),
            3 => number(6).map_or(Self::Other, |millis| Self::BufferLength(first, millis)),
            6 => Self::Ping(first),
            7 => Self::Pong(first),
            _ => Self::Other,
        }
    }

    pub(super) fn write(self) -> Vec<u8> {
        let (kind, numbers): (u16, &[u32]) = match &self {
            Self::StreamBegin(stream) => (0, &[*stream]),
            Self::StreamEnd(stream) => (1, &[*stream]),
            Self::BufferLength(stream, millis) => (3, &[*stream, *millis]),
            Self::Ping(time) => (6, &[*time]),
            Self::Pong(time) => (7, &[*time]),
            Self::Other => (0xffff, &[]),
        };
        let mut out = kind.to_be_bytes().to_vec();
        numbers
            .iter()
            .for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        out
    }
}
