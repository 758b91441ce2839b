//! All that the demonstration needs, on this machine and in one folder.

use std::path::PathBuf;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use crate::app::App;
use crate::app::Listeners;
use crate::app::read_admin_token;
use crate::clock::SystemClock;
use crate::config::Environment;
use crate::config::Loaded;
use crate::secret::Secret;
use crate::simulator::Backend;

/// The receiver, its sinks, and where everything is found.
pub(super) struct Stage {
    /// Where everything lies. Gone when dropped.
    pub(super) folder: TempDir,
    /// The receiver, and where it listens.
    pub(super) app: App,
    pub(super) listeners: Listeners,
    /// What stands for a system of the user's, and where it listens.
    pub(super) backend: Backend,
    pub(super) backend_listener: TcpListener,
    /// Where the simulated cloud answers.
    pub(super) simulator_listener: TcpListener,
    /// Its addresses.
    pub(super) server: Url,
    pub(super) webhook: Url,
    pub(super) backend_url: Url,
    /// The webhook's secret.
    pub(super) secret: Secret,
    /// Opens the API.
    pub(super) token: Secret,
}

impl Stage {
    /// Builds everything; nothing runs yet.
    pub(super) async fn build() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tidings-demo-")
            .tempdir()
            .context("cannot make a temporary folder")?;
        let secret = random_secret("");
        let signing_secret = random_secret("whsec_");
        let backend_listener = TcpListener::bind("127.0.0.1:0").await?;
        let backend_url = address(&backend_listener, "/events")?;

        let config_file = folder.path().join("tidings.toml");
        let config = configuration(&folder, &secret, &backend_url, &signing_secret);
        std::fs::write(&config_file, config)
            .with_context(|| format!("cannot write {}", config_file.display()))?;
        let config = Loaded::read(Some(&config_file), Environment::default())?.config;

        let listeners = Listeners::bind(&config.server).await?;
        let store_url = config.store.url.clone();
        let app = App::build(config, std::sync::Arc::new(SystemClock)).await?;
        let token = read_admin_token(&store_url).context("the first start makes a token")?;
        Ok(Self {
            server: address(&listeners.public, "/")?,
            webhook: address(&listeners.public, "/webhook")?,
            backend: Backend::new(&signing_secret)?,
            folder,
            app,
            listeners,
            backend_listener,
            simulator_listener: TcpListener::bind("127.0.0.1:0").await?,
            backend_url,
            secret,
            token,
        })
    }

    /// The file sink's file.
    pub(super) fn events_file(&self) -> PathBuf {
        self.folder.path().join("events.jsonl")
    }

    /// The file with the token for the API.
    pub(super) fn token_file(&self) -> PathBuf {
        self.folder.path().join("admin-token")
    }
}

/// The configuration, as anybody would write it.
fn configuration(folder: &TempDir, secret: &Secret, backend: &Url, signing: &Secret) -> String {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let quoted = |text: &str| toml::Value::from(text).to_string();
    format!(
        r#"[server]
listen = "127.0.0.1:0"
[store]
url = {database}
[[endpoint]]
secrets = [{secret}]
[[sink]]
name = "audit"
type = "file"
path = {file}
[[sink]]
name = "backend"
type = "http"
url = {backend}
allow_private = true
signing_secrets = [{signing}]
"#,
        database = quoted(&format!("sqlite:{}", path("tidings.db"))),
        file = quoted(&path("events.jsonl")),
        secret = quoted(secret.expose()),
        signing = quoted(signing.expose()),
        backend = quoted(backend.as_str()),
    )
}

fn address(listener: &TcpListener, path: &str) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!(
        "http://{}{path}",
        listener.local_addr()?
    ))?)
}

fn random_secret(prefix: &str) -> Secret {
    let octets: [u8; 24] = rand::random();
    format!("{prefix}{}", BASE64_STANDARD.encode(octets)).into()
}
