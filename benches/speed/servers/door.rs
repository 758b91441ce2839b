//! Our own receiving, with everything it does before the log and after it.

use std::sync::Arc;

use axum::Router;
use jiff::SignedDuration;
use tidings::clock::SystemClock;
use tidings::event::SignatureForm;
use tidings::ingest;
use tidings::ingest::Endpoint;
use tidings::ingest::Pings;
use tidings::ingest::Receivers;
use tidings::ingest::Recorder;
use tidings::ingest::RejectionLimits;
use tidings::keyring::Keyring;
use tidings::name::EndpointName;
use tidings::routing::Filter;
use tidings::routing::Route;
use tidings::routing::Routes;
use tidings::secret::NamedSecret;
use tidings::store::EventLog;

use super::forgetful::Forgetful;
use crate::SECRET;

/// Receives at `/webhook` as with the default configuration and one sink.
pub(super) fn router(log: Arc<dyn EventLog>) -> Router {
    let name = EndpointName::default();
    let secret = NamedSecret {
        name: "bench".into(),
        secret: SECRET.into(),
    };
    // Nothing is refused here and nobody pings, so there is nothing to write down.
    let (recorder, _) = Recorder::new(RejectionLimits::default(), Arc::new(Forgetful::default()));
    let (pings, _) = Pings::new([name.clone()], Arc::new(Forgetful::default()));
    ingest::router(Receivers {
        endpoints: vec![Endpoint {
            name: name.clone(),
            path: "/webhook".into(),
            accept: vec![
                SignatureForm::Python,
                SignatureForm::Utf8,
                SignatureForm::Raw,
            ],
            max_age: SignedDuration::from_hours(72),
            accept_unsigned_test: true,
        }],
        limits: ingest::Limits::default(),
        trusted_proxies: Vec::new(),
        routes: Arc::new(Routes::new(vec![Route {
            sink: crate::SINK.parse().expect("a good name"),
            filter: Filter::default(),
            ordered: true,
            only_received: false,
            enrich: None,
        }])),
        log,
        clock: Arc::new(SystemClock),
        secrets: Keyring::new([(name, vec![secret])]),
        pings,
        rejections: recorder,
    })
}
