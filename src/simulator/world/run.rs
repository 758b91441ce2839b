//! One run of an agent: v1 and v2 call it a task, v3 knows its session, v4 calls it a run.
//!
//! Where it stands is worked out from the time and from what was done to it: nothing has to tick.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use uuid::Uuid;

use super::Api;
use super::Assignment;
use super::End;
use super::Life;
use super::beats::Beats;
use super::beats::later;

/// How many steps a run takes that nothing ends.
const MOST_STEPS: u32 = 100;

/// How many steps a run takes that comes to an end.
const STEPS: u32 = 3;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Created,
    Running,
    Paused,
    Ended(End),
}

/// Why a run does not obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disobeyed {
    NotRunning,
    NotPaused,
    AlreadyEnded,
}

/// What has happened to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Created,
    Started,
    Paused,
    Resumed,
    Ended(End),
    /// Its session was stopped, and nothing ran there.
    SessionStopped,
}

/// One run of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) api: Api,
    pub(crate) assignment: Assignment,
    pub(crate) created_at: Timestamp,
    life: Life,
    /// Its creation, its start, each step, its end.
    beats: Beats,
    /// Which of its creation, its start and its end have been told.
    told: [bool; 3],
}

impl Run {
    pub(crate) fn new(
        (id, session_id): (Uuid, Uuid),
        api: Api,
        assignment: Assignment,
        created_at: Timestamp,
        (life, pace): (Life, Duration),
    ) -> Self {
        Self {
            id,
            session_id,
            api,
            created_at,
            life: Life::wished_in(&assignment.task).unwrap_or(life),
            assignment,
            beats: Beats::new(created_at, pace),
            told: [false; 3],
        }
    }

    pub(crate) fn phase(&self, now: Timestamp) -> Phase {
        if self.beats.stopped_at.is_some() {
            return Phase::Ended(End::Stopped);
        }
        match (self.life.end(), self.ended_at(now)) {
            (Some(end), Some(_)) => Phase::Ended(end),
            _ if self.beats.paused_at.is_some() => Phase::Paused,
            _ if self.started_at(now).is_some() => Phase::Running,
            _ => Phase::Created,
        }
    }

    /// Whether it still waits for its turn: the earlier half of being created.
    pub(crate) fn is_queued(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) < self.beats.pace / 2
    }

    pub(crate) fn started_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.beats.passed(1, now)
    }

    pub(crate) fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        let by_itself = || {
            self.life
                .end()
                .and(self.beats.passed(self.steps() + 2, now))
        };
        self.beats.stopped_at.or_else(by_itself)
    }

    /// When it last changed. That moves once more after the end, as the vendor's does when the
    /// recording is ready.
    pub(crate) fn updated_at(&self, now: Timestamp) -> Timestamp {
        let recorded = |end: Timestamp| Some(later(end, self.beats.pace)).filter(|at| *at <= now);
        match self.ended_at(now) {
            Some(end) => recorded(end).unwrap_or(end),
            None => self
                .beats
                .paused_at
                .or_else(|| self.steps_taken(now).last().copied())
                .or_else(|| self.started_at(now))
                .unwrap_or(self.created_at),
        }
    }

    /// When each step was taken.
    pub(crate) fn steps_taken(&self, now: Timestamp) -> Vec<Timestamp> {
        (2..=self.steps() + 1)
            .map_while(|beat| self.beats.passed(beat, now))
            .collect()
    }

    /// What came of it, as soon as that can be seen.
    pub(crate) fn output(&self, now: Timestamp, lag: Duration) -> Option<String> {
        let Phase::Ended(end) = self.phase(now) else {
            return None;
        };
        let lag = SignedDuration::try_from(lag).unwrap_or(SignedDuration::MAX);
        let is_there = self.ended_at(now).is_some_and(|end| later(end, lag) <= now);
        (end.has_output() && is_there).then(|| self.made_up_output())
    }

    fn made_up_output(&self) -> String {
        let task: String = self.assignment.task.chars().take(80).collect();
        if self.assignment.is_structured {
            serde_json::json!({ "result": task }).to_string()
        } else {
            format!("Done: {task}")
        }
    }

    /// A few words on what it is about.
    pub(crate) fn title(&self) -> String {
        self.assignment.task.chars().take(40).collect()
    }

    /// The id of a part of it: a step, a file, a message.
    pub(crate) fn part_id(&self, number: usize) -> Uuid {
        Uuid::from_u128(self.id.as_u128() ^ (number as u128 + 1))
    }

    pub(crate) fn pause(&mut self, now: Timestamp) -> Result<(), Disobeyed> {
        if self.phase(now) != Phase::Running {
            return Err(Disobeyed::NotRunning);
        }
        self.beats.paused_at = Some(now);
        Ok(())
    }

    pub(crate) fn resume(&mut self, now: Timestamp) -> Result<(), Disobeyed> {
        if self.phase(now) != Phase::Paused {
            return Err(Disobeyed::NotPaused);
        }
        self.beats.resume(now);
        Ok(())
    }

    pub(crate) fn stop(&mut self, now: Timestamp) -> Result<(), Disobeyed> {
        if self.ended_at(now).is_some() {
            return Err(Disobeyed::AlreadyEnded);
        }
        self.beats.stopped_at = Some(now);
        Ok(())
    }

    /// What has happened by itself and was not told yet, with the time when it did.
    pub(crate) fn take_news(&mut self, now: Timestamp) -> Vec<(News, Timestamp)> {
        let ended = match self.phase(now) {
            Phase::Ended(end) => self.ended_at(now).map(|at| (News::Ended(end), at)),
            _ => None,
        };
        let all = [
            Some((News::Created, self.created_at)),
            self.started_at(now).map(|at| (News::Started, at)),
            ended,
        ];
        let mut news = Vec::new();
        for (told, one) in self.told.iter_mut().zip(all) {
            if let (false, Some(one)) = (*told, one) {
                *told = true;
                news.push(one);
            }
        }
        news
    }

    /// When something will happen by itself the next time.
    pub(crate) fn next_news_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.phase(now) {
            Phase::Created => Some(self.beats.at(1)),
            Phase::Running => self.life.end().map(|_| self.beats.at(self.steps() + 2)),
            Phase::Paused | Phase::Ended(_) => None,
        }
    }

    fn steps(&self) -> u32 {
        let most = self.assignment.max_steps.unwrap_or(MOST_STEPS);
        match self.life.end() {
            Some(_) => STEPS.min(most),
            None => MOST_STEPS.min(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// A run whose beats are ten seconds apart.
    fn run(task: &str) -> Run {
        let assignment = Assignment {
            task: task.to_owned(),
            ..Assignment::default()
        };
        let ids = (Uuid::from_u128(1 << 64), Uuid::from_u128(2 << 64));
        let pace = Duration::from_secs(10);
        Run::new(ids, Api::V1, assignment, at(0), (Life::Finishes, pace))
    }

    #[test]
    fn a_run_goes_from_its_creation_to_its_end_by_the_clock() {
        let run = run("t");
        let phases = [0, 9, 10, 49, 50, 99].map(|second| run.phase(at(second)));
        let ended = Phase::Ended(End::Succeeded);
        assert_eq!(
            phases,
            [
                Phase::Created,
                Phase::Created,
                Phase::Running,
                Phase::Running,
                ended,
                ended
            ]
        );
        assert_eq!(run.steps_taken(at(30)), [at(20), at(30)]);
        assert_eq!(run.ended_at(at(99)), Some(at(50)));
        assert_eq!(run.output(at(52), Duration::from_secs(3)), None);
        assert!(run.output(at(53), Duration::from_secs(3)).is_some());
    }

    #[test]
    fn a_paused_run_waits_and_then_goes_on_to_its_end() {
        let mut run = run("t");
        assert_eq!(run.pause(at(5)), Err(Disobeyed::NotRunning));
        assert_eq!(run.resume(at(15)), Err(Disobeyed::NotPaused));
        run.pause(at(20)).unwrap();
        assert_eq!(run.phase(at(1_000)), Phase::Paused);
        assert_eq!(run.next_news_at(at(1_000)), None);
        run.resume(at(1_020)).unwrap();
        assert_eq!(run.started_at(at(1_020)), Some(at(10)));
        assert_eq!(run.next_news_at(at(1_030)), Some(at(1_050)));
        assert_eq!(run.phase(at(1_050)), Phase::Ended(End::Succeeded));
    }

    #[test]
    fn what_is_stopped_stays_stopped() {
        let mut run = run("t");
        run.stop(at(5)).unwrap();
        assert_eq!(run.phase(at(99)), Phase::Ended(End::Stopped));
        assert_eq!(run.started_at(at(99)), None);
        assert_eq!(run.stop(at(6)), Err(Disobeyed::AlreadyEnded));
        assert_eq!(run.pause(at(6)), Err(Disobeyed::NotRunning));
        let news = run.take_news(at(99));
        assert_eq!(
            news,
            [(News::Created, at(0)), (News::Ended(End::Stopped), at(5))]
        );
        assert!(run.take_news(at(99)).is_empty());
    }

    #[test]
    fn an_endless_run_ends_when_it_is_stopped() {
        let mut run = run("simulate:endless");
        assert_eq!(run.phase(at(1_000_000)), Phase::Running);
        assert_eq!(run.steps_taken(at(1_000_000)).len(), 100);
        run.stop(at(1_000_000)).unwrap();
        assert_eq!(run.ended_at(at(1_000_000)), Some(at(1_000_000)));
    }
}
