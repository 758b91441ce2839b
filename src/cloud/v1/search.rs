//! Searches: the vendor's browsers visit the sites while we wait, so answers take a while. The
//! price goes by `depth`.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;

/// How long a search may take. The vendor does not say; ten sites at depth 5 take minutes.
const TIMEOUT: Duration = Duration::from_mins(5);

/// A search of the web. It costs 1 cent × `depth` × `max_websites`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct SimpleSearch {
    /// What to search for. Required.
    pub query: String,
    /// How many sites to visit: 1 to 10; 5 unless given.
    pub max_websites: Option<u32>,
    /// How deep to go into each: 2 to 5; 2 unless given.
    pub depth: Option<u32>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for SimpleSearch {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("query", &self.query)?;
        limits::within("max_websites", self.max_websites, 1..=10)?;
        limits::within("depth", self.depth, 2..=5)
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SearchResults {
    /// One for each site. What is in them is not documented.
    pub results: Vec<Value>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A search of one site. It costs 1 cent × `depth`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct SearchUrl {
    /// The site. Required.
    pub url: String,
    /// What to look for in it. Required.
    pub query: String,
    /// How deep to go into it: 2 to 5; 2 unless given.
    pub depth: Option<u32>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for SearchUrl {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("url", &self.url)?;
        limits::required("query", &self.query)?;
        limits::within("depth", self.depth, 2..=5)
    }
}

/// What a site says.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct UrlContent {
    /// The site.
    pub url: Option<String>,
    /// What it says about the query.
    pub content: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `POST /simple-search`: searches the web and reads the best results.
    pub async fn search(&self, search: &SimpleSearch) -> Result<SearchResults, CloudError> {
        let call = call(Method::POST, &["simple-search"], "site").body(search)?;
        self.0.send(call.takes(TIMEOUT)).await?.json()
    }

    /// `POST /search-url`: reads one site.
    pub async fn search_url(&self, search: &SearchUrl) -> Result<UrlContent, CloudError> {
        let call = call(Method::POST, &["search-url"], "site").body(search)?;
        self.0.send(call.takes(TIMEOUT)).await?.json()
    }
}
