//! Where a task stands: its observations, folded.
//!
//! Everything kept here is the greatest or the least of what was observed, in some fixed order. So
//! it does not matter in which order observations come, or how often, and each is folded in
//! constant time however many there were before. `docs/tasks.md` says the rules to users.

use jiff::Timestamp;

use super::Observation;
use super::Status;
use super::TaskState;

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// The word that counts; none if nobody said any.
    pub status: Option<Status>,
    /// When it was first said to be created.
    pub created_at: Option<Timestamp>,
    /// When it was first said to be running.
    pub started_at: Option<Timestamp>,
    /// Its run; none where the run is the task.
    pub run_id: Option<Box<str>>,
    /// Its session; none where the session is the task.
    pub session_id: Option<Box<str>>,
    /// Its metadata: JSON in canonical form.
    pub metadata: Option<Box<str>>,
    /// When we first heard of it.
    pub first_seen_at: Timestamp,
    /// When we last heard of it.
    pub last_seen_at: Timestamp,
}

impl Default for Projection {
    /// Of a task that nobody has observed: any observation is before its first and after its last.
    fn default() -> Self {
        Self {
            status: None,
            created_at: None,
            started_at: None,
            run_id: None,
            session_id: None,
            metadata: None,
            first_seen_at: Timestamp::MAX,
            last_seen_at: Timestamp::MIN,
        }
    }
}

impl Projection {
    /// Folds an observation in. Says whether the task is known by more than before: by another run
    /// or session, or other metadata.
    pub fn observe(&mut self, observation: Observation) -> bool {
        self.first_seen_at = self.first_seen_at.min(observation.seen_at);
        self.last_seen_at = self.last_seen_at.max(observation.seen_at);
        if let Some(word) = observation.word {
            self.hear(Status {
                word,
                source: observation.source,
                at: observation.at,
                seen_at: observation.seen_at,
            });
        }
        let by_run = greater(&mut self.run_id, observation.run_id);
        let by_session = greater(&mut self.session_id, observation.session_id);
        let by_metadata = greater(&mut self.metadata, observation.metadata);
        by_run || by_session || by_metadata
    }

    fn hear(&mut self, status: Status) {
        let earliest =
            |known: Option<Timestamp>| Some(known.map_or(status.at, |at| at.min(status.at)));
        match status.state() {
            TaskState::Created => self.created_at = earliest(self.created_at),
            TaskState::Running => self.started_at = earliest(self.started_at),
            _ => {}
        }
        let counts = |known: &Status| known.weight() < status.weight();
        if self.status.as_ref().is_none_or(counts) {
            self.status = Some(status);
        }
    }

    /// How it stands; none if nobody said.
    #[must_use]
    pub fn state(&self) -> Option<TaskState> {
        self.status.as_ref().map(Status::state)
    }

    /// When it ended, if it has.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        let status = self.status.as_ref()?;
        status.state().ended().then_some(status.at)
    }
}

/// Takes over what is greater than what is known, and says whether it was: the longer text, or of
/// two that are as long the one that sorts later. No task is known to ever have had two; should one
/// come, the order of arrival must not decide.
fn greater(known: &mut Option<Box<str>>, told: Option<Box<str>>) -> bool {
    fn weight(text: Option<&str>) -> (Option<usize>, Option<&str>) {
        (text.map(str::len), text)
    }
    let is_greater = weight(told.as_deref()) > weight(known.as_deref());
    if is_greater {
        *known = told;
    }
    is_greater
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::SizeRange;

    use super::*;
    use crate::task::Source;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn said(source: Source, second: i64, word: &str) -> Observation {
        Observation {
            source,
            at: at(second),
            seen_at: at(second),
            word: Some(word.into()),
            run_id: None,
            session_id: None,
            metadata: None,
        }
    }

    fn fold(observations: impl IntoIterator<Item = Observation>) -> Projection {
        let mut projection = Projection::default();
        for observation in observations {
            projection.observe(observation);
        }
        projection
    }

    /// How a task stands of which this was said, however it came in.
    fn state(observations: &[Observation]) -> String {
        let forth = fold(observations.iter().cloned());
        let back = fold(observations.iter().rev().cloned());
        let state = forth.state().unwrap();
        assert_eq!(Some(&state), back.state().as_ref());
        state.to_string()
    }

    fn webhooks(told: &[(i64, &str)]) -> String {
        let told = told
            .iter()
            .map(|(at, word)| said(Source::Webhook, *at, word));
        state(&told.collect::<Vec<_>>())
    }

    #[test]
    fn what_comes_late_undoes_no_end() {
        assert_eq!(webhooks(&[(1, "started"), (5, "finished")]), "finished");
        assert_eq!(webhooks(&[(5, "finished"), (9, "started")]), "finished");
        assert_eq!(webhooks(&[(5, "failed"), (9, "brand new")]), "failed");
    }

    #[test]
    fn of_words_on_a_task_that_goes_on_the_latest_counts() {
        assert_eq!(webhooks(&[(1, "running"), (2, "paused")]), "paused");
        assert_eq!(webhooks(&[(2, "paused"), (3, "running")]), "running");
        assert_eq!(webhooks(&[(2, "running"), (3, "brand new")]), "brand new");
        assert_eq!(webhooks(&[(1, "running"), (9, "initializing")]), "running");
    }

    #[test]
    fn a_word_after_idle_begins_a_new_turn_and_a_late_one_does_not() {
        assert_eq!(webhooks(&[(1, "running"), (5, "idle")]), "idle");
        assert_eq!(webhooks(&[(5, "idle"), (3, "running")]), "idle");
        assert_eq!(webhooks(&[(5, "idle"), (5, "running")]), "idle");
        assert_eq!(webhooks(&[(5, "idle"), (6, "running")]), "running");
        assert_eq!(webhooks(&[(6, "running"), (7, "stopped")]), "stopped");
    }

    #[test]
    fn of_two_ends_the_apis_counts_then_the_later_then_the_graver() {
        let webhook = |at, word| said(Source::Webhook, at, word);
        let api = |at, word| said(Source::LookUp, at, word);
        assert_eq!(state(&[api(5, "failed"), webhook(9, "stopped")]), "failed");
        assert_eq!(webhooks(&[(5, "finished"), (6, "stopped")]), "stopped");
        assert_eq!(webhooks(&[(5, "finished"), (5, "stopped")]), "stopped");
        assert_eq!(webhooks(&[(5, "failed"), (5, "stopped")]), "failed");
        // What the API says of a task that goes on outweighs no end.
        assert_eq!(
            state(&[webhook(5, "finished"), api(9, "running")]),
            "finished"
        );
        // Of words of the same moment its own counts, and of no others.
        assert_eq!(state(&[webhook(5, "paused"), api(5, "running")]), "running");
        assert_eq!(state(&[webhook(6, "paused"), api(5, "running")]), "paused");
    }

    #[test]
    fn times_tell_when_it_was_first_so() {
        let told = [
            (7, "started"),
            (3, "created"),
            (5, "running"),
            (9, "done"),
            (8, "failed"),
        ];
        let task = fold(told.map(|(at, word)| said(Source::Webhook, at, word)));
        assert_eq!(
            (task.created_at, task.started_at),
            (Some(at(3)), Some(at(5)))
        );
        assert_eq!(task.ended_at(), Some(at(8)));
        assert_eq!((task.first_seen_at, task.last_seen_at), (at(3), at(9)));
    }

    #[test]
    fn when_it_was_heard_of_is_told_by_our_own_clock() {
        let heard = |second, seen_at| Observation {
            seen_at: at(seen_at),
            ..said(Source::Webhook, second, "running")
        };
        let task = fold([heard(3, 20), heard(30, 10), heard(4, 15)]);
        assert_eq!((task.first_seen_at, task.last_seen_at), (at(10), at(20)));
    }

    #[test]
    fn a_task_is_known_by_more_when_it_gets_another_run_session_or_metadata() {
        let mut task = Projection::default();
        let mut is_more = |run: &str, session: &str, metadata: &str| {
            let some = |text: &str| Some(text.into()).filter(|_| !text.is_empty());
            task.observe(Observation {
                run_id: some(run),
                session_id: some(session),
                metadata: some(metadata),
                ..said(Source::Webhook, 1, "running")
            })
        };
        assert!(!is_more("", "", ""));
        assert!(is_more("r", "", ""));
        assert!(is_more("", "s", ""));
        assert!(is_more("", "", "{}"));
        assert!(!is_more("r", "s", "{}"));
    }

    /// Anything that may be said, with few values, so that they meet.
    fn observation() -> impl Strategy<Value = Observation> {
        let word = prop::sample::select(vec![
            "created",
            "started",
            "running",
            "paused",
            "idle",
            "finished",
            "completed",
            "failed",
            "stopped",
            "brand new",
        ]);
        let source = prop::sample::select(vec![Source::Webhook, Source::Reconcile, Source::LookUp]);
        let id = || prop::option::of("[ab]{1,2}".prop_map(String::into_boxed_str));
        let metadata = prop::sample::select(vec!["{}", r#"{"a":"b"}"#, r#"{"a":"c"}"#]);
        (
            (source, 0..3_i64, 0..3_i64),
            prop::option::of(word.prop_map(Box::from)),
            (id(), id(), prop::option::of(metadata.prop_map(Box::from))),
        )
            .prop_map(
                |((source, second, seen), word, (run_id, session_id, metadata))| Observation {
                    source,
                    at: at(second),
                    seen_at: at(seen),
                    word,
                    run_id,
                    session_id,
                    metadata,
                },
            )
    }

    /// The same in two orders, and in the second some of it twice.
    fn orders(count: impl Into<SizeRange>) -> impl Strategy<Value = [Vec<Observation>; 2]> {
        prop::collection::vec((observation(), any::<bool>()), count).prop_flat_map(|all| {
            let once: Vec<_> = all.iter().map(|(one, _)| one.clone()).collect();
            let again = all
                .iter()
                .filter(|(_, twice)| *twice)
                .map(|(one, _)| one.clone());
            let shuffled = Just(once.iter().cloned().chain(again).collect::<Vec<_>>());
            (Just(once), shuffled.prop_shuffle()).prop_map(|(once, shuffled)| [once, shuffled])
        })
    }

    proptest! {
        #[test]
        fn in_any_order_and_however_often_it_comes_to_the_same([once, shuffled] in orders(0..12)) {
            prop_assert_eq!(fold(once), fold(shuffled));
        }
    }
}
