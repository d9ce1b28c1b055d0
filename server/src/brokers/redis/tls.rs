//! TLS to Redis: the system's authorities and Mozilla's, or the operator's own.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsConnector;

use super::super::BrokerError;
use crate::config::BrokerConfig;

/// Reads the certificate files and prepares TLS; `None` where the scheme asks for none.
///
/// # Errors
/// A file that can't be read or used, by the name of its setting.
pub(super) fn connector(config: &BrokerConfig) -> Result<Option<TlsConnector>, BrokerError> {
    if !config.tls() {
        return Ok(None);
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| BrokerError::field("url", format!("TLS can't be used: {e}")))?
        .with_root_certificates(authorities(config.tls_ca_file.as_deref())?);
    let settings = match (&config.tls_cert_file, &config.tls_key_file) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => builder
            .with_client_auth_cert(certificates("tls_cert_file", cert)?, private_key(key)?)
            .map_err(|e| BrokerError::field("tls_cert_file", format!("it can't be used: {e}")))?,
        (Some(_), None) => {
            return Err(BrokerError::field("tls_key_file", "tls_cert_file needs its key here"));
        }
        (None, Some(_)) => {
            return Err(BrokerError::field("tls_cert_file", "tls_key_file needs its certificate here"));
        }
    };
    Ok(Some(TlsConnector::from(Arc::new(settings))))
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
