//! Sends each event as a mail.

mod address;

mod html;

mod judge;

mod mail;

mod server;

mod text;

use std::time::Duration;

use anyhow::ensure;
use async_trait::async_trait;
use lettre::Message;
use serde::Deserialize;
use tokio::time::timeout;

use self::address::Address;
use self::html::html;
use self::judge::judge;
use self::mail::Letterhead;
use self::mail::subject;
use self::server::Server;
use self::text::text;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Tools;
use super::note::Note;
use crate::secret::Secret;
use crate::template::Length;

/// How much of an output is told. Mail servers take some megabytes.
const OUTPUT_LIMIT: Length = Length::Bytes(64 * 1024);

/// How long [`Sink::check`] waits for the server.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// A mail sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// The server that takes our mail.
    pub host: String,

    /// Its port; what is usual with `tls`, unless given.
    #[serde(default)]
    pub port: Option<u16>,

    /// How the connection is kept secret.
    #[serde(default)]
    pub tls: TlsMode,

    /// Authorities to trust in place of the system's, as PEM.
    #[serde(default)]
    pub ca: Option<String>,

    /// Who we are to the server.
    #[serde(default)]
    pub username: Option<String>,

    /// What proves it.
    #[serde(default)]
    pub password: Option<Secret>,

    /// Whom mails are from.
    pub from: Address,

    /// Whom they go to, all on one mail.
    pub to: Vec<Address>,
}

/// How a connection is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// TLS from the first byte.
    #[default]
    Required,
    /// TLS after a word in the clear, and not without.
    StartTls,
    /// Not at all.
    None,
}

impl TlsMode {
    /// The port on which servers do so.
    fn port(self) -> u16 {
        match self {
            Self::Required => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

impl EmailConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<EmailSink> {
        ensure!(
            !self.host.is_empty(),
            "`host` is empty: name the mail server"
        );
        ensure!(!self.to.is_empty(), "`to` is empty: name whom mails go to");
        Ok(EmailSink {
            server: Server::new(&self, tools.concurrency)?,
            letterhead: Letterhead::new(self.from, self.to),
        })
    }
}

/// Sends each event as a mail.
#[derive(Debug)]
pub(super) struct EmailSink {
    server: Server,
    letterhead: Letterhead,
}

impl EmailSink {
    async fn send(&self, mail: &Message) -> Result<Receipt, SinkError> {
        let mut connection = self.server.connection().await.map_err(SinkError::not_now)?;
        let answer = connection.send(mail.envelope(), &mail.formatted()).await;
        let receipt = judge(answer)?;
        // Only after a yes: whatever else happened, what is said next on it is not foretold.
        self.server.keep(connection);
        Ok(receipt)
    }
}

#[async_trait]
impl Sink for EmailSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let note = Note::of(outbound);
        let mail = self.letterhead.write(&note, outbound);
        self.send(&mail.map_err(SinkError::not_now)?).await
    }

    async fn check(&self) -> anyhow::Result<()> {
        let connected = timeout(CHECK_TIMEOUT, self.server.connection()).await;
        let connection = connected.unwrap_or_else(|_| Err(self.server.silent(CHECK_TIMEOUT)))?;
        self.server.keep(connection);
        Ok(())
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        let note = Note::of(outbound);
        let (from, to) = self.letterhead.shown();
        Ok(Rendering::Mail {
            server: self.server.to_string(),
            from,
            to,
            subject: subject(&note),
            text: text(&note),
            html: html(&note),
        })
    }
}
