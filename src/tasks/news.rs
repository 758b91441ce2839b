//! Who waits to hear of a task, by which of its ids.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::watch;

use crate::store::TaskRecord;

/// Tells those who wait for a task that something new was said about it. Clones are one: what is
/// told to one is heard through all. Who waits costs nothing until its own task is told of.
#[derive(Clone, Debug, Default)]
pub struct TaskNews(Arc<Mutex<HashMap<Box<str>, Bell>>>);

/// Those who wait for the same id.
#[derive(Debug, Default)]
struct Bell {
    waiting: usize,
    rings: watch::Sender<Option<Arc<TaskRecord>>>,
}

/// Somebody who waits. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Subscription {
    news: TaskNews,
    name: Box<str>,
    rings: watch::Receiver<Option<Arc<TaskRecord>>>,
}

impl TaskNews {
    /// Listens for the task that any of its ids finds, known or not. Subscribe, then look at the
    /// task, then wait: what is said in between is heard.
    #[must_use]
    pub fn subscribe(&self, name: &str) -> Subscription {
        let mut bells = self.bells();
        let bell = bells.entry(name.into()).or_default();
        bell.waiting += 1;
        Subscription {
            news: self.clone(),
            name: name.into(),
            rings: bell.rings.subscribe(),
        }
    }

    /// Tells that something was said about these tasks, and that it can be read.
    pub fn tell(&self, tasks: &[TaskRecord]) {
        let bells = self.bells();
        if bells.is_empty() {
            return;
        }
        for task in tasks {
            for bell in task.names().filter_map(|name| bells.get(name)) {
                bell.rings.send_replace(Some(Arc::new(task.clone())));
            }
        }
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.bells().values().map(|bell| bell.waiting).sum()
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<Box<str>, Bell>> {
        // The map is whole after every statement, so a panic elsewhere cannot have torn it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Returns when something was said about the task since this was made, or since it last
    /// returned: with the task as it stood then, if that is what the id finds. Other tasks of its
    /// session ring too; then it is none, and whoever waits looks for itself.
    pub async fn changed(&mut self) -> Option<Arc<TaskRecord>> {
        // The bell hangs as long as we wait, so this never fails.
        self.rings.changed().await.ok();
        let told = self.rings.borrow_and_update().clone();
        told.filter(|task| task.key.id == self.name)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut bells = self.news.bells();
        if let Some(bell) = bells.get_mut(&self.name) {
            bell.waiting -= 1;
            if bell.waiting == 0 {
                bells.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::task::Projection;
    use crate::task::TaskKey;
    use crate::task::TaskKind;

    fn task(id: &str, session: &str) -> TaskRecord {
        TaskRecord {
            number: 1,
            key: TaskKey {
                kind: TaskKind::Task,
                id: id.into(),
            },
            projection: Projection {
                session_id: Some(session.into()),
                ..Projection::default()
            },
            observations: 1,
        }
    }

    fn rung(subscription: &mut Subscription) -> bool {
        subscription.changed().now_or_never().is_some()
    }

    #[test]
    fn who_waits_hears_of_its_own_task_by_any_id() {
        let news = TaskNews::default();
        let mut by_id = news.subscribe("t");
        let mut by_session = news.subscribe("s");
        let mut other = news.subscribe("u");
        news.clone().tell(&[task("t", "s")]);
        assert!(rung(&mut by_id) && rung(&mut by_session) && !rung(&mut other));
        assert!(!rung(&mut by_id), "it was told once");
    }

    #[test]
    fn what_is_told_before_somebody_waits_is_heard() {
        let news = TaskNews::default();
        let mut subscription = news.subscribe("t");
        news.tell(&[task("t", "s")]);
        news.tell(&[task("t", "s")]);
        assert!(rung(&mut subscription));
    }

    #[test]
    fn who_has_gone_leaves_nothing_behind() {
        let news = TaskNews::default();
        let first = news.subscribe("t");
        let mut second = news.subscribe("t");
        drop(first);
        news.tell(&[task("t", "s")]);
        assert!(rung(&mut second));
        drop(second);
        assert!(news.bells().is_empty());
    }
}
