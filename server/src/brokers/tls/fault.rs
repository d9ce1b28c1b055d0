//! Why a handshake failed, and the way out, in the operator's words.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::Files;

/// Something else than TLS came back.
pub(super) const NO_TLS: &str =
    "what answers there does not speak TLS: take the port of its TLS listener, or a scheme without TLS";

/// What the TLS error at the bottom of `error` means; `None` where there is none.
pub(in crate::brokers) fn explain(
    error: &(dyn Error + 'static),
    host: &str,
    files: &Files,
) -> Option<String> {
    Some(match tls_error(error)? {
        TlsError::InvalidCertificate(fault) => certificate(fault, host, files),
        TlsError::AlertReceived(alert) => refused(*alert, files),
        TlsError::InvalidMessage(_) => NO_TLS.to_owned(),
        other => other.to_string(),
    })
}

/// Clients wrap it in errors of their own, and an [`io::Error`] hides what it holds from `source()`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    None
}

/// What is wrong with the server's certificate.
fn certificate(fault: &CertificateError, host: &str, files: &Files) -> String {
    use CertificateError as Fault;
    match fault {
        Fault::UnknownIssuer if files.ca.is_some() => {
            "its certificate is not signed by an authority in tls_ca_file: put the one that signed it there".to_owned()
        }
        Fault::UnknownIssuer => {
            "its certificate is signed by an authority that is not known here: give that one's certificate in \
             tls_ca_file"
                .to_owned()
        }
        Fault::NotValidForName => wrong_name(host, None),
        Fault::NotValidForNameContext { presented, .. } => {
            wrong_name(host, Some(&presented.join(", ")).filter(|names| !names.is_empty()))
        }
        Fault::Expired | Fault::ExpiredContext { .. } => {
            "its certificate has expired: renew it on the server (or set this machine's clock)".to_owned()
        }
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            "its certificate is not valid yet: is this machine's clock right?".to_owned()
        }
        other => format!("its certificate can't be accepted: {}", TlsError::from(other.clone())),
    }
}

fn wrong_name(host: &str, names: Option<&String>) -> String {
    let names = names.map_or_else(|| "another name".to_owned(), |names| readable(names));
    format!(
        "its certificate is for {names}, not for {host}: write the name that it is for, or give the server a \
         certificate for {host}"
    )
}

/// rustls writes names as Rust prints them: `DnsName("mq.local")`, `IpAddress(127.0.0.1)`.
fn readable(names: &str) -> String {
    let letters = |c: char| !matches!(c, '(' | ')' | '"');
    names.replace("DnsName", "").replace("IpAddress", "").chars().filter(|c| letters(*c)).collect()
}

/// The server broke the handshake off.
fn refused(alert: AlertDescription, files: &Files) -> String {
    match (alert, &files.cert) {
        // Before TLS 1.3 a missing certificate has no alert of its own.
        (
            AlertDescription::CertificateRequired
            | AlertDescription::HandshakeFailure
            | AlertDescription::BadCertificate,
            None,
        ) => {
            "the server wants a certificate of its clients: give Weir's own in tls_cert_file and tls_key_file"
                .to_owned()
        }
        (_, Some(_)) => format!(
            "the server refuses Weir's certificate ({alert:?}): tls_cert_file has to be signed by an authority that \
             the server trusts, and still valid"
        ),
        _ => format!("the server broke the handshake off ({alert:?})"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn explained(error: TlsError, files: &Files) -> String {
        // As tokio-rustls, and clients above it, hand it over.
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        explain(&wrapped, "mq.local", files).unwrap()
    }

    #[test]
    fn given_each_fault_of_a_certificate_when_explained_then_the_way_out_is_named() {
        let (none, own) = (Files::default(), Files { ca: Some("ca.pem".into()), ..Files::default() });
        for (fault, files, words) in [
            (CertificateError::UnknownIssuer, &none, "give that one's certificate in tls_ca_file"),
            (CertificateError::UnknownIssuer, &own, "not signed by an authority in tls_ca_file"),
            (CertificateError::NotValidForName, &own, "not for mq.local"),
            (CertificateError::Expired, &own, "has expired: renew it"),
            (CertificateError::NotValidYet, &own, "clock"),
        ] {
            let text = explained(TlsError::InvalidCertificate(fault), files);
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn given_an_alert_when_explained_then_a_missing_certificate_is_told_from_a_refused_one() {
        let own = Files { cert: Some("weir.pem".into()), ..Files::default() };
        let alert = TlsError::AlertReceived(AlertDescription::CertificateRequired);
        assert!(explained(alert.clone(), &Files::default()).contains("tls_cert_file and tls_key_file"));
        assert!(explained(alert, &own).contains("refuses Weir's certificate"));
    }

    #[test]
    fn given_an_error_without_tls_when_explained_then_there_is_nothing_to_say() {
        assert_eq!(explain(&io::Error::other("reset"), "mq.local", &Files::default()), None);
    }
}
