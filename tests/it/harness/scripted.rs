//! A sink that does as a test tells it, and remembers what it was sent.

use std::fmt;
use std::slice;
use std::sync::Arc;
use std::sync::Mutex;

use anyhow::anyhow;
use async_trait::async_trait;
use serde_json::Value;
use tidings::sinks::Batch;
use tidings::sinks::Outbound;
use tidings::sinks::Receipt;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tidings::sinks::TakesBatches;
use tokio::sync::Semaphore;
use tokio::sync::watch;

/// What a sink does with an event. With several at once it does the worst: the last of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Yes,
    NotNow,
    Never,
    /// Cannot make of it what it would send.
    Unsendable,
    /// Takes it, but not before [`Scripted::release`].
    Hang,
    Panic,
}

type Script = Box<dyn Fn(&Outbound) -> Answer + Send + Sync>;

/// A sink that does as a test tells it, and remembers what it was sent.
pub(crate) struct Scripted {
    script: Mutex<Script>,
    seen: watch::Sender<Vec<String>>,
    requests: Mutex<Vec<String>>,
    gate: Semaphore,
}

impl Scripted {
    /// A sink that answers each event by `script`.
    pub(crate) fn new(script: impl Fn(&Outbound) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(Box::new(script)),
            seen: watch::Sender::default(),
            requests: Mutex::default(),
            gate: Semaphore::new(0),
        })
    }

    /// From now on it answers so.
    pub(crate) fn now_answers(&self, answer: Answer) {
        *self.script.lock().unwrap() = Box::new(move |_| answer);
    }

    /// What it was sent so far, as `task/n`.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    /// The same with what came together in one text: `task/n task/n`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until it was sent so many.
    pub(crate) async fn saw(&self, count: usize) -> Vec<String> {
        let mut seen = self.seen.subscribe();
        seen.wait_for(|seen| seen.len() >= count)
            .await
            .unwrap()
            .clone()
    }

    /// Lets everything go that hangs.
    pub(crate) fn release(&self) {
        self.gate.close();
    }
}

/// The `n` of an event that [`super::events::status_update`] made.
pub(crate) fn n(outbound: &Outbound) -> String {
    let metadata = outbound.event.facts.metadata.as_ref().unwrap();
    let metadata: Value = serde_json::from_str(metadata.get()).unwrap();
    metadata["n"].as_str().unwrap().to_owned()
}

impl Scripted {
    async fn take(&self, outbounds: &[Outbound]) -> Result<Receipt, SinkError> {
        let sight = |outbound: &Outbound| {
            let task = outbound.event.facts.task_id.as_deref().unwrap();
            format!("{task}/{}", n(outbound))
        };
        let sights: Vec<String> = outbounds.iter().map(sight).collect();
        self.requests.lock().unwrap().push(sights.join(" "));
        self.seen.send_modify(|seen| seen.extend(sights));

        let answers = outbounds.iter().map(&*self.script.lock().unwrap()).max();
        match answers.unwrap() {
            Answer::Yes => Ok(Receipt::default()),
            Answer::NotNow => Err(SinkError::Retry {
                after: None,
                cause: anyhow!("busy"),
                receipt: Receipt::default(),
            }),
            Answer::Never => Err(SinkError::Reject {
                cause: anyhow!("not for me"),
                receipt: Receipt::default(),
            }),
            Answer::Unsendable => Err(SinkError::Unsendable {
                cause: anyhow!("there is a hole in it"),
            }),
            Answer::Hang => {
                // It is never given a permit: closing is what lets it go.
                self.gate.acquire().await.unwrap_err();
                Ok(Receipt::default())
            }
            Answer::Panic => panic!("the script says so"),
        }
    }
}

#[async_trait]
impl Sink for Scripted {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        self.take(slice::from_ref(outbound)).await
    }

    fn as_batching(&self) -> Option<&dyn TakesBatches> {
        Some(self)
    }

    async fn check(&self) -> anyhow::Result<()> {
        Ok(())
    }

    fn render(&self, _outbound: &Outbound) -> anyhow::Result<Rendering> {
        Err(anyhow!("the script has no words for it"))
    }
}

#[async_trait]
impl TakesBatches for Scripted {
    async fn deliver_batch(&self, batch: &Batch) -> Result<Receipt, SinkError> {
        self.take(batch.events()).await
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}
