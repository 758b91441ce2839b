//! When a sink that fails again and again is left alone, and how it comes back.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::backoff::some_time;
use crate::period;
use crate::store::OpenBreaker;

/// When a sink is left alone.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerPolicy {
    /// After so many failures in a row, of whichever deliveries; 0: never.
    pub failures: u32,

    /// How long until the first probe. Each that fails doubles the wait for the next.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub first: Duration,

    /// Where the waits between probes stop growing.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub longest: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 10,
            first: Duration::from_secs(10),
            longest: Duration::from_mins(5),
        }
    }
}

impl BreakerPolicy {
    /// How long to wait after so many probes that failed.
    fn wait(&self, probes: u32) -> Duration {
        let doubled = 2_u32.checked_pow(probes);
        doubled
            .and_then(|times| self.first.checked_mul(times))
            .map_or(self.longest, |wait| wait.min(self.longest))
    }
}

/// The breaker of one sink. Closed, everything goes; open, nothing does but one probe at a time.
///
/// A sink that answers is alive, also one that refuses an event: the next may please it. So any
/// answer closes the breaker, and only failures that could go better later open it.
#[derive(Debug)]
pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: State,
    /// How many probes were ever begun.
    begun: u64,
}

/// A probe. One that comes back after the breaker has closed and opened again is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Probe(u64);

#[derive(Clone, Copy, Debug)]
enum State {
    Closed {
        /// In a row, up to now.
        failures: u32,
    },
    Open {
        since: Timestamp,
        probe_at: Timestamp,
        /// How many probes have failed.
        probes: u32,
        /// The one under way.
        under_way: Option<Probe>,
    },
}

/// Who may begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admits {
    /// Everybody.
    All,
    /// One, to see how it goes.
    OneProbe,
    /// Nobody before this time.
    NobodyBefore(Timestamp),
    /// Nobody before the probe that is under way has ended.
    NobodyYet,
}

/// What the end of a try has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// It opened: the sink is left alone until then.
    Opened(Timestamp),
    /// It stays open after a probe, until the next one then.
    StaysOpen(Timestamp),
    /// It closed, having been open since then.
    Closed(Timestamp),
}

impl Breaker {
    /// The breaker of a sink that another process may have found failing: then a probe is due, so
    /// that a start brings no storm on a sink that is down.
    pub(super) fn new(policy: BreakerPolicy, found: Option<OpenBreaker>, now: Timestamp) -> Self {
        let state = match found {
            Some(open) if policy.failures > 0 => State::Open {
                since: open.since,
                probe_at: open.probe_at.min(now),
                probes: 0,
                under_way: None,
            },
            _ => State::Closed { failures: 0 },
        };
        Self {
            policy,
            state,
            begun: 0,
        }
    }

    /// Since when it is open, and until when; none while it is closed.
    pub(super) fn open(&self) -> Option<OpenBreaker> {
        match self.state {
            State::Closed { .. } => None,
            State::Open {
                since, probe_at, ..
            } => Some(OpenBreaker { since, probe_at }),
        }
    }

    /// Who may begin at this time.
    pub(super) fn admits(&self, now: Timestamp) -> Admits {
        match self.state {
            State::Closed { .. } => Admits::All,
            State::Open {
                under_way: Some(_), ..
            } => Admits::NobodyYet,
            State::Open { probe_at, .. } if now < probe_at => Admits::NobodyBefore(probe_at),
            State::Open { .. } => Admits::OneProbe,
        }
    }

    /// The probe that it admits is under way: there is no other beside it.
    pub(super) fn probe_begins(&mut self) -> Probe {
        self.begun += 1;
        let probe = Probe(self.begun);
        if let State::Open { under_way, .. } = &mut self.state {
            *under_way = Some(probe);
        }
        probe
    }

    /// The probe came to nothing: there was nothing to send, or it was given back.
    pub(super) fn probe_is_off(&mut self, probe: Probe) {
        if let State::Open { under_way, .. } = &mut self.state
            && *under_way == Some(probe)
        {
            *under_way = None;
        }
    }

    /// A try was answered, with a yes or with a no for good.
    pub(super) fn answered(&mut self) -> Option<Turned> {
        let turned = match self.state {
            State::Closed { .. } => None,
            State::Open { since, .. } => Some(Turned::Closed(since)),
        };
        self.state = State::Closed { failures: 0 };
        turned
    }

    /// A try failed: a probe, or one that began while it was closed. The sink may have asked to be
    /// left alone for some time.
    pub(super) fn failed(
        &mut self,
        probe: Option<Probe>,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Option<Turned> {
        match self.state {
            State::Closed { failures } => {
                let failures = failures.saturating_add(1);
                if failures == self.policy.failures {
                    let until = self.opens(now, 0, asked, now);
                    return Some(Turned::Opened(until));
                }
                self.state = State::Closed { failures };
                None
            }
            State::Open {
                since,
                probes,
                under_way,
                ..
            } if probe.is_some() && probe == under_way => {
                let until = self.opens(since, probes.saturating_add(1), asked, now);
                Some(Turned::StaysOpen(until))
            }
            // It began before the breaker opened, and tells nothing new.
            State::Open { .. } => None,
        }
    }

    fn opens(
        &mut self,
        since: Timestamp,
        probes: u32,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Timestamp {
        let wait = self.policy.wait(probes).max(asked.unwrap_or_default());
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let probe_at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.state = State::Open {
            since,
            probe_at,
            probes,
            under_way: None,
        };
        probe_at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    fn closed() -> Breaker {
        Breaker::new(BreakerPolicy::default(), None, NOW)
    }

    /// A breaker that opened at the beginning.
    fn open() -> Breaker {
        let mut breaker = closed();
        let turned: Vec<_> = (0..10).map(|_| breaker.failed(None, None, NOW)).collect();
        assert_eq!(turned[..9], [None; 9]);
        assert_eq!(turned[9], Some(Turned::Opened(at(10))));
        breaker
    }

    /// A probe at this second fails; says when the next is due.
    fn probe_fails(breaker: &mut Breaker, second: i64) -> i64 {
        assert_eq!(breaker.admits(at(second)), Admits::OneProbe);
        let probe = breaker.probe_begins();
        assert_eq!(breaker.admits(at(second)), Admits::NobodyYet);
        let Some(Turned::StaysOpen(until)) = breaker.failed(Some(probe), None, at(second)) else {
            panic!("it stays open");
        };
        until.as_second()
    }

    #[test]
    fn ten_failures_in_a_row_open_it_and_an_answer_between_them_does_not_count_them() {
        let mut breaker = closed();
        for _ in 0..9 {
            assert_eq!(breaker.failed(None, None, NOW), None);
        }
        assert_eq!(breaker.answered(), None);
        for _ in 0..9 {
            assert_eq!(breaker.failed(None, None, NOW), None);
        }
        assert_eq!(breaker.admits(NOW), Admits::All);
        open();
    }

    #[test]
    fn probes_come_after_ten_seconds_and_then_ever_later_up_to_five_minutes() {
        let mut breaker = open();
        assert_eq!(breaker.admits(at(9)), Admits::NobodyBefore(at(10)));
        let mut second = 10;
        let mut waits = Vec::new();
        for _ in 0..7 {
            let next = probe_fails(&mut breaker, second);
            waits.push(next - second);
            second = next;
        }
        assert_eq!(waits, [20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(breaker.answered(), Some(Turned::Closed(NOW)));
        assert_eq!(breaker.admits(at(second)), Admits::All);
    }

    #[test]
    fn a_sink_that_asks_for_time_is_not_probed_before() {
        let mut breaker = open();
        let probe = breaker.probe_begins();
        let asked = Some(Duration::from_mins(10));
        let turned = breaker.failed(Some(probe), asked, at(10));
        assert_eq!(turned, Some(Turned::StaysOpen(at(610))));
    }

    #[test]
    fn a_probe_that_came_to_nothing_can_be_made_at_once() {
        let mut breaker = open();
        let probe = breaker.probe_begins();
        breaker.probe_is_off(probe);
        assert_eq!(breaker.admits(at(10)), Admits::OneProbe);
    }

    #[test]
    fn a_probe_that_comes_back_late_is_none_any_more() {
        let mut breaker = open();
        let late = breaker.probe_begins();
        breaker.answered();
        for _ in 0..10 {
            breaker.failed(None, None, at(20));
        }
        breaker.probe_begins();
        breaker.probe_is_off(late);
        assert_eq!(breaker.failed(Some(late), None, at(30)), None);
        assert_eq!(breaker.admits(at(30)), Admits::NobodyYet);
    }

    #[test]
    fn after_a_restart_a_probe_is_due() {
        let found = OpenBreaker {
            since: at(-3600),
            probe_at: at(300),
        };
        let mut breaker = Breaker::new(BreakerPolicy::default(), Some(found), NOW);
        assert_eq!(breaker.admits(NOW), Admits::OneProbe);
        assert_eq!(breaker.open().map(|open| open.since), Some(found.since));
        assert_eq!(breaker.answered(), Some(Turned::Closed(found.since)));
    }

    #[test]
    fn without_a_count_it_never_opens_and_is_closed_where_it_was_open() {
        let never: BreakerPolicy = toml::from_str("failures = 0").unwrap();
        let found = OpenBreaker {
            since: NOW,
            probe_at: NOW,
        };
        let mut breaker = Breaker::new(never, Some(found), NOW);
        for _ in 0..1000 {
            assert_eq!(breaker.failed(None, None, NOW), None);
        }
        assert_eq!(breaker.admits(NOW), Admits::All);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        for (bad, says) in [
            ("first = \"0s\"", "at least \"1ms\""),
            ("failures = -1", "invalid value"),
            ("probes = 3", "unknown field `probes`"),
        ] {
            let error = toml::from_str::<BreakerPolicy>(bad).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    /// What may happen to a sink.
    #[derive(Clone, Debug)]
    enum Event {
        Passes(i64),
        Begins,
        /// One of those under way ends, well or not.
        Ends(prop::sample::Index, bool),
        GivesBack(prop::sample::Index),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (0..400_i64).prop_map(Event::Passes),
            Just(Event::Begins),
            (any::<prop::sample::Index>(), prop::bool::weighted(0.2))
                .prop_map(|(which, well)| Event::Ends(which, well)),
            any::<prop::sample::Index>().prop_map(Event::GivesBack),
        ]
    }

    /// The probe that it believes to be under way.
    fn current(breaker: &Breaker) -> Option<Probe> {
        match breaker.state {
            State::Open { under_way, .. } => under_way,
            State::Closed { .. } => None,
        }
    }

    proptest! {
        /// A dispatcher that heeds it has at most one probe under way while it is open, none before
        /// its time, and is open exactly after so many failures in a row and no answer since.
        #[test]
        fn it_keeps_its_word(events in prop::collection::vec(event(), 0..400)) {
            let policy = BreakerPolicy { failures: 3, ..BreakerPolicy::default() };
            let mut breaker = Breaker::new(policy.clone(), None, NOW);
            let mut now = NOW;
            let mut under_way: Vec<Option<Probe>> = Vec::new();
            let mut in_a_row = 0;
            let mut last_wait = Duration::ZERO;
            for event in events {
                match event {
                    Event::Passes(seconds) => now += SignedDuration::from_secs(seconds),
                    Event::Begins => match breaker.admits(now) {
                        Admits::All => under_way.push(None),
                        Admits::OneProbe => under_way.push(Some(breaker.probe_begins())),
                        Admits::NobodyBefore(then) => prop_assert!(now < then),
                        Admits::NobodyYet => prop_assert!(under_way.contains(&current(&breaker))),
                    },
                    Event::Ends(which, well) if !under_way.is_empty() => {
                        let probe = under_way.swap_remove(which.index(under_way.len()));
                        if well {
                            breaker.answered();
                            (in_a_row, last_wait) = (0, Duration::ZERO);
                        } else {
                            in_a_row += 1;
                            if let Some(Turned::Opened(until) | Turned::StaysOpen(until)) =
                                breaker.failed(probe, None, now)
                            {
                                let wait = Duration::try_from(until.duration_since(now)).unwrap();
                                prop_assert!(wait >= last_wait && wait <= policy.longest);
                                last_wait = wait;
                            }
                        }
                    }
                    Event::GivesBack(which) if !under_way.is_empty() => {
                        if let Some(probe) = under_way.swap_remove(which.index(under_way.len())) {
                            breaker.probe_is_off(probe);
                        }
                    }
                    Event::Ends(..) | Event::GivesBack(_) => {}
                }
                prop_assert_eq!(breaker.open().is_some(), in_a_row >= 3);
                // One that ended is forgotten before the next begins.
                let current = current(&breaker);
                prop_assert!(current.is_none() || under_way.contains(&current));
            }
        }
    }
}
