//! A receiver and a simulated cloud that know each other: the cloud posts its webhooks to the
//! receiver, and the receiver holds a key for the cloud. Both live by one clock.

use tidings::config::Config;
use tidings::simulator::Asked;
use tokio::sync::broadcast;

use super::receiver::Receiver;
use super::simulated::Simulated;

/// Keys of `[cloud]` with which everything is looked at.
const ALL_VERSIONS: &str = r#"api_key = "a key"
versions = ["v1", "v2", "v3", "v4"]"#;

/// A receiver and the cloud that it is for.
#[derive(Debug)]
pub(crate) struct Linked {
    /// The cloud. It posts when time passes; see [`Simulated::passes`].
    pub(crate) cloud: Simulated,
    /// The receiver.
    pub(crate) receiver: Receiver,
    asked: broadcast::Receiver<Asked>,
}

impl Linked {
    /// A receiver with a key that may do everything.
    pub(crate) async fn start() -> Self {
        Self::with(r#"api_key = "a key""#).await
    }

    /// The same, with other keys in `[cloud]` than `base_url` and `rate`. Without an `api_key` the
    /// receiver has none; `docs/simulator.md` says which keys are refused.
    pub(crate) async fn with(settings: &str) -> Self {
        Self::with_sink("", settings).await
    }

    /// The same, with more keys of its sink, too.
    pub(crate) async fn with_sink(keys: &str, settings: &str) -> Self {
        Self::changed(keys, settings, |_| {}).await
    }

    /// The same, with its configuration changed once it is read.
    pub(crate) async fn changed(keys: &str, settings: &str, change: fn(&mut Config)) -> Self {
        let cloud = Simulated::start().await;
        let more = format!("{keys}\n{}", section(&cloud, settings));
        let receiver = Receiver::changed(&cloud.clock, &more, change).await;
        Self::join(cloud, receiver).await
    }

    /// The same receiver, started again with its configuration changed.
    pub(crate) async fn changed_to(mut self, change: fn(&mut Config)) -> Self {
        self.receiver.change(change);
        self.down_for(0).await
    }

    /// A receiver that asks this cloud, in all its versions, instead of waiting for webhooks.
    pub(crate) async fn polling(cloud: Simulated) -> Self {
        let receiver = Receiver::polling(&cloud.clock, &section(&cloud, ALL_VERSIONS)).await;
        Self {
            asked: cloud.simulator.asked(),
            cloud,
            receiver,
        }
    }

    /// A receiver with a key for this cloud, which looks at all its versions.
    pub(crate) async fn looking_at(cloud: Simulated) -> Self {
        Self::looking_at_with(cloud, "").await
    }

    /// The same, with more at the end of its configuration, such as another sink.
    pub(crate) async fn looking_at_with(cloud: Simulated, more: &str) -> Self {
        let more = format!("{}\n{more}", section(&cloud, ALL_VERSIONS));
        let receiver = Receiver::living_by(&cloud.clock, &more).await;
        Self::join(cloud, receiver).await
    }

    async fn join(cloud: Simulated, receiver: Receiver) -> Self {
        cloud.tells(receiver.webhook()).await;
        Self {
            asked: cloud.simulator.asked(),
            cloud,
            receiver,
        }
    }

    /// The receiver is down for so many seconds. The cloud goes on meanwhile, and posts to where
    /// nobody is.
    pub(crate) async fn down_for(self, seconds: i64) -> Self {
        let Self {
            cloud,
            receiver,
            asked,
        } = self;
        let receiver = receiver.down_while(cloud.passes(seconds)).await;
        cloud.tells(receiver.webhook()).await;
        Self {
            cloud,
            receiver,
            asked,
        }
    }

    /// Lets time pass until all that is due by then is posted, and what is known of tasks has
    /// followed.
    pub(crate) async fn passes(&self, seconds: i64) {
        self.cloud.passes(seconds).await;
        self.receiver.follow_all().await;
    }

    /// What the cloud was asked since the last time, as `GET /api/v2/tasks`; the test's own
    /// questions, too.
    pub(crate) fn asked(&mut self) -> Vec<String> {
        let told = std::iter::from_fn(|| self.asked.try_recv().ok());
        told.map(|one| format!("{} {}", one.method, one.path))
            .collect()
    }
}

/// The section of a configuration that makes a receiver know a cloud.
fn section(cloud: &Simulated, settings: &str) -> String {
    let url = cloud.url();
    format!("[cloud]\nbase_url = \"{url}\"\nrate = \"1000/s\"\n{settings}")
}
