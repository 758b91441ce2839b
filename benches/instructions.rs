//! Fixed pieces of work, for `scripts/instructions` to count what they cost.
//!
//! Instructions do not depend on what else the machine does, so a change of a few in a hundred shows
//! where a stopwatch shows nothing. Called with a subject and how often to do it; the script calls
//! it twice and takes the difference, which leaves the start of the program out.

use std::hint::black_box;

use anyhow::bail;
use anyhow::ensure;
use bytes::Bytes;
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use jiff::Timestamp;
use tidings::canonical::Document;
use tidings::event::SignatureForm;
use tidings::ingest::claim::SignedHeaders;
use tidings::ingest::payload;
use tidings::ingest::signature;
use tidings::ingest::signature::Policy;
use tidings::ingest::signature::Verified;
use tidings::name::EndpointName;
use tidings::routing::Filter;
use tidings::routing::Route;
use tidings::routing::Routes;
use tidings::secret::NamedSecret;
use tidings::signing;
use tidings::store;
use tidings::store::Append;
use tidings::store::OpenOptions;
use tokio::runtime;
use uuid::Uuid;

const SECRET: &str = "secret";
const TIMESTAMP: &str = "1748164942";
const SINK: &str = "counted";

/// How many events are appended at once: a turn of a busy server.
const TURN: usize = 64;

/// How many turns are made ready, however many are asked for, so that making them cancels out.
const TURNS: usize = 150;

fn main() -> anyhow::Result<()> {
    // `cargo bench` adds a flag of its own, and calls it without a subject.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [subject, count] = arguments.as_slice() else {
        return Ok(());
    };
    let count: usize = count.parse()?;
    match subject.as_str() {
        "canonical" => canonical(count),
        "verify" => verify(count),
        "append" => runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(append(count)),
        other => bail!("there is no `{other}`: canonical, verify, append"),
    }
}

/// A body in Python's form.
fn canonical(count: usize) -> anyhow::Result<()> {
    let body = body(0);
    for _ in 0..count {
        black_box(Document::read(black_box(&body))?);
    }
    Ok(())
}

/// A request verified and made an event.
fn verify(count: usize) -> anyhow::Result<()> {
    let endpoint = EndpointName::default();
    let request = Request::new(0)?;
    for _ in 0..count {
        let verified = black_box(&request).verified()?;
        black_box(payload::event(verified, &endpoint, now()));
    }
    Ok(())
}

/// Turns of the writer with [`TURN`] events each, every one owed to a sink.
async fn append(count: usize) -> anyhow::Result<()> {
    ensure!(count <= TURNS, "only {TURNS} turns are made ready");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let url = format!("sqlite:{}", folder.path().join("counted.db").display());
    let store = store::open(OpenOptions::new(url)).await?;
    store.register_sinks(&[SINK.parse()?], now()).await?;

    let mut appends = appends()?.into_iter();
    for _ in 0..count {
        let turn = appends.by_ref().take(TURN);
        try_join_all(turn.map(|append| store.append(append))).await?;
    }
    store.close().await?;
    Ok(())
}

fn appends() -> anyhow::Result<Vec<Append>> {
    let endpoint = EndpointName::default();
    let routes = Routes::new(vec![Route {
        sink: SINK.parse()?,
        filter: Filter::default(),
        ordered: true,
        only_received: false,
        enrich: None,
    }]);
    (0..TURN * TURNS)
        .map(|index| {
            let event = payload::event(Request::new(index)?.verified()?, &endpoint, now());
            let owed = routes.owed(&event);
            Ok(Append { event, owed })
        })
        .collect()
}

/// A signed request.
struct Request {
    secrets: [NamedSecret; 1],
    policy: Policy,
    signature: String,
    body: Bytes,
}

impl Request {
    fn new(index: usize) -> anyhow::Result<Self> {
        let body = body(index);
        let document = Document::read(&body)?;
        let signature = signing::sign(SECRET.as_bytes(), TIMESTAMP, document.python());
        Ok(Self {
            secrets: [NamedSecret {
                name: "counted".into(),
                secret: SECRET.into(),
            }],
            policy: Policy {
                accept: vec![SignatureForm::Python],
                max_age: SignedDuration::from_hours(72),
            },
            signature: hex::encode(signature),
            body,
        })
    }

    fn verified(&self) -> anyhow::Result<Verified> {
        let headers = SignedHeaders {
            timestamp: Some(TIMESTAMP),
            signature: Some(&self.signature),
            legacy_signature: None,
        };
        let verified = signature::verify(&self.secrets, &self.policy, &headers, &self.body, now())?;
        Ok(verified)
    }
}

/// A body like any other: the same index is the same body on every machine. Four events a task, and
/// the tasks' ids as far apart as random ones.
fn body(index: usize) -> Bytes {
    let (task, event) = (index / 4, index % 4);
    let status = ["initializing", "started", "paused", "finished"][event];
    let id = (task as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let task_id = Uuid::from_u128(id);
    let session_id = Uuid::from_u128(id.rotate_left(64));
    format!(
        r#"{{"type": "agent.task.status_update", "timestamp": "2025-05-25T09:22:22.{index:06}+00:00", "payload": {{"session_id": "{session_id}", "task_id": "{task_id}", "status": "{status}", "metadata": {{"campaign": "q4-automation", "team": "marketing", "customer": "customer-{task:06}"}}}}}}"#
    )
    .into()
}

/// The moment at which everything here was signed.
fn now() -> Timestamp {
    Timestamp::constant(1_748_164_942, 0)
}
