//! What is kept of requests that were refused.
//!
//! Anybody can send requests that are refused, so this costs the request next to nothing: it hands
//! over what it has and goes on. A task beside the requests works out what was wrong and writes it
//! down, so often and so much as is allowed and no more.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use bytes::Bytes;
use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tracing::warn;

use super::diagnosis::diagnose;
use super::headers;
use super::pace::Pace;
use super::signature::Policy;
use crate::causes::with_causes;
use crate::name::EndpointName;
use crate::rejection::Cause;
use crate::rejection::NewRejection;
use crate::secret::NamedSecret;
use crate::shutdown::Shutdown;
use crate::shutdown::next_until;
use crate::store::Rejections;

/// How much is kept of what was refused.
#[derive(Clone, Copy, Debug)]
pub struct RejectionLimits {
    /// How many are written down in a minute on average; those beyond are only counted.
    pub per_minute: u32,
    /// How many are written down at once after a quiet time. So many wait in memory at most, each
    /// perhaps with a whole body.
    pub burst: u32,
    /// How many are kept: the oldest make room.
    pub keep: usize,
}

impl Default for RejectionLimits {
    fn default() -> Self {
        Self {
            per_minute: 60,
            burst: 20,
            keep: 10_000,
        }
    }
}

/// A request that was refused, with all that tells why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) at: Timestamp,
    pub(super) endpoint: EndpointName,
    pub(super) cause: Cause,
    pub(super) remote: Option<IpAddr>,
    pub(super) headers: HeaderMap,
    /// None where it was not read to its end.
    pub(super) body: Option<Bytes>,
    /// In bytes, as far as it was read or declared.
    pub(super) body_size: u64,
    /// What it was judged by.
    pub(super) secrets: Arc<[NamedSecret]>,
    pub(super) policy: Arc<Policy>,
}

/// Takes note of refused requests. Clones share what they may.
#[derive(Clone, Debug)]
pub struct Recorder {
    pace: Arc<Pace>,
    passed_over: Arc<AtomicU64>,
    writer: mpsc::Sender<Refused>,
}

impl Recorder {
    /// A recorder, and the task that writes down what it notes.
    #[must_use]
    pub fn new(limits: RejectionLimits, store: Arc<dyn Rejections>) -> (Self, RejectionWriter) {
        let (writer, noted) = mpsc::channel(limits.burst.max(1) as usize);
        let passed_over = Arc::new(AtomicU64::new(0));
        let recorder = Self {
            pace: Arc::new(Pace::new(limits.per_minute, limits.burst)),
            passed_over: Arc::clone(&passed_over),
            writer,
        };
        let writer = RejectionWriter {
            keep: limits.keep,
            noted,
            passed_over,
            store,
        };
        (recorder, writer)
    }

    /// Notes a refused request, unless there have been too many.
    pub(super) fn note(&self, refused: Refused) {
        let noted = self.pace.allows(refused.at) && self.writer.try_send(refused).is_ok();
        if !noted {
            self.passed_over.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes refused requests down, beside the requests.
#[derive(Debug)]
pub struct RejectionWriter {
    keep: usize,
    noted: mpsc::Receiver<Refused>,
    passed_over: Arc<AtomicU64>,
    store: Arc<dyn Rejections>,
}

impl RejectionWriter {
    /// Writes until `stop` is requested and nothing is left to write.
    pub async fn run(mut self, stop: Shutdown) {
        while let Some(refused) = next_until(&mut self.noted, &stop).await {
            self.write(refused).await;
        }
    }

    async fn write(&self, refused: Refused) {
        // Hashing a large body for each form and secret would hold up the requests on this thread.
        let Ok(rejection) = spawn_blocking(move || examined(refused)).await else {
            return;
        };
        let passed_over = self.passed_over.swap(0, Ordering::Relaxed);
        warn!(
            endpoint.name = %rejection.endpoint,
            rejection.cause = %rejection.cause,
            rejection.diagnosis = rejection.diagnosis,
            rejection.passed_over = passed_over,
            "Refused a request: {}", rejection.cause,
        );
        if let Err(error) = self.store.record(vec![rejection], self.keep).await {
            warn!(
                error = %with_causes(&error),
                "Cannot write down which request was refused"
            );
        }
    }
}

/// What there is to say about a refused request.
fn examined(refused: Refused) -> NewRejection {
    NewRejection {
        diagnosis: diagnosis(&refused),
        at: refused.at,
        endpoint: refused.endpoint,
        cause: refused.cause,
        remote: refused.remote,
        headers: headers::for_the_record(&refused.headers),
        body_size: refused.body_size,
        body_sha256: refused.body.map(|body| Sha256::digest(body).into()),
    }
}

/// What would have matched, in a sentence.
fn diagnosis(refused: &Refused) -> Option<String> {
    let body = refused.body.as_ref()?;
    let signed = headers::signed(&refused.headers);
    let found = diagnose(&refused.secrets, &refused.policy, &signed, body, refused.at)?;
    Some(found.to_string())
}
