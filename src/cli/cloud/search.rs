//! `tidings cloud search` and `search-url`: what sites say, read by the vendor's browsers.

use clap::Args;
use owo_colors::OwoColorize as _;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::Gateway;
use crate::cli::Context;
use crate::cli::body::BodyFile;
use crate::cli::body::fields_of;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::table::printable;

/// Searches the web and reads the best results.
///
/// It takes a while, and costs 1 cent × depth × sites.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
#[command(after_help = "Example:\n  tidings cloud search \"price of milk in Bern\" --sites 3")]
pub(super) struct Search {
    /// What to search for.
    #[arg(required_unless_present = "body")]
    query: Option<String>,

    /// How many sites to visit: 1 to 10; 5 unless given.
    #[arg(long, value_name = "N")]
    #[serde(rename = "max_websites")]
    sites: Option<u32>,

    /// How deep to go into each: 2 to 5; 2 unless given.
    #[arg(long, value_name = "N")]
    depth: Option<u32>,

    #[command(flatten)]
    #[serde(skip)]
    body: BodyFile,
}

/// Reads one site.
///
/// It takes a while, and costs 1 cent × depth.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
#[command(
    after_help = "Example:\n  tidings cloud search-url https://example.com \"opening hours\""
)]
pub(super) struct SearchUrl {
    /// The site.
    #[arg(required_unless_present = "body")]
    url: Option<String>,

    /// What to look for in it.
    #[arg(required_unless_present = "body")]
    query: Option<String>,

    /// How deep to go into it: 2 to 5; 2 unless given.
    #[arg(long, value_name = "N")]
    depth: Option<u32>,

    #[command(flatten)]
    #[serde(skip)]
    body: BodyFile,
}

impl Search {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let request = self.body.request(fields_of(&self))?;
        let found = searching(context, gateway.v1().search(&request)).await?;
        let output = context.output;
        if output.json {
            found
                .results
                .iter()
                .try_for_each(|site| output.json(site))?;
        } else if found.results.is_empty() {
            output.note("nothing found");
        } else {
            for (index, site) in found.results.iter().enumerate() {
                if index > 0 {
                    output.line("")?;
                }
                tell(output, site)?;
            }
        }
        Ok(())
    }
}

impl SearchUrl {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let request = self.body.request(fields_of(&self))?;
        let site = searching(context, gateway.v1().search_url(&request)).await?;
        let site = serde_json::to_value(site)?;
        if context.output.json {
            context.output.json(&site)?;
        } else {
            tell(context.output, &site)?;
        }
        Ok(())
    }
}

/// Shows a person that there is work going on.
async fn searching<T>(context: &Context, search: impl Future<Output = T>) -> T {
    let mut progress = Progress::new(context.output, "searching");
    progress.during(search).await
}

/// A site's address, and below it what the site says. What else is in a result is not documented,
/// and where these two are not there, it is shown as it is.
fn tell(output: Output, site: &Value) -> anyhow::Result<()> {
    if let (Some(url), Some(content)) = (site["url"].as_str(), site["content"].as_str()) {
        output.line(printable(url).bold())?;
        output.text(content)?;
    } else {
        output.text(&serde_json::to_string_pretty(site)?)?;
    }
    Ok(())
}
