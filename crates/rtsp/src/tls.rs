//! RTSP over TLS (`rtsps`), with a certificate in files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// What it takes to speak TLS.
#[derive(Clone)]
pub struct Tls(pub(crate) TlsAcceptor);

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("{path}: {source}; it must be a file in PEM")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: PemError,
    },
    /// Certificate and key do not fit together, or cannot be used.
    #[error("the certificate and the key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Tls {
    /// With the certificate, those that it hangs on, and its key, in PEM.
    ///
    /// # Errors
    /// [`TlsError`]: what is wrong with which file.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let of = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::File { path, source }
        };
        let chain = CertificateDer::pem_file_iter(certificate).map_err(of(certificate))?;
        let chain = chain
            .collect::<Result<Vec<_>, _>>()
            .map_err(of(certificate))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(of(key))?;
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}
