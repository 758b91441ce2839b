//! Everything that was made, and what has come of it.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use uuid::Uuid;

use super::Api;
use super::Assignment;
use super::Disobeyed;
use super::LINK_LIFETIME;
use super::Life;
use super::Link;
use super::News;
use super::Notice;
use super::Profile;
use super::Run;
use super::Schedule;
use super::Session;
use super::SessionSettings;
use super::Target;
use super::files::Uploads;
use super::shelf::Shelf;
use crate::simulator::Options;
use crate::simulator::mischief::Dice;
use crate::simulator::mischief::Mischief;
use crate::simulator::webhooks::Webhook;

/// How many schedules and profiles there may be, and how many addresses of files.
const SCHEDULES: usize = 1_000;
const PROFILES: usize = 1_000;
const LINKS: usize = 10_000;

/// What a new account has, in credits of a cent.
const BALANCE: u64 = 100_000;

/// What a run costs, in credits.
const RUN_COST: u64 = 5;

/// Everything that was made.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) runs: Shelf<Run>,
    pub(crate) sessions: Shelf<Session>,
    pub(crate) schedules: Shelf<Schedule>,
    pub(crate) profiles: Shelf<Profile>,
    pub(crate) uploads: Uploads,
    pub(crate) links: Shelf<Link>,
    pub(crate) mischief: Mischief,
    pub(crate) dice: Dice,
    /// What the account has left, in credits of a cent.
    pub(crate) balance: u64,
    /// Where news are told.
    pub(crate) webhook: Option<Webhook>,
    notices: Vec<Notice>,
    life: Life,
    pace: Duration,
}

impl Memory {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            runs: Shelf::with_room_for(options.keep),
            sessions: Shelf::with_room_for(options.keep),
            schedules: Shelf::with_room_for(SCHEDULES),
            profiles: Shelf::with_room_for(PROFILES),
            uploads: Uploads::default(),
            links: Shelf::with_room_for(LINKS),
            mischief: options.mischief.clone(),
            dice: Dice::seeded(options.seed),
            balance: BALANCE,
            webhook: None,
            notices: Vec::new(),
            life: options.life,
            pace: options.pace,
        }
    }

    /// Takes note of what has come to pass by itself.
    pub(super) fn pass(&mut self, now: Timestamp) {
        let mut due: Vec<(Timestamp, Assignment)> = self
            .schedules
            .all_mut()
            .filter_map(|schedule| Some((schedule.take_due(now)?, schedule.assignment.clone())))
            .collect();
        due.sort_by_key(|(at, _)| *at);
        for (at, assignment) in due {
            let session = self.open_session(Api::V1, SessionSettings::default(), at);
            self.start_run(session, assignment, at);
        }

        let happened: Vec<(Uuid, News, Timestamp)> = self
            .runs
            .all_mut()
            .flat_map(|run| {
                let news = run.take_news(now);
                news.into_iter().map(|(news, at)| (run.id, news, at))
            })
            .collect();
        for (id, news, at) in happened {
            self.note(id, news, at);
        }
    }

    /// When something will happen by itself the next time.
    pub(crate) fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let runs = self.runs.oldest_first();
        let schedules = self.schedules.oldest_first();
        runs.filter_map(|run| run.next_news_at(now))
            .chain(schedules.filter_map(Schedule::next_run_at))
            .min()
    }

    /// What is to be told, in the order in which it happened.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        let mut notices = std::mem::take(&mut self.notices);
        notices.sort_by_key(|notice| (notice.at, notice.created_at));
        notices
    }

    /// Opens a session.
    pub(crate) fn open_session(
        &mut self,
        api: Api,
        settings: SessionSettings,
        now: Timestamp,
    ) -> Uuid {
        let id = self.dice.id();
        let session = Session {
            id,
            api,
            created_at: now,
            stopped_at: None,
            share: None,
            workspace_id: settings.workspace_id.unwrap_or_else(|| self.dice.id()),
            settings,
        };
        self.sessions.put(id, session);
        id
    }

    /// Starts a run in a session that is there.
    pub(crate) fn start_run(
        &mut self,
        session: Uuid,
        assignment: Assignment,
        now: Timestamp,
    ) -> Uuid {
        let api = self
            .sessions
            .get(session)
            .map_or(Api::V1, |found| found.api);
        let id = self.dice.id();
        let run = Run::new((id, session), api, assignment, now, (self.life, self.pace));
        self.runs.put(id, run);
        self.spend(RUN_COST);
        id
    }

    /// The run of this id, as one version of the API sees it. A new one may not be seen yet.
    pub(crate) fn run(&self, api: Api, id: Uuid, now: Timestamp) -> Option<&Run> {
        let seen = |run: &&Run| {
            let age = now.duration_since(run.created_at);
            run.api == api && age.unsigned_abs() >= self.mischief.not_yet
        };
        self.runs.get(id).filter(seen)
    }

    /// The session of this id, as one version of the API sees it.
    pub(crate) fn session(&self, api: Api, id: Uuid) -> Option<&Session> {
        self.sessions.get(id).filter(|session| session.api == api)
    }

    /// The runs of a session, oldest first.
    pub(crate) fn runs_of(&self, session: Uuid) -> impl DoubleEndedIterator<Item = &Run> {
        let runs = self.runs.oldest_first();
        runs.filter(move |run| run.session_id == session)
    }

    /// When a session was stopped, or has ended with its last run.
    pub(crate) fn session_ended_at(&self, session: &Session, now: Timestamp) -> Option<Timestamp> {
        let last_run = || self.runs_of(session.id).next_back()?.ended_at(now);
        let by_itself = || last_run().filter(|_| !session.settings.keep_alive);
        session.stopped_at.or_else(by_itself)
    }

    pub(crate) fn pause(&mut self, id: Uuid, now: Timestamp) -> Result<(), Disobeyed> {
        self.tell(id, Run::pause, News::Paused, now)
    }

    pub(crate) fn resume(&mut self, id: Uuid, now: Timestamp) -> Result<(), Disobeyed> {
        self.tell(id, Run::resume, News::Resumed, now)
    }

    /// Stops a run. That is told as every end is.
    pub(crate) fn stop(&mut self, id: Uuid, now: Timestamp) -> Result<(), Disobeyed> {
        let run = self.runs.get_mut(id).ok_or(Disobeyed::AlreadyEnded)?;
        run.stop(now)?;
        self.pass(now);
        Ok(())
    }

    /// Stops a session and all that runs in it. If nothing does, the session itself has news.
    pub(crate) fn stop_session(&mut self, id: Uuid, now: Timestamp) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        if self.session_ended_at(session, now).is_some() {
            return;
        }
        // Before its runs, whose end is told otherwise where a session goes on.
        if let Some(session) = self.sessions.get_mut(id) {
            session.stopped_at = Some(now);
        }
        let runs: Vec<Uuid> = self.runs_of(id).map(|run| run.id).collect();
        let mut is_told = false;
        for run in runs {
            // One that has ended already stays as it is.
            is_told |= self.stop(run, now).is_ok();
        }
        if !is_told {
            self.note_session(id, News::SessionStopped, now);
        }
    }

    /// Forgets a session and all that ran in it.
    pub(crate) fn remove_session(&mut self, id: Uuid, now: Timestamp) {
        self.stop_session(id, now);
        self.sessions.remove(id);
        self.runs.retain(|run| run.session_id != id);
    }

    /// Whether a profile was made through a version of the API.
    pub(crate) fn has_profile(&self, api: Api) -> bool {
        self.profiles
            .oldest_first()
            .any(|profile| profile.api == api)
    }

    /// Makes an address for a file.
    pub(crate) fn link(&mut self, target: Target, now: Timestamp) -> Uuid {
        let id = self.dice.id();
        let lifetime = SignedDuration::try_from(LINK_LIFETIME).unwrap_or(SignedDuration::MAX);
        let expires_at = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        self.links.put(id, Link { target, expires_at });
        id
    }

    /// Takes credits from the balance, as far as there are any.
    pub(crate) fn spend(&mut self, credits: u64) {
        self.balance = self.balance.saturating_sub(credits);
    }

    /// Tells a run something, and notes the news if it obeys.
    fn tell(
        &mut self,
        id: Uuid,
        order: fn(&mut Run, Timestamp) -> Result<(), Disobeyed>,
        news: News,
        now: Timestamp,
    ) -> Result<(), Disobeyed> {
        let run = self.runs.get_mut(id).ok_or(Disobeyed::AlreadyEnded)?;
        order(run, now)?;
        self.note(id, news, now);
        Ok(())
    }

    fn note(&mut self, id: Uuid, news: News, at: Timestamp) {
        if let Some(run) = self.runs.get(id) {
            let session = self.sessions.get(run.session_id);
            self.keep(Notice::of_run(run, session, news, at));
        }
    }

    fn note_session(&mut self, id: Uuid, news: News, at: Timestamp) {
        if let Some(session) = self.sessions.get(id) {
            self.keep(Notice::of_session(session, news, at));
        }
    }

    /// Keeps a notice until it is told. Without anybody to tell there is nothing to keep.
    fn keep(&mut self, notice: Notice) {
        if self.webhook.is_some() {
            self.notices.push(notice);
        }
    }
}
