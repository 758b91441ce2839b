//! Filling a database without HTTP, in a process of its own: only the store is at work.

use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use clap::Args;
use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use tidings::canonical::Document;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::event::EventId;
use tidings::event::Facts;
use tidings::event::NewEvent;
use tidings::event::Origin;
use tidings::event::Signature;
use tidings::event::SignatureForm;
use tidings::name::EndpointName;
use tidings::routing::Filter;
use tidings::routing::Route;
use tidings::routing::Routes;
use tidings::store::Append;
use tidings::store::EventLog;

use crate::database;
use crate::events::Bodies;
use crate::process;

/// How many events are made at a time, before the clock runs.
const AT_A_TIME: usize = 5_000;

/// What to append.
#[derive(Clone, Debug, Args)]
pub(crate) struct Filling {
    /// Where the database lies.
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// How many events there are to be; several to stop and measure on the way.
    #[arg(long, value_delimiter = ',')]
    pub(crate) sizes: Vec<usize>,
    /// How many more are appended at each of these sizes with the clock running, or a tenth of the
    /// size if that is more. None: nothing is measured.
    #[arg(long, default_value_t = 0)]
    pub(crate) sample: usize,
    /// How many events wait for their commit at once.
    #[arg(long)]
    pub(crate) at_once: usize,
    /// Owe each event to the sink.
    #[arg(long)]
    pub(crate) owed: bool,
}

impl Filling {
    /// Carries it out in this process. Returns for each size how many events a second went in
    /// there.
    pub(crate) async fn carry_out(&self) -> anyhow::Result<Vec<f64>> {
        let store = database::open(&self.folder).await?;
        let sink = crate::SINK.parse()?;
        store.register_sinks(&[sink], SystemClock.now()).await?;

        let mut events = Events::new(self.owed);
        let mut rates = Vec::new();
        let mut stored = 0;
        for &size in &self.sizes {
            self.append(&*store, &mut events, size.saturating_sub(stored))
                .await?;
            let sample = self.sample_at(size);
            rates.push(self.append(&*store, &mut events, sample).await?);
            stored = size + sample;
        }
        store.close().await?;
        Ok(rates)
    }

    /// How many are measured at this size. The index merges what it has gathered, seldom and much
    /// at a time, and a merge belongs into a sample in the proportion that it has in life.
    fn sample_at(&self, size: usize) -> usize {
        match self.sample {
            0 => 0,
            least => least.max(size / 10),
        }
    }

    /// Appends so many and returns how many went in a second.
    #[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
    async fn append(
        &self,
        log: &dyn EventLog,
        events: &mut Events,
        count: usize,
    ) -> anyhow::Result<f64> {
        let mut took = Duration::ZERO;
        let mut left = count;
        while left > 0 {
            let some = events.some(left.min(AT_A_TIME));
            left -= some.len();

            let began = Instant::now();
            stream::iter(some)
                .map(|append| log.append(append))
                .buffer_unordered(self.at_once)
                .try_for_each(async |appended| {
                    debug_assert!(!appended.is_known(), "no two events are alike");
                    Ok(())
                })
                .await?;
            took += began.elapsed();
        }
        Ok(count as f64 / took.as_secs_f64())
    }

    /// Carries it out in a process of its own.
    pub(crate) async fn run(&self) -> anyhow::Result<Vec<f64>> {
        let mut command = process::role("fill")?;
        let sizes: Vec<String> = self.sizes.iter().map(usize::to_string).collect();
        command
            .arg("--folder")
            .arg(&self.folder)
            .args(["--sizes", &sizes.join(",")])
            .args(["--sample", &self.sample.to_string()])
            .args(["--at-once", &self.at_once.to_string()]);
        if self.owed {
            command.arg("--owed");
        }
        // A sample of nothing has no rate: `null` in the answer.
        let rates: Vec<Option<f64>> = process::answer(command).await?;
        Ok(rates.into_iter().flatten().collect())
    }
}

/// Events as they come out of verification.
struct Events {
    bodies: Bodies,
    routes: Routes,
}

impl Events {
    fn new(owed: bool) -> Self {
        let route = owed.then(|| Route {
            sink: crate::SINK.parse().expect("a good name"),
            filter: Filter::default(),
            ordered: true,
            only_received: false,
            enrich: None,
        });
        Self {
            bodies: Bodies::starting_at(SystemClock.now()),
            routes: Routes::new(route.into_iter().collect()),
        }
    }

    fn some(&mut self, count: usize) -> Vec<Append> {
        let routes = &self.routes;
        self.bodies
            .by_ref()
            .take(count)
            .map(|body| append(body, routes))
            .collect()
    }
}

/// What ingest makes of a body whose signature was good.
fn append(body: Bytes, routes: &Routes) -> Append {
    let now = SystemClock.now();
    let endpoint = EndpointName::default();
    let document = Document::read(&body).expect("our own bodies are JSON");
    let facts = Facts::read(&document);
    let event = NewEvent {
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin: Origin::Webhook,
        endpoint,
        received_at: now,
        facts,
        body,
        signature: Some(Signature {
            form: SignatureForm::Python,
            secret: "bench".into(),
            timestamp: now.as_second().to_string().into(),
            value: "0".repeat(64).into(),
            signed_at: now,
        }),
    };
    Append {
        owed: routes.owed(&event),
        event,
    }
}
