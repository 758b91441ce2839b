//! What becomes of one report: it is told, or kept, or nothing in it is new.

use super::Found;
use super::Looker;
use super::ReconcileError;
use super::tell;
use crate::store::Append;
use crate::store::Appended;
use crate::store::TaskRecord;
use crate::task::ApiVersion;
use crate::task::Milestone;
use crate::task::Source;
use crate::task::TaskKey;
use crate::task::TaskReport;

impl Looker {
    /// Tells what a report brings, if nobody did and its time has come.
    pub(super) async fn consider(
        &mut self,
        report: TaskReport,
        found: &mut Found,
    ) -> Result<(), ReconcileError> {
        let known = self.known(&report.key).await?;
        let is_new = known.is_none();
        let is_heard = known.is_some_and(|known| is_heard(&known, &report));
        match Milestone::of(report.key.kind, &report.state()) {
            Some(Milestone::Start) if !is_heard && self.settings.tells_starts => {
                self.young_ends.remove(&report.key);
                if self.tell(report, Milestone::Start).await? {
                    found.starts += 1;
                }
            }
            Some(milestone @ (Milestone::Turn | Milestone::End)) => {
                if is_heard {
                    self.young_ends.remove(&report.key);
                } else if self.is_young(&report) {
                    if is_new {
                        self.remember_its_creation(report).await?;
                    }
                } else {
                    self.young_ends.remove(&report.key);
                    if self.tell(report, milestone).await? {
                        found.ends += 1;
                    }
                }
            }
            Some(Milestone::Start) | None => {
                self.young_ends.remove(&report.key);
                if !is_heard {
                    self.observe(&report).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether an end is too young to be told: its webhook may be on the way. Where the Cloud API
    /// does not say when it was, it counts from when we saw it first.
    fn is_young(&mut self, report: &TaskReport) -> bool {
        let now = self.tools.clock.now();
        let ended_at = report.finished_at.filter(|_| report.state().ended());
        let seen_at = *self.young_ends.entry(report.key.clone()).or_insert(now);
        now.duration_since(ended_at.unwrap_or(seen_at)) < self.settings.grace
    }

    /// Has a milestone appended as an event. Says whether that was news; if it was not, the report
    /// still stands in the task's timeline.
    async fn tell(
        &mut self,
        report: TaskReport,
        milestone: Milestone,
    ) -> Result<bool, ReconcileError> {
        // Listings of v1 leave out the metadata, and sinks may ask for it.
        let report = if report.api == ApiVersion::V1 {
            self.tools
                .cloud
                .look_up_in(report.api, &report.key.id)
                .await?
        } else {
            report
        };
        let event = tell::event(
            &report,
            milestone,
            &self.settings.endpoint,
            self.tools.clock.now(),
        )?;
        let owed = self.tools.routes.owed(&event);
        match self.tools.store.append(Append { event, owed }).await? {
            Appended::New(_) => Ok(true),
            Appended::Known(_) | Appended::Told => {
                self.observe(&report).await?;
                Ok(false)
            }
        }
    }

    /// Keeps what a report says, and tells whoever waits for the task.
    pub(super) async fn observe(&self, report: &TaskReport) -> Result<(), ReconcileError> {
        let said = report.observation(Source::Reconcile, self.tools.clock.now());
        let observed = vec![(report.key.clone(), said)];
        let heard_of = self.tools.store.observe(observed).await?;
        self.tools.news.tell(&heard_of);
        Ok(())
    }

    /// Keeps that a task is there and no more. Were its end kept before it is told, nobody would
    /// ask after it, should we stop until then.
    async fn remember_its_creation(&self, report: TaskReport) -> Result<(), ReconcileError> {
        let created = TaskReport {
            created_at: report.created_at,
            session_id: report.session_id,
            ..TaskReport::new(report.api, report.key.id, "created")
        };
        self.observe(&created).await
    }

    /// What we know of a task.
    pub(super) async fn known(&self, key: &TaskKey) -> Result<Option<TaskRecord>, ReconcileError> {
        let found = self.tools.store.task(&key.id).await?;
        Ok(found.filter(|task| task.key == *key))
    }
}

/// Whether we saw before that the task stands so. What others saw, by a look-up or as the Cloud API
/// took the task, was told to no sink.
fn is_heard(known: &TaskRecord, report: &TaskReport) -> bool {
    let status = known.projection.status.as_ref();
    status.is_some_and(|status| status.source == Source::Reconcile && status.word == report.status)
}
