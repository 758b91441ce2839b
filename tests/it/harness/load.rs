//! A vendor that sends without a pause, and sends again what was not acknowledged.

use std::sync::Arc;

use tidings::clock::SystemClock;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::cloud::Cloud;

/// Several tasks at once, each telling one status after the other.
#[derive(Debug)]
pub(crate) struct Load {
    senders: JoinSet<()>,
    target: watch::Sender<Target>,
    acknowledged: watch::Sender<Vec<String>>,
    enough: watch::Sender<bool>,
}

/// Where the server is now. A restarted one is another, even at the same address.
#[derive(Clone, Debug, Default)]
struct Target {
    start: u32,
    url: String,
}

impl Load {
    /// Begins to send for so many tasks, as soon as there is somebody to send to, and until
    /// [`Load::finish`].
    pub(crate) fn start(tasks: usize) -> Self {
        Self::of(tasks, usize::MAX)
    }

    /// The same, of each task so many steps at most.
    pub(crate) fn of(tasks: usize, steps: usize) -> Self {
        let mut load = Self {
            senders: JoinSet::new(),
            target: watch::Sender::default(),
            acknowledged: watch::Sender::default(),
            enough: watch::Sender::new(false),
        };
        let cloud = Cloud::posting_to("", Arc::new(SystemClock));
        for task in 0..tasks {
            load.senders.spawn(tell(
                (format!("task_{task}"), steps),
                cloud.clone(),
                load.target.subscribe(),
                load.acknowledged.clone(),
                load.enough.subscribe(),
            ));
        }
        load
    }

    /// From now on the server is here.
    pub(crate) fn sends_to(&self, url: &str) {
        self.target.send_modify(|target| {
            target.start += 1;
            url.clone_into(&mut target.url);
        });
    }

    /// Waits until so many more were acknowledged.
    pub(crate) async fn until_acknowledged(&self, more: usize) {
        let mut acknowledged = self.acknowledged.subscribe();
        let goal = acknowledged.borrow().len() + more;
        let waited = acknowledged.wait_for(|ids| ids.len() >= goal);
        waited.await.expect("we hold the sender ourselves");
    }

    /// Sends what was begun to its end. Returns the ids of all that was acknowledged, in order.
    pub(crate) async fn finish(self) -> Vec<String> {
        self.enough.send_replace(true);
        self.all().await
    }

    /// Sends all there is. Returns the ids of all that was acknowledged, in order.
    pub(crate) async fn all(mut self) -> Vec<String> {
        while let Some(ended) = self.senders.join_next().await {
            ended.expect("no sender panics");
        }
        self.acknowledged.borrow().clone()
    }
}

/// Tells steps of one task, from 1, each until it is acknowledged.
async fn tell(
    (task, steps): (String, usize),
    cloud: Cloud,
    mut target: watch::Receiver<Target>,
    acknowledged: watch::Sender<Vec<String>>,
    enough: watch::Receiver<bool>,
) {
    for step in 1..=steps {
        if *enough.borrow() {
            break;
        }
        let body = cloud.status_update(&task, &format!("step {step:06}"));
        let mut given_up = 0;
        let id = loop {
            let server = target.wait_for(|target| target.start > given_up).await;
            let server = server.expect("the load outlives its senders").clone();
            match cloud.at(&server.url).tries(&body).await {
                Ok(answer) if answer.status == 200 => break answer.event_id(),
                Ok(answer) => panic!("{}: {}", answer.status, answer.body),
                // It was killed: to the next one.
                Err(_) => given_up = server.start,
            }
        };
        acknowledged.send_modify(|ids| ids.push(id));
    }
}
