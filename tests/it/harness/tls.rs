//! Authorities that sign certificates, and a server that shows one.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

/// Somebody who signs certificates.
#[derive(Debug)]
pub(crate) struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
#[derive(Debug)]
pub(crate) struct Papers {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn called(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("ring makes keys");
        Self {
            certificate: params.self_signed(&key).expect("ring signs"),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for a host.
    pub(crate) fn signs(&self, host: &str) -> Papers {
        let params = CertificateParams::new([host.to_owned()]).expect("a host");
        let key = KeyPair::generate().expect("ring makes keys");
        Papers {
            certificate: params.signed_by(&key, &self.issuer).expect("ring signs"),
            key,
        }
    }

    /// Its own certificate, as text.
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }
}

impl Papers {
    /// The certificate, as text.
    pub(crate) fn certificate(&self) -> String {
        self.certificate.pem()
    }

    /// Whether this is what somebody showed.
    pub(crate) fn is(&self, shown: Option<&CertificateDer<'_>>) -> bool {
        shown == Some(self.certificate.der())
    }

    /// The key, as text.
    pub(crate) fn key(&self) -> String {
        self.key.serialize_pem()
    }
}

/// A server that speaks TLS and says yes to every request.
#[derive(Debug)]
pub(crate) struct TlsServer {
    pub(crate) address: SocketAddr,
    guests: watch::Receiver<Vec<Guest>>,
    _running: DropGuard,
}

/// What somebody showed who made a request: a certificate, or none.
pub(crate) type Guest = Option<CertificateDer<'static>>;

impl TlsServer {
    /// A server that shows these papers and asks for none.
    pub(crate) async fn showing(papers: &Papers) -> Self {
        Self::start(papers, WebPkiClientVerifier::no_client_auth()).await
    }

    /// A server that lets in whoever shows papers of this authority.
    pub(crate) async fn asking(papers: &Papers, authority: &Authority) -> Self {
        let mut roots = RootCertStore::empty();
        let root = authority.certificate.der().clone();
        roots.add(root).expect("a certificate");
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
        Self::start(papers, verifier.expect("one authority")).await
    }

    async fn start(papers: &Papers, verifier: Arc<dyn ClientCertVerifier>) -> Self {
        tidings::tls::use_ring();
        let key = PrivateKeyDer::try_from(papers.key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![papers.certificate.der().clone()], key)
            .expect("they belong together");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (guest, guests) = watch::channel(Vec::new());
        let stop = CancellationToken::new();
        let serving = serve(listener, TlsAcceptor::from(Arc::new(config)), guest);
        TaskTracker::new().spawn(stop.clone().run_until_cancelled_owned(serving));
        Self {
            address,
            guests,
            _running: stop.drop_guard(),
        }
    }

    /// What each showed who made a request.
    pub(crate) fn guests(&self) -> Vec<Guest> {
        self.guests.borrow().clone()
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, guest: watch::Sender<Vec<Guest>>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Whoever does not trust us, or whom we do not let in, hears why from TLS itself.
        answer(stream, &tls, &guest).await.ok();
    }
}

async fn answer(
    stream: TcpStream,
    tls: &TlsAcceptor,
    guest: &watch::Sender<Vec<Guest>>,
) -> std::io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    if stream.read(&mut [0; 4096]).await? == 0 {
        return Ok(());
    }
    let shown = stream.get_ref().1.peer_certificates();
    let shown = shown.and_then(|all| all.first()).cloned();
    guest.send_modify(|all| all.push(shown.map(CertificateDer::into_owned)));
    let yes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(yes).await?;
    stream.shutdown().await
}
