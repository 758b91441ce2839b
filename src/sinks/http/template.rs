//! What templates of the configuration make of a request.

use std::collections::BTreeMap;

use anyhow::Context as _;
use anyhow::ensure;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use super::headers;
use crate::sinks::Outbound;
use crate::sinks::SinkError;
use crate::sinks::Slot;
use crate::sinks::Takes;
use crate::sinks::seen;
use crate::template::Template;

/// `[sink.template]` of an HTTP sink.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateConfig {
    /// What is sent in place of the event.
    pub body: Option<Template>,

    /// What that is: JSON, unless given.
    pub content_type: Option<String>,

    /// What is added to the query of the address, each by its name.
    pub query: BTreeMap<String, Template>,

    /// What is added to the headers, each by its name.
    pub headers: BTreeMap<String, Template>,
}

impl TemplateConfig {
    /// The places that its templates fill.
    pub(in crate::sinks) fn slots(&self) -> Vec<Slot> {
        let in_query = self.query.iter();
        let in_headers = self.headers.iter();
        self.body
            .iter()
            .map(|body| self.body_slot(body))
            .chain(in_query.map(|(name, value)| query_slot(name, value)))
            .chain(in_headers.map(|(name, value)| header_slot(name, value)))
            .collect()
    }

    fn body_slot(&self, template: &Template) -> Slot {
        let is_json = self.content_type.as_deref().is_none_or(is_json);
        let takes = if is_json { Takes::Json } else { Takes::Text };
        Slot::new(&["template", "body"], template, takes)
    }
}

fn query_slot(name: &str, template: &Template) -> Slot {
    Slot::new(&["template", "query", name], template, Takes::Query)
}

fn header_slot(name: &str, template: &Template) -> Slot {
    Slot::new(&["template", "headers", name], template, Takes::Header)
}

/// Whether this says of a body that it is JSON: `application/json`, or anything that ends in `+json`.
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

/// What templates of the configuration make of a request.
#[derive(Debug)]
pub(super) struct Form {
    body: Option<Slot>,
    query: Vec<(String, Slot)>,
    headers: Vec<(HeaderName, Slot)>,
}

impl Form {
    /// Reads it, and says in the headers of every request what the body is.
    pub(super) fn new(config: &TemplateConfig, headers: &mut HeaderMap) -> anyhow::Result<Self> {
        if let Some(content_type) = &config.content_type {
            ensure!(
                config.body.is_some(),
                "`template.content_type` says what `template.body` is, and there is no such body"
            );
            let value = HeaderValue::try_from(content_type)
                .context("`template.content_type` cannot be sent in a header")?;
            headers.insert(CONTENT_TYPE, value);
        }
        let mut in_headers = Vec::with_capacity(config.headers.len());
        for (name, template) in &config.headers {
            let key = headers::name(name, "template.headers")?;
            ensure!(
                !headers.contains_key(&key),
                "`{name}` stands in both `headers` and `template.headers`"
            );
            in_headers.push((key, header_slot(name, template)));
        }
        let in_query = config.query.iter();
        Ok(Self {
            body: config.body.as_ref().map(|body| config.body_slot(body)),
            query: in_query
                .map(|(name, template)| (name.clone(), query_slot(name, template)))
                .collect(),
            headers: in_headers,
        })
    }

    /// What the templates make of an event.
    pub(super) fn fill(&self, outbound: &Outbound) -> Result<Filled, SinkError> {
        if self.body.is_none() && self.query.is_empty() && self.headers.is_empty() {
            return Ok(Filled::default());
        }
        let seen = seen(outbound)?;
        let body = self.body.as_ref().map(|slot| slot.filled(&seen));
        let query = self.query.iter();
        let headers = self.headers.iter();
        Ok(Filled {
            body: body.transpose()?,
            query: query
                .map(|(name, slot)| Ok((name.clone(), slot.filled(&seen)?)))
                .collect::<Result<_, SinkError>>()?,
            headers: headers
                .map(|(name, slot)| Ok((name.clone(), slot.filled(&seen)?)))
                .collect::<Result<_, SinkError>>()?,
        })
    }
}

/// What the templates made of an event.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// The body; none: it is the event.
    pub(super) body: Option<String>,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, String)>,
}

impl Filled {
    /// Adds what belongs into the address.
    pub(super) fn add_to_address(&self, url: &mut Url) {
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
    }

    /// Adds what belongs into the headers.
    pub(super) fn add_to_headers(&self, headers: &mut HeaderMap) -> anyhow::Result<()> {
        for (name, value) in &self.headers {
            headers.insert(name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        Ok(())
    }
}
