//! TLS to any kind of broker: the operator's files, and what a handshake that fails means.

mod fault;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use weir_model::Step;

pub(super) use fault::explain;

use super::BrokerError;
use crate::config::BrokerConfig;

/// Time to shake hands once more.
const HANDSHAKE: Duration = Duration::from_secs(3);

/// A server of TLS 1.3 looks at the client's certificate after the client's part of the handshake has ended.
const LAST_WORD: Duration = Duration::from_secs(1);

/// The operator's own certificates, in PEM form.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    /// Authorities to trust instead of the system's and Mozilla's.
    pub(super) ca: Option<PathBuf>,
    /// Weir's own certificate, where the server wants one, and its key.
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

impl Files {
    /// As they are configured.
    ///
    /// # Errors
    /// A certificate without its key, or a key without its certificate.
    pub(super) fn of(config: &BrokerConfig) -> Result<Self, BrokerError> {
        if config.tls_cert_file.is_some() != config.tls_key_file.is_some() {
            return Err(BrokerError::field("tls_key_file", "tls_cert_file and tls_key_file go together"));
        }
        Ok(Self {
            ca: config.tls_ca_file.clone(),
            cert: config.tls_cert_file.clone(),
            key: config.tls_key_file.clone(),
        })
    }

    /// Reads the files and prepares TLS.
    ///
    /// # Errors
    /// A file that can't be read or used, by the name of its setting.
    pub(super) fn connector(&self) -> Result<TlsConnector, BrokerError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| BrokerError::field("url", format!("TLS can't be used: {e}")))?
            .with_root_certificates(authorities(self.ca.as_deref())?);
        let settings = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => builder
                .with_client_auth_cert(certificates("tls_cert_file", cert)?, private_key(key)?)
                .map_err(|e| BrokerError::field("tls_cert_file", format!("it can't be used: {e}")))?,
            _ => builder.with_no_client_auth(),
        };
        Ok(TlsConnector::from(Arc::new(settings)))
    }

    /// The authorities' text, for a client that reads it itself.
    ///
    /// # Errors
    /// The file can't be read.
    pub(super) async fn ca_pem(&self) -> Result<Option<Vec<u8>>, BrokerError> {
        match &self.ca {
            Some(path) => text("tls_ca_file", path).await.map(Some),
            None => Ok(None),
        }
    }

    /// The text of Weir's own certificate and that of its key.
    ///
    /// # Errors
    /// A file can't be read.
    pub(super) async fn identity_pem(&self) -> Result<Option<(Vec<u8>, Vec<u8>)>, BrokerError> {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => {
                Ok(Some((text("tls_cert_file", cert).await?, text("tls_key_file", key).await?)))
            }
            _ => Ok(None),
        }
    }
}

async fn text(setting: &str, path: &Path) -> Result<Vec<u8>, BrokerError> {
    tokio::fs::read(path).await.map_err(|error| {
        BrokerError::failed(Step::Tls, format!("{setting} {} can't be read: {error}", path.display()), error)
    })
}

/// Shakes hands with a server and says nothing more: for clients that don't tell why their own handshake failed, or
/// had begun to speak when the server hung up, and so lost its reason. `None` where nothing is wrong with it, or where
/// the server can't be reached at all.
pub(super) async fn fault(host: &str, port: u16, files: &Files) -> Option<String> {
    timeout(HANDSHAKE, shake_hands(host, port, files)).await.ok()?
}

async fn shake_hands(host: &str, port: u16, files: &Files) -> Option<String> {
    let connector = files.connector().ok()?;
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let stream = TcpStream::connect((host, port)).await.ok()?;
    let error = match connector.connect(name, stream).await {
        Err(error) if hung_up(&error) => return Some(fault::NO_TLS.to_owned()),
        Err(error) => error,
        // Silence is a server that waits to be asked.
        Ok(mut stream) => timeout(LAST_WORD, stream.read_u8()).await.ok()?.err()?,
    };
    explain(&error, host, files)
}

/// What a server does that does not understand the handshake.
fn hung_up(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
}

fn authorities(own: Option<&Path>) -> Result<RootCertStore, BrokerError> {
    let mut store = RootCertStore::empty();
    match own {
        Some(file) => {
            for certificate in certificates("tls_ca_file", file)? {
                store.add(certificate).map_err(|e| {
                    BrokerError::field("tls_ca_file", format!("{} can't be used: {e}", file.display()))
                })?;
            }
        }
        None => {
            // A container may lack the system's store; Mozilla's list is always there.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    Ok(store)
}

fn certificates(field: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, BrokerError> {
    let unusable = |e: String| BrokerError::field(field, format!("{} can't be read: {e}", file.display()));
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|e| unusable(e.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable("it holds no PEM certificate".to_owned()));
    }
    Ok(certificates)
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, BrokerError> {
    PrivateKeyDer::from_pem_file(file)
        .map_err(|e| BrokerError::field("tls_key_file", format!("{} can't be read: {e}", file.display())))
}
