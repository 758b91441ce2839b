//! The road of one request, from its head to its answer.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::extract::State;
use axum::http::request::Parts;
use bytes::Bytes;
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tracing::debug;
use tracing::error;

use super::Limits;
use super::Pings;
use super::Recorder;
use super::answer::Answer;
use super::headers;
use super::pace::Pace;
use super::payload;
use super::refusal::Refusal;
use super::rejections::Refused;
use super::signature;
use super::signature::Policy;
use super::signature::Verified;
use crate::canonical::Document;
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::event::TEST;
use crate::http::Peer;
use crate::http::body;
use crate::http::body::BodyError;
use crate::http::remote;
use crate::keyring::EndpointSecrets;
use crate::name::EndpointName;
use crate::rejection::Cause;
use crate::routing::Routes;
use crate::secret::NamedSecret;
use crate::store::Append;
use crate::store::EventLog;

/// The largest body that can be the vendor's test ping, in bytes. Without a signature no more than
/// this is read.
const PING_LIMIT: usize = 4096;

/// One endpoint at work.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) endpoint: EndpointName,
    pub(super) policy: Arc<Policy>,
    pub(super) accept_unsigned_test: bool,
    pub(super) secrets: EndpointSecrets,
    pub(super) limits: Limits,
    /// Requests in work, over all endpoints.
    pub(super) places: Arc<Semaphore>,
    pub(super) trusted_proxies: Arc<[IpNet]>,
    pub(super) routes: Arc<Routes>,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pings: Pings,
    pub(super) rejections: Recorder,
    /// How often it is worth saying that nothing can be stored.
    pub(super) complaints: Arc<Pace>,
}

/// Why a request does not become an event.
enum Halt {
    /// It gets this answer, and that is all.
    Answered(Answer),
    /// It is refused, and what there is of it is recorded.
    Refused {
        cause: Cause,
        detail: Cow<'static, str>,
        body: Option<Bytes>,
    },
}

/// Answers one request.
pub(super) async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Answer {
    let Ok(_place) = receiver.places.try_acquire() else {
        return Answer::Busy;
    };
    let (head, body) = request.into_parts();
    let secrets = receiver.secrets.in_force();

    match receiver.admit(&secrets, &head, body).await {
        Ok((verified, now)) => receiver.store(verified, now).await,
        Err(Halt::Answered(answer)) => answer,
        Err(Halt::Refused {
            cause,
            detail,
            body,
        }) => {
            receiver.record(cause, head, body, secrets);
            Answer::Refused { cause, detail }
        }
    }
}

impl Receiver {
    /// Lets in what is signed with one of the secrets. What can be judged by the head alone is
    /// judged before the body is read.
    async fn admit(
        &self,
        secrets: &[NamedSecret],
        head: &Parts,
        body: Body,
    ) -> Result<(Verified, Timestamp), Halt> {
        if secrets.is_empty() {
            self.look_for_a_ping(body).await?;
            return Err(Halt::Answered(Answer::WaitingForSecret));
        }
        let signed = headers::signed(&head.headers);
        if let Err(refusal) = signed.claim() {
            let body = self.look_for_a_ping(body).await?;
            return Err(refused(&refusal, body));
        }
        let body = self.read(body).await?;

        let now = self.clock.now();
        match signature::verify(secrets, &self.policy, &signed, &body, now) {
            Ok(verified) => Ok((verified, now)),
            // The likeliest ping of all is signed with the new secret, which nobody gave us yet.
            Err(_) if self.is_ping(&body) => Err(Halt::Answered(self.pinged())),
            Err(refusal) => Err(refused(&refusal, Some(body))),
        }
    }

    /// The answer leaves after the commit, and not before.
    async fn store(&self, verified: Verified, now: Timestamp) -> Answer {
        let event = payload::event(verified, &self.endpoint, now);
        let id = event.id;
        let is_ping = event.facts.kind.as_deref() == Some(TEST);
        let owed = self.routes.owed(&event);

        match self.log.append(Append { event, owed }).await {
            Ok(appended) => {
                if is_ping {
                    self.pings.note(&self.endpoint, now);
                }
                let duplicate = appended.is_known();
                debug!(event.id = %id, event.duplicate = duplicate, "Stored an event");
                Answer::Stored { id, duplicate }
            }
            Err(error) => {
                if self.complaints.allows(now) {
                    error!(
                        endpoint.name = %self.endpoint,
                        error = %with_causes(&error),
                        "Cannot store events; their senders are asked to come again"
                    );
                }
                Answer::Unavailable
            }
        }
    }

    async fn read(&self, body: Body) -> Result<Bytes, Halt> {
        let Limits {
            max_body_bytes,
            read_timeout,
            ..
        } = self.limits;
        body::read(body, max_body_bytes, read_timeout)
            .await
            .map_err(|error| unread(&error))
    }

    /// Without a signature that could be good, a body is read only if it can be the test ping. If it
    /// is none, what was read of it is kept for the record.
    async fn look_for_a_ping(&self, body: Body) -> Result<Option<Bytes>, Halt> {
        if !self.accept_unsigned_test {
            return Ok(None);
        }
        let limit = PING_LIMIT.min(self.limits.max_body_bytes);
        match body::read(body, limit, self.limits.read_timeout).await {
            Ok(body) if self.is_ping(&body) => Err(Halt::Answered(self.pinged())),
            Ok(body) => Ok(Some(body)),
            Err(BodyError::TooLarge { .. }) => Ok(None),
            Err(error) => Err(unread(&error)),
        }
    }

    /// Whether this is the test ping, which is let through without a good signature.
    fn is_ping(&self, body: &[u8]) -> bool {
        self.accept_unsigned_test
            && body.len() <= PING_LIMIT
            && Document::read(body).is_ok_and(|document| payload::is_test_ping(&document))
    }

    fn pinged(&self) -> Answer {
        self.pings.note(&self.endpoint, self.clock.now());
        Answer::Ping
    }

    fn record(&self, cause: Cause, head: Parts, body: Option<Bytes>, secrets: Arc<[NamedSecret]>) {
        let remote = head
            .extensions
            .get::<Peer>()
            .map(|Peer(peer)| remote::client(peer.ip(), &head.headers, &self.trusted_proxies));
        let read = body
            .as_ref()
            .and_then(|body| u64::try_from(body.len()).ok());
        self.rejections.note(Refused {
            at: self.clock.now(),
            endpoint: self.endpoint.clone(),
            cause,
            remote,
            body_size: read.or(body::declared(&head.headers)).unwrap_or(0),
            headers: head.headers,
            body,
            secrets,
            policy: Arc::clone(&self.policy),
        });
    }
}

fn refused(refusal: &Refusal, body: Option<Bytes>) -> Halt {
    Halt::Refused {
        cause: refusal.cause(),
        detail: refusal.to_string().into(),
        body,
    }
}

fn unread(error: &BodyError) -> Halt {
    let cause = match error {
        BodyError::TooLarge { .. } => Cause::TooLarge,
        BodyError::TooSlow { .. } => Cause::TooSlow,
        BodyError::Broken(_) => return Halt::Answered(Answer::Broken),
    };
    Halt::Refused {
        cause,
        detail: error.to_string().into(),
        body: None,
    }
}
