//! Proofs of permission. None of these can be made outside this crate, except
//! through [`decide`](crate::decide) and the operator's own configuration.

use std::marker::PhantomData;

use eyeline_media::StreamId;

/// What a [`Grant`] permits.
pub trait Action: private::Sealed {}

/// Permission to subscribe to a stream.
#[derive(Clone, Copy, Debug)]
pub enum View {}

/// Permission to publish a stream.
#[derive(Clone, Copy, Debug)]
pub enum Publish {}

impl Action for View {}
impl Action for Publish {}

mod private {
    pub trait Sealed {}
    impl Sealed for super::View {}
    impl Sealed for super::Publish {}
}

/// Permission for one action on one stream.
///
/// ```compile_fail
/// // A grant cannot be made by hand.
/// let id: eyeline_media::StreamId = "front".parse().unwrap();
/// let grant = eyeline_auth::Grant::<eyeline_auth::View> { stream: id, action: std::marker::PhantomData };
/// ```
#[derive(Clone, Debug)]
pub struct Grant<A: Action> {
    stream: StreamId,
    action: PhantomData<A>,
}

impl<A: Action> Grant<A> {
    /// The stream this grant is for, and no other.
    #[must_use]
    pub fn stream(&self) -> &StreamId {
        &self.stream
    }
}

/// A visitor who was let in. Until there are users with roles, everybody who is
/// let in may do everything.
#[derive(Clone, Debug)]
pub struct Access(());

impl Access {
    pub(crate) const fn full() -> Self {
        Self(())
    }

    /// The access of the operator, whose configuration says what is to be
    /// published. For the wiring of the program alone, never on behalf of a visitor.
    #[must_use]
    pub const fn by_configuration() -> Self {
        Self(())
    }

    /// Permission to subscribe to `stream`.
    #[must_use]
    pub fn view(&self, stream: &StreamId) -> Grant<View> {
        Grant {
            stream: stream.clone(),
            action: PhantomData,
        }
    }

    /// Permission to publish `stream`.
    #[must_use]
    pub fn publish(&self, stream: &StreamId) -> Grant<Publish> {
        Grant {
            stream: stream.clone(),
            action: PhantomData,
        }
    }
}
