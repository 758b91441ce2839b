//! A system that watches in which order it is told of each task, and cannot always take what it is
//! told.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// One request out of so many is answered that there is no time for it.
const BUSY_ONE_IN: usize = 5;

/// A system that watches.
#[derive(Debug)]
pub(crate) struct Witness {
    /// Where it listens.
    pub(crate) url: String,
    book: Arc<Book>,
    _serving: AbortOnDropHandle<()>,
}

/// What it has seen.
#[derive(Debug, Default)]
struct Book {
    requests: AtomicUsize,
    tasks: Mutex<HashMap<String, Told>>,
    accepted: watch::Sender<usize>,
    inversions: Mutex<Vec<String>>,
}

/// What it was told of a task, whose events are numbered from 1.
#[derive(Debug, Default)]
struct Told {
    /// Where the last request about it began, whatever that was answered.
    begun: usize,
    /// The furthest that it took.
    accepted: usize,
}

impl Witness {
    /// Begins to watch.
    pub(crate) async fn start() -> Self {
        let book = Arc::new(Book::default());
        let router = Router::new()
            .route("/hook", post(hear))
            .with_state(Arc::clone(&book));
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let serving = async move {
            axum::serve(listener, router).await.expect("it serves");
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "its handle ends it with the witness"
        )]
        let serving = tokio::spawn(serving);
        Self {
            url: format!("http://{address}/hook"),
            book,
            _serving: AbortOnDropHandle::new(serving),
        }
    }

    /// Waits until it has taken so many, each counted once.
    pub(crate) async fn until_accepted(&self, count: usize) {
        let mut accepted = self.book.accepted.subscribe();
        let waited = accepted.wait_for(|accepted| *accepted >= count);
        waited.await.expect("we hold the sender ourselves");
    }

    /// How many it has taken, each counted once.
    pub(crate) fn accepted(&self) -> usize {
        *self.book.accepted.borrow()
    }

    /// What came out of order, each told in a line.
    pub(crate) fn inversions(&self) -> Vec<String> {
        let inversions = self.book.inversions.lock();
        inversions.expect("nobody panics with it").clone()
    }
}

/// Hears of an event, or of several at once.
async fn hear(State(book): State<Arc<Book>>, Json(body): Json<Value>) -> StatusCode {
    let events = match &body {
        Value::Array(events) => events.as_slice(),
        event => std::slice::from_ref(event),
    };
    let steps: Vec<(&str, usize)> = events.iter().map(step).collect();
    book.begin(&steps);
    let request = book.requests.fetch_add(1, Ordering::Relaxed);
    if request % BUSY_ONE_IN == BUSY_ONE_IN - 1 {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    book.accept(&steps);
    StatusCode::OK
}

/// Which event of which task it is: its status is `step 000007`.
fn step(event: &Value) -> (&str, usize) {
    let status = event["status"].as_str().expect("it has a status");
    let number = status.strip_prefix("step ").expect("it is one of ours");
    let task = event["task_id"].as_str().expect("it is about a task");
    (task, number.parse().expect("a number"))
}

impl Book {
    /// Holds that a request begins with what comes next of a task, or with what was to come when the
    /// one before began; and that it goes on step by step.
    fn begin(&self, steps: &[(&str, usize)]) {
        let mut tasks = self.tasks.lock().expect("nobody panics with it");
        let mut ahead: HashMap<&str, usize> = HashMap::new();
        for &(task, step) in steps {
            let told = tasks.entry(task.to_owned()).or_default();
            let follows = if let Some(before) = ahead.insert(task, step) {
                step == before + 1
            } else {
                let next = told.accepted + 1;
                let follows = (told.begun..=next).contains(&step);
                told.begun = step;
                follows
            };
            if !follows {
                let inversion = format!("{task}: {step} came when {} was taken", told.accepted);
                let mut inversions = self.inversions.lock().expect("nobody panics with it");
                inversions.push(inversion);
            }
        }
    }

    fn accept(&self, steps: &[(&str, usize)]) {
        let mut tasks = self.tasks.lock().expect("nobody panics with it");
        let mut news = 0;
        for &(task, step) in steps {
            let told = tasks.entry(task.to_owned()).or_default();
            news += step.saturating_sub(told.accepted);
            told.accepted = told.accepted.max(step);
        }
        self.accepted.send_modify(|accepted| *accepted += news);
    }
}
