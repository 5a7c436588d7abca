//! Which certificates are trusted, and which are shown.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection};

/// What is wrong with what was given for a context.
#[derive(Debug)]
#[non_exhaustive]
pub enum ContextError {
    /// It is no PEM, or there is nothing of the kind in it.
    Pem(pem::Error),
    /// The key does not belong to the certificate, or a certificate cannot be used.
    Tls(rustls::Error),
    /// It is no name of a host, and no address.
    Name(InvalidDnsNameError),
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContextError::Pem(error) => error.fmt(f),
            ContextError::Tls(error) => error.fmt(f),
            ContextError::Name(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ContextError {}

impl From<pem::Error> for ContextError {
    fn from(error: pem::Error) -> ContextError {
        ContextError::Pem(error)
    }
}

impl From<rustls::Error> for ContextError {
    fn from(error: rustls::Error) -> ContextError {
        ContextError::Tls(error)
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ContextError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
    if certificates.is_empty() { Err(pem::Error::NoItemsFound.into()) } else { Ok(certificates) }
}

/// A client's context that trusts the authorities in `roots`, which is PEM.
///
/// # Errors
/// [`ContextError`].
pub fn client_context(roots: &[u8]) -> Result<Arc<ClientConfig>, ContextError> {
    let mut store = RootCertStore::empty();
    for root in certificates(roots)? {
        store.add(root)?;
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(store).with_no_client_auth()))
}

/// A server's context with its certificate, the chain to an authority behind it, and its key, all PEM.
///
/// # Errors
/// [`ContextError`].
pub fn server_context(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, ContextError> {
    let (chain, key) = (certificates(chain)?, PrivateKeyDer::from_pem_slice(key)?);
    Ok(Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?))
}

/// What one side of a connection is to be.
#[derive(Debug, Clone)]
pub enum Side {
    /// The client, and what the server must be called in its certificate.
    Client(Arc<ClientConfig>, ServerName<'static>),
    /// The server.
    Server(Arc<ServerConfig>),
}

impl Side {
    /// A client of the server with this name, or address.
    ///
    /// # Errors
    /// [`ContextError::Name`].
    pub fn client(context: Arc<ClientConfig>, server: &str) -> Result<Side, ContextError> {
        let name = ServerName::try_from(server.to_owned()).map_err(ContextError::Name)?;
        Ok(Side::Client(context, name))
    }

    pub(crate) fn connection(&self) -> Result<Connection, rustls::Error> {
        Ok(match self {
            Side::Client(context, name) => ClientConnection::new(Arc::clone(context), name.clone())?.into(),
            Side::Server(context) => ServerConnection::new(Arc::clone(context))?.into(),
        })
    }
}

thread_local! {
    static LAST_ERROR: RefCell<Option<rustls::Error>> = const { RefCell::new(None) };
}

/// Why TLS has failed last on this thread: what [`LineError::Tls`](segno::LineError::Tls) has no room for.
pub fn last_error() -> Option<rustls::Error> {
    LAST_ERROR.with_borrow(Clone::clone)
}

pub(crate) fn remember(error: rustls::Error) {
    LAST_ERROR.set(Some(error));
}
