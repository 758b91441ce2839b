//! A task that nobody runs, and the bodies that tell of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Builder;

/// A task that nobody runs.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The id of its session.
    pub session_id: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What its creator tagged it with.
    pub metadata: BTreeMap<String, String>,
}

/// A body, in the order of fields that the vendor's documentation shows.
#[derive(Serialize)]
struct Body<'a, P> {
    r#type: &'a str,
    timestamp: String,
    payload: P,
}

#[derive(Serialize)]
struct Update<'a> {
    session_id: &'a str,
    task_id: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: &'a BTreeMap<String, String>,
}

impl Task {
    /// A task with ids of its own, created at `created_at`.
    #[must_use]
    pub fn new(created_at: Timestamp) -> Self {
        Self {
            id: random_id(),
            session_id: random_id(),
            created_at,
            metadata: BTreeMap::new(),
        }
    }

    /// What the vendor posts when the task comes to a status, so long after its creation.
    #[must_use]
    pub fn update(&self, status: &str, after: SignedDuration) -> Bytes {
        self.update_of("agent.task.status_update", status, after)
    }

    /// The same with another type.
    #[must_use]
    pub fn update_of(&self, kind: &str, status: &str, after: SignedDuration) -> Bytes {
        self.body(kind, after, self.payload(status))
    }

    /// The same as until May 2025: the payload alone.
    #[must_use]
    pub fn flat_update(&self, status: &str) -> Bytes {
        written(&Update {
            metadata: &BTreeMap::new(),
            ..self.payload(status)
        })
    }

    /// What the vendor posts when a webhook is registered.
    #[must_use]
    pub fn test_ping(&self) -> Bytes {
        let payload = BTreeMap::from([("test", "ok")]);
        self.body("test", SignedDuration::ZERO, payload)
    }

    /// A body with any payload.
    pub(super) fn body<P: Serialize>(
        &self,
        kind: &str,
        after: SignedDuration,
        payload: P,
    ) -> Bytes {
        let body = Body {
            r#type: kind,
            timestamp: self.time(after),
            payload,
        };
        written(&body)
    }

    fn payload<'a>(&'a self, status: &'a str) -> Update<'a> {
        Update {
            session_id: &self.session_id,
            task_id: &self.id,
            status,
            metadata: &self.metadata,
        }
    }

    /// A moment of the task's life, as the vendor writes it.
    pub(super) fn time(&self, after: SignedDuration) -> String {
        let time = self
            .created_at
            .saturating_add(after)
            .unwrap_or(self.created_at);
        super::TimeStyle::Iso.write(time)
    }
}

fn written(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body)
        .expect("text keys and text values always have a JSON form")
        .into()
}

fn random_id() -> String {
    Builder::from_random_bytes(rand::random())
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_looks_like_the_documented_one() {
        let task = Task {
            id: "t-1".to_owned(),
            session_id: "s-1".to_owned(),
            created_at: "2025-05-25T09:22:20.269116Z".parse().unwrap(),
            metadata: BTreeMap::from([("team".to_owned(), "marketing".to_owned())]),
        };
        let body = task.update("finished", SignedDuration::from_secs(2));
        assert_eq!(
            body,
            r#"{"type":"agent.task.status_update","timestamp":"2025-05-25T09:22:22.269116+00:00","payload":{"session_id":"s-1","task_id":"t-1","status":"finished","metadata":{"team":"marketing"}}}"#
        );
    }
}
