//! `tidings token`: who may call the API.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use jiff::SignedDuration;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::local;
use super::table;
use super::table::Column;
use crate::access;
use crate::access::NewToken;
use crate::access::Scope;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::event::view::time;
use crate::period;
use crate::store::Store;

const COLUMNS: [Column; 7] = [
    ("ID", "/id"),
    ("NAME", "/name"),
    ("SCOPE", "/scope"),
    ("CREATED", "/created_at"),
    ("EXPIRES", "/expires_at"),
    ("REVOKED", "/revoked_at"),
    ("LAST USED", "/last_used_at"),
];

/// Makes, lists and revokes tokens for the API.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings token create --scope read --expires 90d")]
pub(super) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a token and prints it. It is shown this once; only its hash is kept.
    #[command(
        after_help = "Example:\n  tidings token create --scope operate --name backups --expires 90d"
    )]
    Create(Create),

    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings token list")]
    List,

    /// Takes one back. It opens nothing from then on.
    #[command(
        after_help = "Example:\n  tidings token revoke tok_019aae2b-0000-7000-8000-000000000001"
    )]
    Revoke {
        /// Its id.
        id: TokenId,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// How far it reaches: read, operate or admin.
    #[arg(long)]
    scope: Scope,

    /// What it is for.
    #[arg(long)]
    name: Option<String>,

    /// How long it is good for; else until it is revoked.
    #[arg(long, value_name = "DURATION", value_parser = period::parse)]
    expires: Option<Duration>,
}

impl Token {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match ask(context, &self.command).await {
            Err(error) if local::may_stand_in(context, &error) => {
                let store = local::open(context).await?;
                let outcome = do_here(context, &store, &self.command).await;
                store.close().await?;
                outcome?;
            }
            outcome => outcome?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Has the running server do it.
async fn ask(context: &Context, command: &Command) -> anyhow::Result<()> {
    let client = Client::new(context)?;
    match command {
        Command::Create(create) => {
            let body = json!({
                "scope": create.scope,
                "name": create.name,
                "expires_in": create.expires.map(period::text),
            });
            let made = client
                .send_json(Method::POST, &["tokens"], Some(&body))
                .await?;
            print_new(context, &made)
        }
        Command::List => {
            let answer = client.get(&["tokens"], &Query::new()).await?;
            let Some(rows) = answer["data"].as_array() else {
                bail!("the server's answer is no listing: is it Tidings?");
            };
            Ok(table::list(context.output, &COLUMNS, rows)?)
        }
        Command::Revoke { id } => {
            let path = ["tokens", &id.to_string()];
            client.send_json(Method::DELETE, &path, None).await?;
            context
                .output
                .note(format_args!("{id} opens nothing any more"));
            Ok(())
        }
    }
}

/// Does it in the database file, where no server runs.
async fn do_here(
    context: &Context,
    store: &Arc<dyn Store>,
    command: &Command,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    match command {
        Command::Create(create) => {
            let secret = access::fresh_token();
            let token = store
                .create_token(NewToken {
                    hash: TokenHash::of(&secret),
                    scope: create.scope,
                    name: create.name.clone(),
                    created_at: now,
                    expires_at: create.end(now)?,
                })
                .await?;
            let mut made = view(&token);
            made["token"] = secret.expose().into();
            print_new(context, &made)
        }
        Command::List => {
            let rows: Vec<Value> = store.tokens().await?.iter().map(view).collect();
            Ok(table::list(context.output, &COLUMNS, &rows)?)
        }
        Command::Revoke { id } => {
            if !store.revoke_token(*id, now).await? {
                bail!("there is no token {id}: `tidings token list` shows them");
            }
            context
                .output
                .note(format_args!("{id} opens nothing any more"));
            Ok(())
        }
    }
}

impl Create {
    fn end(&self, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
        self.expires
            .map(|period| Ok(now.checked_add(SignedDuration::try_from(period)?)?))
            .transpose()
    }
}

/// Prints the token alone, so that it can be put into a file; what else there is to say goes beside
/// it.
fn print_new(context: &Context, made: &Value) -> anyhow::Result<()> {
    if context.output.json {
        return Ok(context.output.json(made)?);
    }
    let word = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
    context.output.note(format_args!(
        "{} with scope {}; keep the token, it is not shown again:",
        word("id"),
        word("scope")
    ));
    context.output.line(word("token"))?;
    Ok(())
}

/// A token in the API's words.
fn view(token: &access::Token) -> Value {
    json!({
        "id": token.id.to_string(),
        "name": token.name,
        "scope": token.scope,
        "created_at": time(token.created_at),
        "expires_at": token.expires_at.map(time),
        "revoked_at": token.revoked_at.map(time),
        "last_used_at": token.last_used_at.map(time),
    })
}
