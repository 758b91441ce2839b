//! An event as far as it is known before it is stored.

use jiff::Timestamp;
use serde::Serialize;
use serde::Serializer;

use super::Event;
use super::EventId;
use super::Facts;
use super::NewEvent;
use super::Origin;
use super::Signature;
use super::view::SignatureView;
use super::view::Told;
use crate::name::EndpointName;

/// An event as far as it is known before it is stored: without its number, and without how often it
/// came. As JSON it has the members that sinks see, so a question asked of it can be asked again later.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// Made from the body.
    pub id: EventId,
    /// Where it came from.
    pub origin: Origin,
    /// The endpoint that received it.
    pub endpoint: &'a EndpointName,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What the body says.
    pub facts: &'a Facts,
    /// The bytes as they came.
    pub body: &'a [u8],
    /// None for what did not come by webhook.
    pub signature: Option<&'a Signature>,
}

impl<'a> From<&'a NewEvent> for Sighting<'a> {
    fn from(event: &'a NewEvent) -> Self {
        Self {
            id: event.id,
            origin: event.origin,
            endpoint: &event.endpoint,
            received_at: event.received_at,
            facts: &event.facts,
            body: &event.body,
            signature: event.signature.as_ref(),
        }
    }
}

impl<'a> From<&'a Event> for Sighting<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: event.id,
            origin: event.origin,
            endpoint: &event.endpoint,
            received_at: event.received_at,
            facts: &event.facts,
            body: &event.body,
            signature: event.signature.as_ref(),
        }
    }
}

impl Serialize for Sighting<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View {
            id: EventId,
            #[serde(flatten)]
            told: Told,
            signature: Option<SignatureView>,
        }

        let view = View {
            id: self.id,
            told: Told::by(*self),
            signature: self.signature.map(SignatureView::new),
        };
        view.serialize(serializer)
    }
}
