//! Questions under way: whoever asks the same waits for the same answer.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::future::Shared;
use futures_util::future::WeakShared;

/// Answers under way, by question. Nothing is kept once it has arrived.
pub(super) struct Flights<T>(Mutex<HashMap<String, WeakShared<BoxFuture<'static, T>>>>)
where
    T: Clone;

impl<T: Clone> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> fmt::Debug for Flights<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

impl<T: Clone> Flights<T> {
    /// The answer to a question: the one under way, or else the one that `ask` begins. Whoever
    /// goes away leaves it to the others; the last one's going ends it.
    pub(super) fn join(
        &self,
        question: &str,
        ask: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> Shared<BoxFuture<'static, T>> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let joined = under_way.get(question).and_then(WeakShared::upgrade);
        // One that has arrived is an old answer to whoever asks now.
        if let Some(flight) = joined.filter(|flight| flight.peek().is_none()) {
            return flight;
        }
        // Those that nobody waits for any more, too.
        under_way.retain(|_, flight| {
            flight
                .upgrade()
                .is_some_and(|flight| flight.peek().is_none())
        });
        let flight = ask().shared();
        if let Some(weak) = flight.downgrade() {
            under_way.insert(question.to_owned(), weak);
        }
        flight
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    use futures_util::future::join_all;
    use tokio::task::yield_now;

    use super::*;

    static ASKED: AtomicUsize = AtomicUsize::new(0);

    async fn number() -> usize {
        let number = ASKED.fetch_add(1, Ordering::Relaxed);
        yield_now().await;
        number
    }

    #[tokio::test]
    async fn an_answer_is_for_all_who_wait_for_it_and_for_nobody_later() {
        let flights = Flights::default();
        let ask = |question| flights.join(question, || number().boxed());

        let same = ["t-1", "t-1", "t-1"].map(ask);
        let other = ask("t-2");
        assert_eq!(join_all(same).await, [0; 3]);
        assert_eq!(other.await, 1);
        assert_eq!(ask("t-1").await, 2);
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_answer_to_the_others() {
        let flights = Flights::default();
        let (answer, answered) = tokio::sync::oneshot::channel();
        let first = flights.join("t-1", || answered.map(Result::ok).boxed());
        let mut second = flights.join("t-1", || unreachable!("it is under way"));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        answer.send(7).unwrap();
        assert_eq!(second.await, Some(7));
    }

    #[tokio::test]
    async fn nothing_is_kept_of_what_has_arrived_or_was_given_up() {
        let flights = Flights::default();
        let ask = |question| flights.join(question, || number().boxed());

        ask("t-1").await;
        drop(ask("t-2"));
        let last = ask("t-3");
        assert_eq!(flights.0.lock().unwrap().len(), 1);
        last.await;
    }
}
