//! How an agent works: the options of whatever starts one, in the words of each version of the API.

mod proxy;

mod secrets;

mod v1;

mod v2;

mod viewport;

use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use serde_json::json;

pub(super) use self::proxy::Proxy;
use self::secrets::TaskSecrets;
pub(super) use self::v1::AgentOfV1;
pub(super) use self::v2::AgentOfV2;
pub(super) use self::viewport::Viewport;
use super::arguments::pair;
use super::input;

/// How the agent works, as every version of the API can be told.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the agent works")]
pub(super) struct Agent {
    /// The model; else Browser Use's choice.
    #[arg(long)]
    model: Option<String>,

    /// How many steps it may take.
    #[arg(long, value_name = "N")]
    max_steps: Option<u32>,

    /// Domains that it may visit, as in `*.example.com`; all unless given.
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    allow: Vec<String>,

    /// A file with a JSON schema that the output is to follow.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,

    /// A tag of yours, which webhooks carry; several times for several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// The proxy's country, such as `de`; `none` is no proxy.
    #[arg(long, value_name = "COUNTRY")]
    proxy: Option<Proxy>,

    /// How large its screen is, in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    viewport: Option<Viewport>,

    /// Highlight elements of the page.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    highlight: Option<bool>,

    #[command(flatten)]
    secrets: TaskSecrets,
}

impl Agent {
    fn domains(&self) -> Value {
        json!(Some(&self.allow).filter(|domains| !domains.is_empty()))
    }

    fn width(&self) -> Option<u32> {
        self.viewport.map(|viewport| viewport.width)
    }

    fn height(&self) -> Option<u32> {
        self.viewport.map(|viewport| viewport.height)
    }
}

/// Tags as bodies carry them; null where there are none.
pub(super) fn tags(pairs: &[(String, String)]) -> Value {
    let object = pairs
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    if pairs.is_empty() {
        Value::Null
    } else {
        Value::Object(object)
    }
}

/// A JSON schema, which bodies carry as text; null where there is none.
fn schema(file: Option<&Path>) -> anyhow::Result<Value> {
    let schema = file.map(input::json).transpose()?;
    Ok(json!(schema.map(|schema| schema.to_string())))
}
