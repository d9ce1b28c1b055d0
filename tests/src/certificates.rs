//! Certificates made for a test: an authority, and what it vouches for, as PEM files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Signs certificates. Its files lie in the folder it was given.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
    ca: PathBuf,
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Both in one file, key first.
    pub both: PathBuf,
}

impl Authority {
    /// A new one; `name` is the beginning of its files' names.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let ca = folder.join(format!("{name}.ca.pem"));
        fs::write(&ca, issuer.pem())?;
        Ok(Self { issuer, folder: folder.to_owned(), ca })
    }

    /// Its own certificate, for those who trust it.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// A certificate for host names and addresses, good for servers and clients alike; `name` is its common name.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn certify(&self, name: &str, hosts: &[&str]) -> Result<Certificate> {
        self.write(name, params(name, hosts)?)
    }

    /// The same, but of the year 2000.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn certify_expired(&self, name: &str, hosts: &[&str]) -> Result<Certificate> {
        let mut params = params(name, hosts)?;
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2000, 12, 31));
        self.write(name, params)
    }

    fn write(&self, name: &str, params: CertificateParams) -> Result<Certificate> {
        let own = KeyPair::generate()?;
        let (cert_text, key_text) = (params.signed_by(&own, &self.issuer)?.pem(), own.serialize_pem());
        let [cert, key, both] =
            ["cert", "key", "both"].map(|part| self.folder.join(format!("{name}.{part}.pem")));
        fs::write(&cert, &cert_text)?;
        fs::write(&key, &key_text)?;
        fs::write(&both, format!("{key_text}{cert_text}"))?;
        Ok(Certificate { cert, key, both })
    }
}

fn params(name: &str, hosts: &[&str]) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}
