//! Reading the header of a frame (RFC 6455, 5.2).

use super::error::Error;
use super::frame::Opcode;
use super::limits::MAX_CONTROL_BYTES;
use super::parser::Role;

/// The header of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Where the frame begins, in bytes after the handshake.
    pub(super) offset: u64,
    /// Whether this is the last frame of its message.
    pub(super) is_final: bool,
    pub(super) opcode: Opcode,
    /// What the payload is masked with; none from a server.
    pub(super) key: Option<[u8; 4]>,
    /// Bytes of the payload.
    pub(super) length: u64,
}

impl Head {
    /// The header at the start of `bytes`, and how long it is; `None` if it is not
    /// all there. `role` is that of the reader, `offset` where the frame begins.
    pub(super) fn read(
        bytes: &[u8],
        role: Role,
        offset: u64,
    ) -> Result<Option<(Self, usize)>, Error> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        let short = second & 0x7F;
        let (is_final, opcode) = check(first, short, offset)?;
        match (role, second & 0x80 != 0) {
            (Role::Server, false) => return Err(Error::NotMasked { offset }),
            (Role::Client, true) => return Err(Error::Masked { offset }),
            _ => {}
        }
        let Some((length, rest)) = length(short, rest) else {
            return Ok(None);
        };
        if length >> 63 != 0 {
            return Err(Error::LengthOverflow { offset });
        }
        let (key, rest) = match role {
            Role::Client => (None, rest),
            Role::Server => match rest.split_first_chunk::<4>() {
                Some((key, rest)) => (Some(*key), rest),
                None => return Ok(None),
            },
        };
        let head = Self {
            offset,
            is_final,
            opcode,
            key,
            length,
        };
        Ok(Some((head, bytes.len() - rest.len())))
    }
}

/// FIN and the opcode, if the first byte and the short length make sense.
fn check(first: u8, short: u8, offset: u64) -> Result<(bool, Opcode), Error> {
    if first & 0x70 != 0 {
        return Err(Error::ReservedBits { offset });
    }
    let number = first & 0x0F;
    let opcode = Opcode::new(number).ok_or(Error::UnknownOpcode {
        offset,
        opcode: number,
    })?;
    let is_final = first & 0x80 != 0;
    if opcode.is_control() {
        if !is_final {
            return Err(Error::FragmentedControl { offset });
        }
        if usize::from(short) > MAX_CONTROL_BYTES {
            return Err(Error::ControlTooLong { offset });
        }
    }
    Ok((is_final, opcode))
}

/// The length, and what comes after it; `None` if it is not all there.
fn length(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        126 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            Some((u64::from(u16::from_be_bytes(*bytes)), rest))
        }
        127 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            Some((u64::from_be_bytes(*bytes), rest))
        }
        _ => Some((u64::from(short), rest)),
    }
}
