//! What PagerDuty is sent, within its limits: 1,024 characters for a summary, 512 KB for all.

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::action::Action;
use super::action::Alarm;
use super::action::dedup_key;
use super::action::own;
use super::severity::Severities;
use super::severity::Severity;
use crate::event::view::time;
use crate::sinks::Outbound;
use crate::sinks::note::File;
use crate::sinks::note::Note;
use crate::template::Length;
use crate::template::cut;

/// How long a summary may be. PagerDuty counts characters and does not say which; no count is higher
/// than this one.
const SUMMARY_LIMIT: Length = Length::Utf16(1024);

/// How much is told of an output, a wish or a trouble. With all else that is a third of the 512 KB.
const TEXT_LIMIT: Length = Length::Bytes(16 * 1024);

/// How much is told of everything else.
const LINE_LIMIT: Length = Length::Bytes(1024);

/// How many files are linked, and how long a link may be to be one.
const LINKS: usize = 20;
const LINK_LIMIT: usize = 2048;

/// An event in PagerDuty's shape. To resolve, it takes no more than the key.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
struct Body<'a> {
    routing_key: &'a str,
    event_action: &'static str,
    dedup_key: String,
    client: Option<&'static str>,
    links: Option<Vec<Link>>,
    payload: Option<Payload>,
}

/// What is wrong, in the common event format.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
struct Payload {
    summary: String,
    source: &'static str,
    severity: Severity,
    timestamp: String,
    component: Option<String>,
    group: String,
    class: &'static str,
    custom_details: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Link {
    href: String,
    text: String,
}

/// The body of a request, as JSON.
pub(super) fn body(
    routing_key: &str,
    action: Action,
    severities: Severities,
    note: &Note,
    outbound: &Outbound,
) -> serde_json::Result<Vec<u8>> {
    let mut body = Body {
        routing_key,
        event_action: "resolve",
        dedup_key: dedup_key(&outbound.event),
        client: None,
        links: None,
        payload: None,
    };
    if let Action::Trigger(alarm) = action {
        body.event_action = "trigger";
        body.client = Some("Tidings");
        let links: Vec<Link> = note.files.iter().filter_map(link).take(LINKS).collect();
        body.links = (!links.is_empty()).then_some(links);
        body.payload = Some(payload(alarm, severities.of(alarm), note, outbound));
    }
    serde_json::to_vec(&body)
}

fn payload(alarm: Alarm, severity: Severity, note: &Note, outbound: &Outbound) -> Payload {
    let event = &*outbound.event;
    let is_ours = own(&event.facts).is_some();
    Payload {
        summary: cut(&note.subject(), SUMMARY_LIMIT).into_owned(),
        source: if is_ours {
            "Tidings"
        } else {
            "Browser Use Cloud"
        },
        severity,
        timestamp: time(note.at),
        component: event.facts.order_key().map(short),
        group: event.endpoint.to_string(),
        class: alarm.as_str(),
        custom_details: details(note),
    }
}

/// What is known, for people. None of it takes the place of another, whatever the user's metadata
/// are called.
fn details(note: &Note) -> Map<String, Value> {
    let long = [
        ("Text", &note.text),
        ("Output", &note.output),
        ("Trouble", &note.trouble),
    ];
    let mut details: Map<String, Value> = long
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.as_deref()?)))
        .map(|(name, text)| (name.to_owned(), cut(text, TEXT_LIMIT).into()))
        .collect();
    details.insert("Event".to_owned(), note.id.to_string().into());
    if !note.files.is_empty() {
        let names: Vec<&str> = note.files.iter().map(|file| file.name.as_str()).collect();
        details.insert("Files".to_owned(), short(&names.join(", ")).into());
    }
    for fact in &note.facts {
        let mut name = short(&fact.name);
        while details.contains_key(&name) {
            name.push('\'');
        }
        details.insert(name, short(&fact.value).into());
    }
    details
}

/// A link to a file, where there is one that is not too long.
fn link(file: &File) -> Option<Link> {
    let href = file.url.clone().filter(|url| url.len() <= LINK_LIMIT)?;
    let text = short(&file.name);
    Some(Link { href, text })
}

fn short(text: &str) -> String {
    cut(text, LINE_LIMIT).into_owned()
}
