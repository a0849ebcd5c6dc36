//! Who may look, publish or manage: [`decide`] takes a policy and what is known of
//! a visitor and gives an [`Access`], from which [`Grant`]s are drawn. The hub asks
//! for a grant wherever a stream is subscribed to or published, so an output that
//! forgot to ask here does not compile.
//!
//! Not here: HTTP headers and cookies (`web` reads them), files, random numbers.

mod grant;
mod host;
mod policy;
mod token;

pub use grant::{Access, Action, Grant, Publish, View};
pub use policy::{Denied, Policy, Visit, decide};
pub use token::{InvalidToken, Token};
