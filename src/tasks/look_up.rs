//! Asking the Cloud API about tasks, and remembering what it said.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::time::timeout;

use super::TaskNews;
use super::flight::Flights;
use super::output::is_final;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::cloud::CloudError;
use crate::cloud::Trouble;
use crate::store::KeptReport;
use crate::store::Reported;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::task::ApiVersion;
use crate::task::Milestone;
use crate::task::Source;
use crate::task::TaskKey;
use crate::task::TaskReport;

/// How long somebody who asks waits for an answer: repeated tries and the line of those who ask
/// before may take longer.
const WITHIN: Duration = Duration::from_secs(30);

/// How many ends are remembered for whoever looks for missed ones. Only where nobody does are there
/// so many.
const ENDS: usize = 10_000;

/// Asks the Cloud API about tasks, and remembers what it said. Clones are one: whoever asks about a
/// task while the same question is under way gets that answer.
#[derive(Clone, Debug)]
pub struct LookUps(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cloud: Client,
    book: Arc<dyn TaskBook>,
    news: TaskNews,
    clock: Arc<dyn Clock>,
    under_way: Flights<Result<Arc<Reported>, LookUpError>>,
    ends: Mutex<HashSet<TaskKey>>,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LookUpError {
    /// The Cloud API did not tell.
    #[error(transparent)]
    Cloud(#[from] CloudError),

    /// It takes too long.
    #[error(
        "Browser Use gave no answer within {} s: it is slow, or many others ask with the same key",
        WITHIN.as_secs()
    )]
    TooSlow,

    /// What it told could not be kept, or what is known not be read.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

impl From<StoreError> for LookUpError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl LookUpError {
    /// Whether asking again may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Cloud(error) => matches!(
                error.trouble,
                Trouble::Down { .. } | Trouble::TooOften { .. }
            ),
            Self::TooSlow => true,
            Self::Store(_) => false,
        }
    }
}

impl LookUps {
    /// Look-ups of the tasks in this book. Whoever waits for a task hears of what they tell.
    #[must_use]
    pub fn new(
        cloud: Client,
        book: Arc<dyn TaskBook>,
        news: TaskNews,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            cloud,
            book,
            news,
            clock,
            under_way: Flights::default(),
            ends: Mutex::default(),
        }))
    }

    /// What the Cloud API says now of the task that this id finds, known or not. The version that
    /// knew a task the last time is asked alone.
    pub async fn ask(&self, name: &str) -> Result<Arc<Reported>, LookUpError> {
        let (inner, owned) = (Arc::clone(&self.0), name.to_owned());
        let question = || async move { inner.ask(&owned).await.map(Arc::new) }.boxed();
        let answer = self.0.under_way.join(name, question);
        timeout(WITHIN, answer)
            .await
            .unwrap_or(Err(LookUpError::TooSlow))
    }

    /// What the Cloud API said at the end of the task that this id finds; it is asked only if that
    /// is not known, or may become more.
    pub async fn know(&self, name: &str) -> Result<Arc<Reported>, LookUpError> {
        match self.0.known(name).await? {
            Some(known) if is_final(&known.report, self.now()) => Ok(Arc::new(known)),
            _ => self.ask(name).await,
        }
    }

    /// By which id, and in which version of the API, the vendor knows the task that this id finds.
    /// It is asked only if that is not known.
    pub async fn place(&self, name: &str) -> Result<(ApiVersion, Box<str>), LookUpError> {
        let report = match self.0.known(name).await? {
            Some(known) => known.report.report,
            None => self.ask(name).await?.report.report.clone(),
        };
        Ok((report.api, report.key.id))
    }

    /// The Cloud API itself.
    pub(super) fn cloud(&self) -> &Client {
        &self.0.cloud
    }

    /// The tasks that look-ups saw ended since this was asked last. Nobody was told of that: whoever
    /// looks for missed ends would take them for known.
    pub(super) fn take_ends(&self) -> HashSet<TaskKey> {
        std::mem::take(&mut *self.0.ends())
    }

    /// The present moment.
    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Remembers what the Cloud API told just now without having been asked about the task: as it
    /// took one that was started through us, or an order.
    pub async fn remember(
        &self,
        report: TaskReport,
        source: Source,
    ) -> Result<Reported, StoreError> {
        let as_of = self.0.clock.now();
        self.0.keep(KeptReport::new(report, source, as_of)).await
    }
}

impl Inner {
    async fn ask(&self, name: &str) -> Result<Reported, LookUpError> {
        let task = self.book.task(name).await?;
        let (id, api) = match &task {
            Some(task) => (&*task.key.id, self.book.report(&task.key).await?),
            None => (name, None),
        };
        // It was so at the latest when the question left.
        let as_of = self.clock.now();
        let report = match api {
            Some(known) => self.cloud.look_up_in(known.report.api, id).await?,
            None => self.cloud.look_up(id).await?,
        };
        let told = KeptReport::new(report, Source::LookUp, as_of);
        Ok(self.keep(told).await?)
    }

    async fn keep(&self, told: KeptReport) -> Result<Reported, StoreError> {
        let key = told.report.key.clone();
        let milestone = Milestone::of(key.kind, &told.report.state());
        let reported = self.book.keep_report(told).await?;
        self.news.tell(std::slice::from_ref(&reported.task));
        if matches!(milestone, Some(Milestone::Turn | Milestone::End)) {
            let mut ends = self.ends();
            if ends.len() < ENDS {
                ends.insert(key);
            }
        }
        Ok(reported)
    }

    fn ends(&self) -> MutexGuard<'_, HashSet<TaskKey>> {
        // A set of keys is whole after a panic elsewhere, too.
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn known(&self, name: &str) -> Result<Option<Reported>, StoreError> {
        let Some(task) = self.book.task(name).await? else {
            return Ok(None);
        };
        let report = self.book.report(&task.key).await?;
        Ok(report.map(|report| Reported { task, report }))
    }
}
