//! Of which tasks something was told, in memory.
//!
//! Nearly every end is told once, and to hear that from table and index is a sixth, in a large
//! database, of what storing it costs. A Bloom filter says it at once: only those of which it says
//! "perhaps" are asked for.

use fastbloom::BloomFilter;
use sqlx::SqlitePool;
use tokio::task::JoinSet;
use tracing::warn;

use super::keys;
use crate::causes::with_causes;
use crate::store::StoreError;
use crate::store::sqlite::tokens;
use crate::store::sqlite::tokens::TaskHash;
use crate::store::sqlite::unindexed::Unindexed;

/// Of how many tasks it says "perhaps" though nothing was told of them. That takes 14 bits a task.
const FALSE_POSITIVES: f64 = 0.001;

/// For so many tasks there is room at least.
const ROOM: usize = 1 << 16;

/// The tasks of which something may have been told.
pub(in crate::store::sqlite) struct Membership {
    readers: SqlitePool,
    unindexed: Unindexed,
    /// None until everything that was told is in it: as long, everything may have been told.
    told: Option<Told>,
    /// At most one, that ends with us.
    loading: JoinSet<Result<Told, StoreError>>,
    /// What was told since the loading began.
    meanwhile: Vec<u64>,
}

struct Told {
    filter: BloomFilter,
    count: usize,
    room: usize,
}

impl Membership {
    /// Begins to read what was told, and knows nothing until that is done.
    pub(in crate::store::sqlite) fn load(readers: SqlitePool, unindexed: Unindexed) -> Self {
        let mut membership = Self {
            readers,
            unindexed,
            told: None,
            loading: JoinSet::new(),
            meanwhile: Vec::new(),
        };
        membership.start_loading();
        membership
    }

    /// Whether anything may have been told of this task. A turn asks before it adds any.
    pub(super) fn may_have(&mut self, task: &TaskHash) -> bool {
        self.take_what_is_loaded();
        self.make_room();
        let has = |told: &Told| told.filter.contains(&tokens::end_key(task));
        self.told.as_ref().is_none_or(has)
    }

    /// Adds a task, before it is certain that what tells of it is stored: one too many costs a
    /// question, and one missing would have an end told twice.
    pub(in crate::store::sqlite) fn insert(&mut self, task: &TaskHash) {
        let key = tokens::end_key(task);
        if !self.loading.is_empty() {
            self.meanwhile.push(key);
        }
        if let Some(told) = &mut self.told {
            told.insert(key);
        }
    }

    fn start_loading(&mut self) {
        // Behind the reader's back they may go into the index.
        self.meanwhile = self.unindexed.ends();
        self.loading.spawn(read(self.readers.clone()));
    }

    fn take_what_is_loaded(&mut self) {
        let Some(loaded) = self.loading.try_join_next() else {
            return;
        };
        let meanwhile = std::mem::take(&mut self.meanwhile);
        match loaded.unwrap_or_else(|broke_off| Err(StoreError::Database(broke_off.into()))) {
            Ok(mut told) => {
                for key in meanwhile {
                    told.insert(key);
                }
                self.told = Some(told);
            }
            Err(error) => {
                warn!(
                    error = %with_causes(&error),
                    "Could not read which ends were told; the database is asked more often than need be",
                );
                if let Some(told) = &mut self.told {
                    // Another try once it is twice as full.
                    told.room = told.count.saturating_mul(2);
                }
            }
        }
    }

    /// Has a larger one filled once this one is full. Until that is ready, this one says "perhaps"
    /// more often.
    fn make_room(&mut self) {
        if let Some(told) = &mut self.told
            && told.count >= told.room
        {
            told.room = usize::MAX; // one at a time
            self.start_loading();
        }
    }
}

impl Told {
    fn with_room_for(count: usize) -> Self {
        let room = count.max(ROOM);
        Self {
            filter: BloomFilter::with_false_pos(FALSE_POSITIVES).expected_items(room),
            count: 0,
            room,
        }
    }

    fn insert(&mut self, key: u64) {
        let was_there = self.filter.insert(&key);
        self.count += usize::from(!was_there);
    }
}

/// Reads of which tasks something was told, with room for as many more.
async fn read(readers: SqlitePool) -> Result<Told, StoreError> {
    // Read twice, and never all in memory beside the filter.
    let mut count = 0_usize;
    keys::each(&readers, |_| count += 1).await?;
    let mut told = Told::with_room_for(count.saturating_mul(2));
    keys::each(&readers, |key| told.insert(key)).await?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use futures_util::future::try_join_all;

    use super::*;
    use crate::event::Origin;
    use crate::store::Append;
    use crate::store::EventLog as _;
    use crate::store::Ledger as _;
    use crate::store::Registered;
    use crate::store::Store as _;
    use crate::store::conformance::stage::at;
    use crate::store::conformance::stage::event;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::tests::store;
    use crate::store::sqlite::tokens::task_hash;
    use crate::task::Milestone;
    use crate::task::TaskKey;
    use crate::task::TaskKind;

    fn of(store: &SqliteStore) -> Membership {
        Membership::load(store.readers.clone(), store.unindexed.clone())
    }

    fn hash(id: &str) -> TaskHash {
        task_hash(TaskKind::Task, id)
    }

    fn end(id: &str, origin: Origin) -> Append {
        told(id, "finished", origin)
    }

    fn told(id: &str, status: &str, origin: Origin) -> Append {
        let body = format!(r#"{{"payload":{{"task_id":"{id}","status":"{status}"}}}}"#);
        let mut event = event(body, 1);
        event.origin = origin;
        Append {
            event,
            owed: Vec::new(),
        }
    }

    impl Membership {
        async fn loaded(&mut self) {
            while !self.loading.is_empty() {
                tokio::task::yield_now().await;
                self.take_what_is_loaded();
            }
        }

        /// How many of a thousand tasks that nobody told of may have been told.
        fn mistakes(&mut self) -> usize {
            let untold = (0..1000).map(|n| hash(&format!("untold {n}")));
            untold.filter(|task| self.may_have(task)).count()
        }
    }

    #[tokio::test]
    async fn everything_that_was_told_is_in_it_and_little_else() {
        // More than one turn puts into the index, and more than are read at once.
        const WEBHOOKS: usize = 9000;
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let webhooks = (0..WEBHOOKS).map(|n| format!("webhook {n}"));
        let webhooks: Vec<_> = webhooks.collect();
        for some in webhooks.chunks(256) {
            let ends = some.iter().map(|id| store.append(end(id, Origin::Webhook)));
            try_join_all(ends).await.unwrap();
        }
        store
            .append(end("looked", Origin::Reconcile))
            .await
            .unwrap();
        let registered = Registered {
            key: TaskKey {
                kind: TaskKind::Task,
                id: "registered".into(),
            },
            milestone: Milestone::End,
            at: at(1),
        };
        store.register(&[registered]).await.unwrap();

        let mut membership = of(&store);
        membership.loaded().await;
        let told = webhooks.iter().map(String::as_str);
        for id in told.chain(["looked", "registered"]) {
            assert!(membership.may_have(&hash(id)), "{id}");
        }
        assert!(membership.mistakes() < 20, "{}", membership.mistakes());
    }

    #[tokio::test]
    async fn who_told_an_end_first_is_known_once_it_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        // Some are in the index, and some are not yet.
        let ends: Vec<_> = (0..700)
            .map(|n| end(&format!("t{n}"), Origin::Webhook))
            .collect();
        let first = store(&folder).await;
        for some in ends.chunks(100) {
            let appends = some.iter().map(|end| first.append(end.clone()));
            try_join_all(appends).await.unwrap();
        }
        first.close().await.unwrap();

        let store = store(&folder).await;
        store.writer().await.unwrap().told.loaded().await;
        for n in [0, 1, 698, 699] {
            let again = told(&format!("t{n}"), "failed", Origin::Webhook);
            let id = again.event.id;
            store.append(again).await.unwrap();
            let stored = store.event(id).await.unwrap().unwrap();
            assert_eq!(stored.event.same_as, Some(ends[n].event.id), "{n}");
        }
    }

    #[tokio::test]
    async fn while_it_is_loaded_anything_may_have_been_told_and_nothing_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let mut membership = of(&store);
        assert_eq!(membership.mistakes(), 1000);
        membership.insert(&hash("meanwhile"));

        membership.loaded().await;
        assert!(membership.may_have(&hash("meanwhile")));
        assert!(membership.mistakes() < 20);
    }

    #[tokio::test]
    async fn a_full_one_serves_on_until_a_larger_one_is_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        store.append(end("stored", Origin::Webhook)).await.unwrap();
        let mut membership = of(&store);
        membership.loaded().await;
        for n in 0..2 * ROOM {
            membership.insert(&hash(&format!("many {n}")));
        }

        assert!(membership.may_have(&hash("many 0")));
        assert!(!membership.loading.is_empty());
        membership.insert(&hash("meanwhile"));
        let crowded = membership.mistakes();
        membership.loaded().await;
        assert!(membership.may_have(&hash("stored")));
        assert!(membership.may_have(&hash("meanwhile")));
        assert!(membership.mistakes() < crowded);
    }
}
