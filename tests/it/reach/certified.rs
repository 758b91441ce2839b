//! Whom a sink trusts, and what it shows of itself.

use insta::assert_snapshot;
use tidings::config::Environment;
use tidings::config::Loaded;
use tidings::sinks::Reach;
use tidings::sinks::Tools;

use super::nobody;
use super::outbound;
use super::sink;
use crate::harness::tls::Authority;
use crate::harness::tls::Papers;
use crate::harness::tls::TlsServer;

fn trusting(authority: &Authority) -> Reach {
    Reach {
        allow_private: true,
        ca: Some(authority.pem()),
        ..Reach::default()
    }
}

fn showing(papers: &Papers, reach: Reach) -> Reach {
    Reach {
        client_cert: Some(papers.certificate()),
        client_key: Some(papers.key().into()),
        ..reach
    }
}

/// How a sink fails that reaches for this server so.
async fn failure(server: &TlsServer, reach: &Reach) -> String {
    let url = format!("https://{}", server.address);
    let sink = sink(&url, reach, nobody()).unwrap();
    let error = sink.deliver(&outbound()).await.unwrap_err();
    error
        .to_string()
        .replace(&server.address.to_string(), "SERVER")
}

/// What is said of settings that cannot work.
fn complaint(reach: &Reach) -> String {
    let refused = sink("https://a.example.com", reach, nobody()).unwrap_err();
    format!("{refused:#}")
}

#[tokio::test]
async fn a_server_is_trusted_whose_authority_is_named() {
    let authority = Authority::called("Ours");
    let server = TlsServer::showing(&authority.signs("127.0.0.1")).await;
    let url = format!("https://{}", server.address);
    let sink = sink(&url, &trusting(&authority), nobody()).unwrap();

    sink.deliver(&outbound()).await.unwrap();

    assert_eq!(server.guests(), [None]);
}

#[tokio::test]
async fn a_server_of_another_authority_is_told_as_that_and_gets_nothing() {
    let authority = Authority::called("Ours");
    let server = TlsServer::showing(&authority.signs("127.0.0.1")).await;
    let of_the_system = Reach {
        allow_private: true,
        ..Reach::default()
    };

    let told = [
        failure(&server, &trusting(&Authority::called("Another"))).await,
        failure(&server, &of_the_system).await,
    ];

    assert_snapshot!(told.join("\n"), @"
    not now: no TLS with SERVER: its certificate is from no authority that is trusted here
    not now: no TLS with SERVER: its certificate is from no authority that is trusted here
    ");
    assert_eq!(server.guests(), []);
}

#[tokio::test]
async fn a_certificate_for_somebody_else_is_told_as_that() {
    let authority = Authority::called("Ours");
    let server = TlsServer::showing(&authority.signs("elsewhere.example.com")).await;
    assert_snapshot!(failure(&server, &trusting(&authority)).await, @r#"not now: no TLS with SERVER: invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("elsewhere.example.com")"#);
    assert_eq!(server.guests(), []);
}

#[tokio::test]
async fn a_server_that_asks_for_papers_is_shown_them() {
    let (servers, clients) = (Authority::called("Servers"), Authority::called("Clients"));
    let server = TlsServer::asking(&servers.signs("127.0.0.1"), &clients).await;
    let papers = clients.signs("tidings");
    let reach = showing(&papers, trusting(&servers));
    let url = format!("https://{}", server.address);

    sink(&url, &reach, nobody())
        .unwrap()
        .deliver(&outbound())
        .await
        .unwrap();

    let guests = server.guests();
    assert_eq!(guests.len(), 1);
    assert!(papers.is(guests[0].as_ref()), "{guests:?}");
}

#[tokio::test]
async fn without_papers_or_with_those_of_somebody_else_nobody_is_let_in() {
    let (servers, clients) = (Authority::called("Servers"), Authority::called("Clients"));
    let server = TlsServer::asking(&servers.signs("127.0.0.1"), &clients).await;

    let without = failure(&server, &trusting(&servers)).await;
    let foreign = showing(
        &Authority::called("Another").signs("tidings"),
        trusting(&servers),
    );
    let foreign = failure(&server, &foreign).await;

    assert_snapshot!(format!("{without}\n{foreign}"), @"
    not now: no TLS with SERVER: it asks for a certificate, and none is configured
    not now: no TLS with SERVER: it does not accept our certificate
    ");
    assert_eq!(server.guests(), []);
}

#[tokio::test]
async fn the_files_that_a_configuration_names_are_what_is_used() {
    let (servers, clients) = (Authority::called("Servers"), Authority::called("Clients"));
    let server = TlsServer::asking(&servers.signs("127.0.0.1"), &clients).await;
    let papers = clients.signs("tidings");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let config = format!(
        r#"
        [[sink]]
        name = "backend"
        type = "http"
        url = "https://{}"
        allow_private = true
        ca = {{ file = "{}" }}
        client_cert = {{ file = "{}" }}
        client_key = {{ file = "{}" }}
        "#,
        server.address,
        file("ca.pem", servers.pem()),
        file("tidings.pem", papers.certificate()),
        file("tidings-key.pem", papers.key()),
    );
    let environment: Environment = [("TIDINGS_CONFIG_TOML", config)].into_iter().collect();
    let loaded = Loaded::read(None, environment).unwrap();
    let configured = loaded.config.sinks[0].clone();
    let tools = Tools {
        reach: configured.reach,
        ..Tools::default()
    };

    let sink = configured.kind.build(&tools).unwrap();
    sink.deliver(&outbound()).await.unwrap();

    assert_eq!(server.guests().len(), 1);
    let shown = loaded.shown();
    let key = shown.iter().find(|row| row.key == "sink[0].client_key");
    assert_eq!(key.unwrap().value, "[secret]");
}

#[test]
fn papers_that_are_none_are_refused_before_the_first_event() {
    let authority = Authority::called("Ours");
    let (ours, others) = (authority.signs("tidings"), authority.signs("others"));
    let ca = |text: &str| Reach {
        ca: Some(text.to_owned()),
        ..Reach::default()
    };
    let keyless = Reach {
        client_key: None,
        ..showing(&ours, Reach::default())
    };
    let only_a_key = Reach {
        client_cert: None,
        ..showing(&ours, Reach::default())
    };
    let anothers_key = Reach {
        client_key: Some(others.key().into()),
        ..showing(&ours, Reach::default())
    };
    let twice = Reach {
        client_key: Some(ours.certificate().into()),
        ..showing(&ours, Reach::default())
    };
    let told = [
        complaint(&ca("/etc/ssl/ca.pem")),
        complaint(&ca(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )),
        complaint(&keyless),
        complaint(&only_a_key),
        complaint(&anothers_key),
        complaint(&twice),
    ];
    assert_snapshot!(told.join("\n"), @r#"
    `ca` holds no certificate: it is the text of one, or { file = "…" }
    its certificates, or the system's, cannot be used: builder error: invalid peer certificate: BadEncoding
    `client_cert` needs the `client_key` that belongs to it
    `client_key` needs the `client_cert` that it belongs to
    its certificates, or the system's, cannot be used: builder error: keys may not be consistent: KeyMismatch
    `client_cert` and `client_key` are not a certificate and its key as PEM: builder error: unexpected error: private key or certificate not found
    "#);
}
