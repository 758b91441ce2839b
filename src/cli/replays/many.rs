//! Much at once: counted, agreed to, begun, watched.

use std::io;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Args;
use reqwest::Method;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::watch;
use crate::cli::Context;
use crate::cli::arguments::WrongUsage;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::output::Output;
use crate::cli::table;
use crate::cli::table::Column;

const COLUMNS: [Column; 2] = [("SINK", "/sink"), ("WOULD GET", "/owed")];

/// How to go about many at once.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub(in crate::cli) struct Many {
    /// All there are: where no other option says which.
    #[arg(long)]
    all: bool,

    /// Count them, and do nothing.
    #[arg(long)]
    dry_run: bool,

    /// Do not ask before it begins.
    #[arg(long, short)]
    yes: bool,

    /// Do not wait for its end: the server goes on by itself.
    #[arg(long)]
    no_wait: bool,
}

/// Which are meant, and whom to ask for it.
pub(in crate::cli) struct Which {
    /// The path of the API.
    pub(in crate::cli) path: &'static [&'static str],
    /// What they are, several of them.
    pub(in crate::cli) things: &'static str,
    /// The filter, as the parameters of a listing.
    pub(in crate::cli) filter: Query,
    /// To which sinks; none says all.
    pub(in crate::cli) sinks: Vec<String>,
}

impl Many {
    pub(in crate::cli) async fn run(
        self,
        context: &Context,
        client: &Client,
        which: &Which,
    ) -> anyhow::Result<ExitCode> {
        if which.filter.is_empty() != self.all {
            let problem = format!(
                "say which {}: by id, by an option such as those above, or all with --all",
                which.things
            );
            return Err(WrongUsage(problem).into());
        }
        let count = which.ask(client, true).await?;
        if self.dry_run {
            return told(context.output, which, &count).map(|()| ExitCode::SUCCESS);
        }
        if count["owed"] == 0 {
            context
                .output
                .note(format_args!("no {} found", which.things));
            return Ok(ExitCode::SUCCESS);
        }
        if !self.yes && !is_agreed(context.output, which, &count)? {
            return Ok(ExitCode::FAILURE);
        }
        let replay = which.ask(client, false).await?;
        if self.no_wait {
            table::show(context.output, &replay)?;
            return Ok(ExitCode::SUCCESS);
        }
        watch::watch(context, client, replay).await
    }
}

impl Which {
    /// Has them counted, or begins.
    async fn ask(&self, client: &Client, dry_run: bool) -> anyhow::Result<Value> {
        let mut body = json!({ "filter": object(&self.filter), "dry_run": dry_run });
        if !self.sinks.is_empty() {
            body["sinks"] = json!(self.sinks);
        }
        client.send_json(Method::POST, self.path, Some(&body)).await
    }

    /// What would be done, in a sentence.
    fn told(&self, count: &Value) -> String {
        let more = if count["more"] == true {
            "at least "
        } else {
            ""
        };
        format!(
            "{more}{} {} found, {more}{} deliveries to make",
            count["matched"], self.things, count["owed"]
        )
    }
}

/// Parameters as one object. One that is given more than once has several values.
fn object(query: &Query) -> Value {
    let mut object = Map::new();
    for (name, text) in query {
        let values = object.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(text.as_str().into());
        }
    }
    object.into()
}

/// Tells what was counted.
fn told(output: Output, which: &Which, count: &Value) -> anyhow::Result<()> {
    if output.json {
        return Ok(output.json(count)?);
    }
    output.note(which.told(count));
    let parts = count["parts"].as_array().cloned().unwrap_or_default();
    Ok(table::list(output, &COLUMNS, &parts)?)
}

/// Asks a person whether to begin.
fn is_agreed(output: Output, which: &Which, count: &Value) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !output.is_watched() {
        let problem = format!(
            "{}: begin it with --yes, or only count with --dry-run",
            which.told(count)
        );
        return Err(WrongUsage(problem).into());
    }
    told(output, which, count)?;
    output.ask("Begin? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_given_twice_has_two_values() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let query = vec![
            pair("metadata.a", "1"),
            pair("state", "x,y"),
            pair("metadata.a", "2"),
        ];
        let expected = json!({"metadata.a": ["1", "2"], "state": ["x,y"]});
        assert_eq!(object(&query), expected);
    }
}
