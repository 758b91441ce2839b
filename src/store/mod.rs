//! What we promised survives a crash.
//!
//! The traits are cut by what their callers need, so that a handler's arguments say what it
//! touches. Each method is one transaction in the domain's words. The laws they keep stand in
//! `conformance` and run on every backend.

mod access;

mod answers;

mod captures;

mod committer;

#[cfg(test)]
mod conformance;

mod endpoints;

mod enrichments;

mod error;

mod filters;

mod ledger;

mod listing;

mod log;

mod look;

mod open;

mod queue;

mod recent;

mod rejections;

mod replays;

mod reports;

mod sightings;

mod sqlite;

mod standings;

mod stats;

mod tasks;

mod turn;

use async_trait::async_trait;

pub use self::access::Access;
pub use self::captures::Capture;
pub use self::captures::Captured;
pub use self::captures::Captures;
pub use self::captures::Content;
pub use self::captures::Fate;
pub use self::captures::OpenCapture;
pub use self::captures::TaskFile;
pub use self::endpoints::Endpoints;
pub use self::enrichments::Enrichments;
pub use self::enrichments::OpenEnrichment;
pub use self::enrichments::SentWith;
pub use self::error::StoreError;
pub use self::filters::DeliveryFilter;
pub use self::filters::EventFilter;
pub use self::ledger::Ledger;
pub use self::ledger::Registered;
pub use self::listing::Order;
pub use self::listing::Page;
pub use self::listing::Slice;
pub use self::log::Append;
pub use self::log::Appended;
pub use self::log::EventLog;
pub use self::log::EventRecord;
pub use self::look::Look;
pub use self::look::file;
pub use self::look::look;
pub use self::open::OpenError;
pub use self::open::OpenOptions;
pub use self::open::open;
pub use self::queue::Changed;
pub use self::queue::DeliveryQueue;
pub use self::queue::Room;
pub use self::queue::Together;
pub use self::rejections::Rejections;
pub use self::replays::NewReplay;
pub use self::replays::Part;
pub use self::replays::Portion;
pub use self::replays::Replay;
pub use self::replays::ReplayDebts;
pub use self::replays::Replays;
pub use self::replays::Selection;
pub use self::reports::KeptReport;
pub use self::reports::Reported;
pub use self::standings::OpenBreaker;
pub use self::standings::SinkBook;
pub use self::standings::Standing;
pub use self::standings::Standings;
pub use self::stats::SinkStats;
pub use self::tasks::Followed;
pub use self::tasks::Rebuild;
pub use self::tasks::TaskBook;
pub use self::tasks::TaskFilter;
pub use self::tasks::TaskRecord;
pub use self::tasks::TimelineEntry;

/// All of it: what the frame holds and hands out in parts.
#[async_trait]
pub trait Store:
    EventLog
    + Ledger
    + DeliveryQueue
    + SinkBook
    + Replays
    + Enrichments
    + Captures
    + TaskBook
    + Rejections
    + Access
    + Endpoints
{
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Commits what has been accepted, moves everything into the one file, and closes it.
    async fn close(&self) -> Result<(), StoreError>;
}
