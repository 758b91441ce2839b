//! The server that takes our mail, and the connections to it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::Error;
use anyhow::anyhow;
use anyhow::bail;
use anyhow::ensure;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::client::CertificateStore;
use lettre::transport::smtp::client::TlsParameters;
use lettre::transport::smtp::extension::ClientId;
use tokio::time::Instant;

use super::EmailConfig;
use super::TlsMode;
use crate::period;
use crate::tls;

/// How long a connection that nothing goes over is kept. Servers keep theirs for minutes.
const IDLE: Duration = Duration::from_secs(30);

/// The server that takes our mail.
///
/// A connection is taken out to be used and put back after a yes. One whose try was given up in the
/// middle is not put back: the server still speaks of the last mail on it.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: TlsMode,
    parameters: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    idle: Mutex<Vec<Idle>>,
    /// How many connections are kept.
    most: usize,
}

/// A connection that nobody uses.
struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Server {
    /// The server of these settings, with so many connections at most.
    pub(super) fn new(config: &EmailConfig, most: usize) -> anyhow::Result<Self> {
        let credentials = credentials(config)?;
        ensure!(
            credentials.is_none() || config.tls != TlsMode::None || is_this_machine(&config.host),
            "`password` would cross the network in the clear: set `tls` to \"required\" or \
             \"starttls\""
        );
        Ok(Self {
            host: config.host.clone(),
            port: config.port.unwrap_or(config.tls.port()),
            tls: config.tls,
            parameters: parameters(config)?,
            credentials,
            hello: ClientId::default(),
            idle: Mutex::default(),
            most,
        })
    }

    /// A connection on which a mail can be sent now.
    pub(super) async fn connection(&self) -> anyhow::Result<AsyncSmtpConnection> {
        while let Some(mut connection) = self.an_idle_one() {
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        self.connect().await
    }

    /// Keeps a connection for the next mail.
    pub(super) fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if idle.len() < self.most {
            idle.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
    }

    /// What is said of a server that says nothing.
    pub(super) fn silent(&self, waited: Duration) -> Error {
        anyhow!("no answer from {self} within {}", period::text(waited))
    }

    /// The connection that was used last, if that is not long ago.
    fn an_idle_one(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle();
        idle.retain(|one| one.since.elapsed() < IDLE);
        idle.pop().map(|one| one.connection)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Nobody panics with it, and a list of connections is right at any time.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> anyhow::Result<AsyncSmtpConnection> {
        let at_once = (self.tls == TlsMode::Required).then(|| self.parameters.clone());
        let peer = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(peer, None, &self.hello, at_once, None)
                .await
                .map_err(|error| anyhow!("no connection to {self}: {error}"))?;
        if self.tls == TlsMode::StartTls {
            connection
                .starttls(self.parameters.clone(), &self.hello)
                .await
                .map_err(|error| anyhow!("no TLS with {self}: {error}"))?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(DEFAULT_MECHANISMS, credentials)
                .await
                .map_err(|error| anyhow!("{self} does not let us in: {error}"))?;
        }
        Ok(connection)
    }
}

fn credentials(config: &EmailConfig) -> anyhow::Result<Option<Credentials>> {
    match (&config.username, &config.password) {
        (Some(username), Some(password)) => Ok(Some(Credentials::new(
            username.clone(),
            password.expose().to_owned(),
        ))),
        (None, None) => Ok(None),
        _ => bail!("`username` and `password` go together: set both, or neither"),
    }
}

fn parameters(config: &EmailConfig) -> anyhow::Result<TlsParameters> {
    tls::use_ring();
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.ca {
        let problem = "`ca` holds no certificate as PEM";
        ensure!(pem.contains("-----BEGIN CERTIFICATE-----"), problem);
        let authorities = Certificate::from_pem(pem.as_bytes()).context(problem)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authorities);
    }
    builder
        .build()
        .context("TLS cannot be set up: is `ca` a certificate, and `host` a name?")
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
