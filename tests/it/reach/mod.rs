//! Where a sink may go, and where it may not.

mod certified;

mod private;

mod proxied;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Names;
use tidings::sinks::Outbound;
use tidings::sinks::Reach;
use tidings::sinks::Sink;
use tidings::sinks::SinkKind;
use tidings::sinks::Tools;

use crate::harness::events;

/// Names of this test's own, each with an answer for each look-up; the last one stays.
#[derive(Debug, Default)]
struct OwnNames {
    answers: BTreeMap<&'static str, Vec<&'static str>>,
    asked: Mutex<Vec<String>>,
}

impl OwnNames {
    fn with(name: &'static str, answers: &[&'static str]) -> Arc<Self> {
        Arc::new(Self {
            answers: [(name, answers.to_vec())].into(),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Names for OwnNames {
    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let mut asked = self.asked.lock().unwrap();
        let times = asked.iter().filter(|name| *name == host).count();
        asked.push(host.to_owned());
        let answers = self.answers.get(host).ok_or_else(|| not_found(host))?;
        let answer = answers.get(times).or(answers.last()).unwrap();
        let addresses = answer.split(' ').map(|ip| {
            let ip: Option<IpAddr> = ip.parse().ok();
            Ok((ip.ok_or_else(|| not_found(host))?, 0).into())
        });
        addresses.collect()
    }
}

fn not_found(host: &str) -> io::Error {
    io::Error::other(format!("nobody knows {host}"))
}

/// Names that nobody knows.
fn nobody() -> Arc<dyn Names> {
    Arc::new(OwnNames::default())
}

/// An HTTP sink at this address.
fn sink(url: &str, reach: &Reach, names: Arc<dyn Names>) -> anyhow::Result<Arc<dyn Sink>> {
    let kind: SinkKind = serde_json::from_value(json!({ "http": { "url": url } })).unwrap();
    kind.build(&Tools {
        reach: reach.clone(),
        names,
        ..Tools::default()
    })
}

fn outbound() -> Outbound {
    events::outbound(&events::status_update("task_1", 1), SystemClock.now())
}

/// How a sink fails: to take an event, and to be looked at.
async fn failures(sink: &dyn Sink) -> String {
    let delivered = sink.deliver(&outbound()).await.unwrap_err();
    let checked = sink.check().await.unwrap_err();
    format!("{delivered}\ncheck: {checked:#}")
}
