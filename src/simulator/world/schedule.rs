//! Scheduled tasks: runs that begin again and again.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use uuid::Uuid;

use super::Assignment;
use super::Cron;

/// How long a schedule lasts that says nothing of its end.
pub(crate) const YEAR: Duration = Duration::from_hours(365 * 24);

/// A task that runs again and again.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that the vendor's API has"
)]
pub(crate) struct Schedule {
    pub(crate) id: Uuid,
    pub(crate) assignment: Assignment,
    pub(crate) structured_output: Option<String>,
    pub(crate) use_adblock: bool,
    pub(crate) use_proxy: bool,
    pub(crate) highlight_elements: bool,
    pub(crate) rhythm: Rhythm,
    pub(crate) start_at: Timestamp,
    pub(crate) end_at: Timestamp,
    pub(crate) is_active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When it ran last.
    ran_at: Option<Timestamp>,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Every so many minutes.
    Interval(i64),
    Cron(Cron),
}

impl Schedule {
    /// One that runs with the usual settings, for a year.
    pub(crate) fn new(id: Uuid, assignment: Assignment, rhythm: Rhythm, now: Timestamp) -> Self {
        Self {
            id,
            assignment,
            structured_output: None,
            use_adblock: true,
            use_proxy: true,
            highlight_elements: true,
            rhythm,
            start_at: now,
            end_at: now.saturating_add(YEAR).unwrap_or(Timestamp::MAX),
            is_active: true,
            created_at: now,
            updated_at: now,
            ran_at: None,
        }
    }

    /// When it runs the next time. None: never again.
    pub(crate) fn next_run_at(&self) -> Option<Timestamp> {
        let next = match &self.rhythm {
            Rhythm::Interval(minutes) => match self.ran_at {
                Some(ran_at) => ran_at.checked_add(SignedDuration::from_mins(*minutes)).ok(),
                None => Some(self.start_at),
            },
            Rhythm::Cron(cron) => {
                // Whoever starts at nine may run at nine.
                let before = self.start_at.saturating_sub(SignedDuration::from_nanos(1));
                cron.after(self.ran_at.or(before.ok())?)
            }
        };
        next.filter(|next| self.is_active && *next < self.end_at)
    }

    /// Takes note of a run that is due, and says when it was. What was missed while nobody looked
    /// is not made up for.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Timestamp> {
        let due = self.next_run_at().filter(|next| *next <= now)?;
        self.ran_at = Some(due);
        while let Some(missed) = self.next_run_at().filter(|next| *next <= now) {
            self.ran_at = Some(missed);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn schedule(rhythm: Rhythm) -> Schedule {
        Schedule::new(Uuid::nil(), Assignment::default(), rhythm, at(0))
    }

    #[test]
    fn an_interval_begins_at_its_start_and_misses_are_left_out() {
        let mut schedule = schedule(Rhythm::Interval(30));
        assert_eq!(schedule.take_due(at(0)), Some(at(0)));
        assert_eq!(schedule.take_due(at(29)), None);
        assert_eq!(schedule.take_due(at(95)), Some(at(30)));
        assert_eq!(schedule.next_run_at(), Some(at(120)));
    }

    #[test]
    fn a_schedule_ends_and_can_be_switched_off() {
        let mut schedule = schedule(Rhythm::Cron(Cron::read("0 * * * *").unwrap()));
        assert_eq!(schedule.next_run_at(), Some(at(0)));
        schedule.end_at = at(0);
        assert_eq!(schedule.next_run_at(), None);
        schedule.end_at = at(90);
        schedule.is_active = false;
        assert_eq!(schedule.next_run_at(), None);
    }
}
