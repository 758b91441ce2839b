//! `tidings secret`: gives a server the webhook secret.

use std::io;
use std::io::IsTerminal as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::Context;
use super::client::Client;
use super::input;
use super::local;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::name::EndpointName;
use crate::secret::NamedSecret;

/// Gives a running server the webhook secret, without a restart.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings secret set")]
pub(super) struct Secret {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads the secret from a prompt, from a file or from the standard input, and keeps it in the
    /// database.
    #[command(after_help = "Example:\n  tidings secret set --endpoint default < secret.txt")]
    Set(Set),
}

#[derive(Debug, Args)]
struct Set {
    /// The endpoint it is for.
    #[arg(long, value_name = "NAME", default_value_t)]
    endpoint: EndpointName,

    /// What to call it; it takes the place of one with the same name.
    #[arg(long, default_value = "set")]
    name: String,

    /// A file that holds it. A newline at its end is cut off.
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
}

impl Secret {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Command::Set(set) = self.command;
        let secret = set.read()?;
        if secret.is_empty() {
            bail!("the secret is empty: copy it from the webhook's page at Browser Use");
        }
        if secret.is_pasted_badly() {
            bail!("the secret has a blank or a quote around it: give it without");
        }
        match set.give(context, &secret).await {
            Err(error) if local::may_stand_in(context, &error) => set.keep(context, secret).await?,
            outcome => outcome?,
        }
        context.output.note(format_args!(
            "endpoint `{}` has the secret `{}`",
            set.endpoint, set.name
        ));
        Ok(ExitCode::SUCCESS)
    }
}

impl Set {
    fn read(&self) -> anyhow::Result<crate::secret::Secret> {
        match &self.from_file {
            None if io::stdin().is_terminal() => {
                Ok(rpassword::prompt_password("Webhook secret: ")?.into())
            }
            None => input::secret(Path::new("-")),
            Some(file) => input::secret(file),
        }
    }

    /// Gives it to the running server.
    async fn give(&self, context: &Context, secret: &crate::secret::Secret) -> anyhow::Result<()> {
        let path = ["endpoints", self.endpoint.as_str(), "secret"];
        let body = json!({ "name": self.name, "secret": secret.expose() });
        Client::new(context)?
            .send_json(Method::PUT, &path, Some(&body))
            .await?;
        Ok(())
    }

    /// Puts it into the database file.
    async fn keep(&self, context: &Context, secret: crate::secret::Secret) -> anyhow::Result<()> {
        let named = NamedSecret {
            name: self.name.as_str().into(),
            secret,
        };
        let endpoints = context.load()?.config.endpoints;
        if !endpoints.iter().any(|known| known.name == self.endpoint) {
            bail!(
                "there is no endpoint `{}` in the configuration",
                self.endpoint
            );
        }
        let store = local::open(context).await?;
        store
            .set_secret(&self.endpoint, &named, SystemClock.now())
            .await?;
        store.close().await?;
        Ok(())
    }
}
