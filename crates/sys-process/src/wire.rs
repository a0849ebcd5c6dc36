//! What parent and guard say to each other over their socket. No decisions here.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// The program's standard input, output and error, and the ends that the last two are read from, in this order.
pub(crate) const PIPES: usize = 5;
/// The byte that the descriptors travel with.
const GREETING: u8 = b's';
/// Bytes of one [`Report`].
pub(crate) const REPORT_LEN: usize = 5;

/// What the parent asks of the guard: one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Interrupt,
    Terminate,
    Kill,
}

impl Order {
    pub(crate) fn encode(self) -> u8 {
        match self {
            Self::Interrupt => b'i',
            Self::Terminate => b't',
            Self::Kill => b'k',
        }
    }

    pub(crate) fn decode(byte: u8) -> Option<Self> {
        [Self::Interrupt, Self::Terminate, Self::Kill]
            .into_iter()
            .find(|order| order.encode() == byte)
    }
}

/// What the guard tells the parent: a letter and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The program runs, with this process (and group) id.
    Started(i32),
    /// The program could not be executed, for this `errno`.
    Failed(i32),
    /// The program ended with this wait status, and nothing of it is left.
    Ended(i32),
}

impl Report {
    pub(crate) fn encode(self) -> [u8; REPORT_LEN] {
        let (letter, number) = match self {
            Self::Started(pid) => (b'S', pid),
            Self::Failed(errno) => (b'F', errno),
            Self::Ended(status) => (b'E', status),
        };
        let [a, b, c, d] = number.to_ne_bytes();
        [letter, a, b, c, d]
    }

    pub(crate) fn decode([letter, a, b, c, d]: [u8; REPORT_LEN]) -> Option<Self> {
        let number = i32::from_ne_bytes([a, b, c, d]);
        match letter {
            b'S' => Some(Self::Started(number)),
            b'F' => Some(Self::Failed(number)),
            b'E' => Some(Self::Ended(number)),
            _ => None,
        }
    }
}

/// Sends the descriptors of the program's pipes.
pub(crate) fn send_pipes(socket: impl AsFd, pipes: [BorrowedFd<'_>; PIPES]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&pipes)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    let text = [IoSlice::new(&[GREETING])];
    sendmsg(socket, &text, &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Waits for what [`send_pipes`] sends.
///
/// # Errors
/// `UnexpectedEof` if the parent is gone, `InvalidData` if it says something else.
pub(crate) fn receive_pipes(socket: impl AsFd) -> io::Result<[OwnedFd; PIPES]> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut text = [0];
    let message = recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut text)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    if message.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let descriptors: Vec<OwnedFd> = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    match <[OwnedFd; PIPES]>::try_from(descriptors) {
        Ok(pipes) if text == [GREETING] => Ok(pipes),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_read_as_it_was_written() {
        for order in [Order::Interrupt, Order::Terminate, Order::Kill] {
            assert_eq!(Order::decode(order.encode()), Some(order));
        }
        assert_eq!(Order::decode(GREETING), None);
    }

    #[test]
    fn every_report_is_read_as_it_was_written() {
        for report in [Report::Started(42), Report::Failed(2), Report::Ended(-1)] {
            assert_eq!(Report::decode(report.encode()), Some(report));
        }
        assert_eq!(Report::decode([0; REPORT_LEN]), None);
    }
}
