//! Watching over what goes on: a task that takes too long, and webhooks that stay away.
//!
//! What is noticed becomes an event of our own, for sinks whose `types` name it. Its body says since
//! when it is so and nothing that changes while it is: so it is one event, however often it is
//! noticed, also after a restart.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::sleep;
use tracing::error;
use tracing::warn;

use crate::canonical::CanonicalError;
use crate::clock::Clock;
use crate::event::EventId;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::name::EndpointName;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::store::Append;
use crate::store::Appended;
use crate::store::EventFilter;
use crate::store::Order;
use crate::store::Slice;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::task::TaskState;

/// The type of the event that a task takes too long.
pub const STUCK: &str = "tidings.task.stuck";

/// The type of the event that webhooks stay away.
pub const SILENT: &str = "tidings.webhooks.silent";

/// How often to look.
const EVERY: Duration = Duration::from_secs(30);

/// How many tasks are read at once.
const STEP: usize = 200;

/// What to watch over. Zero: not over this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a task may run.
    pub stuck_after: SignedDuration,
    /// How long no webhook may come while a task runs.
    pub silent_after: SignedDuration,
}

impl Limits {
    /// Whether there is anything to watch over.
    #[must_use]
    pub fn are_any(&self) -> bool {
        self.stuck_after.is_positive() || self.silent_after.is_positive()
    }
}

/// Watches over what goes on.
#[derive(Debug)]
pub struct Watcher {
    limits: Limits,
    endpoint: EndpointName,
    store: Arc<dyn Store>,
    routes: Arc<Routes>,
    clock: Arc<dyn Clock>,
    /// What was told by this process: it need not be appended to find that it is known.
    told: Mutex<HashSet<EventId>>,
}

/// Why it could not be watched over.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// An id of the vendor's makes no body.
    #[error("what is known of a task makes no body: {0}")]
    Body(#[from] CanonicalError),
}

impl Watcher {
    /// A watcher that tells in the name of an endpoint.
    #[must_use]
    pub fn new(
        limits: Limits,
        endpoint: EndpointName,
        store: Arc<dyn Store>,
        routes: Arc<Routes>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            limits,
            endpoint,
            store,
            routes,
            clock,
            told: Mutex::default(),
        }
    }

    /// Looks again and again until told to stop.
    pub async fn run(&self, stop: Shutdown) {
        while !stop.is_requested() {
            if let Err(error) = self.watch().await {
                error!(
                    error = format!("{:#}", anyhow::Error::from(error)),
                    "Cannot watch over the tasks; trying again"
                );
            }
            tokio::select! {
                () = stop.requested() => return,
                () = sleep(EVERY) => {}
            }
        }
    }

    /// Looks once, and tells what is new. Returns how many events that were.
    ///
    /// Fails where the store does not answer.
    pub async fn watch(&self) -> Result<usize, WatchError> {
        let now = self.clock.now();
        let running = self.running().await?;
        let mut count = 0;
        if self.limits.stuck_after.is_positive() {
            for task in &running {
                let due = since(task) + self.limits.stuck_after;
                if due <= now {
                    count += usize::from(self.tell(STUCK, due, stuck(task), now).await?);
                }
            }
        }
        let first = running.iter().map(|task| task.projection.first_seen_at);
        if self.limits.silent_after.is_positive()
            && let Some(first) = first.min()
        {
            let last = self.last_webhook_at().await?;
            let silent_since = last.map_or(first, |last| last.max(first));
            let due = silent_since + self.limits.silent_after;
            if due <= now {
                let payload = json!({ "silent_since": silent_since.to_string() });
                count += usize::from(self.tell(SILENT, due, payload, now).await?);
            }
        }
        Ok(count)
    }

    /// The tasks that run. A session that is idle does not.
    async fn running(&self) -> Result<Vec<TaskRecord>, StoreError> {
        let filter = TaskFilter {
            states: vec![TaskState::Created, TaskState::Running],
            ..TaskFilter::default()
        };
        let mut slice = Slice {
            order: Order::Ascending,
            after: None,
            limit: STEP,
        };
        let mut running = Vec::new();
        loop {
            let page = self.store.tasks(&filter, slice).await?;
            running.extend(page.items);
            slice.after = page.next;
            if slice.after.is_none() {
                return Ok(running);
            }
        }
    }

    async fn last_webhook_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let filter = EventFilter {
            origins: vec![Origin::Webhook],
            ..EventFilter::default()
        };
        let mut slice = Slice {
            order: Order::Descending,
            after: None,
            limit: 1,
        };
        loop {
            let page = self.store.events(&filter, slice).await?;
            if let Some(newest) = page.items.first() {
                return Ok(Some(newest.event.last_received_at));
            }
            slice.after = page.next;
            if slice.after.is_none() {
                return Ok(None);
            }
        }
    }

    /// Appends an event of our own, unless it is known. Says whether it was new.
    async fn tell(
        &self,
        kind: &str,
        at: Timestamp,
        payload: Value,
        now: Timestamp,
    ) -> Result<bool, WatchError> {
        let body = json!({ "type": kind, "timestamp": at.to_string(), "payload": payload });
        let event = NewEvent::of_ours(Origin::Tidings, &self.endpoint, &body, now)?;
        let id = event.id;
        let mut told = self.told.lock().await;
        if told.contains(&id) {
            return Ok(false);
        }
        let owed = self.routes.owed(&event);
        let appended = self.store.append(Append { event, owed }).await?;
        told.insert(id);
        let is_new = matches!(appended, Appended::New(_));
        if is_new {
            warn!(event.id = %id, "Told {kind}");
        }
        Ok(is_new)
    }
}

/// Since when a task runs, as far as anybody said.
fn since(task: &TaskRecord) -> Timestamp {
    let known = &task.projection;
    let said = known.started_at.or(known.created_at);
    said.unwrap_or(known.first_seen_at)
}

fn stuck(task: &TaskRecord) -> Value {
    json!({
        task.key.kind.id_name(): task.key.id,
        "running_since": since(task).to_string(),
    })
}
