//! A simulated cloud while it runs.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use url::Url;

use super::Answer;
use super::Asked;
use super::Mischief;
use super::Options;
use super::Posted;
use super::SendError;
use super::server;
use super::webhooks::Postman;
use super::webhooks::Webhook;
use super::world::Api;
use super::world::Assignment;
use super::world::SessionSettings;
use super::world::World;
use crate::clock::Clock;
use crate::http;
use crate::secret::Secret;
use crate::shutdown::Shutdown;

/// How many posted webhooks or requests wait for whoever listens; slower listeners miss the oldest.
const HEARD: usize = 1_024;

/// A simulated cloud while it runs. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
    clock: Arc<dyn Clock>,
    options: Options,
    asked: broadcast::Sender<Asked>,
    posted: broadcast::Sender<Posted>,
    settling: mpsc::Sender<oneshot::Sender<()>>,
    stop: Shutdown,
    tasks: TaskTracker,
}

impl Simulator {
    /// Starts one that answers at `listener` and lives by `clock`.
    pub fn start(
        listener: TcpListener,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let world = Arc::new(World::new(&options, Arc::clone(&clock)));
        let (asked, posted) = (broadcast::Sender::new(HEARD), broadcast::Sender::new(HEARD));
        let (settling, to_settle) = mpsc::channel(1);
        let (stop, tasks) = (Shutdown::new(), TaskTracker::new());

        let router = server::router(Arc::clone(&world), options.clone(), Arc::clone(&clock));
        let router = server::overheard(router, asked.clone());
        let limits = http::Limits::default();
        tasks.spawn(http::serve(listener, router, limits, stop.clone()));
        let postman = Postman::new(Arc::clone(&world), posted.clone(), to_settle);
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = postman.run() => {}
                () = stopped.requested() => {}
            }
        });
        Ok(Self {
            address,
            world,
            clock,
            options,
            asked,
            posted,
            settling,
            stop,
            tasks,
        })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Registers a webhook in place of the one before, as the dashboard does: the test ping comes
    /// first. Unlike there it is registered whatever the answer is.
    pub async fn register(&self, url: Url, secret: Secret) -> Result<Answer, SendError> {
        let webhook = Webhook::new(url, secret, &self.options)?;
        let answer = webhook.ping(&*self.clock).await;
        self.world
            .change(|memory, _| memory.webhook = Some(webhook));
        answer
    }

    /// Starts a task, as v1 does, and tells its id.
    #[must_use]
    pub fn run_task(&self, task: &str) -> String {
        let started = self.run_tasks(task, 1);
        started.concat()
    }

    /// Starts so many at the same moment, and tells their ids.
    #[must_use]
    pub fn run_tasks(&self, task: &str, count: usize) -> Vec<String> {
        self.world.change(|memory, now| {
            let start = |_| {
                let assignment = Assignment {
                    task: task.to_owned(),
                    ..Assignment::default()
                };
                let session = memory.open_session(Api::V1, SessionSettings::default(), now);
                memory.start_run(session, assignment, now).to_string()
            };
            (0..count).map(start).collect()
        })
    }

    /// Each request to the API that comes from now on.
    #[must_use]
    pub fn asked(&self) -> broadcast::Receiver<Asked> {
        self.asked.subscribe()
    }

    /// Each webhook that is posted from now on.
    #[must_use]
    pub fn posted(&self) -> broadcast::Receiver<Posted> {
        self.posted.subscribe()
    }

    /// From now on this goes wrong.
    pub fn misbehave(&self, mischief: Mischief) {
        self.world.change(|memory, _| memory.mischief = mischief);
    }

    /// Returns once all that is due by the clock was posted and answered. Whoever holds the clock
    /// moves it, and then waits here.
    pub async fn settle(&self) {
        let (settled, waiting) = oneshot::channel();
        if self.settling.send(settled).await.is_ok() {
            // It fails only if it stops meanwhile: then nothing is due any more.
            waiting.await.ok();
        }
    }

    /// Stops it.
    pub async fn stop(self) {
        self.stop.request();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.request();
    }
}
