//! Looking up what is sent with the end of a task, for sinks that want it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::sleep;
use tracing::error;

use super::Links;
use super::LookUps;
use super::NoOutput;
use super::enriched::enriched;
use super::enriched::files;
use crate::causes::with_causes;
use crate::event::Event;
use crate::event::Seq;
use crate::shutdown::Shutdown;
use crate::store::OpenEnrichment;
use crate::store::Reported;
use crate::store::Store;
use crate::store::StoreError;
use crate::task::Enrichment;
use crate::task::TaskKey;

/// How many tasks are asked about at once.
const AT_ONCE: usize = 8;

/// How many are looked at, the most urgent first.
const IN_SIGHT: usize = 64;

/// How long to wait before the same is asked again, as the vendor's SDK does.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// How long to wait before a failing store is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// How long to wait after a commit: those of a busy receiver bring many events in that time.
const REST: Duration = Duration::from_millis(10);

/// Looks up the tasks of events that wait for it, in time for each. What it does not get done goes
/// out without: the store sees to that, whoever looks.
#[derive(Debug)]
pub struct Enricher {
    store: Arc<dyn Store>,
    look_ups: LookUps,
    links: Links,
    asked: Mutex<HashMap<Seq, Asked>>,
}

/// Where asking for the task of an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// It is being asked for.
    UnderWay,
    /// The answer was not all there is to know; it is asked for again then.
    Again(Timestamp),
}

/// Questions under way.
type Asking<'a> = FuturesUnordered<BoxFuture<'a, Result<(), StoreError>>>;

impl Enricher {
    /// Somebody who looks up what this store's events wait for, and links to the files in it.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, look_ups: LookUps, links: Links) -> Self {
        Self {
            store,
            look_ups,
            links,
            asked: Mutex::default(),
        }
    }

    /// Asks once for all that is to be asked now. Tests call this in place of [`Enricher::run`].
    pub async fn step(&self) -> Result<(), StoreError> {
        let mut asking = Asking::new();
        self.begin(&mut asking).await?;
        while let Some(kept) = asking.next().await {
            kept?;
        }
        Ok(())
    }

    /// Asks whenever there is something to ask, until told to stop. What is under way then is
    /// asked for again at the next start.
    pub async fn run(&self, stop: Shutdown) {
        // Subscribed before the first look: what is committed after it is heard.
        let mut committed = self.store.committed();
        let mut asking = Asking::new();
        while !stop.is_requested() {
            let wait = self.begin(&mut asking).await.unwrap_or_else(|error| {
                report(&error);
                STORE_PAUSE
            });
            tokio::select! {
                () = stop.requested() => {}
                Some(kept) = asking.next() => if let Err(error) = kept {
                    report(&error);
                },
                Ok(()) = committed.changed() => sleep(REST).await,
                () = sleep(wait) => {}
            }
        }
    }

    /// Begins to ask, as much as may be asked at once. Says when to look again if nothing rings.
    async fn begin<'a>(&'a self, asking: &mut Asking<'a>) -> Result<Duration, StoreError> {
        let now = self.look_ups.now();
        let mut open = self.store.open_enrichments(IN_SIGHT).await?;
        if open.first().is_some_and(|first| first.until <= now) {
            self.store.close_enrichments(now).await?;
            open.retain(|one| one.until > now);
        }
        let mut next = open.first().map(|first| first.until);
        let mut asked = self.asked();
        asked.retain(|&seq, _| open.iter().any(|one| one.event.seq == seq));
        for one in open {
            match asked.get(&one.event.seq) {
                Some(Asked::UnderWay) => continue,
                Some(Asked::Again(at)) if *at > now => {
                    next = next.min(Some(*at));
                    continue;
                }
                _ if asking.len() == AT_ONCE => break,
                _ => {}
            }
            asked.insert(one.event.seq, Asked::UnderWay);
            asking.push(self.ask(one).boxed());
        }
        let wait = next.map_or(SignedDuration::MAX, |next| next.duration_since(now));
        Ok(wait.try_into().unwrap_or_default())
    }

    /// Asks for the task of an event, and keeps what is told.
    async fn ask(&self, one: OpenEnrichment) -> Result<(), StoreError> {
        let (enrichment, is_final) = self.look_up(&one.event).await;
        let (seq, now) = (one.event.seq, self.look_ups.now());
        let again = now.saturating_add(PAUSE).unwrap_or(Timestamp::MAX);
        self.asked().insert(seq, Asked::Again(again));
        if is_final {
            self.store.decide_enrichment(seq, enrichment, now).await
        } else {
            self.store.note_enrichment(seq, enrichment).await
        }
    }

    /// What can be said of the task of an event now, and whether that is all that can be.
    async fn look_up(&self, event: &Event) -> (Enrichment, bool) {
        let Some(key) = TaskKey::of(&event.facts) else {
            return (Enrichment::unavailable("the event names no task"), true);
        };
        match self.look_ups.know(&key.id).await {
            Ok(reported) => self.told(&reported),
            Err(error) => (
                Enrichment::unavailable(error.to_string()),
                !error.is_passing(),
            ),
        }
    }

    fn told(&self, reported: &Reported) -> (Enrichment, bool) {
        let now = self.look_ups.now();
        let no_output = NoOutput::of(&reported.report, now);
        let is_final = !no_output.as_ref().is_some_and(NoOutput::may_come);
        let files = files(&reported.report.report, &self.links, now);
        match enriched(reported, files, no_output.as_ref()) {
            Ok(task) => (Enrichment::known(task), is_final),
            Err(error) => (Enrichment::unavailable(error.to_string()), true),
        }
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Seq, Asked>> {
        // The map is whole after every statement, so a panic elsewhere cannot have torn it.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(error: &StoreError) {
    error!(error = %with_causes(error), "What is looked up for events cannot be kept; trying again");
}
