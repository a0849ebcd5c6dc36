//! `PUT|POST /streams/{id}/ingest`: whoever publishes.
use crate::errors::Error;

pub(crate) async fn push() -> Error {
    Error::NotFound
}
#[derive(Debug)]
pub struct Ingests;
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub enum IngestError {}
