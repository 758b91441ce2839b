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
