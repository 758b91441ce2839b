//! One look at what the Cloud API knows: what it lists, and what goes on as far as we know.

use std::collections::HashSet;

use jiff::SignedDuration;
use jiff::Timestamp;
use tracing::debug;

use super::Looker;
use super::ReconcileError;
use crate::cloud::CloudError;
use crate::cloud::Trouble;
use crate::store::Order;
use crate::store::Registered;
use crate::store::Slice;
use crate::store::TaskFilter;
use crate::task::ApiVersion;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskReport;
use crate::tasks::ask::ask;

/// How far a look reads back beyond the beginning of the one before: clocks differ, and what was
/// created a moment ago may not be listed yet.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// For how long we ask after a task that goes on. By then the vendor has forgotten it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many tasks are read from the book at once.
const STEP: usize = 200;

/// What a look came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What was there before anybody looked: it is not told.
    pub registered: usize,
    /// Starts that were told.
    pub starts: usize,
    /// Ends that were told.
    pub ends: usize,
}

impl Looker {
    /// As [`super::Reconciler::look`].
    pub(super) async fn look(&mut self) -> Result<Found, ReconcileError> {
        let mut found = Found::default();
        let mut seen = HashSet::new();
        let now = self.tools.clock.now();
        for key in self.tools.look_ups.take_ends() {
            self.young_ends.entry(key).or_insert(now);
        }
        for version in self.settings.versions.clone() {
            self.read(version, &mut found, &mut seen).await?;
        }
        for key in self.going_on(&seen).await? {
            match ask(&self.tools.cloud, &*self.tools.store, &key).await {
                Ok(report) => self.consider(report, &mut found).await?,
                Err(ReconcileError::Cloud(CloudError {
                    trouble: Trouble::NotFound { .. },
                    ..
                })) => debug!(task.id = %key.id, "Browser Use does not know a task that goes on"),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Reads what a version lists, back to where the last look began; the first look reads all.
    async fn read(
        &mut self,
        version: ApiVersion,
        found: &mut Found,
        seen: &mut HashSet<TaskKey>,
    ) -> Result<(), ReconcileError> {
        let began = self.tools.clock.now();
        let last = self.tools.store.last_look(version.as_str()).await?;
        let horizon = last.map(|last| last - OVERLAP);
        let going_on = match last {
            Some(_) => HashSet::new(),
            None => self.going_on(&HashSet::new()).await?,
        };
        let mut newest = self.tools.cloud.newest(version);
        while let Some(page) = newest.page().await? {
            let created_at = page.last().and_then(|oldest| oldest.created_at);
            let reaches_back = created_at.is_some_and(|at| horizon.is_some_and(|then| at < then));
            seen.extend(page.iter().map(|report| report.key.clone()));
            let news = if last.is_none() {
                self.register(page, &going_on, found).await?
            } else {
                page
            };
            for report in news {
                self.consider(report, found).await?;
            }
            if reaches_back {
                break;
            }
        }
        self.tools.store.looked(version.as_str(), began).await?;
        Ok(())
    }

    /// Takes note of what was there before anybody looked, and returns the rest: what goes on as far
    /// as we know, by webhook or by a first look that was not carried through, and what ended
    /// lately enough to be asked for.
    async fn register(
        &mut self,
        page: Vec<TaskReport>,
        going_on: &HashSet<TaskKey>,
        found: &mut Found,
    ) -> Result<Vec<TaskReport>, ReconcileError> {
        let at = self.tools.clock.now();
        let (mut registered, mut rest) = (Vec::new(), Vec::new());
        for report in page {
            if self.is_asked_for(&report, at) || going_on.contains(&report.key) {
                rest.push(report);
                continue;
            }
            let key = report.key.clone();
            if let Some(milestone) = Milestone::of(key.kind, &report.state()) {
                registered.push(Registered { key, milestone, at });
            }
            if !report.state().ended() {
                self.observe(&report).await?;
            }
        }
        self.tools.store.register(&registered).await?;
        found.registered += registered.len();
        Ok(rest)
    }

    fn is_asked_for(&self, report: &TaskReport, now: Timestamp) -> bool {
        let since = self.settings.since;
        let ended_at = report.finished_at.filter(|_| report.state().ended());
        since.is_positive() && ended_at.is_some_and(|ended_at| ended_at >= now - since)
    }

    /// The tasks that go on as far as we know, or whose end is too young to be told, apart from
    /// those that a listing showed.
    async fn going_on(&self, seen: &HashSet<TaskKey>) -> Result<HashSet<TaskKey>, ReconcileError> {
        let mut keys: HashSet<TaskKey> = self.young_ends.keys().cloned().collect();
        let filter = TaskFilter {
            ended: Some(false),
            since: Some(self.tools.clock.now() - REMEMBERED),
            ..TaskFilter::default()
        };
        let mut slice = Slice {
            order: Order::Descending,
            after: None,
            limit: STEP,
        };
        loop {
            let page = self.tools.store.tasks(&filter, slice).await?;
            keys.extend(page.items.into_iter().map(|task| task.key));
            slice.after = page.next;
            if slice.after.is_none() {
                break;
            }
        }
        let versions = &self.settings.versions;
        let is_asked = |key: &TaskKey| versions.iter().any(|version| version.kind() == key.kind);
        keys.retain(|key| is_asked(key) && !seen.contains(key));
        Ok(keys)
    }
}
